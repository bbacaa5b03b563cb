"""Reads of what was kept of schedules: who sees which, and who decides.

Planners and managers see those of their sites, who leads a team those of its people, and people
their own."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from ccm.access import scope_of
from ccm.models import Agent
from ccm.querysets import Viewer
from scheduling.models.terms_querysets import OfAgentQuerySet


class AdherenceDayQuerySet(OfAgentQuerySet):
    def within(self, first: date, last: date) -> Self:
        """Days from `first` to `last`, both included."""
        return self.filter(day__gte=first, day__lte=last)


class ExceptionQuerySet(OfAgentQuerySet):
    def asked(self) -> Self:
        return self.filter(state="asked")

    def approved(self) -> Self:
        return self.filter(state="approved")

    def decided_by(self, user: Viewer) -> Self:
        """Those that the user may decide: of people of sites planned, and of teams led, but never
        one's own."""
        scope = scope_of(user)
        others = self.exclude(agent__user=user.pk)
        if scope.everything:
            return others
        led = Agent.objects.answered_for_by(user).order_by().values("pk") if scope.teams else []
        return others.filter(Q(agent__site__in=scope.planned_sites) | Q(agent__in=led))


class OfSiteQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)
