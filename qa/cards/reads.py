"""Reads scorecards: the list, a card with its versions, what was asked before."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from ccm.querysets import Viewer
from qa.access import keeps_at
from qa.cards import document, edits
from qa.cards.card import Card, CriterionWords
from qa.models import (
    CalibrationSession,
    CardCriterion,
    CardVersion,
    CheckRule,
    Evaluation,
    LearnedScorer,
    SamplingPlan,
    Scorecard,
)
from qa.scoring import Criterion, Fails


def listed(user: Viewer) -> QuerySet[Any]:
    """The scorecards that the user reads, each with `version` in use and since when, `reviews` that
    were made by the card and `waiting` ones that are to be made, and whether it has a draft."""
    versions = CardVersion.objects.filter(card=OuterRef("pk"))
    last = versions.filter(state="published").order_by("-number")
    rows: QuerySet[Any] = (
        Scorecard.objects.visible_to(user)
        .select_related("site")
        .annotate(
            version=Subquery(last.values("number")[:1]),
            since=Subquery(last.values("published_at")[:1]),
            reviews=_many(Evaluation.objects.done(), "version__card"),
            waiting=_many(Evaluation.objects.open(), "version__card"),
            has_draft=Exists(versions.filter(state="draft")),
        )
    )
    return rows


def _many(rows: QuerySet[Evaluation], of: str) -> Coalesce:
    """How many reviews there are of a card, or of a version of one."""
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(many=Count("pk"))
    return Coalesce(Subquery(counted.values("many"), output_field=IntegerField()), 0)


def in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that are used first, by their names."""
    return rows.order_by(F("closed_at").asc(nulls_first=True), "name", "pk")


@dataclass(frozen=True, slots=True)
class Held:
    """A version as a list tells it: how many reviews were made by it and how many are to be, and
    how many criteria it has."""

    version: CardVersion
    reviews: int
    waiting: int
    criteria: int


def versions_of(card: Scorecard, user: Viewer) -> list[Held]:
    """The versions of a card that the user reads, the newest first."""
    rows = CardVersion.objects.filter(card=card).select_related("made_by", "published_by")
    if not keeps_at(user, card.site_id):
        rows = rows.published()
    rows = rows.order_by("-number").annotate(
        reviews=_many(Evaluation.objects.done(), "version"),
        waiting=_many(Evaluation.objects.open(), "version"),
    )
    return [
        Held(
            one,
            one.reviews,
            one.waiting,
            sum(len(each.get("criteria") or ()) for each in one.form.get("sections") or ()),
        )
        for one in rows
    ]


def draft_of(card: Scorecard) -> CardVersion | None:
    found: CardVersion | None = card.versions.filter(state="draft").first()
    return found


def last_of(card: Scorecard) -> CardVersion | None:
    """The version in use."""
    found: CardVersion | None = card.versions.published().order_by("-number").first()
    return found


def taken(card: Scorecard, draft: Card) -> set[str]:
    """Ids that something new on the draft must not have: they are of others, perhaps of earlier
    versions, whose trends it would go on with."""
    keys = set(CardCriterion.objects.filter(card=card).values_list("key", flat=True))
    return keys | edits.ids(draft)


def gone(
    versions: Sequence[CardVersion], draft: Card
) -> dict[str, tuple[Criterion, CriterionWords]]:
    """Criteria of published versions, the newest first, that the draft has none of any more, as
    they were last."""
    there = edits.ids(draft)
    found: dict[str, tuple[Criterion, CriterionWords]] = {}
    for version in versions:
        card = document.read(version.form)
        for one in card.form.criteria():
            if one.id not in there:
                found.setdefault(one.id, (one, card.criteria[one.id]))
    return found


def scored(rows: QuerySet[Scorecard]) -> QuerySet[CardCriterion]:
    """The criteria of scorecards that published versions score, or that fail something: no texts,
    and nothing of drafts. Two queries."""
    asked: dict[int, set[str]] = defaultdict(set)
    for version in CardVersion.objects.published().filter(card__in=rows.values("pk")):
        asked[version.card_id] |= {
            one.id
            for one in document.read(version.form).form.criteria()
            if one.is_scored or one.fails != Fails.NOTHING
        }
    found = Q(pk__in=[])
    for card, keys in asked.items():
        found |= Q(card=card, key__in=keys)
    criteria: QuerySet[CardCriterion] = CardCriterion.objects.filter(found)
    return criteria


def may_move(card: Scorecard) -> bool:
    """Whether a card may be of another site still: none of its versions is published, and nothing
    hangs on it."""
    return not card.versions.published().exists() and not hanging(card)


def hanging(card: Scorecard) -> list[str]:
    """Why a card cannot be removed, in words; empty: it can."""
    return [*_hanging(card)]


def _hanging(card: Scorecard) -> Iterator[str]:
    many = Evaluation.objects.filter(version__card=card).count()
    if many:
        yield ngettext("%(count)d review", "%(count)d reviews", many) % {"count": many}
    many = SamplingPlan.objects.filter(card=card).count()
    if many:
        yield ngettext("%(count)d sampling plan", "%(count)d sampling plans", many) % {
            "count": many
        }
    many = CalibrationSession.objects.filter(version__card=card).count()
    if many:
        yield ngettext("%(count)d calibration", "%(count)d calibrations", many) % {"count": many}
    many = sum(
        kind.objects.filter(criterion__card=card).count() for kind in (CheckRule, LearnedScorer)
    )
    if many:
        yield ngettext("%(count)d check", "%(count)d checks", many) % {"count": many}
