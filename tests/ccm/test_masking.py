"""Card numbers and security codes are hidden, and what is none stays."""

import json
import re
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.masking import (
    HIDDEN,
    HIDDEN_CODE,
    luhn,
    masked,
    masked_column,
    masked_json,
    masked_json_column,
)

# Numbers that the payment schemes publish for testing.
CARDS = (
    "4111111111111111", "5555555555554444", "378282246310005", "6011111111111117",
    "30569309025904", "3530111333300000", "2223003122003222", "4222222222222",
)  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
def test_the_schemes_numbers_are_hidden_however_they_are_written(card):
    fours = " ".join(re.findall(".{1,4}", card))
    for written in (card, fours, fours.replace(" ", "-"), fours.replace(" ", " - ")):
        for cards_only in (False, True):
            assert masked(f"paid with {written}, ok", cards_only=cards_only) == (
                f"paid with {HIDDEN}, ok"
            )


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # its check digit is wrong
        "1543480100.2171",
        "ref 411111111111111111111111",  # longer than any card
        "2021-01-01 09:12:58",
        "room 123, code word blue",
        "the discv 123 drive",
    ],
)
def test_what_is_no_card_and_no_code_stays(text):
    assert masked(text) == text


def test_in_a_sources_lines_only_what_begins_as_a_card_is_taken_for_one():
    # By chance the check digits of these milliseconds and of this id are right.
    for number in ("1543480100104", "8901260123456789011"):
        assert luhn(number)
        assert masked(number) == HIDDEN
        assert masked(number, cards_only=True) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cvv 123", f"cvv {HIDDEN_CODE}"),
        ("CVC2: 1234.", f"CVC2: {HIDDEN_CODE}."),
        ("Security code is 987", f"Security code is {HIDDEN_CODE}"),
        ("123 (cvv)", f"{HIDDEN_CODE} (cvv)"),
        ("cvv 12345", "cvv 12345"),
        (
            "4111 1111 1111 1111 12/27 cvv 123",
            f"{HIDDEN} 12/27 cvv {HIDDEN_CODE}",
        ),
    ],
)
def test_a_code_beside_its_word_is_hidden(text, expected):
    assert masked(text) == expected


def test_a_card_among_other_digits_is_found_by_its_groups():
    assert masked("7 4111 1111 1111 1111 99") == f"7 {HIDDEN} 99"
    assert masked("4111111111111111 5555555555554444") == HIDDEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to john.doe@example.com.", "Write to •••@•••."),
        ("<o'brien+calls@mail.example.co.uk>, please", "<•••@•••>, please"),
        ("mail:ann@münchen.example", "mail:•••@•••"),
        ("a@b.de", "•••@••"),
        ("4111111111111111@example.com", "•••@•••"),
    ],
)
def test_a_mail_address_is_hidden_where_people_write_and_in_what_sources_keep_beside(
    text, expected
):
    assert masked(text) == expected
    assert masked_column(pl.Series(["fine", text])).to_list() == ["fine", expected]
    assert json.loads(masked_json(json.dumps({"note": text}))) == {"note": expected}
    # Lines of a source and names of where calls go are no place to look for one.
    assert masked("Local/100@x sip:ann@pbx.example", cards_only=True).endswith("ann@pbx.example")
    assert masked("sip:ann@pbx.example", mails=False) == "sip:ann@pbx.example"


@pytest.mark.parametrize("text", ["we met @ noon", "5@2.50 each", "Local/1127@agents", "a@b"])
def test_what_has_an_at_and_is_no_address_stays(text):
    assert masked(text) == text


@given(st.lists(st.one_of(st.emails(), st.text("ab1@. -•", max_size=8)), max_size=5).map(" ".join))
def test_no_address_survives_and_masking_it_again_changes_nothing(text):
    hidden = masked(text)
    assert not re.search(r"[\w!#$%&'*+/=?^`{|}~-]@[\w-]+\.[a-z]{2}", hidden, re.I)
    assert masked(hidden) == hidden
    assert len(hidden) <= len(text)
    assert masked_column(pl.Series([text])).to_list() == [hidden]


def test_json_stays_json_with_numbers_and_codes_by_name():
    text = '{"card": 4111111111111111, "CVV": "123", "paid": [12.5, "4111111111111111"], "n": 7}'
    assert json.loads(masked_json(text)) == {
        "card": HIDDEN, "CVV": HIDDEN_CODE, "paid": [12.5, HIDDEN], "n": 7,
    }  # fmt: skip


def test_columns_are_masked_where_they_are_suspect_and_else_the_same():
    clean = pl.Series("comment", ["well", None, "1234"])
    assert masked_column(clean) is clean
    dirty = pl.Series("comment", ["well", None, "4111111111111111", "cvv 123"])
    assert masked_column(dirty).to_list() == ["well", None, HIDDEN, f"cvv {HIDDEN_CODE}"]
    extra = pl.Series("extra", [None, '{"a": "4111111111111111"}'])
    assert masked_json_column(extra).to_list() == [None, f'{{"a": "{HIDDEN}"}}']


def runs(text: str) -> list[str]:
    """Every stretch of whole groups of digits, 13 to 19 of them, with at most three spaces or
    dashes between two groups: told without the code under test."""
    found = []
    groups = list(re.finditer("[0-9]+", text))
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            if last > first and not re.fullmatch(
                "[ -]{0,3}", text[groups[last - 1].end() : groups[last].start()]
            ):
                break
            digits += groups[last][0]
            if 13 <= len(digits) <= 19:
                found.append(digits)
    return found


def is_card(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B, digit by digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        one = int(digit) * (2 if place % 2 else 1)
        total += one // 10 + one % 10
    return total % 10 == 0


def with_check_digit(digits: str) -> str:
    return next(number for number in (f"{digits}{n}" for n in range(10)) if is_card(number))


NUMBERS = st.text("0123456789", min_size=12, max_size=18)
SPACED = st.tuples(NUMBERS.map(with_check_digit), st.lists(st.sampled_from(["", " ", "-", " - "])))


def spread(number: str, gaps: list[str]) -> str:
    return "".join(
        digit + (gaps[place] if place < len(gaps) else "") for place, digit in enumerate(number)
    ).rstrip(" -")


@given(
    st.lists(
        st.one_of(SPACED.map(lambda pair: spread(*pair)), st.text("0123456789 -ab", max_size=20)),
        max_size=6,
    ).map(" ".join)
)
def test_no_run_with_a_right_check_digit_survives_and_masking_again_changes_nothing(text):
    hidden = masked(text)
    assert [run for run in runs(hidden) if is_card(run)] == []
    assert masked(hidden) == hidden


# What begins with 00 is a telephone number, whatever its check digit.
@given(NUMBERS.map(with_check_digit).filter(lambda number: not number.startswith("00")))
def test_an_id_of_that_length_without_a_right_check_digit_stays(number):
    other = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert masked(f"id {other}.") == f"id {other}."


@given(st.text())
def test_any_text_can_be_masked(text):
    assert len(masked(text)) <= len(text)
    assert masked(masked(text)) == masked(text)
    column = pl.Series([text.encode(errors="replace").decode()])
    assert masked_column(column).to_list() == [masked(column[0])]


def test_a_long_run_of_digits_costs_little():
    assert masked("1" * 100_000) == "1" * 100_000
    groups = " ".join(f"{a}{b}" for a, b in pairwise(range(10_000)))
    assert isinstance(masked(groups), str)
