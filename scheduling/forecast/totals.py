"""A day's calls: ridge regression on what its calendar knows, and a level that comes back to it.

On logarithms, for what is special of a day multiplies its calls. What is rarely seen is held back
by the ridge: a holiday is at first a day like the quietest of the week, and moves away from that
as holidays are seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.days import Day
from scheduling.forecast.history import Array

_WEEK, _YEAR_DAYS = 7, 365.2425
# The place of a holiday among the facts.
_HOLIDAY = _WEEK
# From so many days on there is a year's course to be seen.
_YEARLY_FROM = 400
_MONTH_WAVES, _YEAR_WAVES = 3, 3
# Beyond so many robust deviations a day counts for less.
_OUTLYING = 3.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is believed how fast. Days, and shares of 1."""

    half_life: float = 168.0
    """A day of so long ago counts half."""
    ridge: float = 2.0
    """What a fact of the calendar is held back by, in days that have it."""
    weekday_ridge: float = 0.3
    gain: float = 0.25
    """So much of a day's surprise is taken for a new level."""
    damping: float = 0.95
    """So much of that is still believed a day later."""


USUAL = Settings()


def facts(days: Sequence[Day], resting: int, yearly: bool) -> tuple[Array, NDArray[np.bool_]]:
    """What the calendar knows, days x facts, and which of the facts is a weekday. `resting` is the
    weekday that a holiday is like."""
    rows = []
    for day in days:
        weekday = resting if day.holiday else day.weekday
        row = [float(weekday == one) for one in range(_WEEK)]
        row += [float(told) for told in (bool(day.holiday), day.before, day.after, day.bridge)]
        row += _of_month(day)
        if yearly:
            row += _waves(day.date.timetuple().tm_yday / _YEAR_DAYS, _YEAR_WAVES)
        rows.append(row)
    found = np.array(rows)
    return found, np.arange(found.shape[1]) < _WEEK


def _of_month(day: Day) -> list[float]:
    """Wages and bills go by the month: its course, its first days, its middle, its last days."""
    number = day.date.day
    last = (day.date.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    is_first = number == 1 or (number <= 3 and day.weekday == 0)
    edges = [is_first, number in (2, 3), number in (15, 16, 17), number >= last.day - 1]
    waves = [] if day.holiday else _waves((number - 1) / last.day, _MONTH_WAVES)
    return (waves or [0.0] * 2 * _MONTH_WAVES) + [float(one and not day.holiday) for one in edges]


def _waves(share: float, most: int) -> list[float]:
    turns = 2 * np.pi * share * np.arange(1, most + 1)
    return [*np.cos(turns), *np.sin(turns)]


def forecast(
    days: Sequence[Day], totals: Array, ahead: Sequence[Day], settings: Settings = USUAL
) -> Array:
    """The calls of days ahead, by those of days in order. Of no days: zeros."""
    if not len(days) or not totals.any():
        return np.zeros(len(ahead))
    fit = _fitted(days, totals, ahead, settings)
    level = 0.0
    # What a holiday was like tells of holidays, and nothing of the days after it.
    for one in (fit.surprise * fit.trust)[~_holidays(days)]:
        level += settings.gain * (one - level)
    last = days[-1].date
    away = np.array([(day.date - last).days for day in ahead], float)
    # The mean of what was counted, and not of its logarithms.
    believed = fit.weight * fit.trust
    mended = np.sum(believed * totals) / np.sum(believed * np.exp(fit.expected))
    return mended * np.exp(fit.coming + level * settings.damping**away)


def surprises(days: Sequence[Day], totals: Array, settings: Settings = USUAL) -> Array:
    """By how many robust deviations each day was above what its calendar and the level around it
    say, on logarithms; negative: below. Of no days, and of none with calls: zeros."""
    if not len(days) or not totals.any():
        return np.zeros(len(days))
    fit = _fitted(days, totals, (), settings)
    around = np.array([np.median(_beside(fit.surprise, place)) for place in range(len(days))])
    apart = fit.surprise - around
    # What single calls do by chance is no surprise, however regular the rest.
    chance = 1 / np.sqrt(np.maximum(np.exp(fit.expected), 1.0))
    return apart / np.maximum(_deviation(apart), chance)


# So many days on either side tell which level a day is compared with.
_AROUND = 7


def _beside(values: Array, place: int) -> Array:
    return values[max(0, place - _AROUND) : place + _AROUND + 1]


def _deviation(values: Array) -> float:
    """The standard deviation of most of them, whatever a few are."""
    return float(1.4826 * np.median(np.abs(values))) or 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Of days that were, on logarithms: what is expected by their calendar and how far off it was,
    how much each counts by its age and how much it is believed; and of days to come."""

    expected: Array
    surprise: Array
    weight: Array
    trust: Array
    coming: Array


def _fitted(days: Sequence[Day], totals: Array, ahead: Sequence[Day], settings: Settings) -> _Fit:
    last = days[-1].date
    age = np.array([(last - day.date).days for day in days], float)
    weight = 0.5 ** (age / settings.half_life)
    told = np.log(totals + 0.5)
    yearly = bool(age[0] >= _YEARLY_FROM)
    every, is_weekday = facts([*days, *ahead], quietest(days, totals), yearly)
    seen, coming = every[: len(days)], every[len(days) :]
    ridge = np.diag(np.where(is_weekday, settings.weekday_ridge, settings.ridge))
    holiday = _holidays(days)
    plain = ~holiday if not holiday.all() else holiday

    def fitted(weights: Array) -> tuple[float, Array]:
        """Of the days that are no holidays; and then what holidays are beside them, so that one on
        which nobody called does not make the weekday quiet that it is like."""
        of_plain = weights * plain
        middle = float(np.average(told, weights=of_plain))
        weighted = seen * of_plain[:, None]
        slopes = np.linalg.solve(weighted.T @ seen + ridge, weighted.T @ (told - middle))
        of_holidays = weights * ~plain
        apart = of_holidays @ (told - middle - seen @ slopes)
        slopes[_HOLIDAY] += apart / (of_holidays.sum() + settings.ridge)
        return middle, slopes

    middle, slopes = fitted(weight)
    surprise = told - middle - seen @ slopes
    far = _OUTLYING * _deviation(surprise)
    trust = np.minimum(1.0, far / np.maximum(np.abs(surprise), 1e-12))
    # A holiday is meant to be unlike the others.
    trust = np.where(holiday, 1.0, trust)
    middle, slopes = fitted(weight * trust)
    expected = middle + seen @ slopes
    return _Fit(expected, told - expected, weight, trust, middle + coming @ slopes)


def _holidays(days: Sequence[Day]) -> NDArray[np.bool_]:
    return np.array([bool(day.holiday) for day in days])


def quietest(days: Sequence[Day], totals: Array) -> int:
    """The weekday with the fewest calls, holidays aside."""
    plain = np.array([not day.holiday for day in days])
    weekday = np.array([day.weekday for day in days])
    means = {
        one: totals[chosen].mean()
        for one in range(_WEEK)
        if (chosen := plain & (weekday == one)).any()
    }
    return min(means, key=lambda one: means[one]) if means else 6
