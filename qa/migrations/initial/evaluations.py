"""The tables of `qa.models.evaluations`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Evaluation",
        {
            "kind": models.CharField(
                max_length=11,
                choices=[
                    ("drawn", "Drawn at random"),
                    ("targeted", "Targeted"),
                    ("calibration", "Calibration"),
                ],
            ),
            "state": models.CharField(
                max_length=8,
                choices=[
                    ("todo", "To do"),
                    ("draft", "Begun"),
                    ("finished", "Finished"),
                    ("released", "Released"),
                    ("dropped", "Dropped"),
                ],
                default="todo",
            ),
            "called_at": models.DateTimeField(verbose_name="call"),
            "facts": models.JSONField(default=dict),
            "rank": models.PositiveSmallIntegerField(default=0),
            "reason": models.CharField(
                max_length=10,
                choices=[
                    ("complaint", "Complaint"),
                    ("low_survey", "Low survey"),
                    ("praise", "Praise"),
                    ("asked", "The agent asked"),
                    ("coaching", "Coaching"),
                    ("check", "An automatic check"),
                    ("other", "Something else"),
                ],
                blank=True,
                verbose_name="why",
            ),
            "reason_words": models.CharField(max_length=300, blank=True, verbose_name="in words"),
            "revision": models.PositiveIntegerField(default=0),
            "made_at": models.DateTimeField(),
            "due_at": models.DateTimeField(null=True, verbose_name="due"),
            "begun_at": models.DateTimeField(null=True),
            "saved_at": models.DateTimeField(null=True),
            "finished_at": models.DateTimeField(null=True, verbose_name="finished"),
            "release_at": models.DateTimeField(null=True),
            "released_at": models.DateTimeField(null=True, verbose_name="released"),
            "share": models.DecimalField(max_digits=11, decimal_places=10, null=True),
            "is_failed": models.BooleanField(default=False),
            "comment": models.TextField(max_length=5000, blank=True, verbose_name="comment"),
            "verbal_at": models.DateTimeField(null=True),
            "verbal_words": models.CharField(max_length=500, blank=True),
            "acknowledged_at": models.DateTimeField(null=True),
            "dispute_until": models.DateTimeField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="evaluations"),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="+", db_constraint=False
            ),
            "drawn": models.ForeignKey(
                "qa.drawncall", models.PROTECT, null=True, related_name="evaluations"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey("ccm.queue", models.PROTECT, null=True, related_name="+"),
            "released_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "reviewer": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.PROTECT, related_name="evaluations"
            ),
            "session_call": models.ForeignKey(
                "qa.calibrationcall", models.CASCADE, null=True, related_name="evaluations"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "team": models.ForeignKey("ccm.team", models.PROTECT, null=True, related_name="+"),
            "verbal_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "version": models.ForeignKey(
                "qa.cardversion", models.PROTECT, related_name="evaluations"
            ),
        },
        verbose_name="review",
        verbose_name_plural="reviews",
        ordering=["-called_at", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="evaluation_one_a_reviewer_and_call",
                fields=("reviewer", "call", "version", "kind", "session_call"),
                condition=~Q(state="dropped"),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="evaluation_one_first_of_a_drawn_call",
                fields=("drawn", "rank"),
                condition=~Q(state="dropped") & Q(drawn__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_of_its_kind",
                condition=Q(drawn__isnull=False, kind="drawn", session_call=None)
                | Q(drawn=None, kind="targeted", session_call=None)
                | Q(drawn=None, kind="calibration", session_call__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_finished_has_a_time",
                condition=~Q(state__in=("finished", "released")) | Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_released_has_a_time",
                condition=~Q(state="released")
                | (Q(released_at__isnull=False) & ~Q(kind="calibration")),
            ),
            models.CheckConstraint(
                name="evaluation_share_of_all",
                condition=Q(share=None) | Q(share__gte=0, share__lte=1),
            ),
            models.CheckConstraint(
                name="evaluation_released_is_first", condition=~Q(state="released") | Q(rank=0)
            ),
        ],
        indexes=[
            models.Index(name="evaluation_by_site", fields=["site", "called_at"]),
            models.Index(name="evaluation_by_agent", fields=["agent", "called_at"]),
            models.Index(name="evaluation_by_reviewer", fields=["reviewer", "state"]),
            models.Index(
                name="evaluation_to_release", fields=["release_at"], condition=Q(state="finished")
            ),
        ],
    ),
    table(
        "Answer",
        {
            "value": models.CharField(max_length=2000, blank=True),
            "skipped": models.BooleanField(default=False),
            "comment": models.TextField(max_length=2000, blank=True),
            "share": models.DecimalField(max_digits=11, decimal_places=10, null=True),
            "lost": models.DecimalField(max_digits=11, decimal_places=10, null=True),
            "criterion": models.ForeignKey(
                "qa.cardcriterion", models.PROTECT, related_name="answers"
            ),
            "evaluation": models.ForeignKey(
                "qa.evaluation", models.CASCADE, related_name="answers"
            ),
            "hint": models.CharField(
                max_length=6,
                choices=[
                    ("", "Nothing was suggested"),
                    ("shown", "A check's suggestion was shown"),
                    ("filled", "Filled in by a check"),
                ],
                blank=True,
                default="",
                db_default="",
            ),
        },
        verbose_name="answer",
        verbose_name_plural="answers",
        ordering=["evaluation", "pk"],
        constraints=[
            models.UniqueConstraint(name="answer_once", fields=("evaluation", "criterion")),
            models.CheckConstraint(
                name="answer_skipped_says_nothing", condition=Q(skipped=False) | Q(value="")
            ),
        ],
    ),
    table(
        "Evidence",
        {
            "at_ms": models.PositiveIntegerField(null=True),
            "line": models.PositiveIntegerField(null=True),
            "words": models.CharField(max_length=300, blank=True),
            "made_at": models.DateTimeField(),
            "criterion": models.ForeignKey(
                "qa.cardcriterion", models.PROTECT, null=True, related_name="+"
            ),
            "evaluation": models.ForeignKey(
                "qa.evaluation", models.CASCADE, related_name="evidence"
            ),
        },
        verbose_name="evidence",
        verbose_name_plural="evidence",
        ordering=["evaluation", "at_ms", "line", "pk"],
        constraints=[
            models.CheckConstraint(
                name="evidence_is_somewhere",
                condition=Q(at_ms__isnull=False) | Q(line__isnull=False),
            ),
        ],
    ),
]
