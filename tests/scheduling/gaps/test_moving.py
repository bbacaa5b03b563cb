"""What is moved where, and what that gives, by numbers that can be reckoned by hand."""

from math import exp

import numpy as np
import pytest

from scheduling.gaps.moving import Clock, Piece, best, changed, short_hours
from tests.scheduling.gaps.test_outlook import OF_THREE, OF_TWO, an_outlook

# Six half hours of one erlang each, from the beginning of the day.
HALVES = Clock(np.repeat(np.arange(6), 2), 6)
# Of one erlang by four: 1/24 / (1 + 1 + 1/2 + 1/6 + 1/24 * 4/3) * 4/3 wait.
OF_FOUR = 1 - exp(-0.3) * (4 / 3 / 24) / (1 + 1 + 1 / 2 + 1 / 6 + 4 / 3 / 24)
ADA, BO = 1, 2
ANYTHING = lambda _piece, _to: True  # noqa: E731


def moves(scheduled, *pieces, allowed=ANYTHING, until=5, most=5, **more):
    return best(an_outlook(scheduled, **more), HALVES, pieces, allowed, until=until, most=most)


def a_pause(person=ADA, start=60, minutes=30, starts=(0, 30, 90, 120, 150), fills=1.0):
    return Piece(person, start, start + minutes, fills, tuple(starts))


def test_a_share_of_an_interval_is_by_its_minutes():
    assert HALVES.shares(15, 50).tolist() == pytest.approx([0.5, 2 / 3, 0, 0, 0, 0])
    # An hour that the clock shows twice: half an hour of it is a quarter.
    twice = Clock(np.array([0, 0, 0, 0, 0, 0, 0, 0]), 1)
    assert twice.shares(0, 30).tolist() == [0.25]


def test_a_pause_goes_from_where_somebody_is_missing_to_where_one_is_over():
    """Three are required; two are there at the third half hour, and four at the fifth."""
    [one] = moves([3, 3, 2, 3, 4, 3], a_pause())
    assert one.to == 120
    assert one.relieves.first == one.relieves.last == 2
    assert one.relieves.level == pytest.approx((OF_TWO, OF_THREE))
    assert one.relieves.occupancy == pytest.approx((1 / 2, 1 / 3))
    assert one.takes_from.first == 4
    assert one.takes_from.level == pytest.approx((OF_FOUR, OF_THREE))
    # Nine calls in each.
    assert one.calls == pytest.approx(9 * (OF_THREE - OF_TWO) - 9 * (OF_FOUR - OF_THREE))


def test_nobody_is_taken_from_where_they_are_needed():
    assert moves([3, 3, 2, 3, 3, 3], a_pause()) == []


def test_what_the_rules_do_not_allow_is_not_proposed_and_the_next_best_is():
    scheduled = [4, 3, 2, 3, 4, 4]
    [nearest] = moves(scheduled, a_pause())
    assert nearest.to in (0, 120)
    [other] = moves(scheduled, a_pause(), allowed=lambda _piece, to: to == 150)
    assert other.to == 150
    assert moves(scheduled, a_pause(), allowed=lambda _piece, _to: False) == []


def test_of_equal_moves_the_one_that_moves_the_least_comes_first():
    [one] = moves([3, 3, 2, 4, 4, 4], a_pause())
    assert one.to == 90


def test_a_quarter_of_an_hour_helps_half_as_much_in_half_an_hour():
    [one] = moves([3, 3, 2, 3, 4, 3], a_pause(minutes=15, starts=(120,)))
    assert one.relieves.level[1] == pytest.approx((OF_TWO + OF_THREE) / 2)


def test_who_fills_half_a_position_gives_half_of_one():
    [one] = moves([3, 3, 2, 3, 4, 3], a_pause(fills=0.5, starts=(120,)))
    assert one.relieves.level[1] == pytest.approx((OF_TWO + OF_THREE) / 2)


