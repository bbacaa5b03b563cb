"""What speaks against a time, by the parts of a shift: times told by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.agreed.times import Clash, Piece, clashes


def at(hour, minute=0):
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def piece(kind, start, end, name=""):
    return Piece(kind, name, start, end)


LUNCH = piece("pause", at(12), at(12, 30), "Lunch")
TRAINING = piece("training", at(14), at(15), "Fibre")
COACHING = piece("coaching", at(16), at(16, 30))
SHIFT = [
    piece("on_queue", at(9), at(12)), LUNCH, piece("on_queue", at(12, 30), at(14)), TRAINING,
    piece("on_queue", at(15), at(16)), COACHING, piece("on_queue", at(16, 30), at(17)),
]  # fmt: skip
WHOLE = Piece("shift", "", at(9), at(17))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (at(9), at(9, 30), []),
        (at(16), at(16, 30), []),  # the roster has time for coaching then
        (at(11, 30), at(12), []),  # until the break, and not into it
        (at(11, 45), at(12, 15), [Clash("pause", LUNCH)]),
        (at(13, 30), at(15, 30), [Clash("busy", TRAINING)]),
        (at(16, 45), at(17, 15), [Clash("outside", WHOLE)]),
        (at(19), at(20), [Clash("outside", WHOLE)]),
        (at(8, 30), at(12, 30), [Clash("outside", WHOLE), Clash("pause", LUNCH)]),
    ],
)
def test_what_speaks_against_a_time(start, end, expected):
    assert clashes(start, end, SHIFT) == expected


def test_without_a_shift_and_in_another_session():
    other = piece("session", at(10), at(10, 30))
    assert clashes(at(10), at(11), [], [other]) == [Clash("outside"), Clash("engaged", other)]
    assert clashes(at(10, 30), at(11), SHIFT, [other]) == []
    on_call = piece("on_call", at(9), at(17))
    assert clashes(at(10), at(11), [on_call]) == [Clash("on_call", on_call)]


@given(st.integers(0, 23), st.integers(1, 60))
def test_time_on_the_queue_alone_suits_wherever_it_lies(hour, minutes):
    start = at(hour)
    end = start + timedelta(minutes=minutes)
    assert clashes(start, end, [piece("on_queue", start, end)]) == []
