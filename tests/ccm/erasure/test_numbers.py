"""A number in any text, however it is punctuated."""

import pytest

from ccm.digits import plainly
from ccm.erasure import numbers

FOUND = numbers.pattern(numbers.digits_of("0113 496 0123"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 0113 496 0123 back", "call ••• back"),
        ("0113-496-0123", "•••"),
        ("(0113) 496.0123!", "•••!"),
        ("+1134960123 or (0)113 4960123", "••• or •••"),
        ("1134960123;", "•••;"),
        ("order 91134960123", "order 91134960123"),
        ("11349601234", "11349601234"),
        ("113 496 0124", "113 496 0124"),
        ("0113\N{NO-BREAK SPACE}496\N{NARROW NO-BREAK SPACE}0123", "•••"),
        ("0113\N{NON-BREAKING HYPHEN}496\N{EN DASH}0123 or 0113\r\n4960123", "••• or •••"),
        ("0113\N{MINUS SIGN}496\N{EM DASH}0123", "•••"),
        ("", ""),
    ],
)
def test_it_is_hidden_where_it_stands_by_itself(text, expected):
    assert numbers.hidden(text, FOUND) == expected


def test_values_with_parts_lose_it_everywhere_and_what_is_nothing_else_is_empty():
    value = {"caller": "01134960123", "n": 1134960123, "more": ["x 0113 496 0123", 5, None, True]}
    assert numbers.hidden(value, FOUND) == {
        "caller": "", "n": None, "more": ["x •••", 5, None, True]
    }  # fmt: skip
    assert numbers.holds(value, FOUND)
    assert not numbers.holds({"n": 5}, FOUND)


@pytest.mark.parametrize("number", ["", "12345", "+", "Ada", "٠١٢٣٤٥٦٧", "123456x", "0" * 30])
def test_too_few_digits_or_none_are_no_number(number):
    assert numbers.digits_of(number) == ""


def test_parts_lose_numbers_from_their_names_and_words_from_their_values_alone():
    assert numbers.hidden({"0113 4960123": 1}, FOUND) == {"•••": 1}
    found = numbers.words("text")
    assert numbers.hidden({"text": ["a text"]}, found, "Agent 7") == {"text": ["a Agent 7"]}


def test_a_number_is_one_however_it_was_typed():
    assert numbers.digits_of("0113\N{EN DASH}496\N{NO-BREAK SPACE}0123") == "1134960123"
    assert plainly("0113\N{EN DASH}496") == "0113-496"


def test_words_are_found_whole_whatever_their_case():
    found = numbers.words("Ada Byron", "a.byron@example.com")
    said = "ADA BYRON wrote to a.byron@example.com; Adaline Byronic did not"
    hidden = "Agent 7 wrote to Agent 7; Adaline Byronic did not"
    assert numbers.hidden(said, found, "Agent 7") == hidden
