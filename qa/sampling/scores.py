"""What reviews of drawn calls say of the agents of a team.

A score is the mean of calls that did not fail by a critical criterion, and how often calls fail
stands apart: a few zeros among marks near .9 tell little of the marks and much of the zeros, and
of five reviews most have none.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from scipy.special import stdtr, stdtrit

from qa.sampling.hajek import Mean, Sample, hajek, weights_of
from qa.sampling.pooling import FEWEST_POOLED, pool
from qa.sampling.rates import LEVEL, Interval, rate_interval

FEWEST_REVIEWS = 5
"""Of fewer an agent has no score."""

FEWEST_RANKED = 5
"""Of a smaller team a range of ranks would tell one of another."""


class Lack(StrEnum):
    """Why there is no score, or none with an interval."""

    TOO_FEW = "too few"  # under 5 reviews
    ALL_FAILED = "all failed"
    ALL_ALIKE = "all alike"  # of the whole team: nothing tells how much calls differ


class Estimate(NamedTuple):
    """A score, 0.0 to 1.0, and its 95 % interval; None: there is none."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Failing:
    """How often an agent's calls fail, 0.0 to 1.0, and its 95 % interval."""

    failed: int
    rate: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Score:
    """An agent's of a period.

    `pooled` is the score to show: partly pooled with the team, `drawn_in` of the way from their own
    mean (0) to the team's (1). `own` is their mean alone, its interval from how much calls of the
    team differ. Both are None where `lack` says why; with `all alike` only their intervals are.
    `failing` is None with too few reviews.
    """

    reviews: int
    own: Estimate | None = None
    pooled: Estimate | None = None
    drawn_in: float = 0.0
    failing: Failing | None = None
    lack: Lack | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """From the `best` rank to the `worst` that someone of `ranked` may have; 1 is the best."""

    best: int
    worst: int
    ranked: int


class _Team(NamedTuple):
    """Means of agents that have one, the variance of one call, and its degrees of freedom."""

    means: Mapping[str, Mean]
    variance: float
    degrees: int

    def error(self, agent: str) -> float:
        """The variance of an agent's mean."""
        return self.variance * self.means[agent].error


def scores(team: Iterable[Sample]) -> dict[str, Score]:
    """The score of each agent of a team, from calls that chance drew.

    The variance of one call is pooled within agents, for five calls tell nothing of their own, and
    t has the degrees of all; means are pooled in part where at least 4 agents have one (`pool`).
    Under 5 reviews, failed ones included: no score, and no part in the pooling.
    Intervals end at 0 and 1. They hold for a team's agents on average; of who is truly the worst or
    best of a team `own` is the safer (docs/quality-sampling.md).
    Raises ValueError where an agent is there twice.
    """
    samples = _by_agent(team)
    seen = _team(samples.values())
    t = float(stdtrit(seen.degrees, (1 + LEVEL) / 2)) if seen.degrees else math.inf
    is_alike = not seen.variance
    pooled = {}
    if len(seen.means) >= FEWEST_POOLED and not is_alike:
        errors = [seen.error(agent) for agent in seen.means]
        found = pool([one.mean for one in seen.means.values()], errors)
        pooled = dict(zip(seen.means, found, strict=True))
    told = {}
    for agent, sample in samples.items():
        reviews = len(sample.reviews)
        if reviews < FEWEST_REVIEWS:
            told[agent] = Score(reviews, lack=Lack.TOO_FEW)
            continue
        failing = _failing(sample)
        mean = seen.means.get(agent)
        if mean is None:
            told[agent] = Score(reviews, failing=failing, lack=Lack.ALL_FAILED)
            continue
        if is_alike:
            own = Estimate(mean.mean, None)
            told[agent] = Score(reviews, own, own, 0.0, failing, Lack.ALL_ALIKE)
            continue
        own = _estimate(mean.mean, t * math.sqrt(seen.error(agent)))
        one = pooled.get(agent)
        together = _estimate(one.mean, t * one.deviation) if one else own
        drawn_in = one.drawn_in if one else 0.0
        told[agent] = Score(reviews, own, together, drawn_in, failing)
    return told


