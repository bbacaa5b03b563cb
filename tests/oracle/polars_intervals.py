"""The interval of a ratio of sums from raw rows, apart from `kpis`, by the definition's words:
"ratio of sums with the site day as cluster, t with days - 1, at least 8 days, else no interval
(Cochran 1977, ch. 6)".

    of_days([Exact(17, 20, 20), ...])  ->  (0.83, 0.91)
"""

import math
from collections.abc import Sequence

from tests.oracle.polars_oracle import Exact

FEWEST_DAYS = 8
# Student's t, 97.5 %, by degrees of freedom: from a printed table.
T = {7: 2.3646, 8: 2.3060, 9: 2.2622, 10: 2.2281, 11: 2.2010}


def of_days(days: Sequence[Exact]) -> tuple[float, float] | None:
    """The ends of the 95 % interval, where every day has something to divide by."""
    n = len(days)
    if n < FEWEST_DAYS:
        return None
    tops, bottoms = [float(one.top) for one in days], [float(one.bottom) for one in days]
    ratio, mean = sum(tops) / sum(bottoms), sum(bottoms) / n
    squares = sum((top - ratio * bottom) ** 2 for top, bottom in zip(tops, bottoms, strict=True))
    error = math.sqrt(squares / (n - 1) / n) / mean
    return ratio - T[n - 1] * error, ratio + T[n - 1] * error
