"""The tables of `ccm.models.audit`."""

from django.conf import settings
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "AuditEntry",
        {
            "at": models.DateTimeField(),
            "action": models.CharField(
                max_length=10,
                choices=[
                    ("created", "Created"),
                    ("changed", "Changed"),
                    ("removed", "Removed"),
                    ("exported", "Exported"),
                ],
            ),
            "model": models.CharField(max_length=60),
            "object_id": models.CharField(max_length=40),
            "before": models.JSONField(null=True),
            "after": models.JSONField(null=True),
            "who": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.DO_NOTHING,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "why": models.CharField(max_length=300, blank=True),
            "names": models.JSONField(default=dict),
        },
        ordering=["-pk"],
        indexes=[
            models.Index(name="audit_by_object", fields=["model", "object_id"]),
        ],
    ),
]