def rank_ranges(team: Iterable[Sample]) -> dict[str, Rank | None]:
    """Which ranks each agent of a team may have, all ranges together in 95 % of cases.

    By pairwise intervals, without chance: 1 + those certainly better, to all - those certainly
    worse, by t tests of the differences of own means, Holm's procedure over all pairs (Mogstad,
    Romano, Shaikh & Wilhelm 2024, "Inference for ranks with applications to mobility across
    neighborhoods and academic achievement across countries"; Holm 1979). Means are not pooled:
    that would draw together whom it is to tell apart.

    None for who has no score; for all where fewer than 5 have one, or all calls are alike.
    Raises ValueError where an agent is there twice.
    """
    samples = _by_agent(team)
    seen = _team(samples.values())
    ranges: dict[str, Rank | None] = dict.fromkeys(samples)
    ranked = len(seen.means)
    if ranked < FEWEST_RANKED or not seen.variance:
        return ranges
    told = []
    for one, other in combinations(seen.means, 2):
        difference = seen.means[one].mean - seen.means[other].mean
        error = math.sqrt(seen.error(one) + seen.error(other))
        if difference:
            t = abs(difference) / error if error else math.inf
            above, below = (one, other) if difference > 0 else (other, one)
            told.append((2 * float(stdtr(seen.degrees, -t)), above, below))
    pairs = ranked * (ranked - 1) // 2
    better, worse = dict.fromkeys(seen.means, 0), dict.fromkeys(seen.means, 0)
    for place, (p, above, below) in enumerate(sorted(told)):
        if p > (1 - LEVEL) / (pairs - place):
            break
        better[below] += 1
        worse[above] += 1
    ranges |= {
        agent: Rank(1 + better[agent], ranked - worse[agent], ranked) for agent in seen.means
    }
    return ranges


def _by_agent(team: Iterable[Sample]) -> dict[str, Sample]:
    samples = [*team]
    by_agent = {one.agent: one for one in samples}
    if len(by_agent) < len(samples):
        raise ValueError("an agent is there twice")
    return by_agent


def _team(samples: Iterable[Sample]) -> _Team:
    means = {
        one.agent: mean
        for one in samples
        if len(one.reviews) >= FEWEST_REVIEWS
        for mean in [_mean(one)]
        if mean
    }
    degrees = sum(one.n - 1 for one in means.values())
    squares = math.fsum((one.n - 1) * one.variance for one in means.values())
    return _Team(means, squares / degrees if degrees else 0.0, degrees)


def _mean(sample: Sample) -> Mean | None:
    """Of calls that did not fail: a part of all calls, whose weights are those of all."""
    kept = [
        (one.score, weight)
        for one, weight in zip(sample.reviews, weights_of(sample.reviews), strict=True)
        if not one.failed
    ]
    return hajek([score for score, _weight in kept], [weight for _score, weight in kept])


def _failing(sample: Sample) -> Failing:
    weights = weights_of(sample.reviews)
    failed = [float(one.failed) for one in sample.reviews]
    mean = hajek(failed, weights)
    assert mean is not None  # of at least five reviews
    calls = _calls(sample)
    return Failing(
        sum(one.failed for one in sample.reviews),
        mean.mean,
        rate_interval(min(1.0, mean.mean), _drawn_alike(mean, calls), calls),
    )


def _drawn_alike(mean: Mean, calls: int) -> float:
    """As many calls drawn with equal probabilities are as sure: n of (1 - n/N) / n = error."""
    return min(max(1.0, 1 / (mean.error + 1 / calls)), float(calls))


def _calls(sample: Sample) -> int:
    """All calls of the layers that were reviewed of."""
    return sum({one.drawn.layer: one.drawn.of for one in sample.reviews}.values())


def _estimate(value: float, reach: float) -> Estimate:
    return Estimate(value, Interval(max(0.0, value - reach), min(1.0, value + reach)))
