"""Means over agents, their intervals, and differences."""

import math

import numpy as np
import pytest
from scipy import stats

from qa.insight.weighted import Lack, difference, mean, rate
from tests.qa.insight.simulated import Setting, held


def test_a_review_stands_for_as_many_calls_as_it_was_drawn_from():
    # Three reviews of 10 calls each, two of 40 each: (10 * (.9 + .8 + .7) + 40 * (.5 + .6)) / 110.
    found = mean([0.9, 0.8, 0.7, 0.5, 0.6], [10, 10, 10, 40, 40], [1, 1, 2, 3, 3])
    assert found.value == pytest.approx(68 / 110)
    assert (found.n, found.agents) == (5, 3)


def test_the_interval_is_that_of_leaving_out_one_agent_after_the_other():
    # Means .8, .7, .9 and .6 of two reviews each, all alike in weight: of .75 the four differ as
    # any four numbers do, s2 = .05 / 3, s2 / 4 = .0041667; t of 3 degrees is 3.1824.
    marks = [0.85, 0.75, 0.75, 0.65, 0.95, 0.85, 0.65, 0.55]
    found = mean(marks, [7.0] * 8, [1, 1, 2, 2, 3, 3, 4, 4])
    reach = 3.182446 * math.sqrt(0.05 / 3 / 4)
    assert found.value == pytest.approx(0.75)
    assert found.interval == pytest.approx((0.75 - reach, 0.75 + reach), abs=1e-6)


def test_unequal_agents_leave_fewer_degrees_of_freedom():
    values, weights = [0.9, 0.5, 0.7, 0.8, 0.6], [90.0, 5, 5, 5, 5]
    found = mean(values, weights, [1, 2, 3, 4, 5])
    total = sum(weights)
    value = sum(w * y for w, y in zip(weights, values, strict=True)) / total
    without = [(value * total - w * y) / (total - w) for w, y in zip(weights, values, strict=True)]
    variance = 4 / 5 * sum((one - value) ** 2 for one in without)
    degrees = max(total**2 / sum(w * w for w in weights) - 1, 1)
    reach = stats.t.ppf(0.975, degrees) * math.sqrt(variance)
    assert found.interval == pytest.approx((max(0, value - reach), min(1, value + reach)))


@pytest.mark.parametrize(
    ("values", "agents", "lack"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 2, 3, 4], Lack.TOO_FEW),
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 1, 1, 2, 2], Lack.FEW_AGENTS),
        ([0.9] * 5, [1, 2, 3, 4, 5], Lack.ALIKE),
    ],
)
def test_what_cannot_be_told_says_why(values, agents, lack):
    found = mean(values, [1.0] * len(values), agents)
    assert (found.lack, found.interval) == (lack, None)
    assert (found.value is None) == (lack is Lack.TOO_FEW)


def test_of_none_that_failed_the_rate_reaches_as_far_as_of_as_many_calls():
    # None of ten, each for as many calls: 1 - .025^(1/10).
    found = rate([False] * 10, [12.0] * 10, range(10))
    assert found.value == 0
    assert found.interval == pytest.approx((0, 1 - 0.025**0.1))
    assert rate([True] * 10, [12.0] * 10, range(10)).interval == pytest.approx((0.025**0.1, 1))


def test_few_reviews_have_no_rate_but_a_count():
    found = rate([True, False], [1, 1], [1, 2])
    assert (found.having, found.n, found.value, found.interval) == (None, 2, None, None)


def test_fails_of_one_agent_make_a_wider_interval_than_the_same_of_several():
    agents = [one for one in range(8) for _call in range(5)]
    together = [agent == 0 for agent in agents]
    apart = [place % 8 == 0 for place in range(40)]
    clustered = rate(together, [1.0] * 40, agents).interval
    spread = rate(apart, [1.0] * 40, agents).interval
    assert clustered.high - clustered.low > spread.high - spread.low


def test_a_difference_is_the_jackknifes_over_agents():
    random = np.random.default_rng(3)
    agents = np.repeat(np.arange(6), 8)
    met = np.tile([True, True, True, False], 12)
    weights = random.uniform(1, 9, 48)
    values = np.clip(random.normal(0.7, 0.1, 48) + 0.1 * met, 0, 1)

    def apart(keep):
        on, off = keep & met, keep & ~met
        return np.average(values[on], weights=weights[on]) - np.average(
            values[off], weights=weights[off]
        )

    whole = apart(np.ones(48, bool))
    without = np.array([apart(agents != one) for one in range(6)])
    found = difference(values, met, weights, agents)
    assert found.value == pytest.approx(whole)
    error = math.sqrt(5 / 6 * ((without - whole) ** 2).sum())
    sides = [
        np.array([weights[side & (agents == one)].sum() for one in range(6)])
        for side in (met, ~met)
    ]
    degrees = min(side.sum() ** 2 / (side**2).sum() for side in sides) - 1
    assert found.p == pytest.approx(2 * stats.t.sf(abs(whole) / error, degrees))
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, degrees) * error)


def test_a_side_of_few_is_not_compared():
    met = [True] * 30 + [False] * 9
    found = difference([0.5] * 39, met, [1.0] * 39, [one % 6 for one in range(39)])
    assert (found.lack, found.n_with, found.n_without, found.p) == (Lack.TOO_FEW, 30, 9, None)


def test_numbers_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="2 values"):
        mean([0.1, 0.2], [1.0], [1])
    with pytest.raises(ValueError, match="no call"):
        mean([0.1], [0.0], [1])


def test_intervals_hold_what_is_true_of_teams_that_were_made_up():
    """As `python -m tests.heavy.insight` has it of more of them."""
    found = held(Setting(agents=8, apart=0.05), teams=300, seed=5)
    assert 0.91 <= found.likes <= 0.99
    assert found.failing >= 0.94
    assert found.wrong <= 0.08
