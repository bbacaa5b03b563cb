"""Whose shifts of a day can be longer, or shorter, for some hours, and what that would give.

A shift is lengthened from where it ends within the hours until they end, or begins that much
sooner; it is shortened from where the hours begin, or begins when they end. What lies in it stays
where it is: nobody who has training or a meeting in the hours, or is at a pause as they begin, is
asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from scheduling.forecast.history import Array
from scheduling.gaps import moving
from scheduling.gaps.moving import Effect
from scheduling.gaps.outlook import OVER, SHORT, Gap
from scheduling.gaps.reads import Running
from scheduling.models import KeptShift, ShiftOffer
from scheduling.rosters import given
from scheduling.rosters.given import Given
from scheduling.terms.shapes import shape_id

Kind = ShiftOffer.Kind
# Nobody is asked later than so long before it begins.
NOTICE = timedelta(minutes=15)
# Less is worth no change of somebody's day, and leaves no shift.
_LEAST = timedelta(minutes=15)
_LEAST_SHIFT = timedelta(hours=1)
_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Able:
    """Somebody whose shift could be longer, or shorter, by [start, end): they fill so much of a
    position, and would have `given`, whose worked minutes and night are not told yet."""

    shift: KeptShift
    start: datetime
    end: datetime
    fills: float
    given: Given

    @property
    def minutes(self) -> int:
        return round((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Proposed:
    """What could be offered for a gap: to `able` people, of whom `wanted` are needed, and what it
    gives if so many accept."""

    kind: str
    start: datetime
    end: datetime
    able: int
    wanted: int
    effect: Effect


def proposed(running: Running, gap: Gap, now: datetime, promised: int = 0) -> Proposed | None:
    """What could be offered for a gap beside the `promised` places of offers that are open for it;
    None where nobody could, or these are enough. Rules of weeks and rests are not looked at yet:
    they are when it is offered."""
    kind = kind_for(gap)
    start, end = running.begins(gap.first), running.ends(gap.last)
    there = able(running, kind, start, end, now)
    many = min(_wanted(running, gap) - promised, len(there))
    if many < 1:
        return None
    try:
        _calls, effect = predicted(running, kind, there[:many])
    except ValueError:
        return None
    return Proposed(kind.value, start, end, len(there), many, effect)


def kind_for(gap: Gap) -> Kind:
    """What helps in a gap."""
    return Kind.OVERTIME if gap.kind == SHORT else Kind.TIME_OFF


def gap_of(running: Running, kind: str, start: datetime, end: datetime) -> bool:
    """Whether hours are still such that overtime (too few) or time off (too many) helps in some of
    them."""
    wanted = SHORT if kind == Kind.OVERTIME else OVER
    places = range(running.place(start), running.place(end - _LEAST) + 1)
    return any(running.outlook.kind(place) == wanted for place in places)


def able(
    running: Running,
    kind: str,
    start: datetime,
    end: datetime,
    now: datetime,
) -> list[Able]:
    """Those who take the queues of a pool, could, and have no offer to answer already; the longest
    first."""
    soonest, moment = now + NOTICE, datetime.fromisoformat
    found = []
    every: Sequence[Any] = running.shifts
    for shift in every:
        fills = running.pool.people.get(shift.agent_id)
        if fills is None or shift.is_on_call:
            continue
        if any(moment(one["ends"]) > now for one in shift.said_offers):
            continue
        change = _change(kind, shift, start, end, soonest)
        if change is None:
            continue
        begins, ends, since, to = change
        becomes = changed(shift, begins, ends)
        if becomes is not None:
            found.append(Able(shift, since, to, fills, becomes))
    return sorted(found, key=lambda one: (-one.fills * one.minutes, one.start, one.shift.pk))


Change = tuple[datetime, datetime, datetime, datetime]


def _change(
    kind: str, shift: KeptShift, start: datetime, end: datetime, soonest: datetime
) -> Change | None:
    """When a shift would begin and end, and the hours [since, to) that it would have more, or
    fewer; None: none that are to come."""
    begins, ends = shift.begins_at, shift.ends_at
    if kind == Kind.OVERTIME:
        if start <= ends < end and ends >= soonest:
            found = begins, end, ends, end
        elif start < begins <= end and begins > soonest:
            since = max(start, _quarter(soonest))
            found = since, ends, since, begins
        else:
            return None
    elif start < ends <= end and begins < end:
        since = max(start, _quarter(soonest))
        found = begins, since, since, ends
    elif start <= begins < end < ends and begins >= soonest:
        found = end, ends, begins, end
    else:
        return None
    return found if found[3] - found[2] >= _LEAST else None


def _quarter(moment: datetime) -> datetime:
    """The first quarter of an hour from a moment on."""
    over = moment.replace(minute=0, second=0, microsecond=0)
    return over + -((over - moment) // _LEAST) * _LEAST


def changed(shift: KeptShift, begins: datetime, ends: datetime) -> Given | None:
    """A shift that begins or ends at another moment; None where it is split, would be nearly none,
    or has something else than whole pauses in what it would lose."""
    said = given.of_row(shift)
    if len(said.spells) != 1 or ends - begins < _LEAST_SHIFT:
        return None
    kept: list[Any] = []
    for one in said.activities:
        since, to = datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])
        if begins <= since and to <= ends:
            kept.append(one)
        elif not one["is_pause"] or (since < ends and to > begins):
            return None
    site: Any = shift.roster.site
    zone = site.calendar.zone
    local = begins.astimezone(zone).replace(tzinfo=None)
    midnight = datetime.combine(shift.day, datetime.min.time())
    if local.date() != shift.day:
        return None
    minute = round((local - midnight).total_seconds()) // 60
    length = round((ends - begins).total_seconds()) // 60
    return replace(
        said,
        shape=shape_id(shift.template_id or 0, minute, length),
        begins_at=begins,
        ends_at=ends,
        spells=[(begins, ends)],
        activities=kept,
    )


def predicted(running: Running, kind: str, those: Iterable[Able]) -> tuple[float, Effect]:
    """What it gives if those accept: calls more that are answered in time, and what becomes of the
    hours. Raises ValueError where nothing is changed by that."""
    return moving.changed(running.outlook, change_of(running, kind, those))


def change_of(running: Running, kind: str, those: Iterable[Able]) -> Array:
    """People more, or fewer, by interval. A pause that goes with the hours is none that they are
    away for."""
    sign = 1.0 if kind == Kind.OVERTIME else -1.0
    total = np.zeros(len(running.outlook.open))
    for one in those:
        total += sign * one.fills * _shares(running, one)
    return total


def _shares(running: Running, one: Able) -> Array:
    shares = running.clock.shares(running.minute(one.start), running.minute(one.end))
    for said in one.shift.activities:
        since, to = (
            running.minute(datetime.fromisoformat(said[edge])) for edge in ("start", "end")
        )
        if one.start <= running.moment(since) and running.moment(to) <= one.end:
            shares = shares - running.clock.shares(since, to)
    return shares


def _wanted(running: Running, gap: Gap) -> int:
    """So many that nobody is missing in any interval; or that none is who is not missing now."""
    balance: Sequence[float] = running.outlook.balance[gap.first : gap.last + 1].tolist()
    if gap.kind == SHORT:
        return int(np.ceil(max(-one for one in balance) - _TINY))
    return int(min(balance) + _TINY)
