"""The tables of `scheduling.models.scenarios`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ccm.creation import table

TABLES = [
    table(
        "QueueMonths",
        {
            "made_at": models.DateTimeField(),
            "known_until": models.DateField(),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "months": models.JSONField(),
            "edges": models.JSONField(default=list),
            "rates": models.JSONField(),
            "came": models.JSONField(default=list),
            "by_trend": models.BooleanField(),
            "calls": models.JSONField(),
            "open": models.JSONField(),
            "aht_seconds": models.JSONField(),
            "patience_seconds": models.FloatField(null=True),
            "patience_left": models.PositiveIntegerField(default=0),
            "queue": models.OneToOneField("ccm.queue", models.CASCADE, related_name="months_ahead"),
        },
        verbose_name="months ahead",
    ),
    table(
        "Scenario",
        {
            "name": models.CharField(max_length=80, verbose_name="name"),
            "is_base": models.BooleanField(default=False),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "changed_at": models.DateTimeField(),
            "volume": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="calls, more or fewer",
            ),
            "growth": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="calls, each month",
            ),
            "aht": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="handle time, longer or shorter",
            ),
            "aht_seconds": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="handle time"
            ),
            "service_level": models.DecimalField(
                max_digits=8, decimal_places=4, null=True, blank=True, verbose_name="service level"
            ),
            "target_seconds": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="within"
            ),
            "patience_seconds": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="patience"
            ),
            "occupancy": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="occupancy at most",
            ),
            "hours": models.JSONField(blank=True, default=dict, verbose_name="opening hours"),
            "moved": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="of closed hours comes in others",
            ),
            "beside": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="a new hour has, of the nearest",
            ),
            "fte": models.DecimalField(
                max_digits=8, decimal_places=2, null=True, blank=True, verbose_name="people now"
            ),
            "paid_hours": models.DecimalField(
                max_digits=5,
                decimal_places=1,
                null=True,
                blank=True,
                verbose_name="paid hours a month",
            ),
            "shrinkage": models.DecimalField(
                max_digits=8, decimal_places=4, null=True, blank=True, verbose_name="shrinkage"
            ),
            "attrition": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="leave in a month",
            ),
            "training_months": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="training"
            ),
            "ramp": ArrayField(
                models.DecimalField(max_digits=4, decimal_places=3),
                null=True,
                blank=True,
                verbose_name="then does",
            ),
            "overtime": models.DecimalField(
                max_digits=8,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="overtime at most",
            ),
            "cost_per_hour": models.DecimalField(
                max_digits=9,
                decimal_places=2,
                null=True,
                blank=True,
                verbose_name="cost of a paid hour",
            ),
            "lead_weeks": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="weeks to recruit"
            ),
            "hires": models.JSONField(blank=True, default=dict, verbose_name="people who begin"),
            "work": models.JSONField(null=True),
            "reckoned_at": models.DateTimeField(null=True),
            "known_until": models.DateField(null=True),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="scenarios"),
            "queues": models.ManyToManyField(
                "ccm.queue", blank=True, related_name="scenarios", verbose_name="queues"
            ),
        },
        verbose_name="scenario",
        ordering=["-is_base", Lower("name")],
        constraints=[
            models.UniqueConstraint(
                name="scenario_as_it_is_once", fields=("site",), condition=Q(is_base=True)
            ),
            models.UniqueConstraint(
                F("site"),
                Lower("name"),
                name="scenario_named_once",
                violation_error_message="There is a scenario of this name already.",
            ),
            models.CheckConstraint(
                name="scenario_handles_one_way", condition=Q(aht=None) | Q(aht_seconds=None)
            ),
            models.CheckConstraint(
                name="scenario_as_it_is_changes_nothing",
                condition=Q(is_base=False)
                | Q(
                    aht=None,
                    aht_seconds=None,
                    growth=None,
                    hours={},
                    occupancy=None,
                    patience_seconds=None,
                    service_level=None,
                    target_seconds=None,
                    volume=None,
                ),
            ),
            models.CheckConstraint(
                name="scenario_of_work_that_can_be",
                condition=(Q(volume=None) | Q(volume__gte=-1))
                & (Q(growth=None) | Q(growth__gt=-1))
                & (Q(aht=None) | Q(aht__gt=-1))
                & (Q(aht_seconds=None) | Q(aht_seconds__gt=0))
                & (Q(patience_seconds=None) | Q(patience_seconds__gt=0))
                & (Q(service_level=None) | Q(service_level__gt=0, service_level__lt=1))
                & (Q(occupancy=None) | Q(occupancy__gt=0, occupancy__lte=1)),
            ),
            models.CheckConstraint(
                name="scenario_of_people_that_can_be",
                condition=(Q(fte=None) | Q(fte__gte=0))
                & (Q(paid_hours=None) | Q(paid_hours__gt=0))
                & (Q(shrinkage=None) | Q(shrinkage__gte=0, shrinkage__lt=1))
                & (Q(attrition=None) | Q(attrition__gte=0, attrition__lt=1))
                & (Q(overtime=None) | Q(overtime__gte=0))
                & (Q(cost_per_hour=None) | Q(cost_per_hour__gte=0)),
            ),
        ],
    ),
]
