"""Pauses and sessions that can be moved so that a day lacks less, each with what that would give.
Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.history import Array
from scheduling.gaps.outlook import LEAST, SHORT, Outlook
from scheduling.staffing.requirement import Given

_QUARTER = 15
# What answers less than one call in twenty more in time is not worth a change of somebody's day.
LEAST_CALLS = 0.05
_NOBODY = 0.005


@dataclass(frozen=True, slots=True)
class Piece:
    """A pause or session of somebody, [start, end) in minutes since the day's beginning. `starts`
    are others at which it may begin, and `fills` is how much of a position its person fills."""

    person: int
    start: int
    end: int
    fills: float
    starts: tuple[int, ...]

    @property
    def minutes(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to the intervals [first, last], before and after; means by calls, None
    where nothing tells."""

    first: int
    last: int
    level: tuple[float | None, float | None]
    occupancy: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A piece that begins at `to` instead. `calls` are how many more are answered in time by that,
    on the average. `relieves` are the intervals in which its person is there for longer, and
    `takes_from` those in which they are there for less (None: none that is open)."""

    piece: Piece
    to: int
    calls: float
    relieves: Effect
    takes_from: Effect | None


@dataclass(frozen=True, eq=False)
class Clock:
    """The quarter hours of a day, in order: which interval each is of. An interval that is shown
    twice has its quarters twice."""

    interval: NDArray[np.int64]
    intervals: int

    def shares(self, start: int, end: int) -> Array:
        """Of each interval, which share of it lies between two minutes of the day: half of half an
        hour, all of a quarter."""
        begins = np.arange(len(self.interval)) * _QUARTER
        within = np.clip(np.minimum(begins + _QUARTER, end) - np.maximum(begins, start), 0, None)
        minutes = np.bincount(self.interval, within, self.intervals)
        whole = np.bincount(self.interval, minlength=self.intervals) * _QUARTER
        return np.divide(minutes, whole, out=np.zeros(self.intervals), where=whole > 0)


def best(
    outlook: Outlook,
    clock: Clock,
    pieces: Iterable[Piece],
    allowed: Callable[[Piece, int], bool],
    *,
    until: int,
    most: int,
) -> list[Proposal]:
    """The moves that answer the most calls more in time, the best first, no two of one person: of
    pieces that lie in an interval up to `until` that is short, to where nobody is missing after.
    Each is told by itself: where nobody is answered in time those who help only together are told
    last. `allowed` says whether the rules let a piece begin at a minute."""
    short = {place for place in range(until + 1) if outlook.kind(place) == SHORT}
    moves: list[tuple[Piece, int]] = []
    changes: list[Array] = []
    for piece in pieces:
        freed = piece.fills * clock.shares(piece.start, piece.end)
        if not short & {*np.flatnonzero(freed).tolist()}:
            continue
        for to in piece.starts:
            change = freed - piece.fills * clock.shares(to, to + piece.minutes)
            if to != piece.start and _lacks_nobody(outlook, change):
                moves.append((piece, to))
                changes.append(change)
    if not moves:
        return []
    gains = _gains(outlook, np.array(changes))
    relief = np.array(changes)[:, _hopeless(outlook, short)].clip(min=0).sum(axis=1)
    found: list[Proposal] = []
    seen: set[int] = set()

    def rank(place: int) -> tuple[float, ...]:
        return _rank(gains[place], relief[place], *moves[place])

    for place in sorted(range(len(moves)), key=rank):
        piece, to = moves[place]
        is_worth_it = gains[place] >= LEAST_CALLS or relief[place] > 0
        if len(found) == most:
            break
        if is_worth_it and piece.person not in seen and allowed(piece, to):
            seen.add(piece.person)
            found.append(told(outlook, clock, piece, to))
    return found


def told(outlook: Outlook, clock: Clock, piece: Piece, to: int) -> Proposal:
    """What it gives that a piece begins at `to`. Raises ValueError where nobody is there for longer
    in any interval by that."""
    freed = clock.shares(piece.start, piece.end) - clock.shares(to, to + piece.minutes)
    change = piece.fills * freed
    after = outlook.given(np.maximum(outlook.scheduled + change, 0.0))
    is_open = outlook.open > 0
    more, less = (np.flatnonzero(some & is_open) for some in (change > 0, change < 0))
    relieved = more if len(more) else np.flatnonzero(change > 0)
    if not len(relieved):
        raise ValueError("a move within one interval relieves nobody")
    return Proposal(
        piece,
        to,
        float(_gains(outlook, change[None])[0]),
        _effect(outlook, after, relieved),
        _effect(outlook, after, less) if len(less) else None,
    )


def changed(outlook: Outlook, change: Array) -> tuple[float, Effect]:
    """What so many people more (or fewer) give, interval by interval: how many calls more are
    answered in time, and what that does to all intervals that it touches. Raises ValueError where
    none of them is open and to come."""
    to_come = (np.arange(len(change)) >= outlook.known) & (outlook.open > 0)
    change = np.where(to_come, change, 0.0)
    touched = np.flatnonzero(change)
    if not len(touched):
        raise ValueError("no interval that is open and to come has more people or fewer")
    after = outlook.given(np.maximum(outlook.scheduled + change, 0.0))
    return float(_gains(outlook, change[None])[0]), _effect(outlook, after, touched)


def short_hours(outlook: Outlook, change: Array) -> float | None:
    """Hours of positions that would be missing after a change and are not now; None where it is not
    known of all intervals that have fewer people how many they take."""
    less = np.flatnonzero((change < 0) & (outlook.open > 0))
    less = less[less >= outlook.known]
    balance = outlook.balance[less]
    if np.isnan(balance).any():
        return None
    before, after = np.maximum(-balance, 0.0), np.maximum(-balance - change[less], 0.0)
    return float((after - before).sum()) * outlook.interval_seconds / 3600


def _effect(outlook: Outlook, after: Given, places: NDArray[np.int64]) -> Effect:
    first, last = int(places[0]), int(places[-1])
    some = slice(first, last + 1)
    before = outlook.expected
    return Effect(
        first,
        last,
        (outlook.weighed(before.level, some), outlook.weighed(after.level, some)),
        (outlook.weighed(before.occupancy, some), outlook.weighed(after.occupancy, some)),
    )


def _lacks_nobody(outlook: Outlook, change: Array) -> bool:
    """Whether nobody is missing where somebody is taken from, by what is known."""
    less = (change < 0) & ~np.isnan(outlook.balance)
    return bool((outlook.balance[less] + change[less] > -LEAST).all())


def _gains(outlook: Outlook, changes: Array) -> Array:
    """How many calls more each change answers in time: changes x intervals. Equal ones are reckoned
    once."""
    alike, which = np.unique(np.round(changes, 6), axis=0, return_inverse=True)
    touched = np.flatnonzero(alike.any(axis=0))
    found = np.zeros(len(alike))
    if len(touched):
        part = outlook.part(touched)
        before = part.given(part.scheduled).level
        after = part.given(np.maximum(part.scheduled + alike[:, touched], 0.0)).level
        found = np.nansum((after - before) * part.calls, axis=1)
    gains: Array = found[which.reshape(-1)]
    return gains


def _hopeless(outlook: Outlook, short: Collection[int]) -> list[int]:
    """Intervals so short that nobody is answered in time: there one more alone changes nothing,
    and only several together do."""
    level = outlook.expected.level
    return [place for place in sorted(short) if level[place] < _NOBODY]


def _rank(gain: float, relief: float, piece: Piece, to: int) -> tuple[float, ...]:
    """The most calls first, and the most people where nobody is answered in time; of as many what
    is moved the least, and then in order of time."""
    by = (-round(gain, 6), -round(relief, 6))
    return (*by, abs(to - piece.start), piece.start, to, piece.person)
