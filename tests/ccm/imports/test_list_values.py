"""Periods and amounts as lists write them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.imports.facts.money import cents, currency_of
from ccm.imports.facts.periods import is_month, period_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("02/2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("3.2026", date(2026, 3, 1), date(2026, 3, 31)),
        ("März 2026", date(2026, 3, 1), date(2026, 3, 31)),
        ("août 2026", date(2026, 8, 1), date(2026, 8, 31)),
        ("Dec-2026", date(2026, 12, 1), date(2026, 12, 31)),
        ("Q1 2026", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("T2/2026", date(2026, 4, 1), date(2026, 6, 30)),
        ("3. Quartal 2026", date(2026, 7, 1), date(2026, 9, 30)),
        # As a spreadsheet writes a month.
        ("2026-03-01 00:00:00", date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_a_period_is_the_days_it_holds(text, first, last):
    assert period_of(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "03/26",  # of which century?
        "2026-13",
        "2026-00",
        "2026-03-15",  # a day
        "01/03/2026",  # the first of March, or the third of January
        "2026-03-01 08:00",
        "Q5 2026",
        "2026 2027",
        "0026-01",
        "spring 2026",
        "²026",
    ],
)
def test_what_is_no_period_is_none(text):
    assert period_of(text) is None


@given(st.text(max_size=40) | st.from_regex(r"[0-9QTqa-z/. -]{1,14}", fullmatch=True))
def test_any_text_is_a_whole_period_or_none(text):
    found = period_of(text)
    if found:
        first, last = found
        assert first.day == 1
        assert first <= last
        assert first.year == last.year
        assert is_month(first, last) == ((first.month) == last.month)


@pytest.mark.parametrize(
    ("cell", "said", "usual", "expected"),
    [
        ("12.50", "", "EUR", "EUR"),
        ("12.50", "GBP", "EUR", "GBP"),
        ("€ 12,50", "", "", "EUR"),
        ("12.50 USD", "", "EUR", "USD"),
        ("EUR 12.50", "USD", "EUR", None),  # they contradict each other
        ("$12.50", "", "CAD", "CAD"),
        ("$12.50", "AUD", "EUR", "AUD"),
        ("$12.50", "", "EUR", None),  # one of many dollars
        ("£12.50", "", "", None),
        ("€12.50", "GBP", "EUR", None),
        ("12.50", "", "", ""),  # nothing tells
    ],
)
def test_a_currency_is_what_cell_row_and_site_say_together(cell, said, usual, expected):
    assert currency_of(cell, said, usual) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.1, "0.10"), (1234.5, "1234.50"), (-3.0, "-3.00"), (0.125, "0.12")]
)
def test_an_amount_has_cents(value, expected):
    assert cents(value) == Decimal(expected)
