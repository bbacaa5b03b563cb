"""The tables of `ccm.models.outbox`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

import ccm.models.outbox
from ccm.creation import table

TABLES = [
    table(
        "Webhook",
        {
            "name": models.CharField(max_length=80),
            "url": models.URLField(max_length=500),
            "secret": models.CharField(
                max_length=64, default=ccm.models.outbox.new_secret, editable=False
            ),
            "made_at": models.DateTimeField(auto_now_add=True),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="webhooks"),
        },
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="webhook_once",
                fields=("site", "name"),
                violation_error_message="The site has a webhook of this name already.",
            ),
        ],
    ),
    table(
        "Delivery",
        {
            "key": models.CharField(max_length=200, unique=True),
            "way": models.CharField(
                max_length=10, choices=[("mail", "Mail"), ("webhook", "Webhook")]
            ),
            "address": models.CharField(max_length=500, blank=True),
            "subject": models.CharField(max_length=200, blank=True),
            "body": models.TextField(blank=True),
            "html": models.TextField(blank=True),
            "payload": models.JSONField(null=True, blank=True),
            "state": models.CharField(
                max_length=10,
                choices=[("waiting", "On its way"), ("sent", "Sent"), ("failed", "Given up")],
                default="waiting",
            ),
            "tries": models.PositiveSmallIntegerField(default=0),
            "due_at": models.DateTimeField(),
            "made_at": models.DateTimeField(auto_now_add=True),
            "sent_at": models.DateTimeField(null=True, blank=True),
            "error": models.CharField(max_length=300, blank=True),
            "site": models.ForeignKey("ccm.site", models.CASCADE, null=True, related_name="+"),
            "webhook": models.ForeignKey(
                "ccm.webhook", models.CASCADE, null=True, related_name="deliveries"
            ),
        },
        verbose_name_plural="deliveries",
        ordering=["-made_at", "-pk"],
        indexes=[
            models.Index(name="delivery_due", fields=["due_at"], condition=Q(state="waiting")),
            models.Index(name="delivery_by_state", fields=["state", "-made_at"]),
        ],
    ),
    table(
        "Attachment",
        {
            "name": models.CharField(max_length=160),
            "media_type": models.CharField(max_length=120),
            "data": models.BinaryField(),
            "delivery": models.ForeignKey(
                "ccm.delivery", models.CASCADE, related_name="attachments"
            ),
        },
    ),
]
