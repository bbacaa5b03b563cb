"""The tables of `coaching.models.rhythm`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Cadence",
        {
            "starts_on": models.DateField(verbose_name="from"),
            "days": models.PositiveSmallIntegerField(null=True, verbose_name="every so many days"),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "team": models.ForeignKey("ccm.team", models.CASCADE, related_name="cadences"),
        },
        verbose_name="rhythm of coaching",
        verbose_name_plural="rhythms of coaching",
        ordering=["team", "starts_on"],
        constraints=[
            models.UniqueConstraint(name="cadence_once_a_day", fields=("team", "starts_on")),
            models.CheckConstraint(
                name="cadence_of_some_days", condition=Q(days=None) | Q(days__gte=1, days__lte=92)
            ),
        ],
    ),
    table(
        "SessionFeed",
        {
            "hash": models.CharField(max_length=64, unique=True),
            "made_at": models.DateTimeField(),
            "revoked_at": models.DateTimeField(null=True),
            "fetched_at": models.DateTimeField(null=True),
            "user": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="session_feeds"
            ),
        },
        verbose_name="calendar address of sessions",
        verbose_name_plural="calendar addresses of sessions",
        constraints=[
            models.UniqueConstraint(
                name="session_feed_one_at_a_time", fields=("user",), condition=Q(revoked_at=None)
            ),
        ],
    ),
]
