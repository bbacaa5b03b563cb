"""How each way to tell the rest of a day would have done on past days. Pure.

Each day is told by a way that was chosen and learned of other days than its neighbours, from a
forecast that was made without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from scheduling.forecast import intraday
from scheduling.forecast.history import Array
from scheduling.forecast.intraday import Trade, Unmoved, Update

HOURS = (1, 2, 4, 6)
"""After so many hours of a day it is asked."""
_HOUR_MINUTES = 60
# Of fewer days nothing is learned, and nothing is said of how it would have done.
_FEWEST_DAYS = 10
WORTH = 0.99
"""A way is nearer than another where it is by more than a hundredth."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Of the rests of so many days: what `came`, and by how much each way was off, summed over days
    and intervals, either way; and the same of each rest as a whole."""

    hours: int
    days: int
    came: float
    morning: float
    updated: float
    trade: float
    whole_morning: float
    whole_updated: float
    whole_trade: float

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        return cls(**{one.name: row[one.name] for one in fields(cls)})

    @property
    def shares(self) -> list[tuple[str, float | None]]:
        """Each way, and by how much of the calls of the rest it was off."""
        return self._by_came("")

    @property
    def whole_shares(self) -> list[tuple[str, float | None]]:
        """The same of each rest as a whole."""
        return self._by_came("whole_")

    def _by_came(self, of: str) -> list[tuple[str, float | None]]:
        return [
            (way, getattr(self, of + way) / self.came if self.came else None)
            for way in ("morning", "updated", "trade")
        ]

    @property
    def nearest(self) -> str:
        """The way that was nearest; of two within a hundredth the plainer: the morning's before the
        update, and that before the full ratio."""
        best = "morning"
        for way in ("updated", "trade"):
            if getattr(self, way) < WORTH * getattr(self, best):
                best = way
        return best


def tried(expected: Array, actual: Array, is_open: Array, minutes: int) -> list[Trial]:
    """Of past days, days x intervals of `minutes`; hours after which no day had any rest are left
    out, and so are all of them where days are few."""
    if len(expected) < _FEWEST_DAYS:
        return []
    found: dict[int, list[Array]] = {}
    for left_out in intraday.folds(len(expected)):
        _way, update = intraday.learned(expected[~left_out], actual[~left_out])
        for day in np.flatnonzero(left_out):
            for hours in HOURS:
                known = known_after(is_open[day], hours, minutes)
                if known is not None:
                    row = _errors(update, expected[day], actual[day], known)
                    found.setdefault(hours, []).append(row)
    return [
        Trial(hours, len(rows), *(round(float(one), 1) for one in np.sum(rows, axis=0)))
        for hours, rows in sorted(found.items())
    ]


def known_after(is_open: Array, hours: int, minutes: int) -> int | None:
    """How many of a day's intervals are over so long after it opened; None where none is left."""
    there = np.flatnonzero(is_open > 0)
    if not len(there):
        return None
    known = int(there[0]) + hours * _HOUR_MINUTES // minutes
    return known if known <= there[-1] else None


def _errors(update: Update, expected: Array, actual: Array, known: int) -> Array:
    """What came of a day's rest, and by how much it was missed: as `Trial` has it."""
    came = actual[known:]
    off = [
        way.rest(expected, actual, known) - came
        for way in (Unmoved(), update if expected[:known].sum() > 0 else Unmoved(), Trade())
    ]
    return np.array(
        [came.sum(), *(np.abs(one).sum() for one in off), *(abs(one.sum()) for one in off)]
    )


def believed_from(trials: Sequence[Trial]) -> int | None:
    """The first hour from which on the update was never further off than the morning's forecast,
    and nearer at that; None: there is none."""
    found = None
    for one in reversed(trials):
        if one.updated > one.morning:
            break
        if one.updated < WORTH * one.morning:
            found = one.hours
    return found
