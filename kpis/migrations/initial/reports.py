"""The tables of `kpis.models`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "SavedReport",
        {
            "name": models.CharField(max_length=120),
            "roles": ArrayField(models.CharField(max_length=20), blank=True, default=list),
            "question": models.JSONField(),
            "form": models.PositiveSmallIntegerField(),
            "made_at": models.DateTimeField(auto_now_add=True),
            "changed_at": models.DateTimeField(auto_now=True),
            "owner": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_reports"
            ),
        },
        ordering=["name", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="saved_report_once_a_name",
                fields=("owner", "name"),
                violation_error_message="There is another report of yours of this name.",
            ),
        ],
    ),
]
