"""Blind ratings of a scorecard's criteria: those of sessions that are open, and those of drawn
calls that several people reviewed without seeing each other.

What was given blind counts: an answer that a dispute changed afterwards counts as it was before,
what a session agreed on is no rating, and what is not finished is none yet.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from ccm.access import scope_of
from ccm.querysets import Viewer
from qa import cards
from qa.access import reviewed_sites
from qa.cards import Card
from qa.models import Answer, AnswerChange, CardVersion, Evaluation, Scorecard
from qa.reviews import answers
from qa.scoring import Value, shown

Unit = tuple[str, int]
"""A call of a session, or a drawn call: ("session", id of its CalibrationCall), ("drawn", id)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one person gave one call, blind, by one version: the answers to what was asked."""

    unit: Unit
    reviewer: int
    version: int
    month: date
    said: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Blind:
    """All of a scorecard, with its versions' cards, the newest version first."""

    cards: Mapping[int, Card]
    given: Sequence[Given]


def seen(card: Scorecard, user: Viewer) -> QuerySet[Any]:
    """Finished reviews by a scorecard, of sites whose reviews the user sees."""
    scope = scope_of(user)
    rows: QuerySet[Any] = Evaluation.objects.done().filter(version__card=card)
    return rows if scope.everything else rows.filter(site__in=reviewed_sites(scope))


def most_doubled(user: Viewer) -> int | None:
    """The scorecard by which the most second reviews were made blind, of sites whose reviews the
    user sees; None: by none."""
    scope = scope_of(user)
    second = Q(kind="drawn", rank__gt=0)
    of_sessions = Q(kind="calibration") & ~Q(session_call__session__state="blind")
    rows = Evaluation.objects.done().filter(second | of_sessions)
    if not scope.everything:
        rows = rows.filter(site__in=reviewed_sites(scope))
    counted = rows.order_by().values("version__card").annotate(many=Count("pk"))
    found: int | None = (
        counted.order_by("-many", "version__card").values_list("version__card", flat=True).first()
    )
    return found


def blind(card: Scorecard, first: datetime, until: datetime, user: Viewer) -> Blind:
    """Ratings of calls with two or more of them, given in [first, until). A few queries, however
    many there are."""
    rows = seen(card, user).filter(finished_at__gte=first, finished_at__lt=until)
    of_sessions = Q(kind="calibration") & ~Q(session_call__session__state="blind")
    several = (
        Evaluation.objects.done()
        .filter(kind="drawn", rank__gt=0, version__card=card)
        .order_by()
        .values("drawn")
    )
    of_draws = Q(kind="drawn", drawn__in=several, drawn__state="standing")
    found = list(
        rows.filter(of_sessions | of_draws)
        .order_by("pk")
        .annotate(
            asked_at=Coalesce("session_call__session__made_at", "drawn__drawn__draw__made_at"),
        )
        .values_list("pk", "reviewer", "version", "session_call", "drawn", "asked_at", named=True)
    )
    versions = {
        one.pk: cards.read(one.form)
        for one in CardVersion.objects.filter(
            card=card, pk__in={one.version for one in found}
        ).order_by("-number")
    }
    said = _answers([one.pk for one in found])
    given = []
    for one in found:
        form = versions[one.version].form
        values = answers.values(form, said[one.pk])
        asked = {each.id for each in shown(form, values)}
        given.append(
            Given(
                ("session", one.session_call) if one.session_call else ("drawn", one.drawn),
                one.reviewer,
                one.version,
                one.asked_at.date().replace(day=1),
                {key: value for key, value in values.items() if key in asked},
            )
        )
    return Blind(versions, given)


def _answers(reviews: Sequence[int]) -> Mapping[int, list[Answer]]:
    """The answers of some reviews as they were when they were given."""
    first: dict[int, AnswerChange] = {}
    for change in AnswerChange.objects.filter(answer__evaluation__in=reviews).order_by("at", "pk"):
        first.setdefault(change.answer_id, change)
    found: dict[int, list[Answer]] = defaultdict(list)
    rows = Answer.objects.filter(evaluation__in=reviews).select_related("criterion")
    for one in rows.order_by("pk"):
        if one.pk in first:
            one.value, one.skipped = first[one.pk].before, first[one.pk].skipped_before
        found[one.evaluation_id].append(one)
    return found
