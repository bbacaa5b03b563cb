"""Whose terms of work somebody keeps."""

from typing import Any

from django.db.models import QuerySet

from ccm.access import scope_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer


def planned_sites(user: Viewer) -> QuerySet[Any]:
    rows: QuerySet[Any] = Site.objects.planned_by(user)
    return rows


def people_planned_by(user: Viewer) -> QuerySet[Any]:
    """Agents of the sites whose rosters the user plans."""
    scope = scope_of(user)
    every: QuerySet[Any] = Agent.objects.all()
    return every if scope.everything else every.filter(site__in=scope.planned_sites)


def people_read_by(user: Viewer) -> QuerySet[Any]:
    """Agents whose terms the user may read: of sites planned, of teams led, and oneself."""
    planned = people_planned_by(user)
    return planned | Agent.objects.filter(
        pk__in=Agent.objects.answered_for_by(user).order_by().values("pk")
    )


def plans_for(user: Viewer, agent: Agent) -> bool:
    return scope_of(user).plans_for(agent.site_id)
