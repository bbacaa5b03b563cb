"""What comes in is read as far as it is right, and of the rest is told what is wrong, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import cards
from qa.reviews.saying import Changes, Pin, Said, read
from tests.qa.builders import FORM
from tests.qa.reviews.cards import TWELVE

CARD, ROOMY = cards.read(FORM), cards.read(TWELVE)


def test_what_is_left_out_stays_as_it_is():
    said = {"answers": {"greeting": {"comment": " Well "}, "cause": {"value": "3"}}}
    changes, wrong = read(CARD, said)
    assert wrong == {}
    assert changes.answers == {
        "greeting": Said(None, None, "Well"),
        "cause": Said("3", False, None),
    }
    assert changes.comment is None
    assert not Changes()
    assert changes


def test_a_number_is_kept_with_a_point_and_a_choice_by_its_option():
    said = {"answers": {"minutes": {"value": " 3,5 "}, "hold": {"skipped": True, "value": "met"}}}
    changes, wrong = read(ROOMY, said)
    assert wrong == {}
    assert changes.answers == {"minutes": Said("3.5", False), "hold": Said("", True)}


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"value": "perhaps"}, "/answers/cause/value"),
        ({"value": "3", "skipped": "no"}, "/answers/cause/skipped"),
        ({"skipped": True}, "/answers/cause/value"),  # it always applies
        ({"value": ["3"]}, "/answers/cause/value"),
        ({"value": "3" * 2001}, "/answers/cause/value"),
        ({"comment": "a" * 2001}, "/answers/cause/comment"),
        ({"comment": "a\0b"}, "/answers/cause/comment"),
        ("3", "/answers/cause"),
    ],
)
def test_what_cannot_be_is_told_at_its_place_and_the_rest_is_read(answer, place):
    changes, wrong = read(CARD, {"answers": {"cause": answer, "greeting": {"value": "yes"}}})
    assert list(wrong) == [place]
    assert changes.answers["greeting"].value == "yes"
    assert "cause" not in changes.answers or changes.answers["cause"].value is None


@pytest.mark.parametrize("word", ["ten", "1e999999", "NaN", "Infinity", "1" * 50])
def test_a_number_is_one(word):
    _changes, wrong = read(ROOMY, {"answers": {"minutes": {"value": word}}})
    assert list(wrong) == ["/answers/minutes/value"]


def test_what_the_card_does_not_ask_is_told():
    _changes, wrong = read(CARD, {"answers": {"a/b": {"value": "1"}}})
    assert list(wrong) == ["/answers/a~1b"]


def test_places_of_the_call_are_seconds_and_lines_from_one():
    said = {
        "pins": [
            {"criterion": "cause", "at_ms": 0, "line": 1},
            {"line": 3},
            {"criterion": "cause"},
            {"at_ms": -1},
            {"line": 0},
            {"line": True},
            {"criterion": "nothing", "line": 1},
            7,
        ],
        "unpinned": [4, "5", -1],
    }
    changes, wrong = read(CARD, said)
    assert changes.pins == (Pin("cause", 0, 1), Pin("", None, 3))
    assert changes.unpinned == {4}
    assert {place.split("/")[2] for place in wrong if place.startswith("/pins")} == set("234567")
    assert {place for place in wrong if place.startswith("/unp")} == {"/unpinned/1", "/unpinned/2"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "answers": st.dictionaries(
            st.sampled_from(["cause", "greeting", "remark", "verified", "x"]),
            st.dictionaries(st.sampled_from(["value", "skipped", "comment"]), JSON) | JSON,
        ),
        "comment": JSON,
        "pins": st.lists(
            st.dictionaries(st.sampled_from(["criterion", "at_ms", "line"]), JSON) | JSON
        ),
        "unpinned": JSON,
    },
)


@given(JSON | MEMBERS)
def test_whatever_comes_in_is_changes_and_what_is_wrong(said):
    changes, wrong = read(CARD, said)
    for key, one in changes.answers.items():
        assert CARD.find(key)
        assert len(one.value or "") <= 2000
    assert all(isinstance(words, str) and words for words in wrong.values())
