"""Queues with little or no history of their own: what similar queues do, at their own level."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast import choosing, profile
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import AUTO, HOLIDAY_SHARE, USUAL, Method

_WEEK = 7
POOLED = "pooled"
# Kinds of days: the weekdays, and holidays.
_HOLIDAY, _KINDS = _WEEK, _WEEK + 1
_QUARTER, _DAY = 15, 24 * 60
# So many of its own days count as much for a queue's course as what similar queues tell.
_OWN_DAYS = 7.0
# So many of a weekday count as much for what it is beside the others as what these tell.
_DAYS_HELD = 2.0
# And so many queues as much for what any queue's is as what similar ones tell.
_QUEUES_HELD = 0.05
# Errors of so many queues are enough to borrow.
_MOST_ASKED = 8


def pooled(similar: Sequence[History]) -> Method:
    """Of less than three weeks: a level of its own, the weekdays, holidays and courses of similar
    queues, which give way to its own. Without similar queues, the best that so few days tell."""
    told = [_Kinds(one) for one in _able(similar)]
    return _Pool(told).method if told else AUTO


def asked_as_new(similar: Sequence[History], days: int) -> list[Backtest]:
    """What `pooled` would have said of similar queues in the weeks before, had of each no more been
    known than its last so many `days`. So far off are forecasts of a new queue, whose level is yet
    to be seen: what was said of queues that were long known was nearer."""
    able = _able(similar)
    told = [_Kinds(one) for one in able]
    found = []
    for place, one in enumerate(able[:_MOST_ASKED]):
        others = told[:place] + told[place + 1 :]
        method = _Pool(others or told).method
        found.append(choosing.given(one, _as_new(method, days)).asked)
    return found


def _as_new(method: Method, days: int) -> Method:
    """A method that is told no more than the last so many days."""

    def forecast(history: History, ahead: Sequence[Day]) -> Array:
        last = np.arange(len(history)) >= len(history) - days
        return method.forecast(history.of(last), ahead)

    return Method(method.id, days, forecast)


def _able(similar: Sequence[History]) -> list[History]:
    return [one for one in similar if len(one) >= USUAL.least_days and one.calls.any()]


def _kinds(days: Sequence[Day]) -> NDArray[np.int64]:
    """A day's weekday, or that it is a holiday."""
    return np.array([_HOLIDAY if day.holiday else day.weekday for day in days], dtype=np.int64)


class _Kinds:
    """What a queue tells of each kind of day: its course, and its calls by those of a mean weekday,
    as if each had been open whole; nan of a kind that was never known."""

    def __init__(self, history: History) -> None:
        some_monday = date(2001, 1, 1)
        every = [Day(some_monday + timedelta(days=number)) for number in range(_WEEK)]
        every.append(Day(some_monday, holiday="any"))
        self.courses = profile.forecast(history, every)
        kinds = _kinds(history.days)
        share = (self.courses[kinds] * history.open).sum(axis=1)
        known = share > profile.LEAST_OPEN
        totals = history.calls.sum(axis=1)[known] / share[known]
        seen = [totals[kinds[known] == one] for one in range(_KINDS)]
        means = np.array([one.mean() if len(one) else np.nan for one in seen])
        weekdays = means[:_WEEK][~np.isnan(means[:_WEEK])]
        level = float(weekdays.mean()) if len(weekdays) else 0.0
        self.sizes = means / level if level > 0 else np.full(_KINDS, np.nan)


class _Pool:
    """What some queues tell of kinds of days together."""

    def __init__(self, told: Sequence[_Kinds]) -> None:
        self.courses = np.mean([one.courses for one in told], axis=0)
        # Each by those queues that know it, held a little at what any may be: a queue may be called
        # on a day on which the others are not.
        sizes = np.array([one.sizes for one in told])
        known = ~np.isnan(sizes)
        usually = np.where(np.arange(_KINDS) == _HOLIDAY, HOLIDAY_SHARE, 1.0)
        came = np.where(known, sizes, 0.0).sum(axis=0) + _QUEUES_HELD * usually
        self.sizes = came / (known.sum(axis=0) + _QUEUES_HELD)

    @property
    def method(self) -> Method:
        return Method(POOLED, 1, self._forecast)

    def _forecast(self, history: History, ahead: Sequence[Day]) -> Array:
        kinds = _kinds([*history.days, *ahead])
        courses = self.courses[kinds]
        if history.calls.any():
            own = profile.forecast(history, [*history.days, *ahead])
            weight = len(history) / (len(history) + _OWN_DAYS)
            courses = weight * own + (1 - weight) * courses
        seen = len(history)
        open_share = (courses[:seen] * history.open).sum(axis=1)
        sizes = self._given_way(history, kinds[:seen], open_share)[kinds]
        whole = (sizes[:seen] * open_share).sum()
        level = history.calls.sum() / whole if whole > 0 else 0.0
        told: Array = level * sizes[seen:, None] * courses[seen:]
        return told

    def _given_way(self, history: History, kinds: NDArray[np.int64], open_share: Array) -> Array:
        """The size of each kind of day, as far as a queue's own days do not tell another."""
        expected = (self.sizes[kinds] * open_share).sum()
        if not history.calls.any() or expected <= 0:
            return self.sizes
        level = history.calls.sum() / expected
        days = np.bincount(kinds, open_share, _KINDS)
        came = np.bincount(kinds, history.calls.sum(axis=1) / level, _KINDS)
        found: Array = (came + _DAYS_HELD * self.sizes) / (days + _DAYS_HELD)
        return found


def of_analogue(
    analogue: History, share: float, is_open: Callable[[Sequence[Day]], Array]
) -> Method:
    """A new queue: so much of what another one is forecast to have, which has nothing while it
    is closed. `is_open` tells of days to come when that is, as a history does."""

    def forecast(_history: History, ahead: Sequence[Day]) -> Array:
        return share * AUTO.forecast(analogue, ahead) * (is_open(ahead) > 0)

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
