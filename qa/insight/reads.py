"""What insight is made of: reviews that count in scores, their answers, double scores, surveys.

Sums over many reviews: they hold those too that the reader is still to score blind, since of a mean
nobody reads one call, and two readers of a team read one figure. Lists of reviews go through
`visible_to` as everywhere.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from ccm.access import scope_of
from ccm.intervals import DAY, Span, day_of
from ccm.models import Agent, Site, SurveyResponse, User
from ccm.querysets import Viewer
from qa.access import reviewed_sites
from qa.models import Answer, AnswerChange, CardCriterion, CardVersion, Evaluation, ReviewEvent

# Of a call that several scored the first may have been done so long before the others.
_BESIDE = timedelta(days=32)


class Review(NamedTuple):
    """A first review of a drawn call that has a score.

    `day` is that of the call, `ended` the last of those that it was drawn from: by it a review is
    of a period, here as in an agent's score (`qa.scores`). The team is the one that its agent was
    drawn in. `weight`: for how many calls it stands. `settled`: whether the caller's matter was, by
    the call's own source; None: nobody told.
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


class Double(NamedTuple):
    """A score that was given blind of a call that others scored too: `unit` is the call within its
    draw or session, `month` that in which it was drawn or the session made, `day` that on which
    the first of them was done."""

    pk: int
    unit: tuple[str, int]
    card: int
    version: int
    reviewer: int
    share: float | None
    is_failed: bool
    month: date
    day: date


class Given(NamedTuple):
    """A rating: what somebody answered blind, before any dispute."""

    review: int
    criterion: int
    value: str
    skipped: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A scorecard as it was last published, its published versions by their ids, and all criteria
    that it ever had: by their ids, as (key, name, section, kind)."""

    name: str
    document: Any
    versions: Mapping[int, Any]
    criteria: Mapping[int, tuple[str, str, str, str]]


def sites(user: Viewer) -> QuerySet[Site]:
    """The sites of which the reader sees reviews, all or those of teams led."""
    scope = scope_of(user)
    rows = Site.objects.order_by("name")
    if scope.everything:
        return rows
    return rows.filter(pk__in=reviewed_sites(scope) | scope.team_sites)


def sees_all_of(user: Viewer, site: int) -> bool:
    """Whether the reader sees a site's reviews whosever calls they are of."""
    scope = scope_of(user)
    return scope.everything or site in reviewed_sites(scope)


