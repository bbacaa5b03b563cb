"""Who has reached what."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.badges.rules import anniversary, end_of, has_years, months_reached, reached_at

GOOD, FEW, LOW = [0.9, 0.95, 0.9], [0.95, 0.95], [0.9, 0.95, 0.89]


@pytest.mark.parametrize(
    ("hired_on", "years", "today", "expected"),
    [
        (date(2021, 3, 2), 5, date(2026, 3, 2), True),
        (date(2021, 3, 3), 5, date(2026, 3, 2), False),
        (date(2020, 2, 29), 1, date(2021, 2, 28), False),
        (date(2020, 2, 29), 1, date(2021, 3, 1), True),
        (date(2020, 2, 29), 4, date(2024, 2, 29), True),
        (None, 1, date(2026, 3, 2), False),
    ],
)
def test_years_are_full_on_their_day(hired_on, years, today, expected):
    assert has_years(hired_on, years, today) is expected


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ({(2025, 12): GOOD, (2026, 1): GOOD, (2026, 2): GOOD}, (2026, 2)),
        ({(2025, 12): GOOD, (2026, 2): GOOD, (2026, 1): LOW}, None),
        ({(2025, 12): GOOD, (2026, 1): FEW, (2026, 2): GOOD}, None),
        ({(2025, 11): GOOD, (2025, 12): GOOD, (2026, 2): GOOD}, None),  # a month without any
        ({(2026, 1): GOOD, (2026, 2): GOOD, (2026, 3): GOOD}, None),  # March is not over
        ({(2025, 8): LOW, (2025, 9): GOOD, (2025, 10): GOOD, (2025, 11): GOOD}, (2025, 11)),
        ({}, None),
    ],
)
def test_three_months_in_a_row_of_good_reviews(months, expected):
    assert months_reached(months, 0.9, 3, 3, (2026, 2)) == expected


@given(st.dates(date(1950, 1, 1), date(2025, 12, 31)), st.integers(1, 60))
def test_an_anniversary_is_within_a_day_of_the_same_date(hired_on, years):
    day = anniversary(hired_on, years)
    assert day.year == hired_on.year + years
    assert day.month == hired_on.month or (hired_on.month, hired_on.day) == (2, 29)


@given(
    st.dictionaries(
        st.tuples(st.just(2025), st.integers(1, 12)),
        st.lists(st.floats(0, 1), max_size=4),
        max_size=12,
    ),
    st.integers(1, 12),
)
def test_more_months_are_harder_to_reach(shares, months):
    more = months_reached(shares, 0.8, 2, months + 1, (2025, 12))
    if more is not None:
        fewer = months_reached(shares, 0.8, 2, months, (2025, 12))
        assert fewer is not None
        assert fewer < more


def test_a_day_is_told_on_which_something_was_reached():
    days = {date(2026, 1, 9): 1, date(2026, 1, 5): 2, date(2026, 1, 7): 3}
    assert [reached_at(days, one) for one in (2, 3, 5, 6, 7)] == [
        date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 7), date(2026, 1, 9), None,
    ]  # fmt: skip
    assert end_of((2025, 12)) == date(2025, 12, 31)
    assert end_of((2024, 2)) == date(2024, 2, 29)
