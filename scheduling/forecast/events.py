"""What people know will come: campaigns, launches, mailings, outages.

An event adds calls that fade from day to day, or multiplies what comes. What events of its kind did
before is learned, and believed as far as it was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from scheduling.forecast.days import Day
from scheduling.forecast.history import Array

# An event of which nothing was seen changes nothing; so many days' calls hold it there.
_HELD_DAYS = 2.0
# Calls of an event that has faded to less than this share of its first day's are none.
_FADED = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Either `calls` are added on each of the days `first` to `last`, and of them each day after
    that `keeps` a share of the day before; or what comes on these days is `factor` times as much.
    """

    kind: str
    first: date
    last: date
    calls: float | None = None
    keeps: float = 0.0
    factor: float | None = None

    def __post_init__(self) -> None:
        if (self.calls is None) == (self.factor is None):
            raise ValueError("an event adds calls or multiplies them")
        if self.last < self.first:
            raise ValueError("an event ends after it begins")
        if not 0 <= self.keeps < 1:
            raise ValueError("calls fade: a day keeps less than all of the day before")
        if self.factor is not None and self.factor < 0:
            raise ValueError("no event takes more calls away than come")

    def added(self, day: date) -> float:
        """Calls that it adds on a day."""
        if self.calls is None or day < self.first:
            return 0.0
        beyond = max(0, (day - self.last).days)
        left = self.keeps**beyond if beyond else 1.0
        return self.calls * left if left >= _FADED else 0.0

    def times(self, day: date) -> float:
        return self.factor if self.factor is not None and self.first <= day <= self.last else 1.0

    def lasts_until(self, day: date) -> bool:
        """Whether it changes that day, or days after it."""
        return self.last >= day or self.touches(day)

    def touches(self, day: date) -> bool:
        """Whether it changes what comes on a day."""
        return self.first <= day <= self.last or self.added(day) != 0


def applied(expected: Array, is_open: Array, days: Sequence[Day], events: Sequence[Event]) -> Array:
    """What is expected with events, days x intervals: added calls lie in a day as its own do, where
    it has none evenly over what is open, and nowhere where nothing is."""
    told = expected.copy()
    for row, day in enumerate(days):
        for event in events:
            told[row] *= event.times(day.date)
        added = sum(event.added(day.date) for event in events)
        shares = expected[row] if expected[row].any() else is_open[row]
        if shares.any():
            told[row] += added * shares / shares.sum()
    return told


def learned_factor(actual: Array, expected: Array) -> float:
    """How many times as much came on days of past events of a kind as was expected without them,
    by days' calls: held at 1 by two days' worth."""
    told = ~np.isnan(actual) & ~np.isnan(expected)
    if not told.any() or not expected[told].sum():
        return 1.0
    held = _HELD_DAYS * float(expected[told].mean())
    return float((actual[told].sum() + held) / (expected[told].sum() + held))


def days_of(events: Sequence[Event], last: date) -> set[date]:
    """Days up to `last` that any of them changes."""
    found = set[date]()
    for event in events:
        day = event.first
        while day <= last and event.touches(day):
            found.add(day)
            day += timedelta(days=1)
    return found
