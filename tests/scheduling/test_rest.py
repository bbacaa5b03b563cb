"""How the rest of days would have been told: worked by hand."""

import numpy as np
import pytest

from scheduling.forecast import rest

EXPECTED = np.full((60, 2), 100.0)


def test_where_days_go_on_as_they_began_the_trades_ratio_is_right_and_ours_nearly():
    """Days have half as many calls more or fewer, in both their intervals."""
    actual = EXPECTED * np.tile([[1.5], [0.5]], (30, 1))
    found = rest.told(EXPECTED, actual, first=40, known=1)
    # Without an update each day is 50 off. The ratio so far is what the rest has.
    assert (found.by_interval.trade_ratio, found.days) == (0, 20)
    assert found.by_interval.ratio < 0.15


def test_where_a_beginning_is_luck_the_trades_ratio_makes_it_worse_and_ours_does_not():
    """The first interval has 150 or 50, the second 110 or 90 whatever the first had."""
    first, second = np.array([150.0, 50, 150, 50]), np.array([110.0, 110, 90, 90])
    actual = np.tile(np.column_stack([first, second]), (15, 1))
    found = rest.told(EXPECTED, actual, first=40, known=1)
    # Each day 10 off without; by the ratio 40, 60, 60, 40.
    assert found.by_interval.trade_ratio == pytest.approx(5)
    assert found.by_interval.ratio == pytest.approx(1, abs=0.05)


def test_of_days_that_were_told_as_they_came_nothing_is_a_share():
    found = rest.told(EXPECTED, EXPECTED, first=50, known=1)
    assert (found.by_interval, found.days) == (rest.Rest(None, None), 10)


def test_what_is_left_may_be_told_right_where_its_intervals_are_not():
    """Of what is left one interval has 20 more and the other 20 fewer than was expected; the first
    had what was expected, so that the trade's ratio changes nothing."""
    expected = np.full((60, 3), 100.0)
    actual = expected + np.tile([[0.0, 20.0, -20.0]], (60, 1))
    actual[::2] = actual[::2][:, [0, 2, 1]]
    found = rest.told(expected, actual, first=40, known=1)
    assert found.by_interval.trade_ratio == pytest.approx(1)
    assert found.together == rest.Rest(None, None)
