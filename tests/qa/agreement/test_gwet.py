"""Gwet's AC1, AC2 and percent agreement, by his published figures and by their definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.agreement import Metric, Rating, Weights, ac, alpha, percent_agreement, weights_of
from qa.agreement.gwet import weight_matrix
from tests.qa.agreement.cases import (
    ABSTRACTORS,
    FIVE,
    KRIPPENDORFF,
    PSYCHIATRISTS,
    YES_NO,
    by_rater,
    naive_ac,
    of,
    of_counts,
    of_table,
    passes,
    some_ratings,
)

# Weights by their definitions, on the values 1 to 5.
WEIGHTS = {
    Weights.IDENTITY: lambda one, other: float(one == other),
    # C(d + 1, 2) of C(5, 2) = 10.
    Weights.ORDINAL: lambda one, other: 1 - (0, 1, 3, 6, 10)[abs(one - other)] / 10,
    Weights.LINEAR: lambda one, other: 1 - abs(one - other) / 4,
    Weights.QUADRATIC: lambda one, other: 1 - (one - other) ** 2 / 16,
    # The ends are (5 - 1) / (5 + 1) apart.
    Weights.RATIO: lambda one, other: 1 - ((one - other) / (one + other)) ** 2 / (4 / 6) ** 2,
}


def test_published_figures_of_four_raters_with_missing_ratings():
    # As printed by Gwet's irrCAC, vignettes "overview" and "weighting".
    ratings = of(by_rater(KRIPPENDORFF), Metric.INTERVAL, FIVE)
    assert percent_agreement(ratings) == pytest.approx(0.8181818, abs=5e-8)
    assert ac(ratings, Weights.IDENTITY) == pytest.approx(0.77544, abs=5e-6)
    assert percent_agreement(ratings, Weights.QUADRATIC) == pytest.approx(0.9753788, abs=5e-8)
    assert ac(ratings, Weights.QUADRATIC) == pytest.approx(0.914, abs=5e-5)


def test_published_figures_of_two_raters():
    ratings = of(of_table(ABSTRACTORS), Metric.ORDINAL)
    assert percent_agreement(ratings) == pytest.approx(0.89)
    assert ac(ratings, Weights.IDENTITY) == pytest.approx(0.8493305, abs=5e-8)
    assert percent_agreement(ratings, Weights.QUADRATIC) == pytest.approx(0.9725)
    assert ac(ratings, Weights.QUADRATIC) == pytest.approx(0.9402369, abs=5e-8)


def test_published_figures_of_six_raters():
    ratings = of(of_counts(PSYCHIATRISTS), Metric.ORDINAL)
    assert percent_agreement(ratings) == pytest.approx(0.5511111, abs=5e-8)
    assert ac(ratings, Weights.IDENTITY) == pytest.approx(0.4448007, abs=5e-8)
    assert percent_agreement(ratings, Weights.QUADRATIC) == pytest.approx(0.8544444, abs=5e-8)
    assert ac(ratings, Weights.QUADRATIC) == pytest.approx(0.4837438, abs=5e-8)


@pytest.mark.parametrize(
    ("weights", "next_to", "ends"),
    [
        (Weights.IDENTITY, 0, 0),
        (Weights.ORDINAL, 2 / 3, 0),
        (Weights.LINEAR, 1 / 2, 0),
        (Weights.QUADRATIC, 3 / 4, 0),
    ],
)
def test_weights_of_three_values_are_the_published_ones(weights, next_to, ends):
    ratings = of([Rating(1, "a", 1)], Metric.ORDINAL, (1, 2, 3))
    expected = [[1, next_to, ends], [next_to, 1, next_to], [ends, next_to, 1]]
    assert weight_matrix(ratings, weights) == pytest.approx(np.array(expected))


def test_ordinal_weights_go_by_rank_however_numbers_are_said():
    ratings = of([Rating(1, "a", 1)], Metric.INTERVAL, (10, 1, 2))
    expected = [[1, 0, 2 / 3], [0, 1, 2 / 3], [2 / 3, 2 / 3, 1]]
    assert weight_matrix(ratings, Weights.ORDINAL) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("weights", list(Weights))
@given(ratings=some_ratings())
def test_they_are_what_the_definition_makes_of_all_pairs(weights, ratings):
    found = ac(of(ratings, Metric.RATIO, FIVE), weights)
    expected = naive_ac(ratings, FIVE, WEIGHTS[weights])
    assert (found is None) == (expected is None)
    if expected is not None:
        assert found == pytest.approx(expected, abs=1e-9)


def test_where_nearly_all_pass_few_differences_leave_it_high():
    # 46 of 50 calls pass with both, four with one. pa = .92; 4 of 100 ratings fail, so that
    # pe = 2 * .96 * .04 = .0768.
    ratings = of(passes(46, 4), Metric.NOMINAL, ("no", "yes"))
    assert percent_agreement(ratings) == pytest.approx(0.92)
    assert ac(ratings) == pytest.approx((0.92 - 0.0768) / (1 - 0.0768))
    assert alpha(ratings) < 0 < 0.9 < ac(ratings)


def test_where_all_pass_it_is_1_if_the_scale_says_that_they_might_not():
    alike = [Rating(unit, rater, "yes") for unit in range(30) for rater in "ab"]
    assert ac(of(alike, Metric.NOMINAL, YES_NO.categories)) == 1
    assert ac(of(alike, Metric.NOMINAL)) is None
    assert percent_agreement(of(alike, Metric.NOMINAL)) == 1


def test_there_is_none_where_nobody_rated_twice():
    alone = of([Rating(unit, "a", unit) for unit in FIVE], Metric.ORDINAL)
    assert ac(alone) is None
    assert percent_agreement(alone) is None


def test_each_metric_has_weights_of_its_own():
    assert [weights_of(metric) for metric in Metric] == [
        Weights.IDENTITY,
        Weights.ORDINAL,
        Weights.QUADRATIC,
        Weights.RATIO,
    ]


def test_values_without_order_take_no_weights():
    with pytest.raises(ValueError, match="alike or not"):
        ac(of(by_rater(KRIPPENDORFF), Metric.NOMINAL), Weights.LINEAR)


@given(some_ratings(), st.sampled_from(list(Weights)))
def test_percent_agreement_lies_between_0_and_1_and_weights_only_add_to_it(ratings, weights):
    plain = percent_agreement(of(ratings, Metric.RATIO, FIVE))
    weighted = percent_agreement(of(ratings, Metric.RATIO, FIVE), weights)
    if plain is None:
        assert weighted is None
    else:
        assert -1e-12 <= plain <= weighted + 1e-12 <= 1 + 2e-12
