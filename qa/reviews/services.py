"""Writes reviews: answers as they are given, that one is finished or opened again, and that it was
talked about face to face.

A review is locked before it is changed, and whoever changes it says which revision they have seen:
of two the later is told (`Stale`), and nothing of the first is written over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Call, User
from qa import cards
from qa.models import (
    Answer,
    CardCriterion,
    Evaluation,
    Evidence,
    ReviewEvent,
    SamplingPlan,
    Suggestion,
)
from qa.reviews import facts
from qa.reviews.answers import rescore
from qa.reviews.saying import MOST_PINS, Changes, Said
from qa.reviews.standing import Standing, standing
from qa.reviews.told import ANSWERS, SKIPPED
from qa.signals import review_finished

Kind, State, What = Evaluation.Kind, Evaluation.State, ReviewEvent.What
# Enough for any site's plan of releases; beyond it a date is mistyped.
LATEST_RELEASE = timedelta(days=366)
_KEPT = (
    "state", "kind", "reason", "reason_words", "revision", "share", "is_failed", "comment", "agent",
    "reviewer", "site", "queue", "finished_at", "release_at", "verbal_at",
)  # fmt: skip


class Stale(ValidationError):
    """Somebody, or another tab, changed the review meanwhile: it is as `evaluation` now."""

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__(_("This review was changed elsewhere meanwhile: nothing was saved."))
        self.evaluation = evaluation


class Closed(ValidationError):
    """The review is not (any more) the user's to change, is done, or may not be heard."""


class Unfinished(ValidationError):
    """What is missing before a review can be finished."""

    def __init__(self, now: Standing) -> None:
        super().__init__(words_of_missing(now))
        self.standing = now


@dataclass(frozen=True, slots=True)
class Release:
    """When the agent is shown a targeted review: at once, from a moment on (`at`), or once somebody
    releases it (`by_hand`)."""

    by_hand: bool = False
    at: datetime | None = None


@transaction.atomic
def save(
    evaluation: Evaluation, who: User, seen: int, changes: Changes, now: datetime
) -> Evaluation:
    """Keep what a reviewer said, as a draft.

    Raises Stale where the review was changed since the revision that they have seen, and Closed
    where it is not theirs to change, done already, or not to be heard any more.
    """
    there = _open(evaluation, who, seen)
    if changes:
        _write(there, changes, now)
    return there


@transaction.atomic
def finish(
    evaluation: Evaluation,
    who: User,
    seen: int,
    now: datetime,
    release: Release | None = None,
) -> Evaluation:
    """Finish a review; a drawn one is released as its plan has it, a targeted one as `release` does
    (at once), one of a calibration never.

    Raises as `save` does, and Unfinished where something is missing.
    """
    there = _open(evaluation, who, seen)
    before = values(there)
    card = cards.read(there.version.form)
    rows = list(there.answers.select_related("criterion"))
    found = standing(card, rows)
    if not found.is_whole:
        raise Unfinished(found)
    # What is not asked is not kept: nobody is to read an answer that counts nowhere.
    hidden = {one.criterion_id for one in rows if one.criterion.key not in found.shown}
    there.answers.filter(criterion__in=hidden).delete()
    there.evidence.filter(criterion__in=hidden).delete()
    # Who sees a suggestion agrees with it: such an answer measures no check.
    suggested = Suggestion.objects.shown_in(there).values("criterion")
    there.answers.filter(criterion__in=suggested, hint="").update(hint=Answer.Hint.SHOWN)
    rescore(there)
    there.state, there.finished_at, there.saved_at = State.FINISHED, now, now
    there.begun_at = there.begun_at or now
    there.release_at = released_at(there, now, release or Release())
    there.revision += 1
    there.save()
    _happened(there, What.FINISHED, who, now)
    said = {one.criterion.key: SKIPPED if one.skipped else one.value for one in rows}
    audit.record(who, there, before=before, after=values(there) | {ANSWERS: said}, now=now)
    review_finished.send(Evaluation, evaluation=there, now=now)
    return there


