"""The tables of `qa.models.disputes`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Dispute",
        {
            "state": models.CharField(
                max_length=9,
                choices=[
                    ("open", "Waits for the reviewer"),
                    ("answered", "Answered"),
                    ("escalated", "Escalated"),
                    ("settled", "Settled"),
                    ("decided", "Decided"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="open",
            ),
            "words": models.TextField(max_length=2000, verbose_name="why"),
            "opened_at": models.DateTimeField(),
            "answer_due_at": models.DateTimeField(),
            "answer": models.TextField(max_length=2000, blank=True, verbose_name="answer"),
            "answered_at": models.DateTimeField(null=True),
            "answer_outcome": models.CharField(
                max_length=7,
                choices=[("upheld", "The review stands"), ("changed", "Answers were changed")],
                blank=True,
            ),
            "escalate_until": models.DateTimeField(null=True),
            "escalation": models.TextField(
                max_length=2000, blank=True, verbose_name="why it goes on"
            ),
            "escalated_at": models.DateTimeField(null=True),
            "decided_at": models.DateTimeField(null=True),
            "outcome": models.CharField(
                max_length=7,
                choices=[("upheld", "The review stands"), ("changed", "Answers were changed")],
                blank=True,
            ),
            "reason": models.TextField(max_length=2000, blank=True, verbose_name="reason"),
            "answered_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "criterion": models.ForeignKey(
                "qa.cardcriterion", models.PROTECT, null=True, related_name="disputes"
            ),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "opened_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "evaluation": models.ForeignKey(
                "qa.evaluation", models.PROTECT, related_name="disputes"
            ),
        },
        verbose_name="dispute",
        verbose_name_plural="disputes",
        ordering=["-opened_at", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="dispute_once_an_answer",
                fields=("evaluation", "criterion"),
                condition=~Q(state="withdrawn"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="dispute_decided_for_a_reason",
                condition=~Q(state="decided")
                | (Q(decided_at__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
            ),
        ],
        indexes=[
            models.Index(name="dispute_by_state", fields=["state", "answer_due_at"]),
        ],
    ),
    table(
        "AnswerChange",
        {
            "at": models.DateTimeField(),
            "before": models.CharField(max_length=2000, blank=True),
            "skipped_before": models.BooleanField(),
            "after": models.CharField(max_length=2000, blank=True),
            "skipped_after": models.BooleanField(),
            "answer": models.ForeignKey("qa.answer", models.PROTECT, related_name="changes"),
            "who": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "dispute": models.ForeignKey("qa.dispute", models.PROTECT, related_name="changes"),
        },
        verbose_name="changed answer",
        verbose_name_plural="changed answers",
        ordering=["at", "pk"],
    ),
    table(
        "ReviewEvent",
        {
            "what": models.CharField(
                max_length=12,
                choices=[
                    ("finished", "Finished"),
                    ("reopened", "Opened again"),
                    ("released", "Released"),
                    ("acknowledged", "Read"),
                    ("commented", "Comment"),
                    ("disputed", "Disputed"),
                    ("answered", "Answered"),
                    ("settled", "Accepted"),
                    ("escalated", "Escalated"),
                    ("decided", "Decided"),
                    ("withdrawn", "Withdrawn"),
                    ("verbal", "Told face to face"),
                ],
            ),
            "at": models.DateTimeField(),
            "words": models.TextField(max_length=5000, blank=True),
            "share": models.DecimalField(max_digits=11, decimal_places=10, null=True),
            "is_failed": models.BooleanField(default=False),
            "dispute": models.ForeignKey(
                "qa.dispute", models.PROTECT, null=True, related_name="events"
            ),
            "evaluation": models.ForeignKey("qa.evaluation", models.PROTECT, related_name="events"),
            "who": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="event of a review",
        verbose_name_plural="events of reviews",
        ordering=["at", "pk"],
    ),
]
