"""Usual and unusual: a figure of now against the same span of past weeks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

import numpy as np

from kpis.noise.intervals import LEVEL
from kpis.noise.student import t_quantile, t_two_sided_p

FEWEST_PAST = 6

# Added under the root of a count (Anscombe 1948), and under the log of a time (one second).
_COUNT_OFFSET = 0.375
_COUNT_SPREAD = 0.5
_TIME_OFFSET = 1.0

# Factors that make Qn consistent for the normal, and unbiased in small samples
# (Croux & Rousseeuw 1992, "Time-efficient algorithms for two highly robust estimators").
_QN_CONSISTENCY = 2.2219
_QN_SMALL = {2: 0.399, 3: 0.994, 4: 0.512, 5: 0.844, 6: 0.611, 7: 0.857, 8: 0.669, 9: 0.872}
# Its efficiency on 6 to 10 normal values, simulated: it is as sure as a standard deviation
# of 0.6 the degrees of freedom.
_QN_EFFICIENCY = 0.6


class Kind(StrEnum):
    """What a figure is, which decides the scale it is judged on."""

    RATE = "rate"  # logit
    TIME = "time"  # log
    COUNT = "count"  # square root, which makes the spread of a Poisson count 1/2 at any level


@dataclass(frozen=True, slots=True)
class Verdict:
    """Today against its own past, in the figure's unit. None where the past is too short."""

    usual: float | None = None
    low: float | None = None
    high: float | None = None
    unusual: bool = False
    p: float | None = None
    """How often a steady centre is at least this far from usual."""


def usual(past: Sequence[float]) -> float | None:
    """Median of past values of the same weekday and time; None for fewer than 6."""
    return float(median(past)) if len(past) >= FEWEST_PAST else None


def judge(
    today: float | None,
    past: Sequence[float],
    kind: Kind,
    *,
    neighbours: Sequence[Sequence[float]] = (),
    n: int | None = None,
) -> Verdict:
    """Today against the same interval of past weeks.

    The band is median ± t(n - 1) s sqrt(1 + 1/n) on the logit of rates, the log of times
    and the root of counts, s the Qn spread pooled over `past` and `neighbours` (past values of the
    intervals beside this one). Without neighbours t has fewer degrees, for s is less sure.
    s is never less than chance alone makes it: for counts that of a Poisson count, for rates
    that of `n` independent calls, today's denominator. Rates are fractions, times seconds;
    `past` holds closed weeks without unknown values.

    Fewer than 6 past values: all None. `today` None, or no spread to judge by: the usual,
    with nothing marked. Raises ValueError for a rate of today without its `n`.
    """
    middle = usual(past)
    if middle is None:
        return Verdict()
    if kind is Kind.RATE and not n:
        if today is not None:
            raise ValueError("a rate is judged by how many calls it comes from: n is missing")
        return Verdict(usual=middle)
    scale = _Scale(kind, n or 0)
    spread = pooled_spread([list(map(scale.to, group)) for group in (past, *neighbours)])
    s = max(spread.s, scale.chance(middle))
    if not s:
        return Verdict(usual=middle)
    weeks = len(past)
    sigma = s * math.sqrt(1 + 1 / weeks)
    degrees = weeks - 1
    if s == spread.s:
        degrees = max(1, min(degrees, math.floor(_QN_EFFICIENCY * spread.degrees)))
    reach = t_quantile((1 + LEVEL) / 2, degrees) * sigma
    low, high = (scale.back(scale.to(middle) + side * reach) for side in (-1, 1))
    if today is None:
        return Verdict(middle, low, high)
    p = t_two_sided_p((scale.to(today) - scale.to(middle)) / sigma, degrees)
    return Verdict(middle, low, high, unusual=p < 1 - LEVEL, p=p)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where figures of a kind are compared: logit of rates out of `n`, log of times, and root
    of counts, whose chance spread is then the same at every level."""

    kind: Kind
    n: int

    def to(self, value: float) -> float:
        if self.kind is Kind.RATE:
            kept = min(max(value, self._edge), 1 - self._edge)
            return math.log(kept / (1 - kept))
        if self.kind is Kind.COUNT:
            return math.sqrt(value + _COUNT_OFFSET)
        return math.log(value + _TIME_OFFSET)

    def back(self, value: float) -> float:
        if self.kind is Kind.COUNT:
            return max(0.0, max(value, 0.0) ** 2 - _COUNT_OFFSET)
        if self.kind is Kind.TIME:
            return max(0.0, math.exp(value) - _TIME_OFFSET)
        rate = 1 / (1 + math.exp(-value))
        # A band that reaches the edge holds all that was moved to the edge.
        if rate < self._edge:
            return 0.0
        return 1.0 if rate > 1 - self._edge else rate

    def chance(self, middle: float) -> float:
        """The spread around `middle` that independent calls alone would give.

        Eight weeks that happen to agree (all 100 %, all 3 calls) would else mark any change.
        """
        if self.kind is Kind.COUNT:
            return _COUNT_SPREAD
        if self.kind is Kind.RATE:
            rate = min(max(middle, self._edge), 1 - self._edge)
            return 1 / math.sqrt(self.n * rate * (1 - rate))
        return 0.0

    @property
    def _edge(self) -> float:
        """Rates keep half a call away from 0 and 1, where the logit ends."""
        return 0.5 / (self.n + 1)


def qn(values: Sequence[float]) -> float:
    """Spread of the values: Qn, the scaled first quartile of their pairwise distances.

    As robust as the MAD (half the values may be wild) and less noisy on few of them. In
    units of a normal's standard deviation; 0 for fewer than two values.
    Source: Rousseeuw & Croux 1993, "Alternatives to the median absolute deviation".
    """
    n = len(values)
    if n < 2:
        return 0.0
    ordered = np.asarray(values, float)
    first, second = np.triu_indices(n, 1)
    half = n // 2 + 1
    rank = half * (half - 1) // 2
    distance = float(np.partition(np.abs(ordered[first] - ordered[second]), rank - 1)[rank - 1])
    small = _QN_SMALL.get(n, n / (n + (1.4 if n % 2 else 3.8)))
    return small * _QN_CONSISTENCY * distance


@dataclass(frozen=True, slots=True)
class Spread:
    """A spread and the degrees of freedom it was taken from."""

    s: float
    degrees: int


def pooled_spread(groups: Sequence[Sequence[float]]) -> Spread:
    """One spread for several groups of values that differ in level: the root of the mean
    squared Qn, each weighted by its degrees of freedom."""
    weighed = [(len(group) - 1, qn(group)) for group in groups if len(group) > 1]
    degrees = sum(weight for weight, _ in weighed)
    if not degrees:
        return Spread(0.0, 0)
    squares = sum(weight * spread**2 for weight, spread in weighed)
    return Spread(math.sqrt(squares / degrees), degrees)
