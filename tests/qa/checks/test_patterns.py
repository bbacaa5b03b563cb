"""Expressions are found where they stand, and none can hang."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.checks.patterns import MOST_STATES, Pattern, Talk, finds_nothing, states, why_wrong
from qa.transcripts import Line, Span, Transcript
from tests.qa.transcripts.talks import talk


def spans(regex, *lines):
    return [one.spans for one in Talk(talk(*lines)).matches([Pattern(regex, is_regex=True)])]


def test_every_place_of_an_expression_is_told():
    assert spans(r"\bref(und|unds)\b", "C: Refund my refunds, refunded") == [
        (Span(1, 0, 6),),
        (Span(1, 10, 17),),
    ]


def test_an_expression_goes_on_over_lines_of_one_speaker_alone():
    lines = ("A: thank you", "A: for calling", "C: thank you", "A: for calling")
    assert spans(r"thank you\s+for", *lines) == [(Span(1, 0, 9), Span(2, 0, 3))]


@pytest.mark.parametrize(
    ("regex", "words"),
    [(r"\bécoute\b", "Ça, ÉCOUTE-moi"), (r"^\w+$", "Grüße"), (r"straße", "STRAßE")],
)
def test_letters_of_all_languages_are_letters(regex, words):
    assert spans(regex, f"C: {words}")


def test_matches_of_several_patterns_are_in_order():
    said = Talk(talk("A: b a", "A: a"))
    found = said.matches([Pattern("a"), Pattern("b", is_regex=True)])
    assert [one.begin for one in found] == [(1, 0), (1, 2), (2, 0)]


def test_signs_that_mark_what_is_found_are_no_words():
    assert spans("x", "C: a\ue000\ue001x") == [(Span(1, 3, 4),)]


@pytest.mark.parametrize(
    "regex", ["(", "a)", "[z-a]", r"(a)\1", "(?=a)", "(?<!a)b", "*", r"\p{Zz}"]
)
def test_what_the_engine_refuses_is_told_in_its_words(regex):
    assert why_wrong(regex)
    with pytest.raises(ValueError, match=re.escape(why_wrong(regex))):
        spans(regex, "C: a")


def test_why_is_short():
    assert why_wrong("(") == "unclosed group"
    assert why_wrong(r"(a)\1") == "backreferences are not supported"


@pytest.mark.parametrize("regex", ["a*", "", "b?", r"\b", "x|"])
def test_what_finds_the_empty_text_finds_nothing(regex):
    assert not why_wrong(regex)
    assert finds_nothing(regex)


@pytest.mark.parametrize(
    ("regex", "many"),
    [
        ("abc", 3),
        ("(ab){3}", 6),
        ("(?:a{2,5}b){2}", 12),
        ("(?P<name>ab)(?i)c", 3),
        (r"[a\]{2}]{3}", 3),
        ("[a[bc]]{4}", 4),
        (r"\d{4}-\d{2}", 7),
        (r"\p{Lu}{2}", 2),
        ("a{,3}", 5),  # no repeat: signs as they stand
        ("a{7,}", 7),
        ("(((", 0),
        (")a", 2),
    ],
)
def test_how_large_an_expression_is_with_its_repeats_written_out(regex, many):
    assert states(regex) == many


@pytest.mark.parametrize(
    "regex",
    ["a" * 301, "(a{100}){11}", "(?:(?:a{10}){10}){11}", "a{1000}a{1000}", "(x{99999999999}"],
)
def test_what_is_too_large_is_refused(regex):
    assert why_wrong(regex) == "too large"


# Each takes an engine that goes back over the text longer than anybody waits.
@pytest.mark.parametrize(
    "regex", [r"(a+)+$", r"(a|aa)+$", r"(a|a)*$", r"(.*a){12}$", r"^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_expressions_that_hang_others_do_not(regex):
    text = Transcript((Line("a" * 20_000 + "!"),) * 5)
    begun = time.perf_counter()
    Talk(text).matches([Pattern(regex, is_regex=True)])
    assert time.perf_counter() - begun < 5


def test_the_largest_expression_over_a_long_talk_takes_seconds():
    regex = "(?:[^x]{0,70}a){4}z"
    assert MOST_STATES * 0.7 < states(regex) <= MOST_STATES
    words = "abcdefgh " * 2000
    begun = time.perf_counter()
    Talk(Transcript((Line(words),) * 20)).matches([Pattern(regex, is_regex=True)])
    assert time.perf_counter() - begun < 20


SIMPLE = st.sampled_from(["a", "b", " ", ".", "a+", "(a|b)", "[ab]", "a?b", r"\b", "(?:ab){2}"])


@given(
    st.lists(SIMPLE, min_size=1, max_size=5).map("".join), st.text("ab c", min_size=1, max_size=20)
)
def test_what_is_found_is_what_pythons_engine_finds(regex, words):
    """Both take the leftmost, and of alternatives the first."""
    found = [
        (one.begin[1], one.end[1])
        for one in Talk(Transcript((Line(words),))).matches([Pattern(regex, is_regex=True)])
    ]
    assert found == [hit.span() for hit in re.finditer(regex, words) if hit[0]]


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_told_to_be_none(regex):
    if not why_wrong(regex):
        Talk(Transcript((Line("some words"),))).matches([Pattern(regex, is_regex=True)])
