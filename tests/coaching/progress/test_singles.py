"""One coached agent against what chance does to colleagues, and many of them as one."""

from dataclasses import replace

import numpy as np
import pytest

from coaching.progress.courses import Course, Talk
from coaching.progress.placebo import FEWEST_PLACEBOS, Single, Singles, singles
from coaching.progress.pooling import group_ranks, pooled, told_by
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


def some_singles(values, groups=None, agents=None, shared=0.0, spread=2.0):
    many = len(values)
    agents = agents or range(many)
    groups = groups or ["one-to-one"] * many
    each = tuple(
        Single(agent, value, None, 1.0) for agent, value in zip(agents, values, strict=True)
    )
    talks = [Talk(agent, 5, group=group) for agent, group in zip(agents, groups, strict=True)]
    coached = tuple(
        Course(one.agent, (5, "a"), True, 1.0, one, 0.0, 0.0, 0.0, 9.0) for one in talks
    )
    return Singles(
        each, coached, np.array(values), np.zeros((many, 0)), (), np.full((many, many), shared),
        spread, 10_000,
    )  # fmt: skip


def test_where_agents_weigh_the_same_the_mean_has_the_error_of_a_mean():
    # 1, 2, 3, 4, 5: a mean of 3, and a standard deviation of 1.5811 over the root of 5.
    found = pooled(some_singles([1.0, 2.0, 3.0, 4.0, 5.0]))["one-to-one"]
    assert found.value == pytest.approx(3.0)
    assert found.error == pytest.approx(0.7071, abs=1e-4)
    assert found.degrees == pytest.approx(4)


def test_what_all_share_is_added_to_it():
    found = pooled(some_singles([1.0, 2.0, 3.0, 4.0, 5.0], shared=0.5))["one-to-one"]
    assert found.error == pytest.approx(1.0, abs=1e-4)  # 0.5 and 0.5


def test_several_courses_of_an_agent_are_one_and_four_agents_are_too_few():
    values = [1.0, 3.0, 2.0, 2.0, 2.0, 2.0]
    # Agent 1 twice, at 1 and 3, and four others at 2 each.
    given = some_singles(values, agents=[1, 1, 2, 3, 4, 5])
    assert pooled(given)["one-to-one"].value == pytest.approx(2.0)
    given = some_singles(values, groups=["a"] * 5 + ["b"], agents=[1, 1, 2, 3, 4, 5])
    assert pooled(given) == {"a": None, "b": None}


def test_talks_of_colleagues_are_reckoned_out_by_what_their_own_coach_gives():
    # A colleague of all, a quarter of what is foretold, had half a period of Bo's coaching. Ada's
    # talks give 4 and Bo's 8; both look smaller by 8 / 8 = 1.
    given = some_singles([3.0] * 5 + [7.0] * 5, groups=["ada"] * 5 + ["bo"] * 5)
    dosed = np.full((10, 1), 0.125)
    given = replace(given, dosed=dosed, talks=(Talk("cy", 6, 0.5, "bo"),))
    found = pooled(given)
    assert (found["ada"].value, found["bo"].value) == (pytest.approx(4.0), pytest.approx(8.0))
    # One of a coach of too few is taken to give what talks do on the whole.
    given = replace(given, talks=(Talk("cy", 6, 0.5, "di"),))
    assert pooled(given, of_talks=8.0)["ada"].value == pytest.approx(4.0)


def test_coaches_have_ranks_only_where_they_are_surely_apart():
    high, low = [9.0, 10.0, 11.0, 10.0, 10.0], [0.0, 1.0, -1.0, 0.0, 0.0]
    near = [0.5, 1.0, -1.0, 0.0, 0.5]
    given = some_singles(high + low + near, groups=["ada"] * 5 + ["bo"] * 5 + ["cy"] * 5)
    found = group_ranks(given, more_is_better=True)
    assert (found["ada"].best, found["ada"].worst) == (1, 1)
    # Second or third of three is more than half of them.
    assert (found["bo"], found["cy"]) == (None, None)
    turned = group_ranks(given, more_is_better=False)
    assert (turned["ada"].best, turned["ada"].worst) == (3, 3)


def test_the_same_talks_are_told_by_coach_and_by_kind():
    groups = [("group", "ada")] * 5 + [("peer", "ada")] * 5
    given = some_singles([1.0] * 5 + [3.0] * 5, groups=groups)
    by_coach = pooled(told_by(given, lambda talk: talk.group[1]))
    assert by_coach["ada"].value == pytest.approx(2.0)
    by_kind = pooled(told_by(given, lambda talk: talk.group[0]))
    assert (by_kind["group"].value, by_kind["peer"].value) == (
        pytest.approx(1.0),
        pytest.approx(3.0),
    )
