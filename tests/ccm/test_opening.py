"""So much opening time after a moment, over a night, a weekend and a clock change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.opening import after, stretches

HOUR = timedelta(hours=1)
MADRID = ZoneInfo("Europe/Madrid")
# Monday to Friday from eight to eight, Saturday in the morning and, after lunch, for two hours.
WEEK = {str(day): [["08:00", "20:00"]] for day in range(5)} | {
    "5": [["09:00", "12:00"], ["14:00", "16:00"]]
}
# Open round the clock from Monday to Saturday.
NIGHTS = {str(day): [["00:00", "24:00"]] for day in range(6)}


def madrid(text):
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-25 10:00", "2026-11-25 14:00"),
        ("2026-11-25 16:00", "2026-11-25 20:00"),  # just as it closes
        ("2026-11-25 18:03", "2026-11-26 10:03"),  # 1:57 in the evening, 2:03 in the morning
        ("2026-11-25 23:30", "2026-11-26 12:00"),  # all of it the next morning
        ("2026-11-27 19:00", "2026-11-28 12:00"),  # Friday 1 h, Saturday 3 h
        ("2026-11-27 19:30", "2026-11-28 14:30"),  # 0:30, 3:00 until lunch, 0:30 after it
        ("2026-11-28 15:00", "2026-11-30 11:00"),  # Saturday 1 h, Monday 3 h
        ("2026-11-29 12:00", "2026-11-30 12:00"),  # a Sunday
    ],
)
def test_four_hours_are_four_hours_of_opening_time(asked, due):
    assert after(madrid(asked), 4 * HOUR, WEEK, MADRID) == madrid(due)


def test_the_hour_that_a_clock_leaves_out_or_tells_twice_is_no_hour_or_two():
    # On 29 March 2026 clocks go from 2:00 to 3:00, on 25 October from 3:00 to 2:00.
    always = {str(day): [["00:00", "24:00"]] for day in range(7)}
    assert after(madrid("2026-03-29 01:00"), 4 * HOUR, always, MADRID) == madrid("2026-03-29 06:00")
    assert after(madrid("2026-10-25 01:00"), 4 * HOUR, always, MADRID) == madrid("2026-10-25 04:00")
    small = {"6": [["02:00", "03:00"]], "0": [["08:00", "20:00"]]}
    assert after(madrid("2026-03-29 01:00"), HOUR, small, MADRID) == madrid("2026-03-30 09:00")


@pytest.mark.parametrize("hours", [{}, {"0": []}])
def test_where_no_hours_are_said_it_is_always_open(hours):
    asked = madrid("2026-11-29 22:00")
    assert after(asked, 4 * HOUR, hours, MADRID) == asked + 4 * HOUR
    assert stretches(asked, asked + 24 * HOUR, 4 * HOUR, hours, MADRID) == []


@given(
    minutes=st.integers(0, 9 * 24 * 60),
    span=st.sampled_from([1, 30, 240, 1000, 5000]),
    hours=st.sampled_from([WEEK, NIGHTS, {"2": [["10:00", "10:20"], ["10:20", "10:50"]]}]),
)
def test_stretches_say_the_same_of_each_moment_of_them(minutes, span, hours):
    start = madrid("2026-10-19 00:00")
    moment = start.astimezone(UTC) + timedelta(minutes=minutes)
    long = timedelta(minutes=span)
    found = stretches(start, start + timedelta(days=9, hours=1), long, hours, MADRID)
    one = next(one for one in found if moment <= one.until)
    assert max(moment, one.opens) + one.later == after(moment, long, hours, MADRID)
