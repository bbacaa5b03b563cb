"""Months ahead: by centres that do just what they are said to."""

from datetime import date, timedelta

import numpy as np
import pytest

from scheduling.forecast import monthly
from scheduling.forecast.days import known
from scheduling.forecast.history import from_counts
from tests.scheduling.test_ahead import WEEK

FIRST = date(2024, 1, 1)


def a_past(many, rate=lambda _day: 1.0, noise=0.0, seed=1):
    dates = [FIRST + timedelta(days=number) for number in range(many)]
    level = np.array([rate(day) for day in dates]) * 20
    if noise:
        level = level * np.random.default_rng(seed).gamma(1 / noise**2, noise**2, many)
    calls = level * WEEK[[day.weekday() for day in dates]]
    return from_counts(known(dates, {}), calls[:, None])


def coming(history, many=550):
    first = history.days[-1].date + timedelta(days=1)
    return known([first + timedelta(days=number) for number in range(many)], {})


def of_month(first, rate=1.0):
    return sum(20 * rate * WEEK[day.weekday()] for day in monthly.dates(first))


def test_a_month_has_the_calls_of_its_days():
    found = monthly.forecast(a_past(366), coming(a_past(366)))
    assert len(found.first) == 18
    assert found.expected == pytest.approx([of_month(first) for first in found.first], rel=0.01)
    # February is no lower month, but a shorter one.
    assert found.first[1] == date(2025, 2, 1)


def test_a_course_of_the_year_is_learned_from_two():
    def rate(day):
        return 1.5 if day.month == 12 else 1.0

    two, less = a_past(731, rate), a_past(366, rate)
    december = monthly.forecast(two, coming(two))
    place = december.first.index(date(2026, 12, 1)) if date(2026, 12, 1) in december.first else 11
    usual = of_month(december.first[place])
    assert december.seasonal
    assert december.expected[place] / usual > 1.15
    assert not monthly.forecast(less, coming(less)).seasonal


def test_a_trend_goes_on_and_is_believed_less_and_less():
    def rate(day):
        return 1.02 ** ((day - FIRST).days / 30.4)

    past = a_past(548, rate)
    found = monthly.forecast(past, coming(past))
    true = np.array([of_month(first, rate(first + timedelta(days=15))) for first in found.first])
    assert found.expected[0] == pytest.approx(true[0], rel=0.06)
    assert found.expected[-1] > of_month(found.first[-1], rate(past.days[-1].date))
    assert found.expected[-1] < true[-1]


def test_months_that_are_not_whole_are_not_told():
    past = a_past(366 + 10)  # ten days of the thirteenth month
    found = monthly.forecast(past, coming(past, 60))
    assert found.first == (date(2025, 2, 1),)


def test_of_few_months_nothing_is_told():
    past = a_past(70)
    assert monthly.forecast(past, coming(past)) is None


def test_bands_hold_about_as_often_as_they_say():
    held = []
    for seed in range(40):
        whole = a_past(1096, noise=0.3, seed=seed)
        past = whole.until(731)
        found = monthly.forecast(past, coming(past, 365))
        came = [
            whole.calls[[day.date.replace(day=1) == first for day in whole.days]].sum()
            for first in found.first
        ]
        held.append(np.mean((came >= found.low[0.80]) & (came <= found.high[0.80])))
    assert np.mean(held) == pytest.approx(0.80, abs=0.12)
