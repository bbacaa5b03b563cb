"""Reviews of drawn calls, and what they say of all of an agent's calls.

Only `Reviewed` enters a score, and it holds a `Drawn`: a call that chance drew, with how likely
that was. A targeted review (a complaint, a low survey) has no such thing and cannot be one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.sampling.draws import Drawn


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A drawn call and the marks of its first review: the score, 0.0 to 1.0, and whether it failed
    by a critical criterion, when the score says nothing.

    Raises ValueError for a score out of range.
    """

    drawn: Drawn
    score: float
    failed: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"{self.drawn.call}: a score is in 0 to 1, not {self.score}")


@dataclass(frozen=True, slots=True)
class Sample:
    """An agent's reviews of calls of one draw. Raises ValueError for a call that is there twice,
    calls of two draws, and more reviews of a layer than were drawn."""

    agent: str
    reviews: tuple[Reviewed, ...]

    def __post_init__(self) -> None:
        if len({one.drawn.call for one in self.reviews}) < len(self.reviews):
            raise ValueError(f"{self.agent}: a call is there twice")
        layers = {(one.drawn.layer, one.drawn.n, one.drawn.of) for one in self.reviews}
        if len({layer for layer, _n, _of in layers}) < len(layers):
            raise ValueError(f"{self.agent}: calls of two draws")
        done = Counter(one.drawn.layer for one in self.reviews)
        if any(done[layer] > n for layer, n, _of in layers):
            raise ValueError(f"{self.agent}: more reviews than calls drawn")


@dataclass(frozen=True, slots=True)
class Mean:
    """A Hajek mean of `n` reviews.

    `variance` is that of one call: the sum of (value - mean)^2 by weights that add up to 1, over
    1 - the sum of their squares; with equal weights that of any sample. 0 of one review. `error` is
    what the variance of one call is to be multiplied by for that of the mean.
    """

    n: int
    mean: float
    variance: float
    error: float


def weights_of(reviews: Sequence[Reviewed]) -> list[tuple[float, float]]:
    """(weight, share of the layer's calls that was reviewed) of each review.

    The weight is 1 / the inclusion probability, N_h / n_h, and n_h is what was reviewed of it up to
    now: who works through one stratum first does not make it count for more. With all reviews done
    it is the design's (weighting classes: Sarndal, Swensson & Wretman 1992, "Model Assisted Survey
    Sampling", 15.6).
    """
    done = Counter(one.drawn.layer for one in reviews)
    shares = [done[one.drawn.layer] / one.drawn.of for one in reviews]
    return [(1 / share, share) for share in shares]


def hajek(values: Sequence[float], weights: Iterable[tuple[float, float]]) -> Mean | None:
    """The Hajek mean of values, sum(w y) / sum(w), by (weight, share reviewed) of each; None of
    nothing.

    Its variance, from n_h of N_h calls of layer h with weights N_h / n_h, is that of one call times
    sum(w^2 (1 - n_h/N_h)) / sum(w)^2; of one layer (1 - n/N) / n (Sarndal, Swensson & Wretman 1992,
    5.7). That takes the variance of one call to be the same in all layers, and as large as over the
    whole: what strata differ by is in it, so it errs on the safe side.
    Source: Hajek 1971, comment on Basu, in "Foundations of Statistical Inference".
    """
    each = [*weights]
    total = math.fsum(weight for weight, _share in each)
    if not total:
        return None
    parts = [weight / total for weight, _share in each]
    mean = math.fsum(part * value for part, value in zip(parts, values, strict=True))
    off = math.fsum(part * (value - mean) ** 2 for part, value in zip(parts, values, strict=True))
    left = 1 - math.fsum(part * part for part in parts)
    error = math.fsum(
        part * part * (1 - share) for part, (_weight, share) in zip(parts, each, strict=True)
    )
    return Mean(len(each), mean, off / left if len(each) > 1 else 0.0, error)
