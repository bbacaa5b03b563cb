"""What an agent says to a review, and what is answered and decided.

The review is locked before the dispute, always in this order: of two who do something at once the
second is told that it is done already. Each step is an event of the review; nothing is edited.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import User
from qa import cards
from qa.after import changing, events, notices, reach
from qa.after import words as told
from qa.after.changing import Given
from qa.after.releasing import end_of
from qa.models import CardCriterion, Dispute, Evaluation, ReviewEvent
from qa.reviews.facts import rules_of
from qa.reviews.told import ANSWERS, SKIPPED

State, Outcome, What = Dispute.State, Dispute.Outcome, ReviewEvent.What
TWICE = timedelta(minutes=2)
"""The same words of the same person within so long are one comment that came twice."""
# Words are in the review's own history; the log of changes says who did what when, and what a
# decision, or an answer that changes something, changed: of a decision with its reason.
_UNSAID = ("id", "evaluation", "words", "answer", "escalation", "reason", "decision_seen_at")


class Stale(ValidationError):
    """The review was changed since it was looked at."""

    def __init__(self) -> None:
        super().__init__(_("The review has changed since you looked: look again."))


@transaction.atomic
def acknowledge(evaluation: Evaluation, who: User, now: datetime, words: str = "") -> Evaluation:
    """The agent says that they have read a review, perhaps with a comment. Said twice it stands
    once. Raises ValidationError where it is not theirs to say."""
    row = _review(evaluation.pk)
    _is_agents(row, who)
    if row.acknowledged_at is not None:
        raise ValidationError(_("You have said so already."))
    row.acknowledged_at = now
    row.save(update_fields=["acknowledged_at"])
    events.note(row, What.ACKNOWLEDGED, who, now, words)
    return row


@transaction.atomic
def comment(evaluation: Evaluation, who: User, now: datetime, words: str) -> ReviewEvent:
    """Say something to a released review. Said twice within two minutes it stands once."""
    row = _review(evaluation.pk)
    if not words:
        raise ValidationError(_("Say something."))
    if not reach.may_comment(row, who):
        raise ValidationError(_("This review is not yours to comment on."))
    same = row.events.filter(who=who, words=words, what__in=(What.COMMENTED, What.ACKNOWLEDGED))
    if same.filter(at__gt=now - TWICE).exists():
        raise ValidationError(_("You have said so already."))
    return events.note(row, What.COMMENTED, who, now, words)


@transaction.atomic
def dispute(
    evaluation: Evaluation,
    who: User,
    now: datetime,
    words: str,
    criterion: CardCriterion | None = None,
) -> Dispute:
    """The agent does not agree with an answer, or (None) with all of a review, and says why.

    Raises ValidationError without words, after the deadline, where it is not theirs, or where the
    same is disputed already.
    """
    row = _review(evaluation.pk)
    _is_agents(row, who)
    if not words:
        raise ValidationError(_("Say why you do not agree."))
    if row.dispute_until is None or now >= row.dispute_until:
        raise ValidationError(_("The time to dispute this review is over."))
    if criterion is not None and not row.answers.filter(criterion=criterion).exists():
        raise ValidationError(no_answer())
    if why := why_not(row, criterion):
        raise ValidationError(why)
    made = Dispute(
        evaluation=row,
        criterion=criterion,
        words=words,
        opened_by=who,
        opened_at=now,
        answer_due_at=end_of(row.site, now, rules_of(row.site_id).answer_days),
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise ValidationError(_twice()) from None
    audit.record(who, made, before=None, after=_values(made), now=now)
    if row.acknowledged_at is None:
        # Who disputes it has read it.
        row.acknowledged_at = now
        row.save(update_fields=["acknowledged_at"])
    events.note(row, What.DISPUTED, who, now, words, made)
    notices.disputed(made)
    return made


def why_not(evaluation: Evaluation, criterion: CardCriterion | None) -> str:
    """Why an answer, or all of a review, may not be disputed once more; "": it may."""
    there = list(evaluation.disputes.select_related("criterion"))
    if why := why_never(there, criterion):
        return why
    card = cards.read(evaluation.version.form)
    if criterion is None:
        return ""
    if criterion.key in changing.frozen_of(evaluation, card):
        return changing.already()
    kept = evaluation.answers.select_related("criterion")
    return "" if criterion.key in changing.asked_by(card, kept) else changing.not_asked()


def why_never(disputes: Iterable[Dispute], criterion: CardCriterion | None) -> str:
    """The same by the disputes of a review alone: the same is disputed once."""
    for one in disputes:
        if one.state == State.WITHDRAWN:
            continue
        if one.criterion_id == (None if criterion is None else criterion.pk):
            return _twice()
        if one.criterion_id is None:
            return _("All of this review is disputed already.")
        if criterion is None and one.state in Dispute.ENDED:
            return _(
                "One of its answers was disputed and stands as it was decided: the others can be "
                "disputed one by one."
            )
        if criterion is None:
            return _("One of its answers is disputed: the others can be disputed one by one.")
    return ""


@transaction.atomic
def answer(
    dispute: Dispute,
    who: User,
    now: datetime,
    words: str,
    said: Mapping[str, Given] | None = None,
    seen: int | None = None,
) -> Dispute:
    """The reviewer answers a dispute: keeps what they said, or changes answers. `seen` is the
    revision of the review that they looked at. Raises ValidationError, by criterion where an answer
    cannot be, and where the score would be lower by it: nobody loses by disputing."""
    with _held(dispute, now, State.OPEN) as (there, row, before):
        if row.reviewer_id != who.pk:
            raise ValidationError(_("The reviewer answers it."))
        _is_said(words)
        _is_fresh(row, seen)
        many = changing.apply(there, row, said or {}, who, now, may_lower=False)
        there.state, there.answer, there.answered_by, there.answered_at = (
            State.ANSWERED, words, who, now,
        )  # fmt: skip
        there.answer_outcome = Outcome.CHANGED if many else Outcome.UPHELD
        there.escalate_until = end_of(row.site, now, rules_of(row.site_id).escalate_days)
        _save(there, before, who, now)
        events.note(row, What.ANSWERED, who, now, words, there)
        notices.answered(there)
        return there


@transaction.atomic
def accept(dispute: Dispute, who: User, now: datetime) -> Dispute:
    """The agent takes the answer: it is settled."""
    with _held(dispute, now, State.ANSWERED) as (there, row, before):
        _is_agents(row, who)
        there.state = State.SETTLED
        _save(there, before, who, now)
        events.note(row, What.SETTLED, who, now, "", there)
        return there


@transaction.atomic
def escalate(dispute: Dispute, who: User, now: datetime, words: str) -> Dispute:
    """The agent does not take the answer, or has waited for one beyond its day: somebody else
    decides. Raises ValidationError without words, and where it is too early or too late."""
    with _held(dispute, now, State.ANSWERED, State.OPEN) as (there, row, before):
        _is_agents(row, who)
        if not words:
            raise ValidationError(_("Say why it goes on."))
        if there.state == State.OPEN and now < there.answer_due_at:
            raise ValidationError(_("The reviewer has still time to answer."))
        if there.escalate_until is not None and now >= there.escalate_until:
            raise ValidationError(_("The time to go on with it is over."))
        there.state, there.escalation, there.escalated_at = State.ESCALATED, words, now
        _save(there, before, who, now)
        events.note(row, What.ESCALATED, who, now, words, there)
        return there


@transaction.atomic
def decide(
    dispute: Dispute,
    who: User,
    now: datetime,
    reason: str,
    said: Mapping[str, Given] | None = None,
    seen: int | None = None,
) -> Dispute:
    """Somebody else decides for a reason: the review stands as it is by now, or answers change,
    and the score may then be lower too."""
    with _held(dispute, now, State.ESCALATED) as (there, row, before):
        if not reach.may_decide(there, who):
            raise ValidationError(
                _("Somebody else decides it: neither the reviewer nor the agent.")
            )
        if not reason:
            raise ValidationError(_("A decision needs a reason."))
        _is_fresh(row, seen)
        many = changing.apply(there, row, said or {}, who, now, may_lower=True)
        there.state, there.reason, there.decided_by, there.decided_at = (
            State.DECIDED, reason, who, now,
        )  # fmt: skip
        there.outcome = Outcome.CHANGED if many else Outcome.UPHELD
        _save(there, before, who, now, why=reason)
        events.note(row, What.DECIDED, who, now, reason, there)
        notices.decided(there)
        return there


def saw_decisions(disputes: Iterable[Dispute], now: datetime) -> None:
    """Note that the agent read what was decided. No query where all of it was read."""
    unseen = [
        one.pk
        for one in disputes
        if one.state == Dispute.State.DECIDED and one.decision_seen_at is None
    ]
    if unseen:
        rows = Dispute.objects.filter(pk__in=unseen, decision_seen_at=None)
        rows.update(decision_seen_at=now)


@transaction.atomic
def withdraw(dispute: Dispute, who: User, now: datetime) -> Dispute:
    """The agent takes it back, as long as it still goes on and nothing was changed by it: a change
    is accepted or escalated, and counts for who overturns how often."""
    with _held(dispute, now, State.OPEN, State.ANSWERED, State.ESCALATED) as (there, row, before):
        _is_agents(row, who)
        if there.answer_outcome == Outcome.CHANGED:
            raise ValidationError(_("Answers were changed by it: it cannot be taken back."))
        there.state = State.WITHDRAWN
        _save(there, before, who, now)
        events.note(row, What.WITHDRAWN, who, now, "", there)
        return there


def settle_due(now: datetime) -> int:
    """Answers that nobody took further in time are taken for accepted; how many. Safe to run
    twice."""
    rows = Dispute.objects.filter(state=State.ANSWERED, escalate_until__lte=now).order_by("pk")
    many = 0
    for one in list(rows):
        try:
            many += _settle(one, now)
        except ValidationError:
            continue  # somebody was quicker
    return many


@transaction.atomic
def _settle(dispute: Dispute, now: datetime) -> bool:
    with _held(dispute, now, State.ANSWERED) as (there, row, before):
        if there.escalate_until is None or now < there.escalate_until:
            return False
        there.state = State.SETTLED
        _save(there, before, None, now)
        words = _("Nobody went on with it in time.")
        events.note(row, What.SETTLED, None, now, words, there)
        return True


@contextmanager
def _held(
    dispute: Dispute, now: datetime, *states: str
) -> Iterator[tuple[Dispute, Evaluation, dict[str, Any]]]:
    """A dispute and its review as they are now, which nobody else changes meanwhile, and what the
    log had of it. Raises ValidationError where it is in none of these states."""
    row = _review(dispute.evaluation_id)
    rows = Dispute.objects.select_for_update(of=("self",)).select_related("criterion")
    there = rows.filter(pk=dispute.pk).first()
    if there is None:
        raise ValidationError(_done())
    there.evaluation = row
    if there.state not in states:
        steps = [*State]
        if all(steps.index(State(there.state)) < steps.index(State(one)) for one in states):
            words = _("It is too early for this step: %(whose)s.")
            raise ValidationError(words % {"whose": told.waits(there, now)})
        raise ValidationError(_done())
    yield there, row, _values(there)


def _review(pk: int) -> Any:
    rows = Evaluation.objects.select_for_update(of=("self",))
    return rows.select_related(
        "site", "agent__user", "agent__site", "reviewer", "version__card"
    ).get(pk=pk)


def _is_agents(row: Evaluation, who: User) -> None:
    if row.state != Evaluation.State.RELEASED or not reach.is_own(row, who):
        raise ValidationError(_("That is for the agent to say, of a review that is released."))


def _is_said(words: str) -> None:
    if not words:
        raise ValidationError(_("Say why, in words."))


def _is_fresh(row: Evaluation, seen: int | None) -> None:
    if seen is not None and seen != row.revision:
        raise Stale


def _save(
    there: Dispute, before: dict[str, Any], who: User | None, now: datetime, why: str = ""
) -> None:
    there.save()
    after = _values(there)
    changed = there.changes.filter(at=now, who=who).select_related("answer__criterion")
    for row in changed if who is not None else ():
        key = row.answer.criterion.key
        for said, value, skipped in (
            (before, row.before, row.skipped_before), (after, row.after, row.skipped_after),
        ):  # fmt: skip
            said.setdefault(ANSWERS, {})[key] = SKIPPED if skipped else value
    audit.record(who, there, before=before, after=after, now=now, why=why)


def _values(there: Dispute) -> dict[str, Any]:
    """What the log keeps of a dispute, with the score that its review has by now."""
    review = there.evaluation
    share = None if review.share is None else str(review.share)
    score = {"share": share, "is_failed": review.is_failed}
    return audit.values_of(there, _UNSAID) | score


def _done() -> str:
    return _("This step is done already: look again at how it stands.")


def no_answer() -> str:
    return _("There is no answer to it in this review.")


def _twice() -> str:
    return _("That is disputed already.")
