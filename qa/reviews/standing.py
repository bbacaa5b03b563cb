"""How far a review is: what it is worth so far, what is shown by now, and what is still open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qa.cards import Card
from qa.models import Answer, Evidence
from qa.reviews import answers as kept
from qa.reviews import worth
from qa.reviews.worth import Worth
from qa.scoring import Kind, Value, missing, percent, score, shown


@dataclass(frozen=True, slots=True)
class Standing:
    """`percent` is the score of what is answered so far, of 100; None: nothing of it counts yet.
    `bonus` is what bonuses have added to it.
    `failed` are critical criteria that failed the form, `failed_sections` those that failed a
    section, by its id. `shown` are keys of the criteria that are asked by now; of them `open` are
    still to be answered, and `unsaid` are so low that a comment has to say why. `answered` of
    `asked` are done of those that have to be. `worth` is what each of `shown` did to the score."""

    percent: Decimal | None
    bonus: Decimal
    failed: tuple[str, ...]
    failed_sections: Mapping[str, tuple[str, ...]]
    sections: Mapping[str, Decimal | None]
    shown: tuple[str, ...]
    open: tuple[str, ...]
    unsaid: tuple[str, ...]
    answered: int
    asked: int
    worth: Mapping[str, Worth]

    @property
    def is_failed(self) -> bool:
        return bool(self.failed)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.open and not self.unsaid


def standing(card: Card, answers: Iterable[Answer]) -> Standing:
    """Of a card and what was answered, each with its criterion."""
    rows = list(answers)
    said = kept.values(card.form, rows)
    commented = {one.criterion.key for one in rows if one.comment.strip()}
    return of_values(card, said, commented)


def of_values(card: Card, said: Mapping[str, Value], commented: set[str]) -> Standing:
    """The same of values by their criterion's key."""
    form = card.form
    scored = score(form, said)
    unanswered, unsaid = missing(form, said, commented)
    there = shown(form, said)
    must = [one.id for one in there if not one.is_bonus and one.kind != Kind.TEXT]
    return Standing(
        percent=percent(scored.share),
        bonus=percent(scored.bonus) or Decimal(0),
        failed=scored.failed,
        failed_sections={one.section: one.failed for one in scored.sections if one.failed},
        sections={one.section: percent(one.share) for one in scored.sections},
        shown=tuple(one.id for one in there),
        open=unanswered,
        unsaid=unsaid,
        answered=sum(key in said for key in must),
        asked=len(must),
        worth=worth.of(form, said, scored),
    )


def as_json(card: Card, now: Standing) -> dict[str, Any]:
    """The same as pages and machines read it: percents as numbers, names beside ids."""
    return {
        "score_percent": None if now.percent is None else float(now.percent),
        "bonus_percent": float(now.bonus),
        "is_failed": now.is_failed,
        "failed": [{"criterion": one, "name": card.name(one)} for one in now.failed],
        "failed_sections": [
            {"section": section, "name": card.sections[section], "criteria": [*those]}
            for section, those in now.failed_sections.items()
        ],
        "sections": {
            section: None if share is None else float(share)
            for section, share in now.sections.items()
        },
        "shown": [*now.shown],
        "unanswered": [*now.open],
        "uncommented": [*now.unsaid],
        "answered": now.answered,
        "asked": now.asked,
    }


def pins_as_json(pins: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Evidence as the page of its review reads it."""
    return [
        {
            "id": one.pk,
            "criterion": one.criterion.key if one.criterion else "",
            "at_ms": one.at_ms,
            "line": one.line,
        }
        for one in pins
    ]