@transaction.atomic
def reopen(evaluation: Evaluation, who: User, now: datetime) -> Evaluation:
    """Open a finished review again, which its agent has not been shown yet.

    Raises ValidationError where it is not theirs, released, or where somebody else's review of the
    call may be known to them by now.
    """
    there = _held(evaluation, who)
    if there.state != State.FINISHED:
        raise ValidationError(_("Only a finished review that is not released is opened again."))
    if why := why_it_stays(there):
        raise ValidationError(why)
    before = values(there)
    there.state, there.finished_at, there.release_at = State.DRAFT, None, None
    there.revision += 1
    there.save()
    _happened(there, What.REOPENED, who, now)
    audit.record(who, there, before=before, after=values(there), now=now)
    return there


@transaction.atomic
def tell(evaluation: Evaluation, who: User, words: str, at: datetime, now: datetime) -> Evaluation:
    """Note that somebody talked with the agent about a finished review, face to face, and when.

    Raises ValidationError where there is nothing to talk about yet, where it is noted already, or
    for a moment that is before the review or to come.
    """
    rows = Evaluation.objects.select_for_update(of=("self",)).select_related("agent")
    there: Evaluation = rows.get(pk=evaluation.pk)
    if not there.is_done or there.kind == Kind.CALIBRATION or there.finished_at is None:
        raise ValidationError(_("Only a finished review is talked about."))
    if there.agent.user_id == who.pk:
        raise ValidationError(_("Who was reviewed does not note it themselves."))
    if there.verbal_at is not None:
        raise ValidationError(_("It is noted already that this was talked about."))
    # A form tells minutes.
    if at > now or at < there.finished_at - timedelta(minutes=1):
        raise ValidationError(_("It was talked about after it was finished, and by now."))
    before = values(there)
    there.verbal_at, there.verbal_by, there.verbal_words = at, who, words
    there.save(update_fields=["verbal_at", "verbal_by", "verbal_words"])
    _happened(there, What.VERBAL, who, now, words)
    audit.record(who, there, before=before, after=values(there), now=now)
    return there


def values(evaluation: Evaluation) -> dict[str, Any]:
    """What the log of changes keeps of a review."""
    unsaid = {field.name for field in evaluation._meta.concrete_fields} - {*_KEPT}
    return audit.values_of(evaluation, unsaid)


def released_at(evaluation: Evaluation, now: datetime, release: Release) -> datetime | None:
    """When a review that is finished now is shown to its agent; None: never, or by hand."""
    if evaluation.measures_reviewers:
        return None
    if evaluation.kind == Kind.TARGETED:
        return None if release.by_hand else max(release.at or now, now)
    assert evaluation.drawn is not None  # the database holds it
    plan = evaluation.drawn.drawn.draw.plan
    if plan.release == SamplingPlan.Release.BY_HAND:
        return None
    days = plan.release_days if plan.release == SamplingPlan.Release.AT_DAY else 0
    return now + timedelta(days=days)


def why_it_stays(evaluation: Evaluation) -> str:
    """Why a finished review is not opened again, in words; empty: it may be."""
    session = evaluation.session_call and evaluation.session_call.session
    if session and session.state != "blind":
        return _("The session is being discussed: what was scored before stays as it was.")
    if evaluation.drawn_id is not None:
        beside = Evaluation.objects.done().filter(drawn=evaluation.drawn_id)
        if beside.exclude(pk=evaluation.pk).exists():
            return _(
                "Somebody else's review of this call is finished, and may be known by now: this one"
                " stays as it is."
            )
    return ""


def words_of_missing(now: Standing) -> str:
    """What is missing, in a sentence."""
    parts = []
    if now.open:
        parts.append(_("%(n)s still to be answered") % {"n": len(now.open)})
    if now.unsaid:
        parts.append(_("%(n)s so low that a comment has to say why") % {"n": len(now.unsaid)})
    return _("Not finished: %(what)s.") % {"what": ", ".join(parts)}


