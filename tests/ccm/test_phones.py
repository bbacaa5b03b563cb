"""Telephone numbers are hidden, and what only looks like one stays."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.masking import masked, masked_column, masked_json_column
from ccm.phones import hidden, hidden_cells, says_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+49 171 5551200", "•••200"),
        ("+49 (0)171/555-12-00", "•••200"),
        ("call +44 20 7946 0958 back", "call •••958 back"),
        ("0049 171 5551200", "•••200"),
        ("from 00491715551200 again", "from •••200 again"),
        ("0171 5551300", "•••300"),
        ("(0171) 5551300", "•••300"),
        ("01.71.55.51.20", "•••120"),
        ("212-555-0123", "•••123"),
        ("(212) 555-0123", "•••123"),
        ("Frau Meier, Tel 0171 5551234", "Frau Meier, Tel •••234"),
        ("Tel.: 01715551234, abends", "Tel.: •••234, abends"),
        ("Mobilnummer 0171/5551234.", "Mobilnummer •••234."),
        ("please call back on (0171) 5551234 today", "please call back on •••234 today"),
        ("Rückruf unter 0171-5551234 13.05.2025", "Rückruf unter •••234 13.05.2025"),
        ("rappeler au 06 12 34 56 78", "rappeler au •••678"),
        ("Tel 0171 5551234 10:30", "Tel •••234 10:30"),
        ("+49 171 5551200 / +49 171 5551201", "•••200 / •••201"),
        # Nothing between two numbers but what stands within one, too.
        ("00491715551200 00491715551201", "•••200 •••201"),
        ("00100000 00100000", "•••000 •••000"),
        ("+49 30 1234567 / 0044 20 7946 0958", "•••567 / •••958"),
        ("+49 30 1234567 0044 20 7946 0958", "•••567 •••958"),
        ("Tel 030 1234567 / 0171 5551200", "Tel •••567 / •••200"),
        ("+41 44 668 18 00", "•••800"),
    ],
)
def test_a_telephone_number_leaves_its_last_three_digits(text, expected):
    assert hidden(text) == expected
    assert hidden(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1543480170.123",
        "1543480170",
        "01715551234",
        "order 0171555123",
        "order number 4500123456",
        "2025-05-13 10:00:00",
        "13.05.2025 10:00",
        "2025-05-13T10:00:00+02:00",
        "call back 2025-05-13 10:00",
        "Rückruf 13.05.2025 10",
        "callback 20250513100000",
        "caller 1543480170.123",
        "1.234.567.890,50",
        "Tel 1.234.567,89 EUR",
        "00:01:30.250",
        "192.168.100.200",
        "01.05.2025 - 31.05.2025",
        "0.123456789",
        "SIP/101-0000a1b2",
        "ext 101, tel 1127",
        "callback for order 123456789",
    ],
)
def test_ids_dates_amounts_and_bare_digits_stay(text):
    assert hidden(text) == text


def test_bare_digits_are_a_number_where_the_columns_name_says_so():
    for name in ("Kunde Mobil", "Rückruf an", "phone", "ANI", "Telefonnummer", "tél client", "cli"):
        assert says_phone(name)
        assert hidden("01715551234", name) == "•••234"
    for name in ("Order", "Anruf Dauer", "Telefonzeit", "client", "animal", "callback_time"):
        assert not says_phone(name)
        assert hidden("01715551234", name) == "01715551234"
    assert hidden("2025-05-13 10:00", "Rückruf an") == "2025-05-13 10:00"
    assert hidden("1127", "phone") == "1127"


def test_a_column_of_cells_is_hidden_at_once_as_one_by_one():
    cells = ["+49 171 5551200", "0171 5551300", "0171/5551300", "01715551300", "2125550123", None]
    stay = ["13.05.2025 10:00", "20250513100000", "1543480170.12", "101", "0171 55", "x"]
    column = pl.Series("Rückruf an", cells + stay)
    hide = ["•••200", "•••300", "•••300", "•••300", "•••123", None]
    assert hidden_cells(column, "Rückruf an").to_list() == hide + stay
    assert hidden_cells(column, "Nr").to_list() == [*hide[:3], *cells[3:], *stay]
    clean = pl.Series("Nr", ["4711", None])
    assert hidden_cells(clean, "Nr") is clean


def test_what_a_source_tells_beside_is_hidden_member_by_member():
    told = {
        "Kunde Mobil": "+49 171 5551200",
        "phone": 1715551300,
        "Notiz": "Karte 4111 1111 1111 1111 CVV 123, Tel 0171 5551234",
        "order": "4500123456",
        "uniqueid": "1543480170.123",
    }
    column = pl.Series("extra", [json.dumps(told, ensure_ascii=False), '{"a": "0171 5551300"}'])
    first, second = map(json.loads, masked_json_column(column))
    assert first == {
        "Kunde Mobil": "•••200",
        "phone": "•••300",
        "Notiz": "Karte •••• CVV •••, Tel •••234",
        "order": "4500123456",
        "uniqueid": "1543480170.123",
    }
    assert second == {"a": "•••300"}


def test_ids_and_lines_of_a_source_keep_theirs():
    assert masked("+49 171 5551200", cards_only=True) == "+49 171 5551200"


@given(st.text().filter(lambda text: not any(map(str.isdecimal, text))), st.text(max_size=20))
def test_a_text_without_digits_stays(text, name):
    assert hidden(text, name) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Ofcom's numbers for drama, and others of no subscriber.
        ("My number is 07911 123456.", "My number is •••456."),
        ("Call me on 07700 900123 please", "Call me on •••123 please"),
        ("It is 0113 496 0123.", "It is •••123."),
        ("or 020 7946 0958, evenings", "or •••958, evenings"),
        ("07700900123", "•••123"),
        ("(0113) 496-0123 or (0)7911 123456", "•••123 or •••456"),
        ("le 06 12 34 56 78, merci", "le •••678, merci"),
        ("le 01.71.55.51.20 ou 01-71-55-51-20", "le •••120 ou •••120"),
        ("0151 23456789 abends", "•••789 abends"),
        ("0 7 9 1 1 1 2 3 4 5 6 then", "•••456 then"),
        ("07911 123456,07700900123", "•••456,•••123"),
        ("07911 123456/07700900123", "•••456/•••123"),
        ("07911 123456 07700900123", "•••456 •••123"),
        ("0171 5551234 10:30", "•••234 10:30"),
        ("on 13.05.2025 10:00 0171 5551234", "on 13.05.2025 10:00 •••234"),
        ("on 01/05/2025 07911 123456", "on 01/05/2025 •••456"),
        ("gate 0512 07911 123456", "gate 0512 •••456"),
        ("0171 555120, 3 times", "•••120, 3 times"),
        ("0171 555120 3 times", "•••120 3 times"),
        ("reach me at 212-555-0123 or (212) 555-0123", "reach me at •••123 or •••123"),
        ("my order, 07911 123456", "my order, •••456"),
        ("rang the customer 07911 123456", "rang the customer •••456"),
    ],
)
def test_where_people_write_a_number_of_their_country_needs_no_word(text, expected):
    assert hidden(text, at_home=True) == expected
    assert hidden(expected, at_home=True) == expected
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "order 0171555123",
        "the order number is 0171555123",
        "Auftrag Nr. 0171555123",
        "customer number 0171555123, Kundennummer: 0171555123",
        "policy 0123456789, claim 0987654321",
        "order 4500123456",
        "policy 1234567890",
        "INV-0171555123 and 0171555123abc",
        "#0171555123",
        "id=0171555123",
        "https://shop.example/x/0171555123",
        "212-555-0123-44",
        "since 01.05.2025 10:30",
        "since 05 12 2025 10 30 or so",
        "by 01/05/2025 1030",
        "by 01/05/25 12345",
        "2025-05-13 10:00:00",
        "00:01:30.2501234567",
        "0.123456789 of it",
        "paid 1.234.567,89 and 0,50",
        "between 09:30 and 10:45 on 0105",
        "012 345 678 901 234",
        "the code is 012345678",
        "ref 0123-4567-8901-2345",
    ],
)
def test_orders_dates_times_and_amounts_stay_where_people_write(text):
    assert hidden(text, at_home=True) == text
    assert masked(text) == text


def test_what_a_source_tells_beside_keeps_bare_digits_that_begin_with_0():
    column = pl.Series("extra", ['{"id": "0171555123", "n": "gate 0171555123"}'])
    assert masked_json_column(column).to_list() == column.to_list()
    assert masked_column(pl.Series(["It is 07911 123456."])).to_list() == ["It is •••456."]
    assert masked_column(pl.Series(["At 212-555-0123."])).to_list() == ["At •••123."]


@given(
    st.text("123456789", min_size=1, max_size=1),
    st.lists(st.text("123456789", min_size=2, max_size=4), min_size=2, max_size=3),
    st.sampled_from(["", " ", "-", " - "]),
    st.text(" ;abcü", max_size=9),
)
def test_of_a_number_of_the_country_three_digits_are_left_however_it_is_cut(
    second, groups, between, before
):
    digits = (second + "".join(groups) + "1234567890")[:10]
    cuts = [len(one) for one in groups]
    pieces, rest = [], f"0{digits}"
    for cut in cuts:
        pieces, rest = [*pieces, rest[: cut + 1]], rest[cut + 1 :]
    number = between.join(filter(None, [*pieces, rest]))
    told = hidden(f"{before} {number} then", at_home=True)
    assert sum(map(str.isdecimal, told)) <= 4
    assert hidden(told, at_home=True) == told


NUMBERS = st.text("0123456789", min_size=6, max_size=11).map("+49".__add__)


@given(NUMBERS, st.text(" .,;abc", max_size=9), st.text(" ;abc", max_size=9))
def test_of_a_number_the_last_three_digits_are_left_and_no_more(number, before, after):
    text = f"{before} {number} {after}"
    told = hidden(text)
    assert told == f"{before} •••{number[-3:]} {after}"
    assert hidden(told) == told


@given(st.text("0123456789 +-./()Tel:ü", max_size=40), st.sampled_from(["", "phone", "order"]))
def test_hiding_adds_no_digit_and_never_fails(text, name):
    assert len(hidden(text, name)) <= len(text)
    assert len(hidden(text, name, at_home=True)) <= len(hidden(text, name))


def test_a_long_text_is_looked_through_in_a_moment():
    for text in ("T" * 50_000 + "12345678", "tel " * 10_000 + "12345678", "1 " * 20_000):
        assert hidden(text) == text
        assert hidden(text, at_home=True) == text
    for text in ("0" * 50_000, "(0" * 30_000 + "1", "order " * 20_000 + "0123456789"):
        assert hidden(text, at_home=True) == text
