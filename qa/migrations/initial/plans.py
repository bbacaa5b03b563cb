"""The tables of `qa.models.plans`."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "QualityRules",
        {
            "dispute_days": models.PositiveSmallIntegerField(
                default=7, verbose_name="days to dispute"
            ),
            "answer_days": models.PositiveSmallIntegerField(
                default=5, verbose_name="days to answer a dispute"
            ),
            "escalate_days": models.PositiveSmallIntegerField(
                default=5, verbose_name="days to escalate"
            ),
            "needs_consent": models.BooleanField(
                default=False, verbose_name="reviewed only where the caller agreed to be recorded"
            ),
            "masked": ArrayField(models.CharField(max_length=20), blank=True, default=list),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="quality_rules"),
        },
        verbose_name="rules of quality review",
        verbose_name_plural="rules of quality review",
        ordering=["site"],
    ),
    table(
        "SamplingPlan",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "cadence": models.CharField(
                max_length=8,
                choices=[
                    ("weekly", "Every week"),
                    ("biweekly", "Every two weeks"),
                    ("monthly", "Every month"),
                ],
                default="weekly",
                verbose_name="how often",
            ),
            "starts_on": models.DateField(verbose_name="from"),
            "ended_on": models.DateField(null=True, blank=True, verbose_name="ended"),
            "per_agent": models.PositiveSmallIntegerField(
                default=5,
                verbose_name="calls of each agent",
                validators=[MinValueValidator(1), MaxValueValidator(100)],
            ),
            "direction": models.CharField(
                max_length=10,
                choices=[
                    ("inbound", "Inbound"),
                    ("outbound", "Outbound"),
                    ("internal", "Internal"),
                ],
                blank=True,
                default="",
                verbose_name="direction",
            ),
            "shortest_s": models.PositiveIntegerField(
                default=30, verbose_name="shortest talk in seconds"
            ),
            "strata": ArrayField(
                models.CharField(
                    max_length=12,
                    choices=[
                        ("queue", "Queue"),
                        ("length", "Length"),
                        ("time", "Time of day"),
                        ("new_hire", "New hire"),
                        ("disposition", "Disposition"),
                        ("low_csat", "Low survey"),
                        ("transfer", "Transfer"),
                        ("repeat", "Repeat caller"),
                    ],
                ),
                blank=True,
                default=list,
                verbose_name="told apart by",
            ),
            "bands": ArrayField(models.PositiveIntegerField(), blank=True, default=list),
            "new_hire_days": models.PositiveSmallIntegerField(
                default=90, verbose_name="new hire for days"
            ),
            "repeat_days": models.PositiveSmallIntegerField(
                default=7, verbose_name="repeat caller within days"
            ),
            "allocation": models.CharField(
                max_length=12,
                choices=[
                    ("proportional", "As calls come"),
                    ("fixed", "So many of each"),
                    ("shares", "More of some"),
                ],
                default="proportional",
                verbose_name="shared",
            ),
            "parts": models.JSONField(blank=True, default=dict),
            "several_share": models.DecimalField(
                max_digits=3,
                decimal_places=2,
                default=Decimal("0.10"),
                verbose_name="share reviewed by several",
            ),
            "several": models.PositiveSmallIntegerField(
                default=2, verbose_name="reviewers of these"
            ),
            "due_days": models.PositiveSmallIntegerField(default=7, verbose_name="days to review"),
            "release": models.CharField(
                max_length=8,
                choices=[
                    ("at_once", "At once"),
                    ("at_day", "Some days after the review"),
                    ("by_hand", "By hand"),
                ],
                default="at_once",
                verbose_name="released",
            ),
            "release_days": models.PositiveSmallIntegerField(
                default=0, verbose_name="days until release"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="sampling_plans", verbose_name="site"
            ),
            "card": models.ForeignKey(
                "qa.scorecard", models.PROTECT, related_name="plans", verbose_name="scorecard"
            ),
            "needs_record": models.BooleanField(
                default=False, verbose_name="recording or transcript", db_default=False
            ),
            "queues": models.ManyToManyField(
                "ccm.queue", blank=True, related_name="+", verbose_name="queues"
            ),
            "teams": models.ManyToManyField(
                "ccm.team", blank=True, related_name="+", verbose_name="teams"
            ),
        },
        verbose_name="sampling plan",
        verbose_name_plural="sampling plans",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="sampling_plan_once_a_site",
                fields=("site", "name"),
                violation_error_message="There is another plan of this name already.",
            ),
            models.CheckConstraint(
                name="sampling_plan_several_is_a_share",
                condition=Q(several__gte=2, several_share__gte=0, several_share__lte=1),
            ),
            models.CheckConstraint(
                name="sampling_plan_draws_something", condition=Q(per_agent__gte=1)
            ),
        ],
    ),
    table(
        "PlanReviewer",
        {
            "capacity": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="at most"
            ),
            "user": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
            "plan": models.ForeignKey("qa.samplingplan", models.CASCADE, related_name="reviewers"),
        },
        ordering=["user__username"],
        constraints=[
            models.UniqueConstraint(name="plan_reviewer_once", fields=("plan", "user")),
        ],
    ),
    table(
        "PlanDraw",
        {
            "first_day": models.DateField(),
            "next_day": models.DateField(),
            "seed": models.CharField(max_length=64),
            "how": models.JSONField(),
            "digest": models.CharField(max_length=64),
            "eligible": models.PositiveIntegerField(),
            "due_at": models.DateTimeField(),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "plan": models.ForeignKey("qa.samplingplan", models.PROTECT, related_name="draws"),
        },
        verbose_name="draw of calls",
        verbose_name_plural="draws of calls",
        ordering=["-first_day", "plan"],
        constraints=[
            models.UniqueConstraint(name="plan_draw_once_a_period", fields=("plan", "first_day")),
            models.CheckConstraint(
                name="plan_draw_has_days", condition=Q(next_day__gt=F("first_day"))
            ),
        ],
    ),
    table(
        "AgentDraw",
        {
            "wanted": models.PositiveSmallIntegerField(),
            "eligible": models.PositiveIntegerField(),
            "calls": models.BinaryField(),
            "strata": models.JSONField(default=list),
            "of_strata": models.BinaryField(),
            "digest": models.CharField(max_length=64),
            "refused": models.JSONField(default=dict),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="+"),
            "team": models.ForeignKey("ccm.team", models.PROTECT, null=True, related_name="+"),
            "draw": models.ForeignKey("qa.plandraw", models.CASCADE, related_name="agents"),
        },
        verbose_name="draw of an agent's calls",
        verbose_name_plural="draws of agents' calls",
        ordering=["draw", "agent"],
    ),
    table(
        "DrawnCall",
        {
            "layer": models.PositiveSmallIntegerField(),
            "n": models.PositiveIntegerField(),
            "of": models.PositiveIntegerField(),
            "stratum": models.CharField(max_length=300, blank=True),
            "state": models.CharField(
                max_length=8,
                choices=[("standing", "Drawn"), ("swapped", "Swapped")],
                default="standing",
            ),
            "swap_reason": models.CharField(
                max_length=12,
                choices=[
                    ("no_recording", "There is no recording"),
                    ("no_consent", "The caller did not agree to be recorded"),
                    ("unusable", "The recording cannot be understood"),
                    ("no_talk", "Nobody talked: a wrong connection or a test"),
                    ("wrong_agent", "Somebody else took the call"),
                    ("language", "No reviewer speaks its language"),
                    ("other", "Something else"),
                ],
                blank=True,
                verbose_name="why",
            ),
            "swap_words": models.CharField(max_length=300, blank=True, verbose_name="in words"),
            "swapped_at": models.DateTimeField(null=True),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="+", db_constraint=False
            ),
            "drawn": models.ForeignKey("qa.agentdraw", models.CASCADE, related_name="drawn"),
            "replaced_by": models.OneToOneField(
                "qa.drawncall", models.SET_NULL, null=True, related_name="replaces"
            ),
            "swapped_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="drawn call",
        verbose_name_plural="drawn calls",
        ordering=["drawn", "layer", "pk"],
        constraints=[
            models.UniqueConstraint(name="drawn_call_once", fields=("drawn", "call")),
            models.CheckConstraint(
                name="drawn_call_has_a_probability", condition=Q(n__gte=1, of__gte=F("n"))
            ),
            models.CheckConstraint(
                name="drawn_call_swapped_for_a_reason",
                condition=Q(state="standing", swap_reason="")
                | (Q(state="swapped", swapped_at__isnull=False) & ~Q(swap_reason="")),
            ),
        ],
    ),
]
