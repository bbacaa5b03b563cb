"""The forms of what is said to a review."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.structure.forms import Dressed
from qa import cards
from qa.after import answering
from qa.after.answering import MaskedField
from qa.after.changing import NEEDS_COMMENT, Given, asked_by, changeable, frozen_of
from qa.models import Dispute, Evaluation

MOST_WORDS = 2000


def words_field(label: Any, *, required: bool = True, help_text: Any = "") -> MaskedField:
    return MaskedField(
        label=label,
        max_length=MOST_WORDS,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MOST_WORDS}),
    )


class WordsForm(Dressed, forms.Form):
    """Something to say."""

    words = words_field(gettext_lazy("Your words"))

    def __init__(self, *args: Any, label: Any = None, required: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        if label is not None:
            self.fields["words"].label = label
        self.fields["words"].required = required
        self.dress()


class AnswersForm(Dressed, forms.Form):
    """What the reviewer answers, or somebody decides, in words, and which answers change: each
    stands as it is until somebody says something else. What was `decided` is not asked, and of an
    answer that is not asked any more (`is_moot`) nothing is. Beside a mark that may be too low to
    go without a comment, and has none, one can be said."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    words = words_field("")

    def __init__(
        self, *args: Any, dispute: Dispute, evaluation: Evaluation, label: Any, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["words"].label = label
        self.fields["seen"].initial = evaluation.revision
        card = cards.read(evaluation.version.form)
        disputed = None if dispute.criterion is None else dispute.criterion.key
        rows = list(evaluation.answers.select_related("criterion"))
        kept = {
            one.criterion.key: Given(one.value, one.skipped, one.comment.strip()) for one in rows
        }
        decided = frozen_of(evaluation, card)
        self.is_moot = disputed is not None and disputed not in asked_by(card, rows)
        open_to_it = () if self.is_moot else changeable(card, disputed)
        # Fields are numbered: the id of a criterion may be any text.
        self._asked = {
            f"answer-{number}": one
            for number, one in enumerate(open_to_it)
            if one.id not in decided
        }
        self.decided = [card.name(one.id) for one in open_to_it if one.id in decided]
        self._kept = {name: kept.get(one.id, Given()) for name, one in self._asked.items()}
        for name, one in self._asked.items():
            field = answering.field(card, one)
            field.initial = answering.sent(one, self._kept[name])
            self.fields[name] = field
            if one.comment_below is not None and not self._kept[name].comment:
                self.fields[_beside(name)] = answering.comment_field(card, one)
        self.dress()

    @property
    def answers(self) -> list[forms.BoundField]:
        """Each with its comment after it."""
        names = [each for name in self._asked for each in (name, _beside(name))]
        return [self[name] for name in names if name in self.fields]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        changed = self.said()
        for name, one in self._asked.items():
            if found.get(_beside(name)) and one.id not in changed and name not in self.errors:
                words = _("This is kept beside another answer alone: choose one, or say it above.")
                self.add_error(_beside(name), words)
        return found

    def said(self) -> Mapping[str, Given]:
        """What changes; a text that was kept with spaces around it is the same."""
        found = {}
        for name, one in self._asked.items():
            given = answering.read(one, self.cleaned_data.get(name) or "")
            kept = self._kept[name]
            if not given.is_as(kept._replace(value=kept.value.strip())):
                found[one.id] = given._replace(comment=self.cleaned_data.get(_beside(name)) or "")
        return found

    def refuse(self, refusal: ValidationError) -> None:
        """What a service said against it, beside the field that it is about."""
        by_key = getattr(refusal, "error_dict", None)
        if by_key is None:
            self.add_error(None, refusal)
            return
        names = {one.id: name for name, one in self._asked.items()}
        for key, errors in by_key.items():
            name = names.get(key)
            if key == NON_FIELD_ERRORS:
                self.add_error(None, errors)
            elif name is None:
                said = _("It would ask something that is not open to this dispute.")
                self.add_error(None, said)
            else:
                # What a comment is needed for is said beside it.
                is_low = any(error.code == NEEDS_COMMENT for error in errors)
                at = _beside(name) if is_low and _beside(name) in self.fields else name
                self.add_error(at, errors)


def _beside(name: str) -> str:
    """The field of the comment on an answer, by the answer's."""
    return f"{name}-why"
