"""A day of a queue that has begun, or not yet, or is over. Pure."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scheduling.forecast.history import Array
from scheduling.forecast.intraday import Trade, Unmoved, Update


class Face(StrEnum):
    CLOSED = "closed"
    BEFORE = "before"
    """No interval that is open is over yet."""
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """What was expected of a day's intervals before it began, and what came in those that are over.

    `open` is as in a history. Of the intervals the first `known` are over and counted, whole; what
    `came` in the others is not told.
    """

    expected: Array
    open: Array
    came: Array
    known: int
    update: Update

    @property
    def first(self) -> int:
        """The first interval that is open; of a closed day, how many there are."""
        there = np.flatnonzero(self.open > 0)
        return int(there[0]) if len(there) else len(self.open)

    @property
    def end(self) -> int:
        """The interval after the last that is open; 0 of a closed day."""
        there = np.flatnonzero(self.open > 0)
        return int(there[-1]) + 1 if len(there) else 0

    @property
    def face(self) -> Face:
        if not (self.open > 0).any():
            return Face.CLOSED
        if self.known <= self.first:
            return Face.BEFORE
        return Face.RUNNING if self.known < self.end else Face.OVER

    @property
    def came_so_far(self) -> float:
        return float(self.came[: self.known].sum())

    @property
    def expected_so_far(self) -> float:
        return float(self.expected[: self.known].sum())

    def morning(self) -> Array:
        """The calls of each interval that is left, as they were expected."""
        return self._rest(Unmoved())

    def updated(self) -> Array:
        """The same by what came so far, as far as that is believed."""
        return self._rest(self.update)

    def trade(self) -> Array:
        """The same by the full ratio of what came to what was expected."""
        return self._rest(Trade())

    def _rest(self, way: Update) -> Array:
        """Of what is closed 0, and of a day of which nothing was expected so far as it was."""
        way = way if self.expected_so_far > 0 else Unmoved()
        told = way.rest(self.expected, self.came, self.known)
        return np.where(self.open[self.known :] > 0, np.maximum(told, 0.0), 0.0)
