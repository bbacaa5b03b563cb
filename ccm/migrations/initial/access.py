"""The tables of `ccm.models.access`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "ApiToken",
        {
            "name": models.CharField(max_length=120),
            "hash": models.CharField(max_length=64, unique=True),
            "source": models.CharField(max_length=80, blank=True),
            "scopes": ArrayField(models.CharField(max_length=30)),
            "expires_at": models.DateTimeField(),
            "revoked_at": models.DateTimeField(null=True, blank=True),
            "last_used_at": models.DateTimeField(null=True, blank=True),
            "created_at": models.DateTimeField(auto_now_add=True),
            "user": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.CASCADE, null=True, blank=True, related_name="tokens"
            ),
        },
        ordering=["name"],
    ),
]
