"""Scores of calls as a sum: what the call is worth, and what whoever scored it adds.

Least squares with an effect of each call, so that it does not matter who got the easier ones: only
differences on the same call count, and a call with one score says nothing. Effects of calls that
were random, as a mixed model has them, would let a reviewer's easier calls pass for mildness again
(Mundlak 1978, "On the pooling of time series and cross section data").

Scores differ more on some calls than on others, above all where one reviewer fails a call outright.
So the variance is the cluster-robust one with the call as the cluster, each call's residuals
enlarged by how far it pulled the fit to itself (CR2), and t has the degrees of freedom that
Satterthwaite gives for that. Sources: Bell & McCaffrey 2002, "Bias reduction in standard errors for
linear regression with multi-stage samples"; Pustejovsky & Tipton 2018, "Small-sample methods for
cluster-robust variance estimation and hypothesis testing in fixed effects models" (effects of the
clusters taken out first, as here).

A difference of two scores of one call that is far off counts for no more than one that four of five
do not pass, so that what one reviewer gave carelessly pulls others apart by little. The four of
five are also those of calls that did not get the same score twice, where they pass more: on a card
of a few yes/no answers most do, and all that tells anything would be far off. It is Huber's
M-estimator (1964, "Robust estimation of a location parameter") of differences, which no error is
skewed of (Honore & Powell 1994, "Pairwise difference estimators of censored and truncated
regression models"), and the least squares of pseudo-values, whose residuals the variance takes
(Bickel 1976, "Another look at robustness"; Huber & Ronchetti 2009, "Robust Statistics", 2nd ed.,
7.6 and 7.8). Passed over: what lets wild ones count for nothing (bisquare), by which a link of few
calls may hang on none, and its interval be of nothing.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kpis.noise.student import t_quantile, t_two_sided_p

Floats = NDArray[np.float64]
# An eigenvalue as small is 0 but for rounding: those of what is judged by it lie from 0 to 1.
_NOTHING = 1e-9
# The share of differences that count as they are.
_NEAR = 0.8
_ROUNDS, _TURNS = 4, 500


class Block(NamedTuple):
    """The scores of one call: what is known of each (an array [score, column]), and its value."""

    known: Floats
    values: Floats


class Contrast(NamedTuple):
    """A sum of effects, its standard error and degrees of freedom, which may be broken. An error
    of 0: all calls tell the same, so that nothing tells how sure it is."""

    value: float
    error: float
    degrees: float

    def interval(self, level: float) -> tuple[float, float] | None:
        """Its ends; None where nothing tells them."""
        if not self.error:
            return None
        reach = self.error * t_quantile((1 + level) / 2, _whole(self.degrees))
        return self.value - reach, self.value + reach

    @property
    def p(self) -> float | None:
        """How often chance alone is at least so far from 0; None where nothing tells it."""
        if not self.error:
            return None
        return t_two_sided_p(self.value / self.error, _whole(self.degrees))


class Fit:
    """The effects of the columns by the calls of `blocks`.

    A call on which alone a direction of the effects hangs, as the one call that two groups of
    reviewers share, is left out: there is nothing to say how sure it is. `used` are the places of
    the blocks that are not.
    """

    def __init__(self, blocks: Sequence[Block], columns: int) -> None:
        """Raises ValueError for a block without two scores."""
        if any(len(block.values) < 2 for block in blocks):
            raise ValueError("a call with one score compares nobody")
        self.used = list(range(len(blocks)))
        while True:
            some = [_centred(blocks[at]) for at in self.used]
            gram = sum((one.known.T @ one.known for one in some), np.zeros((columns, columns)))
            self._inverse, self._null = _inverse(gram)
            adjusted, is_sole = self._adjustments(some)
            if not is_sole.any():
                break
            self.used = [at for at, sole in zip(self.used, is_sole, strict=True) if not sole]
        self._size = max((float(np.abs(one.values).max()) for one in some), default=0.0)
        self._enough = _NOTHING * max(1.0, self._size)
        # All scores of all calls below each other, and where each call begins.
        self._begins = np.cumsum([0, *(len(one.values) for one in some)])[:-1]
        none = np.zeros((0, columns))
        self._known = np.vstack([none, *(one.known for one in some)])
        self._enlarged = np.vstack(
            [none, *(adjust @ one.known for one, adjust in zip(some, adjusted, strict=True))]
        )
        values = np.concatenate([np.zeros(0), *(one.values for one in some)])
        pairs = _pairs([len(one.values) for one in some])
        self._effects, self._residuals = self._settled(values, pairs)

    def tells(self, weights: Floats) -> bool:
        """Whether the calls tell the effects times `weights`."""
        return bool(np.abs(self._null.T @ weights).max(initial=0) <= math.sqrt(_NOTHING))

    def contrast(self, weights: Floats) -> Contrast | None:
        """The effects times `weights`; None where the calls do not tell them."""
        if not self.used or not self.tells(weights):
            return None
        value = float(self._effects @ weights)
        pulls = self._enlarged @ (self._inverse @ weights)
        variance = float((self._by_call(pulls * self._residuals) ** 2).sum())
        if variance <= self._enough**2:
            return Contrast(value, 0.0, 0.0)
        own = self._by_call(pulls**2)
        shared = self._by_call(self._known * pulls[:, None])
        crossed = self._inverse @ shared.T
        both = (shared * crossed.T).sum(axis=1)
        mixed = crossed @ shared
        total = float((own - both).sum())
        squares = float((own**2 - 2 * own * both).sum() + (mixed * mixed.T).sum())
        return Contrast(value, math.sqrt(variance), total**2 / squares)

    def _settled(self, values: Floats, pairs: "_Pairs") -> tuple[Floats, Floats]:
        """The effects, and of each score what is left of its pseudo-value: of its differences, cut
        where they are far off, by the share of those that are not. What is far is judged anew by
        what the first effects leave, since least squares bend to what is wild; never less than one
        step of the scores."""
        effects = self._inverse @ (self._known.T @ values)
        given = pairs.apart(values)
        unlike, step = pairs.of(np.abs(given) > self._enough), _step(given, self._enough)
        for _round in range(_ROUNDS):
            left = values - self._known @ effects
            far = max(step, *(some.most(some.apart(left)) for some in (pairs, unlike)))
            effects = self._cut_at(far, effects, values, pairs)
        apart = pairs.apart(values - self._known @ effects)
        left = pairs.of_scores(np.clip(apart, -far, far), len(values))
        near = pairs.weights[np.abs(apart) <= far + self._enough].sum()
        return effects, left * (pairs.weights.sum() / near if near else 1.0)

    def _cut_at(self, far: float, effects: Floats, values: Floats, pairs: "_Pairs") -> Floats:
        """The effects by which differences, cut at `far`, lean no way. Each turn comes nearer,
        since no difference counts for more than it is."""
        for _turn in range(_TURNS):
            apart = pairs.apart(values - self._known @ effects)
            left = pairs.of_scores(np.clip(apart, -far, far), len(values))
            step = self._inverse @ (self._known.T @ left)
            effects = effects + step
            if np.abs(step).max(initial=0) <= self._enough:
                break
        return effects

    def _by_call(self, of_scores: Floats) -> Floats:
        return np.asarray(np.add.reduceat(of_scores, self._begins), np.float64)

    def _adjustments(self, some: list[Block]) -> tuple[list[Floats], NDArray[np.bool_]]:
        """What to enlarge each call's residuals by, and which calls are the sole ones to tell a
        direction. Calls of one size go together."""
        places: dict[int, list[int]] = defaultdict(list)
        for at, one in enumerate(some):
            places[len(one.values)].append(at)
        adjusted: list[Floats] = [np.zeros((0, 0))] * len(some)
        is_sole = np.zeros(len(some), np.bool_)
        for size, ats in places.items():
            known = np.stack([some[at].known for at in ats])
            pulled = known @ self._inverse @ known.transpose(0, 2, 1)
            left, vectors = np.linalg.eigh(np.eye(size) - 1 / size - pulled)
            # One is 0 in any case: a call's own level is taken out.
            is_left = left > math.sqrt(_NOTHING)
            is_sole[ats] = is_left.sum(axis=1) < size - 1
            scale = np.where(is_left, 1 / np.sqrt(np.where(is_left, left, 1)), 0)
            each = (vectors * scale[:, None, :]) @ vectors.transpose(0, 2, 1)
            for at, one in zip(ats, each, strict=True):
                adjusted[at] = one
        return adjusted, is_sole


class _Pairs(NamedTuple):
    """All pairs of two scores of one call: where the scores stand, and by how much a pair counts,
    so that least squares of differences are those of scores."""

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    weights: Floats

    def apart(self, of_scores: Floats) -> Floats:
        return of_scores[self.one] - of_scores[self.other]

    def of_scores(self, apart: Floats, many: int) -> Floats:
        """Each score's differences together."""
        pulls = self.weights * apart
        plus, minus = (np.bincount(each, pulls, many) for each in (self.one, self.other))
        return np.asarray(plus - minus, np.float64)

    def of(self, some: NDArray[np.bool_]) -> "_Pairs":
        return _Pairs(self.one[some], self.other[some], self.weights[some])

    def most(self, apart: Floats) -> float:
        """How far apart those are at most that count as they are."""
        if not len(apart):
            return 0.0
        sizes = np.abs(apart)
        order = np.argsort(sizes)
        heavy = np.cumsum(self.weights[order])
        return float(sizes[order[np.searchsorted(heavy, (_NEAR - _NOTHING) * heavy[-1])]])


