"""What the calculator answers: published cases, and how its numbers hang together."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.calculator.asked import Asked, Unanswerable, answer
from scheduling.erlang import erlang_b
from scheduling.staffing.shrinkage import Kind, Shrinkage


def test_a_published_case_by_erlang_c():
    """CloudTalk's guide: 120 calls an hour of 300 s, 90 % within 60 s."""
    found = answer(Asked(calls=120, aht_seconds=300, service_level=0.9, target_seconds=60))
    told = found.shown
    assert (found.asked.model, found.asked.load) == ("Erlang C", 10.0)
    assert (found.needed.positions, told.people) == (14, 14)
    assert told.level == pytest.approx(0.9218, abs=5e-5)
    assert told.expected.w1 == pytest.approx(13.06, abs=0.005)
    assert told.expected.occupancy == pytest.approx(0.7143, abs=5e-5)
    [fewer] = [step for step in found.steps if step.positions == 13]
    assert fewer.level == pytest.approx(0.8434, abs=5e-5)
    assert (fewer.is_enough, told.is_enough) == (False, True)


def test_people_are_rounded_up_once_after_shrinkage():
    asked = Asked(
        calls=100,
        interval_seconds=1800,
        aht_seconds=180,
        shrinkage=Shrinkage((Kind("", Decimal("0.3")),)),
        cost_per_hour=25,
    )
    needed = answer(asked).needed
    assert (needed.positions, needed.people, needed.cost_per_hour) == (14, 20, 500)


def test_of_the_positions_that_there_are_it_is_told_what_they_give_and_how_many_lack():
    found = answer(
        Asked(calls=120, aht_seconds=300, service_level=0.9, target_seconds=60, positions=12)
    )
    assert (found.shown.positions, found.lacking, found.given.is_enough) == (12, 2, False)


def test_more_work_than_positions_can_do_waits_without_an_end():
    found = answer(Asked(calls=120, aht_seconds=300, service_level=None, positions=10))
    assert (found.shown.is_endless, found.shown.level) == (True, 0.0)
    assert found.needed is None
    assert found.lines > 0


def test_no_calls_take_nobody():
    found = answer(Asked(calls=0, aht_seconds=300))
    assert (found.needed.positions, found.needed.people, found.lines) == (0, 0, 0)
    # And there is no service level to tell, nor a wait.
    assert math.isnan(found.needed.level)
    assert not found.needed.is_endless


def test_lines_are_the_fewest_that_turn_away_no_more_than_may_be():
    found = answer(Asked(calls=120, aht_seconds=300, service_level=0.9, target_seconds=60))
    # 10 who talk, and a call every half minute that waits for 13.06 s by 92.18 % within a minute.
    held = 10 + 120 * 13.06 / 3600
    assert erlang_b(held, found.lines) <= 0.01 < erlang_b(held, found.lines - 1)


def test_callers_who_leave_hold_their_lines_no_longer():
    """Five erlangs at three positions, a patience of a minute: how many are there on average, by
    the chain of numbers of callers. Who arrives finds them as they are."""
    asked = Asked(calls=100, aht_seconds=180, patience_seconds=60, service_level=None, positions=3)
    arrive, chance = 100 / 3600, [1.0]
    for there in range(1, 200):
        leave = min(there, 3) / 180 + max(0, there - 3) / 60
        chance.append(chance[-1] * arrive / leave)
    held = sum(there * one for there, one in enumerate(chance)) / sum(chance)
    lines = answer(asked).lines
    assert erlang_b(held, lines) <= 0.01 < erlang_b(held, lines - 1)
    again = answer(replace(asked, again=0.9)).lines
    assert again > lines


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"service_level": None}, "service_level"),
        ({"calls": 1e7}, "calls"),
        ({"service_level": 0.8, "abandonment": 0.0, "patience_seconds": 60}, "service_level"),
    ],
)
def test_what_has_no_answer_is_refused_by_what_is_to_blame(more, field):
    with pytest.raises(Unanswerable) as refused:
        answer(Asked(**{"calls": 100, "aht_seconds": 180, **more}))
    assert refused.value.field == field


@settings(deadline=None)
@given(
    calls=st.floats(0, 5000),
    aht=st.floats(1, 2000),
    level=st.floats(0.05, 0.99),
    target=st.floats(0, 300),
    patience=st.none() | st.floats(5, 2000),
    again=st.floats(0, 0.9),
    variant=st.sampled_from(["SL1", "SL2", "SL3", "SL4"]),
)
def test_one_fewer_would_miss_what_is_asked(calls, aht, level, target, patience, again, variant):
    asked = Asked(
        calls=calls, aht_seconds=aht, service_level=level, target_seconds=target,
        patience_seconds=patience, again=again if patience else 0.0, variant=variant,
    )  # fmt: skip
    found = answer(asked)
    needed = found.needed
    assert needed.is_enough
    numbers = [step.positions for step in found.steps]
    assert numbers == sorted(set(numbers))
    assert needed.positions in numbers
    if needed.positions:
        fewer = asked.callers.expected(asked.load, needed.positions - 1.0, asked.aht_seconds)
        assert not asked.targets.met(fewer)
    assert not math.isnan(needed.level) or not asked.load
