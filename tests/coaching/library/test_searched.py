"""What a text asks of comments, taken apart: stems, and what is in quotation marks as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.library.highlights import BEGIN, END
from coaching.library.searched import Side, sides, with_phrases

WORDS = st.sampled_from(["tell", "it", "again", "the", "late", "Late"])
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"tell it again" OR late', [("", ["tell it again"], []), ("late", [], [])]),
        ('parcel -refund -"in  time"', [("parcel -refund", [], ["in time"])]),
        ("“wrong size” or «zu groß»", [("", ["wrong size"], []), ("", ["zu groß"], [])]),
        ('late "never closed', [("late never closed", [], [])]),
        ('"" OR "!?" OR', []),
    ],
)
def test_a_text_is_taken_apart_as_search_engines_do(text, told):
    assert sides(text) == [Side(words, tuple(some), tuple(none)) for words, some, none in told]


@given(st.lists(PHRASES, min_size=1, max_size=4))
def test_phrases_joined_by_or_are_as_many_sides(phrases):
    text = " OR ".join(f'"{one}"' for one in phrases)
    assert [one.phrases for one in sides(text)] == [(one,) for one in phrases]


@given(st.text(max_size=60))
def test_whatever_somebody_types_is_taken_apart(text):
    for one in sides(text):
        assert one.words or one.phrases or one.without


@given(st.lists(WORDS, max_size=12).map(", ".join), PHRASES)
def test_what_was_found_is_marked_and_nothing_else_is_changed(comment, phrase):
    marked = with_phrases(comment, f'"{phrase}"')
    assert marked.replace(BEGIN, "").replace(END, "") == comment
    said, asked = comment.lower().split(", "), phrase.lower().split()
    there = any(said[at : at + len(asked)] == asked for at in range(len(said)))
    assert (BEGIN in marked) == there
