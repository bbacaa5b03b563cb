"""Until when a certificate holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.certificates.terms import Term, months_after, term


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 2), 12, date(2027, 3, 2)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),  # a leap year
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_that_there_is(day, months, expected):
    assert months_after(day, months) == expected


def test_its_end_is_told_of_ahead_but_not_before_it_is_given():
    assert term(date(2026, 3, 2), 12, 30) == Term(date(2027, 3, 2), date(2027, 1, 31))
    assert term(date(2026, 3, 2), 1, 60) == Term(date(2026, 4, 2), date(2026, 3, 2))
    assert term(date(2026, 3, 2), None, 30) == Term(None, None)


@pytest.mark.parametrize(("months", "days"), [(0, 30), (12, -1)])
def test_a_term_that_is_none_is_refused(months, days):
    with pytest.raises(ValueError, match="a month at least"):
        term(date(2026, 3, 2), months, days)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120), st.integers(0, 400))
def test_it_is_given_then_told_of_then_over(day, months, warn):
    told = term(day, months, warn)
    assert told.warn_from is not None
    assert told.expires_on is not None
    assert day <= told.warn_from <= told.expires_on
    assert timedelta(days=28 * months) <= told.expires_on - day <= timedelta(days=31 * months)
