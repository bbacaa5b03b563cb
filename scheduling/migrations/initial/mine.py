"""The tables of `scheduling.models.mine`."""

from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "CalendarFeed",
        {
            "hash": models.CharField(max_length=64, unique=True),
            "made_at": models.DateTimeField(),
            "revoked_at": models.DateTimeField(null=True),
            "fetched_at": models.DateTimeField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="calendar_feeds"),
        },
        verbose_name="calendar address",
        verbose_name_plural="calendar addresses",
        constraints=[
            models.UniqueConstraint(
                name="calendar_feed_one_at_a_time", fields=("agent",), condition=Q(revoked_at=None)
            ),
        ],
    ),
    table(
        "RosterNotice",
        {
            "made_at": models.DateTimeField(),
            "edit": models.ForeignKey(
                "scheduling.rosteredit", models.CASCADE, null=True, related_name="notices"
            ),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="notices"
            ),
        },
        verbose_name="notice of a roster",
        verbose_name_plural="notices of rosters",
        constraints=[
            models.UniqueConstraint(
                name="roster_notice_once", fields=("roster", "edit"), nulls_distinct=False
            ),
        ],
    ),
]
