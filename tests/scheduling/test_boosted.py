"""Boosted trees, where LightGBM is installed."""

from datetime import date, timedelta

import numpy as np
import pytest

from scheduling.forecast import boosted
from scheduling.forecast.days import known
from scheduling.forecast.history import from_counts
from scheduling.forecast.methods import BUILT_IN, METHODS

MONDAY = date(2025, 1, 6)
WEEK = np.array([60.0, 50.0, 40.0, 40.0, 50.0, 10.0, 5.0])


def a_history(many):
    days = known([MONDAY + timedelta(days=number) for number in range(many)], {})
    calls = np.random.default_rng(1).poisson(
        np.outer(WEEK[np.arange(many) % 7], [0.1, 0.4, 0.3, 0.2])
    )
    return from_counts(days, calls.astype(float))


def test_without_it_the_built_in_methods_are_tried():
    if not boosted.is_there():
        assert set(METHODS) == {one.id for one in BUILT_IN}
    else:
        assert "boosted" in METHODS


def test_it_learns_weekdays_and_intervals():
    pytest.importorskip("lightgbm", exc_type=ImportError)
    history = a_history(210)
    ahead = known([MONDAY + timedelta(days=210 + number) for number in range(7)], {})
    told = boosted.forecast(history, ahead)
    assert told.shape == (7, 4)
    assert told.sum(axis=1) == pytest.approx(WEEK, rel=0.25, abs=3)
    assert told[0] == pytest.approx(60 * np.array([0.1, 0.4, 0.3, 0.2]), rel=0.25)


def test_it_says_the_same_of_the_same():
    pytest.importorskip("lightgbm", exc_type=ImportError)
    history = a_history(140)
    ahead = known([MONDAY + timedelta(days=140)], {})
    assert (boosted.forecast(history, ahead) == boosted.forecast(history, ahead)).all()
