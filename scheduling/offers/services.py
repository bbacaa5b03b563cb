"""Writes offers of overtime and time off: offered, answered, decided, taken back, ended; each time
the audit log has it.

A roster is locked, then its site, then the offer, and all is judged under these locks: of two who
accept the last place one gets it, and what two together would leave short is seen by the second.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, Queue, Site, User
from scheduling.gaps import moving, reads
from scheduling.gaps.reads import Running
from scheduling.intraday import reads as of_calls
from scheduling.mine import notices
from scheduling.models import (
    IntradayAction,
    KeptRoster,
    KeptShift,
    RosterEdit,
    ShiftOffer,
    ShiftOfferAnswer,
)
from scheduling.models.offers_querysets import LIVE
from scheduling.offers import able, words
from scheduling.offers.able import Able
from scheduling.rosters import edits, given
from scheduling.rosters.edits import Wanted
from scheduling.rosters.given import Given
from scheduling.terms import read
from scheduling.trades import judging
from scheduling.trades import words as trades
from scheduling.trades.judging import Judged, Table

Kind, State, Answer = ShiftOffer.Kind, ShiftOffer.State, ShiftOfferAnswer.State
MOST, MOST_ASKED = 50, 60
FEWEST_MINUTES, MOST_MINUTES = 5, 240
_WHY = {Kind.OVERTIME: RosterEdit.Why.OVERTIME, Kind.TIME_OFF: RosterEdit.Why.TIME_OFF}
_UNSAID = ("id", "queues", "asked_by", "asked_at", "level_without", "level_with",
           "occupancy_without", "occupancy_with")  # fmt: skip
_UNSAID_OF_ANSWERS = ("id", "before", "after", "facts", "edit", "roster", "answered_at",
                      "decided_by", "decided_at")  # fmt: skip


class Refused(ValidationError):
    """What may not be, with the rule, as the one reads it who asked."""

    def __init__(self, judged: Judged, said: str) -> None:
        super().__init__(said)
        self.judged = judged


@dataclass(frozen=True, eq=False)
class _Found:
    """An answer that is judged: what it comes to, the day of its queues (None: not forecast any
    more), and whether it may be."""

    one: Able
    running: Running | None
    judged: Judged


# Planners.


@transaction.atomic
def make(
    running: Running,
    kind: str,
    start: datetime,
    end: datetime,
    many: int,
    minutes: int,
    who: User,
    now: datetime,
) -> ShiftOffer:
    """Offer overtime or time off in [start, end) to all whom the rules let, for so many minutes:
    the first `many` have it. Raises ValidationError where it cannot be, or nobody may."""
    if kind not in Kind.values or not start < end or not able.gap_of(running, kind, start, end):
        raise ValidationError(_("That cannot be: look again."))
    if not 1 <= many <= MOST or not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise ValidationError(_("That cannot be: look again."))
    site = Site.objects.select_for_update(no_key=True).get(pk=running.site.pk)
    busy = {*ShiftOfferAnswer.objects.busy(site, now)}
    # Another may have offered since the day was read.
    there = able.able(running, kind, start, end, now)
    those = _by_rules([one for one in there if one.shift.agent_id not in busy])[:MOST_ASKED]
    if not those:
        raise ValidationError(_("There is nobody whose rules allow it."))
    many = min(many, len(those))
    try:
        _calls, effect = able.predicted(running, kind, those[:many])
    except ValueError:
        raise ValidationError(_("That helps nobody: look again.")) from None
    until = now + timedelta(minutes=minutes)
    # Later nobody can accept it than it begins to make a difference.
    ends = {one.shift.pk: min(until, one.start) for one in those}
    offer = ShiftOffer(
        site=site, kind=kind, day=running.today.day, queues=[one.pk for one in running.queues],
        starts_at=start, ends_at=end, wanted=many, until=max(ends.values()),
        level_without=effect.level[0], level_with=effect.level[1],
        occupancy_without=effect.occupancy[0], occupancy_with=effect.occupancy[1],
        asked_by=who, asked_at=now,
    )  # fmt: skip
    offer.save()
    audit.record(who, offer, before=None, after=values(offer), now=now)
    for one in those:
        shift: Any = one.shift
        answer = ShiftOfferAnswer(
            offer=offer, agent=shift.agent, roster=shift.roster, day=shift.day,
            before=given.of_row(shift).values(), after=one.given.values(), starts_at=one.start,
            ends_at=one.end, until=ends[shift.pk],
        )  # fmt: skip
        answer.save()
        _tell(answer, words.subject(offer, site.calendar.zone))
    return offer


@transaction.atomic
def withdraw(offer: ShiftOffer, who: User, now: datetime) -> ShiftOffer:
    """Take an offer back; what was accepted stays. Raises ValidationError where it is over."""
    there = _locked(offer.pk)
    if not there.is_live(now):
        raise ValidationError(_gone())
    for one in there.answers.filter(state__in=LIVE).select_related("agent__user", "agent__site"):
        was_waiting = one.state == Answer.WAITING
        _save(one, who, now, Answer.WITHDRAWN, words.TAKEN_BACK)
        if was_waiting:
            one.offer = there
            _tell(one, _("What you accepted is withdrawn"))
    _save_offer(there, who, now, State.WITHDRAWN)
    return there


def _by_rules(there: Sequence[Able]) -> list[Able]:
    """Those of whom no hard rule is newly broken, as their rosters tell their hours."""
    by_roster: dict[int, list[Able]] = defaultdict(list)
    for one in there:
        by_roster[one.shift.roster_id].append(one)
    may: set[int] = set()
    settled: dict[int, Able] = {}
    for those in by_roster.values():
        roster: Any = those[0].shift.roster
        table = _table(roster, those)
        for one in those:
            settled[one.shift.pk] = _settled(one, table)
            if judging.by_rules([_wanted(settled[one.shift.pk])], table).may_be:
                may.add(one.shift.pk)
    return [settled[one.shift.pk] for one in there if one.shift.pk in may]


def _table(roster: KeptRoster, those: Sequence[Able]) -> Table:
    more = [given.row(roster, one.shift.agent_id, one.shift.day, one.given) for one in those]
    return Table(roster, more=more)


def _settled(one: Able, table: Table) -> Able:
    """With its worked minutes and night as the site's rules tell them."""
    problem = table.problem
    shape, number = problem.shape[one.given.shape], (one.shift.day - table.roster.first_day).days
    worked, is_night = problem.worked(number, shape), problem.is_night(shape)
    return replace(one, given=replace(one.given, worked_minutes=worked, is_night=is_night))


