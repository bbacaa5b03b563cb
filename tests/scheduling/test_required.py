"""How many positions a target takes, and how many people they are."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.erlang import erlang_a, erlang_c
from scheduling.erlang.positions import people, scheduled, with_shrinkage
from scheduling.erlang.required import Targets, positions


def of_erlang_c(aht, target):
    return lambda load, there: erlang_c(load, there, aht, target)


@pytest.mark.parametrize(
    ("calls", "seconds", "aht", "target", "targets", "expected"),
    [
        (120, 3600, 300, 60, Targets(0.9), 14),
        (120, 3600, 300, 60, Targets(0.8434), 13),
        (100, 1800, 180, 20, Targets(0.8, occupancy=0.85), 14),
        (100, 1800, 180, 20, Targets(0.8, occupancy=0.7), 15),  # 10 erlangs at 70 % are 14.3
        (100, 1800, 180, 20, Targets(asa_seconds=8), 14),  # 7.84 s
        (100, 1800, 180, 20, Targets(asa_seconds=7.8), 15),
        (1, 1800, 60, 20, Targets(0.8), 1),
        (3000, 1800, 600, 20, Targets(0.9), 1029),
        (60_000, 1800, 600, 20, Targets(0.8), 20_038),
        (0, 1800, 180, 20, Targets(0.8, occupancy=0.85), 0),
    ],
)
def test_positions_of_published_cases(calls, seconds, aht, target, targets, expected):
    found = positions(calls * aht / seconds, targets, of_erlang_c(aht, target))
    assert found == expected


@given(
    load=st.floats(0.01, 300),
    patience=st.floats(20, 600),
    level=st.floats(0.1, 0.99),
    asa=st.floats(1, 120),
    abandonment=st.floats(0.005, 0.5),
    occupancy=st.floats(0.3, 1),
    variant=st.sampled_from(["sl1", "sl2", "sl3", "sl4", "p_virtual"]),
    wait=st.sampled_from(["w1", "w2"]),
)
@settings(deadline=None, derandomize=True)
def test_one_position_less_would_not_do(
    load, patience, level, asa, abandonment, occupancy, variant, wait
):
    targets = Targets(level, variant, asa, wait, abandonment, occupancy)

    def model(load, there):
        return erlang_a(load, there, 240, patience)

    found = int(positions(load, targets, model))
    assert targets.met(model(load, float(found)))
    assert not targets.met(model(load, float(found - 1)))


def test_many_intervals_are_asked_at_once():
    load = np.array([[0.0, 10.0], [1000.0, 0.3]])
    found = positions(load, Targets(0.8), of_erlang_c(180, 20))
    alone = [
        [int(positions(one, Targets(0.8), of_erlang_c(180, 20))) for one in row] for row in load
    ]
    assert found.tolist() == alone
    assert alone[0] == [0, 14]


def test_what_no_number_of_positions_meets_is_refused():
    for targets in (Targets(1.1), Targets(asa_seconds=-1.0), Targets(occupancy=0.0)):
        with pytest.raises(ValueError, match="no number of positions"):
            positions(10.0, targets, of_erlang_c(180, 20))
    # Nobody comes, and so nobody is needed.
    assert positions(0.0, Targets(1.1), of_erlang_c(180, 20)) == 0


@pytest.mark.parametrize(
    ("filled", "shrinkage", "expected"),
    [
        (14, "0.3", 20),
        (21, "0.3", 30),  # binary fractions say 31
        (14, "0", 14),
        (0, "0.3", 0),
        (7, "0.125", 8),
    ],
)
def test_shrinkage_in_exact_decimals(filled, shrinkage, expected):
    assert scheduled(filled, Decimal(shrinkage)) == expected


def test_what_is_added_up_is_rounded_once():
    each = with_shrinkage(10, Decimal("0.3"))
    assert each == Fraction(100, 7)
    assert people(each) == 15
    assert people(7 * each) == 100  # and not 105


@pytest.mark.parametrize("broken", ["-0.1", "1", "1.5"])
def test_no_shrinkage_leaves_nothing_or_more_than_there_is(broken):
    with pytest.raises(ValueError, match="shrinkage is a share"):
        scheduled(1, Decimal(broken))
