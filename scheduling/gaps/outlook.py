"""A day of people who take the same queues: what comes, how many that takes, and how many are
there. Pure."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.history import Array
from scheduling.staffing.requirement import Aim, Given, given_by

# A tenth of a position is a pause of three minutes in half an hour: less is no gap.
LEAST = 0.1
SHORT, OVER = "short", "over"


@dataclass(frozen=True, slots=True)
class Gap:
    """Intervals [first, last] of a day that are short, or over, one after the other. `by` is by how
    many positions on the average; levels and shares are means, weighed by calls. None: no calls
    come, or it is not known how long they take."""

    first: int
    last: int
    kind: str
    by: float
    level: float | None
    occupancy: float | None


@dataclass(frozen=True, eq=False)
class Outlook:
    """Each array has a value for each interval of the day.

    `calls` are those that came in the first `known` intervals, and those told of the others by now.
    `required` are positions, nan where it is not known how many; `scheduled` are people on queue by
    the plan, each as much as they fill. `open` is how often an interval is there.
    """

    calls: Array
    aht_seconds: Array
    open: Array
    required: Array
    scheduled: Array
    known: int
    interval_seconds: int
    aim: Aim

    def given(self, positions: Array) -> Given:
        """What so many positions give, interval by interval."""
        return given_by(
            positions, self.calls, self.aht_seconds, self.interval_seconds, self.aim, self.open
        )

    @cached_property
    def expected(self) -> Given:
        """What those give who are scheduled."""
        return self.given(self.scheduled)

    @cached_property
    def balance(self) -> Array:
        """Scheduled beyond what is required, by intervals that are left and open; nan of others."""
        left = np.arange(len(self.open)) >= self.known
        return np.where(left & (self.open > 0), self.scheduled - self.required, np.nan)

    def part(self, places: NDArray[np.int64]) -> "Outlook":
        """Some of its intervals alone, none of which is over."""
        names = ("calls", "aht_seconds", "open", "required", "scheduled")
        return replace(self, known=0, **{name: getattr(self, name)[places] for name in names})

    def gaps(self, first: int, last: int) -> list[Gap]:
        """Those from an interval to another, both included, in order."""
        kinds = [(place, self.kind(place)) for place in range(first, last + 1)]
        found = []
        for kind, some in groupby(kinds, key=lambda one: one[1]):
            places = [place for place, _kind in some]
            if kind is not None:
                found.append(self._gap(places[0], places[-1], kind))
        return found

    def kind(self, place: int) -> str | None:
        """Whether an interval is short or over; None: neither, or it is not known. One more than
        is required is not over: people are whole."""
        by = self.balance[place]
        if np.isnan(by):
            return None
        if by <= -LEAST:
            return SHORT
        return OVER if by >= 1 else None

    def _gap(self, first: int, last: int, kind: str) -> Gap:
        some = slice(first, last + 1)
        return Gap(
            first,
            last,
            kind,
            float(np.mean(self.balance[some])),
            self.weighed(self.expected.level, some),
            self.weighed(self.expected.occupancy, some),
        )

    def weighed(self, values: Array, some: slice) -> float | None:
        """The mean of some intervals by their calls; None where none of them tells."""
        values, calls = values[some], self.calls[some]
        told = ~np.isnan(values) & (calls > 0)
        if not told.any():
            return None
        return float(np.average(values[told], weights=calls[told]))
