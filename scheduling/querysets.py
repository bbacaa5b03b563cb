"""Reads of forecasts and their scores."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from ccm.access import MANAGER, PLANNER, scope_of
from ccm.models import Site
from ccm.querysets import Viewer


class ForecastQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Forecasts of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(queue__site__in=scope.figure_sites)

    def newest(self) -> Self:
        """Those that are made anew each night."""
        return self.filter(version=None)

    def published(self) -> Self:
        return self.filter(version__isnull=False)


class ScoredDayQuerySet(models.QuerySet[Any]):
    def summed(self, *by: str) -> Any:
        """Their sums, by some fields: what ratios are made of."""
        sums = ("intervals", "actual", "expected", "error", "naive_error", "within80", "within95")
        return (
            self.values(*by)
            .annotate(days=models.Count("pk"), **{f"{one}_sum": models.Sum(one) for one in sums})
            .order_by(*by)
        )


class ScenarioQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Scenarios of sites whose managers and planners they are for."""
        return self.filter(site__in=sites_planned_by(user))

    def managed_by(self, user: Viewer) -> Self:
        """Those that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


def sites_planned_by(user: Viewer) -> models.QuerySet[Site]:
    """Sites of which the user is a manager or a planner; all of an admin."""
    scope = scope_of(user)
    if scope.everything:
        return Site.objects.all()
    return Site.objects.filter(
        pk__in=scope.agent_sites if scope.has(MANAGER, PLANNER) else frozenset()
    )
