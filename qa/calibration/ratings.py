"""Blind ratings of calls: those of sessions that are open, and those of drawn calls that several
people reviewed without seeing each other.

What was given blind counts: an answer or a score that a dispute changed afterwards counts as it was
before, what a session agreed on is no rating, and what is not finished is none yet.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, FloatField, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Cast, Coalesce, JSONObject

from ccm.access import scope_of
from ccm.querysets import Viewer
from qa import cards
from qa.access import reviewed_sites
from qa.cards import Card
from qa.models import Answer, AnswerChange, CardVersion, Evaluation, ReviewEvent
from qa.reviews.answers import as_value
from qa.scoring import Form, Value, shown

Unit = tuple[str, int]
"""A call of a session, or a drawn call: ("session", id of its CalibrationCall), ("drawn", id)."""

# Of a call that several score the first is done at most so long before the others.
_LONGEST = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Given:
    """What one person gave one call, blind, by one version: the `share` that it scored, and the
    answers to what was asked. `month` is that in which the call was drawn or the session made,
    `first_at` when the first of the call's reviews was finished."""

    unit: Unit
    reviewer: int
    version: int
    month: date
    first_at: datetime
    share: float | None
    said: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Blind:
    """All of a scorecard, with its versions' cards, the newest version first."""

    cards: Mapping[int, Card] = field(default_factory=dict)
    given: Sequence[Given] = ()


def seen(user: Viewer) -> QuerySet[Any]:
    """Finished reviews of sites whose reviews the user sees."""
    scope = scope_of(user)
    rows: QuerySet[Any] = Evaluation.objects.done()
    return rows if scope.everything else rows.filter(site__in=reviewed_sites(scope))


def most_doubled(user: Viewer) -> int | None:
    """The scorecard by which the most second reviews were made blind, of sites whose reviews the
    user sees; None: by none."""
    second = Q(kind="drawn", rank__gt=0)
    counted = seen(user).filter(second | _OF_SESSIONS).order_by().values("version__card")
    most = counted.annotate(many=Count("pk")).order_by("-many", "version__card")
    found: int | None = most.values_list("version__card", flat=True).first()
    return found


_OF_SESSIONS = Q(kind="calibration") & ~Q(session_call__session__state="blind")


def blind(rows: QuerySet[Any], first: datetime, until: datetime) -> dict[int, Blind]:
    """Of some reviews that are `seen`, by scorecard: ratings of calls with two or more of them, of
    which the first was given in [first, until). Three queries, and one where there are none."""
    found = _reviews(rows, first, until)
    if not found:
        return {}
    read: dict[int, dict[int, Card]] = defaultdict(dict)
    used = CardVersion.objects.filter(pk__in={one.version for one in found})
    for version in used.order_by("card", "-number"):
        read[version.card_id][version.pk] = cards.read(version.form)
    forms = {pk: one.form for some in read.values() for pk, one in some.items()}
    said = _answers([one.pk for one in found])
    given: dict[int, list[Given]] = defaultdict(list)
    for one in found:
        given[one.version__card].append(
            Given(
                ("session", one.session_call) if one.session_call else ("drawn", one.drawn),
                one.reviewer,
                one.version,
                one.asked_at.date().replace(day=1),
                one.first_at,
                _share(one.share_now if one.first_said is None else one.first_said["share"]),
                _asked(forms[one.version], said[one.pk]),
            )
        )
    return {card: Blind(some, given[card]) for card, some in read.items()}


def _reviews(rows: QuerySet[Any], first: datetime, until: datetime) -> list[Any]:
    several = Evaluation.objects.done().filter(kind="drawn", rank__gt=0).order_by().values("drawn")
    of_draws = Q(kind="drawn", drawn__in=several, drawn__state="standing")
    finished = ReviewEvent.objects.filter(evaluation=OuterRef("pk"), what="finished")
    unit = [F("drawn"), F("session_call")]
    found = (
        rows.filter(_OF_SESSIONS | of_draws, finished_at__gte=first - _LONGEST)
        .annotate(
            many=Window(Count("pk"), partition_by=unit),
            first_at=Window(Min("finished_at"), partition_by=unit),
        )
        .filter(many__gte=2, first_at__gte=first, first_at__lt=until)
        .annotate(
            asked_at=Coalesce("session_call__session__made_at", "drawn__drawn__draw__made_at"),
            share_now=Cast("share", FloatField()),
            first_said=Subquery(
                finished.order_by("-at", "-pk").values(said=JSONObject(share="share"))[:1]
            ),
        )
        .order_by("pk")
    )
    return list(
        found.values_list(
            "pk", "reviewer", "version", "version__card", "session_call", "drawn", "asked_at",
            "first_at", "share_now", "first_said", named=True,
        )
    )  # fmt: skip


def _share(kept: float | None) -> float | None:
    return None if kept is None else float(kept)


def _answers(reviews: Sequence[int]) -> Mapping[int, list[tuple[str, str, bool]]]:
    """The answers of some reviews as they were when they were given: (criterion's key, value,
    whether it was skipped)."""
    first = AnswerChange.objects.filter(answer=OuterRef("pk")).order_by("at", "pk")
    was = first.values(said=JSONObject(value="before", skipped="skipped_before"))
    rows = Answer.objects.filter(evaluation__in=reviews).order_by("pk")
    found: dict[int, list[tuple[str, str, bool]]] = defaultdict(list)
    for review, key, value, skipped, before in rows.values_list(
        "evaluation_id", "criterion__key", "value", "skipped", Subquery(was[:1])
    ):
        now = (value, skipped) if before is None else (before["value"], before["skipped"])
        found[review].append((key, *now))
    return found


def _asked(form: Form, said: Sequence[tuple[str, str, bool]]) -> dict[str, Value]:
    """What was said to that which the form asks after all answers."""
    kinds = {one.id: one.kind for one in form.criteria()}
    values = {
        key: value
        for key, kept, skipped in said
        if key in kinds and (value := as_value(kinds[key], kept, skipped=skipped)) is not None
    }
    asked = {one.id for one in shown(form, values)}
    return {key: value for key, value in values.items() if key in asked}
