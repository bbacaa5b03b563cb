"""The tables of `ccm.models.totals`."""

from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "IntervalCount",
        {
            "source": models.CharField(max_length=80),
            "starts_at": models.DateTimeField(),
            "ends_at": models.DateTimeField(),
            "offered": models.BigIntegerField(null=True),
            "answered": models.BigIntegerField(null=True),
            "abandoned": models.BigIntegerField(null=True),
            "wait_ms": models.BigIntegerField(null=True),
            "talk_ms": models.BigIntegerField(null=True),
            "handle_ms": models.BigIntegerField(null=True),
            "answered_within": models.BigIntegerField(null=True),
            "threshold_seconds": models.PositiveIntegerField(null=True),
            "extra": models.JSONField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, null=True, related_name="+"),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "queue": models.ForeignKey("ccm.queue", models.PROTECT, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "agent_name": models.CharField(max_length=160, blank=True),
            "queue_name": models.CharField(max_length=120, blank=True),
        },
        ordering=["starts_at"],
        constraints=[
            models.CheckConstraint(
                name="count_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.UniqueConstraint(
                name="count_once_a_span",
                fields=("source", "queue_name", "agent_name", "starts_at", "ends_at"),
            ),
        ],
    ),
]
