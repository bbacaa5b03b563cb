"""Calls of each interval by boosted trees over the calendar: LightGBM, where it is installed.

The extra `boosted` brings it. It learns how weekday, interval, month and holidays go together, and
how a queue's level moved over the last weeks; a day of 168 days ago counts half.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History

LEAST_DAYS = 84
_HALF_LIFE = 168.0
# What is learned of a day is what was known of it so many days before: as far as levels reach.
_KNOWN_BEFORE = 7
_ROUNDS = 120
_SETTINGS: dict[str, Any] = {
    "objective": "poisson",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.9,
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
}


def is_there() -> bool:
    """Whether LightGBM is installed."""
    return find_spec("lightgbm") is not None


def forecast(history: History, ahead: Sequence[Day]) -> Array:
    """Days x intervals, never negative. Raises ImportError without LightGBM."""
    import lightgbm

    rates, intervals = history.rates(), history.intervals
    places = np.arange(len(history))
    facts = _facts(history.days, intervals, _levels(history, places, _KNOWN_BEFORE))
    there = (history.open > 0).ravel()
    age = np.repeat(history.ages(history.days[-1]), intervals)
    learned = lightgbm.train(
        _SETTINGS,
        lightgbm.Dataset(
            facts[there],
            rates.ravel()[there],
            weight=(0.5 ** (age / _HALF_LIFE))[there],
            categorical_feature=[0, 1],
            params={"verbosity": -1},
        ),
        _ROUNDS,
    )
    level = _levels(history, np.full(len(ahead), len(history)), 0, [day.weekday for day in ahead])
    told = learned.predict(_facts(ahead, intervals, level))
    found: Array = np.maximum(np.asarray(told, float), 0.0).reshape(len(ahead), intervals)
    return found


def _facts(days: Sequence[Day], intervals: int, levels: Array) -> Array:
    """A row of each interval of each day: weekday, interval, what the calendar says, levels."""
    of_day = np.array(
        [
            (
                day.weekday,
                day.date.day,
                day.date.timetuple().tm_yday,
                bool(day.holiday),
                day.before,
                day.after,
                day.bridge,
            )
            for day in days
        ],
        float,
    )
    each = np.repeat(of_day, intervals, axis=0)
    places = np.tile(np.arange(intervals, dtype=float), len(days))[:, None]
    return np.hstack([each[:, :1], places, each[:, 1:], np.repeat(levels, intervals, axis=0)])


def _levels(
    history: History,
    places: np.ndarray[Any, Any],
    before: int,
    weekdays: Sequence[int] | None = None,
) -> Array:
    """Of days by their places: mean calls of the four weeks that end so many days before, and of
    the last four of the same weekday; nan where none was."""
    totals = np.where((history.open > 0).any(axis=1), history.calls.sum(axis=1), np.nan)
    of_history = history.weekdays()
    found = np.full((len(places), 2), np.nan)
    for row, place in enumerate(places):
        end = max(0, int(place) - before)
        weekday = of_history[place] if weekdays is None else weekdays[row]
        recent = totals[max(0, end - 28) : end]
        same = totals[:end][of_history[:end] == weekday][-4:]
        for column, some in enumerate((recent, same)):
            if not np.isnan(some).all():
                found[row, column] = np.nanmean(some)
    return found
