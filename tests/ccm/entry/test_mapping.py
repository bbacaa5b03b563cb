"""What groups of a directory stand for."""

import pytest

from ccm.entry import mapping


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {}),
        ("a=admin", {"a": ["admin"]}),
        (" a = admin , b=agent,", {"a": ["admin"], "b": ["agent"]}),
        ("a=admin,a=agent,a=agent", {"a": ["admin", "agent"]}),
        ("cn=leads=supervisor", {"cn=leads": ["supervisor"]}),
    ],
)
def test_groups_stand_for_words(words, expected):
    assert mapping.of(words) == expected


@pytest.mark.parametrize("words", ["admin", "=admin", "a=", "a=admin,b"])
def test_a_part_that_is_none_is_refused(words):
    with pytest.raises(ValueError, match="is not group=word"):
        mapping.of(words)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, []),
        ("a", ["a"]),
        ("", []),
        (["a", 1, None, "b"], ["a", "b"]),
        ({"a": 1}, []),
        (5, []),
    ],
)
def test_groups_in_a_claim(said, expected):
    assert mapping.groups_in(said) == expected
