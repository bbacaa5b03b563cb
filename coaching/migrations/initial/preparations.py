"""The tables of `coaching.models.preparations`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Preparation",
        {
            "first": models.DateField(null=True),
            "last": models.DateField(null=True),
            "before_first": models.DateField(null=True),
            "before_last": models.DateField(null=True),
            "why": models.CharField(max_length=8, blank=True),
            "untold": models.JSONField(blank=True, default=list),
            "changed": models.JSONField(blank=True, default=dict),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "session": models.OneToOneField(
                "coaching.session", models.CASCADE, related_name="preparation"
            ),
        },
        constraints=[
            models.CheckConstraint(
                name="preparation_of_days",
                condition=Q(before_first=None, before_last=None, first=None, last=None)
                | Q(
                    before_first__isnull=False,
                    before_last__gte=F("before_first"),
                    before_last__isnull=False,
                    first__gt=F("before_last"),
                    first__isnull=False,
                    last__gte=F("first"),
                    last__isnull=False,
                ),
            ),
        ],
    ),
]
