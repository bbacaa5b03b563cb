"""Days and shifts by the clock on the wall, where clocks are put and where they are not."""

from datetime import date

import pytest

from scheduling.shifts import Kind, Limits, Pause, Problem, Shape
from scheduling.shifts.days import days_of

NIGHT = Shape("night", 22 * 60, ((0, 480),), pauses=(Pause("lunch", 30, 180, 300),))


@pytest.mark.parametrize(
    ("zone", "first", "minutes", "asked"),
    [
        # Berlin, 25 October 2026: three o'clock is two o'clock once more; 2:30 is its first time.
        ("Europe/Berlin", date(2026, 10, 25), 1500, {119: 119, 150: 150, 180: 240, 420: 480}),
        # Berlin, 29 March 2026: two o'clock is three o'clock; there is no 2:30.
        ("Europe/Berlin", date(2026, 3, 29), 1380, {119: 119, 150: 120, 180: 120, 420: 360}),
        # Lord Howe goes back by half an hour.
        ("Australia/Lord_Howe", date(2026, 4, 5), 1470, {119: 150 - 31, 120: 150, 420: 450}),
        ("UTC", date(2026, 3, 29), 1440, {119: 119, 420: 420, 1500: 1500}),
    ],
)
def test_a_clock_is_read_on_days_of_any_length(zone, first, minutes, asked):
    day, after = days_of(first, 2, zone)
    assert (day.minutes, after.start) == (minutes, minutes)
    assert {clock: day.at(clock) for clock in asked} == asked


@pytest.mark.parametrize(
    ("first", "hours"),
    [(date(2026, 10, 24), 9), (date(2026, 3, 28), 7), (date(2026, 6, 6), 8)],
)
def test_a_night_goes_by_the_clock(first, hours):
    problem = Problem(days_of(first, 2, "Europe/Berlin"), (NIGHT,), ())
    ((begin, end),) = problem.spells(0, NIGHT)
    assert (begin, end - begin) == (22 * 60, hours * 60)
    assert problem.worked(0, NIGHT) == hours * 60 - 30, "the lunch is not paid"
    assert problem.worked(1, NIGHT) == 450, "the span ends before its clocks are put"


@pytest.mark.parametrize(
    ("start", "hours", "is_night", "is_late"),
    [
        (22, 8, True, False),
        (17, 8, True, False),  # until one: two hours of the night
        (16, 8, False, True),  # until midnight: one
        (4, 8, True, False),  # two hours of the night before
        (5, 8, False, False),
        (9, 8, False, False),
        (12, 8, False, False),  # until eight
        (13, 8, False, True),
    ],
)
def test_nights_and_lates_are_told_by_their_hours(start, hours, is_night, is_late):
    problem = Problem(days_of(date(2026, 6, 1), 1), (), ())
    shape = Shape("one", start * 60, ((0, hours * 60),))
    assert (problem.is_night(shape), problem.is_late(shape)) == (is_night, is_late)


def test_on_call_is_no_worked_time():
    shape = Shape("on call", 0, ((0, 1440),), kind=Kind.ON_CALL)
    problem = Problem(days_of(date(2026, 6, 1), 1), (shape,), ())
    assert (shape.worked_minutes, problem.worked(0, shape)) == (0, 0)


def test_of_two_limits_the_stricter_holds():
    contract = Limits(most_week_minutes=2400, rest_minutes=600, most_of_template={"night": 5})
    law = Limits(
        most_week_minutes=2880, rest_minutes=660, fewest_weekends_off=1,
        most_of_template={"night": 3, "late": 4}, pause_after=((360, 30),),
    )  # fmt: skip
    both = contract.strictest(law)
    assert both == law.strictest(contract)
    assert both == Limits(
        most_week_minutes=2400, rest_minutes=660, fewest_weekends_off=1,
        most_of_template={"night": 3, "late": 4}, pause_after=((360, 30),),
    )  # fmt: skip
