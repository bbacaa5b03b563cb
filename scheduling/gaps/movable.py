"""What of a day's published shifts can be moved, and whether the rules of rosters let it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from scheduling.gaps import reads
from scheduling.gaps.moving import Piece
from scheduling.gaps.reads import Running
from scheduling.models import Contract, KeptShift, SiteRules
from scheduling.rosters import given, kept
from scheduling.rosters.given import Given
from scheduling.rules import Broken, check
from scheduling.shifts import Activity, Assignment, Limits, Person, Problem, Roster
from scheduling.shifts.days import days_of
from scheduling.terms import limits

PAUSE = KeptShift.Activity.PAUSE
# What waits where there are too few on calls; other work may have its own hour.
SESSIONS = frozenset(
    {KeptShift.Activity.COACHING, KeptShift.Activity.TRAINING, KeptShift.Activity.MEETING}
)
# Nobody is told later than so long before.
NOTICE = timedelta(minutes=15)
_STEP = timedelta(minutes=15)


@dataclass(frozen=True, eq=False)
class Movable:
    """An activity of a shift: the `number`th of its activities."""

    shift: KeptShift
    number: int
    piece: Piece

    @property
    def said(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.shift.activities[self.number]
        return found

    @property
    def is_pause(self) -> bool:
        return bool(self.said["is_pause"])

    def moved(self, start: datetime) -> Given:
        """The shift with it from another moment on."""
        length = timedelta(minutes=self.piece.minutes)
        said = {**self.said, "start": start.isoformat(), "end": (start + length).isoformat()}
        activities = [*self.shift.activities]
        activities[self.number] = said
        return replace(given.of_row(self.shift), activities=activities)

    def breaks(self, start: datetime) -> list[Broken]:
        """Hard rules that it would break to begin at a moment, and that are kept now."""
        before = {*self._checked(self.shift.activities)}
        return [
            one
            for one in self._checked(self.moved(start).activities)
            if one.is_hard and one not in before
        ]

    def _checked(self, activities: Sequence[Mapping[str, Any]]) -> tuple[Broken, ...]:
        problem, begin = self._problem
        said = tuple(
            Activity(one["name"], *_within(begin, one), is_pause=one["is_pause"])
            for one in activities
        )
        person = problem.people[0].id
        return check(problem, Roster({person: {0: Assignment(self.shift.shape, said)}}))

    @cached_property
    def _problem(self) -> tuple[Problem, datetime]:
        """The day of the shift alone: its hours stay as they are, and with them all rules but
        those of what lies within."""
        shift: Any = self.shift
        site = shift.roster.site
        rules: SiteRules = getattr(site, "roster_rules", None) or SiteRules(site=site)
        templates = {} if shift.template is None else {shift.template_id: shift.template}
        shape = given.shape_of(shift, site.calendar.zone, templates)
        problem = Problem(
            days=days_of(shift.day, 1, site.zone),
            shapes=(shape,),
            people=(Person(str(shift.agent_id), _limits(shift)),),
            weights=rules.soft,
        )
        return problem, kept.begin_of(site, shift.day)


def _limits(shift: Any) -> Limits:
    """What binds a shift, by the contract of its day."""
    for one in shift.said_contracts:
        if reads.holds(one, shift.day):
            values = {name: one[name] for name in limits.columns()}
            return limits.of_contract(Contract(law=one["law"], **values))
    return limits.without_contract(shift.agent.contract_hours)


def pieces(running: Running, now: datetime) -> list[Movable]:
    """Pauses and sessions of those who take the queues of a pool, that have not begun and could
    begin at another quarter of an hour: pauses sooner or later, sessions later. One that several
    people have together is none of one of them."""
    together = Counter(_same(one) for shift in running.shifts for one in shift.activities)
    soonest = _after(now + NOTICE, running.on.start)
    found = []
    for shift in running.shifts:
        fills = running.pool.people.get(shift.agent_id)
        if fills is None or shift.is_on_call:
            continue
        for number, one in enumerate(shift.activities):
            is_session = one["kind"] in SESSIONS
            if not (one["is_pause"] or is_session) or _moment(one["start"]) < soonest:
                continue
            if is_session and together[_same(one)] > 1:
                continue
            start, end = (running.minute(_moment(one[edge])) for edge in ("start", "end"))
            starts = tuple(
                running.minute(moment)
                for moment in _starts(shift, number, soonest)
                if not is_session or moment > _moment(one["start"])
            )
            piece = Piece(shift.agent_id, start, end, fills, starts)
            found.append(Movable(shift, number, piece))
    return found


def _starts(shift: KeptShift, number: int, soonest: datetime) -> Iterator[datetime]:
    """Moments from which an activity lies within a spell and over no other activity, in steps of a
    quarter of an hour from its own."""
    mine = shift.activities[number]
    own = _moment(mine["start"])
    length = _moment(mine["end"]) - own
    others = [
        (_moment(one["start"]), _moment(one["end"]))
        for place, one in enumerate(shift.activities)
        if place != number
    ]
    for begin, end in given.of_row(shift).spells:
        at = own + -((own - begin) // _STEP) * _STEP
        while at + length <= end:
            if (
                at >= soonest
                and at != own
                and not any(since < at + length and at < to for since, to in others)
            ):
                yield at
            at += _STEP


def _after(moment: datetime, since: datetime) -> datetime:
    """The first quarter of an hour from a moment on."""
    return since + -((since - moment) // _STEP) * _STEP


def _same(said: Mapping[str, Any]) -> tuple[str, str, str]:
    return said["kind"], said["name"], said["start"]


def _within(begin: datetime, said: Mapping[str, Any]) -> tuple[int, int]:
    start, end = (
        round((_moment(said[edge]) - begin).total_seconds()) // 60 for edge in ("start", "end")
    )
    return start, end


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)
