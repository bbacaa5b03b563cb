"""What is told of a criterion, and when it is to be written anew."""

from dataclasses import replace

import pytest

from qa.agreement import (
    Estimate,
    Metric,
    Rating,
    Ratings,
    Rewrite,
    Scale,
    Thresholds,
    Weights,
    Why,
    agreement,
    verdict,
)
from tests.qa.agreement.cases import FIVE, KRIPPENDORFF, YES_NO, by_rater, of, passes


def found(ratings, scale=YES_NO, **more):
    return agreement(Ratings.of(ratings, scale), seed=1, **more)


def test_fewer_than_20_double_scored_calls_are_too_few_and_percent_agreement_is_told():
    few = found(passes(10, 9))
    assert (few.calls, few.doubled, few.raters) == (19, 19, 2)
    assert few.alpha == few.ac == Estimate(None, why=Why.TOO_FEW)
    assert few.percent == Estimate(pytest.approx(10 / 19), why=Why.TOO_FEW)
    enough = found(passes(11, 9))
    assert enough.alpha.value is not None
    assert enough.percent.low < 11 / 20 < enough.percent.high


def test_calls_with_one_rating_do_not_make_up_for_too_few():
    single = [Rating(f"single {unit}", "one", "no") for unit in range(30)]
    few = found(passes(10, 9) + single)
    assert (few.calls, few.doubled) == (49, 19)
    assert few.alpha.why is Why.TOO_FEW


def test_where_nobody_rated_twice_there_is_no_percent_agreement_either():
    none = found([Rating(unit, "one", "no") for unit in range(30)])
    assert (none.doubled, none.percent) == (0, Estimate(None, why=Why.TOO_FEW))


def test_where_all_values_are_equal_there_is_no_alpha_and_all_agree():
    alike = found(passes(30, 0))
    assert alike.alpha == Estimate(None, why=Why.NO_VARIATION)
    assert (alike.percent.value, alike.ac.value) == (1, 1)


def test_krippendorffs_units_are_told_where_twelve_are_enough():
    told = found(by_rater(KRIPPENDORFF), Scale(Metric.ORDINAL, FIVE), fewest=11)
    assert (told.calls, told.doubled, told.raters) == (12, 11, 4)
    assert round(told.alpha.value, 3) == 0.815
    assert told.weights is Weights.ORDINAL
    assert told.percent.value == pytest.approx(9 / 11, abs=1e-9)
    assert told.weighted.value > told.percent.value


def test_weights_may_be_others_than_the_metrics():
    told = found(
        by_rater(KRIPPENDORFF), Scale(Metric.ORDINAL, FIVE), fewest=11, weights=Weights.QUADRATIC
    )
    assert round(told.ac.value, 3) == 0.914
    assert told.weights is Weights.QUADRATIC


def test_one_call_shows_no_agreement():
    with pytest.raises(ValueError, match="1 double-scored"):
        agreement(of([], Metric.NOMINAL), seed=1, fewest=1)


def test_a_criterion_on_which_raters_differ_is_to_be_written_anew():
    # 30 calls, raters differ on half of them.
    vague = found(passes(8, 15, 7))
    assert vague.alpha.value < 0.1
    assert vague.ac.value < 0.1
    assert verdict(vague, 22, 30).rewrite is Rewrite.SURELY


def test_low_figures_of_few_calls_only_seem_so():
    # Raters differ on six of 20 calls, and half pass: pa = .7, pe = .5.
    few = found(passes(7, 6, 7))
    assert few.ac.value == pytest.approx((0.7 - 0.5) / 0.5)
    assert few.ac.high > 0.6
    assert verdict(few, 13, 20).rewrite is Rewrite.SEEMS


def test_alpha_alone_condemns_no_criterion():
    passed = found(passes(46, 4))
    assert passed.alpha.value < 0 < 0.9 < passed.ac.value
    assert verdict(passed, 4, 50).rewrite is Rewrite.UNSURE


