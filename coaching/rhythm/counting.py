"""How a team keeps to the rhythm of its coaching, day by day. Pure: dates in, states out.

A day counts where somebody could have been coached on it: of whoever is in the team and not absent.
From their last session on, or from when they came or the rhythm began, so many days may pass.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

DAY = timedelta(days=1)
REMEMBERED = timedelta(days=366)
"""So far back what was held still matters to a day; absences of more than a year do not."""
_AHEAD = 366

State = Literal["covered", "late", "new", "away", "none"]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` on until `until`, which is of it no more; None: nobody knows until when."""

    first: date
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Rule:
    """From a day on so many days may lie between two sessions; None: as many as one likes."""

    since: date
    days: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of somebody: when they are in the team, when they are absent, and the days on
    which they were coached."""

    stays: Sequence[Span] = ()
    away: Sequence[Span] = ()
    held: Collection[date] = field(default=frozenset())

    def is_there(self, day: date) -> bool:
        return any(day in one for one in self.stays)

    def counts(self, day: date) -> bool:
        """Whether they could be coached on that day."""
        return self.is_there(day) and not any(day in one for one in self.away)


@dataclass(frozen=True, slots=True)
class Day:
    """How it stands with somebody on a day.

    "covered": the last session is not too long ago. "late": it is. "new": their first time runs, so
    that nothing could be asked yet. "away": absent. "none": not in the team, or it has no rhythm.
    `left` days that count may pass still before they are late, fewer than 0: so many have passed
    since. `length` is the rhythm on that day, 0: there is none.
    """

    day: date
    state: State
    left: int = 0
    length: int = 0


def walk(life: Life, rules: Sequence[Rule], first: date, last: date) -> Iterator[Day]:
    """How it stands on each day from `first` to `last`; `rules` in the order of their days."""
    starts = [one.first for one in life.stays] + [one.since for one in rules]
    begin = max(first - REMEMBERED, min(starts, default=first))
    # A site has hundreds of people, each of hundreds of days: days are told by their numbers.
    there, away = _days(life.stays, begin, last), _days(life.away, begin, last)
    held = {one.toordinal() for one in life.held}
    coming = [(one.since.toordinal(), one.days) for one in reversed(rules)]
    shown = first.toordinal()
    passed, was_held = 0, False
    length: int | None = None
    for day in range(begin.toordinal(), last.toordinal() + 1):
        had = length
        while coming and coming[-1][0] <= day:
            length = coming.pop()[1]
        state: State = "none"
        if day not in there or length is None:
            passed, was_held = 0, False
        else:
            if had is not None and length < had:
                # Who was in time by the longer rhythm has the whole of the shorter one.
                passed = 0
            if day in held:
                passed, was_held = 0, True
            elif day not in away:
                passed += 1
            state = _state(day in away, passed > length, was_held)
        if day >= shown:
            yield Day(
                date.fromordinal(day), state, 0 if length is None else length - passed, length or 0
            )


def _days(spans: Iterable[Span], first: date, last: date) -> set[int]:
    """The days of spans from `first` to `last`, by their numbers."""
    found: set[int] = set()
    for one in spans:
        end = last + DAY if one.until is None else min(last + DAY, one.until)
        found.update(range(max(first, one.first).toordinal(), end.toordinal()))
    return found


def _state(is_away: bool, is_late: bool, was_held: bool) -> State:
    if is_away:
        return "away"
    if is_late:
        return "late"
    return "covered" if was_held else "new"


def due(life: Life, day: Day) -> date | None:
    """The last day on which a session is in time, or was; None: nobody can say, for it is not known
    when they are there again."""
    at, left, step = day.day, day.left, DAY if day.left > 0 else -DAY
    for _each in range(_AHEAD):
        if not left:
            return at
        counts = life.counts(at if left < 0 else at + DAY)
        at += step
        if counts:
            left -= 1 if left > 0 else -1
    return None


def moved(life: Life, day: Day, until: date) -> int:
    """By how many days of absence the last day on which a session is in time, `until`, came
    later."""
    left, at, many = day.length, until, 0
    for _each in range(day.length + _AHEAD):
        counts = life.counts(at)
        if not life.is_there(at) or (counts and not left):
            break
        if counts:
            left -= 1
        else:
            many += 1
        at -= DAY
    return many


@dataclass(frozen=True, slots=True)
class Cover:
    """How many days of people were of each state."""

    covered: int = 0
    late: int = 0
    new: int = 0
    away: int = 0

    def __add__(self, other: "Cover") -> "Cover":
        return Cover(
            self.covered + other.covered, self.late + other.late, self.new + other.new,
            self.away + other.away,
        )  # fmt: skip

    @property
    def asked(self) -> int:
        """Days on which a session could be asked for."""
        return self.covered + self.late

    @property
    def share(self) -> float | None:
        """The share of them on which the last session was not too long ago; None: there is none."""
        return self.covered / self.asked if self.asked else None


def cover(days: Collection[Day]) -> Cover:
    told = [one.state for one in days]
    return Cover(told.count("covered"), told.count("late"), told.count("new"), told.count("away"))
