"""The tables of `scheduling.models.forecasts`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Forecast",
        {
            "made_at": models.DateTimeField(),
            "known_until": models.DateField(),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "method": models.CharField(max_length=60),
            "by_trial": models.BooleanField(),
            "trials": models.JSONField(default=list),
            "weeks": models.JSONField(default=list),
            "has_own_tails": models.BooleanField(),
            "error_days": models.PositiveSmallIntegerField(default=0),
            "borrowed_from": models.PositiveSmallIntegerField(default=0),
            "outliers": models.JSONField(default=list),
            "history_days": models.PositiveIntegerField(),
            "version": models.PositiveIntegerField(null=True),
            "published_at": models.DateTimeField(null=True),
            "note": models.CharField(max_length=300, blank=True),
            "published_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, related_name="forecasts"),
        },
        verbose_name="forecast",
        constraints=[
            models.UniqueConstraint(
                name="forecast_newest_once", fields=("queue",), condition=Q(version=None)
            ),
            models.UniqueConstraint(name="forecast_version_once", fields=("queue", "version")),
            models.CheckConstraint(
                name="forecast_published_as_a_version",
                condition=Q(published_at=None, version=None)
                | Q(published_at__isnull=False, version__isnull=False),
            ),
        ],
    ),
    table(
        "ForecastDay",
        {
            "day": models.DateField(),
            "holiday": models.CharField(max_length=100, blank=True),
            "open": ArrayField(models.FloatField()),
            "calls": ArrayField(models.FloatField()),
            "low80": ArrayField(models.FloatField(null=True)),
            "high80": ArrayField(models.FloatField(null=True)),
            "low95": ArrayField(models.FloatField(null=True)),
            "high95": ArrayField(models.FloatField(null=True)),
            "aht_seconds": ArrayField(models.FloatField(null=True)),
            "total": models.FloatField(),
            "total_low80": models.FloatField(null=True),
            "total_high80": models.FloatField(null=True),
            "total_low95": models.FloatField(null=True),
            "total_high95": models.FloatField(null=True),
            "naive": ArrayField(models.FloatField()),
            "naive_aht_seconds": models.FloatField(null=True),
            "planned": ArrayField(models.FloatField(), null=True),
            "forecast": models.ForeignKey(
                "scheduling.forecast", models.CASCADE, related_name="days"
            ),
        },
        constraints=[
            models.UniqueConstraint(name="forecast_day_once", fields=("forecast", "day")),
        ],
    ),
    table(
        "AskedBefore",
        {
            "made_at": models.DateTimeField(),
            "known_until": models.DateField(),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "told": models.BinaryField(),
            "queue": models.OneToOneField("ccm.queue", models.CASCADE, related_name="asked_before"),
        },
    ),
    table(
        "GroupForecast",
        {
            "made_at": models.DateTimeField(),
            "known_until": models.DateField(),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "has_own_tails": models.BooleanField(),
            "error_days": models.PositiveSmallIntegerField(default=0),
            "weeks": models.JSONField(default=list),
            "queues": models.PositiveSmallIntegerField(),
            "group": models.OneToOneField(
                "scheduling.queuegroup", models.CASCADE, related_name="forecast"
            ),
        },
    ),
    table(
        "GroupDay",
        {
            "day": models.DateField(),
            "holiday": models.CharField(max_length=100, blank=True),
            "open": ArrayField(models.FloatField()),
            "calls": ArrayField(models.FloatField()),
            "low80": ArrayField(models.FloatField(null=True)),
            "high80": ArrayField(models.FloatField(null=True)),
            "low95": ArrayField(models.FloatField(null=True)),
            "high95": ArrayField(models.FloatField(null=True)),
            "aht_seconds": ArrayField(models.FloatField(null=True)),
            "total": models.FloatField(),
            "total_low80": models.FloatField(null=True),
            "total_high80": models.FloatField(null=True),
            "total_low95": models.FloatField(null=True),
            "total_high95": models.FloatField(null=True),
            "forecast": models.ForeignKey(
                "scheduling.groupforecast", models.CASCADE, related_name="days"
            ),
        },
        constraints=[
            models.UniqueConstraint(name="group_day_once", fields=("forecast", "day")),
        ],
    ),
    table(
        "ScoredDay",
        {
            "day": models.DateField(),
            "lead": models.PositiveSmallIntegerField(),
            "intervals": models.PositiveSmallIntegerField(),
            "banded": models.PositiveSmallIntegerField(),
            "actual": models.FloatField(),
            "expected": models.FloatField(),
            "error": models.FloatField(),
            "naive_error": models.FloatField(),
            "within80": models.PositiveSmallIntegerField(),
            "within95": models.PositiveSmallIntegerField(),
            "handled": models.PositiveIntegerField(default=0),
            "handle_seconds": models.FloatField(default=0),
            "handle_error": models.FloatField(default=0),
            "naive_handle_error": models.FloatField(default=0),
            "scored_at": models.DateTimeField(),
            "planned_error": models.FloatField(null=True),
            "forecast": models.ForeignKey(
                "scheduling.forecast", models.CASCADE, related_name="scored"
            ),
        },
        constraints=[
            models.UniqueConstraint(name="scored_day_once", fields=("forecast", "day")),
        ],
    ),
    table(
        "DayAhead",
        {
            "day": models.DateField(),
            "lead": models.PositiveSmallIntegerField(),
            "intervals": models.PositiveSmallIntegerField(),
            "banded": models.PositiveSmallIntegerField(),
            "actual": models.FloatField(),
            "expected": models.FloatField(),
            "error": models.FloatField(),
            "naive_error": models.FloatField(),
            "within80": models.PositiveSmallIntegerField(),
            "within95": models.PositiveSmallIntegerField(),
            "handled": models.PositiveIntegerField(default=0),
            "handle_seconds": models.FloatField(default=0),
            "handle_error": models.FloatField(default=0),
            "naive_handle_error": models.FloatField(default=0),
            "is_outside": models.BooleanField(null=True),
            "said": models.JSONField(null=True),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, related_name="days_ahead"),
        },
        constraints=[
            models.UniqueConstraint(name="day_ahead_once", fields=("queue", "day")),
        ],
    ),
    table(
        "Strayed",
        {
            "raised_at": models.DateTimeField(),
            "days": models.PositiveSmallIntegerField(),
            "of": models.PositiveSmallIntegerField(),
            "cleared_at": models.DateTimeField(null=True),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, related_name="strayed"),
        },
        constraints=[
            models.UniqueConstraint(
                name="strayed_once_at_a_time", fields=("queue",), condition=Q(cleared_at=None)
            ),
        ],
    ),
    table(
        "ForecastRun",
        {
            "done_until": models.DateField(null=True),
            "tried_until": models.DateField(null=True),
            "tried_at": models.DateTimeField(null=True),
            "begun_at": models.DateTimeField(null=True),
            "is_behind": models.BooleanField(default=False),
            "wanted_at": models.DateTimeField(null=True),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="forecast_run"),
        },
    ),
]
