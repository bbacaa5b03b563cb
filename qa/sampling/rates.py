"""How often an agent's calls fail by a critical criterion: a share of a finite number of calls."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

LEVEL = 0.95
"""Of all intervals of this package."""


class Interval(NamedTuple):
    """From `low` to `high`, both included."""

    low: float
    high: float


def rate_interval(share: float, n: float, calls: int) -> Interval:
    """The 95 % interval of a share of `calls`, of `n` drawn of which that `share` has it.

    Exact: all numbers among the calls under which as few, or as many, among those drawn are
    likelier than 2.5 % (hypergeometric tails: Buonaccorsi 1987, "A note on confidence intervals for
    proportions in finite populations"). So it covers at least 95 %, and is [share, share] where all
    were drawn. Where calls were drawn with unequal probabilities `n` is effective and may be
    fractional, as may n * share: bounds lie in proportion between those of whole numbers (Korn &
    Graubard 1998, "Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data", take effective numbers into the binomial's in this way).

    Raises ValueError for a share out of 0 to 1, or not 1 <= n <= calls.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share is in 0 to 1, not {share}")
    if not 1 <= n <= calls:
        raise ValueError(f"{n} drawn of {calls} calls")

    def of_drawn(drawn: int) -> Interval:
        # Within rounding a whole number is one.
        had = round(share * drawn, 9)
        below, above = _whole(math.floor(had), drawn, calls), _whole(math.ceil(had), drawn, calls)
        return _between(below, above, had % 1)

    n = round(n, 9)
    return _between(of_drawn(math.floor(n)), of_drawn(math.ceil(n)), n % 1)


def _between(first: Interval, second: Interval, part: float) -> Interval:
    low, high = (a + part * (b - a) for a, b in zip(first, second, strict=True))
    return Interval(low, high)


@lru_cache(maxsize=4096)
def _whole(had: int, drawn: int, calls: int) -> Interval:
    """Of whole numbers, as shares of the calls."""
    tail = (1 - LEVEL) / 2
    least, most = had, calls - drawn + had
    low = _first(least, most, lambda having: 1 - at_most(had - 1, drawn, having, calls) > tail)
    # The first that is too many is one above the last that is not.
    high = _first(least, most + 1, lambda having: at_most(had, drawn, having, calls) <= tail) - 1
    return Interval(low / calls, high / calls)


def _first(least: int, most: int, holds: Callable[[int], bool]) -> int:
    """The first whole number for which it holds, `most` at the latest; from there on it holds."""
    while least < most:
        middle = (least + most) // 2
        if holds(middle):
            most = middle
        else:
            least = middle + 1
    return least


def at_most(had: int, drawn: int, having: int, calls: int) -> float:
    """How likely at most `had` of `drawn` have it, of `calls` of which `having` do."""
    ways = sum(
        math.comb(having, each) * math.comb(calls - having, drawn - each)
        for each in range(max(0, drawn - (calls - having)), min(had, drawn, having) + 1)
    )
    return ways / math.comb(calls, drawn)
