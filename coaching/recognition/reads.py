"""Reads recognition: the feed, and what may be recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Call, Site, SurveyResponse, User
from ccm.querysets import Viewer
from coaching.access import mates_of
from coaching.models import Kudos
from coaching.models.recognition import TAKEN_BACK_WITHIN
from qa.cards import reads as cards
from qa.models import CardCriterion, Scorecard

MINE, TEAM, GIVEN = "mine", "team", "given"
WHOSE = (MINE, TEAM, GIVEN)
MOST_OWN = 5
"""So many of one's own stand above the feed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the feed is narrowed to: "" is all of the site, or of all sites in reach."""

    site: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A recognition as its reader is told of it: `called_at` where they may open its call, and then
    the `survey` that it names; whether it is the reader's to take back."""

    kudos: Kudos
    called_at: datetime | None
    survey: SurveyResponse | None
    may_take_back: bool


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites whose recognition the user reads, and whose agents they thank."""
    found: QuerySet[Site] = Site.objects.visible_to(user).order_by("name")
    return found


def found(user: Viewer, asked: Asked, now: datetime) -> QuerySet[Kudos]:
    """The recognition of a feed, with all that it names."""
    rows: QuerySet[Kudos] = Kudos.objects.visible_to(user)
    scope = scope_of(user)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.whose == MINE:
        rows = rows.filter(agent=scope.agent or 0)
    elif asked.whose == TEAM:
        rows = rows.filter(agent__in=team(user, now).values("pk"))
    elif asked.whose == GIVEN:
        rows = rows.filter(giver=user.pk)
    return _named(rows)


def own(user: Viewer) -> QuerySet[Kudos]:
    """What the user was given themselves, the newest first; none for who takes no calls."""
    agent = scope_of(user).agent
    rows: QuerySet[Kudos] = Kudos.objects.visible_to(user)
    return _named(rows.none() if agent is None else rows.filter(agent=agent))


def facts() -> dict[str, Any]:
    """How many recognitions of a reader's own they have not read, to find with the user."""
    rows = _unseen().filter(agent__user=OuterRef("pk")).order_by()
    many = rows.values("agent__user").annotate(many=Count("pk")).values("many")
    return {"kudos_unseen": Subquery(many)}


def count(user: User) -> int:
    """How many those are; no query where `facts` came with the user."""
    if hasattr(user, "kudos_unseen"):
        return user.kudos_unseen or 0
    return int(_unseen().filter(agent__user=user.pk).count())


def _unseen() -> QuerySet[Kudos]:
    rows: QuerySet[Kudos] = Kudos.objects.filter(seen_at=None)
    return rows


def team(user: Viewer, now: datetime) -> QuerySet[Agent]:
    """Who is in the teams that the user leads today, and in the user's own."""
    scope = scope_of(user)
    rows: QuerySet[Agent] = Agent.objects.in_teams(scope.team_calendars, now)
    if scope.agent is None:
        return rows
    mates = mates_of(scope.agent, now)
    return Agent.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=mates.values("agent")))


def has_team(user: Viewer) -> bool:
    """Whether there may be a team that is the user's own."""
    scope = scope_of(user)
    return bool(scope.teams) or scope.agent is not None


def lines(rows: Sequence[Kudos], user: Viewer, now: datetime) -> list[Line]:
    """Recognition as the user is told of it. Two queries at most, however much it is."""
    wanted = {one.call_id for one in rows if one.call_id is not None}
    calls: dict[UUID, datetime] = {}
    if wanted:
        there = Call.objects.visible_to(user).filter(pk__in=wanted)
        calls = dict(there.values_list("pk", "offered_at"))
    said = {one.survey_id for one in rows if one.survey_id is not None and one.call_id in calls}
    surveys = SurveyResponse.objects.in_bulk(said) if said else {}
    back = {
        one.pk
        for one in rows
        if user.pk is not None and one.giver_id == user.pk and may_be_taken_back(one, now)
    }
    return [
        Line(
            kudos=one,
            called_at=calls.get(one.call_id) if one.call_id is not None else None,
            survey=surveys.get(one.survey_id) if one.survey_id is not None else None,
            may_take_back=one.pk in back,
        )
        for one in rows
    ]


def may_be_taken_back(one: Kudos, now: datetime) -> bool:
    """Whether whoever gave it may still take it back."""
    return one.given_at > now - TAKEN_BACK_WITHIN


def agents(user: Viewer, site: Site, now: datetime) -> QuerySet[Agent]:
    """Agents of a site whom the user may thank: who works there, but themselves."""
    rows = Agent.objects.filter(site=site)
    rows = rows.filter(Q(left_on=None) | Q(left_on__gt=day_of(now, site.calendar)))
    return rows.exclude(user=user.pk, user__isnull=False).order_by("name", "pk")


def criteria(site: Site) -> QuerySet[CardCriterion]:
    """What calls of a site are reviewed by: the criteria of its scorecards in use. Two queries."""
    rows = cards.scored(Scorecard.objects.of_site(site.pk).standing())
    return rows.select_related("card").order_by("card__name", "card", "pk")


def call(user: Viewer, pk: UUID) -> Call | None:
    """A call that the user may open and whose agent they may thank; None: none of these."""
    rows = Call.objects.visible_to(user).select_related("site", "agent")
    one: Call | None = rows.filter(pk=pk, agent__isnull=False).first()
    if one is None or one.agent is None or one.agent.user_id == user.pk:
        return None
    return one


def surveys(of: Call) -> QuerySet[SurveyResponse]:
    """What the caller of a call said of it, or of its agent."""
    rows = SurveyResponse.objects.filter(call=of.pk)
    return rows.filter(Q(agent=None) | Q(agent=of.agent_id)).order_by("kind", "pk")


def _named(rows: QuerySet[Kudos]) -> QuerySet[Kudos]:
    return rows.select_related("site", "agent", "giver", "criterion__card").order_by(
        "-given_at", "-pk"
    )
