"""Reads of forecasts and their scores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models

from ccm.access import scope_of
from ccm.querysets import Viewer

SUMS = (
    "intervals", "banded", "actual", "expected", "error", "naive_error", "within80", "within95",
)  # fmt: skip


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


class ForecastDayQuerySet(models.QuerySet[Any]):
    def known_before(self, queues: Iterable[int], day: date) -> Self:
        """A day of each of some queues as it was known before it: of the forecast that knew most,
        of a version and the newest that knew as much the newest."""
        newest = models.F("forecast__version").desc(nulls_first=True)
        return (
            self.filter(forecast__queue__in=list(queues), day=day, forecast__known_until__lt=day)
            .select_related("forecast")
            .order_by("forecast__queue_id", "-forecast__known_until", newest)
            .distinct("forecast__queue_id")
        )


class PlannedQuerySet(models.QuerySet[Any]):
    """What planners say of their sites."""

    def visible_to(self, user: Viewer) -> Self:
        """Of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.figure_sites)

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)


class StrayedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of queues of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(queue__site__in=scope.figure_sites)

    def standing(self) -> Self:
        return self.filter(cleared_at=None)


class ScoredDayQuerySet(models.QuerySet[Any]):
    def summed(self, *by: str) -> Any:
        """Their sums, by some fields: what ratios are made of."""
        overridden = models.Q(planned_error__isnull=False)
        return (
            self.values(*by)
            .annotate(
                days=models.Count("pk"),
                **{f"{one}_sum": models.Sum(one) for one in SUMS},
                overridden_days=models.Count("pk", filter=overridden),
                **{
                    f"overridden_{one}": models.Sum(one, filter=overridden, default=0.0)
                    for one in ("actual", "error", "planned_error")
                },
            )
            .order_by(*by)
        )


class ScenarioQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Scenarios of sites whose managers and planners they are for."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)

    def managed_by(self, user: Viewer) -> Self:
        """Those that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)
