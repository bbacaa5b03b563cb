"""How sure a coefficient is: calls drawn again and again from those that were rated.

The call is what was drawn, so whole calls are drawn with all their ratings: answers on one call are
not independent, and each session has other raters. Of two intervals that such resamples give, the
bias-corrected and accelerated one (BCa) is taken. The plain percentile interval leans to the middle
where coefficients are skewed, which near 1 they are: of 20 calls it held the true AC2 of numbers in
84 % of cases, this one in 91 % (docs/quality-agreement.md). Of few calls either is too short as
the normal's is beside Student's; its levels are widened by as much.

Sources: Efron 1987, "Better bootstrap confidence intervals"; Hesterberg 2015, "What teachers should
know about the bootstrap" (the widened levels of its expanded percentile interval); Zapf, Castell,
Morawietz & Karch 2016, "Measuring inter-rater reliability for nominal data - which coefficients and
confidence intervals are appropriate?" (whole units, not pairs of values as Krippendorff's own
algorithm draws).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from kpis.noise.intervals import LEVEL, normal_quantile
from kpis.noise.student import t_quantile
from qa.agreement.ratings import Floats, Ratings

RESAMPLES = 2000
# Of a coefficient as of its resamples, what is no more apart is rounding.
_ALIKE = 1e-12
# Five calls at least must vary for so few resamples to hold none of them, e^-5.
_MOST_WITHOUT = 0.01

Statistic = Callable[[Ratings, Floats], Floats]
"""Of ratings, from an array [resample, unit] of how often each unit is there to one value a
resample."""


class Why(StrEnum):
    """Why there is no value, or none of its ends."""

    TOO_FEW = "too_few"
    """Fewer double-scored calls than it takes."""
    NO_VARIATION = "no_variation"
    """All got the same value: nobody was seen to tell anything apart."""
    LITTLE_VARIATION = "little_variation"
    """So few got another value that a sample of such calls may well have none of them."""
    ALIKE = "alike"
    """All calls tell the same, as where nobody disagreed: how far others would be from it they do
    not tell."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient and the ends of its interval. `why` says why it has no value, or else why it
    has no ends; None: it has all."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: Why | None = None


def estimates(
    ratings: Ratings,
    statistics: Sequence[Statistic],
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> list[Estimate]:
    """Each statistic of the ratings with its BCa interval, all from the same resamples.

    As many double-scored calls are drawn as there are, and as many of one rating. The seed repeats
    the draw on any machine: it goes into the Mersenne Twister, whose stream numpy has frozen (NEP
    19). Raises ValueError where no call has two ratings, resamples are fewer than 100, or the level
    is not between 0 and 1.
    """
    if resamples < 100 or not 0 < level < 1:
        raise ValueError(f"{resamples} resamples, level {level}")
    if not ratings.doubled.any():
        raise ValueError("no call has two ratings")
    ones = np.ones((1, len(ratings.counts)))
    values = [float(statistic(ratings, ones)[0]) for statistic in statistics]
    alike = _Alike.of(ratings)
    drawn = _drawn(alike, statistics, seed, resamples)
    without = _each_left_out(alike, statistics)
    return [
        _estimate(value, some, others, level)
        for value, some, others in zip(values, drawn, without, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Alike:
    """Calls that got the same values together, of which there are few kinds: `ratings` has each
    kind once, and `many` how many calls are of it."""

    ratings: Ratings
    many: np.ndarray[tuple[int], np.dtype[np.intp]]

    @classmethod
    def of(cls, ratings: Ratings) -> "_Alike":
        counts, many = np.unique(ratings.counts, axis=0, return_counts=True)
        return cls(replace(ratings, counts=counts), many)


def _drawn(
    alike: _Alike, statistics: Sequence[Statistic], seed: int, resamples: int
) -> list[Floats]:
    random = np.random.RandomState(seed % 2**32)
    is_doubled = alike.ratings.doubled
    times = np.zeros((resamples, len(alike.many)))
    for some in (is_doubled, ~is_doubled):
        many = alike.many[some]
        if len(many):
            # As often as calls of each kind come when as many are drawn as there are.
            times[:, some] = random.multinomial(many.sum(), many / many.sum(), resamples)
    return [statistic(alike.ratings, times) for statistic in statistics]


def _each_left_out(alike: _Alike, statistics: Sequence[Statistic]) -> list[Floats]:
    """Each statistic without one double-scored call after the other. Calls of one rating move
    Gwet's coefficients by too little to count."""
    doubled = np.flatnonzero(alike.ratings.doubled)
    times = np.tile(alike.many.astype(np.float64), (len(doubled), 1))
    times[np.arange(len(doubled)), doubled] -= 1
    # Without a call it is as without any other of its kind.
    return [
        np.repeat(statistic(alike.ratings, times), alike.many[doubled]) for statistic in statistics
    ]


def _estimate(value: float, drawn: Floats, without: Floats, level: float) -> Estimate:
    if math.isnan(value):
        return Estimate(None, why=Why.NO_VARIATION)
    is_known = ~np.isnan(drawn)
    if 1 - is_known.mean() > _MOST_WITHOUT or np.isnan(without).any():
        return Estimate(value, why=Why.LITTLE_VARIATION)
    known = drawn[is_known]
    if np.ptp(known) <= _ALIKE or np.ptp(without) <= _ALIKE:
        return Estimate(value, why=Why.ALIKE)
    below = (known < value - _ALIKE).sum() + (np.abs(known - value) <= _ALIKE).sum() / 2
    # A share of 0 or 1 has no quantile.
    share = min(max(below / len(known), 0.5 / len(known)), 1 - 0.5 / len(known))
    bias = normal_quantile(float(share))
    pulls = without.mean() - without
    acceleration = float((pulls**3).sum() / (6 * (pulls**2).sum() ** 1.5))
    calls = len(without)
    reach = math.sqrt(calls / (calls - 1)) * t_quantile((1 + level) / 2, calls - 1)
    low, high = np.quantile(known, [_at(bias, acceleration, z) for z in (-reach, reach)])
    return Estimate(value, float(low), float(high))


def _at(bias: float, acceleration: float, z: float) -> float:
    """The share of resamples below an end that lies z from the middle (Efron 1987, 2.3)."""
    moved = bias + z
    return 0.5 * math.erfc(-(bias + moved / (1 - acceleration * moved)) / math.sqrt(2))
