"""How the rest of days would have been told, had each been asked about as it went."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from scheduling.forecast import intraday
from scheduling.forecast.history import Array

# A day is told by what so many before it teach.
_MOST_LEARNED = 91


@dataclass(frozen=True, slots=True)
class Rest:
    """Calls by which the rest of some days was told wrong, by those without any update: shares;
    None of days of which without one nothing was wrong."""

    ratio: float | None
    """With the update that was nearest on the days before."""
    trade_ratio: float | None
    """With the trade's full ratio of what came to what was expected."""


@dataclass(frozen=True, slots=True)
class Told:
    by_interval: Rest
    """Interval for interval."""
    together: Rest
    """Of all that is left of a day, in one number."""
    days: int


def told(expected: Array, actual: Array, first: int, known: Iterable[int]) -> dict[int, Told]:
    """For each of some numbers of intervals that are over: of days x intervals, from day `first`
    on, each learned of those before it alone; what is expected of them was told the day before."""
    missed: dict[int, list[list[Array]]] = {many: [] for many in known}
    for day in range(first, len(expected)):
        past = slice(max(0, day - _MOST_LEARNED), day)
        _name, update = intraday.learned(expected[past], actual[past])
        ways: list[intraday.Update] = [intraday.Unmoved(), update, intraday.Trade()]
        for many, by_day in missed.items():
            came = actual[day, many:]
            by_day.append([way.rest(expected[day], actual[day], many) - came for way in ways])
    return {many: _told(np.array(by_day)) for many, by_day in missed.items()}


def _told(off: Array) -> Told:
    """Of days x ways x intervals."""
    return Told(
        _rest(np.abs(off).sum(axis=(0, 2))), _rest(np.abs(off.sum(axis=2)).sum(axis=0)), len(off)
    )


def _rest(missed: Array) -> Rest:
    """By what was missed without an update, with ours, and with the trade's."""
    none, ours, trade = (float(one) for one in missed)
    return Rest(ours / none, trade / none) if none else Rest(None, None)
