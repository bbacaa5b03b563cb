"""Answers to a form: which criteria they show, which are still open, and which cannot be."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final, Literal

from qa.scoring.form import CHOSEN, Criterion, Form, Kind


class _NotApplicable(Enum):
    NOT_APPLICABLE = "n/a"


NOT_APPLICABLE: Final = _NotApplicable.NOT_APPLICABLE
NotApplicable = Literal[_NotApplicable.NOT_APPLICABLE]
# An option's id, a number, a text, or that it does not apply.
Value = str | Decimal | NotApplicable
_DIGITS = 18


def shown(form: Form, answers: Mapping[str, Value]) -> tuple[Criterion, ...]:
    """The criteria that are asked by now, in their order. One that hangs on another which is not
    shown, not answered or does not apply is not shown."""
    there: dict[str, Criterion] = {}
    for one in form.criteria():
        if all(
            on.criterion in there and answers.get(on.criterion) in on.options for on in one.shown_if
        ):
            there[one.id] = one
    return tuple(there.values())


def wrong(form: Form, answers: Mapping[str, Value]) -> tuple[str, ...]:
    """Criteria whose answers cannot be, in the form's order: no option of theirs, no number, not
    applicable where it always is. Answers to what is not of the form come last."""
    known = {one.id for one in form.criteria()}
    return (
        *(
            one.id
            for one in form.criteria()
            if one.id in answers and not _may_be(one, answers[one.id])
        ),
        *sorted({*answers} - known),
    )


def missing(
    form: Form, answers: Mapping[str, Value], commented: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Criteria that are shown and not answered yet, and those whose answer is so low that a comment
    has to say why and none does; both in the form's order. A bonus and a text may stay open."""
    asked = shown(form, answers)
    unanswered = [
        one.id
        for one in asked
        if one.id not in answers and not one.is_bonus and one.kind != Kind.TEXT
    ]
    unsaid = [
        one.id
        for one in asked
        if one.comment_below is not None
        and one.id in answers
        and one.id not in commented
        and (share := share_of(one, answers[one.id])) is not None
        and share < one.comment_below
    ]
    return tuple(unanswered), tuple(unsaid)


def share_of(criterion: Criterion, value: Value) -> Fraction | None:
    """How much of its points an answer has, 0 to 1; None where it does not apply or is never
    scored. Raises ValueError for an answer that cannot be."""
    if not _may_be(criterion, value):
        raise ValueError(f"{value!r} is no answer to {criterion.id}")
    if value is NOT_APPLICABLE or not criterion.is_scored:
        return None
    if isinstance(value, Decimal):
        return _between(criterion, value)
    points = {option.id: option.points for option in criterion.options}
    return Fraction(points[str(value)], max(points.values()))


def fails(criterion: Criterion, value: Value) -> bool:
    """Whether an answer fails a critical criterion."""
    return bool(criterion.fails) and any(
        option.fails for option in criterion.options if option.id == value
    )


def _between(criterion: Criterion, value: Decimal) -> Fraction:
    if criterion.worst is None or criterion.best is None:
        raise ValueError(f"{criterion.id} has no bounds")
    worst, best = Fraction(criterion.worst), Fraction(criterion.best)
    return min(max((Fraction(value) - worst) / (best - worst), Fraction(0)), Fraction(1))


def _may_be(criterion: Criterion, value: Value) -> bool:
    if value is NOT_APPLICABLE:
        return criterion.may_skip or criterion.is_bonus
    if criterion.kind in CHOSEN:
        return any(option.id == value for option in criterion.options)
    if criterion.kind == Kind.NUMBER:
        return isinstance(value, Decimal) and _is_within_reach(value)
    return isinstance(value, str)


def _is_within_reach(value: Decimal) -> bool:
    """Whether a number has few enough digits on both sides to be reckoned with exactly."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DIGITS and value.adjusted() <= _DIGITS
