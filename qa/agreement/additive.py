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
        over = sum((one.known.T @ one.values for one in some), np.zeros(columns))
        self._effects = self._inverse @ over
        self._size = max((float(np.abs(one.values).max()) for one in some), default=0.0)
        # All scores of all calls below each other, and where each call begins.
        self._begins = np.cumsum([0, *(len(one.values) for one in some)])[:-1]
        none = np.zeros((0, columns))
        self._known = np.vstack([none, *(one.known for one in some)])
        self._enlarged = np.vstack(
            [none, *(adjust @ one.known for one, adjust in zip(some, adjusted, strict=True))]
        )
        values = np.concatenate([np.zeros(0), *(one.values for one in some)])
        self._residuals = values - self._known @ self._effects

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
        if variance <= (_NOTHING * max(1.0, self._size)) ** 2:
            return Contrast(value, 0.0, 0.0)
        own = self._by_call(pulls**2)
        shared = self._by_call(self._known * pulls[:, None])
        crossed = self._inverse @ shared.T
        both = (shared * crossed.T).sum(axis=1)
        mixed = crossed @ shared
        total = float((own - both).sum())
        squares = float((own**2 - 2 * own * both).sum() + (mixed * mixed.T).sum())
        return Contrast(value, math.sqrt(variance), total**2 / squares)

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
