"""Krippendorff's alpha, by his own examples and by its definition pair by pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.agreement import Metric, Rating, alpha
from tests.qa.agreement.cases import (
    ABSTRACTORS,
    BINARY,
    KRIPPENDORFF,
    LETTERS,
    PSYCHIATRISTS,
    by_rater,
    naive_alpha,
    of,
    of_counts,
    of_table,
    passes,
    some_ratings,
    two_raters,
)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (Metric.NOMINAL, 0.743),
        (Metric.ORDINAL, 0.815),
        (Metric.INTERVAL, 0.849),
        (Metric.RATIO, 0.797),
    ],
)
def test_four_observers_of_twelve_units_have_krippendorffs_alphas(metric, expected):
    assert round(alpha(of(by_rater(KRIPPENDORFF), metric)), 3) == expected


def test_two_observers_of_binary_data_have_krippendorffs_alpha():
    # 14 of "0", 6 of "1", four units differ: 1 - 19 * 8 / (2 * 14 * 6) = 1 - 152 / 168.
    assert alpha(of(two_raters(*BINARY), Metric.NOMINAL)) == pytest.approx(16 / 168)


def test_two_observers_of_five_letters_have_krippendorffs_alpha():
    # 4 a, 6 b, 6 c, 6 d, 2 e, three units differ: 1 - 23 * 6 / (24^2 - 128) = 1 - 138 / 448.
    assert alpha(of(two_raters(*LETTERS), Metric.NOMINAL)) == pytest.approx(310 / 448)


def test_published_alphas_of_two_and_of_six_raters():
    # As printed by Gwet's irrCAC, vignettes "overview" and "weighting".
    two, six = of_table(ABSTRACTORS), of_counts(PSYCHIATRISTS)
    assert alpha(of(two, Metric.NOMINAL)) == pytest.approx(0.7972585, abs=5e-8)
    assert alpha(of(two, Metric.INTERVAL)) == pytest.approx(0.8926487, abs=5e-8)
    assert alpha(of(six, Metric.NOMINAL)) == pytest.approx(0.4204384, abs=5e-8)
    assert alpha(of(six, Metric.INTERVAL)) == pytest.approx(0.259511, abs=5e-7)


@pytest.mark.parametrize("metric", list(Metric))
@given(ratings=some_ratings())
def test_it_is_what_the_definition_makes_of_all_pairs(metric, ratings):
    found, expected = alpha(of(ratings, metric)), naive_alpha(ratings, metric)
    assert (found is None) == (expected is None)
    if expected is not None:
        assert found == pytest.approx(expected, abs=1e-9)


@given(some_ratings(), st.permutations((1, 2, 3, 4, 5)))
def test_names_of_values_mean_nothing_to_a_nominal_one(ratings, names):
    renamed = [Rating(one.unit, one.rater, names[one.value - 1]) for one in ratings]
    assert alike(alpha(of(ratings, Metric.NOMINAL)), alpha(of(renamed, Metric.NOMINAL)))


@given(some_ratings())
def test_steps_mean_nothing_to_an_ordinal_one(ratings):
    stretched = [Rating(one.unit, one.rater, one.value**3) for one in ratings]
    assert alike(alpha(of(ratings, Metric.ORDINAL)), alpha(of(stretched, Metric.ORDINAL)))


@given(some_ratings(), st.floats(-50, 50), st.floats(0.1, 50))
def test_origin_and_unit_mean_nothing_to_an_interval_one(ratings, origin, unit):
    moved = [Rating(one.unit, one.rater, origin + unit * one.value) for one in ratings]
    assert alike(alpha(of(ratings, Metric.INTERVAL)), alpha(of(moved, Metric.INTERVAL)))


@given(some_ratings())
def test_categories_that_nobody_gave_change_nothing(ratings):
    for metric in (Metric.NOMINAL, Metric.ORDINAL):
        named = of(ratings, metric, (0, 1, 2, 3, 4, 5, 6))
        assert alike(alpha(of(ratings, metric)), alpha(named))


@given(some_ratings())
def test_it_is_at_most_1_and_1_where_all_agree(ratings):
    for metric in Metric:
        found = alpha(of(ratings, metric))
        assert found is None or found <= 1 + 1e-12
    agreed = [Rating(one.unit, one.rater, one.unit % 2) for one in ratings]
    assert alpha(of(agreed, Metric.NOMINAL)) in (None, 1.0)


def test_there_is_none_where_nothing_varies_or_nobody_rated_twice():
    for metric in Metric:
        assert alpha(of([Rating(unit, rater, 3) for unit in (1, 2) for rater in "ab"], metric)) is (
            None
        )
        assert alpha(of([Rating(unit, "a", unit) for unit in (1, 2, 3)], metric)) is None
        assert alpha(of([], metric)) is None


def test_values_far_from_0_that_are_all_equal_leave_no_rounding_behind():
    for metric in (Metric.ORDINAL, Metric.INTERVAL, Metric.RATIO):
        far = [Rating(unit, rater, 1e9 + 0.1) for unit in range(50) for rater in "abc"]
        assert alpha(of(far, metric)) is None


def test_where_nearly_all_pass_few_differences_make_it_negative():
    # 46 of 50 calls pass with both, four with one: n = 100, 4 fails, 1 - 99 * 8 / (2 * 96 * 4).
    assert alpha(of(passes(46, 4), Metric.NOMINAL)) == pytest.approx(1 - 792 / 768)


def alike(one, other):
    if one is None or other is None:
        return one is other
    return np.isclose(one, other, atol=1e-6)
