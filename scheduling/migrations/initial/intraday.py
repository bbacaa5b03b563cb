"""The tables of `scheduling.models.intraday`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "DayUpdate",
        {
            "made_at": models.DateTimeField(),
            "known_until": models.DateField(),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "days": models.PositiveSmallIntegerField(),
            "way": models.CharField(max_length=20),
            "weights": models.JSONField(default=dict),
            "trials": models.JSONField(default=list),
            "queue": models.OneToOneField("ccm.queue", models.CASCADE, related_name="day_update"),
        },
        verbose_name="way to tell the rest of a day",
    ),
    table(
        "Reforecast",
        {
            "day": models.DateField(),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "known": models.PositiveSmallIntegerField(),
            "minutes_open": models.PositiveSmallIntegerField(),
            "at": models.DateTimeField(),
            "made_at": models.DateTimeField(),
            "way": models.CharField(max_length=20),
            "came": models.FloatField(),
            "expected": models.FloatField(),
            "morning": models.FloatField(),
            "updated": models.FloatField(),
            "trade": models.FloatField(),
            "rest": models.FloatField(null=True),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, related_name="reforecasts"),
        },
        verbose_name="reforecast",
        constraints=[
            models.UniqueConstraint(
                name="reforecast_once", fields=("queue", "day", "interval_minutes", "known")
            ),
            models.CheckConstraint(name="reforecast_of_a_begun_day", condition=Q(known__gt=0)),
        ],
        indexes=[
            models.Index(name="reforecast_by_day", fields=["day"]),
        ],
    ),
    table(
        "IntradayAction",
        {
            "day": models.DateField(),
            "queues": models.JSONField(),
            "kind": models.CharField(
                max_length=10,
                choices=[
                    ("pause", "Pause"),
                    ("training", "Training"),
                    ("coaching", "Coaching"),
                    ("meeting", "Meeting"),
                    ("other", "Other work"),
                    ("overtime", "Overtime"),
                    ("time_off", "Voluntary time off"),
                ],
            ),
            "name": models.CharField(max_length=80, blank=True),
            "was_at": models.DateTimeField(),
            "now_at": models.DateTimeField(),
            "minutes": models.PositiveSmallIntegerField(),
            "calls": models.FloatField(),
            "relieves_from": models.DateTimeField(),
            "relieves_to": models.DateTimeField(),
            "level_without": models.FloatField(null=True),
            "level_with": models.FloatField(null=True),
            "occupancy_without": models.FloatField(null=True),
            "occupancy_with": models.FloatField(null=True),
            "takes_from": models.DateTimeField(null=True),
            "takes_to": models.DateTimeField(null=True),
            "taken_level_without": models.FloatField(null=True),
            "taken_level_with": models.FloatField(null=True),
            "taken_occupancy_without": models.FloatField(null=True),
            "taken_occupancy_with": models.FloatField(null=True),
            "taken_at": models.DateTimeField(),
            "edit": models.OneToOneField(
                "scheduling.rosteredit", models.CASCADE, related_name="intraday_action"
            ),
            "taken_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="action during a day",
        verbose_name_plural="actions during days",
        ordering=["-taken_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="intraday_action_moves_something", condition=~Q(was_at=F("now_at"))
            ),
            models.CheckConstraint(
                name="intraday_action_relieves_some_time",
                condition=Q(relieves_to__gt=F("relieves_from")),
            ),
        ],
        indexes=[
            models.Index(name="intraday_action_by_day", fields=["day"]),
        ],
    ),
]