def of_reader(user: Viewer, site: Site) -> QuerySet[Evaluation]:
    """A site's reviews that count in scores, as far as sums of them are told to the reader."""
    rows = Evaluation.objects.scored().filter(site=site)
    if not sees_all_of(user, site.pk):
        led = Agent.objects.answered_for_by(user).exclude(user=user.pk)
        rows = rows.filter(agent__in=led.order_by().values("pk"))
    found: QuerySet[Evaluation] = rows
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
        .filter(drawn_from(first, last), share__isnull=False)
        .order_by("drawn__drawn", "drawn")
        .values_list(
            "pk", "call", "called_at", "drawn__drawn__draw__next_day", "agent", "agent__hired_on",
            "drawn__drawn__team", "drawn__drawn__team__name", "queue", "queue__name",
            "version__card", "version__card__name", "reviewer",
            Cast("share", FloatField()), "is_failed", "drawn__of",
            Window(Count("pk"), partition_by=layer), KeyTransform("resolved", "facts"),
        )
    )  # fmt: skip
    calendar = site.calendar
    found: dict[tuple[int, int, Any], Review] = {}
    for (
        pk, call, at, next_day, agent, hired, team, team_name, queue, queue_name, card, card_name,
        reviewer, share, failed, calls, done, settled,
    ) in rows:  # fmt: skip
        one = Review(
            pk, call, at, day_of(at, calendar), next_day - DAY, agent, hired, team,
            team_name or "", queue, queue_name or "", card, card_name, reviewer, share, failed,
            calls / done, settled,
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


def doubles(site: Site, span: Span) -> list[Double]:
    """Scores of calls that two or more people scored blind, of which the first was done within a
    stretch. One query.

    As they were when they were finished: what a dispute changed was not given blind. Those of a
    session that is not open yet are left out.
    """
    finished = ReviewEvent.objects.filter(evaluation=OuterRef("pk"), what="finished")
    last_of = finished.order_by("-at", "-pk").values(
        said=JSONObject(share="share", is_failed="is_failed")
    )
    unit = [F("drawn"), F("session_call")]
    rows = (
        Evaluation.objects.done()
        .filter(site=site, finished_at__gte=span.start - _BESIDE)
        .exclude(kind=Evaluation.Kind.TARGETED)
        .exclude(session_call__session__state="blind")
        .exclude(drawn__state="swapped")
        .annotate(many=Window(Count("pk"), partition_by=unit))
        .filter(many__gte=2)
        .order_by("pk")
        .values_list(
            "pk", "drawn", "session_call", "version__card", "version", "reviewer",
            Cast("share", FloatField()), "is_failed", "finished_at",
            Coalesce("session_call__session__made_at", "drawn__drawn__draw__made_at"),
            Subquery(last_of[:1]),
        )
    )  # fmt: skip
    # Until the first of a call's scores is known, `day` is when each was done.
    kept: list[Any] = [
        Double(
            pk,
            ("drawn", drawn) if drawn is not None else ("session", session),
            card,
            version,
            reviewer,
            *_as_finished(event, share, failed),
            asked_at.date().replace(day=1),
            at,
        )
        for pk, drawn, session, card, version, reviewer, share, failed, at, asked_at, event in rows
    ]
    begun: dict[tuple[str, int], datetime] = {}
    for one in kept:
        begun[one.unit] = min(one.day, begun.get(one.unit, one.day))
    days = {unit: day_of(at, site.calendar) for unit, at in begun.items() if at in span}
    return [one._replace(day=days[one.unit]) for one in kept if one.unit in days]


def given(found: Iterable[Double]) -> list[Given]:
    """What was answered on them, before disputes changed any of it. One query."""
    wanted = [one.pk for one in found]
    if not wanted:
        return []
    first = AnswerChange.objects.filter(answer=OuterRef("pk")).order_by("at", "pk")
    was = first.values(said=JSONObject(value="before", skipped="skipped_before"))
    rows = Answer.objects.filter(evaluation__in=wanted).order_by("pk")
    told = rows.values_list("evaluation_id", "criterion_id", "value", "skipped", Subquery(was[:1]))
    return [
        Given(
            review,
            criterion,
            value if before is None else before["value"],
            skipped if before is None else before["skipped"],
        )
        for review, criterion, value, skipped, before in told
    ]


def forms(cards: Collection[int]) -> dict[int, Form]:
    """Scorecards by their ids. Two queries, none of no cards."""
    if not cards:
        return {}
    by_card: dict[int, dict[int, tuple[str, str, str, str]]] = {}
    criteria = CardCriterion.objects.filter(card__in=cards).order_by("card", "pk")
    for card, pk, *words in criteria.values_list("card", "pk", "key", "name", "section", "kind"):
        by_card.setdefault(card, {})[pk] = (words[0], words[1], words[2], words[3])
    published = (
        CardVersion.objects.published()
        .filter(card__in=cards)
        .order_by("card", "number")
        .values_list("card", "card__name", "pk", "form")
    )
    names: dict[int, str] = {}
    versions: dict[int, dict[int, Any]] = {}
    for card, name, pk, form in published:
        names[card] = name
        versions.setdefault(card, {})[pk] = form
    return {
        card: Form(names[card], [*kept.values()][-1], kept, by_card.get(card, {}))
        for card, kept in versions.items()
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


def _as_finished(
    event: Mapping[str, Any] | None, share: float | None, failed: bool
) -> tuple[float | None, bool]:
    if event is None:
        return share, failed
    said = event["share"]
    return (None if said is None else float(said)), bool(event["is_failed"])
