"""What days of leave take. 5 May 2025 is a Monday."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.timeoff import days_asked, week_by_contract
from tests.scheduling.timeoff.made import may

FIVE_DAYS = (480, 480, 480, 480, 480, 0, 0)


@pytest.mark.parametrize(
    ("minutes", "weekdays", "expected"),
    [
        (38 * 60 + 30, range(5), (462, 462, 462, 462, 462, 0, 0)),
        (1_000, [0, 2, 5], (334, 0, 333, 0, 0, 333, 0)),
        (0, [], (0, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_a_contracts_week_has_equally_long_days(minutes, weekdays, expected):
    assert week_by_contract(minutes, weekdays) == expected


@given(minutes=st.integers(0, 6_000), weekdays=st.sets(st.integers(0, 6), min_size=1))
def test_a_contracts_week_adds_up_to_its_minutes(minutes, weekdays):
    week = week_by_contract(minutes, weekdays)
    assert sum(week) == minutes
    worked = [week[day] for day in sorted(weekdays)]
    assert max(worked) - min(worked) <= 1


def test_two_weeks_away_take_ten_days_and_all_of_the_calendar():
    days = days_asked(may(5), may(18), FIVE_DAYS)
    assert len(days) == 14
    assert sum(one.minutes for one in days) == 10 * 480
    assert [one.minutes for one in days[4:8]] == [480, 0, 0, 480]


def test_what_the_roster_says_stands_before_the_contract_and_the_holiday():
    days = days_asked(
        may(5),
        may(8),
        FIVE_DAYS,
        rostered={may(5): 600, may(6): 0, may(7): 300},
        holidays={may(7), may(8)},
    )
    assert [one.minutes for one in days] == [600, 0, 300, 0]


@pytest.mark.parametrize(
    ("day", "part", "minutes"),
    [
        (5, (540, 660), 120),
        (5, (0, 1440), 480),  # no more than they would work
        (10, (540, 660), 0),  # a Saturday
    ],
)
def test_a_part_of_a_day_takes_as_long_as_it_is(day, part, minutes):
    [one] = days_asked(may(day), may(day), FIVE_DAYS, part=part)
    assert (one.minutes, one.part) == (minutes, part)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: week_by_contract(-1, [0]),
        lambda: week_by_contract(60, [7]),
        lambda: week_by_contract(60, []),
        lambda: days_asked(may(6), may(5), FIVE_DAYS),
        lambda: days_asked(may(5), may(6), FIVE_DAYS, part=(0, 60)),
        lambda: days_asked(may(5), may(5), (480,)),
        lambda: days_asked(may(5), may(5), FIVE_DAYS, part=(60, 60)),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        wrong()
