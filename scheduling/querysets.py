"""Reads of forecasts and their scores."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from ccm.access import scope_of
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


class QueueProofQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Proofs of queues of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(queue__site__in=scope.figure_sites)
