"""Rules and answers between the database and `qa.checks`."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from qa import cards, checks
from qa.cards import Card
from qa.checks import Rule
from qa.models import CallTranscript, CardVersion, CheckRule
from qa.reviews.answers import as_value
from qa.scoring import NOT_APPLICABLE, Criterion, Value
from qa.scoring.answers import share_of
from qa.transcripts import Transcript, from_json

LONGEST_VALUE = 2000


def rule_of(row: CheckRule) -> Rule | None:
    """A kept rule, with its criterion and queues; None where it cannot be read or used."""
    try:
        rule = checks.rule_from_json(
            row.rule,
            id=str(row.pk),
            criterion=str(row.criterion_id),
            queues=[one.pk for one in row.queues.all()],
            languages=row.languages,
        )
    except ValueError:
        return None
    return None if checks.faults(rule) else rule


def transcript_of(row: CallTranscript) -> Transcript | None:
    """A kept transcript; None where it cannot be read."""
    try:
        return from_json(row.lines, row.language)
    except (TypeError, ValueError):
        return None


def as_kept(value: Value | None) -> tuple[str, bool]:
    """An answer as its value and whether it is skipped; neither: there is none."""
    if value is None:
        return "", False
    if value is NOT_APPLICABLE:
        return "", True
    return (f"{value:f}" if isinstance(value, Decimal) else str(value))[:LONGEST_VALUE], False


def forms_of(cards_of: Iterable[int]) -> dict[int, Card]:
    """The newest published form of each scorecard; one query."""
    rows = CardVersion.objects.published().filter(card__in=[*cards_of])
    newest = rows.order_by("card_id", "-number").distinct("card_id")
    return {one.card_id: cards.read(one.form) for one in newest}


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule calls an answer: those that it suggests when met and when broken."""

    met: Value | None
    broken: Value | None


def is_broken(criterion: Criterion, told: Told, value: Value) -> bool | None:
    """Whether an answer that a person gave says "broken": it is the rule's, or worth no more.

    Where the rule suggests none for that, whatever is worth less than what it suggests when met.
    What does not apply is not broken, unless that is what the rule suggests. None where there is no
    telling: the answer is none of the criterion's.
    """
    try:
        mine = share_of(criterion, value)
        if told.broken is not None:
            if value == told.broken:
                return True
            limit = share_of(criterion, told.broken)
            return mine is not None and limit is not None and mine <= limit
        if value == told.met or value is NOT_APPLICABLE or told.met is None:
            return False
        limit = share_of(criterion, told.met)
        return True if mine is None or limit is None else mine < limit
    except ValueError:
        return None


def loses(criterion: Criterion, value: Value) -> bool | None:
    """Whether an answer loses points: what a learned scorer's "broken" is. None: it is not scored,
    or none of the criterion's."""
    if value is NOT_APPLICABLE:
        return False
    try:
        share = share_of(criterion, value)
    except ValueError:
        return None
    return None if share is None else share < Fraction(1)


def answered(criterion: Criterion, value: str, *, skipped: bool) -> Value | None:
    """A kept answer as it is reckoned with; None: it says nothing."""
    try:
        return as_value(criterion.kind, value, skipped=skipped)
    except (ValueError, InvalidOperation):
        return None
