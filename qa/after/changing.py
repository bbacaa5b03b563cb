"""Answers of a review that a dispute changes: what may be said instead, and what becomes of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from ccm.models import User
from qa import cards
from qa.cards import Card
from qa.models import Answer, AnswerChange, CardCriterion, Dispute, Evaluation
from qa.reviews import answers
from qa.scoring import Criterion, missing, wrong

LONGEST = 2000


class Given(NamedTuple):
    """An answer as `qa.models.Answer` keeps it."""

    value: str = ""
    skipped: bool = False


def changeable(card: Card, disputed: str | None) -> tuple[Criterion, ...]:
    """Criteria whose answers a dispute may change: of one answer it and those that are shown by it;
    of the whole review (None) all."""
    every = tuple(card.form.criteria())
    if disputed is None:
        return every
    found = {disputed}
    for one in every:  # those that hang on another come after it
        if any(on.criterion in found for on in one.shown_if):
            found.add(one.id)
    return tuple(one for one in every if one.id in found)


def apply(
    dispute: Dispute,
    evaluation: Evaluation,
    said: Mapping[str, Given],
    who: User,
    now: datetime,
) -> int:
    """Change answers and reckon the score anew; how many were changed. What says the same as before
    is no change.

    Raises ValidationError, by criterion, for what cannot be said, and for a criterion that is asked
    now and has no answer.
    """
    card = cards.read(evaluation.version.form)
    form = card.form
    disputed = None if dispute.criterion is None else dispute.criterion.key
    may = {one.id for one in changeable(card, disputed)}
    kept = {one.criterion.key: one for one in evaluation.answers.select_related("criterion")}
    changed = {
        key: given
        for key, given in said.items()
        if given != (_given(kept[key]) if key in kept else Given())
    }
    if not changed:
        return 0
    if not changed.keys() <= may:
        raise ValidationError(_("There is an answer that this dispute is not about."))
    before = answers.values(form, kept.values())
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
    if bad := wrong(form, values):
        raise ValidationError({key: _("That is no answer to it.") for key in bad})
    asked, _unsaid = missing(form, values, {one.id for one in form.criteria()})
    was_open, _unsaid = missing(form, before, {one.id for one in form.criteria()})
    if left := [key for key in asked if key not in was_open]:
        raise ValidationError({key: _("It is asked now and needs an answer.") for key in left})
    rows = {
        one.key: one
        for one in CardCriterion.objects.filter(card=evaluation.version.card_id, key__in=changed)
    }
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
        answer.value, answer.skipped = given
        answer.save(update_fields=["value", "skipped"])
    answers.rescore(evaluation)
    Evaluation.objects.filter(pk=evaluation.pk).update(revision=F("revision") + 1)
    evaluation.refresh_from_db(fields=["revision", "share", "is_failed"])
    return len(changed)


def _given(answer: Answer) -> Given:
    return Given(answer.value, answer.skipped)
