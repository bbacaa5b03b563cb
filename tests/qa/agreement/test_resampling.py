"""Intervals over calls: drawn from a seed, as another library has them, as sure as they say."""

import random
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import stats

from qa.agreement import Metric, Rating, Ratings, Weights, Why, ac, agreement, alpha
from qa.agreement.alpha import alphas
from qa.agreement.gwet import acs
from qa.agreement.resampling import estimates
from tests.qa.agreement.cases import YES_NO, of, passes
from tests.qa.agreement.simulated import KINDS, agreement_coverage, rated


def test_the_seed_repeats_the_draw_in_whatever_order_ratings_come():
    ratings = passes(30, 8, 6)
    mixed = random.Random(1).sample(ratings, len(ratings))
    one = agreement(Ratings.of(ratings, YES_NO), seed=5)
    other = agreement(Ratings.of(mixed, YES_NO), seed=5)
    assert one == other
    assert one.alpha != agreement(Ratings.of(ratings, YES_NO), seed=6).alpha


@pytest.mark.parametrize("seed", range(3))
def test_the_ends_are_those_of_another_librarys_bca_at_the_widened_level(seed):
    calls, weights = 20, Weights.QUADRATIC
    ratings = rated(KINDS[5], calls, np.random.default_rng(seed))

    def of_drawn(drawn):
        return ac(replace(ratings, counts=ratings.counts[drawn.astype(int)]), weights)

    # Hesterberg 2015: the normal's tail at Student's quantile times sqrt(n / (n - 1)).
    reach = np.sqrt(calls / (calls - 1)) * stats.t.ppf(0.975, calls - 1)
    theirs = stats.bootstrap(
        (np.arange(calls),), of_drawn, n_resamples=4000, method="BCa", vectorized=False,
        confidence_level=1 - 2 * stats.norm.sf(reach), rng=np.random.default_rng(3),
    )  # fmt: skip
    (ours,) = estimates(ratings, [partial(acs, weights=weights)], 1, resamples=20_000)
    assert ours.value == ac(ratings, weights)
    # Plain percentiles, at the same level, are further off.
    plain = np.quantile(theirs.bootstrap_distribution, stats.norm.cdf([-reach, reach]))
    for our, their, other in zip(
        (ours.low, ours.high), theirs.confidence_interval, plain, strict=True
    ):
        assert abs(our - their) < 0.3 * abs(other - their)


def test_alphas_of_resamples_are_those_of_calls_drawn_one_by_one():
    generator = np.random.default_rng(4)
    for kind in KINDS:
        ratings = rated(kind, 25, generator)
        times = np.array([np.bincount(generator.integers(0, 25, 25), minlength=25)])
        drawn = replace(ratings, counts=np.repeat(ratings.counts, times[0], axis=0))
        assert alphas(ratings, times.astype(float))[0] == pytest.approx(alpha(drawn))


def test_calls_are_drawn_as_often_as_with_replacement():
    # Of 10, 20 and 30 calls of three kinds, 60 drawn: on average as many of each, with the variance
    # of binomials, 60 x 1/6 x 5/6 = 8.33 of the first.
    ratings = Ratings.of(passes(10, 20, 30), YES_NO)
    seen = []

    def kinds(_ratings, times):
        seen.append(times)
        return times[:, 0]

    estimates(ratings, [kinds], 1, resamples=20_000)
    (drawn,) = [one for one in seen if len(one) == 20_000]
    assert (drawn.sum(axis=1) == 60).all()
    assert sorted(drawn.mean(axis=0)) == pytest.approx([10, 20, 30], abs=0.1)
    assert min(drawn.var(axis=0)) == pytest.approx(60 / 6 * 5 / 6, rel=0.03)


def test_calls_with_one_rating_are_drawn_apart_and_move_no_alpha():
    doubled = passes(30, 8, 6)
    single = [Rating(f"single {unit}", "one", "yes") for unit in range(10)]
    one = agreement(Ratings.of(doubled, YES_NO), seed=5)
    other = agreement(Ratings.of(doubled + single, YES_NO), seed=5)
    assert (other.calls, other.doubled) == (54, 44)
    assert other.alpha == one.alpha
    assert other.percent == one.percent
    # Ten more that pass: what chance agrees on is less, and AC1 is more.
    assert other.ac.value > one.ac.value


def test_where_nobody_disagrees_there_is_no_telling_how_sure_that_is():
    found = agreement(Ratings.of(passes(20, 0, 20), YES_NO), seed=1)
    for one in (found.alpha, found.ac, found.percent, found.weighted):
        assert (one.value, one.low, one.high, one.why) == (1, None, None, Why.ALIKE)


def test_where_hardly_anything_varies_alpha_has_no_ends():
    # Two of 40 calls have another value: e^-2 of all resamples hold neither.
    found = agreement(Ratings.of(passes(38, 2), YES_NO), seed=1)
    assert found.alpha.value is not None
    assert (found.alpha.low, found.alpha.why) == (None, Why.LITTLE_VARIATION)
    assert found.ac.low < found.ac.value < found.ac.high


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_intervals_hold_the_truth_about_as_often_as_they_say(kind):
    found = agreement_coverage(kind, 30, 60, seed=1, resamples=300)
    for name, one in found.items():
        # Of an interval that holds it in 90 % of cases, 47 of 60 or fewer do once in 176 times.
        assert one.holds >= 0.8, name


def test_what_cannot_be_drawn_is_refused():
    ratings = of([Rating(1, "a", 1)], Metric.NOMINAL)
    with pytest.raises(ValueError, match="two ratings"):
        estimates(ratings, [], 1)
    with pytest.raises(ValueError, match="50 resamples"):
        estimates(ratings, [], 1, resamples=50)
    with pytest.raises(ValueError, match="level 1"):
        estimates(ratings, [], 1, level=1)
