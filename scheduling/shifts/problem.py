"""A roster that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scheduling.shifts.days import MINUTES, Day
from scheduling.shifts.demand import Demand, NeedOfShape
from scheduling.shifts.limits import Weights
from scheduling.shifts.people import Pairing, Person
from scheduling.shifts.sessions import Session
from scheduling.shifts.shapes import Kind, Shape


@dataclass(frozen=True)
class Problem:
    """Days, shapes, people and what is asked of them.

    What is asked for is said slot by slot (`demand`), shape by shape (`needs`), or both. `follows`
    are pairs of templates of which the second is not given the day after the first, whatever the
    rest between. `night` are minutes of the clock: a shift of which at least `night_minutes` lie
    within is a night. `mix` is how many that are not new are there at any moment at which somebody
    new is, as a share of those who are new; pauses count as there, being on call does not.
    `needs` are of shapes by their ids, and a day and shape it does not name costs nothing.
    """

    days: tuple[Day, ...]
    shapes: tuple[Shape, ...]
    people: tuple[Person, ...]
    demand: Demand | None = None
    needs: Mapping[tuple[int, str], NeedOfShape] = field(default_factory=dict)
    follows: frozenset[tuple[str, str]] = frozenset()
    weights: Weights = field(default_factory=Weights)
    pairings: tuple[Pairing, ...] = ()
    mix: float | None = None
    sessions: tuple[Session, ...] = ()
    night: tuple[int, int] = (23 * 60, 30 * 60)
    night_minutes: int = 120
    late: int = 20 * 60

    @cached_property
    def shape(self) -> Mapping[str, Shape]:
        return {one.id: one for one in self.shapes}

    def at(self, day: int, clock: int) -> int:
        """The moment at which the clock shows so many minutes since a day's midnight, on one of the
        next days from 1,440 on. Beyond the span days are of 24 hours."""
        ahead, minute = divmod(clock, MINUTES)
        if day + ahead < len(self.days):
            return self.days[day + ahead].at(minute)
        last = self.days[-1]
        return last.start + last.minutes + (day + ahead - len(self.days)) * MINUTES + minute

    def spells(self, day: int, shape: Shape) -> tuple[tuple[int, int], ...]:
        """From when to when a shape is worked on a day. Shifts go by the clock: a night from 22:00
        to 06:00 is nine hours long where clocks go back."""
        return tuple(
            (self.at(day, shape.start + since), self.at(day, shape.start + to))
            for since, to in shape.spells
        )

    def worked(self, day: int, shape: Shape) -> int:
        """Worked minutes of a shape on a day: as time goes by, unpaid pauses left out."""
        if shape.kind is not Kind.WORK:
            return 0
        spans = sum(end - begin for begin, end in self.spells(day, shape))
        clock = sum(to - since for since, to in shape.spells)
        return shape.worked_minutes + spans - clock

    def is_night(self, shape: Shape) -> bool:
        """Whether so much of a shape lies within the night, that of its evening or its morning."""
        begin, end = self.night
        within = sum(
            max(0, min(shape.start + to, end + turn) - max(shape.start + since, begin + turn))
            for since, to in shape.spells
            for turn in (-24 * 60, 0, 24 * 60)
        )
        return within >= self.night_minutes

    def is_late(self, shape: Shape) -> bool:
        """Whether it ends late, and is no night."""
        return shape.end > self.late and not self.is_night(shape)
