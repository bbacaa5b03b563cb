"""Formulas held against weeks that were: who came, who was there, and what became of it. Pure.

A formula is told the calls of each interval, how long they took and how many positions were filled,
and says what should have happened; that is added up by calls and held against what did. Weeks that
were played through call by call are held against them in the same way. Days are taken for
independent, intervals of a day are not: so it is days that tell how sure an error is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from scheduling.erlang import Callers

Array = NDArray[np.float64]
Model = Literal["Erlang C", "Erlang A", "Simulation"]
MODELS: tuple[Model, ...] = ("Erlang C", "Erlang A")
SIMULATION: Model = "Simulation"
FEWEST_DAYS = 5
"""Of fewer days nothing is said."""
# Of so many of the days that are known a simulation must tell for models to be held on its days.
_MOSTLY = 0.8


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
    waited: Array
    """Of so many of the answered it is known how long they waited."""

    def known(self) -> NDArray[np.bool_]:
        """Intervals of which a formula can say something: calls came and were handled, and it is
        known who was there."""
        return (
            (self.calls > 0)
            & (self.aht_seconds > 0)
            & ~np.isnan(self.aht_seconds)
            & ~np.isnan(self.positions)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a model says became of the calls of each interval, as numbers of calls, days x
    intervals; nan where it says nothing. `above` make the service level, `below` it is made of."""

    above: Array
    below: Array
    served: Array
    """Those whose waits are told."""
    waited_seconds: Array
    """Of the answered."""
    abandoned: Array
    calls: Array

    @classmethod
    def of_counts(
        cls,
        variant: str,
        answered: Array,
        within: Array,
        abandoned: Array,
        early: Array,
        waited_seconds: Array,
    ) -> Self:
        """By calls as they were counted; `within` and `early` are the answered and the abandoned
        within the target."""
        above, below = _level_of(variant, answered, within, abandoned, early)
        return cls(above, below, answered, waited_seconds, abandoned, answered + abandoned)

    def where(self, there: NDArray[np.bool_]) -> Self:
        """With nothing elsewhere."""
        return type(self)(*(np.where(there, getattr(self, one), 0.0) for one in self.__slots__))


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


@dataclass(frozen=True, slots=True, eq=False)
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
    was_by_day: Array
    """The service level of each day, nan where there was none."""
    said_by_day: Array


def proofs(
    was: Was,
    interval_seconds: float,
    target_seconds: float,
    variant: str,
    patience: float | None,
    played: Said | None = None,
) -> list[Proof]:
    """How each model would have done, the nearest first: without a patience, Erlang C and no
    Erlang A; the simulation where its days were `played`. None of fewer days than tell anything.

    All of them are held against the same intervals, so that they can be held against each other:
    a simulation that tells of too few is left out.
    """
    there = was.known()
    days = _days(there)
    if played is not None:
        both = there & ~np.isnan(played.below)
        if _days(both) >= max(_MOSTLY * days, FEWEST_DAYS):
            there, days = both, _days(both)
        else:
            played = None
    if days < FEWEST_DAYS:
        return []
    chosen: Sequence[Model] = MODELS if patience else MODELS[:1]
    said: dict[Model, Said] = {
        one: _said(one, was, there, interval_seconds, target_seconds, variant, patience or 0.0)
        for one in chosen
    }
    if played is not None:
        said[SIMULATION] = played.where(there)
    counted = Said.of_counts(
        variant,
        was.answered,
        was.answered_within,
        was.abandoned,
        was.abandoned_within,
        was.waited_seconds,
    )
    came = replace(counted, served=was.waited).where(there)
    found = [_held(model, one, came, there) for model, one in said.items()]
    return sorted(found, key=lambda one: one.missed_by)


def _days(there: NDArray[np.bool_]) -> int:
    return int(there.any(axis=1).sum())


def _said(
    model: Model,
    was: Was,
    there: NDArray[np.bool_],
    interval_seconds: float,
    target_seconds: float,
    variant: str,
    patience: float,
) -> Said:
    load = np.where(there, was.calls * was.aht_seconds / interval_seconds, 0.0)
    aht, positions = np.where(there, was.aht_seconds, 1.0), np.where(there, was.positions, 1.0)
    callers = Callers(target_seconds, None if model == "Erlang C" else patience)
    told = callers.expected(load, positions, aht)
    calls = np.where(there, was.calls, 0.0)
    left = np.asarray(told.p_abandon)
    within, gone = np.asarray(told.sl3), np.asarray(told.sl1) - np.asarray(told.sl3)
    above, below = _level_of(variant, 1 - left, within, left, gone)
    # Where more comes than can be done Erlang C has no mean: an interval stands for no end.
    waits = np.minimum(np.nan_to_num(np.asarray(told.w1), nan=0.0, posinf=np.inf), interval_seconds)
    served = calls * (1 - left)
    return Said(calls * above, calls * below, served, served * waits, calls * left, calls)


def _level_of(
    variant: str, answered: Array, within: Array, left: Array, early: Array
) -> tuple[Array, Array]:
    """Numbers or shares of calls that make a service level, and of those that it is made of."""
    above = within + early if variant == "SL1" else within
    below = {
        "SL1": answered + left,
        "SL2": answered,
        "SL3": answered + left,
        "SL4": answered + left - early,
    }[variant]
    return above, below


def _held(model: Model, said: Said, came: Said, there: NDArray[np.bool_]) -> Proof:
    def by_day(*names: str) -> list[Array]:
        return [getattr(one, name).sum(axis=1) for one in (said, came) for name in names]

    level = by_day("above", "below")
    return Proof(
        model,
        _days(there),
        int(there.sum()),
        level=_compared(*level),
        asa=_compared(*by_day("waited_seconds", "served")),
        abandonment=_compared(*by_day("abandoned", "calls")),
        missed_by=_missed_by(*level),
        said_by_day=_share(*level[:2]),
        was_by_day=_share(*level[2:]),
    )


def _share(above: Array, below: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, above / below, np.nan)


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
    margin = float(stdtrit(days - 1, 0.975)) * deviation
    return Compared(float(was), float(said), float(error - margin), float(error + margin))


def _missed_by(above: Array, below: Array, came_above: Array, came_below: Array) -> float:
    """The mean of days' errors either way, each day by its calls."""
    told = (below > 0) & (came_below > 0)
    if not told.any():
        return float("inf")
    each = np.abs(above[told] / below[told] - came_above[told] / came_below[told])
    return float(np.average(each, weights=came_below[told]))
