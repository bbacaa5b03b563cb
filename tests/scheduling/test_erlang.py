"""Erlang's formulas against published cases, against the chain of states that they stand for, and
where others run out of numbers."""

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.erlang import Expected, erlang_a, erlang_b, erlang_c, erlang_x
from scheduling.erlang.retrials import load_with_retrials


@pytest.mark.parametrize(
    ("load", "lines", "blocked"),
    [
        (1, 2, 0.2),
        (8.108, 15, 0.009999631942598775),  # an old manual has 1 %; this and the next by 40 digits
        (12, 20, 0.009795639420064079),
        (1000, 1000, 0.02481191764616041),
    ],
)
def test_erlang_b_of_published_cases(load, lines, blocked):
    assert erlang_b(load, lines) == pytest.approx(blocked, rel=1e-6)


@pytest.mark.parametrize(
    ("calls", "seconds", "aht", "target", "positions", "p_wait", "level", "asa", "occupancy"),
    [
        # 100 calls in half an hour; 120 in an hour (both published, rounded; these by 40 digits)
        (100, 1800, 180, 20, 14, 0.174131933595, 0.888350019179, 7.83593701178, 10 / 14),
        (120, 3600, 300, 60, 14, 0.174131933595, 0.921757478658, 13.0598950196, 10 / 14),
        (120, 3600, 300, 60, 13, None, 0.8434, None, 10 / 13),
        # 20,000 erlangs, by 40 digits
        (60_000, 1800, 600, 20, 20_038, 0.7032131094850542, 0.8018561420581412, 11.10336488660612,
         0.9981036031540074),
    ],
)  # fmt: skip
def test_erlang_c_of_published_cases(
    calls, seconds, aht, target, positions, p_wait, level, asa, occupancy
):
    told = erlang_c(calls * aht / seconds, positions, aht, target)
    if p_wait is not None:
        assert told.p_wait == pytest.approx(p_wait, rel=1e-9)
        assert told.w1 == told.w2 == pytest.approx(asa, rel=1e-9)
    assert told.sl1 == told.sl2 == told.sl3 == told.sl4 == told.p_virtual
    assert told.sl3 == pytest.approx(level, rel=1e-4 if p_wait is None else 1e-9)
    assert told.occupancy == pytest.approx(occupancy)
    assert told.p_abandon == 0


@pytest.mark.parametrize(
    ("calls", "seconds", "aht", "patience", "positions", "told"),
    [
        # A published test of another program, rounded there; these by 40 digits.
        (100, 1800, 180, 300, 14, (0.1452601143, 0.9167920919, 4.195123237, 0.01398374412)),
        # 50 agents, as textbooks have it: 3.1 % abandon.
        (48, 60, 60, 120, 50, (0.4677740686, 0.9430189547, 3.709469899, 0.03091224916)),
        # More work than the agents can do.
        (20, 1800, 240, 600, 2, None),
    ],
)  # fmt: skip
def test_erlang_a_of_published_cases(calls, seconds, aht, patience, positions, told):
    found = erlang_a(calls * aht / seconds, positions, aht, patience)
    if told is None:
        assert found.occupancy > 0.9
        assert found.p_abandon == pytest.approx(1 - 2 * found.occupancy / (20 * 240 / 1800))
        return
    p_wait, sl3, w2, p_abandon = told
    assert found.p_wait == pytest.approx(p_wait, rel=1e-9)
    assert found.sl3 == pytest.approx(sl3, rel=1e-9)
    assert found.w2 == pytest.approx(w2, rel=1e-9)
    assert found.p_abandon == pytest.approx(p_abandon, rel=1e-9)


