"""How many more reviews would halve an agent's interval."""

import math

from scipy.special import stdtrit

from qa.sampling.rates import LEVEL


def halving(n: int, calls: int, most: int | None = None) -> int | None:
    """The smallest m for which n + m reviews of `calls` calls give at most half the width of n.

    t(n+m-1) sqrt(1/(n+m) - 1/N) <= t(n-1) sqrt(1/n - 1/N) / 2, t at 97.5 %: of an interval from
    the agent's own reviews alone, while these differ as much as now. Intervals of `scores` borrow
    from the team, are narrower to begin with, and take more to halve. All calls reviewed leave no
    width, so there is always such an m up to N - n; `most` is how many more can be done.

    None: not reachable, for `most` are fewer, or nothing is left to narrow as all calls are
    reviewed. Raises ValueError for fewer than 2 reviews, which have no width, or more than calls.
    """
    if not 2 <= n <= calls:
        raise ValueError(f"{n} reviews of {calls} calls have no interval to halve")
    left = calls - n if most is None else min(most, calls - n)
    half = _width(n, calls) / 2
    if left < 1 or _width(n + left, calls) > half:
        return None
    # The width falls with every review, so the first that is narrow enough is found by halves.
    low, high = 1, left
    while low < high:
        middle = (low + high) // 2
        if _width(n + middle, calls) <= half:
            high = middle
        else:
            low = middle + 1
    return low


def _width(n: int, calls: int) -> float:
    """Half an interval's width, in standard deviations of a call."""
    return float(stdtrit(n - 1, (1 + LEVEL) / 2)) * math.sqrt(1 / n - 1 / calls)
