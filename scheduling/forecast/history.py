"""What was counted of a queue, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.days import Day

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Days in order, each with its intervals by the clock on the wall.

    `calls` and `open` are days x intervals. `open` says how many times an interval was there and
    known: 1; 0 where the queue was closed, the hour was skipped or is yet to come; 2 where a clock
    set back told it twice; a part where the queue opened or closed within it. `calls` are those of
    all these times, 0 where there are none.
    """

    days: tuple[Day, ...]
    calls: Array
    open: Array

    def __post_init__(self) -> None:
        if self.calls.shape != self.open.shape or len(self.calls) != len(self.days):
            raise ValueError("calls and open intervals are told of the same days")
        if any(
            one.date >= other.date for one, other in zip(self.days, self.days[1:], strict=False)
        ):
            raise ValueError("days are told in order, each once")

    def __len__(self) -> int:
        return len(self.days)

    @property
    def intervals(self) -> int:
        """A day's intervals."""
        return self.calls.shape[1]

    def until(self, number: int) -> "History":
        """Its first days."""
        return History(self.days[:number], self.calls[:number], self.open[:number])

    def of(self, chosen: NDArray[np.bool_]) -> "History":
        """Some of its days."""
        days = tuple(day for day, is_chosen in zip(self.days, chosen, strict=True) if is_chosen)
        return History(days, self.calls[chosen], self.open[chosen])

    def rates(self) -> Array:
        """Calls of an interval as if it had been there once; 0 where it was not there."""
        return np.divide(self.calls, self.open, out=np.zeros_like(self.calls), where=self.open > 0)

    def weekdays(self) -> NDArray[np.int64]:
        return np.array([day.weekday for day in self.days], dtype=np.int64)

    def ages(self, day: Day) -> Array:
        """How many days each lies before one."""
        return np.array([(day.date - one.date).days for one in self.days], dtype=np.float64)


def from_counts(days: Sequence[Day], calls: Array) -> History:
    """A history of which every interval was there once."""
    return History(tuple(days), np.asarray(calls, float), np.ones_like(calls, dtype=float))
