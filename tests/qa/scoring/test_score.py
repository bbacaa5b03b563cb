"""What answers on a scorecard are worth: cases worked by hand, and what holds of any."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given

from qa.scoring import (
    NOT_APPLICABLE,
    Criterion,
    Fails,
    Form,
    Kind,
    Section,
    percent,
    score,
    shown,
)
from tests.qa.scoring.cards import ALL, NONE, answered, form, scale, yes_no


def share(card, **answers):
    return score(card, {name.replace("_", "."): value for name, value in answers.items()}).share


def test_points_are_weighed_and_added_up():
    """Greeting weighs 1, accuracy 3: 3 of 4 points and all of them are (3 x 3/4 + 1) / 4."""
    card = form(yes_no("greeting"), scale("accuracy", 3))
    assert share(card, greeting="yes", accuracy="3") == Fraction(13, 16)
    assert percent(Fraction(13, 16)) == Decimal("81.3")


def test_what_does_not_apply_leaves_its_weight_to_the_others():
    """Of 2, 3 and 5 the 5 does not apply: 2 of 5 points."""
    card = form(yes_no("a", 2), yes_no("b", 3), yes_no("c", 5, may_skip=True))
    assert share(card, a="yes", b="no", c=NOT_APPLICABLE) == Fraction(2, 5)


def test_within_a_section_that_has_a_weight_nothing_goes_to_another_section():
    """Compliance weighs 60 of 100 whatever of it applies: 0.6 x 0 + 0.4 x 1."""
    compliance = Section("compliance", (yes_no("a"), yes_no("b", 9, may_skip=True)), 60)
    manner = Section("manner", (yes_no("c"),), 40)
    card = Form((compliance, manner))
    assert share(card, a="no", b=NOT_APPLICABLE, c="yes") == Fraction(2, 5)
    without = Form((replace(compliance, weight=None), replace(manner, weight=None)))
    assert share(without, a="no", b=NOT_APPLICABLE, c="yes") == Fraction(1, 2)


def test_a_section_of_which_nothing_applies_leaves_its_weight_to_the_other_sections():
    card = Form((
        Section("sale", (yes_no("offer", may_skip=True),), 50),
        Section("manner", (scale("tone"),), 50),
    ))  # fmt: skip
    found = score(card, {"offer": NOT_APPLICABLE, "tone": "1"})
    assert found.share == Fraction(1, 4)
    assert [(one.share, one.weight) for one in found.sections] == [(None, 0), (Fraction(1, 4), 1)]


def test_where_nothing_applies_there_is_no_score():
    card = form(yes_no("a", may_skip=True))
    assert share(card, a=NOT_APPLICABLE) is None
    assert share(card) is None
    assert percent(None) is None


def test_a_critical_answer_makes_its_section_nothing_and_leaves_the_others():
    """Identity was not asked for: of two sections of one weight the other has 3/4."""
    identity = yes_no("identity", fails=Fails.SECTION)
    card = Form((
        Section("law", (identity, yes_no("notice")), 1), Section("manner", (scale("tone"),), 1),
    ))  # fmt: skip
    found = score(card, {"identity": "no", "notice": "yes", "tone": "3"})
    assert found.share == Fraction(3, 8)
    assert found.sections[0].failed == ("identity",)
    assert not found.is_failed
    lost = {one.criterion: one.lost for one in found.parts}
    # Half of its section by its own points, half of what "notice" had kept.
    assert lost == {"identity": Fraction(1, 2), "notice": 0, "tone": Fraction(1, 8)}


def test_a_critical_answer_of_the_form_makes_all_of_it_nothing():
    card = form(yes_no("insult", fails=Fails.FORM), scale("tone", 3))
    found = score(card, {"insult": "no", "tone": "4"})
    assert (found.share, found.failed) == (0, ("insult",))
    assert {one.criterion: one.lost for one in found.parts} == {"insult": 1, "tone": 0}


def test_a_critical_criterion_without_weight_takes_what_the_others_had_kept():
    card = form(yes_no("insult", 0, fails=Fails.FORM), scale("tone"))
    found = score(card, {"insult": "no", "tone": "3"})
    assert found.share == 0
    lost = {one.criterion: one.lost for one in found.parts}
    assert lost == {"tone": Fraction(1, 4), "insult": Fraction(3, 4)}
    assert score(card, {"insult": "no"}).failed == ("insult",)


def test_two_that_fail_the_form_share_what_is_lost_by_it():
    card = form(yes_no("a", 1, fails=Fails.FORM), yes_no("b", 1, fails=Fails.FORM), yes_no("c", 2))
    found = score(card, {"a": "no", "b": "no", "c": "yes"})
    assert {one.criterion: one.lost for one in found.parts} == {
        "a": Fraction(1, 2), "b": Fraction(1, 2), "c": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tone", "extra", "expected", "added"),
    [
        ("3", "yes", "80.0", "0.05"),  # 75 and five hundredths
        ("4", "yes", "100.0", "0"),  # there is no more than all
        ("3", "no", "75.0", "0"),
        ("3", NOT_APPLICABLE, "75.0", "0"),
    ],
)
def test_a_bonus_adds_hundredths_and_costs_nobody_anything(tone, extra, expected, added):
    card = form(scale("tone"), yes_no("extra", 5, is_bonus=True))
    found = score(card, {"tone": tone, "extra": extra})
    assert (percent(found.share), found.bonus) == (Decimal(expected), Fraction(added))


def test_of_bonuses_for_which_there_is_no_room_each_adds_as_much_less():
    """Three quarters are base, the bonuses are worth 20 and 30: of 25 they add 10 and 15."""
    card = form(
        scale("tone"), *[yes_no(key, weight, is_bonus=True) for key, weight in
        (("first", 20), ("second", 30), ("third", 10))],
    )  # fmt: skip
    found = score(card, {"tone": "3", "first": "yes", "second": "yes", "third": "no"})
    assert found.earned == {"first": Fraction(10, 100), "second": Fraction(15, 100)}
    assert (found.share, found.bonus) == (1, Fraction(25, 100))


def test_a_bonus_does_not_save_what_has_failed():
    failing = yes_no("insult", fails=Fails.SECTION)
    bonus = yes_no("extra", 50, is_bonus=True)
    assert share(form(failing, bonus), insult="no", extra="yes") == 0


def test_numbers_lie_evenly_between_the_worst_and_the_best():
    """A hold of at most 30 seconds is as good as can be, one of 90 is worth nothing."""
    held = Criterion("held", Kind.NUMBER, worst=Decimal(90), best=Decimal(30))
    card = form(held)
    for said, expected in (("30", 1), ("45", Fraction(3, 4)), ("90", 0), ("600", 0), ("0", 1)):
        assert score(card, {"held": Decimal(said)}).share == expected


def test_texts_and_what_weighs_nothing_are_asked_and_not_scored():
    card = form(yes_no("a"), Criterion("note", Kind.TEXT), yes_no("b", 0))
    found = score(card, {"a": "yes", "note": "A good call", "b": "no"})
    assert (found.share, [one.criterion for one in found.parts]) == (1, ["a"])


@pytest.mark.parametrize(
    "answers",
    [{"a": "perhaps"}, {"a": NOT_APPLICABLE}, {"b": "yes"}, {"a": Decimal(1)}, {"n": "many"},
     {"n": Decimal("NaN")}, {"n": Decimal("1e99999999")}, {"n": Decimal("1e-99999999")},
     {"n": Decimal("0e99999999")}],
)  # fmt: skip
def test_answers_that_cannot_be_are_refused(answers):
    number = Criterion("n", Kind.NUMBER, worst=Decimal(0), best=Decimal(1))
    with pytest.raises(ValueError, match="no answers to"):
        score(form(yes_no("a"), number), answers)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("13/16", "81.3"), ("1/3", "33.3"), ("2/3", "66.7"), ("1/2000", "0.1"), ("1", "100.0")],
)
def test_a_share_is_rounded_once_half_away_from_zero(value, expected):
    """81.25 is 81.3, and 0.05 is 0.1."""
    assert percent(Fraction(value)) == Decimal(expected)


@given(answered())
def test_any_score_lies_between_nothing_and_all_and_what_is_lost_adds_up(said):
    card, answers = said
    found = score(card, answers)
    if found.share is None:
        assert not found.parts
        return
    assert NONE <= found.share <= ALL
    assert sum(one.weight for one in found.parts) in (NONE, ALL)
    assert sum(one.weight for one in found.sections) in (NONE, ALL)
    if found.parts:
        assert sum(one.lost for one in found.parts) == ALL - (found.share - found.bonus)
    assert sum(found.earned.values()) == found.bonus


@given(answered())
def test_a_better_answer_never_lowers_a_score(said):
    """But where it shows something else, or hides it."""
    card, answers = said
    found = score(card, answers)
    asked = {one.id for one in shown(card, answers)}
    for one in card.criteria():
        better = max(one.options, key=lambda option: option.points).id
        if answers.get(one.id) in (None, NOT_APPLICABLE, better):
            continue
        other = answers | {one.id: better}
        if {each.id for each in shown(card, other)} == asked and found.share is not None:
            assert score(card, other).share >= found.share


@given(answered())
def test_what_is_not_shown_counts_nowhere(said):
    card, answers = said
    asked = {one.id for one in shown(card, answers)}
    without = {name: value for name, value in answers.items() if name in asked}
    assert score(card, answers) == score(card, without)


def simply(card, answers):
    """The same from the definition, in floats, without bonuses."""
    asked = {one.id for one in shown(card, answers)}
    total = weights = 0.0
    for section in card.sections:
        points = of = 0.0
        fails = False
        for one in section.criteria:
            value = answers.get(one.id)
            if one.id not in asked or value is None:
                continue
            if value == "no" and one.fails == Fails.FORM:
                return 0.0
            fails |= value == "no" and one.fails == Fails.SECTION
            if value is NOT_APPLICABLE or one.is_bonus or not one.weight:
                continue
            best = max(option.points for option in one.options)
            mine = next(option.points for option in one.options if option.id == value)
            points, of = points + one.weight * mine / best, of + one.weight
        if of:
            weight = of if section.weight is None else section.weight
            total += 0 if fails else weight * points / of
            weights += weight
    return total / weights if weights else None


@given(answered())
def test_a_score_is_what_its_definition_says(said):
    card, answers = said
    found = score(card, answers)
    expected = simply(card, answers)
    if expected is None:
        assert found.share in (None, 0)
    else:
        assert found.share is not None
        assert float(found.share - found.bonus) == pytest.approx(expected)
