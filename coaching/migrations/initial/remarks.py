"""The tables of `coaching.models.remarks`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Remark",
        {
            "kind": models.CharField(
                max_length=8,
                choices=[("note", "Note"), ("question", "Question")],
                verbose_name="kind",
            ),
            "about": models.CharField(max_length=300, verbose_name="about"),
            "url": models.CharField(max_length=1000),
            "kpi": models.CharField(max_length=40, blank=True, verbose_name="KPI"),
            "first": models.DateField(null=True, verbose_name="from"),
            "last": models.DateField(null=True, verbose_name="to"),
            "call": models.UUIDField(null=True, verbose_name="call"),
            "words": models.TextField(max_length=2000, verbose_name="in your words"),
            "made_at": models.DateTimeField(verbose_name="when"),
            "outcome": models.CharField(
                max_length=9,
                choices=[
                    ("", "Open"),
                    ("stands", "It is right"),
                    ("corrected", "It was put right"),
                    ("later", "It is being looked into"),
                ],
                blank=True,
                default="",
                verbose_name="outcome",
            ),
            "answer": models.TextField(max_length=2000, blank=True, verbose_name="answer"),
            "answered_at": models.DateTimeField(null=True, verbose_name="answered"),
            "revision": models.PositiveIntegerField(default=0),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="remarks"),
            "answered_by": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="answered by",
            ),
        },
        verbose_name="question about a figure",
        verbose_name_plural="questions about figures",
        ordering=["-made_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="remark_answered_in_words",
                condition=Q(answer="", answered_at=None, outcome="")
                | (~Q(outcome="") & ~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="remark_note_has_no_answer", condition=Q(kind="question") | Q(outcome="")
            ),
            models.CheckConstraint(
                name="remark_figure_is_of_days",
                condition=Q(first=None, kpi="", last=None)
                | (~Q(kpi="") & Q(first__isnull=False, last__gte=F("first"))),
            ),
        ],
        indexes=[
            models.Index(name="remark_by_figure", fields=["agent", "kpi"]),
            models.Index(
                name="remark_open", fields=["agent"], condition=Q(kind="question", outcome="")
            ),
        ],
    ),
]
