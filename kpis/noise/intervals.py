"""Intervals of figures, each by the method that its KPI declares.

`cluster_ratio` draws site days. `wilson` and `adjusted_wald` draw answers, which are independent of
each other within one agent; pooled over agents the agent is what was drawn, and the answers are
worth as many fewer as agents differ (`Sample.worth`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np

from kpis.noise.student import t_quantile, t_two_sided_p

FEWEST_DAYS = 8
LEVEL = 0.95
# Days whose spread is no more of their ratio than this differ by rounding alone.
_ALIKE = 1e-9

Method = Literal["wilson", "cluster_ratio", "adjusted_wald", "none"]


class Part(NamedTuple):
    """What one cluster (a site day, an agent) brings to a figure that is a ratio of sums."""

    numerator: float
    denominator: float
    bad: float = 0
    """Of a net share: how many answers count against. The others have none."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its confidence interval."""

    value: float
    low: float
    high: float


def interval(
    method: Method, parts: Sequence[Part], single: Part | None = None, ceiling: float = math.inf
) -> Interval | None:
    """The interval of a figure by its method; None where that has none.

    `parts` are its site days for `cluster_ratio`, else its agents; `single` holds the answers of
    which no agent is known. `ceiling` is the most the figure can be, 1 for a share of a whole.
    """
    if method == "none":
        return None
    if method == "cluster_ratio":
        return cluster_ratio(
            [part.numerator for part in parts],
            [part.denominator for part in parts],
            ceiling=ceiling,
        )
    sample = Sample.of(parts, single)
    if not sample.n:
        return None
    critical = critical_value(LEVEL, sample.degrees)
    if method == "wilson":
        return sample.share(critical)
    middle, error = sample.net()
    return _net_interval(sample.ratio, middle, critical * error)


@dataclass(frozen=True, slots=True)
class Days:
    """A ratio of sums over site days."""

    ratio: float
    variance: float
    degrees: int

    @classmethod
    def of(cls, numerators: Sequence[float], denominators: Sequence[float]) -> "Days | None":
        """None for fewer than 8 days; those without a denominator were closed and do not count.

        Source: Cochran 1977, "Sampling Techniques", ch. 6. Raises ValueError when the days
        differ in number or a denominator is negative.
        """
        if len(numerators) != len(denominators):
            raise ValueError(f"{len(numerators)} numerators but {len(denominators)} denominators")
        if any(denominator < 0 for denominator in denominators):
            raise ValueError("denominators cannot be negative")
        open_days = np.asarray(denominators, float) > 0
        over = np.asarray(numerators, float)[open_days]
        under = np.asarray(denominators, float)[open_days]
        days = len(under)
        if days < FEWEST_DAYS:
            return None
        ratio = float(over.sum() / under.sum())
        residuals = over - ratio * under
        variance = days / (days - 1) * float(residuals @ residuals) / float(under.sum()) ** 2
        return cls(ratio, variance, days - 1)


def cluster_ratio(
    numerators: Sequence[float],
    denominators: Sequence[float],
    level: float = LEVEL,
    ceiling: float = math.inf,
) -> Interval | None:
    """Interval of sum(numerators) / sum(denominators), one of each per site day.

    Days are the clusters, t has days - 1. None for fewer than 8 days, and where all days say the
    same, as of 0 of n and n of n: how far others would be from them they do not tell. The ends
    stay within 0 and `ceiling` (1 for rates). Raises ValueError as `Days.of`.
    """
    days = Days.of(numerators, denominators)
    if days is None or days.variance <= (_ALIKE * days.ratio) ** 2:
        return None
    reach = t_quantile((1 + level) / 2, days.degrees) * math.sqrt(days.variance)
    return Interval(days.ratio, max(0.0, days.ratio - reach), min(ceiling, days.ratio + reach))


