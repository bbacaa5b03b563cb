"""The tables of `ccm.models.notes`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "CallNote",
        {
            "at": models.DateTimeField(),
            "is_current": models.BooleanField(default=True),
            "resolved": models.BooleanField(null=True),
            "resolvable": models.BooleanField(null=True),
            "escalation": models.CharField(max_length=160, blank=True),
            "callback_due_at": models.DateTimeField(null=True),
            "callback_done_at": models.DateTimeField(null=True),
            "words": models.TextField(blank=True),
            "author": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="notes", db_constraint=False
            ),
            "callback_done_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "disposition": models.ForeignKey(
                "ccm.disposition", models.PROTECT, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "topic": models.ForeignKey("ccm.topic", models.PROTECT, null=True, related_name="+"),
            "standing": ArrayField(models.CharField(max_length=20), null=True),
        },
        ordering=["-at", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="note_one_current_a_call", fields=("call",), condition=Q(is_current=True)
            ),
            models.CheckConstraint(
                name="note_only_a_wanted_callback_is_done",
                condition=Q(callback_done_at=None) | Q(callback_due_at__isnull=False),
            ),
        ],
        indexes=[
            models.Index(
                name="note_callbacks",
                fields=["site", "callback_due_at"],
                condition=Q(callback_due_at__isnull=False, is_current=True),
            ),
        ],
    ),
    table(
        "LinkTemplate",
        {
            "name": models.CharField(max_length=60),
            "template": models.CharField(max_length=500),
            "site": models.ForeignKey(
                "ccm.site", models.CASCADE, null=True, blank=True, related_name="+"
            ),
        },
        verbose_name="link to another system",
        ordering=["name", "pk"],
        constraints=[
            models.CheckConstraint(
                name="link_is_https", condition=Q(template__startswith="https://")
            ),
        ],
    ),
]