def _pairs(sizes: Sequence[int]) -> _Pairs:
    """Of calls with so many scores, below each other."""
    each = [np.triu_indices(size, 1) for size in sizes]
    begins = np.cumsum([0, *sizes])
    none = np.zeros(0, np.intp)
    one, other = (
        np.concatenate([none, *(at + pair[side] for at, pair in zip(begins, each, strict=False))])
        for side in (0, 1)
    )
    shares = [np.full(len(pair[0]), 1 / size) for pair, size in zip(each, sizes, strict=True)]
    return _Pairs(one, other, np.concatenate([np.zeros(0), *shares]))


def _step(apart: Floats, enough: float) -> float:
    """The least by which two differences differ: hardly anything, but of scores that come in
    steps."""
    gaps = np.diff(np.sort(apart))
    gaps = gaps[gaps > enough]
    return float(gaps.min()) if len(gaps) else 0.0


def _centred(block: Block) -> Block:
    return Block(block.known - block.known.mean(axis=0), block.values - block.values.mean())


def _inverse(gram: Floats) -> tuple[Floats, Floats]:
    """The pseudo-inverse, and the directions that it knows nothing of as columns."""
    values, vectors = np.linalg.eigh(gram)
    is_told = values > _NOTHING * max(1.0, float(values.max(initial=0)))
    told = vectors[:, is_told]
    return (told / values[is_told]) @ told.T, vectors[:, ~is_told]


def _whole(degrees: float) -> int:
    # The small addition is for floats.
    return max(1, math.floor(degrees + 1e-9))
