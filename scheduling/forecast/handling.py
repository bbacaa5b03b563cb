"""How long contacts will take: a mean that follows the last weeks, by weekday and by interval."""

from collections.abc import Sequence

import numpy as np

from scheduling.forecast.days import Day
from scheduling.forecast.history import Array

_WEEK = 7
# A day of so long ago counts half: people learn, and products change.
_HALF_LIFE_DAYS = 42.0
# So many contacts hold what a weekday or an interval has of its own at the mean of all.
_HELD_CONTACTS = 200.0


def forecast(
    days: Sequence[Day],
    handled: Array,
    seconds: Array,
    ahead: Sequence[Day],
    told: float | None = None,
) -> Array:
    """Mean seconds of a contact, days ahead x intervals, by how many were `handled` in each
    interval of days that were and how long all of them took; nan where none was.

    What somebody `told` of them holds the mean as an interval is held: it is all that is known
    before the first contact.
    """
    intervals = handled.shape[1]
    if not handled.sum():
        return np.full((len(ahead), intervals), np.nan if told is None else told)
    age = np.array([(days[-1].date - day.date).days for day in days], float)
    weight = (0.5 ** (age / _HALF_LIFE_DAYS))[:, None]
    n, taken = handled * weight, seconds * weight
    mean = taken.sum() / n.sum()
    weekdays = np.array([day.weekday for day in days])
    of_weekday = np.array(
        [
            _factor(n[weekdays == one].sum(), taken[weekdays == one].sum(), mean)
            for one in range(_WEEK)
        ]
    )
    of_interval = _factor(n.sum(axis=0), taken.sum(axis=0), mean)
    if told is not None:
        mean = (taken.sum() + _HELD_CONTACTS * told) / (n.sum() + _HELD_CONTACTS)
    found: Array = mean * np.array([of_weekday[day.weekday] * of_interval for day in ahead])
    return found.reshape(len(ahead), intervals)


def naive(days: Sequence[Day], handled: Array, seconds: Array, ahead: Sequence[Day]) -> Array:
    """What a forecast is held against: mean seconds of a contact on the same weekday of the last
    week that had one, of each day ahead; nan where none had. Of the whole day, for what a single
    interval had is chance."""
    found = np.full(_WEEK, np.nan)
    for row, day in enumerate(days):
        if many := handled[row].sum():
            found[day.weekday] = seconds[row].sum() / many
    told: Array = found[[day.weekday for day in ahead]]
    return told


def _factor(n: Array, taken: Array, mean: float) -> Array:
    """How much longer than the mean some took, held at 1."""
    found: Array = (taken + _HELD_CONTACTS * mean) / (n + _HELD_CONTACTS) / mean
    return found
