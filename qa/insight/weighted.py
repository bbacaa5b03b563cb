"""Means of reviews over many agents, with what chance in drawing agents and calls does to them.

Each review stands for 1 / (its chance of being drawn) calls. An agent's calls are alike, so agents
are what an interval is made of: it says how far off the mean of as many agents like these may lie.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtr, stdtrit

from qa.sampling import FEWEST_REVIEWS, LEVEL, Interval

Floats = NDArray[np.float64]
Whose = Sequence[int] | NDArray[np.int64]
"""The agent of each review, by their id."""

FEWEST_AGENTS = 3
"""Of fewer agents a mean has no interval: of two it would be all that there is."""
FEWEST_A_SIDE = 10
"""Reviews on either side from which two means are compared."""


class Lack(StrEnum):
    """Why there is no mean, or none with an interval."""

    TOO_FEW = "too few"  # reviews
    FEW_AGENTS = "few agents"
    ALIKE = "alike"  # all agents: nothing tells how far others would be off


@dataclass(frozen=True, slots=True)
class Mean:
    """Of `n` reviews of `agents` agents. None: `lack` says why."""

    n: int
    agents: int
    value: float | None = None
    interval: Interval | None = None
    lack: Lack | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of `n` reviews have something, and of all calls that they stand for what share.
    Of fewer reviews than tell something nothing is told: it would be what a single call got."""

    n: int
    having: int | None
    value: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the mean of `n_with` reviews lies above that of `n_without`, and how often chance
    makes one as large. None: `lack` says why."""

    n_with: int
    n_without: int
    with_it: float | None = None
    without: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    lack: Lack | None = None


def mean(
    values: Sequence[float] | Floats,
    weights: Sequence[float] | Floats,
    agents: Whose,
    fewest: int = FEWEST_REVIEWS,
) -> Mean:
    """The Hajek mean, sum(w y) / sum(w), of shares from 0 to 1, and its 95 % interval.

    Its variance is the jackknife's that leaves out one agent after the other, (g - 1) / g times the
    sum of (mean without the agent - mean)^2 over g agents (Wolter 2007, "Introduction to Variance
    Estimation", 2nd ed., 4.2); t has one degree less than as many agents of equal weight as would
    be as sure, (sum of weights)^2 / sum of each agent's squared (Kish 1965).

    Raises ValueError where there are not as many of each.
    """
    y, w, of = _arrays(values, weights, agents)
    n, many = len(y), len(np.unique(of))
    if n < fewest:
        return Mean(n, many, lack=Lack.TOO_FEW)
    value = float((w * y).sum() / w.sum())
    if many < FEWEST_AGENTS:
        return Mean(n, many, value, lack=Lack.FEW_AGENTS)
    variance, degrees = _jackknife(y, w, of)
    if not variance:
        return Mean(n, many, value, lack=Lack.ALIKE)
    reach = _t(degrees) * math.sqrt(variance)
    return Mean(n, many, value, Interval(max(0.0, value - reach), min(1.0, value + reach)))


def rate(
    having: Sequence[bool] | NDArray[np.bool_],
    weights: Sequence[float] | Floats,
    agents: Whose,
    fewest: int = FEWEST_REVIEWS,
) -> Rate:
    """What share of all calls has something, with Clopper and Pearson's interval of as many calls
    as would be as sure (Korn & Graubard 1998, "Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data").

    As sure: share (1 - share) / the jackknife's variance, by the squared ratio of the quantiles of
    t with the degrees of the reviews and of the agents; where none or all have it, (sum of
    weights)^2 / sum of their squares. Never more than there are reviews.
    """
    y, w, of = _arrays(np.asarray(having, np.float64), weights, agents)
    n, many = len(y), int(y.sum())
    if n < fewest:
        return Rate(n, None)
    share = min(1.0, float((w * y).sum() / w.sum()))
    sure = float(w.sum() ** 2 / (w * w).sum())
    if 0 < many < n and len(np.unique(of)) > 1:
        variance, degrees = _jackknife(y, w, of)
        if variance:
            sure = share * (1 - share) / variance * (_t(n - 1) / _t(degrees)) ** 2
    sure = min(max(sure, 1.0), float(n))
    had, tail = share * sure, (1 - LEVEL) / 2
    low = float(betaincinv(had, sure - had + 1, tail)) if many else 0.0
    high = float(betaincinv(had + 1, sure - had, 1 - tail)) if many < n else 1.0
    return Rate(n, many, share, Interval(low, high))


def difference(
    values: Sequence[float] | Floats,
    has_it: Sequence[bool] | NDArray[np.bool_],
    weights: Sequence[float] | Floats,
    agents: Whose,
    fewest: int = FEWEST_A_SIDE,
) -> Difference:
    """The mean of reviews that have something less that of those that have not, by weights.

    The variance is the jackknife's over agents of the difference itself, since one agent's reviews
    lie on both sides; t has the degrees of the side with fewer agents of equal weight, less one.
    """
    y, w, of = _arrays(values, weights, agents)
    on = np.asarray(has_it, bool)
    n_on, n_off = int(on.sum()), int((~on).sum())
    if min(n_on, n_off) < fewest:
        return Difference(n_on, n_off, lack=Lack.TOO_FEW)
    above, below = (float((w * y)[side].sum() / w[side].sum()) for side in (on, ~on))
    value = above - below
    sides = [len(np.unique(of[side])) for side in (on, ~on)]
    if min(sides) < FEWEST_AGENTS:
        return Difference(n_on, n_off, above, below, value, lack=Lack.FEW_AGENTS)
    without_on, degrees_on = _without_each(y, w, of, on)
    without_off, degrees_off = _without_each(y, w, of, ~on)
    many = len(without_on)
    variance = (many - 1) / many * float(((without_on - without_off - value) ** 2).sum())
    if variance <= _ALIKE:
        return Difference(n_on, n_off, above, below, value, lack=Lack.ALIKE)
    degrees = min(degrees_on, degrees_off)
    error = math.sqrt(variance)
    reach = _t(degrees) * error
    p = 2 * float(stdtr(degrees, -abs(value) / error))
    return Difference(n_on, n_off, above, below, value, value - reach, value + reach, p)


def of_one(
    values: Sequence[float] | Floats,
    is_theirs: Sequence[bool] | NDArray[np.bool_],
    weights: Sequence[float] | Floats,
    agents: Whose,
    fewest: int = FEWEST_A_SIDE,
) -> Difference:
    """The mean of one agent's reviews less that of all others', by weights.

    The agent's own variance is that of a weighted mean of as many calls, n / (n - 1) x sum of
    (w (y - mean))^2 / (sum of w)^2; where their reviews are all the same, which tells nothing of
    the next one, that of calls as all agents' are within each, (sum of w^2) / (sum of w)^2 times.
    The others' is the jackknife's over agents. t has one degree less than the agent has reviews.
    """
    y, w, of = _arrays(values, weights, agents)
    on = np.asarray(is_theirs, bool)
    n_on, n_off = int(on.sum()), int((~on).sum())
    if min(n_on, n_off) < fewest:
        return Difference(n_on, n_off, lack=Lack.TOO_FEW)
    above, below = (float((w * y)[side].sum() / w[side].sum()) for side in (on, ~on))
    value = above - below
    if len(np.unique(of[~on])) < FEWEST_AGENTS:
        return Difference(n_on, n_off, above, below, value, lack=Lack.FEW_AGENTS)
    own = n_on / (n_on - 1) * float(((w * (y - above))[on] ** 2).sum() / w[on].sum() ** 2)
    if own <= _ALIKE:
        own = _within(y, of) * float((w[on] ** 2).sum() / w[on].sum() ** 2)
    if own <= _ALIKE:
        return Difference(n_on, n_off, above, below, value, lack=Lack.ALIKE)
    others, _degrees = _jackknife(y[~on], w[~on], of[~on])
    error, degrees = math.sqrt(own + others), n_on - 1
    reach = _t(degrees) * error
    p = 2 * float(stdtr(degrees, -abs(value) / error))
    return Difference(n_on, n_off, above, below, value, value - reach, value + reach, p)


_ALIKE = 1e-18


def _arrays(
    values: Sequence[float] | Floats,
    weights: Sequence[float] | Floats,
    agents: Whose,
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    y, w = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    of = np.asarray(agents, np.int64)
    if not len(y) == len(w) == len(of):
        raise ValueError(f"{len(y)} values, {len(w)} weights, {len(of)} agents")
    if (w <= 0).any():
        raise ValueError("a review stands for no call")
    return y, w, of


def _without_each(
    y: Floats, w: Floats, of: NDArray[np.int64], kept: NDArray[np.bool_]
) -> tuple[Floats, float]:
    """The mean of what is `kept` without each agent, of all agents in their order, and the degrees
    of freedom that those who have any leave."""
    _each, place = np.unique(of, return_inverse=True)
    many = len(_each)
    weight = np.bincount(place, w * kept, many)
    total = np.bincount(place, w * y * kept, many)
    left = weight.sum() - weight
    alike = weight.sum() ** 2 / (weight**2).sum()
    return (total.sum() - total) / left, float(alike) - 1


def _within(y: Floats, of: NDArray[np.int64]) -> float:
    """The variance of a call, pooled within agents."""
    each, place = np.unique(of, return_inverse=True)
    mean = np.bincount(place, y) / np.bincount(place)
    return float(((y - mean[place]) ** 2).sum()) / max(1, len(y) - len(each))


def _jackknife(y: Floats, w: Floats, of: NDArray[np.int64]) -> tuple[float, float]:
    """The variance of the mean over agents, and its degrees of freedom."""
    without, degrees = _without_each(y, w, of, np.ones(len(y), bool))
    many = len(without)
    value = (w * y).sum() / w.sum()
    variance = (many - 1) / many * float(((without - value) ** 2).sum())
    return (variance if variance > _ALIKE else 0.0), degrees


def _t(degrees: float) -> float:
    return float(stdtrit(max(degrees, 1.0), (1 + LEVEL) / 2))
