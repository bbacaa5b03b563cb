"""The calls of a usual week where its opening hours change. Pure.

What callers of hours that close do, and how many come in hours that nobody ever was open, no
history tells: both are said by whoever plans it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Hours = Mapping[str, Sequence[Sequence[str]]]
_WEEK, _QUARTER, _DAY = 7, 15, 24 * 60


@dataclass(frozen=True, slots=True)
class Opening:
    """Other hours, as a site keeps them; shares are 0 to 1, but `beside` may be more."""

    hours: Hours
    moved: float
    """Of the calls of hours that close, what comes in the others."""
    beside: float
    """What comes in an hour that is new, by the nearest hour of the day that was open."""


def shares(hours: Hours, minutes: int, begins: int) -> Array:
    """Which share of each interval of a week is open, weekdays x intervals, of days that begin so
    many hours after midnight."""
    quarters = np.arange(_DAY // _QUARTER) * _QUARTER + begins * 60
    found = np.zeros((_WEEK, len(quarters)))
    for weekday in range(_WEEK):
        # Past midnight the clock is the next weekday's.
        on = (weekday + quarters // _DAY) % _WEEK
        clock = quarters % _DAY
        for told, spells in hours.items():
            for begin, end in spells:
                within = (clock >= _minute(begin)) & (clock < _minute(end))
                found[weekday] += within & (on == int(told))
    by_interval: Array = found.reshape(_WEEK, -1, minutes // _QUARTER).mean(axis=2)
    return by_interval


def calls(week: Array, was_open: Array, minutes: int, begins: int, opening: Opening) -> Array:
    """Calls of the week with other hours, weekdays x intervals. What moves comes as the calls of
    the hours that stay; where none stay, evenly."""
    is_open = shares(opening.hours, minutes, begins)
    share = np.divide(
        np.minimum(is_open, was_open), was_open, out=np.zeros_like(week), where=was_open > 0
    )
    kept = week * share
    lost = float(week.sum() - kept.sum())
    if kept.sum() > 0:
        kept = kept * (1 + opening.moved * lost / kept.sum())
    elif is_open.any():
        # Of hours that are all others no old ones tell when in them callers come.
        kept = opening.moved * lost * is_open / is_open.sum()
    new = (is_open > 0) & (was_open == 0)
    if not new.any() or not (was_open > 0).any():
        return kept
    rates = np.divide(week, was_open, out=np.zeros_like(week), where=was_open > 0)
    beside = _nearest(rates, was_open > 0) * is_open * opening.beside
    found: Array = kept + np.where(new, beside, 0.0)
    return found


def _nearest(rates: Array, there: NDArray[np.bool_]) -> Array:
    """Of each interval the rate of the nearest of its day that was open; of a day without any, by
    the mean of the days that have some."""
    usual_there = there.any(axis=0)
    usual = rates.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    found = np.empty_like(rates)
    places = np.arange(rates.shape[1])
    for weekday in range(_WEEK):
        known, day = (
            (there[weekday], rates[weekday]) if there[weekday].any() else (usual_there, usual)
        )
        at = np.flatnonzero(known)
        found[weekday] = day[at[np.abs(places[:, None] - at).argmin(axis=1)]]
    return found


def _minute(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return hour * 60 + minute
