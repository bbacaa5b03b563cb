"""The tables of `kpis.floor.models`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

import kpis.floor.models
from ccm.creation import table

TABLES = [
    table(
        "FloorRules",
        {
            "pause_minutes": models.PositiveSmallIntegerField(
                default=15, verbose_name="In a pause"
            ),
            "pauses": models.JSONField(blank=True, default=kpis.floor.models.default_pauses),
            "wrapup_minutes": models.PositiveSmallIntegerField(
                default=3, verbose_name="In wrap-up"
            ),
            "call_minutes": models.PositiveSmallIntegerField(
                default=30, verbose_name="On one call"
            ),
            "work_minutes": models.PositiveSmallIntegerField(
                default=180, verbose_name="At work without a break"
            ),
            "breaks": ArrayField(
                models.CharField(max_length=40),
                blank=True,
                default=kpis.floor.models.default_breaks,
            ),
            "callback_minutes": models.PositiveSmallIntegerField(
                default=240, verbose_name="To call back"
            ),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="floor_rules"),
        },
        verbose_name="limits of the floor",
        constraints=[
            models.CheckConstraint(
                name="floor_callbacks_are_due", condition=Q(callback_minutes__gt=0)
            ),
        ],
    ),
]
