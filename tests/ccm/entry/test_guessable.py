"""Passwords that are guessed first, and those that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.entry.guessable import LEAST, Rule, house_words, own_length, plain, why

COMMON = frozenset({"password", "iloveyou", "dragon", "trustno1", "love"})
HOUSE = house_words(["ccm", "callcentre", "North Shields", "Köln"])
digits = st.text("0123456789", max_size=LEAST - 1)


def broken(password):
    return why(password, COMMON, HOUSE)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("123456789012", Rule.DIGITS),
        ("84 92-01/74.93", Rule.DIGITS),
        ("!!!!!!!!!!!!", Rule.DIGITS),
        ("aaaaaaaaaaaa", Rule.PIECE),
        ("passwordpassword", Rule.PIECE),
        ("ccmccmccmccm", Rule.PIECE),
        ("xk4-xk4-xk4-x", Rule.PIECE),
        ("abcdefghijkl", Rule.ROW),
        ("lkjhgfdsapoi", Rule.ROW),
        ("1qaz2wsx3edc", Rule.ROW),
        ("aabbccddeeff", Rule.ROW),
        ("абвгдежзиклм", Rule.ROW),
        ("iloveyou1234", Rule.COMMON),
        ("I love you 84", Rule.COMMON),
        ("P@ssw0rd2026!!", Rule.COMMON),
        ("7849drowssap", Rule.COMMON),
        ("dragon8dragon9", Rule.COMMON),
        ("2026trustno1!", Rule.COMMON),
        ("passwordxy84", Rule.COMMON),
        ("callcentre2026", Rule.HOUSE),
        ("NorthShields1!", Rule.HOUSE),
        ("c4llc3ntr3-ccm", Rule.HOUSE),
        ("koln+shields1", Rule.HOUSE),
        ("ccm-dragon-84", Rule.HOUSE),
    ],
)
def test_what_is_guessed_first_breaks_a_rule(password, rule):
    assert broken(password) == rule


@pytest.mark.parametrize(
    "password",
    [
        "a-long-test-passphrase",
        "correct horse battery",
        "shields of seven lords",
        "zoe",
        "q8#Lm2!xV0zT",
        "dragon849271604837",
        "blue horses repeat blue horses repeat",
        "наш старый зелёный чайник",
    ],
)
def test_what_is_not_breaks_none(password):
    assert broken(password) is None


@given(st.sampled_from(sorted(filter(str.isalpha, COMMON))), digits, digits, st.integers(1, 3))
def test_no_digits_around_a_common_word_make_it_another(word, before, after, times):
    if len(before) + len(after) < LEAST:
        assert broken(before + word * times + after) is not None


@given(st.text(min_size=1, max_size=LEAST - 1), st.integers(2, 9))
def test_a_short_piece_again_and_again_is_none(piece, times):
    assert broken(piece * times) is not None


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_breaks_it_and_capitals_change_nothing(password, name):
    house = house_words([name])
    assert why(plain(password), COMMON, house) == why(plain(plain(password)), COMMON, house)
    assert own_length(password) <= len(password)


@given(st.text("0123456789", min_size=1))
def test_digits_alone_are_none(password):
    assert broken(password) == Rule.DIGITS


def test_names_of_sites_are_taken_whole_and_by_their_words():
    assert house_words(["North Shields", "St. Ives", "Köln", "42", "A"]) == {
        "north", "shields", "northshields", "ives", "stives", "koln",
    }  # fmt: skip


@pytest.mark.parametrize("long", ["1a" * 500, "0" * 999 + "a", "a" + "!1" * 499, "ab" * 250 + "!q"])
def test_a_thousand_characters_are_looked_at_too(long):
    assert broken(long) in {None, *Rule}
