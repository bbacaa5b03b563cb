"""Quizzes: which questions are asked, in which order, and which answers are right."""

import subprocess
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.courses.scoring import (
    Answer,
    Asked,
    Rate,
    Score,
    drawn,
    faults,
    is_right,
    needed,
    number_of,
    ordered,
    score,
)

BANKS = st.lists(st.integers(1, 10_000), unique=True, max_size=30)
SEEDS = st.text("0123456789abcdef", min_size=1, max_size=32)


def a_choice(kind, *right, of=4):
    return Asked(kind, tuple(Answer(f"Answer {at}", at in right) for at in range(of)))


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        (a_choice("single", 2), ["2"], True),
        (a_choice("single", 2), ["1"], False),
        (a_choice("single", 2), [], False),
        (a_choice("single", 2), ["2", "1"], False),
        (a_choice("multiple", 0, 3), ["3", "0"], True),
        (a_choice("multiple", 0, 3), ["0"], False),  # one of two is not all of them
        (a_choice("multiple", 0, 3), ["0", "1", "3"], False),
        (Asked("number", (Answer("20", True),)), ["20"], True),
        (Asked("number", (Answer("20", True),)), [" 20.0 "], True),
        (Asked("number", (Answer("20", True),)), ["20.1"], False),
        (Asked("number", (Answer("20", True),)), ["twenty"], False),
        # Half a second either way, and its ends are in.
        (Asked("number", (Answer("20", True),), Decimal("0.5")), ["19.5"], True),
        (Asked("number", (Answer("20", True),), Decimal("0.5")), ["20.51"], False),
        (Asked("number", (Answer("-3", True),)), ["3"], False),
        (Asked("text", (Answer("GDPR", True), Answer("UK GDPR", True))), [" gdpr "], True),
        (Asked("text", (Answer("GDPR", True),)), ["the GDPR"], False),
        (Asked("text", (Answer("Straße", True),)), ["STRASSE"], True),
        (Asked("text", (Answer("Café", True),)), ["Cafe\u0301"], True),  # the accent apart
    ],
)
def test_an_answer_is_right_where_it_says_all_that_is_right_and_nothing_else(
    question, said, expected
):
    assert is_right(question, said) is expected


@pytest.mark.parametrize(
    ("right", "asked", "percent", "expected"),
    [
        (8, 10, 80, True),
        (7, 10, 80, False),
        (2, 3, 67, False),  # 66.7 % is not 67 %
        (2, 3, 66, True),
        (29, 50, 58, True),  # 0.58 * 50 in floats is a little under 29
        (0, 5, 1, False),
        (5, 5, 100, True),
        (0, 0, 80, True),  # nothing was asked
    ],
)
def test_a_quiz_is_passed_from_its_mark_on(right, asked, percent, expected):
    told = [True] * right + [False] * (asked - right)
    assert score(told, percent) == Score(right, asked, expected)


@pytest.mark.parametrize(
    ("asked", "percent", "expected"), [(10, 80, 8), (3, 67, 3), (3, 66, 2), (50, 58, 29), (7, 1, 1)]
)
def test_how_many_are_needed_is_told_before(asked, percent, expected):
    assert needed(asked, percent) == expected


@given(st.integers(0, 200), st.integers(1, 100))
def test_whoever_has_as_many_right_as_are_needed_passes_and_with_one_less_does_not(asked, percent):
    least = needed(asked, percent)
    assert score([True] * least + [False] * (asked - least), percent).passed
    if least:
        assert not score([True] * (least - 1) + [False] * (asked - least + 1), percent).passed


@pytest.mark.parametrize("percent", [0, 101])
def test_a_mark_that_is_no_percentage_is_refused(percent):
    with pytest.raises(ValueError, match="between 1 and 100"):
        score([True], percent)


