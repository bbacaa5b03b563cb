"""How far somebody is on a path, and whether live calls may begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.onboarding.stages import Stage, Way, holding, way

# Course, shadowing (no gate), role-play; live calls; a review of them; more live calls.
PATH = [
    Stage(1, is_live=False, is_gate=True),
    Stage(2, is_live=False, is_gate=False),
    Stage(3, is_live=False, is_gate=True),
    Stage(4, is_live=True, is_gate=False),
    Stage(5, is_live=False, is_gate=True),
    Stage(6, is_live=True, is_gate=False),
]


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        (set(), Way(1, 0, 6, (1, 3), "shut")),
        ({1}, Way(2, 1, 6, (3,), "shut")),
        ({3}, Way(1, 1, 6, (1,), "shut")),
        ({1, 3}, Way(2, 2, 6, (), "open")),  # shadowing is no gate
        ({1, 2, 3, 4, 5, 6}, Way(None, 6, 6, (), "open")),
        ({1, 2, 3, 99}, Way(4, 3, 6, (), "open")),  # a stage that is on the path no more
    ],
)
def test_the_next_stage_and_what_keeps_from_live_calls(signed, expected):
    assert way(PATH, signed) == expected


def test_a_path_without_live_calls_has_no_gate_and_none_without_stages():
    assert way(PATH[:3], {1}) == Way(2, 1, 3, (), "none")
    assert way([], set()) == Way(None, 0, 0, (), "none")


def test_later_live_calls_wait_for_the_gates_between_too():
    assert holding(PATH, {1, 3}, 4) == ()
    assert holding(PATH, {1, 3, 4}, 6) == (5,)
    assert holding(PATH, set(), 5) == ()
    with pytest.raises(ValueError, match="not on this path"):
        holding(PATH, set(), 7)


STAGES = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8)


@given(STAGES, st.sets(st.integers(0, 8)))
def test_signing_more_off_never_shuts_the_gate(said, signed):
    path = [Stage(at, *one) for at, one in enumerate(said)]
    before = way(path, signed)
    after = way(path, signed | {before.next} if before.next is not None else signed)
    assert set(after.holding) <= set(before.holding)
    assert after.signed == before.signed + (before.next is not None)
    assert (before.gate == "shut") == bool(before.holding)
    assert (before.next is None) == (before.signed == before.many)
