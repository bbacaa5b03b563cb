"""What coaching changed, in worlds that are known."""

from dataclasses import replace

import numpy as np
import pytest

from coaching.progress.courses import Course, Talk
from coaching.progress.effects import Refused, by_differences, effect
from coaching.progress.placebo import singles

RNG = np.random.default_rng(5)


def a_course(agent, is_coached, after=None, dose=None, **more):
    trigger, earlier = RNG.normal(75, 5), RNG.normal(80, 5)
    if after is None:
        after = 20 + 0.5 * trigger + 0.25 * earlier + (3.0 if is_coached else 0.0)
    given = {"cell": (5, "Billing"), "months": RNG.uniform(3, 60)} | more
    own = (1.0 if is_coached else 0.0) if dose is None else dose
    talk = Talk(agent, 5, group=given.get("group")) if is_coached else None
    return Course(
        agent, given["cell"], is_coached, own, talk, earlier, trigger, after, given["months"]
    )


def a_comparison(coached=8, others=30, noise=0.0):
    some = [a_course(at, at < coached) for at in range(coached + others)]
    return [replace(one, after=one.after + noise * RNG.normal()) for one in some]


def test_where_trigger_and_earlier_mean_foretell_all_the_effect_is_found_whole():
    found = effect(a_comparison())
    assert found.covariances.value == pytest.approx(3.0)
    assert found.covariances.error == pytest.approx(0.0, abs=1e-9)
    assert (found.coached, found.compared) == (8, 30)


def test_differences_are_of_the_change_from_the_earlier_mean():
    some = [a_course(at, at < 2, after=0.0) for at in range(6)]
    some = [replace(one, earlier=70.0, after=70.0 + 2 * (one.agent < 2)) for one in some]
    some[5] = replace(some[5], after=74.0)
    # Coached 2 and 2, the others 0, 0, 0, 4.
    assert by_differences(some).value == pytest.approx(1.0)


def test_a_talk_of_a_colleagues_own_is_reckoned_out():
    some = a_comparison(coached=10, others=30)
    # Ten of them had half a period of coached time, which gave half of 3.
    some = [
        replace(one, dose=0.5, after=one.after + 1.5) if 10 <= one.agent < 20 else one
        for one in some
    ]
    assert effect(some).covariances.value == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("coached", "others", "why"),
    [(4, 30, Refused.FEW_COACHED), (8, 19, Refused.FEW_COMPARED)],
)
def test_of_too_few_no_effect_is_told(coached, others, why):
    assert effect(a_comparison(coached, others)) is why


def test_who_is_coached_next_is_reckoned_with_and_is_none_of_the_twenty():
    some = a_comparison(coached=8, others=21)
    soon = [replace(one, dose=0.5) if one.agent in (27, 28) else one for one in some]
    assert effect(some).compared == 21
    assert effect(soon) is Refused.FEW_COMPARED


def test_whoever_nobody_else_foretells_leaves_the_others_as_they_are():
    """Nobody says since when the others are there. Of the two colleagues in a small cell it is
    known: tenure tells of these two alone, and they of nothing else."""
    some = [replace(one, months=0.0) for one in a_comparison(coached=8, others=45, noise=2.0)]
    small = [
        replace(one, agent=100 + one.agent, cell=(5, "Claims"), months=months)
        for one, months in zip(a_comparison(1, 2, noise=2.0), (0.0, 0.0, 7.0), strict=True)
    ]
    alone, both = effect(some), effect([*some, *small])
    assert both.covariances.error == pytest.approx(alone.covariances.error, rel=0.3)
    found = singles([*some, *small])
    assert [one.value for one in found.each[:8]] == pytest.approx(
        [one.value for one in singles(some).each]
    )
    for one in found.each:
        low, high = one.interval
        assert -50 < low < one.value < high < 50
    assert np.isfinite(found.shared).all()


def test_agents_are_counted_and_not_courses():
    some = a_comparison(coached=4, others=30)
    again = [replace(one, cell=(9, "Billing")) for one in some]
    assert effect([*some, *again]) is Refused.FEW_COACHED


def test_where_nobody_differs_before_there_is_nothing_to_adjust_by():
    some = [replace(one, trigger=70.0, earlier=70.0) for one in a_comparison(noise=1.0)]
    assert effect(some) is Refused.ALIKE


def test_where_nobody_says_since_when_they_are_there_tenure_tells_nothing():
    found = effect([replace(one, months=0.0) for one in a_comparison()])
    assert found.covariances.value == pytest.approx(3.0)
    each = singles([replace(one, months=0.0) for one in a_comparison(coached=1)], 0.0)
    assert each.each[0].value == pytest.approx(3.0)
