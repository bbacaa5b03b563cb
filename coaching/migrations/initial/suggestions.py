"""The tables of `coaching.models.suggestions`."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Suggestion",
        {
            "id": models.UUIDField(
                primary_key=True, default=uuid4, editable=False, serialize=False
            ),
            "day": models.DateField(verbose_name="day"),
            "title": models.CharField(max_length=160, verbose_name="in short"),
            "words": models.TextField(max_length=3000, blank=True, verbose_name="in words"),
            "is_anonymous": models.BooleanField(verbose_name="without a name"),
            "state": models.CharField(
                max_length=7,
                choices=[
                    ("new", "New"),
                    ("seen", "Looked at"),
                    ("planned", "Planned"),
                    ("done", "Done"),
                    ("dropped", "Not to be done"),
                ],
                default="new",
                verbose_name="state",
            ),
            "answer": models.TextField(max_length=3000, blank=True, verbose_name="answer"),
            "answered_at": models.DateTimeField(null=True),
            "is_published": models.BooleanField(default=False, verbose_name="published"),
            "revision": models.PositiveIntegerField(default=0),
            "answered_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="from",
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="suggestion",
        verbose_name_plural="suggestions",
        ordering=["-day", "pk"],
        constraints=[
            models.CheckConstraint(
                name="suggestion_without_name_of_none", condition=Q(is_anonymous=False) | Q(by=None)
            ),
            models.CheckConstraint(
                name="suggestion_published_is_answered",
                condition=Q(is_published=False) | (~Q(answer="") & ~Q(state="new")),
            ),
            models.CheckConstraint(
                name="suggestion_answer_has_a_time",
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
        ],
        indexes=[
            models.Index(name="suggestion_by_site", fields=["site", "-day"]),
            models.Index(name="suggestion_waits", fields=["day"], condition=Q(state="new")),
        ],
    ),
]
