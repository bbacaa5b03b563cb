"""What calls tell of patience and work, by worked examples and by calls that were made up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scheduling.proving import fits


def test_kaplan_and_meier_by_hand():
    """Waits 1, 2, 2+, 3, 5+ (+: answered): 4/5, then 3/4 of it, then 1/2 of that."""
    found = fits.patience(
        np.array([2.0, 5.0, 1.0, 2.0, 3.0]), np.array([True, False, True, False, True])
    )
    assert found.seconds.tolist() == [1, 2, 3]
    assert found.staying.tolist() == pytest.approx([0.8, 0.6, 0.3])
    assert (found.left, found.waited, found.mean_seconds) == (3, 5, pytest.approx(13 / 3))


def test_who_was_answered_at_once_tells_nothing():
    with_them = fits.patience(np.array([0.0, 0.0, 4.0]), np.array([False, False, True]))
    assert (with_them.waited, with_them.mean_seconds) == (1, 4.0)


def test_where_nobody_left_nobody_does():
    found = fits.patience(np.array([3.0, 9.0]), np.array([False, False]))
    assert (found.mean_seconds, found.left) == (None, 0)
    assert np.isinf(found.drawn(default_rng(1), 5)).all()
    none = fits.patience(np.zeros(0), np.zeros(0, bool))
    assert (none.mean_seconds, none.waited) == (None, 0)


def test_the_patience_of_callers_is_found_though_most_are_answered_before_it_ends():
    rng = default_rng(7)
    patience, offered = rng.exponential(120, 40_000), rng.exponential(30, 40_000)
    found = fits.patience(np.minimum(patience, offered), patience < offered)
    assert found.mean_seconds == pytest.approx(120, rel=0.03)
    for seconds in (10, 60, 120):
        place = np.searchsorted(found.seconds, seconds, side="right") - 1
        assert found.staying[place] == pytest.approx(np.exp(-seconds / 120), abs=0.02)
    # The mean of who left is far from it: 24 s.
    assert found.drawn(rng, 20_000).mean() == pytest.approx(120, rel=0.05)


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=60))
def test_fewer_and_fewer_stay_and_shares_are_shares(calls):
    found = fits.patience(
        np.array([float(seconds) for seconds, _ in calls]), np.array([gone for _, gone in calls])
    )
    assert (np.diff(found.staying) < 0).all()
    assert ((found.staying >= -1e-12) & (found.staying < 1)).all()
    if all(gone for _, gone in calls):
        # Without answers it is the share that is longer.
        waits = np.array([seconds for seconds, _ in calls])
        plain = [(waits > seconds).mean() for seconds in found.seconds]
        assert found.staying.tolist() == pytest.approx(plain, abs=1e-9)


def test_handle_times_by_hand():
    found = fits.handle_times(np.array([60.0, 120.0, 240.0]))
    assert found.mean_seconds == 140
    assert found.deviation_seconds == pytest.approx(91.6515, abs=1e-4)
    assert found.log_mean == pytest.approx(np.log(120))
    assert found.log_deviation == pytest.approx(np.log(2))
    assert found.variation == pytest.approx(0.65465, abs=1e-5)


def test_of_few_handle_times_little_is_told():
    assert fits.handle_times(np.zeros(0)).mean_seconds is None
    one = fits.handle_times(np.array([30.0]))
    assert (one.mean_seconds, one.deviation_seconds, one.log_mean) == (30.0, None, None)


def test_how_much_days_move_is_found_beyond_chance():
    rng = default_rng(11)
    expected = np.full((400, 1), 500.0)
    still = fits.day_to_day(rng.poisson(expected).astype(float), expected)
    moving = rng.poisson(expected * rng.gamma(100, 0.01, (400, 1))).astype(float)
    assert still < 0.02
    assert fits.day_to_day(moving, expected) == pytest.approx(0.10, abs=0.015)


@pytest.mark.parametrize("bad", [np.array([-1.0]), np.array([np.nan])])
def test_what_is_no_length_of_time_is_refused(bad):
    with pytest.raises(ValueError, match="0 or more"):
        fits.patience(bad, np.array([True]))
    with pytest.raises(ValueError, match="0 or more"):
        fits.handle_times(bad)
