"""How a day's calls lie in the day.

Each weekday's own mean course is noisy; all of them are made of a common course and a few ways to
differ from it (a singular value decomposition of square roots, on which calls by chance are equally
rough everywhere). What is left out is taken for noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History
from scheduling.forecast.totals import quietest

_WEEK = 7
_HOLIDAY = _WEEK
# Of a day that was open for a smaller part of its usual calls it is not told how many it had.
LEAST_OPEN = 0.2


@dataclass(frozen=True, slots=True)
class Settings:
    half_life: float = 84.0
    """A day of so long ago counts half. Days."""
    shapes: int = 3
    """Ways in which weekdays differ."""
    held_back: float = 1.0
    """Days' worth of the common course in each weekday's own."""


USUAL = Settings()


def forecast(history: History, ahead: Sequence[Day], settings: Settings = USUAL) -> Array:
    """The share of each interval in the calls of days ahead, days x intervals: each row adds up to
    1. Of a history without calls all intervals are alike."""
    if not history.calls.any():
        return np.full((len(ahead), history.intervals), 1 / history.intervals)
    last = history.days[-1]
    weight = 0.5 ** (history.ages(last) / settings.half_life)
    kind = np.array([_HOLIDAY if day.holiday else day.weekday for day in history.days])
    totals = history.calls.sum(axis=1)
    common = _shares(history, totals, weight)
    # Of a day that was open in part its whole is meant.
    share = (common * history.open).sum(axis=1)
    totals = np.where(share > LEAST_OPEN, totals / np.maximum(share, LEAST_OPEN), 0.0)
    common = _shares(history, totals, weight)
    resting = quietest(history.days, totals)
    found, counted = {}, {}
    for one in range(_WEEK + 1):
        chosen = kind == one
        if totals[chosen].any():
            found[one] = _shares(history.of(chosen), totals[chosen], weight[chosen])
            counted[one] = weight[chosen].sum()
    shaped = _in_few_shapes(common, found, counted, settings)
    own = {one: _normal(course**2) for one, course in shaped.items()}
    resting_course = own.get(resting, common)
    holiday = own.get(_HOLIDAY, resting_course)
    return np.array(
        [holiday if day.holiday else own.get(day.weekday, common) for day in ahead]
    ).reshape(len(ahead), history.intervals)


def _in_few_shapes(
    common: Array, found: dict[int, Array], counted: dict[int, float], settings: Settings
) -> dict[int, Array]:
    """Square roots of each kind of day's course, made of the common one and a few shapes."""
    kinds = list(found)
    root = np.sqrt(common)
    apart = np.array([np.sqrt(found[one]) - root for one in kinds])
    heavy = np.sqrt([counted[one] for one in kinds])[:, None]
    _left, _size, shapes = np.linalg.svd(heavy * apart, full_matrices=False)
    few = shapes[: settings.shapes]
    return {
        one: np.maximum(
            root + (apart[row] @ few.T) @ few * counted[one] / (counted[one] + settings.held_back),
            0.0,
        )
        for row, one in enumerate(kinds)
    }


def _shares(history: History, totals: Array, weight: Array) -> Array:
    """The mean course of some days, by their calls: what came in an interval of all that came on
    the days on which it was open."""
    there = (history.open > 0) * (weight * totals)[:, None]
    came = (history.rates() * weight[:, None]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _normal(np.where(there.sum(axis=0) > 0, came / there.sum(axis=0), 0.0))


def _normal(course: Array) -> Array:
    whole = course.sum()
    return course / whole if whole > 0 else np.full_like(course, 1 / len(course))
