"""Student's t distribution, without a statistics library.

The distribution function is a regularised incomplete beta, taken by its continued fraction
(Abramowitz & Stegun 26.5.8, 26.7.1; Lentz's algorithm); its inverse is found by bisection.
"""

import math
from functools import lru_cache

_TINY = 1e-300
_PRECISION = 1e-15
_MOST_TERMS = 500
_HALVINGS = 60


def t_two_sided_p(t: float, df: int) -> float:
    """The probability that a t with `df` degrees of freedom is at least |t| from 0.

    Raises ValueError for less than one degree of freedom.
    """
    if df < 1:
        raise ValueError(f"Student's t needs a degree of freedom, not {df}")
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(df / 2, 0.5, df / (df + t * t))


@lru_cache(maxsize=256)
def t_quantile(probability: float, df: int) -> float:
    """The value that a t with `df` degrees of freedom stays below with that probability.

    Raises ValueError for a probability not between 0 and 1, or no degree of freedom.
    """
    if not 0 < probability < 1:
        raise ValueError(f"a probability lies between 0 and 1: {probability}")
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    outside = 2 * (1 - probability)
    low, high = 0.0, 1.0
    while t_two_sided_p(high, df) > outside:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if t_two_sided_p(middle, df) > outside:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        # The fraction converges fast only on the other side.
        return 1 - _incomplete_beta(b, a, 1 - x)
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return math.exp(log_front) * _beta_fraction(a, b, x) / a


def _beta_fraction(a: float, b: float, x: float) -> float:
    c = 1.0
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            step = c * d
            fraction *= step
        if abs(step - 1) < _PRECISION:
            break
    return fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