def test_the_best_comes_first_and_one_of_a_person():
    """Ada's half hour helps more than Bo's quarter; her other pause waits until it is taken."""
    ada, again = a_pause(), a_pause(minutes=15)
    bo = a_pause(BO, minutes=15)
    found = moves([3, 3, 2, 3, 4, 3], bo, again, ada)
    assert [(one.piece.person, one.piece.minutes) for one in found] == [(ADA, 30), (BO, 15)]
    assert len(moves([3, 3, 2, 3, 4, 3], bo, ada, most=1)) == 1


def test_what_lies_where_nobody_is_missing_stays():
    assert moves([3, 3, 2, 3, 4, 3], a_pause(start=30)) == []


def test_gaps_beyond_the_hours_asked_about_wait():
    assert moves([3, 3, 2, 3, 4, 3], a_pause(), until=1) == []


def test_what_goes_to_closed_hours_takes_from_nobody():
    closed = {"is_open": [1, 1, 1, 1, 1, 0], "calls": [9, 9, 9, 9, 9, 0]}
    [one] = moves([3, 3, 2, 3, 3, 1], a_pause(starts=(150,)), **closed)
    assert one.takes_from is None
    assert one.calls == pytest.approx(9 * (OF_THREE - OF_TWO))


def test_a_move_that_answers_hardly_a_call_more_is_none():
    """A tenth of a call in half an hour, of which a few hundredths wait more or less."""
    assert moves([3, 3, 2, 3, 4, 3], a_pause(), calls=0.1) == []


def test_where_nobody_is_answered_in_time_one_more_is_told_though_only_several_help():
    """Two erlangs by one, and by two: nobody is answered within 20 s. By itself it answers fewer,
    as three instead of four are there where it goes."""
    [one] = moves([3, 3, 1, 3, 4, 3], a_pause(), calls=[9, 9, 18, 9, 9, 9])
    assert one.relieves.level == pytest.approx((0, 0))
    assert one.calls == pytest.approx(-9 * (OF_FOUR - OF_THREE))


def test_one_more_gives_what_one_more_gives():
    """Three are required, and two are there for an hour."""
    calls, effect = changed(an_outlook([3, 3, 2, 2, 3, 3]), np.array([0, 0, 1.0, 1.0, 0, 0]))
    assert (effect.first, effect.last) == (2, 3)
    assert effect.level == pytest.approx((OF_TWO, OF_THREE))
    assert effect.occupancy == pytest.approx((1 / 2, 1 / 3))
    assert calls == pytest.approx(2 * 9 * (OF_THREE - OF_TWO))


def test_what_changes_nothing_that_is_to_come_is_none():
    with pytest.raises(ValueError, match="open and to come"):
        changed(an_outlook([3] * 6, known=2), np.array([1.0, 1.0, 0, 0, 0, 0]))


@pytest.mark.parametrize(
    ("scheduled", "change", "hours"),
    [
        ([4, 4, 4, 4, 4, 4], [0, 0, -1, -1, 0, 0], 0.0),  # one more than required was there
        ([4, 4, 4, 4, 4, 4], [0, 0, -2, -1, 0, 0], 0.5),  # one is missing for half an hour
        ([4, 4, 2, 4, 9, 4], [0, 0, -1, 0, -1, 0], 0.5),  # one was missing before; two are now
        ([4, 4, 4, 4, 4, 4], [0, 0, -1.5, 0, 0, 0], 0.25),
        ([2, 2, 2, 2, 2, 2], [0, 0, 1, 1, 0, 0], 0.0),  # more people leave nobody short
    ],
)
def test_hours_that_are_short_and_were_not(scheduled, change, hours):
    assert short_hours(an_outlook(scheduled), np.array(change, float)) == pytest.approx(hours)


def test_where_nobody_knows_what_is_required_nobody_knows_what_is_short():
    outlook = an_outlook([4] * 6, required=[3, 3, np.nan, 3, 3, 3])
    assert short_hours(outlook, np.array([0, 0, -1.0, 0, 0, 0])) is None
    assert short_hours(outlook, np.array([0, -1.0, 0, 0, 0, 0])) == 0
