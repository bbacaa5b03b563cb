"""Gwet's AC1 and AC2, and percent agreement.

Kappa and alpha take what chance agrees on from how common each value is. Where nearly every call
passes that is nearly all of it, so that two failed calls of fifty on which raters differ leave a
coefficient near 0. Gwet's take it from how often a value that is given at random by somebody unsure
would be met, and stay where raters do agree.

Sources: Gwet 2008, "Computing inter-rater reliability and its variance in the presence of high
agreement"; 2014, "Handbook of Inter-Rater Reliability", 4th ed., ch. 2 (several raters, missing
ratings), ch. 3 (weights).
"""

from enum import StrEnum

import numpy as np

from qa.agreement.ratings import Floats, Metric, Ratings


class Weights(StrEnum):
    """How much of an agreement two values are, from 1 (the same) to 0 (the ends of the scale). With
    `identity` the coefficient is AC1, else AC2. Source: Gwet 2014, ch. 3."""

    IDENTITY = "identity"
    ORDINAL = "ordinal"
    """1 - C(d + 1, 2) / C(q, 2), of values d places apart on a scale of q."""
    LINEAR = "linear"
    """1 - distance / the whole range."""
    QUADRATIC = "quadratic"
    """1 - (distance / the whole range) squared."""
    RATIO = "ratio"
    """1 - the squared distance over the sum, as a share of that of the range's ends."""


# As each metric's alpha weighs, so that the two can be read beside each other.
_OF_METRIC = {
    Metric.NOMINAL: Weights.IDENTITY,
    Metric.ORDINAL: Weights.ORDINAL,
    Metric.INTERVAL: Weights.QUADRATIC,
    Metric.RATIO: Weights.RATIO,
}


def weights_of(metric: Metric) -> Weights:
    """The weights that go with a metric."""
    return _OF_METRIC[metric]


def weight_matrix(ratings: Ratings, weights: Weights) -> Floats:
    """The weights as an array [category, category].

    Raises ValueError for other weights than `identity` of a nominal scale.
    """
    many = len(ratings.categories)
    if weights is Weights.IDENTITY or many < 2:
        return np.eye(many)
    if ratings.metric is Metric.NOMINAL:
        raise ValueError("values of a nominal scale are alike or not")
    values = ratings.numbers
    if weights is Weights.ORDINAL:
        rank = values.argsort().argsort()
        apart = np.abs(rank[:, None] - rank)
        return np.asarray(1 - apart * (apart + 1) / (many * (many - 1)), np.float64)
    apart = np.abs(values[:, None] - values)
    if weights is Weights.LINEAR:
        return np.asarray(1 - apart / apart.max(), np.float64)
    if weights is Weights.RATIO:
        together = values[:, None] + values
        apart = np.divide(apart, together, out=np.zeros_like(apart), where=together > 0)
    return np.asarray(1 - (apart / apart.max()) ** 2, np.float64)


def ac(ratings: Ratings, weights: Weights | None = None) -> float | None:
    """Gwet's AC1 (weights `identity`) or AC2 (any others), at most 1; None weights: those of the
    metric.

    pa is the weighted percent agreement. A value's share pi is the mean over all units of its share
    of the unit's ratings, those with one rating among them, and chance agrees on
    pe = sum of weights / (q (q - 1)) * sum of pi (1 - pi), q values being of the scale. None where
    no unit has two ratings, or the scale has one value. Raises ValueError as `weight_matrix`.
    """
    ones = np.ones((1, len(ratings.counts)))
    found = float(acs(ratings, ones, weights or weights_of(ratings.metric))[0])
    return None if np.isnan(found) else found


def percent_agreement(ratings: Ratings, weights: Weights = Weights.IDENTITY) -> float | None:
    """How much of each unit's pairs of raters agree, from 0 to 1, on average over units with two
    ratings at least; None: there is none. Chance is not taken out. Raises ValueError as
    `weight_matrix`."""
    found = float(percents(ratings, np.ones((1, len(ratings.counts))), weights)[0])
    return None if np.isnan(found) else found


def acs(ratings: Ratings, times: Floats, weights: Weights) -> Floats:
    """One coefficient for each row of `times`, an array [resample, unit] of how often each unit is
    there; nan where it has no value."""
    many = len(ratings.categories)
    agreed = percents(ratings, times, weights)
    if many < 2:
        return np.full(len(times), np.nan)
    shares = ratings.counts / ratings.counts.sum(axis=1, keepdims=True)
    common = times @ shares / times.sum(axis=1, keepdims=True)
    total = weight_matrix(ratings, weights).sum()
    chance = total / (many * (many - 1)) * (common * (1 - common)).sum(axis=1)
    return np.asarray((agreed - chance) / (1 - chance), np.float64)


def percents(ratings: Ratings, times: Floats, weights: Weights) -> Floats:
    """One percent agreement for each row of `times`, as `acs`."""
    pairable = ratings.counts[ratings.doubled]
    if not len(pairable):
        return np.full(len(times), np.nan)
    size = pairable.sum(axis=1)
    alike = pairable @ weight_matrix(ratings, weights)
    agreed = (pairable * (alike - 1)).sum(axis=1) / (size * (size - 1))
    counted = times[:, ratings.doubled]
    return np.asarray(counted @ agreed / counted.sum(axis=1), np.float64)
