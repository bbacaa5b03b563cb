"""Queues with little or no history of their own: what similar queues do, at their own level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.forecast import profile
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import AUTO, HOLIDAY_SHARE, USUAL, Method

_WEEK = 7
_QUARTER, _DAY = 15, 24 * 60
# So many of its own days count as much for a queue's course as what similar queues tell.
_OWN_DAYS = 7.0


def pooled(similar: Sequence[History]) -> Method:
    """Of less than three weeks: a level of its own, the weekdays of similar queues, and their
    courses, which give way to its own. Without similar queues, the best that so few days tell."""
    able = [one for one in similar if len(one) >= USUAL.least_days and one.calls.any()]
    if not able:
        return AUTO

    def forecast(history: History, ahead: Sequence[Day]) -> Array:
        every = [*history.days, *ahead]
        courses = np.mean([profile.forecast(one, every) for one in able], axis=0)
        if history.calls.any():
            own = profile.forecast(history, every)
            weight = len(history) / (len(history) + _OWN_DAYS)
            courses = weight * own + (1 - weight) * courses
        shares = np.mean([_of_weekdays(one) for one in able], axis=0)
        size = np.array([shares[day.weekday] for day in every])
        seen = len(history)
        open_share = (courses[:seen] * history.open).sum(axis=1)
        whole = (size[:seen] * open_share).sum()
        level = history.calls.sum() / whole if whole > 0 else 0.0
        return level * size[seen:, None] * courses[seen:]

    return Method("pooled", 1, forecast)


def _of_weekdays(history: History) -> Array:
    """The mean calls of each weekday by those of all, of days that are known as if each had been
    open whole; of one that was never known 0."""
    share = (profile.forecast(history, history.days) * history.open).sum(axis=1)
    known = share > profile.LEAST_OPEN
    totals = history.calls.sum(axis=1)[known] / share[known]
    weekdays = history.weekdays()[known]
    means = np.array(
        [totals[weekdays == one].mean() if (weekdays == one).any() else 0.0 for one in range(_WEEK)]
    )
    return means / max(float(means.mean()), 1e-9)


def of_analogue(analogue: History, share: float) -> Method:
    """A new queue: so much of what another one is forecast to have."""

    def forecast(_history: History, ahead: Sequence[Day]) -> Array:
        return share * AUTO.forecast(analogue, ahead)

    return Method("analogue", 0, forecast)


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """A curve that somebody typed: calls of each weekday, and how they lie in the day. A holiday
    has the share of its weekday that it has until holidays are seen."""

    totals: Array
    """Seven, Monday first."""
    course: Array
    """Shares of a day's intervals, in any unit."""

    @property
    def method(self) -> Method:
        return Method("typed", 0, self._forecast)

    def _forecast(self, _history: History, ahead: Sequence[Day]) -> Array:
        whole = self.course.sum()
        course = (
            self.course / whole if whole > 0 else np.full(len(self.course), 1 / len(self.course))
        )
        calls = np.array(
            [self.totals[one.weekday] * (HOLIDAY_SHARE if one.holiday else 1.0) for one in ahead]
        )
        return calls[:, None] * course


def stretch(minutes: Iterable[int]) -> int:
    """How long each stretch of a course is that begins at these minutes of the clock: an hour where
    all are full hours, else half an hour or a quarter."""
    begin = list(minutes)
    return next((one for one in (60, 30) if not any(at % one for at in begin)), _QUARTER)


def course(rows: Sequence[tuple[int, float]], minutes: int, begins: int) -> Array:
    """A course by the clock, (minute, calls) of stretches, as intervals of so many minutes of a day
    that begins at an hour: evenly within each stretch, and nothing between them."""
    lasts = stretch(minute for minute, _calls in rows) // _QUARTER
    quarters = np.zeros(_DAY // _QUARTER)
    for minute, calls in rows:
        first = minute // _QUARTER
        quarters[first : first + lasts] += calls / lasts
    quarters = np.roll(quarters, -begins * 60 // _QUARTER)
    found: Array = quarters.reshape(_DAY // minutes, -1).sum(axis=1)
    return found
