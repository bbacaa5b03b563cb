"""People of a forecast, by a published case and by what must hold."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from scheduling.staffing.requirement import Aim, required_for

AIM = Aim(service_level=0.8, target_seconds=20, variant="SL4")


def test_each_interval_has_the_positions_of_its_calls():
    """100 calls in half an hour of 180 s, 80/20: 14 (docs/metrics.md, section 7 of the vectors)."""
    calls = np.array([[100.0, 0.0], [0.0, 100.0]])
    found = required_for(calls, np.full((2, 2), 180.0), 1800, AIM)
    assert found.positions.tolist() == [[14, 0], [0, 14]]
    assert np.isnan(found.level[0, 1])
    assert found.level[0, 0] >= 0.8


def test_people_are_rounded_up_in_each_interval_and_sums_are_not():
    aim = Aim(service_level=0.8, target_seconds=20, variant="SL4", shrinkage=Decimal("0.3"))
    found = required_for(np.full((1, 2), 100.0), np.full((1, 2), 180.0), 1800, aim)
    assert [found.told(0, place).people for place in range(2)] == [20, 20]
    assert found.paid_hours() == Fraction(14) / Fraction(7, 10)  # twice half an hour
    assert found.paid_hours([0]) == found.paid_hours((0,)) == Fraction(20)


def test_callers_who_leave_take_fewer():
    leaving = Aim(service_level=0.8, target_seconds=20, variant="SL3", patience_seconds=60)
    calls, aht = np.full((1, 3), 100.0), np.full((1, 3), 180.0)
    stays = required_for(calls, aht, 1800, AIM)
    leaves = required_for(calls, aht, 1800, leaving)
    assert (leaves.positions < stays.positions).all()
    assert leaves.aim.model == "Erlang A"


def test_handle_times_may_differ_by_interval():
    calls = np.full((1, 2), 100.0)
    found = required_for(calls, np.array([[180.0, 360.0]]), 1800, AIM)
    assert found.positions[0, 1] > found.positions[0, 0] + 8


def test_where_nobody_knows_how_long_calls_take_nothing_is_told():
    found = required_for(np.array([[100.0]]), np.array([[np.nan]]), 1800, AIM)
    assert found.positions.tolist() == [[0]]
    assert np.isnan(found.level[0, 0])


def test_a_small_interval_is_staffed_alone():
    """One call of ten minutes in half an hour takes somebody, and 80/20 more than one."""
    found = required_for(np.array([[1.0]]), np.array([[600.0]]), 1800, AIM)
    assert found.positions[0, 0] == 2


def test_a_limit_on_occupancy_takes_more():
    calls, aht = np.full((1, 1), 2000.0), np.full((1, 1), 180.0)
    limited = Aim(service_level=0.8, target_seconds=20, variant="SL4", occupancy=0.85)
    free, held = (required_for(calls, aht, 1800, one) for one in (AIM, limited))
    assert held.positions[0, 0] == 236  # 200 erlangs by 0.85
    assert free.positions[0, 0] < 215


def test_an_aim_that_cannot_be_met_is_refused():
    with pytest.raises(ValueError, match="no number"):
        required_for(
            np.array([[10.0]]),
            np.array([[60.0]]),
            1800,
            Aim(service_level=1.1, target_seconds=20, variant="SL4"),
        )


def _erlang_c_waits(load, servers):
    """The share that waits, by the sum of the textbook."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**n / math.factorial(n) for n in range(servers)) + last)


def test_who_holds_two_chats_at_once_is_two_slower_servers():
    aim = Aim(service_level=0.8, target_seconds=20, variant="SL4", slots=2, stretch=0.5)
    # 100 chats of 180 s in half an hour take 270 s each: 15 erlangs.
    enough = next(
        servers
        for servers in range(16, 40)
        if 1 - _erlang_c_waits(15, servers) * math.exp(-(servers - 15) * 20 / 270) >= 0.8
    )
    found = required_for(np.array([[100.0]]), np.array([[180.0]]), 1800, aim)
    people = math.ceil(enough / 2)
    assert found.positions.tolist() == [[people]]
    waits = _erlang_c_waits(15, 2 * people)
    level = 1 - waits * math.exp(-(2 * people - 15) * 20 / 270)
    assert found.level[0, 0] == pytest.approx(level, abs=1e-9)


def test_all_that_is_asked_for_holds():
    calls, aht = np.array([[100.0]]), np.array([[180.0]])
    told = {"service_level": 0.5, "target_seconds": 20, "variant": "SL4", "patience_seconds": 60}
    alone, waits, loses = (
        required_for(calls, aht, 1800, Aim(**told, **more))
        for more in ({}, {"asa_seconds": 2}, {"abandonment": 0.01})
    )
    assert alone.positions < waits.positions
    for made, name, most in ((waits, "w1", 2), (loses, "p_abandon", 0.01)):
        there = made.positions.astype(float)
        expected = [
            float(getattr(made.aim.expected(np.array([[10.0]]), some, aht), name)[0, 0])
            for some in (there - 1, there)
        ]
        assert expected[1] <= most < expected[0]