@given(SEEDS, BANKS, st.one_of(st.none(), st.integers(1, 40)), st.booleans())
def test_a_seed_draws_the_same_questions_in_the_same_order_whenever_it_is_asked(
    seed, bank, many, shuffled
):
    asked = drawn(seed, bank, many, shuffled=shuffled)
    assert asked == drawn(seed, bank, many, shuffled=shuffled)
    assert len(asked) == len(set(asked)) == (len(bank) if many is None else min(many, len(bank)))
    assert set(asked) <= set(bank)
    if shuffled:  # which are asked does not hang on where they stand in the bank
        assert asked == drawn(seed, bank[::-1], many, shuffled=True)
    else:
        assert list(asked) == [one for one in bank if one in asked]


def test_every_question_of_a_bank_is_asked_as_often():
    """3 of 12, by 4,000 seeds: each in 1,000 of them, give or take five standard deviations of
    sqrt(4000 * 0.25 * 0.75) = 27.4."""
    counts = dict.fromkeys(range(12), 0)
    for seed in range(4000):
        for one in drawn(str(seed), range(12), 3, shuffled=True):
            counts[one] += 1
    assert all(abs(n - 1000) < 137 for n in counts.values())


@given(SEEDS, st.integers(1, 999), st.integers(0, 12), st.booleans())
def test_answers_stand_in_an_order_of_the_seed_and_none_is_lost(seed, question, many, shuffled):
    order = ordered(seed, question, many, shuffled=shuffled)
    assert sorted(order) == list(range(many))
    assert shuffled or list(order) == list(range(many))


def test_an_attempt_of_years_ago_is_shown_as_it_was():
    """By what `sha256sum` says of "7 question 1" and so on, from the lowest to the highest."""

    def rank(number):
        told = subprocess.run(
            ["sha256sum"], input=f"7 question {number}", capture_output=True, text=True, check=True
        )
        return told.stdout

    expected = sorted([1, 2, 3, 4, 5], key=rank)
    assert list(drawn("7", [1, 2, 3, 4, 5], None, shuffled=True)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("12", "12"), (" 1.50", "1.5"), ("-0.25", "-0.25"), ("1,5", None), ("1e9", None),
     ("", None), ("NaN", None), ("٣", None)],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written_or_not_at_all(words, expected):
    assert number_of(words) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (a_choice("single", 1), ()),
        (a_choice("single", 0, of=1), ("few",)),
        (a_choice("single"), ("none_right",)),
        (a_choice("single", 1, 2), ("several_right",)),
        (a_choice("multiple", 1, 2), ()),
        (a_choice("multiple"), ("none_right",)),
        (Asked("single", (Answer("Yes", True), Answer(" yes", False))), ("twice",)),
        (Asked("number", (Answer("about 5", True),)), ("no_number",)),
        (Asked("number", ()), ("no_number",)),
        (Asked("text", (Answer("  ", True),)), ("nothing",)),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(question, expected):
    assert faults(question) == expected


@given(
    st.sampled_from(["single", "multiple"]),
    st.lists(st.booleans(), min_size=2, max_size=8).filter(any),
    st.sets(st.integers(0, 7)),
)
def test_of_all_sets_of_answers_only_the_one_that_is_right_is(kind, right, said):
    question = Asked(kind, tuple(Answer(str(at), one) for at, one in enumerate(right)))
    only = {at for at, one in enumerate(right) if one}
    assert is_right(question, [str(one) for one in said]) is (said == only)


@pytest.mark.parametrize(
    ("asked", "right", "expected"),
    [(9, 9, "few"), (10, 10, "nobody_fails"), (10, 0, "everybody_fails"), (10, 9, ""),
     (0, 0, "few")],
)  # fmt: skip
def test_a_question_that_tells_nobody_apart_is_named_once_ten_were_asked(asked, right, expected):
    assert Rate(asked, right).verdict == expected


def test_space_between_words_is_no_other_answer():
    asked = Asked("text", (Answer("data officer", True),))
    assert is_right(asked, ["DATA  \t officer "])
    assert not is_right(asked, ["dataofficer"])
