"""The effects on single agents as one: of each kind of talk, of each coach.

Agents differ in what coaching does to them, so the mean is that of a random effect: its variance
between agents by Paule & Mandel (1982, "Consensus values and weighting factors"), the error of the
mean by Hartung & Knapp (2001, "On tests of the overall treatment effect in meta-analysis with
normally distributed responses"). All agents are held against the same colleagues; what these err
by is common to them, does not show in how agents differ, and is added.

Colleagues' own talks in the period after are reckoned out by what the same coaches (or kinds) give:
the means are solved for together, so that their errors are, too.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.optimize import brentq

from coaching.progress.courses import FEWEST_COACHED, Talk
from coaching.progress.fits import Estimate, Floats
from coaching.progress.placebo import Singles
from kpis.noise.ranks import Pair, Rank, ranges


def pooled(of: Singles, of_talks: float = 0.0) -> dict[Hashable, Estimate | None]:
    """The effect of each group of talks. None of fewer than 5 agents; colleagues' talks of such
    groups are taken to give `of_talks`, what talks give on the whole."""
    means = _Means(of, of_talks)
    return {
        group: means.contrast({group: 1.0}) if group in means.place else None
        for group in _groups(of)
    }


def group_ranks(
    of: Singles, of_talks: float = 0.0, *, more_is_better: bool
) -> dict[Hashable, Rank | None]:
    """From which to which rank each group may be; None of fewer than 5 coached agents, and where
    the range is over half of the groups."""
    means = _Means(of, of_talks)
    pairs = []
    for one, other in combinations(means.place, 2):
        difference = means.contrast({one: 1.0, other: -1.0})
        higher, lower = (one, other) if difference.value > 0 else (other, one)
        pairs.append(Pair(difference.p, higher, lower))
    told: Mapping[Hashable, Rank] = ranges(pairs, means.place, more_is_better=more_is_better)
    return {
        group: told[group] if group in told and not told[group].is_wide else None
        for group in _groups(of)
    }


def told_by(of: Singles, group: Callable[[Talk], Hashable]) -> Singles:
    """The same courses by another group of their talks."""

    def told(talk: Talk | None) -> Talk | None:
        return None if talk is None else talk._replace(group=group(talk))

    return replace(
        of,
        courses=tuple(replace(one, talk=told(one.talk)) for one in of.courses),
        talks=tuple(told(one) for one in of.talks),
    )


def _groups(of: Singles) -> list[Hashable]:
    return list(dict.fromkeys(one.talk.group for one in of.courses if one.talk))


@dataclass(frozen=True, slots=True)
class _Weighted:
    """How a group's mean is taken of the courses, and of which agents: their places."""

    weights: Floats
    agents: Sequence[Sequence[int]]


class _Means:
    """The means of all groups of enough agents, solved for together."""

    def __init__(self, of: Singles, of_talks: float) -> None:
        self._of = of
        values = np.array([one.value for one in of.each])
        weighted = {group: _weighted(of, values, group) for group in _groups(of)}
        some = {group: one for group, one in weighted.items() if one is not None}
        self.place = {group: at for at, group in enumerate(some)}
        self._weights = np.array([one.weights for one in some.values()]).reshape(-1, len(values))
        dosed = np.zeros((len(values), len(some)))
        plain = of.plain.copy()
        for other, talk in enumerate(of.talks):
            if talk is not None and talk.group in self.place:
                dosed[:, self.place[talk.group]] += of.dosed[:, other]
            else:
                plain += of_talks * of.dosed[:, other]
        self._solved = np.linalg.inv(np.eye(len(some)) - self._weights @ dosed)
        self._means = self._solved @ (self._weights @ plain)
        undone = plain + dosed @ self._means
        self._between = [
            _spread(undone, one, mean)
            for one, mean in zip(some.values(), self._means.tolist(), strict=True)
        ]
        self._degrees = [len(one.agents) - 1 for one in some.values()]

    def contrast(self, of: Mapping[Hashable, float]) -> Estimate:
        """A sum of groups' means."""
        wanted = np.zeros(len(self.place))
        for group, factor in of.items():
            wanted[self.place[group]] = factor
        factors = wanted @ self._solved
        weights = factors @ self._weights
        shared = float(weights @ self._of.shared @ weights)
        own = factors**2 * self._between
        variance = float(own.sum()) + shared
        squares = float((own**2 / self._degrees).sum()) + shared**2 / self._of.left
        degrees = variance**2 / squares if squares else 1.0
        return Estimate(float(wanted @ self._means), math.sqrt(variance), degrees)


def _weighted(of: Singles, values: Floats, group: Hashable) -> _Weighted | None:
    """Of several courses of one agent the mean stands for the agent."""
    by_agent: dict[Hashable, list[int]] = {}
    for at, one in enumerate(of.courses):
        if one.talk is not None and one.talk.group == group:
            by_agent.setdefault(one.agent, []).append(at)
    if len(by_agent) < FEWEST_COACHED:
        return None
    agents = list(by_agent.values())
    means = np.array([values[own].mean() for own in agents])
    variances = np.array([of.spread**2 / len(own) for own in agents])
    each = 1 / (variances + _apart(means, variances))
    each /= each.sum()
    weights = np.zeros(len(values))
    for weight, own in zip(each.tolist(), agents, strict=True):
        weights[own] = weight / len(own)
    return _Weighted(weights, agents)


def _spread(values: Floats, one: _Weighted, mean: float) -> float:
    """The variance of a group's mean that shows in how its agents differ."""
    each = np.array([one.weights[own].sum() for own in one.agents])
    own = np.array([values[places].mean() for places in one.agents])
    return float(each @ (own - mean) ** 2) / (len(own) - 1)


def _apart(values: Floats, variances: Floats) -> float:
    """The variance between agents that makes their weighted squares what they should be."""

    def excess(between: float) -> float:
        weights = 1 / (variances + between)
        mean = weights @ values / weights.sum()
        return float(weights @ (values - mean) ** 2) - (len(values) - 1)

    high = float(values.var() * len(values))
    # Agents who differ by no more than numbers are rounded do not differ.
    rounding = np.finfo(float).eps * float(np.abs(values).max())
    if high <= len(values) * rounding**2 or excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, high))
