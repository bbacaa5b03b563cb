"""A day's opening hours, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.structure.opening_hours import spells, written
from ccm.structure.tables import week_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("09:00-17:00", [["09:00", "17:00"]]),
        ("9-12, 13.30 – 18", [["09:00", "12:00"], ["13:30", "18:00"]]),
        ("13:00-24:00; 0:00-6:15", [["00:00", "06:15"], ["13:00", "24:00"]]),
        ("08:00-12:00,12:00-16:00", [["08:00", "12:00"], ["12:00", "16:00"]]),
    ],
)
def test_hours_are_read_as_they_are_written(text, expected):
    assert spells(text) == expected
    assert spells(written(expected)) == expected


@pytest.mark.parametrize(
    "text",
    ["nine to five", "09:00", "17:00-09:00", "09:00-09:00", "09:60-10:00", "09:00-24:01", "25-26",
     "09:00-12:00, 11:00-13:00", "09:00-12:00 13:00-14:00", "-1-5"],
)  # fmt: skip
def test_a_stretch_that_makes_no_sense_is_told(text):
    with pytest.raises(ValueError, match=r".+"):
        spells(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        found = spells(text)
    except ValueError:
        return
    assert spells(written(found)) == found
    assert all("00:00" <= begin < end <= "24:00" for begin, end in found)


def test_a_week_is_told_in_one_line():
    office, late = [["09:00", "17:00"]], [["12:00", "20:00"]]
    week = {"0": office, "1": office, "2": office, "3": late, "5": [["10:00", "12:00"]]}
    assert week_words(week, "always") == "Mon–Wed 09:00–17:00; Thu 12:00–20:00; Sat 10:00–12:00"
    assert week_words({}, "always") == "always"
