"""Scorecards that tests begin with."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from qa.scoring import NOT_APPLICABLE, Condition, Criterion, Fails, Form, Kind, Option, Section

YES, NO = Option("yes", 1), Option("no", 0, fails=True)


def yes_no(name: str, weight: int = 1, **more: Any) -> Criterion:
    return Criterion(name, Kind.YES_NO, weight, (YES, NO), **more)


def scale(name: str, weight: int = 1, most: int = 4, **more: Any) -> Criterion:
    """From 0 to `most` points."""
    options = tuple(Option(str(n), n) for n in range(most + 1))
    return Criterion(name, Kind.SCALE, weight, options, **more)


def form(*criteria: Criterion) -> Form:
    """Of one section."""
    return Form((Section("s", criteria),))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Up to four sections of up to four criteria each, some of them critical, bonuses or shown by
    an answer before; sections have weights of their own or none has."""
    weighted = draw(st.booleans())
    sections: list[Section] = []
    before: list[Criterion] = []
    for place in range(draw(st.integers(1, 4))):
        criteria = []
        for number in range(draw(st.integers(1, 4))):
            shown_if: tuple[Condition, ...] = ()
            if before and draw(st.integers(1, 4)) == 4:
                on = draw(st.sampled_from(before))
                shown_if = (Condition(on.id, frozenset({on.options[0].id})),)
            is_bonus = draw(st.integers(1, 6)) == 6
            made = draw(st.sampled_from([yes_no, scale]))(
                f"{place}.{number}",
                draw(st.integers(0, 10)),
                may_skip=draw(st.booleans()),
                is_bonus=is_bonus,
                shown_if=shown_if,
            )
            if made.kind == Kind.YES_NO and not is_bonus:
                fails = draw(st.sampled_from([Fails.NOTHING, Fails.SECTION, Fails.FORM]))
                made = yes_no(
                    made.id, made.weight, may_skip=made.may_skip, shown_if=shown_if, fails=fails
                )
            criteria.append(made)
            before.append(made)
        weight = draw(st.integers(0, 10)) if weighted else None
        sections.append(Section(f"s{place}", tuple(criteria), weight))
    return Form(tuple(sections))


@st.composite
def answered(draw: st.DrawFn) -> tuple[Form, dict[str, Any]]:
    """A form with some of its criteria answered."""
    card = draw(forms())
    answers: dict[str, Any] = {}
    for one in card.criteria():
        may: list[Any] = [option.id for option in one.options]
        if one.may_skip or one.is_bonus:
            may.append(NOT_APPLICABLE)
        if draw(st.integers(1, 5)) > 1:
            answers[one.id] = draw(st.sampled_from(may))
    return card, answers


ALL, NONE = Fraction(1), Fraction(0)
