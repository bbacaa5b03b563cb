"""What a method would have said, had it been asked on days that are past."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import Method

_WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """Forecasts from some origins for as many days each."""

    history: History
    origins: NDArray[np.int64]
    """How many days were known at each, in order."""
    expected: Array
    """Origins x days ahead x intervals, of the times an interval was there; nan beyond the end."""

    @property
    def leads(self) -> int:
        return self.expected.shape[1]

    def actual(self) -> Array:
        """What came, as `expected`; nan where an interval was not there."""
        came = np.where(self.history.open > 0, self.history.calls, np.nan)
        padded = np.vstack([came, np.full((self.leads, came.shape[1]), np.nan)])
        return padded[self.origins[:, None] + np.arange(self.leads)]


def recent(asked: Backtest) -> Backtest:
    """The same with no more of its history than it was asked about, and a week before that."""
    first = int(asked.origins[0]) - _WEEK if len(asked.origins) else len(asked.history) - 1
    first = max(first, 0)
    history = asked.history
    return Backtest(
        History(history.days[first:], history.calls[first:], history.open[first:]),
        asked.origins - first,
        asked.expected,
    )


def together(every: Sequence[Backtest]) -> Backtest:
    """Of several queues as one: of the days that all of them know, and the origins at which all
    were asked. Raises ValueError of none, and of histories that do not end on one day."""
    if len({one.history.days[-1].date for one in every}) != 1:
        raise ValueError("histories that are taken together end on one day")
    many = min(len(one.history) for one in every)
    calls = sum(one.history.calls[-many:] for one in every)
    is_open = np.max([one.history.open[-many:] for one in every], axis=0)
    # Origins by how many days they lie before the end: the first of one are of no other.
    before = [{len(one.history) - int(origin) for origin in one.origins} for one in every]
    shared = sorted((one for one in set.intersection(*before) if one < many), reverse=True)
    expected = np.zeros((len(shared), every[0].leads, every[0].history.intervals))
    for one in every:
        row_of = {len(one.history) - int(origin): row for row, origin in enumerate(one.origins)}
        expected = expected + one.expected[[row_of[back] for back in shared]]
    return Backtest(
        History(every[0].history.days[-many:], np.asarray(calls, float), is_open),
        np.array([many - back for back in shared], dtype=np.int64),
        expected,
    )


def run(method: Method, history: History, origins: Sequence[int], leads: int) -> Backtest:
    """Ask the method at each origin. Those of which it tells nothing yet are left out."""
    asked = np.array([one for one in origins if one >= method.least_days], dtype=np.int64)
    told = np.full((len(asked), leads, history.intervals), np.nan)
    for row, origin in enumerate(asked):
        ahead = history.days[origin : origin + leads]
        if ahead:
            expected = method.forecast(history.until(origin), ahead)
            told[row, : len(ahead)] = expected * history.open[origin : origin + leads]
    return Backtest(history, asked, told)
