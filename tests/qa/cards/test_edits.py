"""Sections and criteria put in, moved and taken out, one at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.cards import edits, read, write
from qa.scoring import Kind, faults
from tests.qa.builders import FORM
from tests.qa.cards.drawn import cards


def order(card):
    return [(section.id, [one.id for one in section.criteria]) for section in card.form.sections]


@pytest.mark.parametrize(
    ("id", "by", "expected"),
    [
        ("cause", -1, [["greeting"], ["cause", "verified", "remark"]]),
        ("cause", 1, [["greeting"], ["verified", "remark", "cause"]]),
        ("verified", -1, [["greeting", "verified"], ["cause", "remark"]]),
        ("greeting", 1, [[], ["greeting", "verified", "cause", "remark"]]),
        ("greeting", -1, [["greeting"], ["verified", "cause", "remark"]]),
        ("remark", 1, [["greeting"], ["verified", "cause", "remark"]]),
    ],
)
def test_a_criterion_moves_a_place_and_from_the_end_of_a_section_into_the_next(id, by, expected):
    assert [ids for _section, ids in order(edits.move(read(FORM), id, by))] == expected


def test_a_criterion_is_put_before_another_of_any_section():
    card = read(FORM)
    one, words = edits.find(card, "remark")
    assert order(edits.put(card, one, words, "opening", "greeting")) == [
        ("opening", ["remark", "greeting"]), ("care", ["verified", "cause"]),
    ]  # fmt: skip
    assert order(edits.put(card, one, words, "opening")) == [
        ("opening", ["greeting", "remark"]), ("care", ["verified", "cause"]),
    ]  # fmt: skip
    # Exchanged, it stays where it is.
    first, said = edits.find(card, "verified")
    assert order(edits.put(card, first, said, "care")) == order(card)


def test_sections_move_and_go_with_their_criteria():
    card = read(FORM)
    assert [id for id, _ids in order(edits.move_section(card, "care", -1))] == ["care", "opening"]
    assert order(edits.move_section(card, "opening", -1)) == order(card)
    left = edits.remove_section(card, "care")
    assert (order(left), set(left.criteria)) == ([("opening", ["greeting"])], {"greeting"})


def test_what_hangs_on_a_criterion_that_is_taken_out_is_at_fault():
    document = {**FORM, "sections": [*FORM["sections"]]}
    document["sections"][1] = {
        **FORM["sections"][1],
        "criteria": [
            {**each, "shown_if": [{"criterion": "greeting", "options": ["yes"]}]}
            if each["id"] == "remark"
            else each
            for each in FORM["sections"][1]["criteria"]
        ],
    }
    card = read(document)
    assert faults(card.form) == ()
    assert [one.where for one in faults(edits.remove(card, "greeting").form)] == [
        "opening", "remark",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "taken", "id"),
    [
        ("Greets by name", (), "greets-by-name"),
        ("Greets by name", ("greets-by-name",), "greets-by-name-2"),
        ("Grüßt", (), "grut"),
        ("挨拶", (), "criterion"),
        ("挨拶", ("criterion", "criterion-2"), "criterion-3"),
        ("x" * 200, (), "x" * 35),
    ],
)
def test_an_id_reads_like_its_name_and_is_nobody_elses(name, taken, id):
    assert edits.new_id(name, taken, "criterion") == id


CALLED = {"yes": "Met", "no": "Not met", "worst": "No", "best": "Yes", "option": "Answer"}


@pytest.mark.parametrize("kind", [*Kind])
def test_a_new_criterion_can_be_written_whatever_its_kind(kind):
    card = edits.add_section(edits.empty(), "s", "Opening")
    card = edits.put(card, *edits.fresh("a", "A", kind, CALLED), "s")
    assert read(write(card)) == card
    told = {one.fault.value for one in faults(card.form)}
    # A text alone is nothing that could be scored; a number's worth nobody has said.
    assert told == {Kind.TEXT: {"nothing_scored"}, Kind.NUMBER: {"bounds"}}.get(kind, set())


@given(cards(), st.data())
def test_moving_changes_the_order_and_nothing_else(card, data):
    ids = [one.id for one in card.form.criteria()]
    if not ids:
        return
    moved = edits.move(card, data.draw(st.sampled_from(ids)), data.draw(st.sampled_from([-1, 1])))
    assert sorted(one.id for one in moved.form.criteria()) == sorted(ids)
    assert (moved.criteria, moved.sections) == (card.criteria, card.sections)
    assert {one.id: one for one in moved.form.criteria()} == {
        one.id: one for one in card.form.criteria()
    }