def _wanted(one: Able) -> Wanted:
    return Wanted(one.shift.agent_id, one.shift.day, one.given)


# Agents.


@transaction.atomic
def accept(answer: ShiftOfferAnswer, who: User, now: datetime) -> ShiftOfferAnswer:
    """Take what is offered to oneself: done at once, or it waits to be decided. Raises
    ValidationError where it is gone, and Refused where it may not be any more."""
    with _held(answer, now, Answer.OFFERED) as (there, roster):
        found = _judged(there, roster, now)
        if not found.judged.may_be and found.judged.code != judging.UNKNOWN:
            raise _refused(there, found.judged, there.agent_id)
        there.answered_at = now
        by_supervisor = read.rules(roster.site).trades_by_supervisor
        if by_supervisor or not found.judged.may_be:
            there.until = there.starts_at
            _save(there, who, now, Answer.WAITING, found.judged.code or words.BY_RULE)
        else:
            _carry_out(there, roster, found, who, now, words.AT_ONCE)
        return there


@transaction.atomic
def decline(answer: ShiftOfferAnswer, who: User, now: datetime) -> ShiftOfferAnswer:
    """Not want it. Raises ValidationError where it is gone."""
    offer = _locked(answer.offer_id)
    there = _answer(answer.pk)
    if there is None or there.state != Answer.OFFERED or not there.is_live(now):
        raise ValidationError(_gone())
    there.offer, there.answered_at = offer, now
    _save(there, who, now, Answer.DECLINED)
    _end_answered(offer, who, now)
    return there


@transaction.atomic
def let_go(answer: ShiftOfferAnswer, who: User, now: datetime) -> ShiftOfferAnswer:
    """Who accepted does not after all, as long as it waits to be decided. Raises ValidationError
    where it is gone."""
    offer = _locked(answer.offer_id)
    there = _answer(answer.pk)
    if there is None or there.state != Answer.WAITING or not there.is_live(now):
        raise ValidationError(_gone())
    there.offer, there.answered_at = offer, now
    _save(there, who, now, Answer.DECLINED)
    _end_answered(offer, who, now)
    return there


# Who decides.


