"""Every way to forecast, behind one call: a history and days ahead in, calls of each interval out.

A method tells the calls of an interval that is open once. What is closed ahead is left out by who
asks, and never laid onto other intervals.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from scheduling.forecast import boosted, profile, totals
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History

_WEEKS = 8
# Holidays that are taken for seen before any is: how firmly their default is believed.
_HOLIDAYS_HELD = 1.0
HOLIDAY_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Method:
    id: str
    least_days: int
    """Of fewer days it tells nothing."""
    forecast: Callable[[History, Sequence[Day]], Array]
    """Days x intervals, never negative."""


def weekly_naive(history: History, ahead: Sequence[Day]) -> Array:
    """The same weekday of the last known week that has it; of a weekday that was never known, the
    last day."""
    rates, weekdays = history.rates(), history.weekdays()
    known = np.flatnonzero((history.open > 0).any(axis=1))
    last = {int(weekdays[row]): row for row in known}
    return np.array([rates[last.get(day.weekday, -1)] for day in ahead])


def same_weekday(history: History, ahead: Sequence[Day], middle: Callable[..., Any]) -> Array:
    """The middle of the last eight of the same weekday that nothing was special of. A holiday has
    the share of it that holidays had."""
    rates, weekdays = _known_rates(history), history.weekdays()
    known = (history.open > 0).any(axis=1)
    plain = known & np.array([day.is_plain for day in history.days], dtype=bool)

    def usual(day: Day, before: int) -> Array | None:
        same = np.flatnonzero(plain[:before] & (weekdays[:before] == day.weekday))[-_WEEKS:]
        return _middle(rates[same], middle) if len(same) else None

    whole = _middle(rates, middle)
    share = _holiday_share(history, usual)
    told = []
    for day in ahead:
        found = usual(day, len(history))
        found = whole if found is None else found
        told.append(found * share if day.holiday else found)
    return np.array(told)


def _known_rates(history: History) -> Array:
    """Calls of an interval as if it had been there once; nan where it was not there."""
    return np.where(history.open > 0, history.rates(), np.nan)


def _middle(rates: Array, middle: Callable[..., Any]) -> Array:
    """The middle of each interval, over the days on which it was there; 0 where it was on none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of those that are nan on all days
        return np.nan_to_num(middle(rates, axis=0))


def _holiday_share(history: History, usual: Callable[[Day, int], Array | None]) -> float:
    """Calls of holidays by those of the same weekday, a default until some were seen."""
    came, usually = 0.0, 0.0
    for row, day in enumerate(history.days):
        if day.holiday and (found := usual(day, row)) is not None:
            came += history.calls[row].sum()
            usually += (found * history.open[row]).sum()
    mean = history.calls.sum(axis=1).mean() * _HOLIDAYS_HELD
    return float((came + HOLIDAY_SHARE * mean) / max(usually + mean, 1e-9))


def day_and_course(
    history: History,
    ahead: Sequence[Day],
    of_totals: totals.Settings = totals.USUAL,
    of_profile: profile.Settings = profile.USUAL,
) -> Array:
    """A day's calls by its calendar, laid out by the day's course."""
    seen = len(history)
    courses = profile.forecast(history, [*history.days, *ahead], of_profile)
    share = (courses[:seen] * history.open).sum(axis=1)
    known = share > profile.LEAST_OPEN
    days = [day for day, is_known in zip(history.days, known, strict=True) if is_known]
    came = history.calls.sum(axis=1)[known] / share[known]
    return totals.forecast(days, came, ahead, of_totals)[:, None] * courses[seen:]


def blended(methods: Sequence[Method]) -> Method:
    """The mean of some."""

    def forecast(history: History, ahead: Sequence[Day]) -> Array:
        return np.mean([one.forecast(history, ahead) for one in methods], axis=0)

    name = "+".join(one.id for one in methods)
    return Method(name, max(one.least_days for one in methods), forecast)


NAIVE = Method("naive", 1, weekly_naive)
MEAN = Method("mean", 14, partial(same_weekday, middle=np.nanmean))
MEDIAN = Method("median", 21, partial(same_weekday, middle=np.nanmedian))
USUAL = Method("usual", 21, day_and_course)


def _as_known(history: History, ahead: Sequence[Day]) -> Array:
    """The best that so few days can tell. The mean of as few as there are is no holiday's, and of
    a weekday that was never known it is that of all days: the last day may have been a Sunday."""
    best = USUAL if len(history) >= USUAL.least_days else MEAN
    return best.forecast(history, ahead)


# A week has each weekday once. What was said of weekdays that were never seen is no measure.
AUTO = Method("auto", 7, _as_known)
BOOSTED = Method("boosted", boosted.LEAST_DAYS, boosted.forecast)
BUILT_IN = (NAIVE, MEAN, MEDIAN, USUAL)
TRIED = (*BUILT_IN, *([BOOSTED] if boosted.is_there() else []))
"""Those that are asked of every queue: LightGBM's where it is installed."""
METHODS = {one.id: one for one in TRIED}
