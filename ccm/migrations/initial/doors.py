"""The tables of `ccm.models.doors`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Posted",
        {
            "door": models.CharField(max_length=40),
            "key": models.CharField(max_length=120),
            "digest": models.CharField(max_length=64),
            "status": models.PositiveSmallIntegerField(),
            "answer": models.JSONField(),
            "posted_at": models.DateTimeField(auto_now_add=True),
            "user": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
        },
        ordering=["posted_at"],
        constraints=[
            models.UniqueConstraint(name="posted_once_a_key", fields=("user", "door", "key")),
        ],
        indexes=[
            models.Index(name="posted_by_age", fields=["posted_at"]),
        ],
    ),
    table(
        "WatchedFolder",
        {
            "name": models.CharField(max_length=120, unique=True),
            "folder": models.CharField(max_length=500),
            "format": models.CharField(max_length=40),
            "zone": models.CharField(max_length=64, blank=True),
            "queue_name": models.CharField(max_length=120, blank=True),
            "date_order": models.CharField(max_length=3, blank=True),
            "created_at": models.DateTimeField(auto_now_add=True),
            "looked_at": models.DateTimeField(null=True, blank=True),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
        },
        ordering=["name"],
    ),
    table(
        "FollowedLog",
        {
            "name": models.CharField(max_length=120, unique=True),
            "path": models.CharField(max_length=500),
            "source": models.CharField(max_length=80),
            "file": models.CharField(max_length=60, blank=True),
            "offset": models.BigIntegerField(default=0),
            "head_size": models.PositiveIntegerField(default=0),
            "head": models.CharField(max_length=64, blank=True),
            "read": models.BigIntegerField(default=0),
            "stored": models.BigIntegerField(default=0),
            "rejected": models.BigIntegerField(default=0),
            "newest_at": models.DateTimeField(null=True, blank=True),
            "read_at": models.DateTimeField(null=True, blank=True),
            "looked_at": models.DateTimeField(null=True, blank=True),
            "trouble": models.CharField(max_length=300, blank=True),
            "trouble_at": models.DateTimeField(null=True, blank=True),
            "created_at": models.DateTimeField(auto_now_add=True),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
        },
        ordering=["name"],
        constraints=[
            models.CheckConstraint(
                name="followed_books_hold", condition=Q(read__gte=F("stored") + F("rejected"))
            ),
        ],
    ),
]
