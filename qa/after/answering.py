"""Answers in forms: how each is chosen or typed, and what was said."""

from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from ccm.masking import masked
from ccm.templatetags.figures import percent
from qa.after.changing import LONGEST, Given
from qa.cards import Card
from qa.scoring import Criterion, Kind

# Options are sent with a sign before their ids, so that none is taken for "not applicable".
_OPTION, _SKIPPED = "=", "n/a"
# Of a list that is chosen from; the page has all of it.
_LONGEST_ANCHOR = 90


def may_skip(criterion: Criterion) -> bool:
    return criterion.may_skip or criterion.is_bonus


def sent(criterion: Criterion, given: Given) -> str:
    """An answer as a form sends it."""
    if given.skipped:
        return _SKIPPED
    return f"{_OPTION}{given.value}" if criterion.options and given.value else given.value


def read(criterion: Criterion, word: str) -> Given:
    """An answer as it was sent; "" says nothing."""
    word = word.strip()
    if word == _SKIPPED and may_skip(criterion):
        return Given(skipped=True)
    return Given(word.removeprefix(_OPTION) if criterion.options else word)


def choices(card: Card, criterion: Criterion) -> list[tuple[str, str]]:
    """What can be chosen, as (value, words), with what each option means; none of a number or a
    text."""
    anchors = {key: one.anchor for key, one in card.criteria[criterion.id].options.items()}
    found = [
        (f"{_OPTION}{one.id}", _option(card.option(criterion.id, one.id), anchors.get(one.id, "")))
        for one in criterion.options
    ]
    if found and may_skip(criterion):
        found.append((_SKIPPED, _("Not applicable")))
    return found


def _option(name: str, anchor: str) -> str:
    return f"{name}: {Truncator(anchor).chars(_LONGEST_ANCHOR)}" if anchor else name


def field(card: Card, criterion: Criterion) -> forms.Field:
    """A field for an answer; one that is left as it is changes nothing."""
    more: dict[str, Any] = {"required": False, "label": card.name(criterion.id)}
    found = choices(card, criterion)
    if found:
        return forms.ChoiceField(choices=[("", _("no answer")), *found], **more)
    if criterion.kind == Kind.TEXT:
        return forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}), **more)
    if may_skip(criterion):
        more["help_text"] = _("n/a: not applicable")
    return forms.CharField(max_length=40, **more)


def comment_field(card: Card, criterion: Criterion) -> forms.Field:
    """A field for a comment on an answer that may be too low to go without one."""
    assert criterion.comment_below is not None
    said = {"name": card.name(criterion.id), "below": percent(float(criterion.comment_below), 0)}
    return MaskedField(
        label=_("%(name)s: comment") % said,
        help_text=_("Needed beside an answer that has less than %(below)s of its points.") % said,
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST}),
    )


class MaskedField(forms.CharField):
    """What people write: without numbers of cards and telephones, as it is kept."""

    def to_python(self, value: Any) -> Any:
        return masked(super().to_python(value) or "").strip()
