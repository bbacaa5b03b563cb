"""Answers of a review that a dispute changes: what may be said instead, and what becomes of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from ccm.masking import masked
from ccm.models import User
from qa import cards
from qa.cards import Card
from qa.models import Answer, AnswerChange, CardCriterion, Dispute, Evaluation
from qa.reviews import answers
from qa.scoring import Criterion, Form, Value, missing, score, shown, wrong

LONGEST = 2000
NEEDS_COMMENT = "needs_comment"
"""What is refused, where a comment has to say why a mark is so low."""


class Given(NamedTuple):
    """An answer as `qa.models.Answer` keeps it; a comment takes the place of none."""

    value: str = ""
    skipped: bool = False
    comment: str = ""

    def as_kept(self, criterion: Criterion | None) -> "Given":
        """The same as it is kept: what people wrote without numbers of cards and telephones."""
        value = self.value if criterion is None else answers.as_kept(criterion.kind, self.value)
        return Given(value, self.skipped, masked(self.comment).strip())

    def is_as(self, other: "Given") -> bool:
        """Whether both answer the same, whatever is said to it."""
        return (self.value, self.skipped) == (other.value, other.skipped)


def changeable(card: Card, disputed: str | None) -> tuple[Criterion, ...]:
    """Criteria whose answers a dispute may be about: of one answer it and those that are shown by
    it; of the whole review (None) all. Those that are decided it changes no more (`frozen`)."""
    every = tuple(card.form.criteria())
    if disputed is None:
        return every
    found = {disputed}
    for one in every:  # those that hang on another come after it
        if any(on.criterion in found for on in one.shown_if):
            found.add(one.id)
    return tuple(one for one in every if one.id in found)


def frozen(
    card: Card, disputes: Iterable[Dispute], changes: Iterable[AnswerChange]
) -> frozenset[str]:
    """Criteria of a review whose answers no dispute changes any more: what a dispute that is over
    was about, and what it changed. Expects its disputes and their changes, with criteria."""
    over = {one.pk: one for one in disputes if one.state in Dispute.ENDED}
    if any(one.criterion is None for one in over.values()):
        return frozenset(one.id for one in card.form.criteria())
    about = {one.criterion.key for one in over.values() if one.criterion is not None}
    return frozenset(
        about | {one.answer.criterion.key for one in changes if one.dispute_id in over}
    )


def frozen_of(evaluation: Evaluation, card: Card) -> frozenset[str]:
    """The same, as it is now."""
    changes = AnswerChange.objects.filter(dispute__evaluation=evaluation)
    return frozen(
        card,
        evaluation.disputes.select_related("criterion"),
        changes.select_related("answer__criterion"),
    )


def apply(
    dispute: Dispute,
    evaluation: Evaluation,
    said: Mapping[str, Given],
    who: User,
    now: datetime,
    *,
    may_lower: bool,
) -> int:
    """Change answers and reckon the score anew; how many were changed. What says the same as before
    is no change.

    Raises ValidationError, by criterion, for what cannot be said, for a criterion that is asked now
    and has no answer, for one that is not asked, and for a mark so low that a comment has to say
    why, where none does; for an answer that was decided already, and (`may_lower` False) where the
    score would be lower than it is.
    """
    card = cards.read(evaluation.version.form)
    kept = {one.criterion.key: one for one in evaluation.answers.select_related("criterion")}
    changed = {
        key: given
        for key, given in ((key, one.as_kept(card.find(key))) for key, one in said.items())
        if not given.is_as(_given(kept[key]) if key in kept else Given())
    }
    if not changed:
        return 0
    decided = frozen_of(evaluation, card)
    _refuse_others(dispute, card, changed, decided)
    before = answers.values(card.form, kept.values())
    after = _values(card, before, changed)
    _refuse_unasked(card.form, before, after, changed, decided)
    if not may_lower:
        _refuse_lower(card.form, before, after)
    _refuse_uncommented(card.form, after, kept, changed)
    _write(dispute, evaluation, kept, changed, who, now)
    return len(changed)


def _refuse_others(
    dispute: Dispute, card: Card, changed: Mapping[str, Given], decided: frozenset[str]
) -> None:
    """Answers that the dispute is not about, and those that were decided already."""
    disputed = None if dispute.criterion is None else dispute.criterion.key
    if not changed.keys() <= _ids(changeable(card, disputed)):
        raise ValidationError(_("There is an answer that this dispute is not about."))
    if again := changed.keys() & decided:
        raise ValidationError(dict.fromkeys(again, already()))


def _values(
    card: Card, before: Mapping[str, Value], changed: Mapping[str, Given]
) -> dict[str, Value]:
    """What is answered with the changes. Refuses what is no answer to its criterion."""
    values = dict(before)
    for key, given in changed.items():
        criterion = card.find(key)
        assert criterion is not None
        try:
            value = answers.as_value(criterion.kind, given.value, skipped=given.skipped)
        except ValueError:
            raise ValidationError({key: _("A number is needed.")}) from None
        values.pop(key, None)
        if value is not None:
            values[key] = value
    if bad := wrong(card.form, values):
        raise ValidationError({key: _("That is no answer to it.") for key in bad})
    return values


def _refuse_unasked(
    form: Form,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    changed: Mapping[str, Given],
    decided: frozenset[str],
) -> None:
    """Criteria that are asked now and have no answer, answers to what is not asked, and decided
    ones that would not be asked any more."""
    every = _ids(form.criteria())
    is_open, _unsaid = missing(form, after, every)
    was_open, _unsaid = missing(form, before, every)
    if left := [key for key in is_open if key not in was_open]:
        raise ValidationError({key: _("It is asked now and needs an answer.") for key in left})
    asked = _ids(shown(form, after))
    if gone := changed.keys() - asked:
        raise ValidationError(dict.fromkeys(gone, not_asked()))
    hidden = _ids(shown(form, before)) - asked
    if hidden & decided & before.keys():
        words = _("An answer that was decided already would not be asked any more.")
        raise ValidationError({NON_FIELD_ERRORS: words})


def _refuse_lower(form: Form, before: Mapping[str, Value], after: Mapping[str, Value]) -> None:
    """A score that is lower than it was; where nothing counts there is none to lower."""
    was, becomes = score(form, before).share, score(form, after).share
    if was is not None and becomes is not None and becomes < was:
        words = _(
            "The score would be lower than it is: an answer to a dispute never lowers it. Keep "
            "what you said, or change it in the agent's favour."
        )
        raise ValidationError({NON_FIELD_ERRORS: words})


def _refuse_uncommented(
    form: Form,
    after: Mapping[str, Value],
    kept: Mapping[str, Answer],
    changed: Mapping[str, Given],
) -> None:
    """Changed answers so low that a comment has to say why, where none does."""
    commented = {key for key, one in kept.items() if one.comment.strip()}
    commented |= {key for key, given in changed.items() if given.comment}
    _open, unsaid = missing(form, after, commented)
    if low := [key for key in unsaid if key in changed]:
        words = _("Say why: so low an answer needs a comment.")
        raise ValidationError({key: ValidationError(words, NEEDS_COMMENT) for key in low})


def _write(
    dispute: Dispute,
    evaluation: Evaluation,
    kept: Mapping[str, Answer],
    changed: Mapping[str, Given],
    who: User,
    now: datetime,
) -> None:
    """Keep each change with what was said before, and the score that comes of them."""
    criteria = CardCriterion.objects.filter(card=evaluation.version.card_id, key__in=changed)
    rows = {one.key: one for one in criteria}
    for key, given in changed.items():
        answer = kept.get(key) or Answer.objects.create(evaluation=evaluation, criterion=rows[key])
        AnswerChange.objects.create(
            dispute=dispute,
            answer=answer,
            at=now,
            who=who,
            before=answer.value,
            skipped_before=answer.skipped,
            after=given.value,
            skipped_after=given.skipped,
        )
        answer.value, answer.skipped = given.value, given.skipped
        # What the reviewer wrote stays.
        answer.comment = answer.comment.strip() or given.comment
        answer.save(update_fields=["value", "skipped", "comment"])
    answers.rescore(evaluation)
    Evaluation.objects.filter(pk=evaluation.pk).update(revision=F("revision") + 1)
    evaluation.refresh_from_db(fields=["revision", "share", "is_failed"])


def asked_by(card: Card, kept: Iterable[Answer]) -> frozenset[str]:
    """Criteria that are asked by what was answered; `kept` with their criteria."""
    return frozenset(_ids(shown(card.form, answers.values(card.form, kept))))


def not_asked() -> str:
    return _("It is not asked any more: another answer hides it, and no answer to it counts.")


def already() -> str:
    return _("That was decided already: no other dispute changes it.")


def _ids(criteria: Iterable[Criterion]) -> set[str]:
    return {one.id for one in criteria}


def _given(answer: Answer) -> Given:
    return Given(answer.value, answer.skipped)