@pytest.mark.parametrize(
    ("alpha", "ac", "expected"),
    [
        (0.26, 0.62, Rewrite.UNSURE),  # as likely by chance, though near each other
        (0.70, 0.55, Rewrite.UNSURE),
        (0.667, 0.60, Rewrite.NO),
        (0.66, 0.59, Rewrite.SEEMS),
        (None, 1.0, Rewrite.UNKNOWN),  # all said the same: nothing was told apart
        (None, None, Rewrite.UNKNOWN),
    ],
)
def test_only_what_is_low_by_neither_holds(alpha, ac, expected):
    told = replace(found(passes(30, 3, 3)), alpha=Estimate(alpha), ac=Estimate(ac))
    assert verdict(told, 10, 100).rewrite is expected


def test_what_may_as_well_be_low_by_both_does_not_hold():
    wide, sure = Estimate(0.77, -0.03, 1.0), Estimate(0.80, 0.61, 0.95)
    told = replace(found(passes(30, 3, 3)), alpha=wide, ac=Estimate(0.80, 0.55, 0.95))
    assert verdict(told, 10, 100).rewrite is Rewrite.UNSURE
    assert verdict(replace(told, ac=sure), 10, 100).rewrite is Rewrite.NO


def test_what_is_not_told_is_not_condemned():
    assert verdict(found(passes(8, 5, 6)), 11, 19).rewrite is Rewrite.UNKNOWN
    assert verdict(found(passes(30, 0)), 0, 30).rewrite is Rewrite.UNKNOWN
    # All equal on a scale that is not said: neither figure has a value.
    unsaid = found(passes(30, 0), Scale(Metric.NOMINAL))
    assert verdict(unsaid, 0, 30).rewrite is Rewrite.UNKNOWN


def test_thresholds_may_be_others():
    passed = found(passes(46, 4))
    strict = Thresholds(alpha=0.8, ac=0.95)
    assert verdict(passed, 4, 50, strict).rewrite is Rewrite.SEEMS


@pytest.mark.parametrize(
    ("failed", "scored", "expected"),
    [
        (0, 0, None),
        (0, 51, None),  # even none of 51 may be one in twenty: 1.645^2 / (51 + 1.645^2) = 5.04 %
        (0, 52, True),
        (1, 52, False),
        (1, 86, False),
        (1, 87, True),
        (20, 400, False),  # one in twenty, as it seems: not surely fewer
    ],
)
def test_nobody_fails_where_surely_fewer_than_one_in_twenty_do(failed, scored, expected):
    assert verdict(found(passes(30, 3, 3)), failed, scored).nobody_fails is expected


def test_how_seldom_is_nobody_may_be_another():
    one = found(passes(30, 3, 3))
    assert verdict(one, 0, 52, Thresholds(fails=0.01)).nobody_fails is None
    assert verdict(one, 20, 400, Thresholds(fails=0.1)).nobody_fails is True


def test_raters_may_differ_on_what_hardly_anybody_fails_and_agree_on_what_nobody_does():
    clear = verdict(found(passes(60, 1, 19)), 0, 400)
    assert (clear.rewrite, clear.nobody_fails) == (Rewrite.NO, True)


def test_more_than_were_scored_did_not_fail():
    with pytest.raises(ValueError, match="4 of 3"):
        verdict(found(passes(30, 3, 3)), 4, 3)


def test_a_critical_criterion_is_failed_by_nobody_only_where_none_failed_it():
    one = found(passes(30, 3, 3))
    assert verdict(one, 1, 400, is_critical=True).nobody_fails is False
    assert verdict(one, 0, 400, is_critical=True).nobody_fails is True


def test_of_a_bonus_it_is_never_said_that_nobody_fails_it():
    one = found(passes(30, 3, 3))
    assert verdict(one, 0, 1842).nobody_fails is True
    assert verdict(one, 0, 1842, is_bonus=True).nobody_fails is None
