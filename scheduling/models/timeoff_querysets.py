"""Reads of time off: who sees which, and who decides.

Planners and managers keep and decide it at their sites. Who leads a team sees and decides what its
people ask for, and people see and withdraw what they asked for themselves; nobody decides of their
own.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from ccm.access import scope_of
from ccm.models import Agent
from ccm.querysets import Viewer


class OfPlannedSiteQuerySet(models.QuerySet[Any]):
    """What planners say of a site's leave."""

    def visible_to(self, user: Viewer) -> Self:
        return self.managed_by(user)

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)


class LeaveKindQuerySet(OfPlannedSiteQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites planned, of sites of teams led, and of one's own."""
        scope = scope_of(user)
        if scope.everything:
            return self
        mine = Agent.objects.filter(pk=scope.agent or 0).values("site")
        return self.filter(Q(site__in=scope.planned_sites | scope.team_sites) | Q(site__in=mine))

    def offered(self) -> Self:
        """Those that can be asked for."""
        return self.filter(is_active=True)


class LeaveOpeningQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of people of sites planned, and of those whom the user answers for."""
        scope = scope_of(user)
        if scope.everything:
            return self
        answered = Agent.objects.answered_for_by(user).order_by().values("pk")
        return self.filter(Q(agent__site__in=scope.planned_sites) | Q(agent__in=answered))

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(agent__site__in=scope.planned_sites)


class LeaveRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of people of sites planned, and of those whom the user answers for."""
        scope = scope_of(user)
        if scope.everything:
            return self
        answered = Agent.objects.answered_for_by(user).order_by().values("pk")
        return self.filter(Q(agent__site__in=scope.planned_sites) | Q(agent__in=answered))

    def decided_by(self, user: Viewer) -> Self:
        """Those that the user may decide: of sites planned and teams led, but not their own."""
        scope = scope_of(user)
        if scope.everything:
            return self.exclude(agent__user=user.pk)
        led = Agent.objects.answered_for_by(user).order_by().values("pk") if scope.teams else []
        mine = Q(agent__in=led) | Q(agent__site__in=scope.planned_sites)
        return self.filter(mine).exclude(agent__user=user.pk)

    def withdrawn_by(self, user: Viewer) -> Self:
        """The user's own."""
        return self.filter(agent=scope_of(user).agent or 0)

    def open(self) -> Self:
        return self.filter(state__in=["asked", "waiting"])

    def approved(self) -> Self:
        return self.filter(state="approved")

    def standing(self) -> Self:
        """What is open or approved."""
        return self.filter(state__in=["asked", "waiting", "approved"])

    def within(self, first: date, last: date) -> Self:
        """Those of some day from `first` to `last`, both included."""
        return self.filter(first_on__lte=last, last_on__gte=first)
