"""Writes calibration sessions: made, opened, talked about, agreed on, closed.

Reviews of a session are locked before the session, always in this order: a rater who finishes has
locked theirs when they come to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.masking import masked
from ccm.models import Call, Site, User
from qa import cards
from qa.access import keeps_at
from qa.calibration import drawing
from qa.calibration.drawing import Draw
from qa.models import (
    CalibrationAgreed,
    CalibrationCall,
    CalibrationNote,
    CalibrationRater,
    CalibrationSession,
    CardCriterion,
    CardVersion,
    Evaluation,
)
from qa.reviews import answers, facts, making
from qa.scoring import NOT_APPLICABLE, wrong

State = CalibrationSession.State
MOST_CALLS, MOST_RATERS, FEWEST_RATERS = 20, 12, 2
TWICE = timedelta(minutes=2)
"""The same within it is one post that came twice."""
_UNSAID = ("id", "how")


class Stale(ValidationError):
    """Somebody else has agreed on something meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Something was agreed on meanwhile, and is shown: nothing is kept. Look again.")
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a session is to be: `raters` are all who score, the expert among them. `calls` are those
    that are named; `draw`: others are drawn."""

    site: Site
    name: str
    version: CardVersion
    raters: Sequence[User]
    expert: User | None
    due_at: datetime
    calls: Sequence[Call] = ()
    draw: Draw | None = None


@transaction.atomic
def make(asked: Asked, who: User, now: datetime) -> CalibrationSession:
    """Make a session with a review for each rater and call. A post that comes twice makes one, and
    draws nothing the second time: the calls of the first are taken.

    Raises ValidationError for too few or too many raters or calls, where there are not as many to
    draw from, and where a call may not be heard or is a rater's own.
    """
    raters = list({one.pk: one for one in asked.raters}.values())
    calls = list({one.pk: one for one in asked.calls}.values())
    if not FEWEST_RATERS <= len(raters) <= MOST_RATERS:
        raise ValidationError(
            _("From %(few)s to %(many)s people score.")
            % {"few": FEWEST_RATERS, "many": MOST_RATERS}
        )
    if not 1 <= (asked.draw.many if asked.draw else len(calls)) <= MOST_CALLS:
        raise ValidationError(_("From 1 to %(many)s calls.") % {"many": MOST_CALLS})
    if asked.expert is not None and asked.expert.pk not in {one.pk for one in raters}:
        raise ValidationError(_("The expert is one of those who score."))
    if asked.version.is_draft:
        raise ValidationError(_("Calls are scored by a published version."))
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    if (same := _same(asked, raters, calls, who, now)) is not None:
        return same
    how: dict[str, Any] = {}
    if asked.draw is not None:
        calls, how = drawing.draw(asked.draw, asked.site, raters)
    session: CalibrationSession = CalibrationSession.objects.create(
        site=asked.site, name=asked.name, version=asked.version, expert=asked.expert,
        due_at=asked.due_at, seed=asked.draw.seed if asked.draw else "", how=how, made_by=who,
        made_at=now,
    )  # fmt: skip
    CalibrationRater.objects.bulk_create(
        CalibrationRater(session=session, user=one) for one in raters
    )
    rules = facts.rules_of(asked.site.pk)
    made = []
    for call in calls:
        row = CalibrationCall.objects.create(session=session, call=call, facts=facts.facts(call))
        made += [
            making.unsaved(
                call, asked.version, rater, now, rules, kind=Evaluation.Kind.CALIBRATION,
                session_call=row, due_at=asked.due_at, made_by=who,
            )
            for rater in raters
        ]  # fmt: skip
    Evaluation.objects.bulk_create(made)
    audit.record(who, session, before=None, after=_values(session), now=now)
    return session


def _same(
    asked: Asked, raters: Sequence[User], calls: Sequence[Call], who: User, now: datetime
) -> CalibrationSession | None:
    """What somebody has asked for just now in the same words, by the same people: of the same
    calls, or of as many drawn ones of the same days and queue."""
    rows = CalibrationSession.objects.filter(
        made_by=who, made_at__gt=now - TWICE, site=asked.site, name=asked.name,
        version=asked.version, expert=asked.expert, due_at=asked.due_at,
    )  # fmt: skip
    for one in rows.prefetch_related("raters", "calls").order_by("pk"):
        there = {each.call_id for each in one.calls.all()}
        if asked.draw is None:
            same = not one.seed and there == {each.pk for each in calls}
        else:
            of = {name: one.how.get(name) for name in asked.draw.of}
            same = bool(one.seed) and of == asked.draw.of and len(there) == asked.draw.many
        if same and {each.user_id for each in one.raters.all()} == {each.pk for each in raters}:
            found: CalibrationSession = one
            return found
    return None


def on_finished(evaluation: Evaluation, now: datetime, **_more: object) -> None:
    """Receiver of `review_finished`: when the last of a session's reviews is finished, all see
    all."""
    if evaluation.kind != Evaluation.Kind.CALIBRATION or evaluation.session_call is None:
        return
    session = _locked(evaluation.session_call.session_id)
    if session.state == State.BLIND and not _left(session).exists():
        _open(session, None, now)


def may_open(session: CalibrationSession, user: User) -> bool:
    """Who made it, and who keeps scorecards of its site."""
    return session.made_by_id == user.pk or keeps_at(user, session.site_id)


@transaction.atomic
def open_session(session: CalibrationSession, who: User, now: datetime) -> int:
    """Show everybody all answers, though some are not finished: those are dropped; how many.
    Raises ValidationError where it is open already, or theirs not to open."""
    left = list(_left(session).select_for_update(of=("self",)).order_by("pk"))
    there = _locked(session.pk)
    if not may_open(there, who):
        raise ValidationError(_("Who made this session opens it."))
    if there.state != State.BLIND:
        raise ValidationError(_("It is open already."))
    Evaluation.objects.filter(pk__in=[one.pk for one in left]).update(
        state=Evaluation.State.DROPPED
    )
    _open(there, who, now)
    return len(left)


@transaction.atomic
def note(
    call: CalibrationCall, criterion: CardCriterion | None, words: str, who: User, now: datetime
) -> CalibrationNote:
    """Add what was said in the discussion. Said twice at once it stands once."""
    _under_discussion(_locked(call.session_id), who)
    if not words:
        raise ValidationError(_("Say something."))
    _of_card(call, criterion)
    last = call.notes.filter(criterion=criterion).order_by("-at", "-pk").first()
    if last is not None and (last.by_id, last.words) == (who.pk, words):
        raise ValidationError(_("That is noted already."))
    made: CalibrationNote = CalibrationNote.objects.create(
        session_call=call, criterion=criterion, words=words, by=who, at=now
    )
    return made


@transaction.atomic
def agree(
    call: CalibrationCall,
    criterion: CardCriterion,
    value: str,
    words: str,
    who: User,
    now: datetime,
    *,
    revision: int,
    skipped: bool = False,
) -> CalibrationAgreed:
    """Keep what a session agreed on for a criterion of a call; it takes the place of what was,
    which is of this `revision` (0: nothing). The same said again by the same person changes
    nothing. It measures nobody.

    Raises Stale where it is not of that revision any more, ValidationError for what is no answer.
    """
    _under_discussion(_locked(call.session_id), who)
    _of_card(call, criterion)
    form = cards.read(call.session.version.form).form
    asked = next((one for one in form.criteria() if one.id == criterion.key), None)
    if asked is None:
        raise ValidationError(_("This version does not ask that."))
    value = answers.as_kept(asked.kind, value)
    try:
        said = answers.as_value(asked.kind, value, skipped=skipped)
    except ValueError:
        raise ValidationError(_("A number is needed.")) from None
    if said is None or wrong(form, {criterion.key: said}):
        raise ValidationError(_("That is no answer to it."))
    there = CalibrationAgreed.objects.filter(session_call=call, criterion=criterion).first()
    kept = {
        "value": masked("" if said is NOT_APPLICABLE else value), "skipped": skipped,
        "words": masked(words), "by": who,
    }  # fmt: skip
    if there is not None and all(getattr(there, name) == it for name, it in kept.items()):
        return there
    before = there.revision if there is not None else 0
    if before != revision:
        raise Stale
    made, _is_new = CalibrationAgreed.objects.update_or_create(
        session_call=call,
        criterion=criterion,
        defaults={**kept, "at": now, "revision": before + 1},
    )
    return made


@transaction.atomic
def close(session: CalibrationSession, who: User, now: datetime) -> CalibrationSession:
    """End the discussion. Raises ValidationError where it is not open."""
    there = _locked(session.pk)
    if not may_open(there, who):
        raise ValidationError(_("Who made this session closes it."))
    if there.state != State.OPEN:
        raise ValidationError(_("It is not being discussed."))
    before = _values(there)
    there.state, there.closed_at = State.CLOSED, now
    there.save(update_fields=["state", "closed_at"])
    audit.record(who, there, before=before, after=_values(there), now=now)
    return there


def takes_part(session: CalibrationSession, user: User) -> bool:
    return session.raters.filter(user=user).exists()


def _open(session: CalibrationSession, who: User | None, now: datetime) -> None:
    before = _values(session)
    session.state, session.opened_at, session.opened_by = State.OPEN, now, who
    session.save(update_fields=["state", "opened_at", "opened_by"])
    audit.record(who, session, before=before, after=_values(session), now=now)


def _left(session: CalibrationSession) -> Any:
    return Evaluation.objects.open().filter(session_call__session=session)


def _locked(pk: int) -> Any:
    return CalibrationSession.objects.select_for_update(of=("self",)).get(pk=pk)


def _under_discussion(session: CalibrationSession, who: User) -> None:
    if session.state == State.BLIND:
        raise ValidationError(_("It is still being scored: nothing is discussed yet."))
    if session.state == State.CLOSED:
        raise ValidationError(_("This session is closed."))
    if not (may_open(session, who) or takes_part(session, who)):
        raise ValidationError(_("Those who take part in it discuss it."))


def _of_card(call: CalibrationCall, criterion: CardCriterion | None) -> None:
    if criterion is not None and criterion.card_id != call.session.version.card_id:
        raise ValidationError(_("This scorecard does not ask that."))


def _values(session: CalibrationSession) -> dict[str, Any]:
    return audit.values_of(session, _UNSAID)
