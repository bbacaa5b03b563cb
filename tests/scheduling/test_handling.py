"""How long contacts will take, by worked examples."""

import numpy as np
import pytest

from scheduling.forecast import handling
from tests.scheduling.test_ahead import days

MANY = 100_000.0


def test_of_contacts_that_all_take_as_long_that_is_told():
    told = handling.forecast(days(28), np.full((28, 4), 10.0), np.full((28, 4), 2000.0), days(7))
    assert told == pytest.approx(np.full((7, 4), 200.0))


def test_weekdays_and_intervals_have_their_own_where_many_tell_it():
    handled = np.full((28, 2), MANY)
    seconds = handled * np.array([100.0, 300.0])
    seconds[6::7] *= 2  # Sundays
    told = handling.forecast(days(28), handled, seconds, days(7))
    assert told[0, 1] / told[0, 0] == pytest.approx(3, rel=0.01)
    assert told[6].sum() / told[0].sum() == pytest.approx(2, rel=0.01)


def test_of_few_contacts_the_mean_of_all_is_told():
    handled, seconds = np.zeros((28, 2)), np.zeros((28, 2))
    handled[:, 0], seconds[:, 0] = 1000, 100_000
    handled[27, 1], seconds[27, 1] = 1, 1000
    told = handling.forecast(days(28), handled, seconds, days(1))
    # One of 1000 s beside 200 that are taken for as long as all others.
    assert told[0, 1] / told[0, 0] == pytest.approx(1.045, abs=0.01)


def test_the_last_weeks_count_for_more():
    handled = np.full((84, 1), MANY)
    seconds = handled * np.where(np.arange(84) < 42, 100.0, 200.0)[:, None]
    told = handling.forecast(days(84), handled, seconds, days(1))
    # Six weeks ago counts half, twelve a quarter: (2 x 200 + 100) / 3.
    assert told[0, 0] == pytest.approx(500 / 3, rel=0.02)


def test_where_nothing_was_handled_nothing_is_told():
    told = handling.forecast(days(7), np.zeros((7, 4)), np.zeros((7, 4)), days(2))
    assert told.shape == (2, 4)
    assert np.isnan(told).all()


def test_what_somebody_told_holds_until_contacts_tell():
    """200 of them count as much as what was told."""
    nothing = np.zeros((7, 4))
    assert (handling.forecast(days(7), nothing, nothing, days(2), 240.0) == 240).all()
    handled = np.zeros((1, 4))
    handled[0, 1] = 200
    told = handling.forecast(days(1), handled, handled * 120, days(2), 240.0)
    assert told == pytest.approx(np.full((2, 4), 180.0))
    handled[0, 1] = 200_000
    told = handling.forecast(days(1), handled, handled * 120, days(2), 240.0)
    assert told == pytest.approx(np.full((2, 4), 120.0), rel=0.01)


def test_naive_is_the_mean_of_the_same_weekday_of_the_last_week_that_had_contacts():
    """Two weeks: of Mondays 10 of 60 s and 30 of 80 s, then none; Tuesdays 100 s, then 4 of 50 s in
    all; on no Sunday was anybody there."""
    handled, seconds = np.ones((14, 2)), np.full((14, 2), 100.0)
    handled[0], seconds[0] = (10, 30), (600, 2400)
    handled[7], seconds[7] = 0, 0
    handled[8], seconds[8] = (1, 3), (80, 120)
    handled[[6, 13]], seconds[[6, 13]] = 0, 0
    told = handling.naive(days(14), handled, seconds, days(7))
    assert told == pytest.approx([75, 50, 100, 100, 100, 100, np.nan], nan_ok=True)
