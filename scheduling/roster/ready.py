"""Has the search's machine code made before the time of a search begins: once after an installation
it takes some seconds, and later no time."""

from datetime import date
from functools import cache

import numpy as np

from scheduling.roster.solve import solve
from scheduling.shifts import Demand, Limits, Pause, Person, Problem, Shape
from scheduling.shifts.days import days_of

_DAYS = 7
_SECONDS = 1.0


@cache
def ready() -> None:
    """Make a roster of a few people, as small as one can be that asks for all that is compiled."""
    lunch = Pause("Lunch", 30, 180, 300)
    shapes = tuple(
        Shape(f"{start}", start, ((0, 480),), template="day", pauses=(lunch,))
        for start in (480, 540)
    )
    required = np.ones((1, _DAYS * 96))
    people = tuple(
        Person(str(n), Limits(most_week_days=5, rest_minutes=660), skills={"": 1.0})
        for n in range(4)
    )
    solve(
        Problem(days_of(date(2026, 1, 5), _DAYS), shapes, people, demand=Demand(15, required)),
        _SECONDS,
    )
