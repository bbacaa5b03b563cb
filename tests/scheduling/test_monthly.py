"""Months ahead: by centres that do just what they are said to."""

from datetime import date, timedelta

import numpy as np
import pytest

from scheduling.forecast import monthly
from scheduling.forecast.days import known
from scheduling.forecast.history import History, from_counts
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


def test_where_a_history_ends_within_a_month_the_next_is_not_told_in_its_place():
    """Until 15 November: October is the last whole month, and December the first to come."""

    def rate(day):
        return 1.5 if day.month == 12 else 1.0

    past = a_past((date(2026, 11, 16) - FIRST).days, rate)
    found = monthly.forecast(past, coming(past))
    assert found.first[0] == date(2026, 12, 1)
    # Two Decembers of half as many again, held back by one month of its kind: two thirds of that.
    of_usual = found.expected / [of_month(first) for first in found.first]
    assert of_usual[0] > 1.15
    assert of_usual[1:11] == pytest.approx(np.ones(10), abs=0.06)


def test_a_month_within_which_a_history_ends_is_a_month_further():
    """What is said in mid November of December is what was said of it at the end of October."""

    def rate(day):
        return 1.03 ** ((day - FIRST).days / 30.4)

    many = (date(2026, 11, 16) - FIRST).days
    for past in (a_past(many, rate), a_past(many, rate, noise=0.4)):
        sooner = past.until((date(2026, 11, 1) - FIRST).days)
        then, now = monthly.forecast(sooner, coming(sooner)), monthly.forecast(past, coming(past))
        assert now.first[0] == then.first[1] == date(2026, 12, 1)
        # The weights of weekdays alone have learned of fifteen days more.
        assert now.expected[:12] == pytest.approx(then.expected[1:13], rel=0.01)
        for level in (0.80, 0.95):
            assert now.high[level][:12] == pytest.approx(then.high[level][1:13], rel=0.02)
            assert now.low[level][:12] == pytest.approx(then.low[level][1:13], rel=0.02)


def test_a_month_that_is_not_known_leaves_a_gap_and_shifts_no_other():
    """Twelve even months without June, and July half as many again."""
    months = [date(2024, month, 1) for month in range(1, 13) if month != 6]
    rates = np.array([150.0 if first.month == 7 else 100.0 for first in months])
    errors = monthly._errors(months, rates)
    for row, last in enumerate(months[2:-1]):
        known = [month for month in range(last.month + 1, 13) if month != 6]
        assert [*np.flatnonzero(~np.isnan(errors[row]))] == [
            month - last.month - 1 for month in known
        ]
    # Of May, the third that can be asked: June is the first month ahead, and July the second.
    assert errors[2, 1] == pytest.approx(150 / 100 - 1)
    assert errors[2, 2] == pytest.approx(0, abs=1e-12)


def test_a_trend_goes_on_over_a_month_that_is_not_known():
    """Every other month of three in a hundred: by months that are two apart it is six."""
    months = [date(2024 + number // 12, number % 12 + 1, 1) for number in range(0, 24, 2)]
    rates = 1000 * 1.03 ** np.arange(0, 24, 2)
    # Twelve months are half believed: log(1.03) / 2 a month, each next one nine tenths as much.
    told = monthly._ahead(months, rates, 3)
    assert np.diff(np.log(told)) == pytest.approx(np.log(1.03) / 2 * np.array([0.81, 0.729]), 1e-3)


def test_a_lead_of_which_too_few_were_tried_is_told_by_a_shorter_one():
    errors = np.full((5, monthly.MOST), np.nan)
    errors[:, 0] = errors[:, 2] = [-0.1, -0.05, 0.0, 0.05, 0.1]
    # Two of five are no three: as the first month ahead, by the root of twice as far.
    errors[:2, 1] = 9.0
    sooner, later = monthly._edges(errors, 0, 0.6), monthly._edges(errors, 1, 0.6)
    assert later[1] == pytest.approx(sooner[1] * 2**0.5)
    assert not later[2]


def test_how_much_more_may_come_is_asked_of_the_month_itself():
    rates = np.random.default_rng(3).normal(100, 12, 30)
    months = [date(2022 + number // 12, number % 12 + 1, 1) for number in range(30)]
    next_one = monthly.upper(months, rates, date(2024, 7, 1), 4, 0.8)
    one_later = monthly.upper(months, rates, date(2024, 8, 1), 3, 0.8)
    assert one_later.tolist() == next_one[1:].tolist()
    assert one_later[0] != next_one[0]


def test_months_after_none_at_all_have_bands_that_people_can_read():
    """A queue that slept: half a call a day stands for none, and no band is of billions."""
    months = [date(2025, number, 1) for number in range(1, 13)]
    rates = np.array([30.0, 0, 0, 0, 0, 40, 60, 50, 30, 0, 0, 0])
    errors = monthly._errors(months, rates)
    assert np.nanmax(errors) <= 60 / 0.5


def test_days_on_which_a_site_is_closed_are_no_days_of_their_month():
    """100 calls each open day; closed for two weeks of last August, and for one of the next."""
    first, last = date(2025, 1, 1), date(2026, 7, 31)
    days = known([first + timedelta(days=n) for n in range((last - first).days + 1)], {}, ())
    shut = {date(2025, 8, 10) + timedelta(days=n) for n in range(14)}
    there = np.array([[0.0 if one.date in shut else 1.0] for one in days])
    history = History(days, there * 100, there)
    months, rates = monthly.known_rates(history)
    assert date(2025, 8, 1) in months
    assert rates == pytest.approx(100.0)
    coming = known([date(2026, 8, 1) + timedelta(days=n) for n in range(31)], {}, ())
    week = {date(2026, 8, 10) + timedelta(days=n) for n in range(7)}
    told = monthly.forecast(history, coming, week)
    assert told.expected == pytest.approx([24 * 100], rel=1e-6)
