"""What answers are worth.

Reckoned in fractions, rounded nowhere but in `percent`:

- A criterion has `share` of its points, 0 to 1. What does not apply, is not shown or is not
  answered yet counts nowhere: its weight goes to the others of its section, by their weights, and
  that of a section in which nothing counts to the other sections.
- A section's share is the mean of its criteria's by their weights; a critical answer that fails the
  section makes it 0, with its whole weight.
- The form's share is the mean of its sections' by theirs; a critical answer that fails the form
  makes it 0, whatever else was said.
- A bonus adds so many hundredths of the whole, at most up to 1, unless its section or the form has
  failed. It has no weight: nobody loses by not earning it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from qa.scoring.answers import Value, fails, share_of, shown, wrong
from qa.scoring.form import Criterion, Fails, Form, Section

_NONE, _ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Part:
    """A criterion that counts. `weight` is its part of the whole score, `share` what it has of it,
    and `lost` what the score lacks by it: of all parts they add up to 1 and, without bonuses, to
    1 less the score. What a fail takes beyond the points of other answers is lost by those who
    failed, evenly."""

    criterion: str
    weight: Fraction
    share: Fraction
    lost: Fraction


@dataclass(frozen=True, slots=True)
class SectionScore:
    """`share` is None where nothing of the section counts; `failed` are critical criteria of it
    whose answers failed it."""

    section: str
    share: Fraction | None
    weight: Fraction
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """`share` is the score, 0 to 1; None where nothing counts. `failed` are critical criteria whose
    answers failed the form. `bonus` is what was added, no more than there was room for, and
    `earned` which criteria added it: where there was not room for all, each as much less."""

    share: Fraction | None
    sections: tuple[SectionScore, ...]
    parts: tuple[Part, ...]
    failed: tuple[str, ...]
    bonus: Fraction
    earned: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def base(self) -> Fraction | None:
        """The score without what bonuses added."""
        return None if self.share is None else self.share - self.bonus

    @property
    def is_failed(self) -> bool:
        return bool(self.failed)


def score(form: Form, answers: Mapping[str, Value]) -> Score:
    """The score of what is answered so far.

    Raises ValueError for answers that cannot be.
    """
    if bad := wrong(form, answers):
        raise ValueError(f"no answers to {', '.join(bad)}")
    asked = {one.id for one in shown(form, answers)}
    counted = {
        section.id: [
            (one, share)
            for one in section.criteria
            if one.id in asked
            and one.id in answers
            and (share := share_of(one, answers[one.id])) is not None
        ]
        for section in form.sections
    }
    failing = [one for one in form.criteria() if one.id in asked and _fails(one, answers)]
    whole = tuple(one.id for one in failing if one.fails == Fails.FORM)
    weights = {section.id: _weight(section, counted[section.id]) for section in form.sections}
    all_weight = sum(weights.values(), _NONE)
    if not all_weight:
        nothing = tuple(SectionScore(one.id, None, _NONE) for one in form.sections)
        return Score(_NONE if whole else None, nothing, (), whole, _NONE)

    sections: list[SectionScore] = []
    parts: list[Part] = []
    for section in form.sections:
        mine = _base(counted[section.id])
        failed = tuple(
            one.id for one in failing if one.fails == Fails.SECTION and one in section.criteria
        )
        weight = weights[section.id] / all_weight
        sections.append(SectionScore(section.id, _share(mine, failed), weight, failed))
        parts += _parts(mine, weight, failed)
    base = sum((one.share * one.weight for one in sections if one.share is not None), _NONE)
    if whole:
        return Score(_NONE, tuple(sections), _blamed(parts, whole, base), whole, _NONE)
    earned = {
        one.id: Fraction(one.weight, 100) * share
        for section, scored in zip(form.sections, sections, strict=True)
        if not scored.failed
        for one, share in counted[section.id]
        if one.is_bonus and one.weight * share
    }
    every = sum(earned.values(), _NONE)
    bonus = min(every, _ALL - base)
    added = {key: one * bonus / every for key, one in earned.items()}
    return Score(base + bonus, tuple(sections), tuple(parts), (), bonus, added)


def percent(share: Fraction | Decimal | None) -> Decimal | None:
    """A share, reckoned or as it is kept, as hundredths with one decimal, half away from zero:
    0.8125 is 81.3."""
    if share is None:
        return None
    exact = Fraction(share)
    hundredths = Decimal(exact.numerator * 100) / Decimal(exact.denominator)
    return hundredths.quantize(Decimal("0.1"), ROUND_HALF_UP)


_Counted = list[tuple[Criterion, Fraction]]


def _fails(one: Criterion, answers: Mapping[str, Value]) -> bool:
    return one.id in answers and fails(one, answers[one.id])


def _base(counted: _Counted) -> _Counted:
    return [(one, share) for one, share in counted if not one.is_bonus]


def _weight(section: Section, counted: _Counted) -> Fraction:
    """A section's weight beside the others': nothing where nothing of it counts."""
    own = sum(one.weight for one, _share in _base(counted))
    return Fraction(own if section.weight is None or not own else section.weight)


def _share(mine: _Counted, failed: tuple[str, ...]) -> Fraction | None:
    if not mine:
        return None
    if failed:
        return _NONE
    points = sum(one.weight for one, _each in mine)
    return sum((one.weight * each for one, each in mine), _NONE) / points


def _parts(mine: _Counted, weight: Fraction, failed: tuple[str, ...]) -> list[Part]:
    points = sum(one.weight for one, _each in mine)
    parts = [
        Part(one.id, of := weight * one.weight / points, each, of * (1 - each))
        for one, each in mine
    ]
    if not failed:
        return parts
    kept = sum((one.weight - one.lost for one in parts), _NONE)
    return [*_blamed(parts, failed, kept)]


def _blamed(parts: list[Part], failed: tuple[str, ...], kept: Fraction) -> tuple[Part, ...]:
    """What other answers had kept is lost by those that failed, evenly."""
    each = kept / len(failed)
    told = {one.criterion for one in parts}
    blamed = [
        Part(one.criterion, one.weight, one.share, one.lost + each)
        if one.criterion in failed
        else one
        for one in parts
    ]
    # A critical criterion without weight has no part of its own.
    return (*blamed, *(Part(one, _NONE, _NONE, each) for one in failed if one not in told))
