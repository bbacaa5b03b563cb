"""A review's answers as they are kept, and as they are scored."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from ccm.masking import masked
from qa import cards
from qa.models import Answer, Evaluation
from qa.scoring import NOT_APPLICABLE, Form, Kind, Score, Value, score

_PLACES = Decimal("1e-10")
_MOST_PLACES = 20


def as_kept(kind: Kind, value: str) -> str:
    """An answer as it is kept: a text without numbers of cards and telephones."""
    return masked(value).strip() if kind == Kind.TEXT else value


def as_value(kind: str, kept: str, *, skipped: bool) -> Value | None:
    """What was said as `qa.scoring` reads it; None: nothing was. Raises ValueError for a number
    that is none."""
    if skipped:
        return NOT_APPLICABLE
    if kept == "":
        return None
    if kind != Kind.NUMBER:
        return kept
    try:
        number = Decimal(kept.strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError(kept) from None
    exponent = number.as_tuple().exponent
    # What is finite may still be too long to be reckoned with.
    if not isinstance(exponent, int) or abs(exponent) > _MOST_PLACES:
        raise ValueError(kept)
    return number


def values(form: Form, answers: Iterable[Answer]) -> dict[str, Value]:
    """What was answered, by criterion's key; `answers` with their criteria. What the form does not
    ask is left out."""
    kinds = {one.id: one.kind for one in form.criteria()}
    said = {
        each.criterion.key: as_value(kinds[each.criterion.key], each.value, skipped=each.skipped)
        for each in answers
        if each.criterion.key in kinds
    }
    return {key: value for key, value in said.items() if value is not None}


def as_decimal(share: Fraction | None) -> Decimal | None:
    """A share as it is kept: to ten places."""
    if share is None:
        return None
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_PLACES)


def bonus_of(share: Decimal | None, lost: Decimal | None) -> Decimal:
    """What bonuses have added to a score, of what is kept: `lost` by its answers together is what
    the score without bonuses lacks."""
    if share is None or lost is None:
        return Decimal(0)
    # As kept, each is rounded.
    return max(share + lost - 1, Decimal(0)).quantize(Decimal("1e-6"))


def rescore(evaluation: Evaluation) -> Score:
    """Reckon a review's score and what each answer has and loses of it anew, and keep them."""
    form = cards.read(evaluation.version.form).form
    kept = list(evaluation.answers.select_related("criterion"))
    scored = score(form, values(form, kept))
    parts = {one.criterion: one for one in scored.parts}
    for answer in kept:
        part = parts.get(answer.criterion.key)
        answer.share = None if part is None else as_decimal(part.share)
        answer.lost = None if part is None else as_decimal(part.lost)
    Answer.objects.bulk_update(kept, ["share", "lost"])
    evaluation.share = as_decimal(scored.share)
    evaluation.is_failed = scored.is_failed
    evaluation.save(update_fields=["share", "is_failed"])
    return scored
