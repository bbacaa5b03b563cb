"""The tables of `qa.models.transcripts`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "CallTranscript",
        {
            "called_at": models.DateTimeField(),
            "language": models.CharField(max_length=12, blank=True),
            "lines": models.JSONField(),
            "masked": models.JSONField(default=dict),
            "digest": models.CharField(max_length=64),
            "made_at": models.DateTimeField(),
            "checked_at": models.DateTimeField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, null=True, related_name="+"),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="+", db_constraint=False
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey("ccm.queue", models.PROTECT, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "lacks_ends": models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    F("lines"),
                    models.Value("$[*] ? (!exists(@.end_ms))"),
                    function="jsonb_path_exists",
                ),
                output_field=models.BooleanField(),
            ),
            "lacks_starts": models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    F("lines"),
                    models.Value("$[*] ? (!exists(@.start_ms))"),
                    function="jsonb_path_exists",
                ),
                output_field=models.BooleanField(),
            ),
        },
        verbose_name="transcript",
        verbose_name_plural="transcripts",
        ordering=["-called_at"],
        constraints=[
            models.UniqueConstraint(name="transcript_once_a_call", fields=("call",)),
        ],
        indexes=[
            models.Index(name="transcript_by_site", fields=["site", "called_at"]),
            models.Index(name="transcript_to_check", fields=["id"], condition=Q(checked_at=None)),
        ],
    ),
    table(
        "CheckRule",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "rule": models.JSONField(),
            "languages": ArrayField(
                models.CharField(max_length=12), blank=True, default=list, verbose_name="languages"
            ),
            "is_active": models.BooleanField(default=True, verbose_name="in use"),
            "prefills": models.BooleanField(default=False, verbose_name="fills in answers"),
            "changed_at": models.DateTimeField(),
            "criterion": models.ForeignKey(
                "qa.cardcriterion", models.PROTECT, related_name="rules", verbose_name="criterion"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="check_rules", verbose_name="site"
            ),
            "is_doubtful": models.BooleanField(default=False, db_default=False),
            "measured": models.JSONField(
                blank=True, default=dict, db_default=models.Value({}, models.JSONField())
            ),
            "queues": models.ManyToManyField(
                "ccm.queue", blank=True, related_name="+", verbose_name="queues"
            ),
        },
        verbose_name="automatic check",
        verbose_name_plural="automatic checks",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="check_rule_once_a_site",
                fields=("site", "name"),
                violation_error_message="There is another check of this name already.",
            ),
        ],
    ),
    table(
        "LearnedScorer",
        {
            "model": models.JSONField(),
            "trained_on": models.PositiveIntegerField(),
            "trained_at": models.DateTimeField(),
            "prefills": models.BooleanField(default=False),
            "criterion": models.ForeignKey("qa.cardcriterion", models.PROTECT, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "trained_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "is_doubtful": models.BooleanField(default=False, db_default=False),
            "measured": models.JSONField(
                blank=True, default=dict, db_default=models.Value({}, models.JSONField())
            ),
        },
        verbose_name="learned scorer",
        verbose_name_plural="learned scorers",
        ordering=["criterion"],
        constraints=[
            models.UniqueConstraint(name="learned_scorer_once", fields=("site", "criterion")),
        ],
    ),
    table(
        "Suggestion",
        {
            "verdict": models.CharField(max_length=12, blank=True),
            "value": models.CharField(max_length=2000, blank=True),
            "skipped": models.BooleanField(default=False),
            "confidence": models.FloatField(),
            "evidence": models.JSONField(default=list),
            "at": models.DateTimeField(),
            "card": models.ForeignKey("qa.scorecard", models.CASCADE, related_name="+"),
            "criterion": models.ForeignKey("qa.cardcriterion", models.PROTECT, related_name="+"),
            "rule": models.ForeignKey(
                "qa.checkrule", models.CASCADE, null=True, related_name="suggestions"
            ),
            "scorer": models.ForeignKey(
                "qa.learnedscorer", models.CASCADE, null=True, related_name="suggestions"
            ),
            "transcript": models.ForeignKey(
                "qa.calltranscript", models.CASCADE, related_name="suggestions"
            ),
            "held_back": models.BooleanField(default=False, db_default=False),
        },
        verbose_name="suggestion",
        verbose_name_plural="suggestions",
        ordering=["transcript", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="suggestion_once_a_rule",
                fields=("transcript", "rule"),
                condition=Q(rule__isnull=False),
            ),
            models.UniqueConstraint(
                name="suggestion_once_a_scorer",
                fields=("transcript", "scorer"),
                condition=Q(scorer__isnull=False),
            ),
            models.CheckConstraint(
                name="suggestion_of_a_rule_or_a_scorer",
                condition=Q(rule__isnull=False, scorer=None) | Q(rule=None, scorer__isnull=False),
            ),
        ],
    ),
]
