"""What two versions have different, in words, and what it means for trends."""

import copy

import pytest
from hypothesis import given

from qa.cards import differences, read, words
from tests.qa.builders import FORM
from tests.qa.cards.drawn import cards

NEW = {
    "id": "hold",
    "name": "Holds",
    "kind": "yes_no",
    "weight": 5,
    "options": [
        {"id": "yes", "name": "Met", "points": 1},
        {"id": "no", "name": "Not met", "points": 0},
    ],
}


def altered(change):
    document = copy.deepcopy(FORM)
    change(document["sections"])
    return read(document)


def told(change):
    old, new = read(FORM), altered(change)
    found = differences.between(old, new)
    return [
        (one.name, one.field, one.before, one.after)
        for one in words.changes(old, new, found.changes)
    ], {id: str(each) for id, each in found.trends.items() if each != "goes_on"}


def put(place, **values):
    def change(sections):
        section, number = place
        sections[section]["criteria"][number].update(values)

    return change


@pytest.mark.parametrize(
    ("change", "said", "trends"),
    [
        (put((0, 0), weight=50), [("Greeting", "weight", "40", "50")], {"greeting": "counts"}),
        (
            put((0, 0), why="Names build trust."),
            [
                (
                    "Greeting", "why it matters",
                    "Callers who know who they talk to repeat themselves less.",
                    "Names build trust.",
                )
            ],
            {},
        ),
        (
            put((0, 0), kind="choice"),
            [("Greeting", "kind", "Yes or no", "Choice")],
            {"greeting": "breaks"},
        ),
        (
            put((0, 0), may_skip=False),
            [("Greeting", "may be not applicable", "yes", "no")],
            {"greeting": "asked"},
        ),
        (
            put((1, 2), shown_if=[{"criterion": "greeting", "options": ["no"]}]),
            [("Remark", "shown only if", "–", "Greeting: Not met")],
            {"remark": "asked"},
        ),
        (
            put((1, 0), fails="section"),
            [("Verified the account", "critical", "Fails the whole review", "Fails its section")],
            {"verified": "counts"},
        ),
        (
            lambda sections: sections[1]["criteria"][1]["options"][2].update(points=3),
            [("Found the cause", "3, points", "2", "3")],
            {"cause": "breaks"},
        ),
        (
            lambda sections: sections[1]["criteria"][1]["options"].pop(),
            [("Found the cause", "5, answer", "5", "–")],
            {"cause": "breaks"},
        ),
        (
            lambda sections: sections[0].update(name="First words", weight=30),
            [("First words", "name", "Opening", "First words"),
             ("First words", "weight", "–", "30")],
            {},
        ),
    ],
)  # fmt: skip
def test_each_change_is_told_with_what_becomes_of_the_trend(change, said, trends):
    assert told(change) == (said, trends)


def test_criteria_that_came_went_and_moved_are_told():
    def change(sections):
        sections[0]["criteria"].append(sections[1]["criteria"].pop())
        sections[1]["criteria"].pop(0)
        sections[1]["criteria"].append(NEW)

    old, new = read(FORM), altered(change)
    found = differences.between(old, new)
    assert (found.added, found.removed) == (("hold",), ("verified",))
    assert len(found.moved) == 1
    assert [(one.where, one.field) for one in found.changes] == [("remark", "section")]
    said = words.trends(old, new, found.trends)
    assert [(one.title, one.names) for one in said] == [
        ("Counts otherwise", ["Remark"]),
        ("New", ["Holds"]),
        ("Removed", ["Verified the account"]),
        ("Go on", ["Greeting", "Found the cause"]),
    ]


@given(cards(), cards())
def test_two_cards_differ_where_they_are_not_the_same(one, other):
    assert bool(differences.between(one, other)) == (one != other)
    assert not differences.between(one, one)
    found = differences.between(one, other)
    assert len(words.changes(one, other, found.changes)) == len(found.changes)
