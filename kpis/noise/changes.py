"""Changes from one span to another: which are more than noise, and which of many to tell of."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from kpis.noise.intervals import (
    LEVEL,
    Days,
    Interval,
    Method,
    Part,
    Sample,
    critical_value,
    two_sided_p,
)

Direction = Literal["up", "down", "noise", "unknown"]
_Key = TypeVar("_Key", bound=Hashable)
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Change:
    """A figure's change, in its unit. Where it cannot be told from noise: no difference, no p."""

    now: float | None
    before: float | None
    difference: Interval | None = None
    """now - before, with its 95 % interval."""
    p: float | None = None
    """How often two spans of a steady centre differ by at least as much."""

    @property
    def direction(self) -> Direction:
        """ "noise" where the interval holds 0; "unknown" where there is none."""
        if self.difference is None:
            return "unknown"
        if self.difference.low > 0:
            return "up"
        return "down" if self.difference.high < 0 else "noise"


def change(
    method: Method,
    now: Sequence[Part],
    before: Sequence[Part],
    *,
    single_now: Part | None = None,
    single_before: Part | None = None,
) -> Change:
    """The difference of two spans' figures by the method of their KPI, spans that do not overlap.

    Parts and singles are as `intervals.interval` takes them. Ratios of days: the two variances
    add up, t has Welch's degrees of freedom; less than 8 days on a side make no interval. Answers:
    the interval is put together from those of the two spans (Newcombe 1998, "Interval estimation
    for the difference between independent proportions", method 10; Zou & Donner 2008 for any two
    intervals), and p is of the widest one that leaves out 0.
    """
    untold = Change(_ratio(now, single_now), _ratio(before, single_before))
    if method == "none" or untold.now is None or untold.before is None:
        return untold
    if method == "cluster_ratio":
        return _of_days(_days(now), _days(before), untold)
    return _of_answers(method, Sample.of(now, single_now), Sample.of(before, single_before))


def _ratio(parts: Sequence[Part], single: Part | None) -> float | None:
    whole = [*parts, *([] if single is None else [single])]
    under = sum(part.denominator for part in whole)
    return sum(part.numerator for part in whole) / under if under else None


def _days(parts: Sequence[Part]) -> Days | None:
    return Days.of([part.numerator for part in parts], [part.denominator for part in parts])


def _of_days(now: Days | None, before: Days | None, untold: Change) -> Change:
    if now is None or before is None:
        return untold
    variance = now.variance + before.variance
    difference = now.ratio - before.ratio
    if not variance:
        # Days that never differ from each other give nothing to judge a difference by.
        return untold
    error = math.sqrt(variance)
    parts = sum(one.variance**2 / one.degrees for one in (now, before))
    # Welch's are never fewer than either side's; the small addition is for floats.
    degrees = math.floor(variance**2 / parts + 1e-9)
    reach = critical_value(LEVEL, degrees) * error
    return Change(
        now.ratio,
        before.ratio,
        Interval(difference, difference - reach, difference + reach),
        two_sided_p(difference / error, degrees),
    )


def _of_answers(method: Method, now: Sample, before: Sample) -> Change:
    told = [one.degrees for one in (now, before) if one.degrees is not None]
    degrees = min(told, default=None)
    critical = critical_value(LEVEL, degrees)
    if method == "adjusted_wald":
        (middle, error), (middle_before, error_before) = now.net(), before.net()
        apart, error = middle - middle_before, math.hypot(error, error_before)
        reach = critical * error
        difference = Interval(now.ratio - before.ratio, apart - reach, apart + reach)
        return Change(now.ratio, before.ratio, difference, two_sided_p(apart / error, degrees))

    def at(critical: float) -> Interval:
        return _apart(now.share(critical), before.share(critical))

    p = two_sided_p(_touching(at), degrees)
    return Change(now.ratio, before.ratio, at(critical), p)


def _apart(one: Interval, other: Interval) -> Interval:
    """The interval of the difference of two independent figures, from the interval of each."""
    difference = one.value - other.value
    return Interval(
        difference,
        difference - math.hypot(one.value - one.low, other.high - other.value),
        difference + math.hypot(one.high - one.value, other.value - other.low),
    )


def _touching(at: Callable[[float], Interval]) -> float:
    """The standard errors at which the interval begins to hold 0."""
    low, high = 0.0, 1.0

    def holds_zero(critical: float) -> bool:
        one = at(critical)
        return one.low <= 0 <= one.high

    while not holds_zero(high) and high < 64:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds_zero(middle):
            high = middle
        else:
            low = middle
    return high


def discoveries(p_values: Mapping[_Key, float | None], rate: float = 0.10) -> list[_Key]:
    """The keys of the changes to tell of in a list or a mail, in their order.

    Of all the lists that are sent, at most `rate` of what they tell is chance. What has no p
    cannot be told from noise and is not told.
    """
    known = {key: p for key, p in p_values.items() if p is not None}
    stand = benjamini_hochberg(list(known.values()), rate)
    return [key for key, stands in zip(known, stand, strict=True) if stands]


def benjamini_hochberg(p_values: Sequence[float], rate: float = 0.10) -> list[bool]:
    """Which of many findings to list so that at most `rate` of the listed are chance.

    Source: Benjamini & Hochberg 1995. Raises ValueError for a p outside 0 to 1.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
    many = len(p_values)
    last = max(
        (p for rank, p in enumerate(sorted(p_values), start=1) if p <= rate * rank / many),
        default=-1.0,
    )
    return [p <= last for p in p_values]
