"""What comes of a form that lay open while somebody else changed its row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.structure import drawn


@pytest.mark.parametrize(
    ("before", "sent", "now", "kept", "clashes"),
    [
        ("10", "10", "10", "10", False),
        ("10", "12", "10", "12", False),  # I changed it
        ("10", "10", "11", "11", False),  # somebody else did
        ("10", "12", "12", "12", False),  # both, to the same
        ("10", "12", "11", "12", True),  # both, to two things
        ("10", "", "11", "", True),  # I cleared what somebody else changed
        ("10", "", "10", "", False),
        (None, "12", "11", "12", False),  # not known to have been left alone
    ],
)
def test_each_of_two_people_changes_what_they_meant_to(before, sent, now, kept, clashes):
    found = drawn.merged({} if before is None else {"n": before}, {"n": sent}, {"n": now})
    assert found.written == {"n": kept}
    assert found.clashes == (["n"] if clashes else [])


WRITTEN = st.dictionaries(st.sampled_from("abc"), st.text(max_size=3))


@given(before=WRITTEN, now=WRITTEN)
def test_what_nobody_touched_is_as_it_is_now(before, now):
    found = drawn.merged(before, before, now)
    assert found.written == {name: now.get(name, "") for name in before}
    assert found.clashes == []


@given(WRITTEN)
def test_what_was_drawn_comes_back_as_it_was(written):
    assert drawn.unpacked(drawn.packed(written)) == written


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"a": 3}', "null", "[" * 3000])
def test_a_hidden_field_that_says_nonsense_says_nothing(text):
    assert drawn.unpacked(text) == {}


@pytest.mark.parametrize(
    ("before", "sent", "now", "kept"),
    [
        (["1"], ["1"], ["1"], ["1"]),
        (["1"], ["1", "2"], ["1"], ["1", "2"]),  # I ticked another
        (["1"], ["1"], ["1", "3"], ["1", "3"]),  # somebody else did
        (["1"], ["1", "2"], ["1", "3"], ["1", "2", "3"]),  # both, one each
        (["1", "2"], ["2"], ["1", "2"], ["2"]),  # I unticked one
        (["1", "2"], ["1", "2"], ["1"], ["1"]),  # somebody else did
        (["1", "2"], ["1"], ["2"], []),  # both, one each
        ([], ["2"], ["2"], ["2"]),  # both the same
        (None, ["2"], ["1"], ["2"]),  # not known to have been left alone
    ],
)
def test_boxes_to_tick_are_merged_one_by_one_and_never_clash(before, sent, now, kept):
    found = drawn.merged({} if before is None else {"n": before}, {"n": sent}, {"n": now})
    assert found.written == {"n": kept}
    assert found.clashes == []
    assert drawn.unpacked(drawn.packed({"n": sent})) == {"n": sent}