def chain(load, positions, aht, patience, target):
    """The same by the states of the queue: how many are there, and for each call that comes what
    becomes of it, step by step. Fractions of a second are steps of the wait within the target."""
    arrive, serve, leave = load / aht, 1 / aht, 1 / patience
    weights = [1.0]
    while weights[-1] > 1e-18 * max(weights) or len(weights) <= positions + 2:
        there = len(weights)
        rate = min(there, positions) * serve + max(there - positions, 0) * leave
        weights.append(weights[-1] * arrive / rate)
    shares = np.array(weights) / sum(weights)
    of_waiting = shares[positions:]
    served, waited = [], []
    for ahead in range(len(of_waiting)):
        # Who has `ahead` before them: one is answered, or leaves, or we do.
        forward, rate = positions * serve + ahead * leave, positions * serve + (ahead + 1) * leave
        before = served[-1] if ahead else 1.0
        waits_before = waited[-1] if ahead else 0.0
        served.append(forward / rate * before)
        waited.append(forward / rate * (waits_before + before / rate))
    p_served = shares[:positions].sum() + of_waiting @ np.array(served)
    # How many are ahead at each moment until the target, and who is answered by then: Euler's steps
    # would be rough, so the chain is walked by its own exponential (uniformisation).
    fast = positions * serve + (len(of_waiting) + 1) * leave
    ahead = np.arange(len(of_waiting))
    onward = (positions * serve + ahead * leave) / fast
    state, answered, gone = of_waiting.copy(), 0.0, 0.0
    answered_by = gone_by = 0.0
    weight, cumulative, step = math.exp(-fast * target), 0.0, 0
    while cumulative < 1 - 1e-13 and step < 200_000:
        answered_by += weight * answered
        gone_by += weight * gone
        cumulative += weight
        step += 1
        weight *= fast * target / step
        answered += state[0] * onward[0]
        gone += state.sum() * leave / fast
        moved = state * onward
        state = state * (1 - onward - leave / fast)
        state[:-1] += moved[1:]
    within = shares[:positions].sum() + answered_by
    return {
        "p_wait": of_waiting.sum(),
        "p_abandon": 1 - p_served,
        "sl1": within + gone_by,
        "sl2": within / p_served,
        "sl3": within,
        "sl4": within / (1 - gone_by),
        "w1": of_waiting @ np.array(waited) / p_served,
        "w2": (1 - p_served) * patience,
        "queue_length": of_waiting @ ahead,
        "occupancy": (shares * np.minimum(np.arange(len(shares)), positions)).sum() / positions,
    }


