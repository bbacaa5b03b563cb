"""What insight is made of: reviews that count in scores, their answers, surveys.

Sums over many reviews: they hold those too that the reader is still to score blind, since of a mean
nobody reads one call, and two readers of a team read one figure. Lists of reviews go through
`visible_to` as everywhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, FloatField, OuterRef, Q, Window
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, JSONObject

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, SurveyResponse, User
from ccm.querysets import Viewer
from qa.access import sees_all_of
from qa.models import Answer, CardCriterion, CardVersion, Evaluation
from qa.models.querysets import EvaluationQuerySet


class Review(NamedTuple):
    """A first review of a drawn call that has a score.

    `day` is that of the call, `ended` the last of those that it was drawn from: by it a review is
    of a period, here as in an agent's score (`qa.scores`). The team is the one that its agent was
    drawn in. `weight`: for how many calls it stands. `settled`: whether the caller's matter was, by
    the call's own source; None: nobody told. `is_own`: the agent is the reader.
    """

    pk: int
    call: Any
    called_at: datetime
    day: date
    ended: date
    agent: int
    hired_on: date | None
    team: int | None
    team_name: str
    queue: int | None
    queue_name: str
    card: int
    card_name: str
    reviewer: int
    share: float
    is_failed: bool
    weight: float
    settled: bool | None
    agent_name: str = ""
    is_own: bool = False

    @property
    def month(self) -> date:
        return self.ended.replace(day=1)


class Said(NamedTuple):
    """An answer: `share` of its points, and what the score `lost` by it; None: it does not count.
    `is_told`: something was said, and it applies."""

    review: int
    criterion: int
    share: float | None
    lost: float
    is_told: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A scorecard as it was last published, and all criteria that it ever had: by their ids, as
    (key, name, section, kind)."""

    name: str
    document: Any
    criteria: Mapping[int, tuple[str, str, str, str]]


def of_reader(user: Viewer, site: Site) -> EvaluationQuerySet:
    """A site's reviews that count in scores, as far as sums of them are told to the reader."""
    rows = Evaluation.objects.scored().filter(site=site)
    if not sees_all_of(user, site.pk):
        led = Agent.objects.answered_for_by(user).exclude(user=user.pk)
        rows = rows.filter(agent__in=led.order_by().values("pk"))
    found: EvaluationQuerySet = rows
    return found


def drawn_from(first: date, last: date) -> Q:
    """Reviews of draws whose days ended within [first, last]: a period's, as of `qa.scores`."""
    return Q(drawn__drawn__draw__next_day__gt=first, drawn__drawn__draw__next_day__lte=last + DAY)


def reviews(user: Viewer, site: Site, first: date, last: date) -> list[Review]:
    """Those of draws whose days ended within [first, last]. One query.

    A review stands for as many calls as its layer has by those reviewed of it up to now
    (`qa.sampling.hajek.weights_of`). A call that two plans of a card have drawn counts once.
    """
    layer = [F("drawn__drawn"), F("drawn__layer")]
    rows = (
        of_reader(user, site)
        .filter(drawn_from(first, last))
        .order_by("drawn__drawn", "drawn")
        .values_list(
            "pk", "call", "called_at", "drawn__drawn__draw__next_day", "agent", "agent__hired_on",
            "drawn__drawn__team", "drawn__drawn__team__name", "queue", "queue__name",
            "version__card", "version__card__name", "reviewer",
            Cast("share", FloatField()), "is_failed", "drawn__of",
            Window(Count("pk"), partition_by=layer), KeyTransform("resolved", "facts"),
            "agent__name", "agent__user",
        )
    )  # fmt: skip
    calendar = site.calendar
    found: dict[tuple[int, int, Any], Review] = {}
    for (
        pk, call, at, next_day, agent, hired, team, team_name, queue, queue_name, card, card_name,
        reviewer, share, failed, calls, done, settled, name, person,
    ) in rows:  # fmt: skip
        one = Review(
            pk, call, at, day_of(at, calendar), next_day - DAY, agent, hired, team,
            team_name or "", queue, queue_name or "", card, card_name, reviewer, share, failed,
            calls / done, settled, name, person == user.pk,
        )  # fmt: skip
        found.setdefault((card, agent, call), one)
    return sorted(found.values(), key=lambda one: (one.called_at, one.pk))


def answers(found: Collection[Review], first: date, last: date, site: Site) -> list[Said]:
    """What was said on some reviews of a period. One query, none of no reviews."""
    wanted = {one.pk for one in found}
    if not wanted:
        return []
    rows = Answer.objects.filter(
        evaluation__site=site,
        evaluation__drawn__drawn__draw__next_day__gt=first,
        evaluation__drawn__drawn__draw__next_day__lte=last + DAY,
        evaluation__kind=Evaluation.Kind.DRAWN,
        evaluation__rank=0,
    )
    told = rows.order_by().values_list(
        "evaluation_id",
        "criterion_id",
        Cast("share", FloatField()),
        Cast("lost", FloatField()),
        "skipped",
        "value",
    )
    return [
        Said(review, criterion, share, lost or 0.0, not skipped and value != "")
        for review, criterion, share, lost, skipped, value in told.iterator(chunk_size=20_000)
        if review in wanted
    ]


def forms(cards: Collection[int]) -> dict[int, Form]:
    """Scorecards by their ids. One query, none of no cards."""
    if not cards:
        return {}
    criteria = CardCriterion.objects.filter(card=OuterRef("card")).order_by("pk")
    words = {one: one for one in ("pk", "key", "name", "section", "kind")}
    asked = criteria.values(one=JSONObject(**words))
    newest = (
        CardVersion.objects.published()
        .filter(card__in=cards)
        .order_by("card", "-number")
        .distinct("card")
        .annotate(asked=ArraySubquery(asked))
    )
    return {
        card: Form(
            name,
            document,
            {one["pk"]: (one["key"], one["name"], one["section"], one["kind"]) for one in asked},
        )
        for card, name, document, asked in newest.values_list("card", "card__name", "form", "asked")
    }


def surveyed(found: Collection[Review]) -> dict[str, dict[Any, float]]:
    """What callers said of calls, from 0 to 1 on its scale, by kind and call; of several answers
    their mean. One query, none of no reviews."""
    calls = {one.call for one in found}
    if not calls:
        return {}
    rows = SurveyResponse.objects.filter(
        Q(kind=SurveyResponse.Kind.CSAT) | Q(kind=SurveyResponse.Kind.FCR), call__in=calls
    ).order_by()
    told: dict[str, dict[Any, list[float]]] = {}
    for kind, call, score, low, high in rows.values_list(
        "kind", "call", "score", "scale_min", "scale_max"
    ):
        told.setdefault(kind, {}).setdefault(call, []).append((score - low) / (high - low))
    return {
        kind: {call: sum(some) / len(some) for call, some in by_call.items()}
        for kind, by_call in told.items()
    }


def people(ids: Collection[int]) -> dict[int, str]:
    """Who they are, in words. One query, none of nobody."""
    if not ids:
        return {}
    return {one.pk: str(one) for one in User.objects.filter(pk__in=ids)}
