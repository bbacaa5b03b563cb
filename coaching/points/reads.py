"""Reads points: of oneself, and of colleagues as far as they want it told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from ccm.intervals import day_of, site_days
from ccm.models import Team
from coaching.leaderboards import reads as leaderboards
from coaching.models import (
    Badge,
    Challenge,
    CourseAssignment,
    Kudos,
    Leaderboard,
    LeaderboardChoice,
    PointsRule,
)
from coaching.points import counting
from coaching.points.counting import Had, Worth


@dataclass(frozen=True, slots=True)
class Scored:
    """Somebody's points and what they are for."""

    name: str
    had: Had
    total: int


@dataclass(frozen=True, slots=True)
class Points:
    """A team's, from `first` to `last`. `own` is the reader's (None: they are not in the team).
    Without `is_shared` colleagues are told nothing of each other; else `named` are those who want
    their name to stand there, `nameless` how many others take part, and `middle` what lies in the
    middle of these (None: they are fewer than five)."""

    first: date
    last: date
    worth: Worth
    own: Scored | None
    is_shared: bool
    named: Sequence[Scored]
    nameless: int
    middle: float | None


def rule(team: Team) -> PointsRule | None:
    return PointsRule.objects.filter(team=team).first()


def worth(one: PointsRule) -> Worth:
    return Worth(one.thanks, one.badge, one.challenge, one.course)


def of(one: PointsRule, team: Team, me: int | None, now: datetime) -> Points:
    """The points of a team, as its reader is told of them. Two queries.

    Whoever is in no leaderboard is in none of this, and reads of nobody else.
    """
    today = day_of(now, team.site.calendar)
    first = counting.since(one.period, one.starts_on, today)
    price = worth(one)
    wish = LeaderboardChoice.objects.filter(agent=OuterRef("pk"))
    rows: Any = leaderboards.in_team(team, today).annotate(
        is_off=Exists(wish.filter(is_off=True)),
        shows_name=Exists(wish.filter(shows_name=True)),
        **_counted(team, first, today),
    )
    people = list(rows.order_by("name", "pk"))
    scored = {agent.pk: _scored(agent, price) for agent in people}
    mine = next((agent for agent in people if agent.pk == me), None)
    is_shared = not (mine is not None and mine.is_off) and _has_board(team)
    others = [one for one in people if is_shared and not one.is_off and one is not mine]
    named = [scored[agent.pk] for agent in others if agent.shows_name]
    nameless = [scored[agent.pk].total for agent in others if not agent.shows_name]
    return Points(
        first,
        today,
        price,
        None if mine is None else scored[mine.pk],
        is_shared,
        sorted(named, key=lambda one: (-one.total, one.name)),
        len(nameless),
        counting.middle(nameless),
    )


def _has_board(team: Team) -> bool:
    return bool(Leaderboard.objects.filter(team=team).exists())


def _scored(agent: Any, price: Worth) -> Scored:
    had = Had(agent.had_thanks, agent.had_badges, agent.had_challenges, agent.had_courses)
    return Scored(agent.name, had, counting.total(had, price))


def _counted(team: Team, first: date, last: date) -> dict[str, Coalesce]:
    """How many of each every agent had on these days, as annotations."""
    span = site_days(first, last, team.site.calendar)
    mine = {"agent": OuterRef("pk")}
    return {
        "had_thanks": _many(
            Kudos.objects.filter(given_at__gte=span.start, given_at__lt=span.end, **mine)
        ),
        "had_badges": _many(Badge.objects.filter(given_on__gte=first, given_on__lte=last, **mine)),
        "had_challenges": _many(
            Challenge.objects.filter(
                winner=OuterRef("pk"), decided_at__gte=span.start, decided_at__lt=span.end
            )
        ),
        "had_courses": _many(
            CourseAssignment.objects.filter(
                user=OuterRef("user"),
                state=CourseAssignment.State.DONE,
                ended_at__gte=span.start,
                ended_at__lt=span.end,
            )
        ),
    }


def _many(rows: QuerySet[Any]) -> Coalesce:
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(
        Subquery(one.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
    )
