"""The periods of plans."""

from datetime import date

from qa.plans.periods import current, latest, periods


def told(found):
    return [(one.first.isoformat(), one.next.isoformat()) for one in found]


def test_weeks_begin_on_the_weekday_of_the_first_day_and_only_whole_ones_are_over():
    found = periods("weekly", date(2026, 3, 4), None, date(2026, 3, 18))
    assert told(found) == [("2026-03-04", "2026-03-11"), ("2026-03-11", "2026-03-18")]
    assert told(periods("weekly", date(2026, 3, 4), None, date(2026, 3, 10))) == []


def test_two_weeks_are_one_period():
    found = periods("biweekly", date(2026, 3, 2), None, date(2026, 3, 30))
    assert told(found) == [("2026-03-02", "2026-03-16"), ("2026-03-16", "2026-03-30")]


def test_months_are_those_of_the_calendar_after_the_rest_of_the_first():
    found = periods("monthly", date(2026, 1, 15), None, date(2026, 3, 31))
    assert told(found) == [("2026-01-15", "2026-02-01"), ("2026-02-01", "2026-03-01")]


def test_of_a_plan_that_ended_what_was_over_by_then_is_drawn():
    found = periods("weekly", date(2026, 3, 2), date(2026, 3, 18), date(2026, 4, 30))
    assert told(found) == [("2026-03-02", "2026-03-09"), ("2026-03-09", "2026-03-16")]


def test_the_period_that_goes_on():
    assert told([current("weekly", date(2026, 3, 2), date(2026, 3, 9))]) == [
        ("2026-03-09", "2026-03-16")
    ]
    assert told([current("monthly", date(2026, 3, 1), date(2026, 2, 1))]) == [
        ("2026-03-01", "2026-04-01")
    ]


def test_a_preview_is_of_the_newest_whole_period_though_the_plan_begins_later():
    assert told([latest("weekly", date(2026, 3, 16), date(2026, 3, 11))]) == [
        ("2026-03-02", "2026-03-09")
    ]
    assert told([latest("weekly", date(2026, 3, 2), date(2026, 3, 11))]) == [
        ("2026-03-02", "2026-03-09")
    ]
    assert told([latest("monthly", date(2026, 3, 2), date(2026, 3, 11))]) == [
        ("2026-02-01", "2026-03-01")
    ]
