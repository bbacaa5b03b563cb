"""The tables of `ccm.models.names`."""

import django.core.serializers.json
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "NameMerge",
        {
            "kind": models.CharField(max_length=20),
            "loser": models.BigIntegerField(),
            "keeper": models.BigIntegerField(),
            "name": models.CharField(max_length=160),
            "was": models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder),
            "merged_at": models.DateTimeField(auto_now_add=True),
            "taken_back_at": models.DateTimeField(null=True, blank=True),
            "merged_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, null=True, related_name="+"),
        },
        ordering=["-merged_at", "-pk"],
        indexes=[
            models.Index(
                name="merge_stands", fields=["kind", "keeper"], condition=Q(taken_back_at=None)
            ),
        ],
    ),
    table(
        "MovedRows",
        {
            "relation": models.CharField(max_length=40),
            "rows": ArrayField(models.TextField()),
            "merge": models.ForeignKey("ccm.namemerge", models.CASCADE, related_name="moved"),
        },
    ),
]
