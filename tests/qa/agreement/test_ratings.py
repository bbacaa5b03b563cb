"""What ratings may be."""

import random

import pytest

from qa.agreement import Metric, Rating, Ratings, Scale, alpha, pooled
from tests.qa.agreement.cases import KRIPPENDORFF, LETTERS, by_rater, of, two_raters


def test_nobody_rates_a_unit_twice():
    with pytest.raises(ValueError, match="twice"):
        of([Rating(1, "a", 1), Rating(1, "a", 2)], Metric.NOMINAL)


def test_a_value_is_of_the_scale():
    with pytest.raises(ValueError, match="'maybe' is not of the scale"):
        of([Rating(1, "a", "maybe")], Metric.NOMINAL, ("yes", "no"))


@pytest.mark.parametrize("value", ["five", True, float("nan"), float("inf")])
def test_numbers_are_numbers(value):
    with pytest.raises(ValueError, match="is not a number"):
        of([Rating(1, "a", value)], Metric.INTERVAL)
    with pytest.raises(ValueError, match="is not a number"):
        Scale(Metric.RATIO, (2, value))


def test_proportions_are_of_what_is_not_below_0():
    with pytest.raises(ValueError, match="below 0"):
        of([Rating(1, "a", -1)], Metric.RATIO)


def test_a_category_stands_in_a_scale_once():
    with pytest.raises(ValueError, match="twice"):
        Scale(Metric.ORDINAL, ("low", "high", "low"))


def test_what_has_no_order_of_its_own_needs_one_to_be_ranked():
    mixed = [Rating(1, "a", "good"), Rating(1, "b", 3)]
    assert of(mixed, Metric.NOMINAL).categories == ("good", 3)
    with pytest.raises(ValueError, match="say the order"):
        of(mixed, Metric.ORDINAL)
    assert of(mixed, Metric.ORDINAL, (3, "good")).categories == (3, "good")


def test_the_order_of_a_scale_is_the_one_that_counts():
    values = two_raters(("low", "mid", "high", "low"), ("low", "mid", "high", "high"))
    in_order = alpha(of(values, Metric.ORDINAL, ("low", "mid", "high")))
    otherwise = alpha(of(values, Metric.ORDINAL, ("low", "high", "mid")))
    # The two that differ are the ends of the one scale, and next to each other on the other.
    assert in_order < otherwise


def test_the_order_in_which_ratings_come_means_nothing():
    ratings = by_rater(KRIPPENDORFF)
    mixed = random.Random(1).sample(ratings, len(ratings))
    one, other = of(ratings, Metric.ORDINAL), of(mixed, Metric.ORDINAL)
    assert one.counts.tolist() == other.counts.tolist()


def test_units_with_two_ratings_are_counted_as_double_scored():
    found = of(by_rater(KRIPPENDORFF), Metric.NOMINAL)
    assert (len(found.counts), int(found.doubled.sum()), found.raters) == (12, 11, 4)


def test_sessions_are_pooled_with_a_unit_for_each_call_of_each():
    first, second = two_raters(*LETTERS), two_raters(*LETTERS)
    together = pooled({"May": first, "June": second})
    assert len({one.unit for one in together}) == 24
    assert len(Ratings.of(together, Scale(Metric.NOMINAL)).counts) == 24


def test_pooled_sessions_may_have_other_raters_each():
    names = {"one": "Ann", "other": "Bob"}
    second = [Rating(one.unit, names[one.rater], one.value) for one in two_raters(*LETTERS)]
    together = pooled({"May": two_raters(*LETTERS), "June": second})
    # Twice the units: 8 a, 12 b, 12 c, 12 d, 4 e, six differ: 1 - 47 * 12 / (48^2 - 512).
    assert alpha(of(together, Metric.NOMINAL)) == pytest.approx(1 - 564 / 1792)
    assert of(together, Metric.NOMINAL).raters == 4
