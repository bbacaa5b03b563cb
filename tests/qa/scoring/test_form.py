"""Which scorecards can be published, and which criteria are asked, open or to be commented on."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given

from qa.scoring import (
    NOT_APPLICABLE,
    Condition,
    Criterion,
    Fails,
    Form,
    Kind,
    Option,
    Section,
    faults,
    missing,
    shown,
    wrong,
)
from tests.qa.scoring.cards import answered, form, scale, yes_no


def found(card):
    return [(one.fault.value, one.where) for one in faults(card)]


def test_a_sound_form_has_no_faults():
    assert found(form(yes_no("a"), scale("b", fails=Fails.NOTHING))) == []


@pytest.mark.parametrize(
    ("criterion", "fault"),
    [
        (Criterion("a", Kind.YES_NO, 1, (Option("yes", 1),)), "few_options"),
        (Criterion("a", Kind.SCALE, 1, (Option("1", 1), Option("1", 2))), "option_twice"),
        (Criterion("a", Kind.CHOICE, 1, (Option("x", 2), Option("y", 2))), "no_difference"),
        (yes_no("a", -1), "negative"),
        (Criterion("a", Kind.CHOICE, 1, (Option("x", -2), Option("y", 2))), "negative"),
        (Criterion("a", Kind.NUMBER, 1), "bounds"),
        (Criterion("a", Kind.NUMBER, 1, worst=Decimal(3), best=Decimal(3)), "bounds"),
        (scale("a", fails=Fails.FORM), "never_fails"),
        (Criterion("a", Kind.TEXT, fails=Fails.FORM), "critical_kind"),
        (yes_no("a", fails=Fails.SECTION, is_bonus=True), "critical_bonus"),
        (yes_no("a", shown_if=(Condition("later", frozenset({"yes"})),)), "shown_by_later"),
        (yes_no("a", shown_if=(Condition("a", frozenset({"yes"})),)), "shown_by_later"),
        (yes_no("a", shown_if=(Condition("first", frozenset({"x"})),)), "shown_by_no_option"),
        (yes_no("a", shown_if=(Condition("first", frozenset()),)), "shown_by_no_option"),
    ],
)
def test_what_is_wrong_with_a_criterion_is_told_with_its_place(criterion, fault):
    assert found(form(yes_no("first"), criterion, yes_no("later"))) == [(fault, "a")]


def test_what_is_wrong_with_a_form_is_told():
    assert found(form(Criterion("a", Kind.TEXT), yes_no("b", 5, is_bonus=True))) == [
        ("nothing_scored", "")
    ]
    assert found(form(yes_no("a"), yes_no("a"))) == [("twice", "a")]
    one, other = Section("s", (yes_no("a"),), 1), Section("t", (yes_no("b"),))
    assert found(Form((one, other))) == [("section_weights", "")]
    assert found(Form((one, replace(other, weight=-1)))) == [("negative", "t")]
    assert found(Form((one, Section("u", (), 1)))) == [("no_criteria", "u")]


def test_a_criterion_is_shown_once_the_one_it_hangs_on_is_answered_so():
    sold = Condition("sold", frozenset({"yes"}))
    card = form(
        yes_no("sold", may_skip=True), yes_no("price", shown_if=(sold,)),
        yes_no("term", shown_if=(Condition("price", frozenset({"yes"})),)),
    )  # fmt: skip

    def names(**answers):
        return [one.id for one in shown(card, answers)]

    assert names() == ["sold"]
    assert names(sold="no") == names(sold=NOT_APPLICABLE) == ["sold"]
    assert names(sold="yes") == ["sold", "price"]
    assert names(sold="yes", price="yes") == ["sold", "price", "term"]
    # What hangs on something that is not shown any more is not shown, whatever was said.
    assert names(sold="no", price="yes") == ["sold"]


def test_what_is_open_and_what_lacks_its_comment_are_told():
    """A comment says why where less than half of the points is given."""
    card = form(
        scale("tone", comment_below=Fraction(1, 2)), yes_no("greeting"),
        yes_no("extra", is_bonus=True), Criterion("note", Kind.TEXT),
    )  # fmt: skip
    assert missing(card, {}, ()) == (("tone", "greeting"), ())
    assert missing(card, {"tone": "1", "greeting": "no"}, ()) == ((), ("tone",))
    assert missing(card, {"tone": "1", "greeting": "no"}, {"tone"}) == ((), ())
    assert missing(card, {"tone": "2", "greeting": "no"}, ()) == ((), ())


def test_answers_that_cannot_be_are_told_and_those_of_other_forms_last():
    card = form(yes_no("a"), yes_no("b"))
    assert wrong(card, {"z": "yes", "b": "often", "a": "yes"}) == ("b", "z")


@given(answered())
def test_answers_drawn_for_a_form_can_be(said):
    assert wrong(*said) == ()
