"""Ranks as ranges: who is certainly better, who certainly worse, and nothing in between.

Two agents are compared on the queues that both serve, queue by queue, so that nobody ranks low for
serving the hard one: the difference is the mean of the queues' differences, weighted as Mantel and
Haenszel do, by n1 n2 / (n1 + n2) (Greenland & Robins 1985, "Estimation of a common effect parameter
from sparse follow-up data"). Weights of a common mix (direct standardisation) would need every
agent on every queue, and give much weight to the few calls that an agent took of a rare one.

Mogstad, Romano, Shaikh & Wilhelm 2024, "Inference for ranks with applications to mobility across
neighborhoods and academic achievement across countries", make ranges of such pairs. Here Holm's
procedure goes over all pairs of a team, so all its ranges hold together in 95 % of cases.
"""

import math
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from kpis.noise.intervals import FEWEST_DAYS, LEVEL, Method, two_sided_p

FEWEST_RANKED = 5
"""Of a smaller team a range would tell one of another."""
# Half an answer: the normal stands for counts that move by whole ones.
_CONTINUITY = 0.5

_Who = TypeVar("_Who", bound=Hashable)
Grid = npt.NDArray[np.float64]


class Rank(NamedTuple):
    """From the `best` rank to the `worst` that someone of `ranked` may have; 1 is the best."""

    best: int
    worst: int
    ranked: int

    @property
    def is_wide(self) -> bool:
        """Over half the team: nothing worth to say."""
        return 2 * (self.worst - self.best + 1) > self.ranked


@dataclass(frozen=True, slots=True)
class Pair(Generic[_Who]):
    """Two of whom one has the higher figure, and how often chance alone does it."""

    p: float
    higher: _Who
    lower: _Who


class Compared(NamedTuple):
    """One agent less the other, and how often chance alone does it; no p: nothing can be told."""

    difference: float
    p: float | None


@dataclass(frozen=True, slots=True)
class Work:
    """What each agent of a team brings to a figure: an array [agent, queue, site day] each."""

    numerators: Grid
    denominators: Grid
    bad: Grid
    """Of net shares: the answers that count against; else zeros."""


def rank_ranges(work: Work, method: Method, *, more_is_better: bool) -> list[Rank | None]:
    """The range of each agent: 1 + those certainly better to all - those certainly worse.

    None for all where fewer than 5 have a figure, and for one who has none.
    """
    has_figure = work.denominators.sum(axis=(1, 2)) > 0
    ranked = int(has_figure.sum())
    people = len(has_figure)
    if ranked < FEWEST_RANKED:
        return [None] * people
    compare = _by_days(work) if method == "cluster_ratio" else _by_answers(work)
    told = []
    for one, other in combinations(np.flatnonzero(has_figure).tolist(), 2):
        difference, p = compare(one, other)
        if p is not None:
            told.append(Pair(p, one, other) if difference > 0 else Pair(p, other, one))
    found = ranges(told, np.flatnonzero(has_figure).tolist(), more_is_better=more_is_better)
    return [found.get(at) for at in range(people)]


def ranges(
    pairs: Iterable[Pair[_Who]], ranked: Collection[_Who], *, more_is_better: bool
) -> dict[_Who, Rank]:
    """The range of each of `ranked`, by pairs of whom one has the higher figure."""
    better, worse = dict.fromkeys(ranked, 0), dict.fromkeys(ranked, 0)
    for pair in _holm(pairs):
        best, least = pair.higher, pair.lower
        if not more_is_better:
            best, least = least, best
        better[least] += 1
        worse[best] += 1
    count = len(ranked)
    return {one: Rank(1 + better[one], count - worse[one], count) for one in ranked}


def _holm(pairs: Iterable[Pair[_Who]]) -> list[Pair[_Who]]:
    """Of pairs with their p those that stand together at 95 %. Source: Holm 1979."""
    ordered = sorted(pairs, key=lambda pair: pair.p)
    for place, pair in enumerate(ordered):
        if pair.p > (1 - LEVEL) / (len(ordered) - place):
            return ordered[:place]
    return ordered


def _by_days(work: Work) -> Callable[[int, int], Compared]:
    """Of two agents' ratios, with the site day as cluster: what a day does to both is no
    difference. t has the days of who worked fewer, less 1; fewer than 8 days tell nothing.

    A day's distance from the agent's own ratio is taken over sqrt(1 - its share of the agent's
    denominator) (Bell & McCaffrey 2002, "Bias reduction in standard errors for linear regression
    with multi-stage samples"): with days alike that is Cochran's variance, and a queue that an
    agent served on few days does not look surer than it is. One of a single day tells nothing.
    """
    under = work.denominators
    size = under.sum(axis=2)
    served = under > 0
    usable = served.sum(axis=2) > 1
    each = np.where(usable, size, 1)
    ratio = work.numerators.sum(axis=2) / each
    distance = work.numerators - ratio[..., None] * under
    leverage = np.where(usable[..., None], under / each[..., None], 0)
    distance = np.where(usable[..., None], distance / np.sqrt(1 - leverage), 0) / each[..., None]

    worked: dict[tuple[int, bytes], int] = {}

    def days_of(agent: int, queues: npt.NDArray[np.bool_]) -> int:
        # Most pairs of a team share the same few sets of queues.
        key = agent, queues.tobytes()
        if key not in worked:
            worked[key] = int(served[agent][queues].any(axis=0).sum())
        return worked[key]

    def compare(one: int, other: int) -> Compared:
        shared = usable[one] & usable[other]
        fewer = min(days_of(one, shared), days_of(other, shared))
        if fewer < FEWEST_DAYS:
            return Compared(0.0, None)
        weights = size[one][shared] * size[other][shared] / (size[one] + size[other])[shared]
        weights /= weights.sum()
        difference = float(weights @ (ratio[one] - ratio[other])[shared])
        by_day = weights @ (distance[one] - distance[other])[shared]
        error = math.sqrt(float(by_day @ by_day))
        if not error:
            return Compared(difference, None)
        return Compared(difference, two_sided_p(difference / error, fewer - 1))

    return compare


def _by_answers(work: Work) -> Callable[[int, int], Compared]:
    """Of two agents' answers: how often a shuffle of both agents' answers within each queue gives
    one of them as many more good ones (Mantel & Haenszel 1959; for net shares its mean score form,
    Landis, Heyman & Koch 1978, "Average partial association in three-way contingency tables").
    """
    size = work.denominators.sum(axis=2)
    net = work.numerators.sum(axis=2)
    # Of answers that count 1, 0 or -1 the sum of squares is how many are not 0.
    squares = net + 2 * work.bad.sum(axis=2)

    def compare(one: int, other: int) -> Compared:
        shared = (size[one] > 0) & (size[other] > 0)
        if not shared.any():
            return Compared(0.0, None)
        own, its = size[one][shared], size[other][shared]
        n = own + its
        total = (net[one] + net[other])[shared]
        spread = (squares[one] + squares[other])[shared] - total**2 / n
        variance = float((own * its / n * spread / (n - 1)).sum())
        more = float((net[one][shared] - own * total / n).sum())
        if not variance:
            return Compared(more, None)
        surely = max(0.0, abs(more) - _CONTINUITY)
        return Compared(more, two_sided_p(surely / math.sqrt(variance), None))

    return compare
