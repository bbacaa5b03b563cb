"""Reads challenges: those of a team, and who stands where in one."""

from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet

from ccm.access import scope_of
from ccm.intervals import day_of, days
from ccm.models import Team
from ccm.querysets import Viewer
from coaching.leaderboards import reads as ranked
from coaching.leaderboards.reads import Standing
from coaching.models import Challenge
from kpis import ranking
from kpis.choices import Choices

SETTLES = timedelta(days=3)
"""So long after the last day it is decided: answers of callers come in late."""


def teams(user: Viewer) -> QuerySet[Team]:
    """Teams for which the user registers challenges."""
    scope = scope_of(user)
    rows = Team.objects.select_related("site").order_by("site__name", "name")
    if scope.everything:
        return rows
    return rows.filter(Q(pk__in=scope.teams) | Q(site__in=scope.managed_sites))


def seen(user: Viewer, now: datetime) -> QuerySet[Challenge]:
    """Those that the user sees, the latest first; none of who wants to be in no leaderboard."""
    rows: QuerySet[Challenge] = Challenge.objects.visible_to(user, now)
    me = scope_of(user).agent
    if me is not None and ranked.choice(me).is_off:
        rows = Challenge.objects.changed_by(user)
    return rows.select_related("team__site", "winner").order_by("-last_on", "-pk")


def today(one: Challenge, now: datetime) -> date:
    return day_of(now, one.team.site.calendar)


def has_begun(one: Challenge, now: datetime) -> bool:
    return one.first_on <= today(one, now)


def is_due(one: Challenge, now: datetime) -> bool:
    """Whether it is over for long enough to be decided."""
    return one.last_on + SETTLES < today(one, now)


def standing(one: Challenge, me: int | None, now: datetime) -> Standing | None:
    """Who stands where by the end of yesterday, or of its last day; None before it has begun."""
    last = min(one.last_on, today(one, now) - timedelta(days=1))
    if last < one.first_on:
        return None
    is_close = one.outcome == Challenge.Outcome.CLOSE
    return ranked.compared(
        one.team, one.kpi, one.first_on, last, one.fewest, me, tells_contenders=is_close
    )


def months(first: date, last: date) -> list[tuple[date, date]]:
    """The first and the last day of each calendar month that [first, last] has part of, within
    it."""
    by_month = [list(all_) for _month, all_ in groupby(days(first, last), lambda day: day.month)]
    return [(part[0], part[-1]) for part in by_month]


def missed_in(one: Challenge, best: int) -> date | None:
    """The first month, by its first day, in which too few were known of the best or somebody was
    surely better; None: there is none. A challenge is no longer than a year. A few queries a
    month."""
    people = {agent.pk for agent in ranked.members(one.team, one.last_on)}
    for first, last in months(one.first_on, one.last_on):
        # Beside whom they are compared over the whole, wherever anybody was in that month.
        read = ranking.Teams(one.team.site, people, first, last, Choices(last), as_on=one.last_on)
        enough = {
            agent for agent in people if ranked.is_enough(read.figure(one.kpi, agent), one.fewest)
        }
        rank = read.ranges(one.kpi, enough).get(best)
        # Of fewer than can be ranked nobody was surely better.
        if best not in enough or (rank is not None and rank.best > 1):
            return first.replace(day=1)
    return None
