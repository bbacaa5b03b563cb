"""A scorecard's document: what is written is read again, what is none is told with its place."""

import copy
from typing import Any

import pytest
from hypothesis import given

from qa.cards import Misread, files, read, words, write
from tests.qa.builders import FORM
from tests.qa.cards.drawn import ANYTHING, cards


def changed(place: str, value: Any) -> dict[str, Any]:
    """The form of the builders with another value at a place: "sections.0.name"."""
    document = copy.deepcopy(FORM)
    at: Any = document
    *steps, last = place.split(".")
    for step in steps:
        at = at[int(step)] if step.isdigit() else at[step]
    if last.isdigit():
        at[int(last)] = value
    else:
        at[last] = value
    return document


def wrong(document: object) -> list[tuple[str, str]]:
    with pytest.raises(Misread) as misread:
        read(document)
    return [(one.where, one.code) for one in misread.value.wrong]


@given(cards())
def test_what_is_written_is_read_again(card):
    assert read(write(card)) == card


@pytest.mark.parametrize("layout", files.LAYOUTS)
@given(card=cards())
def test_and_from_a_file_of_either_layout(layout, card):
    assert files.load(files.dumped(card, layout).encode()) == card


@given(ANYTHING)
def test_whatever_is_read_is_a_scorecard_or_told_as_none(anything):
    wrong: list[str] = []
    try:
        card = read(anything)
    except Misread as misread:
        wrong = words.wrong(misread)
    else:
        assert read(write(card)) == card
        return
    assert wrong
    assert all(wrong)


GREETING, CAUSE = "sections.0.criteria.0", "sections.1.criteria.1"


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("layout", 2, ("layout", "layout")),
        ("sections", "none", ("sections", "list")),
        ("sections.0.name", "", ("sections[0].name", "needed")),
        ("sections.0.colour", "red", ("sections[0].colour", "unknown")),
        ("sections.0.id", "care", ("sections[1].id", "twice")),
        (f"{GREETING}.id", "cause", ("sections[1].criteria[1].id", "twice")),
        (f"{GREETING}.id", "a b", ("sections[0].criteria[0].id", "id")),
        (f"{GREETING}.id", "../x", ("sections[0].criteria[0].id", "id")),
        (f"{GREETING}.kind", "stars", ("sections[0].criteria[0].kind", "one_of")),
        (f"{GREETING}.weight", 1.5, ("sections[0].criteria[0].weight", "whole")),
        (f"{GREETING}.weight", -1, ("sections[0].criteria[0].weight", "out_of_range")),
        (f"{GREETING}.weight", True, ("sections[0].criteria[0].weight", "whole")),
        (f"{GREETING}.may_skip", "yes", ("sections[0].criteria[0].may_skip", "flag")),
        (f"{GREETING}.why", "\x00", ("sections[0].criteria[0].why", "letters")),
        (f"{GREETING}.why", "\ud800", ("sections[0].criteria[0].why", "letters")),
        (f"{GREETING}.help", "x" * 2001, ("sections[0].criteria[0].help", "too_long")),
        (f"{GREETING}.options.1.id", "yes", ("sections[0].criteria[0].options[1].id", "twice")),
        (f"{CAUSE}.comment_below", 101, ("sections[1].criteria[1].comment_below", "out_of_range")),
        (f"{CAUSE}.worst", "many", ("sections[1].criteria[1].worst", "number")),
        (f"{CAUSE}.worst", "1e99999999", ("sections[1].criteria[1].worst", "number")),
        (
            f"{CAUSE}.links",
            [{"name": "x", "url": "javascript:alert(1)"}],
            ("sections[1].criteria[1].links[0].url", "url"),
        ),
        (
            f"{CAUSE}.shown_if",
            [{"criterion": "greeting", "options": [True]}],
            ("sections[1].criteria[1].shown_if[0].options[0]", "text"),
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(place, value, expected):
    assert wrong(changed(place, value)) == [expected]


def test_everything_that_is_wrong_is_told_at_once_as_people_count():
    document = changed(f"{GREETING}.kind", "stars")
    document["sections"][1]["name"] = ""
    with pytest.raises(Misread) as misread:
        read(document)
    assert words.wrong(misread.value) == [
        "section 1, criterion 1, kind: one of these is needed: "
        "yes_no, scale, choice, number, text.",
        "section 2, name: this is needed.",
    ]


def test_a_document_of_too_many_is_refused():
    many = changed(f"{CAUSE}.options", [{"id": str(n), "name": "x"} for n in range(21)])
    assert wrong(many) == [("sections[1].criteria[1].options", "too_many")]
    assert wrong({"sections": [{"id": "s", "name": "s", "criteria": [{}] * 201}]}) == [
        ("sections[0].criteria", "too_many")
    ]


YAML = """
layout: 1
sections:
  - id: s
    name: Opening
    criteria:
      - id: greeted
        name: Greeted by name
        kind: yes_no
        weight: 010
        options:
          - {id: yes, name: Met, points: 1}
          - {id: no, name: "No", points: 0}
"""


def test_yes_and_no_are_answers_in_yaml_and_a_weight_of_two_zeros_is_none():
    card = files.load(YAML.replace("010", "10").encode())
    assert [each.id for each in card.form.sections[0].criteria[0].options] == ["yes", "no"]
    with pytest.raises(Misread) as misread:
        files.load(YAML.encode())
    assert [one.code for one in misread.value.wrong] == ["whole"]


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        (b"", "empty", "empty"),
        (b"\xff\xfe\x00", "encoding", "UTF-8"),
        (b"a: 1\na: 2\n", "member_twice", "Line 2"),
        (b'{"a": 1, "a": 2}', "member_twice", "said twice"),
        (b'{"layout": NaN}', "json", "no JSON"),
        (b'{"layout": ', "json", "Line 1"),
        (b"a: b: c", "yaml", "Line 1"),
        (b"a: &x [1]\nb: *x\n", "alias", "Line 2"),
        (b"a: !!python/object/apply:os.system [ls]\n", "alias", "Line 1"),
        (b"a: !!timestamp x\n", "alias", "Line 1"),
        (b"[" * 50_000, "json", "no JSON"),
        (b"- " * 5000 + b"x", "deep", "deeper"),
        (b"- {a: 1, b: 2, c: 3, d: 4}\n" * 30_000, "too_large", "1024 KB"),
        (b"x" * (files.MOST_BYTES + 1), "too_large", "1024 KB"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_told_as_such(raw, code, said):
    with pytest.raises(Misread) as misread:
        files.load(raw)
    assert [one.code for one in misread.value.wrong] == [code]
    assert said in words.wrong(misread.value)[0]


def test_an_alias_bomb_is_refused_before_it_unfolds():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    with pytest.raises(Misread):
        files.load("\n".join(lines).encode())
