"""The starter set: sound, whole, and read as anybody's file is."""

import pytest

from qa.cards import read, starters, write
from qa.cards.trial import worth
from qa.scoring import Kind, faults

IDS = ("support", "sales", "collections")


def test_there_are_three_of_them():
    assert tuple(one.id for one in starters.STARTERS) == IDS
    assert starters.find("other") is None


@pytest.mark.parametrize("id", IDS)
def test_each_can_be_published_and_says_why(id):
    card = starters.find(id).card
    assert faults(card.form) == ()
    assert read(write(card)) == card
    scored = [one for one in card.form.criteria() if one.is_scored and not one.is_bonus]
    assert len(scored) >= 10
    for one in scored:
        said = card.criteria[one.id]
        assert all((said.why, said.good, said.bad)), one.id
        if one.kind == Kind.SCALE:
            assert all(said.options[each.id].anchor for each in one.options), one.id
    assert sum(worth(card.form).values()) == 1


def test_support_has_a_section_for_each_thing_that_is_looked_at():
    assert [*starters.find("support").card.sections] == [
        "opening", "compliance", "accuracy", "troubleshooting", "objections", "tone", "resolution",
    ]  # fmt: skip