def _held(evaluation: Evaluation, who: User) -> Evaluation:
    """A review as it is now, which nobody else changes meanwhile. Raises ValidationError where it
    is not (any more) the user's."""
    rows = Evaluation.objects.select_for_update(of=("self",)).select_related(
        "version__card", "agent", "drawn__drawn__draw__plan", "session_call__session"
    )
    there: Evaluation | None = rows.filter(pk=evaluation.pk, reviewer=who).first()
    if there is None or there.agent.user_id == who.pk:
        raise Closed(_("This review is not yours any more: nothing was saved."))
    return there


def _open(evaluation: Evaluation, who: User, seen: int) -> Evaluation:
    there = _held(evaluation, who)
    if not there.is_open:
        raise Closed(_("This review is not open any more: nothing was saved."))
    call = Call.objects.filter(pk=there.call_id).first()
    if why := facts.why_not_reviewed(there, call, facts.rules_of(there.site_id)):
        raise Closed(why)
    if there.revision != seen:
        raise Stale(there)
    return there


def _write(there: Evaluation, changes: Changes, now: datetime) -> None:
    _write_answers(there, changes.answers)
    _write_pins(there, changes, now)
    if changes.comment is not None:
        there.comment = changes.comment
    there.state, there.saved_at = State.DRAFT, now
    there.begun_at = there.begun_at or now
    there.revision += 1
    there.save(update_fields=["comment", "state", "saved_at", "begun_at", "revision"])
    rescore(there)


def _write_answers(there: Evaluation, said: Mapping[str, Said]) -> None:
    ids = _criteria(there, said)
    kept = {one.criterion_id: one for one in there.answers.filter(criterion__in=ids.values())}
    made: list[Answer] = []
    changed: list[Answer] = []
    for key, one in said.items():
        answer = kept.get(ids[key]) or Answer(evaluation=there, criterion_id=ids[key])
        if one.skipped is not None:
            answer.skipped = one.skipped
        if one.value is not None:
            answer.value = one.value
        if answer.skipped:
            answer.value = ""
        if answer.hint == Answer.Hint.FILLED and (one.skipped, one.value) != (None, None):
            answer.hint = Answer.Hint.SHOWN
        if one.comment is not None:
            answer.comment = one.comment
        if answer.value or answer.skipped or answer.comment:
            (made if answer.pk is None else changed).append(answer)
        elif answer.pk is not None:
            answer.delete()  # it was taken back: it says nothing any more
    Answer.objects.bulk_create(made)
    Answer.objects.bulk_update(changed, ["value", "skipped", "comment", "hint"])


def _write_pins(there: Evaluation, changes: Changes, now: datetime) -> None:
    there.evidence.filter(pk__in=changes.unpinned).delete()
    if not changes.pins:
        return
    ids = _criteria(there, {one.criterion: one for one in changes.pins if one.criterion})
    known = set(there.evidence.values_list("criterion", "at_ms", "line"))
    if len(known) + len(changes.pins) > MOST_PINS:
        words = _("At most %(most)s places of a call are pinned.") % {"most": MOST_PINS}
        raise ValidationError(words)
    # The same place again is that place: what was sent twice is kept once.
    wanted = {(ids.get(one.criterion), one.at_ms, one.line): one for one in changes.pins}
    Evidence.objects.bulk_create(
        Evidence(evaluation=there, criterion_id=criterion, at_ms=at_ms, line=line, made_at=now)
        for criterion, at_ms, line in wanted
        if (criterion, at_ms, line) not in known
    )


def _criteria(there: Evaluation, keys: Mapping[str, object]) -> dict[str, int]:
    rows = CardCriterion.objects.filter(card=there.version.card_id, key__in=[*keys])
    found = dict(rows.values_list("key", "pk"))
    if lacking := keys.keys() - found.keys():
        raise ValidationError(_("The scorecard does not ask %(what)s.") % {"what": min(lacking)})
    return found


def _happened(there: Evaluation, what: str, who: User, now: datetime, words: str = "") -> None:
    ReviewEvent.objects.create(
        evaluation=there, what=what, at=now, who=who, words=words, share=there.share,
        is_failed=there.is_failed,
    )  # fmt: skip
