"""Which method a queue is forecast by: the one that would have been nearest on its own weeks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.forecast import backtest, scores
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.history import History
from scheduling.forecast.methods import AUTO, BUILT_IN, Method, blended

_WEEK = 7
ORIGINS = 13
"""Weeks before the end of a history at which each method is asked, one after the other."""
LEADS = 28
# Chance alone makes one of several the nearest: a blend must be nearer by more than this.
_WORTH = 0.01
# Weeks to be asked about, beyond what a method needs.
_FEWEST_ORIGINS = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """How a method would have done: calls by which it was wrong by all calls, over all its origins
    and days ahead, and by how many too many. None: it was asked of nothing."""

    method: str
    wape: float | None
    bias: float | None
    origins: int


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    method: Method
    asked: Backtest
    """What it would have said."""
    trials: tuple[Trial, ...]
    """Of every method that was asked, the nearest first."""
    by_trial: bool
    """Whether its errors chose it; else the history is too short for that."""


def chosen(history: History, methods: Sequence[Method] = BUILT_IN) -> Chosen:
    """The method for a history that ends now, by what each would have said in the weeks before.

    The same origins for all, so that none has the easier weeks; where another method beside the
    best makes it nearer by more than chance, the mean of both. Of a history too short to ask
    every one of them at three origins the best that so few days can tell.
    """
    shared = min((_origins(history, one) for one in methods), key=len)
    if len(shared) < _FEWEST_ORIGINS:
        return given(history, AUTO)
    asked_of = {one.id: backtest.run(one, history, shared, LEADS) for one in methods}
    trials = {one.id: _trial(one, asked_of[one.id]) for one in methods}
    by_error = sorted(methods, key=lambda one: _error(trials[one.id]))
    best = by_error[0]
    for other in by_error[1:]:
        both = blended([best, other])
        expected = (asked_of[best.id].expected + asked_of[other.id].expected) / 2
        asked_of[both.id] = Backtest(history, asked_of[best.id].origins, expected)
        trials[both.id] = _trial(both, asked_of[both.id])
        if _error(trials[both.id]) < (1 - _WORTH) * _error(trials[best.id]):
            best = both
            break
    ranked = sorted(trials.values(), key=_error)
    return Chosen(best, asked_of[best.id], tuple(ranked), by_trial=True)


def given(history: History, method: Method, *, tried: bool = True) -> Chosen:
    """A method that somebody chose, with what it would have said; of one that cannot be `tried` on
    weeks that are past nothing is known of its errors."""
    asked = backtest.run(method, history, _origins(history, method) if tried else (), LEADS)
    return Chosen(method, asked, (_trial(method, asked),), by_trial=False)


def _origins(history: History, method: Method) -> list[int]:
    """The last weeks' ends before the history's own, oldest first, of which the method tells."""
    ends = [len(history) - _WEEK * week for week in range(ORIGINS, 0, -1)]
    return [one for one in ends if one >= method.least_days]


def _trial(method: Method, asked: Backtest) -> Trial:
    actual = asked.actual()
    return Trial(
        method.id,
        scores.wape(actual, asked.expected),
        scores.bias(actual, asked.expected),
        len(asked.origins),
    )


def _error(trial: Trial) -> float:
    """Its error; of what was asked of nothing, the greatest."""
    return np.inf if trial.wape is None else trial.wape
