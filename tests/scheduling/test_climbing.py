"""Positions of many intervals at once: by 50 digits, and as by halving."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.erlang import climbing, erlang_c, required
from scheduling.erlang.required import Targets


def by_fifty_digits(load, targets, aht, target):
    """The first number of positions that does, tried one after the other from none."""
    with localcontext(prec=50):
        a, aht, target = (Decimal(str(one)) for one in (load, aht, target))
        turned_away, there = Decimal(1), 0
        while True:
            there += 1
            turned_away = a * turned_away / (there + a * turned_away)
            if there <= a or a / there > Decimal(str(targets.occupancy or 1)):
                continue
            spare = there - a
            wait = there * turned_away / (there - a * (1 - turned_away))
            level, asa = 1 - wait * (-spare * target / aht).exp(), wait * aht / spare
            if level >= Decimal(str(targets.service_level or 0)) and asa <= Decimal(
                str(targets.asa_seconds or "inf")
            ):
                return there


@pytest.mark.parametrize(
    "targets",
    [
        Targets(0.8),
        Targets(0.999, asa_seconds=0.5),
        Targets(asa_seconds=30.0),
        Targets(0.5, occupancy=0.85),
        Targets(occupancy=0.3),
    ],
)
def test_the_first_number_that_does_is_found(targets):
    load = [0.001, 0.5, 1.0, 8.0, 13.7, 23.0, 23.99, 24.0, 25.5, 120.0, 500.0, 20_000.0]
    found = climbing.positions(np.array(load), targets, 240.0, 20.0)
    assert found.tolist() == [by_fifty_digits(one, targets, 240, 20) for one in load]


loads = st.one_of(
    st.just(0.0),
    st.floats(1e-9, 0.01),
    st.floats(0.01, 60),
    st.floats(400, 600),
    st.floats(19_000, 20_000),
)


@given(
    intervals=st.lists(
        st.tuples(loads, st.floats(10, 1800), st.floats(0, 120)), min_size=1, max_size=20
    ),
    level=st.floats(0.01, 0.999),
    asa=st.none() | st.floats(0.1, 300),
    occupancy=st.none() | st.floats(0.2, 1),
)
@settings(deadline=None, derandomize=True)
def test_many_intervals_are_what_each_is_alone_and_by_halving(intervals, level, asa, occupancy):
    load, aht, target = (np.array(one) for one in zip(*intervals, strict=True))
    targets = Targets(level, asa_seconds=asa, occupancy=occupancy)
    with np.errstate(all="raise", under="ignore"):
        found = climbing.positions(load, targets, aht, target)
    assert found.dtype == np.int64
    alone = [int(climbing.positions(*one[:1], targets, *one[1:])) for one in intervals]
    halved = required.positions(
        load, targets, lambda work, there: erlang_c(work, there, aht, target)
    )
    assert found.tolist() == alone == halved.tolist()


def test_any_shape_is_asked_and_left_as_it_was():
    load = np.array([[10.0, 0.0, 1000.0], [0.3, 30.0, 10.0]])
    before = load.copy()
    found = climbing.positions(load, Targets(0.8), 180.0)
    assert found.tolist() == [[14, 0, 1011], [2, 35, 14]]
    assert (load == before).all()
    # As long as each length asks for.
    assert climbing.positions(10.0, Targets(0.8), np.array([180.0, 180.0])).tolist() == [14, 14]
    assert climbing.positions(np.zeros((0, 3)), Targets(0.8), 180.0).shape == (0, 3)


def test_what_nobody_there_would_do_takes_nobody():
    """All that nobody leaves is met by no positions, too; and so is nothing."""
    for targets in (Targets(), Targets(0.0), Targets(abandonment=0.03), Targets(occupancy=1.0)):
        assert climbing.positions(10.0, targets, 180.0) == 0
    assert climbing.positions(0.0, Targets(1.1), 180.0) == 0
    # A call that takes no time takes somebody.
    assert climbing.positions(10.0, Targets(0.8), 0.0) == 1


@pytest.mark.parametrize(
    "targets",
    [
        Targets(1.1),
        Targets(math.nan),
        Targets(asa_seconds=-1.0),
        Targets(asa_seconds=0.0),
        Targets(abandonment=-0.1),
        Targets(occupancy=0.0),
        Targets(0.8, occupancy=-0.5),
    ],
)
def test_what_no_number_of_positions_meets_is_refused(targets):
    with pytest.raises(ValueError, match="no number of positions"):
        climbing.positions(np.array([0.0, 10.0, 300.0]), targets, 180.0)


def test_a_mean_wait_of_next_to_nothing_is_climbed_to_no_further_than_helps():
    for load in (0.1, 300.0):
        with pytest.raises(ValueError, match="no number of positions"):
            climbing.positions(load, Targets(asa_seconds=1e-290), 180.0)


@pytest.mark.parametrize("broken", [(-1.0, 180.0), (math.nan, 180.0), (1.0, math.nan)])
def test_what_is_no_queue_is_refused(broken):
    load, aht = broken
    with pytest.raises(ValueError, match="0 or more"):
        climbing.positions(np.array([8.0, load]), Targets(0.8), aht)
    with pytest.raises(ValueError, match="no number of positions"):
        climbing.positions(math.inf, Targets(0.8), 180.0)


def test_a_low_limit_on_occupancy_is_not_climbed_to_from_none():
    """20 million positions."""
    assert climbing.positions(20_000.0, Targets(occupancy=0.001), 240.0) == 20_000_000
