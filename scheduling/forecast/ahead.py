"""A forecast of days to come: calls of each interval, and of days and weeks, with their bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scheduling.forecast import backtest, bands
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.bands import LEVELS, Bands
from scheduling.forecast.choosing import Chosen, chosen
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import Method

_WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Banded:
    """What is expected, and by level what it lies between so often: of one shape."""

    expected: Array
    low: dict[float, Array]
    high: dict[float, Array]
    own: dict[float, bool]
    """Whether there were errors enough of its own for each level; else as `bands.tails` says."""
    days: dict[float, int]
    """Of how many days there were any, as `bands.Bands` says."""


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Of days to come, in order, those of `open` 0 closed."""

    days: tuple[Day, ...]
    open: Array
    intervals: Banded
    """Days x intervals."""
    totals: Banded
    """Days."""
    weeks: Banded
    """Of each seven days from the first on; a rest of fewer is none."""
    made: Chosen


def forecast(
    history: History,
    days: Sequence[Day],
    is_open: Array,
    made: Chosen | None = None,
    similar: Sequence[Backtest] = (),
) -> Ahead:
    """Of the days that follow a history; `is_open` as in a history, days x intervals.

    `made` is how it is made, by default as the history's own weeks choose; `similar` are other
    queues' forecasts, whose errors are borrowed where its own are too few. Raises ValueError of
    days that do not follow, or of which it is not told when they are open.
    """
    if is_open.shape != (len(days), history.intervals):
        raise ValueError("it is told of each day when it is open")
    if len(history) and days and days[0].date <= history.days[-1].date:
        raise ValueError("the days to come follow those that were")
    made = made or chosen(history)
    return _told(days, is_open, made.method.forecast(history, days) * is_open, made, similar)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is expected of one of several queues, and what would have been before."""

    open: Array
    expected: Array
    asked: Backtest


def together(days: Sequence[Day], every: Sequence[Part]) -> Ahead:
    """Of several queues as one, of the same days: what is expected adds up, and bands lie as far
    around it as the sums of what was said were off before. Raises ValueError as
    `backtest.together`."""
    asked = backtest.together([one.asked for one in every])
    return _told(
        days,
        np.max([one.open for one in every], axis=0),
        np.sum([one.expected for one in every], axis=0),
        Chosen(Method("together", 0, _unasked), asked, (), by_trial=False),
        (),
    )


def _unasked(_history: History, _days: Sequence[Day]) -> Array:
    raise NotImplementedError("a sum is told by its parts")


def _told(
    days: Sequence[Day],
    is_open: Array,
    expected: Array,
    made: Chosen,
    similar: Sequence[Backtest],
) -> Ahead:
    closed = is_open == 0
    closed_days = closed.all(axis=1, keepdims=True)
    weeks, by_week = _by_week(made.asked, expected)
    closed_weeks = closed_days[: len(by_week) * _WEEK].reshape(-1, _WEEK).all(axis=1, keepdims=True)
    by_day = expected.sum(axis=1, keepdims=True)
    return Ahead(
        tuple(days),
        is_open,
        intervals=_banded(made.asked, expected, closed, similar),
        totals=_flat(
            _banded(_by_day(made.asked), by_day, closed_days, [_by_day(one) for one in similar])
        ),
        weeks=_flat(
            _banded(weeks, by_week, closed_weeks, [_weeks_of(one) for one in similar], together=1)
        ),
        made=made,
    )


def _banded(
    asked: Backtest,
    expected: Array,
    closed: Array,
    similar: Sequence[Backtest],
    together: int = _WEEK,
) -> Banded:
    """The bands of what is expected now, of errors that were made before, as many days ahead or,
    further ahead than the method was asked about, as at the last; what is closed lies at 0."""
    row = _fitted(expected, asked.leads)
    now = Backtest(
        asked.history,
        np.append(asked.origins, len(asked.history)),
        np.concatenate([asked.expected, row[None]]),
    )
    told: Bands = bands.rolled(now, together=together, similar=similar)
    further = _further(asked, expected[asked.leads :], similar, together, told.asked)
    low, high = {}, {}
    for level in LEVELS:
        edges = (told.low[level][-1], told.high[level][-1])
        both = [
            np.concatenate([edge, beyond])[: len(expected)]
            for edge, beyond in zip(edges, further[level], strict=True)
        ]
        low[level], high[level] = (np.where(closed, 0.0, edge) for edge in both)
    return Banded(expected, low, high, told.own, told.days)


def _fitted(expected: Array, leads: int) -> Array:
    """As many days as a method was asked about; nan where there are fewer."""
    row = np.full((leads, expected.shape[1]), np.nan)
    some = min(leads, len(expected))
    row[:some] = expected[:some]
    return row


def _further(
    asked: Backtest,
    expected: Array,
    similar: Sequence[Backtest],
    together: int,
    levels: Mapping[float, float],
) -> dict[float, tuple[Array, Array]]:
    """The edges of what is further ahead than was asked about, by level: of the errors that were
    made as far ahead as any, by the scale of what is expected; nan where none was. Of each level
    as much is asked as of the last that the method was asked about."""
    last = slice(max(0, asked.leads - together), asked.leads)
    came, said = bands.told(asked, last)
    others = bands.borrowing(similar, last)
    return {
        level: bands.band(came, said, levels[level], others).edges(expected) for level in LEVELS
    }


def _flat(banded: Banded) -> Banded:
    """Of what has one interval, that one."""
    return Banded(
        banded.expected[:, 0],
        {level: edge[:, 0] for level, edge in banded.low.items()},
        {level: edge[:, 0] for level, edge in banded.high.items()},
        banded.own,
        banded.days,
    )


def _by_day(asked: Backtest) -> Backtest:
    """The same of whole days."""
    whole = History(
        asked.history.days,
        asked.history.calls.sum(axis=1, keepdims=True),
        (asked.history.open > 0).any(axis=1, keepdims=True).astype(float),
    )
    return Backtest(whole, asked.origins, asked.expected.sum(axis=2, keepdims=True))


def _weeks_of(asked: Backtest) -> Backtest:
    return _by_week(asked, np.zeros((0, 1)))[0]


def _by_week(asked: Backtest, expected: Array) -> tuple[Backtest, Array]:
    """The same of weeks, counted from a history's end back and from it on: origins lie weeks before
    the end, so that each week ahead of them is one of these."""
    history = asked.history
    left = len(history) % _WEEK
    calls = history.calls[left:].sum(axis=1).reshape(-1, _WEEK).sum(axis=1, keepdims=True)
    weeks = History(history.days[left::_WEEK], calls, np.ones_like(calls))
    ahead = asked.expected.sum(axis=2)
    many = ahead.shape[1] // _WEEK
    ahead = ahead[:, : many * _WEEK].reshape(len(ahead), many, _WEEK).sum(axis=2)
    whole = expected[: len(expected) // _WEEK * _WEEK].sum(axis=1).reshape(-1, _WEEK).sum(axis=1)
    return Backtest(weeks, (asked.origins - left) // _WEEK, ahead[:, :, None]), whole[:, None]


def shifted(told: Ahead, expected: Array) -> Ahead:
    """The same with other calls expected in its intervals, as of events: bands lie around them as
    they did, and nothing is below 0."""
    by = expected - told.intervals.expected
    by_day = by.sum(axis=1)
    whole = len(told.weeks.expected)
    by_week = by_day[: whole * _WEEK].reshape(whole, _WEEK).sum(axis=1)
    return replace(
        told,
        intervals=_moved(told.intervals, by),
        totals=_moved(told.totals, by_day),
        weeks=_moved(told.weeks, by_week),
    )


def _moved(banded: Banded, by: Array) -> Banded:
    return Banded(
        banded.expected + by,
        {level: np.maximum(edge + by, 0.0) for level, edge in banded.low.items()},
        {level: edge + by for level, edge in banded.high.items()},
        banded.own,
        banded.days,
    )
