"""The terms of work as people write and read them."""

from datetime import date

import pytest

from scheduling.models import Availability, ShiftTemplate
from scheduling.terms import words


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("8", 480), ("7:30", 450), (" 38:30 ", 2310), ("7.5", 450), ("38,5", 2310), ("0:05", 5)],
)
def test_hours_are_read_as_people_write_them(text, minutes):
    assert words.minutes_of(text) == minutes


@pytest.mark.parametrize("text", ["", "eight", "7:60", "-8", "7.33", "8h", "7:5"])
def test_what_is_no_number_of_hours_is_refused(text):
    with pytest.raises(ValueError, match=r"^.*$"):
        words.minutes_of(text)


def test_a_minute_of_the_next_day_is_marked_and_midnight_ends_its_own():
    assert [words.clock(minute) for minute in (0, 365, 1439, 1440, 1800)] == [
        "00:00", "06:05", "23:59", "24:00", "06:00 (+1)",
    ]  # fmt: skip


def test_neighbouring_weekdays_stand_together():
    assert words.weekdays([0, 1, 2, 3, 4]) == "Mon–Fri"
    assert words.weekdays([4, 0, 2, 5]) == "Mon, Wed, Fri–Sat"
    assert words.weekdays(range(7)) == "every day"


def test_a_template_is_told_by_its_starts_and_lengths():
    one = ShiftTemplate(first_start=360, last_start=360, step_minutes=30, lengths=[540, 480])
    assert (words.starts(one), words.lengths(one)) == ("06:00", "8:00, 9:00")
    one.last_start = 540
    assert words.starts(one) == "06:00–09:00 every 0:30"
    split = ShiftTemplate(spells=[[0, 240], [360, 600]])
    assert words.lengths(split) == "4:00, off 2:00, 4:00"


def test_pauses_are_a_line_each_and_are_read_as_they_are_written():
    text = "Lunch 30 min 3:00-5:00\nTea 15 min 1:30 - 2:00 paid\n\n"
    found = words.pauses_of(text)
    assert found == [
        {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False},
        {"name": "Tea", "minutes": 15, "earliest": 90, "latest": 120, "is_paid": True},
    ]
    assert words.pauses_of("\n".join(map(words.pause, found))) == found


@pytest.mark.parametrize(
    "line", ["Lunch", "Lunch 30 min", "30 min 3:00-5:00", "Lunch 30 min 3:00-5:00 free"]
)
def test_a_line_that_is_no_pause_is_said(line):
    with pytest.raises(ValueError, match=line):
        words.pauses_of(f"Tea 15 min 1:00-2:00\n{line}")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"weekday": 0}, "each Monday"),
        ({"from_minute": 1320, "to_minute": 1800}, "every day 22:00–06:00 (+1)"),
        (
            {"weekday": 2, "from_minute": 840, "to_minute": 1080, "first_on": date(2026, 3, 4)},
            "each Wednesday 14:00–18:00, from 4 Mar 2026",
        ),
        (
            {"first_on": date(2026, 3, 4), "last_on": date(2026, 3, 6)},
            "every day, 4 Mar 2026 to 6 Mar 2026",
        ),
        ({"first_on": date(2026, 3, 4), "last_on": date(2026, 3, 4)}, "4 Mar 2026"),
        ({"weekday": 4, "last_on": date(2026, 3, 6)}, "each Friday, to 6 Mar 2026"),
    ],
)
def test_when_somebody_cannot_is_said_in_words(said, expected):
    assert words.when(Availability(**said)) == expected


def test_what_somebody_says_names_the_shift():
    early = ShiftTemplate(name="Early")
    assert words.said(Availability(word="must_not")) == "cannot work"
    assert words.said(Availability(word="likes", template=early)) == "would like to work Early"
    assert words.said(Availability(word="rather_not")) == "would rather not work"
