"""Weeks of the calendar, as far as a span shows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from scheduling.shifts import Problem
from scheduling.shifts.days import MINUTES

_DAYS = 7
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday; days outside the span are below 0 or beyond its last."""

    monday: int

    @property
    def days(self) -> range:
        return range(self.monday, self.monday + _DAYS)

    @property
    def weekend(self) -> range:
        return range(self.monday + _SATURDAY, self.monday + _DAYS)

    def is_within(self, days: range) -> bool:
        return len(days) > 0 and days[0] <= self.days[0] and self.days[-1] <= days[-1]


def weeks(problem: Problem) -> Iterator[Week]:
    """The weeks of which the span shows a day at least."""
    monday = -problem.days[0].weekday if problem.days else 0
    while monday < len(problem.days):
        yield Week(monday)
        monday += _DAYS


def midnight(problem: Problem, day: int) -> int:
    """The moment at which a day begins. Before the span, as beyond it, days are of 24 hours."""
    return problem.at(day, 0) if day >= 0 else day * MINUTES
