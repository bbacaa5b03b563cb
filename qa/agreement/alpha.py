"""Krippendorff's alpha: how far raters agree beyond what chance alone would, from 1 (always) over 0
(as by chance) down below 0 (they disagree by system).

Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"; 2004, "Content Analysis",
2nd ed., ch. 11. Alpha is 1 - Do / De: the mean squared difference of the pairs of values within
units over that of all pairs of the values that can be paired. A unit with one rating pairs with
nothing and does not count.
"""

import numpy as np

from qa.agreement.ratings import Floats, Metric, Ratings

# How many numbers an array of resamples may hold at a time.
_AT_A_TIME = 4_000_000


def alpha(ratings: Ratings) -> float | None:
    """Krippendorff's alpha by the metric of the ratings, at most 1.

    None where no unit has two ratings, or all values that can be paired are equal: what never
    varies shows nobody able to tell it apart.
    """
    found = float(alphas(ratings, np.ones((1, len(ratings.counts))))[0])
    return None if np.isnan(found) else found


def alphas(ratings: Ratings, weights: Floats) -> Floats:
    """One alpha for each row of `weights`, an array [resample, unit] of how often each unit is
    there; nan where it has no value."""
    pairable = ratings.counts[ratings.doubled]
    times = weights[:, ratings.doubled]
    if not len(pairable):
        return np.full(len(weights), np.nan)
    if ratings.metric is Metric.ORDINAL:
        rows = max(1, _AT_A_TIME // max(pairable.shape))
        parts = [_ordinal(pairable, times[at : at + rows]) for at in range(0, len(times), rows)]
        return np.concatenate(parts)
    differences = _squared_differences(ratings)
    size = pairable.sum(axis=1)
    within = ((pairable @ differences) * pairable).sum(axis=1) / (size - 1)
    values = times @ pairable
    expected = ((values @ differences) * values).sum(axis=1)
    return _alpha(times @ within, expected, values.sum(axis=1))


def _ordinal(pairable: Floats, times: Floats) -> Floats:
    """Krippendorff's ordinal difference of two values is how many values lie between them, half
    of those at either end counted: the difference of their mean ranks, which are each resample's
    own."""
    size = pairable.sum(axis=1)
    values = times @ pairable
    ranks = np.cumsum(values, axis=1) - values / 2
    n = values.sum(axis=1)
    # Sums of squared differences of all pairs, by sums and sums of squares.
    sums, squares = ranks @ pairable.T, ranks**2 @ pairable.T
    within = 2 * (size * squares - sums**2) / (size - 1)
    over = (values * ranks).sum(axis=1)
    expected = 2 * (n * (values * ranks**2).sum(axis=1) - over**2)
    # Ranks of n values go up to n, and sums of their squares leave rounding behind where all are
    # equal.
    expected = np.where((values > 0).sum(axis=1) > 1, expected, 0.0)
    return _alpha((times * within).sum(axis=1), expected, n)


def _alpha(observed: Floats, expected: Floats, n: Floats) -> Floats:
    found = np.full(len(n), np.nan)
    np.divide((n - 1) * observed, expected, out=found, where=expected > 0)
    return 1 - found


def _squared_differences(ratings: Ratings) -> Floats:
    if ratings.metric is Metric.NOMINAL:
        return 1 - np.eye(len(ratings.categories))
    values = ratings.numbers
    apart = values[:, None] - values
    if ratings.metric is Metric.RATIO:
        together = values[:, None] + values
        apart = np.divide(apart, together, out=np.zeros_like(apart), where=together > 0)
    return np.asarray(apart**2, np.float64)
