"""The tables of `scheduling.models.plans`."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "ForecastPlan",
        {
            "interval_minutes": models.PositiveSmallIntegerField(
                choices=[(15, "quarter hours"), (30, "half hours"), (60, "hours")],
                default=30,
                verbose_name="by",
            ),
            "method": models.CharField(max_length=20, blank=True, verbose_name="method"),
            "share": models.DecimalField(
                max_digits=6,
                decimal_places=3,
                default=1,
                verbose_name="share of it",
                validators=[MinValueValidator(0), MaxValueValidator(100)],
            ),
            "weekday_calls": ArrayField(models.FloatField(), size=7, null=True, blank=True),
            "course": models.JSONField(blank=True, default=list),
            "handle_seconds": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="handle time"
            ),
            "analogue": models.ForeignKey(
                "ccm.queue",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="like",
            ),
            "queue": models.OneToOneField(
                "ccm.queue", models.CASCADE, related_name="forecast_plan"
            ),
        },
        verbose_name="way to forecast",
        constraints=[
            models.CheckConstraint(
                name="forecast_by_an_interval", condition=Q(interval_minutes__in=(15, 30, 60))
            ),
            models.CheckConstraint(
                name="forecast_like_another_queue",
                condition=Q(analogue=None) | ~Q(analogue=F("queue")),
            ),
            models.CheckConstraint(
                name="forecast_by_one_way", condition=Q(analogue=None) | Q(weekday_calls=None)
            ),
            models.CheckConstraint(
                name="forecast_by_a_whole_curve",
                condition=Q(course=[], weekday_calls=None)
                | (Q(weekday_calls__len=7) & ~Q(course=[])),
            ),
            models.CheckConstraint(
                name="forecast_of_calls_that_take_time",
                condition=Q(handle_seconds=None) | Q(handle_seconds__gt=0),
            ),
        ],
    ),
    table(
        "QueueGroup",
        {
            "name": models.CharField(max_length=80, verbose_name="name"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="queue_groups"),
            "queues": models.ManyToManyField(
                "ccm.queue", related_name="groups", verbose_name="queues"
            ),
        },
        verbose_name="queue group",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="queue_group_once",
                fields=("site", "name"),
                violation_error_message="The site has a group of this name already.",
            ),
        ],
    ),
    table(
        "StaffingPlan",
        {
            "shrinkage_kinds": models.JSONField(blank=True, default=list, verbose_name="shrinkage"),
            "shrinks_the_rest": models.BooleanField(
                default=False, verbose_name="each of what is left"
            ),
            "asa_seconds": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="mean wait at most"
            ),
            "abandonment": models.DecimalField(
                max_digits=5,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="abandoned at most",
            ),
            "occupancy": models.DecimalField(
                max_digits=5,
                decimal_places=4,
                null=True,
                blank=True,
                verbose_name="occupancy at most",
            ),
            "patience_seconds": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="patience"
            ),
            "sure": models.PositiveSmallIntegerField(
                choices=[(50, "what is expected"), (90, "what 9 of 10 days stay below")],
                default=50,
                verbose_name="staffed for",
            ),
            "slots": models.PositiveSmallIntegerField(default=1, verbose_name="contacts at once"),
            "stretch": models.DecimalField(
                max_digits=5, decimal_places=4, default=0, verbose_name="each longer by"
            ),
            "queue": models.OneToOneField(
                "ccm.queue", models.CASCADE, related_name="staffing_plan"
            ),
        },
        verbose_name="way to staff",
        constraints=[
            models.CheckConstraint(
                name="staffing_loses_in_part",
                condition=Q(abandonment=None) | Q(abandonment__gt=0, abandonment__lte=1),
            ),
            models.CheckConstraint(
                name="staffing_lets_wait", condition=Q(asa_seconds=None) | Q(asa_seconds__gt=0)
            ),
            models.CheckConstraint(
                name="staffing_of_contacts_at_once",
                condition=Q(slots__gte=1, slots__lte=10, stretch__gte=0),
            ),
            models.CheckConstraint(
                name="staffing_occupied_in_part",
                condition=Q(occupancy=None) | Q(occupancy__gt=0, occupancy__lte=1),
            ),
            models.CheckConstraint(
                name="staffing_with_patience",
                condition=Q(patience_seconds=None) | Q(patience_seconds__gt=0),
            ),
        ],
    ),
]
