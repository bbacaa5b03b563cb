"""Periods, and figures beyond what queues explain, worked by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.effect import beyond, drawn, periods
from coaching.effect.beyond import Cell
from coaching.progress import Standing


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)))
def test_every_day_is_of_one_period_of_four_weeks_from_a_monday(day):
    number = periods.number_of(day)
    first, last = periods.first_day(number), periods.last_day(number)
    assert first <= day <= last
    assert first.weekday() == 0
    assert (last - first).days == 27
    assert periods.number_of(last + timedelta(days=1)) == number + 1


def test_a_period_is_over_when_its_last_day_is():
    # Four weeks begin on Monday 2 February 2026 and end on Sunday 1 March.
    assert periods.first_day(26416) == date(2026, 2, 2)
    assert periods.last_over(date(2026, 2, 28)) == 26415
    assert periods.last_over(date(2026, 3, 1)) == 26416
    # After its first day 27 of 28 days come, after its last none.
    assert periods.rest(date(2026, 2, 2)) == pytest.approx(27 / 28)
    assert periods.rest(date(2026, 3, 1)) == 0


HARD, EASY = 1, 2


def test_a_figure_is_what_an_agent_had_beyond_all_on_the_same_queues():
    # On the hard queue all have (60 x 390 + 40 x 405) / 100 = 396, on the easy one 204. Ann has
    # (60 x -6 + 40 x 6) / 100 = -1.2 beyond it; her mean, 318, is higher than Bo's 282.
    cells = {
        (1, HARD, 1): Cell(60 * 390, 60, 60),
        (1, EASY, 1): Cell(40 * 210, 40, 40),
        (2, HARD, 1): Cell(40 * 405, 40, 40),
        (2, EASY, 1): Cell(60 * 200, 60, 60),
    }
    found = beyond.standings(cells, {1: None, 2: None}, [date(2026, 2, 2)])
    assert found[1][1].figure == pytest.approx(-1.2)
    assert found[2][1].figure == pytest.approx(1.2)
    # Their work is where most of their calls are.
    assert (found[1][1].group, found[2][1].group) == ((HARD, -1), (EASY, -1))


def test_nine_counted_are_no_figure_and_who_is_no_agent_of_the_site_has_none():
    cells = {
        (1, HARD, 1): Cell(9 * 300, 9, 9),
        (2, HARD, 1): Cell(10 * 300, 10, 10),
        (3, HARD, 1): Cell(10 * 300, 10, 10),
        (2, HARD, 0): Cell(10 * 300, 10, 10),  # a day before all parts
    }
    found = beyond.standings(cells, {1: None, 2: date(2020, 1, 1)}, [date(2026, 2, 2)])
    assert found == {2: {1: Standing(0.0, (HARD, 4), pytest.approx(73.1, abs=0.1))}}


@pytest.mark.parametrize(
    ("hired", "band"),
    [
        (date(2026, 1, 1), 0),
        (date(2025, 11, 1), 1),  # 93 days: over three months
        (date(2025, 8, 1), 2),
        (date(2025, 2, 1), 3),
        (date(2024, 1, 1), 4),
        (date(2026, 3, 1), 0),  # hired later than that day
        (None, -1),
    ],
)
def test_tenure_is_told_in_bands_of_3_6_12_and_24_months(hired, band):
    assert beyond.tenure(hired, date(2026, 2, 2))[0] == band


def test_intervals_lie_on_one_rail_with_where_nothing_changed():
    # From -20 to 20, and a twentieth of that as room at either end: 44 wide.
    marks = drawn.rails([(-20.0, -12.0, -4.0), None, (0.0, 10.0, 20.0)])
    assert marks[1] is None
    assert (marks[0].begin, marks[0].value, marks[0].zero) == (4.5, 22.7, 50.0)
    assert (marks[2].begin, marks[2].reach) == (50.0, 45.5)
    assert drawn.rails([None]) == [None]
    # All the same and nothing: still a place.
    assert drawn.rails([(0.0, 0.0, 0.0)])[0].reach == 0.0
