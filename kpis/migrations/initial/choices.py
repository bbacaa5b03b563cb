"""The tables of `kpis.models`."""

import django.utils.timezone
from django.conf import settings
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "KpiChoice",
        {
            "kpi": models.CharField(max_length=40),
            "variant": models.CharField(max_length=20, blank=True),
            "parameters": models.JSONField(blank=True, default=dict),
            "valid_from": models.DateField(),
            "chosen_at": models.DateTimeField(default=django.utils.timezone.now),
            "chosen_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, blank=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.CASCADE, null=True, blank=True, related_name="+"
            ),
            "note": models.CharField(max_length=300, blank=True),
        },
        verbose_name="definition of a KPI",
        ordering=["valid_from"],
        constraints=[
            models.UniqueConstraint(
                name="choice_once_a_day",
                fields=("kpi", "site", "queue", "valid_from"),
                nulls_distinct=False,
            ),
        ],
    ),
]
