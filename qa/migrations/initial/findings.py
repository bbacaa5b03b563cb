"""The tables of `qa.models.findings`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Finding",
        {
            "kind": models.CharField(
                max_length=8,
                choices=[
                    ("training", "Training gap"),
                    ("script", "Script"),
                    ("product", "Product"),
                    ("process", "Process"),
                    ("praise", "Praise"),
                ],
                verbose_name="kind",
            ),
            "state": models.CharField(
                max_length=7,
                choices=[
                    ("open", "Open"),
                    ("doing", "Being worked on"),
                    ("done", "Done"),
                    ("dropped", "Not to be done"),
                ],
                default="open",
                verbose_name="state",
            ),
            "title": models.CharField(max_length=160, verbose_name="what"),
            "words": models.TextField(max_length=3000, blank=True, verbose_name="in words"),
            "due_on": models.DateField(null=True, blank=True, verbose_name="due"),
            "made_at": models.DateTimeField(),
            "ended_at": models.DateTimeField(null=True),
            "revision": models.PositiveIntegerField(default=0),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, null=True, blank=True, related_name="+"
            ),
            "criterion": models.ForeignKey(
                "qa.cardcriterion", models.PROTECT, null=True, blank=True, related_name="findings"
            ),
            "evaluation": models.ForeignKey(
                "qa.evaluation", models.PROTECT, null=True, blank=True, related_name="findings"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "owner": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="owner",
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.PROTECT, null=True, blank=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="finding",
        verbose_name_plural="findings",
        ordering=["-made_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="finding_ended_has_a_time",
                condition=Q(ended_at=None, state__in=("open", "doing"))
                | Q(ended_at__isnull=False, state__in=("done", "dropped")),
            ),
        ],
    ),
    table(
        "FindingNote",
        {
            "at": models.DateTimeField(),
            "words": models.TextField(max_length=2000, blank=True),
            "state": models.CharField(
                max_length=7,
                choices=[
                    ("open", "Open"),
                    ("doing", "Being worked on"),
                    ("done", "Done"),
                    ("dropped", "Not to be done"),
                ],
                blank=True,
            ),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "finding": models.ForeignKey("qa.finding", models.CASCADE, related_name="notes"),
        },
        ordering=["at", "pk"],
    ),
]
