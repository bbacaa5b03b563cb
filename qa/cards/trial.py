"""A scorecard tried out: what a reviewer sees of it after some answers, and the score so far.

Nothing is kept of a trial. What it is worth is `qa.scoring`'s alone; a form with faults is shown,
but not scored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from qa.cards.card import Card, CriterionWords
from qa.scoring import (
    Criterion,
    Form,
    Kind,
    Score,
    Value,
    faults,
    missing,
    percent,
    score,
    shown,
    wrong,
)

SKIPPED = "n/a"


@dataclass(frozen=True, slots=True)
class Row:
    """A criterion that is shown. `chosen` is an option's id, `SKIPPED`, or what was typed; `of` is
    its part of the whole in hundredths and `lost` what the score lacks by it; None: it does not
    count (yet)."""

    number: int
    criterion: Criterion
    words: CriterionWords
    chosen: str
    comment: str
    is_wrong: bool
    needs_comment: bool
    has_failed: bool
    of: Decimal | None
    lost: Decimal | None

    @property
    def options(self) -> list[tuple[str, str, str]]:
        """Id, name and description of each answer to choose."""
        return [
            (one.id, said.name, said.anchor)
            for one in self.criterion.options
            for said in [self.words.options[one.id]]
        ]

    @property
    def has_anchors(self) -> bool:
        return any(anchor for _id, _name, anchor in self.options)

    @property
    def may_skip(self) -> bool:
        return self.criterion.may_skip or self.criterion.is_bonus

    @property
    def comment_below(self) -> int | None:
        below = self.criterion.comment_below
        return None if below is None else int(below * 100)


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is shown; `share` is what it has, in hundredths."""

    id: str
    name: str
    rows: Sequence[Row]
    share: Decimal | None
    weight: Decimal | None
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """`score` is None where nothing counts yet or the form has faults; `hidden` are the criteria
    that no answer has shown; `failed` names what failed the whole."""

    parts: Sequence[Part]
    score: Decimal | None
    bonus: Decimal
    failed: Sequence[str]
    asked: int
    answered: int
    hidden: int
    is_sound: bool


def tried(
    card: Card, answers: Mapping[str, Value], typed: Mapping[str, str], said: Mapping[str, str]
) -> Trial:
    """How a card looks after these answers. `typed` is what stands in its fields, `said`
    the comments. Answers that cannot be are shown as such and count nowhere."""
    bad = {*wrong(card.form, answers)} | {
        id for id, text in typed.items() if text and id not in answers
    }
    good = {id: value for id, value in answers.items() if id not in bad}
    asked = shown(card.form, good)
    is_sound = not faults(card.form)
    found = score(card.form, good) if is_sound else None
    unsaid = missing(card.form, good, said.keys())[1] if is_sound else ()
    parts = {} if found is None else {one.criterion: one for one in found.parts}
    failing = _failing(found)
    rows: dict[str, Row] = {}
    for number, one in enumerate(asked, 1):
        part = parts.get(one.id)
        rows[one.id] = Row(
            number, one, card.criteria[one.id],
            typed.get(one.id, ""), said.get(one.id, ""),
            one.id in bad, one.id in unsaid, one.id in failing,
            None if part is None else percent(part.weight),
            None if part is None else percent(part.lost),
        )  # fmt: skip
    return Trial(
        [_part(card, section, rows, found) for section in range(len(card.form.sections))],
        None if found is None else percent(found.share),
        Decimal(0) if found is None else percent(found.bonus) or Decimal(0),
        [] if found is None else [card.name(id) for id in found.failed],
        sum(1 for one in asked if one.kind != Kind.TEXT and not one.is_bonus),
        sum(1 for one in asked if one.id in good and one.kind != Kind.TEXT and not one.is_bonus),
        sum(1 for _one in card.form.criteria()) - len(asked),
        is_sound,
    )


def worth(form: Form) -> dict[str, Fraction]:
    """Each criterion's part of the whole where all of them are asked and apply. Empty for a form
    with faults."""
    if faults(form):
        return {}
    everything = Form(
        tuple(
            replace(each, criteria=tuple(replace(one, shown_if=()) for one in each.criteria))
            for each in form.sections
        )
    )
    best = {one.id: value for one in everything.criteria() if (value := _best(one)) is not None}
    return {one.criterion: one.weight for one in score(everything, best).parts}


def _best(one: Criterion) -> Value | None:
    """An answer that has all of its points, and fails nothing where there is such a one."""
    if one.kind == Kind.NUMBER:
        return one.best
    if not one.options:
        return None
    return max(one.options, key=lambda each: (not each.fails, each.points)).id


def _failing(found: Score | None) -> set[str]:
    if found is None:
        return set()
    return {*found.failed, *(id for each in found.sections for id in each.failed)}


def _part(card: Card, place: int, rows: Mapping[str, Row], found: Score | None) -> Part:
    section = card.form.sections[place]
    scored = None if found is None else found.sections[place]
    counts = scored is not None and scored.share is not None
    return Part(
        section.id,
        card.sections[section.id],
        [rows[one.id] for one in section.criteria if one.id in rows],
        percent(scored.share) if scored is not None and counts else None,
        percent(scored.weight) if scored is not None and counts else None,
        bool(scored and scored.failed),
    )
