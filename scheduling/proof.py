"""Formulas held against weeks that were: who came, who was there, and what became of it. Pure.

A formula is told the calls of each interval, how long they took and how many positions were filled,
and says what should have happened; that is added up by calls and held against what did. Days are
taken for independent, intervals of a day are not: so it is days that tell how sure an error is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scheduling.erlang import Expected, erlang_a, erlang_c

Array = NDArray[np.float64]
Model = Literal["Erlang C", "Erlang A"]
MODELS: tuple[Model, ...] = ("Erlang C", "Erlang A")
FEWEST_DAYS = 5
"""Of fewer days nothing is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Was:
    """What was, days x intervals: `calls` that came, mean handle time, positions that were filled,
    and what became of the calls. `waited_seconds` are those of the answered."""

    calls: Array
    aht_seconds: Array
    positions: Array
    answered: Array
    answered_within: Array
    abandoned: Array
    abandoned_within: Array
    waited_seconds: Array

    def known(self) -> NDArray[np.bool_]:
        """Intervals of which a formula can say something: calls came and were handled, and it is
        known who was there."""
        return (
            (self.calls > 0)
            & (self.aht_seconds > 0)
            & ~np.isnan(self.aht_seconds)
            & ~np.isnan(self.positions)
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure as it was and as a formula says, over all days; between `low` and `high` its error
    lies with 95 %."""

    actual: float
    predicted: float
    low: float
    high: float

    @property
    def error(self) -> float:
        return self.predicted - self.actual

    @property
    def is_off(self) -> bool:
        """Whether it is wrong by more than luck."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Proof:
    """How a formula did on some days. Figures are None where nothing tells them."""

    model: Model
    days: int
    intervals: int
    level: Compared | None
    """The service level of the variant that was asked for."""
    asa: Compared | None
    """W1, seconds."""
    abandonment: Compared | None
    missed_by: float
    """How far the service level of a day was off, either way, by calls."""


def proofs(
    was: Was, interval_seconds: float, target_seconds: float, variant: str, patience: float | None
) -> list[Proof]:
    """How each formula would have done, the nearest first: without a patience, Erlang C alone. None
    of fewer days than tell anything."""
    there = was.known()
    if there.any(axis=1).sum() < FEWEST_DAYS:
        return []
    chosen: Sequence[Model] = MODELS if patience else MODELS[:1]
    found = [
        _proof(one, was, there, interval_seconds, target_seconds, variant, patience or 0.0)
        for one in chosen
    ]
    return sorted(found, key=lambda one: one.missed_by)


def _proof(
    model: Model,
    was: Was,
    there: NDArray[np.bool_],
    interval_seconds: float,
    target_seconds: float,
    variant: str,
    patience: float,
) -> Proof:
    load = np.where(there, was.calls * was.aht_seconds / interval_seconds, 0.0)
    aht, positions = np.where(there, was.aht_seconds, 1.0), np.where(there, was.positions, 1.0)
    if model == "Erlang C":
        told = erlang_c(load, positions, aht, target_seconds)
    else:
        told = erlang_a(load, positions, aht, patience, target_seconds)
    calls = np.where(there, was.calls, 0.0)
    above, below = _level_said(told, calls, variant)
    came_above, came_below = _level_was(was, there, variant)
    served = calls * (1 - np.asarray(told.p_abandon))
    # Where more comes than can be done Erlang C has no mean: an hour stands for no end.
    waits = np.minimum(np.nan_to_num(np.asarray(told.w1), nan=0.0, posinf=np.inf), interval_seconds)
    by_day = [one.sum(axis=1) for one in (above, below, came_above, came_below)]
    return Proof(
        model,
        int(there.any(axis=1).sum()),
        int(there.sum()),
        level=_compared(*by_day),
        asa=_compared(
            (served * waits).sum(axis=1),
            served.sum(axis=1),
            np.where(there, was.waited_seconds, 0).sum(axis=1),
            np.where(there, was.answered, 0).sum(axis=1),
        ),
        abandonment=_compared(
            (calls * np.asarray(told.p_abandon)).sum(axis=1),
            calls.sum(axis=1),
            np.where(there, was.abandoned, 0).sum(axis=1),
            np.where(there, was.answered + was.abandoned, 0).sum(axis=1),
        ),
        missed_by=_missed_by(*by_day),
    )


def _level_said(told: Expected, calls: Array, variant: str) -> tuple[Array, Array]:
    """What a formula says of calls, as numbers of them: those that make the service level, and
    those that it is made of."""
    within, gone = np.asarray(told.sl3), np.asarray(told.sl1) - np.asarray(told.sl3)
    above = np.asarray(told.sl1) if variant == "SL1" else within
    below = {
        "SL1": np.ones_like(within),
        "SL2": 1 - np.asarray(told.p_abandon),
        "SL3": np.ones_like(within),
        "SL4": 1 - gone,
    }[variant]
    return calls * above, calls * below


def _level_was(was: Was, there: NDArray[np.bool_], variant: str) -> tuple[Array, Array]:
    early = was.abandoned_within
    above = was.answered_within + early if variant == "SL1" else was.answered_within
    below = {
        "SL1": was.answered + was.abandoned,
        "SL2": was.answered,
        "SL3": was.answered + was.abandoned,
        "SL4": was.answered + was.abandoned - early,
    }[variant]
    return np.where(there, above, 0.0), np.where(there, below, 0.0)


def _compared(above: Array, below: Array, came_above: Array, came_below: Array) -> Compared | None:
    """Ratios of sums, and how sure their difference is by the spread of its days (Cochran 1977, of
    ratios of clusters)."""
    if not below.sum() or not came_below.sum():
        return None
    said, was = above.sum() / below.sum(), came_above.sum() / came_below.sum()
    apart = (above - said * below) / below.sum() - (
        came_above - was * came_below
    ) / came_below.sum()
    days = int(((below > 0) | (came_below > 0)).sum())
    if days < 2:
        return Compared(float(was), float(said), -np.inf, np.inf)
    error = said - was
    deviation = sqrt(days / (days - 1) * float((apart**2).sum()))
    margin = float(stats.t.ppf(0.975, days - 1)) * deviation
    return Compared(float(was), float(said), float(error - margin), float(error + margin))


def _missed_by(above: Array, below: Array, came_above: Array, came_below: Array) -> float:
    """The mean of days' errors either way, each day by its calls."""
    told = (below > 0) & (came_below > 0)
    if not told.any():
        return float("inf")
    each = np.abs(above[told] / below[told] - came_above[told] / came_below[told])
    return float(np.average(each, weights=came_below[told]))
