"""What two texts have different."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.library.differences import Line, between


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb", "a\nb", []),
        ("a\nb", "a\nc", [("same", "a"), ("removed", "b"), ("added", "c")]),
        ("", "a", [("removed", ""), ("added", "a")]),
        ("a\nb\nc", "a\nc", [("same", "a"), ("removed", "b"), ("same", "c")]),
    ],
)
def test_lines_are_the_same_added_or_removed(before, after, expected):
    assert [(one.kind, one.words) for one in between(before, after)] == expected


def test_what_is_alike_is_cut_to_two_lines_beside_a_change():
    before = "\n".join("abcdefgh")
    found = between(before, before.replace("e", "X"))
    assert found == [
        Line("left_out", many=2), Line("same", "c"), Line("same", "d"), Line("removed", "e"),
        Line("added", "X"), Line("same", "f"), Line("same", "g"), Line("same", "h"),
    ]  # fmt: skip


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_both_texts_can_be_told_from_it(old, new):
    found = between("\n".join(old), "\n".join(new))
    if not found:
        assert old == new
        return
    hidden = sum(one.many for one in found if one.kind == "left_out")
    before = sum(one.kind in ("same", "removed") for one in found) + hidden
    after = sum(one.kind in ("same", "added") for one in found) + hidden
    assert (before, after) == (max(1, len(old)), max(1, len(new)))
