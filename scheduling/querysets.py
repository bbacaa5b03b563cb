"""Reads of forecasts and their scores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models.functions import Coalesce, ExtractHour, ExtractMinute

from ccm.access import scope_of
from ccm.querysets import Viewer

_DAY_MINUTES = 24 * 60
SUMS = (
    "intervals", "banded", "actual", "expected", "error", "naive_error", "within80", "within95",
    "handled", "handle_seconds", "handle_error", "naive_handle_error",
)  # fmt: skip


class ForecastQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Forecasts of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(queue__site__in=scope.figure_sites)

    def newest(self) -> Self:
        """Those that are made anew, each night and when planners said what goes into them."""
        return self.filter(version=None)

    def published(self) -> Self:
        return self.filter(version__isnull=False)

    def standing(self, queues: Iterable[Any]) -> Self:
        """What is expected of some queues now: of each the newest; where there is none, for it was
        published a moment ago, the last version."""
        newest = models.F("version").desc(nulls_first=True)
        return self.filter(queue__in=list(queues)).order_by("queue_id", newest).distinct("queue_id")


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


class EventQuerySet(PlannedQuerySet):
    def with_others(self) -> Self:
        """Each with whether it multiplies calls that another multiplies, too, on a day of a queue
        of both: `is_multiplied`."""
        outer = models.OuterRef
        others = self.model.objects.filter(
            queues__known_events=outer("pk"),
            calls=None,
            first__lte=outer("last"),
            last__gte=outer("first"),
        ).exclude(pk=outer("pk"))
        return self.annotate(is_multiplied=models.Q(calls=None) & models.Exists(others))


class OverrideQuerySet(PlannedQuerySet):
    def with_later(self) -> Self:
        """Each with whether one that was said later is of some of its hours: `is_overruled`."""
        outer = models.OuterRef
        said_later = models.Q(made_at__gt=outer("made_at")) | models.Q(
            made_at=outer("made_at"), pk__gt=outer("pk")
        )
        later = (
            self.model.objects.all()
            ._by_minutes()
            .filter(
                said_later,
                queue=outer("queue"),
                first__lte=outer("last"),
                last__gte=outer("first"),
                from_minute__lt=outer("to_minute"),
                to_minute__gt=outer("from_minute"),
            )
        )
        return self._by_minutes().annotate(is_overruled=models.Exists(later))

    def _by_minutes(self) -> Self:
        """Each with its hours as minutes since its site's day began."""
        ends = (self._since("ends") + _DAY_MINUTES - 1) % _DAY_MINUTES + 1
        return self.annotate(
            from_minute=Coalesce(self._since("starts"), 0),
            to_minute=Coalesce(ends, _DAY_MINUTES),
        )

    @staticmethod
    def _since(name: str) -> Any:
        minute = ExtractHour(name) * 60 + ExtractMinute(name) + _DAY_MINUTES
        return (minute - models.F("site__day_begins") * 60) % _DAY_MINUTES


class DayAheadQuerySet(models.QuerySet[Any]):
    def night_before(self) -> Self:
        """Days as they were told the night before, and not further ahead."""
        return self.filter(lead=1)

    def judged(self) -> Self:
        """Of these, those of which it is known whether they lay in their band; the newest first."""
        return self.night_before().filter(is_outside__isnull=False).order_by("-day")


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
                last_day=models.Max("day"),
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
