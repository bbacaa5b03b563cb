"""Reads steps of all whom somebody coaches."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, Team
from ccm.querysets import Viewer
from coaching.access import agents_coached, stays_on
from coaching.models import Action

STATES = ("overdue", "open", "done", "dropped")
"""Of steps, as they are asked for; "open" are those whose day is not over."""


def of_coached(
    user: Viewer, *, team: Team | None, agent: int | None, now: datetime
) -> QuerySet[Action]:
    """Steps of agents whom the user coaches, of one, and of who is in a team today."""
    coached = agents_coached(user)
    if team is not None:
        there = stays_on(day_of(now, team.site.calendar)).filter(team=team)
        coached = coached.filter(pk__in=there.values("agent"))
    rows: QuerySet[Action] = Action.objects.filter(agent__in=coached.order_by().values("pk"))
    if agent is not None:
        rows = rows.filter(agent=agent)
    return rows.select_related("agent__site", "criterion", "session", "plan_step")


def in_state(
    rows: QuerySet[Action], state: str, sites: Iterable[Site], now: datetime
) -> QuerySet[Action]:
    """Those that are in one of the `STATES`, by agent; what was to be reached first before the
    rest, of what has ended the newest first."""
    if state in ("done", "dropped"):
        return rows.filter(state=state).order_by("-ended_at", "-pk")
    over = Q(pk__in=[])
    for today, its in _by_day(sites, now).items():
        over |= Q(agent__site__in=its, due_on__lt=today)
    rows = rows.filter(state=Action.State.OPEN)
    rows = rows.filter(over) if state == "overdue" else rows.exclude(over)
    return rows.order_by("agent__name", "agent", "due_on", "pk")


def ended(agent: Agent, most: int) -> list[Action]:
    """An agent's own that were done or dropped, the newest first. One query."""
    rows = Action.objects.filter(agent=agent).exclude(state=Action.State.OPEN)
    rows = rows.select_related("agent__site", "criterion").order_by("-ended_at", "-pk")
    return list(rows[:most])


def days_late(step: Action, now: datetime) -> int:
    """How many whole days of its agent's site ago it was due; below 1: it is not late."""
    return (day_of(now, step.agent.site.calendar) - step.due_on) // DAY


def _by_day(sites: Iterable[Site], now: datetime) -> dict[date, list[int]]:
    found: dict[date, list[int]] = {}
    for one in sites:
        found.setdefault(day_of(now, one.calendar), []).append(one.pk)
    return found


def people(user: Viewer, site: Site | None = None) -> QuerySet[Agent]:
    """Whom the user coaches and who has not left, to choose from."""
    rows = agents_coached(user).filter(left_on=None)
    return (rows if site is None else rows.filter(site=site)).order_by("name", "pk")
