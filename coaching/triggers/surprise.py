"""How much there is to something that a rule found, so that the most serious comes first. Pure.

A share, a mean of days and a count have one measure in common: how seldom as much would be seen
where nothing is the matter. Told as -log10 of that chance: 2 is once in a hundred.
"""

import math

MOST = 99.0


def of_p(p: float) -> float:
    """Of a two-sided p, 0 to 1. Raises ValueError for what is none."""
    if not 0 <= p <= 1:
        raise ValueError(f"no p: {p}")
    return MOST if p == 0 else min(-math.log10(p), MOST)


def of_counts(times: int, of: int, usual: float) -> float:
    """Of `times` in `of` where `usual` (0 to 1) is the share among all: the chance of so many or
    more by the binomial distribution.

    Raises ValueError where the counts contradict each other.
    """
    if not 0 <= times <= of or not 0 <= usual <= 1:
        raise ValueError(f"{times} of {of}, usually {usual}")
    tail = math.fsum(
        math.comb(of, n) * usual**n * (1 - usual) ** (of - n) for n in range(times, of + 1)
    )
    return of_p(min(tail, 1.0))


def usual(times: int, of: int) -> float:
    """The share among all, kept away from 0 and 1, which few answers cannot tell (Jeffreys)."""
    return (times + 0.5) / (of + 1)
