"""Reviews as rows of a table: one for each answer, and one alone for a review without any."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from qa import cards
from qa.cards import Card
from qa.cells import CALL, hundredths, when, yes
from qa.models import Answer, Evaluation
from qa.reviews import answers as kept

_AT_ONCE = 200


def header(zone: str) -> list[object]:
    return [
        _("Review"), _("Site"), *CALL, _("Id at the source"), _("Queue"), _("Agent"),
        _("Team"), _("Reviewer"), _("Kind"), _("Counts in the score"), _("Why"), _("State"),
        _("Scorecard"), _("Version"), _("Score, %"),
        _("Bonus, %"), _("Failed"),
        f"{_('Finished')} ({zone})", f"{_('Released')} ({zone})", _("Section"),
        _("Criterion id"), _("Criterion"), _("Answer id"), _("Answer"), _("Not applicable"),
        _("Points, %"), _("Lost, %"), _("Comment"), _("Comment on the whole"),
    ]  # fmt: skip


def rows(found: QuerySet[Evaluation], zone: ZoneInfo) -> Iterator[list[object]]:
    """The rows of some reviews that are `told_to` somebody, in their order: of one whose answers
    are not, how far it is."""
    answers = Answer.objects.select_related("criterion")
    read: dict[int, Card] = {}
    full = found.select_related(
        "version__card", "site", "agent", "team", "queue", "reviewer", "drawn"
    ).prefetch_related(Prefetch("answers", answers))
    # The form of a version is long, and read once.
    full = full.defer("version__form")
    for one in full.iterator(_AT_ONCE):
        card = read.get(one.version_id)
        if card is None:
            card = read[one.version_id] = cards.read(one.version.form)
        yield from _of_one(one, card, zone)


def _of_one(one: Evaluation, card: Card, zone: ZoneInfo) -> Iterator[list[object]]:
    about: list[object] = [
        one.pk, one.site.name, one.call_id, when(one.called_at, zone),
        one.facts.get("external_id"),
        one.queue and one.queue.name, one.agent.name, one.team and one.team.name,
        str(one.reviewer), Evaluation.Kind(one.kind).label, yes(one.counts),
        Evaluation.Reason(one.reason).label if one.reason else None,
        Evaluation.State(one.state).label,
        one.version.card.name, one.version.number,
        *(
            [hundredths(one.share), hundredths(kept.bonus_of(one.share, _lost(one))),
             yes(one.is_failed)]
            if one.is_told else [None] * 3
        ),
        when(one.finished_at, zone),
        when(one.released_at, zone),
    ]  # fmt: skip
    if not one.is_told:
        yield [*about, *[None] * 10]
        return
    places = [each.id for each in card.form.criteria()]
    section = {
        each.id: card.sections[part.id] for part in card.form.sections for each in part.criteria
    }
    answers = sorted(
        (each for each in one.answers.all() if each.criterion.key in section),
        key=lambda each: places.index(each.criterion.key),
    )
    if not answers:
        yield [*about, *[None] * 9, one.comment]
    for each in answers:
        key = each.criterion.key
        yield [
            *about, section[key], key, card.name(key), each.value,
            card.option(key, each.value), yes(each.skipped),
            hundredths(each.share), hundredths(each.lost), each.comment, one.comment,
        ]  # fmt: skip


def _lost(one: Evaluation) -> Decimal | None:
    """What its answers have lost together; None: none of them counts."""
    lost = [each.lost for each in one.answers.all() if each.lost is not None]
    return sum(lost, Decimal(0)) if lost else None
