"""Whether what a rule or another scorer calls broken is what people call so, before it may pre-fill
an answer."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq, minimize

from kpis.noise.intervals import LEVEL, Interval, normal_quantile, wilson

Pair = tuple[bool, bool]
"""Of a call: whether the rule says it is broken, and whether a person does."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How far a rule agrees with people that something is broken, on `calls` that both judged.

    `precision` is the share of what the rule calls broken that people call so too, `recall` that of
    what people call broken that the rule does; None: there is no such call. `kappa` is agreement
    beyond chance; None: all calls are alike to one of the two, so that chance explains all.
    """

    both: int
    rule_alone: int
    people_alone: int
    neither: int
    precision: Interval | None
    recall: Interval | None
    kappa: Interval | None

    @property
    def calls(self) -> int:
        return self.both + self.rule_alone + self.people_alone + self.neither

    @property
    def broken(self) -> int:
        """Calls that people call broken."""
        return self.both + self.people_alone


def measure(pairs: Iterable[Pair], level: float = LEVEL) -> Measure:
    """The measure of one rule, over calls each judged once by it and once by people who did not see
    what it says: who sees a suggestion agrees with it. What does not apply is not broken; a call of
    which either says nothing is no pair.

    Precision and recall have Wilson's intervals (Wilson 1927); kappa (Cohen 1960) that of `kappa`.
    """
    seen = Counter(pairs)
    both, rule, people, neither = (
        seen[pair] for pair in ((True, True), (True, False), (False, True), (False, False))
    )
    return Measure(
        both,
        rule,
        people,
        neither,
        wilson(both, both + rule, level),
        wilson(both, both + people, level),
        kappa(both, rule, people, neither, level),
    )


def kappa(
    both: int, first: int, second: int, neither: int, level: float = LEVEL
) -> Interval | None:
    """Cohen's kappa of two who say yes or no, with its interval by profile likelihood: all kappas
    under which, with the shares of yes that suit them best, the counts are not so much less likely
    that chance would do it in 1 - `level` of cases (Venzon & Moolgavkar 1988, "A method for
    computing profile-likelihood-based confidence intervals").

    `first` and `second` are how often that one alone says yes. None where one of the two says the
    same of all, or nothing was counted. Raises ValueError for counts below 0.
    """
    counts = (both, first, second, neither)
    if min(counts) < 0:
        raise ValueError(f"counts {counts}")
    n = sum(counts)
    yes = ((both + first), (both + second))
    if any(one in (0, n) for one in yes):
        return None
    value = _kappa(counts)
    found = np.array(counts) / n
    limit = _likelihood(found, found) - normal_quantile((1 + level) / 2) ** 2 / (2 * n)

    def beyond(one: float) -> float:
        return _profile(found, one) - limit

    # Not the ends themselves, where a count that is there could not be.
    low, high = -1 + 1e-6, 1 - 1e-6
    return Interval(
        value,
        brentq(beyond, low, value, xtol=1e-6) if value > low and beyond(low) < 0 else -1.0,
        brentq(beyond, value, high, xtol=1e-6) if value < high and beyond(high) < 0 else 1.0,
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule must reach before it may pre-fill. Lower ends of intervals count, not values.

    `calls` judged by both, and `broken` of them by people: with ten found out of ten the lower end
    of recall is .72. `kappa` above .60 is "substantial" (Landis & Koch 1977, "The measurement of
    observer agreement for categorical data"). The others are ours: of five answers that are filled
    in at most one is to be put right, and of ten that people would fail three may be missed.
    `shown` is of kappa's upper end: up to .40 agreement is "fair" at most, and nobody is shown what
    such a rule says (`is_doubtful`).
    """

    calls: int = 50
    broken: int = 10
    precision: float = 0.80
    recall: float = 0.70
    kappa: float = 0.60
    shown: float = 0.40


class Prefill(StrEnum):
    """Whether a rule may pre-fill answers. It never releases them."""

    YES = "yes"
    NO = "no"
    TOO_FEW = "too_few"
    """Too few calls that both judged, or that people call broken."""


def may_prefill(found: Measure, limits: Limits | None = None) -> Prefill:
    """Whether a rule agrees well enough; None `limits`: those of `Limits`. A rule that never calls
    anything broken does not."""
    least = limits or Limits()
    if found.calls < least.calls or found.broken < least.broken:
        return Prefill.TOO_FEW
    reached = (
        (found.precision, least.precision),
        (found.recall, least.recall),
        (found.kappa, least.kappa),
    )
    enough = all(one is not None and one.low > limit for one, limit in reached)
    return Prefill.YES if enough else Prefill.NO


def is_doubtful(found: Measure, limits: Limits | None = None) -> bool:
    """Whether a rule surely agrees so little with people that what it says is not to be shown
    beside a review: kappa is low with all of its interval, or has no value as the rule says the
    same of all and people do not. Of too few calls to tell none is."""
    least = limits or Limits()
    if may_prefill(found, least) is Prefill.TOO_FEW:
        return False
    if found.kappa is None:
        says_the_same = found.both + found.rule_alone in (0, found.calls)
        return says_the_same and found.rule_alone + found.people_alone > 0
    return found.kappa.high <= least.shown


def _kappa(counts: tuple[int, int, int, int]) -> float:
    both, first, second, neither = counts
    n = sum(counts)
    chance = (both + first) * (both + second) + (neither + first) * (neither + second)
    return (n * (both + neither) - chance) / (n * n - chance)


def _likelihood(found: np.ndarray, shares: np.ndarray) -> float:
    """Of a call, in logarithms; what was not found counts nothing."""
    there = found > 0
    if (shares[there] <= 0).any() or (shares < 0).any():
        return -math.inf
    return float((found[there] * np.log(shares[there])).sum())


def _profile(found: np.ndarray, value: float) -> float:
    """The likelihood under a kappa, with the two shares of yes that make it largest."""

    def less(point: np.ndarray) -> float:
        one, other = point
        chance = one * other + (1 - one) * (1 - other)
        agreed = chance + value * (1 - chance)
        both = (agreed - 1 + one + other) / 2
        shares = np.array([both, one - both, other - both, 1 - one - other + both])
        return -_likelihood(found, shares)

    one, other = found[0] + found[1], found[0] + found[2]
    middle = (one + other) / 2
    # From where they were found, and from the same share of both, which any kappa above 0 allows.
    starts = [(one, other), (middle, middle), (0.5, 0.5)]
    start = min(starts, key=lambda point: less(np.array(point)))
    best = minimize(less, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10})
    return -float(best.fun)
