"""What one person is given, made ready for the rules: their shifts in order, with those before."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from scheduling.shifts import Activity, Kind, Person, Problem, Roster, Shape


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of the span: when it is worked, in moments, and what it counts for.

    `minutes` are worked minutes. `clock` is the minute of the clock at which it begins.
    """

    day: int
    shape: Shape
    spells: tuple[tuple[int, int], ...]
    minutes: int
    is_night: bool
    activities: tuple[Activity, ...]

    @property
    def start(self) -> int:
        return self.spells[0][0]

    @property
    def end(self) -> int:
        return self.spells[-1][1]

    @property
    def clock(self) -> int:
        return self.shape.start

    @property
    def is_worked(self) -> bool:
        """Whether it is work, not to be called at home."""
        return self.shape.kind is Kind.WORK

    def around(self, activities: Iterable[Activity]) -> list[tuple[int, int]]:
        """What is left of its spells, from when to when, without these."""
        taken = sorted((one.start, one.end) for one in activities)
        left = []
        for begin, end in self.spells:
            since = begin
            for start, until in taken:
                if until > since and start < end:
                    if start > since:
                        left.append((since, start))
                    since = until
            if since < end:
                left.append((since, end))
        return left


@dataclass(frozen=True, slots=True)
class Stretch:
    """A shift of the span or before it: what rests, runs and sums of minutes take of it."""

    day: int
    start: int
    end: int
    minutes: int
    is_night: bool
    clock: int


@dataclass(frozen=True)
class Own:
    """Somebody and their shifts of the span, in order: those of shapes and days there are."""

    person: Person
    shifts: tuple[Shift, ...]

    @property
    def id(self) -> str:
        return self.person.id

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """Their shifts with those before the span, in order."""
        before = (
            Stretch(one.day, one.start, one.end, one.minutes, one.is_night, one.clock)
            for one in self.person.before
        )
        within = (
            Stretch(one.day, one.start, one.end, one.minutes, one.is_night, one.clock)
            for one in self.shifts
        )
        return tuple(sorted((*before, *within), key=lambda one: (one.start, one.end)))

    @property
    def after(self) -> Stretch | None:
        """The first shift that is known after the span."""
        one = self.person.after
        if one is None:
            return None
        return Stretch(one.day, one.start, one.end, one.minutes, one.is_night, one.clock)

    @cached_property
    def by_day(self) -> dict[int, Shift]:
        return {one.day: one for one in self.shifts}

    def has_any_of(self, days: Iterable[int]) -> bool:
        """Whether one of their shifts of the span begins on one of these days. What was before the
        span can make a rule bind harder, but alone it breaks none."""
        return any(day in self.by_day for day in days)

    def here(self, problem: Problem) -> range:
        """The days of the span on which they are employed."""
        first, last = self.person.present or (0, len(problem.days) - 1)
        return range(max(first, 0), min(last, len(problem.days) - 1) + 1)


def own(problem: Problem, person: Person, roster: Roster) -> Own:
    """Somebody's shifts, but for those of unknown shapes or days, which a rule of their own tells
    (`rules.known`)."""
    shifts = []
    for day, given in sorted(roster.of.get(person.id, {}).items()):
        shape = problem.shape.get(given.shape)
        if shape is None or not 0 <= day < len(problem.days):
            continue
        shifts.append(
            Shift(
                day=day,
                shape=shape,
                spells=problem.spells(day, shape),
                minutes=problem.worked(day, shape),
                is_night=problem.is_night(shape),
                activities=given.activities,
            )
        )
    return Own(person, tuple(shifts))
