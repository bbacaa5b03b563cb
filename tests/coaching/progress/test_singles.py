"""One coached agent against what chance does to colleagues, and many of them as one."""

import numpy as np
import pytest

from coaching.progress.placebo import FEWEST_PLACEBOS, Single, Singles, singles
from coaching.progress.pooling import coach_ranks, pooled
from tests.coaching.progress.test_effects import a_comparison


def test_one_agent_is_held_against_what_was_foretold():
    found = singles(a_comparison(coached=3, others=45))
    assert [one.value for one in found.each] == [pytest.approx(3.0)] * 3
    # No placebo is as large: one of 46 with the agent's own.
    assert [one.p for one in found.each] == [pytest.approx(1 / 46)] * 3


def test_an_interval_takes_the_placebos_as_they_are_and_as_many_as_it_takes():
    assert FEWEST_PLACEBOS == 39
    some = a_comparison(coached=1, others=39, noise=1.0)
    [one] = singles(some).each
    low, high = one.interval
    # With 39 it is the value less the largest and the smallest of them.
    assert low < one.value < high
    [one] = singles(some[:-1]).each
    assert one.interval is None


def some_singles(values, shared=0.0, spread=2.0, left=10_000):
    each = tuple(Single(at, value, None, 1.0) for at, value in enumerate(values))
    return Singles(each, np.full((len(values), len(values)), shared), spread, left)


def test_where_agents_weigh_the_same_the_mean_has_the_error_of_a_mean():
    # 1, 2, 3, 4, 5: a mean of 3, and a standard deviation of 1.5811 over the root of 5.
    found = pooled(some_singles([1.0, 2.0, 3.0, 4.0, 5.0]), ["one-to-one"] * 5)["one-to-one"]
    assert found.value == pytest.approx(3.0)
    assert found.error == pytest.approx(0.7071, abs=1e-4)
    assert found.degrees == pytest.approx(4)


def test_what_all_share_is_added_to_it():
    given = some_singles([1.0, 2.0, 3.0, 4.0, 5.0], shared=0.5)
    found = pooled(given, ["one-to-one"] * 5)["one-to-one"]
    assert found.error == pytest.approx(1.0, abs=1e-4)  # 0.5 and 0.5


def test_several_courses_of_an_agent_are_one_and_four_agents_are_too_few():
    values = [1.0, 3.0, 2.0, 2.0, 2.0, 2.0]
    each = tuple(Single(max(at, 1), value, None, 1.0) for at, value in enumerate(values))
    given = Singles(each, np.zeros((6, 6)), 2.0, 100)
    # Agent 1 twice, at 1 and 3, and four others at 2 each.
    assert pooled(given, ["a"] * 6)["a"].value == pytest.approx(2.0)
    assert pooled(given, ["a"] * 5 + ["b"])["a"] is None


def test_coaches_have_ranks_only_where_they_are_surely_apart():
    high, low = [9.0, 10.0, 11.0, 10.0, 10.0], [0.0, 1.0, -1.0, 0.0, 0.0]
    near = [0.5, 1.0, -1.0, 0.0, 0.5]
    coaches = ["ada"] * 5 + ["bo"] * 5 + ["cy"] * 5
    found = coach_ranks(some_singles(high + low + near), coaches, more_is_better=True)
    assert (found["ada"].best, found["ada"].worst) == (1, 1)
    # Second or third of three is more than half of them.
    assert (found["bo"], found["cy"]) == (None, None)
    turned = coach_ranks(some_singles(high + low + near), coaches, more_is_better=False)
    assert (turned["ada"].best, turned["ada"].worst) == (3, 3)
