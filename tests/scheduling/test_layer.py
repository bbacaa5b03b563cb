"""Which intervals a planner's word is of."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from ccm.models import Site
from scheduling.forecast.overrides import Word
from scheduling.models import Forecast, ForecastDay, Override
from scheduling.planned import since
from scheduling.planned.layer import of_days, published, worded

DAY = date(2026, 3, 16)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def said(starts=None, ends=None, begins=0, minutes=30):
    one = Override(first=DAY, last=DAY, starts=starts, ends=ends, factor=2.0, made_at=AT)
    found = worded([one], Forecast(interval_minutes=minutes), Site(day_begins=begins))
    return [(word.start, word.end) for word in found]


@pytest.mark.parametrize(
    ("starts", "ends", "intervals"),
    [
        (None, None, (0, 48)),
        (time(9), time(17), (18, 34)),
        (time(9, 10), time(9, 20), (18, 19)),
        (time(0), time(0, 15), (0, 1)),
        (time(8), time(23, 59), (16, 48)),
        (time(22), time(0), (44, 48)),
    ],
)
def test_it_is_of_every_interval_that_lies_in_it_in_part(starts, ends, intervals):
    assert said(starts, ends) == [intervals]


def test_a_day_that_begins_at_six_ends_at_six():
    assert said(time(22), time(2), begins=6) == [(32, 40)]
    assert said(time(6), time(6), begins=6, minutes=60) == [(0, 24)]


def a_week(**planned):
    """Two calls in each of a day's two intervals, Monday to Sunday; of some days another plan."""
    days = [DAY + timedelta(days=one) for one in range(7)]
    return [
        ForecastDay(day=day, open=[1, 1], calls=[2, 2], planned=planned.get(f"{day:%a}"))
        for day in days
    ]


def a_word(first, last, **says):
    days = [DAY + timedelta(days=one) for one in (first, last)]
    return Word(first=days[0], last=days[1], start=0, end=2, **says)


def test_what_planners_say_today_is_of_what_is_forecast_and_not_of_what_was_published():
    days, words = a_week(Mon=[8, 8]), [a_word(0, 0, factor=3.0)]
    assert of_days(days, words)[DAY].tolist() == [6, 6]
    assert {day: one.tolist() for day, one in published(days).items()} == {DAY: [8, 8]}


def test_a_version_says_where_what_planners_say_today_differs():
    """Published with 4, 4 on Monday to Wednesday. Since then: twice as many on Tuesday, which is
    the same; three times on Wednesday; and ten calls on Friday and Saturday."""
    days = a_week(Mon=[4, 4], Tue=[4, 4], Wed=[4, 4])
    words = [a_word(1, 1, factor=2.0), a_word(2, 2, factor=3.0), a_word(4, 5, calls=10.0)]
    found = since.changes(days, words)
    assert [(one.what, f"{one.first:%a}", f"{one.last:%a}") for one in found] == [
        (since.TAKEN_BACK, "Mon", "Mon"),
        (since.CHANGED, "Wed", "Wed"),
        (since.ADDED, "Fri", "Sat"),
    ]
    told = since.sentence(found)
    assert "Mon 16 Mar was taken back" in told
    assert "Wed 18 Mar was changed" in told
    assert "Fri 20 Mar to Sat 21 Mar was added" in told
    assert since.sentence(since.changes(days, [a_word(0, 2, factor=2.0)])) == ""


def test_many_changes_are_counted_and_not_all_named():
    days = a_week(Mon=[4, 4], Tue=[5, 5], Wed=[4, 4], Thu=[5, 5], Fri=[4, 4], Sun=[4, 4])
    words = [a_word(1, 1, factor=9.0), a_word(3, 3, factor=9.0)]
    assert len(since.changes(days, words)) == 6
    assert "and 2 more" in since.sentence(since.changes(days, words))


def test_what_changes_nothing_is_no_change():
    days = a_week(Mon=np.array([2.0, 2.0]).tolist())
    assert since.changes(days, []) == []