@dataclass(frozen=True, slots=True)
class Sample:
    """Answers: how many are good and bad, how many independent ones they are worth, and the
    degrees of freedom that this was told by (None: nothing was to tell)."""

    good: float
    bad: float
    n: float
    worth: float
    degrees: int | None = None

    @classmethod
    def of(cls, parts: Sequence[Part], single: Part | None = None) -> "Sample":
        """Answers of several agents together, worth what is left when they differ.

        The number of answers is divided by the design effect: the variance of the share with
        agents as the clusters over that of independent answers, never below 1. Source: Korn &
        Graubard 1998, "Confidence intervals for proportions with small expected number of positive
        counts estimated from survey data"; for Wilson's interval Dean & Pagano 2015, "Evaluating
        confidence interval methods for binomial proportions in clustered surveys".
        """
        known = [part for part in parts if part.denominator > 0]
        alone = single if single is not None and single.denominator > 0 else Part(0, 0)
        whole = Part(*(sum(values) for values in zip(*known, alone, strict=True)))
        n = whole.denominator
        good = whole.numerator + whole.bad
        clusters = len(known) + round(alone.denominator)
        if not known or clusters < 2:
            return cls(good, whole.bad, n, n)
        ratio = whole.numerator / n
        # Of answers that count 1, 0 or -1 the sum of squares is how many are not 0.
        independent = _squares(whole, ratio)
        clustered = sum((part.numerator - ratio * part.denominator) ** 2 for part in known)
        clustered += _squares(alone, ratio)
        effect = clusters / (clusters - 1) * clustered / independent if independent > 0 else 1.0
        return cls(good, whole.bad, n, n / max(1.0, effect), clusters - 1)

    @property
    def ratio(self) -> float:
        return (self.good - self.bad) / self.n

    def share(self, critical: float) -> Interval:
        """Wilson's interval of the good, its ends `critical` standard errors away."""
        return _wilson(self.ratio, self.worth, critical)

    def net(self) -> tuple[float, float]:
        """The middle of the adjusted Wald interval of good less bad, and its standard error."""
        good, bad = (share * self.worth / self.n for share in (self.good, self.bad))
        return _adjusted(good, bad, self.worth)


def _squares(part: Part, ratio: float) -> float:
    """The squared distances of a part's answers from the ratio, summed."""
    answers = part.numerator + 2 * part.bad
    return answers - 2 * ratio * part.numerator + ratio**2 * part.denominator


def wilson(successes: int, n: int, level: float = LEVEL) -> Interval | None:
    """Wilson's interval of a share of `n` independent units; None when n is 0.

    For surveys, not for calls of a queue. Source: Wilson 1927.
    Raises ValueError when successes are negative or more than n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n}")
    return _wilson(successes / n, n, normal_quantile((1 + level) / 2)) if n else None


def _wilson(share: float, n: float, z: float) -> Interval:
    centre = share + z**2 / (2 * n)
    reach = z * math.sqrt(max(0.0, share * (1 - share) / n) + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return Interval(share, (centre - reach) / scale, (centre + reach) / scale)


def adjusted_wald(good: int, bad: int, n: int, level: float = LEVEL) -> Interval | None:
    """Interval of (good - bad) / n of `n` independent answers (net promoter score); None for n 0.

    Three answers are thought to be there beside them, 3/4 good, 3/4 bad: so it covers what it
    says on few answers too. Source: Bonett & Price 2012, "Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data".
    Raises ValueError when a count is negative, or the two are more than n.
    """
    if min(good, bad) < 0 or good + bad > n:
        raise ValueError(f"{good} good and {bad} bad of {n}")
    if not n:
        return None
    middle, error = _adjusted(good, bad, n)
    return _net_interval((good - bad) / n, middle, normal_quantile((1 + level) / 2) * error)


def _adjusted(good: float, bad: float, n: float) -> tuple[float, float]:
    up, down = (good + 0.75) / (n + 3), (bad + 0.75) / (n + 3)
    return up - down, math.sqrt((up + down - (up - down) ** 2) / (n + 3))


def _net_interval(value: float, middle: float, reach: float) -> Interval:
    return Interval(value, max(-1.0, middle - reach), min(1.0, middle + reach))


@lru_cache(maxsize=16)
def normal_quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def critical_value(level: float, degrees: int | None) -> float:
    """How many standard errors an interval reaches; None: those of the normal."""
    probability = (1 + level) / 2
    return normal_quantile(probability) if degrees is None else t_quantile(probability, degrees)


def two_sided_p(critical: float, degrees: int | None) -> float:
    """How often chance alone is at least so many standard errors away; None: the normal."""
    if degrees is None:
        return math.erfc(abs(critical) / math.sqrt(2))
    return t_two_sided_p(critical, degrees)