@given(
    positions=st.integers(1, 40),
    busy=st.floats(0.05, 2.5),
    aht=st.floats(20, 900),
    patience=st.floats(15, 1200),
    target=st.floats(0, 120),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_erlang_a_is_what_the_states_of_the_queue_come_to(positions, busy, aht, patience, target):
    told = erlang_a(busy * positions, positions, aht, patience, target)
    for name, value in chain(busy * positions, positions, aht, patience, target).items():
        assert getattr(told, name) == pytest.approx(value, rel=2e-7, abs=1e-10), name


@given(st.floats(0.1, 50), st.floats(0.3, 60))
@settings(deadline=None, derandomize=True)
def test_between_whole_positions_erlang_b_keeps_the_rule_by_which_it_grows(load, positions):
    one_more = erlang_b(load, positions + 1)
    assert 1 / one_more == pytest.approx(1 + (positions + 1) / load / erlang_b(load, positions))


def test_arrays_are_asked_as_single_numbers_are():
    load = np.array([[2.0, 10.0, 0.0], [0.0, 9.0, 5.0], [300.0, 0.0, 5.0]])
    positions = np.array([3.0, 14.0, 0.0])
    for model, more in (
        (erlang_c, (180.0,)),
        (erlang_a, (180.0, 300.0)),
        (erlang_x, (180.0, 300.0, 0.4)),
    ):
        told = model(load, positions, *more)
        for place in np.ndindex(3, 3):
            one = model(load[place], positions[place[1]], *more)
            for field in fields(Expected):
                mine, theirs = getattr(told, field.name)[place], getattr(one, field.name)
                assert isinstance(theirs, float)
                assert mine == pytest.approx(theirs, nan_ok=True), field.name


def test_no_calls_no_positions_and_too_few_are_answers():
    # Nobody comes: whoever did would be answered at once.
    for told in (erlang_c(0, 3, 180), erlang_a(0, 3, 180, 60), erlang_x(0, 3, 180, 60, 0.5)):
        assert (told.p_wait, told.sl3, told.w2, told.occupancy) == (0, 1, 0, 0)
    # Nobody comes, and nobody is there: nobody waits, is busy, or leaves.
    for told in (erlang_c(0, 0, 180), erlang_a(0, 0, 180, 60), erlang_x(0, 0, 180, 60, 0.5)):
        assert (told.p_wait, told.occupancy, told.p_abandon, told.queue_length) == (0, 0, 0, 0)
        assert (told.sl1, told.sl2, told.sl3, told.sl4, told.p_virtual) == (1, 1, 1, 1, 1)
        assert (told.w1, told.w2) == (0, 0)
    # Without a length of theirs calls are no load, and nobody is there to take them.
    assert erlang_c(0, 0, 0).p_wait == 1
    # Nobody is there.
    told = erlang_c(2, 0, 180)
    assert (told.p_wait, told.sl3, told.w2, told.queue_length) == (1, 0, math.inf, math.inf)
    told = erlang_a(2, 0, 180, 60)
    assert (told.p_wait, told.sl3, told.p_abandon, told.w2) == (1, 0, 1, 60)
    assert math.isnan(told.w1)  # of nobody
    # As much to do as there are positions, and more.
    for load in (5, 6, 5000):
        told = erlang_c(load, 5, 180)
        assert (told.p_wait, told.sl3, told.w2, told.occupancy) == (1, 0, math.inf, 1)
    told = erlang_a(5000, 5, 180, 60)
    assert told.p_abandon == pytest.approx(1 - 5 / 5000, rel=1e-9)
    assert erlang_b(0, 0) == 1
    assert erlang_b(0, 1) == 0


@pytest.mark.parametrize("broken", [(-1, 3, 180), (1, -3, 180), (1, 3, -180), (math.nan, 3, 180)])
def test_what_is_no_queue_is_refused(broken):
    with pytest.raises(ValueError, match="0 or more"):
        erlang_c(*broken)
    with pytest.raises(ValueError, match="0 or more"):
        erlang_a(*broken, 60)


def test_a_queue_without_patience_or_handle_time_has_no_erlang_a():
    for times in ((180, 0), (0, 60)):
        with pytest.raises(ValueError, match="more than 0 seconds"):
            erlang_a(1, 3, *times)
    with pytest.raises(ValueError, match="at most 1"):
        erlang_x(1, 3, 180, 60, 1.1)


def test_the_more_patient_they_are_the_more_erlang_a_is_erlang_c():
    for load, positions in ((10, 14), (95, 100), (0.5, 2), (2000, 2050)):
        patient, waits = erlang_a(load, positions, 180, 1e9), erlang_c(load, positions, 180)
        for name in ("p_wait", "sl1", "sl3", "w1", "w2", "queue_length"):
            assert getattr(patient, name) == pytest.approx(getattr(waits, name), rel=1e-4), name


@pytest.mark.parametrize("load", [1e-3, 5.0, 900.0, 20_000.0])
@pytest.mark.parametrize("per_load", [0.01, 0.9, 1.0, 1.001, 1.2, 50.0])
@pytest.mark.parametrize("patience", [1.0, 120.0, 1e5])
def test_no_load_runs_out_of_numbers(load, per_load, patience):
    with np.errstate(all="raise", under="ignore"):
        for told in (
            erlang_c(load, load * per_load, 240),
            erlang_a(load, load * per_load, 240, patience),
        ):
            for field in fields(Expected):
                value = getattr(told, field.name)
                assert not math.isnan(value), field.name
                assert value >= 0, field.name
            for share in ("p_wait", "sl1", "sl2", "sl3", "sl4", "p_virtual", "p_abandon"):
                assert getattr(told, share) <= 1, share


@pytest.mark.parametrize("load", [5e-324, 1e-309, 1e-300, 1e-30])
def test_of_the_least_load_nobody_waits(load):
    for told in (erlang_c(load, 3, 249), erlang_a(load, 3, 249, 5)):
        assert told.p_wait == pytest.approx(0, abs=1e-20)
        assert (told.sl1, told.sl3, told.sl4) == (1, 1, 1)
        assert told.w2 == pytest.approx(0, abs=1e-20)


@given(
    load=st.floats(0.1, 60),
    per_load=st.floats(0.3, 2),
    patience=st.floats(10, 900),
    again=st.floats(0, 1),
)
@settings(deadline=None, derandomize=True)
def test_erlang_x_adds_just_those_who_call_again(load, per_load, patience, again):
    positions = math.ceil(load * per_load)
    whole = load_with_retrials(load, positions, 240, patience, again)
    told = erlang_x(load, positions, 240, patience, again)
    if whole < 1e6:
        assert whole == pytest.approx(load + again * whole * told.p_abandon, rel=1e-9)
        assert told.p_abandon == erlang_a(whole, positions, 240, patience).p_abandon
    else:  # all call again, and more is to be done than can be
        assert again > 0.99
        assert positions < load * 1.01
        assert told.p_abandon > 0.99
