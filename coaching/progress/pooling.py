"""The effects on single agents as one: of a kind of talk, of a coach.

Agents differ in what coaching does to them, so the mean is that of a random effect: its variance
between agents by Paule & Mandel (1982, "Consensus values and weighting factors"), the error of the
mean by Hartung & Knapp (2001, "On tests of the overall treatment effect in meta-analysis with
normally distributed responses"). All agents are held against the same colleagues; what these err
by is common to them, does not show in how agents differ, and is added.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import brentq

from coaching.progress.courses import FEWEST_COACHED
from coaching.progress.fits import Estimate, Floats
from coaching.progress.placebo import Singles
from kpis.noise.ranks import Pair, Rank, ranges


@dataclass(frozen=True, slots=True)
class _Mean:
    """A weighted mean of courses: the weights of all courses, and the variance that shows in how
    agents differ, with its degrees of freedom."""

    value: float
    weights: Floats
    between: float
    degrees: int


def pooled(of: Singles, groups: Sequence[Hashable]) -> dict[Hashable, Estimate | None]:
    """The effect in each group (a kind of talk, a coach) of the courses of `of`, whose groups are
    `groups`. None of fewer than 5 agents."""
    return {
        group: None if mean is None else _estimate(mean, of)
        for group, mean in _means(of, groups).items()
    }


def coach_ranks(
    of: Singles, coaches: Sequence[Hashable], *, more_is_better: bool
) -> dict[Hashable, Rank | None]:
    """From which to which rank each coach may be; None of fewer than 5 coached agents, and where
    the range is over half of the coaches."""
    means = {coach: mean for coach, mean in _means(of, coaches).items() if mean is not None}
    pairs = []
    for one, other in combinations(means, 2):
        difference = _estimate(_less(means[one], means[other]), of)
        above, below = (one, other) if difference.value > 0 else (other, one)
        pairs.append(Pair(difference.p, above, below))
    told: Mapping[Hashable, Rank] = ranges(pairs, means, more_is_better=more_is_better)
    return {
        coach: None if coach not in told or told[coach].is_wide else told[coach]
        for coach in dict.fromkeys(coaches)
    }


def _means(of: Singles, groups: Sequence[Hashable]) -> dict[Hashable, _Mean | None]:
    return {
        group: _mean(of, [at for at, one in enumerate(groups) if one == group])
        for group in dict.fromkeys(groups)
    }


def _mean(of: Singles, places: Sequence[int]) -> _Mean | None:
    """Of several courses of one agent the mean stands for the agent."""
    by_agent: dict[Hashable, list[int]] = {}
    for at in places:
        by_agent.setdefault(of.each[at].agent, []).append(at)
    if len(by_agent) < FEWEST_COACHED:
        return None
    values = np.array([np.mean([of.each[at].value for at in own]) for own in by_agent.values()])
    variances = np.array([of.spread**2 / len(own) for own in by_agent.values()])
    weights = 1 / (variances + _between(values, variances))
    weights /= weights.sum()
    value = float(weights @ values)
    degrees = len(values) - 1
    spread = float(weights @ (values - value) ** 2) / degrees
    of_courses = np.zeros(len(of.each))
    for weight, own in zip(weights.tolist(), by_agent.values(), strict=True):
        of_courses[own] = weight / len(own)
    return _Mean(value, of_courses, spread, degrees)


def _between(values: Floats, variances: Floats) -> float:
    """The variance between agents that makes their weighted squares what they should be."""

    def excess(between: float) -> float:
        weights = 1 / (variances + between)
        mean = weights @ values / weights.sum()
        return float(weights @ (values - mean) ** 2) - (len(values) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = float(values.var() * len(values))
    return float(brentq(excess, 0.0, high))


def _less(one: _Mean, other: _Mean) -> _Mean:
    between = one.between + other.between
    degrees = between**2 / (one.between**2 / one.degrees + other.between**2 / other.degrees)
    return _Mean(
        one.value - other.value, one.weights - other.weights, between, max(1, math.floor(degrees))
    )


def _estimate(mean: _Mean, of: Singles) -> Estimate:
    shared = float(mean.weights @ of.shared @ mean.weights)
    variance = mean.between + shared
    degrees = variance**2 / (mean.between**2 / mean.degrees + shared**2 / of.left)
    return Estimate(mean.value, math.sqrt(variance), degrees)