@transaction.atomic
def decide(
    answer: ShiftOfferAnswer, who: User, now: datetime, *, approves: bool, reason: str = ""
) -> ShiftOfferAnswer:
    """Say whether what somebody accepted is done; that it is not, with a reason. Raises
    ValidationError without one, where it is gone, and Refused where it may not be any more."""
    if not approves and not reason:
        raise ValidationError(trades.say_why())
    with _held(answer, now, Answer.WAITING) as (there, roster):
        there.decided_by, there.decided_at, there.reason = who, now, reason
        if approves:
            found = _judged(there, roster, now)
            # What nobody can reckon is for them to judge.
            if not found.judged.may_be and found.judged.code != judging.UNKNOWN:
                raise _refused(there, found.judged, None)
            _carry_out(there, roster, found, who, now, words.DECIDED)
        else:
            _save(there, who, now, Answer.REFUSED, words.DECIDED)
            _tell(there, _("What you accepted is refused"))
            _end_answered(there.offer, who, now)
        return there


# What ends by itself.


def end_due(now: datetime) -> int:
    """End what is past its time; how many answers. Safe to run twice."""
    ended = 0
    late = ShiftOfferAnswer.objects.past_their_time(now).order_by().values_list("offer", flat=True)
    over = ShiftOffer.objects.filter(state=State.OPEN, until__lte=now).values_list("pk", flat=True)
    for pk in sorted({*late, *over}):
        with transaction.atomic():
            ended += _end(pk, now)
    return ended


def _end(pk: int, now: datetime) -> int:
    offer = _locked(pk)
    rows = offer.answers.past_their_time(now).select_related("agent__user", "agent__site")
    ended = 0
    for one in rows:
        was_waiting = one.state == Answer.WAITING
        _save(one, None, now, Answer.EXPIRED, words.EXPIRED)
        if was_waiting:
            one.offer = offer
            _tell(one, _("What you accepted was not decided in time"))
        ended += 1
    if offer.state == State.OPEN and not offer.answers.filter(state__in=LIVE).exists():
        _save_offer(offer, None, now, State.EXPIRED)
    return ended


@transaction.atomic
def follow_shifts(site: int, wanted: Iterable[date], **_more: object) -> None:
    """What was offered for a shift ends when the shift is another: it might cut what was put into
    it since. Receiver of `shifts_changed`; whoever changes a shift has its roster already."""
    now = timezone.now()
    rows = ShiftOfferAnswer.objects.live(now).filter(offer__site=site, day__in=[*wanted])
    for pk in sorted({one.offer_id for one in _changed(rows)}):
        offer = _locked(pk)
        for one in _changed(offer.answers.live(now).select_related("agent__user", "agent__site")):
            was_waiting = one.state == Answer.WAITING
            _save(one, None, now, Answer.WITHDRAWN, judging.CHANGED)
            if was_waiting:
                one.offer = offer
                _tell(one, _("What you accepted is withdrawn: your shift has changed"))
        _end_answered(offer, None, now)


def _changed(rows: Iterable[ShiftOfferAnswer]) -> Iterator[ShiftOfferAnswer]:
    """Those whose shift is not as it was when it was offered. One query beside their own."""
    answers = list(rows)
    shifts = KeptShift.objects.filter(
        roster__in={one.roster_id for one in answers}, agent__in={one.agent_id for one in answers}
    )
    there = {(one.roster_id, one.agent_id, one.day): given.of_row(one).values() for one in shifts}
    for one in answers:
        if there.get((one.roster_id, one.agent_id, one.day)) != one.before:
            yield one


def _end_answered(offer: ShiftOffer, who: User | None, now: datetime) -> None:
    """End what nobody is left to answer."""
    is_open = offer.state == State.OPEN
    if is_open and not offer.answers.filter(state__in=LIVE).exists():
        _save_offer(offer, who, now, State.ANSWERED)


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What was offered follows a queue that is merged, and somebody who is; receiver of
    `names_merged`. What somebody had not answered yet ends, as their shifts are theirs in another
    way."""
    if sender is Queue:
        for offer in ShiftOffer.objects.filter(queues__contains=[loser]):
            offer.queues = [*dict.fromkeys(keeper if pk == loser else pk for pk in offer.queues)]
            offer.save(update_fields=["queues"])
    elif sender is Agent:
        rows = ShiftOfferAnswer.objects.filter(agent=loser)
        rows.filter(state__in=LIVE).update(state=Answer.WITHDRAWN, rule=words.MERGED)
        both = ShiftOfferAnswer.objects.filter(agent=keeper).values("offer")
        rows.filter(offer__in=both).delete()
        rows.update(agent=keeper)


def values(offer: ShiftOffer) -> dict[str, Any]:
    """What the audit log keeps of an offer."""
    return audit.values_of(offer, _UNSAID)


def values_of_answer(answer: ShiftOfferAnswer) -> dict[str, Any]:
    """What the audit log keeps of an answer."""
    return audit.values_of(answer, _UNSAID_OF_ANSWERS)


def _judged(answer: ShiftOfferAnswer, roster: KeptRoster, now: datetime) -> _Found:
    """Whether an answer may be: its shift is as it was, no hard rule is newly broken, and of time
    off no more hours are short by what is known now than the site allows."""
    row = KeptShift.objects.filter(roster=roster, agent=answer.agent_id, day=answer.day).first()
    running = _running(answer.offer, now)
    after = given.of_values(answer.after)
    if row is None or given.of_row(row).values() != answer.before:
        raise _refused(answer, Judged(judging.CHANGED), None)
    row.roster = roster
    fills = 1.0 if running is None else running.pool.people.get(answer.agent_id, 0.0)
    one = Able(row, answer.starts_at, answer.ends_at, fills, after)
    table = _table(roster, [one])
    judged = judging.by_rules([_wanted(one)], table)
    if judged.may_be and answer.offer.kind == Kind.TIME_OFF:
        judged = _cover(one, running, float(table.rules.trade_short_hours))
    return _Found(one, running, judged)


def _cover(one: Able, running: Running | None, limit: float) -> Judged:
    if running is None:
        return Judged(judging.UNKNOWN)
    change = able.change_of(running, Kind.TIME_OFF, [one])
    hours = moving.short_hours(running.outlook, change)
    if hours is None:
        return Judged(judging.UNKNOWN)
    if hours > limit + 1e-6:
        facts = {"hours": round(hours, 2), "limit": limit}
        return Judged(judging.SHORT, facts, hours)
    return Judged(short_hours=hours)


def _running(offer: ShiftOffer, now: datetime) -> Running | None:
    """The day of its queues as it is now."""
    rows = Queue.objects.filter(site=offer.site_id).select_related("site", "staffing_plan")
    queues = list(rows.order_by("name"))
    first = next((one for one in queues if one.pk == offer.queues[0]), None)
    if first is None:
        return None
    running = reads.running(first, queues, of_calls.reach(first.site, now))
    return running if running is not None and running.today.day == offer.day else None


def _carry_out(
    answer: ShiftOfferAnswer,
    roster: KeptRoster,
    found: _Found,
    who: User,
    now: datetime,
    rule: str,
) -> None:
    kind = Kind(answer.offer.kind)
    hours = found.judged.short_hours
    answer.facts = {} if hours is None else {"hours": round(hours, 2)}
    # Before the shift is changed: what else is offered for it ends by that, and this does not.
    _save(answer, who, now, Answer.ACCEPTED, rule)
    edit = edits.apply(
        roster,
        [_wanted(found.one)],
        who,
        now,
        seen=roster.revision,
        why=_WHY[kind],
        by_themselves=[answer.agent_id],
    )
    if edit is None:
        raise ValidationError(_gone())
    answer.edit = edit
    answer.save(update_fields=["edit"])
    _action(answer, found, edit, now).save()
    if rule == words.DECIDED:
        _tell(answer, _("What you accepted is done"))
    offer = answer.offer
    if offer.answers.filter(state=Answer.ACCEPTED).count() >= offer.wanted:
        for one in offer.answers.filter(state=Answer.OFFERED):
            _save(one, None, now, Answer.EXPIRED, words.ENOUGH)
        _save_offer(offer, who, now, State.FILLED)
    else:
        _end_answered(offer, who, now)


def _action(
    answer: ShiftOfferAnswer, found: _Found, edit: RosterEdit, now: datetime
) -> IntradayAction:
    """What it was predicted to do, as the log of the day keeps it: done by who offered it."""
    before, after = given.of_values(answer.before), given.of_values(answer.after)
    was_at, now_at = _edges(before, after)
    said: dict[str, Any] = {
        "relieves_from": answer.starts_at, "relieves_to": answer.ends_at, "calls": 0.0,
    }  # fmt: skip
    running, offer = found.running, answer.offer
    if running is not None:
        try:
            calls, effect = able.predicted(running, offer.kind, [found.one])
        except ValueError:
            pass  # those hours are over, or closed: nothing is told of them
        else:
            said = {
                "relieves_from": running.begins(effect.first),
                "relieves_to": running.ends(effect.last),
                "level_without": effect.level[0], "level_with": effect.level[1],
                "occupancy_without": effect.occupancy[0], "occupancy_with": effect.occupancy[1],
                "calls": round(calls, 3),
            }  # fmt: skip
    return IntradayAction(
        edit=edit, day=offer.day, queues=offer.queues, kind=offer.kind, was_at=was_at,
        now_at=now_at, minutes=found.one.minutes, taken_by=offer.asked_by, taken_at=now, **said,
    )  # fmt: skip


def _edges(before: Given, after: Given) -> tuple[datetime, datetime]:
    if before.ends_at != after.ends_at:
        return before.ends_at, after.ends_at
    return before.begins_at, after.begins_at


def _locked(pk: int) -> ShiftOffer:
    rows = ShiftOffer.objects.select_for_update(of=("self",)).select_related("site", "asked_by")
    offer: ShiftOffer = rows.get(pk=pk)
    return offer


def _answer(pk: int) -> ShiftOfferAnswer | None:
    rows = ShiftOfferAnswer.objects.select_for_update(of=("self",))
    found: ShiftOfferAnswer | None = (
        rows.select_related("agent__user", "agent__site").filter(pk=pk).first()
    )
    return found


@contextmanager
def _held(
    answer: ShiftOfferAnswer, now: datetime, state: str
) -> Iterator[tuple[ShiftOfferAnswer, KeptRoster]]:
    """An answer, its offer and its roster as they are now, which nobody else changes meanwhile.
    Raises ValidationError where it is in another state, past its time, or as many as are wanted
    have accepted."""
    rows = KeptRoster.objects.select_for_update(of=("self",)).select_related("site")
    roster = rows.get(pk=answer.roster_id)
    Site.objects.select_for_update(no_key=True).get(pk=roster.site_id)
    offer = _locked(answer.offer_id)
    there = _answer(answer.pk)
    if there is None or there.state != state or not there.is_live(now):
        raise ValidationError(_gone())
    there.offer = offer
    held = Q(state=Answer.ACCEPTED) | Q(state=Answer.WAITING, until__gt=now)
    if offer.answers.filter(held).exclude(pk=there.pk).count() >= offer.wanted:
        raise ValidationError(_("As many as were wanted have accepted: others were quicker."))
    yield there, roster


def _save(
    answer: ShiftOfferAnswer, who: User | None, now: datetime, state: str, rule: str = ""
) -> None:
    before = values_of_answer(ShiftOfferAnswer.objects.get(pk=answer.pk))
    answer.state, answer.rule = state, rule
    answer.save()
    audit.record(who, answer, before=before, after=values_of_answer(answer), now=now)


def _save_offer(offer: ShiftOffer, who: User | None, now: datetime, state: str) -> None:
    before = values(offer)
    offer.state = state
    offer.save(update_fields=["state"])
    audit.record(who, offer, before=before, after=values(offer), now=now)


def _refused(answer: ShiftOfferAnswer, judged: Judged, reader: int | None) -> Refused:
    names: Mapping[int, str] = {answer.agent_id: answer.agent.name}
    first: Any = answer.roster.first_day
    return Refused(judged, words.rule(judged.code, judged.facts, names, first, reader))


def _gone() -> str:
    return _("It is not there any more: it was answered, taken back, or its time is over.")


def _tell(answer: ShiftOfferAnswer, subject: str) -> None:
    """A mail to whom it is offered to, once for each of its steps."""
    zone = answer.offer.site.calendar.zone
    clock = answer.until.astimezone(zone)
    lines = [words.what(answer, zone)]
    if answer.state == Answer.OFFERED:
        lines.append(_("Answer until %(clock)s.") % {"clock": f"{clock:%H:%M}"})
    if answer.rule == words.DECIDED:
        lines.append(words.became(answer, {}, answer.agent_id))
    key = f"shift offer answer {answer.pk} {answer.state}"
    notices.mail(key, answer.agent, subject, lines, "my_offers")
