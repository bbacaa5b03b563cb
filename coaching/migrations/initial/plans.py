"""The tables of `coaching.models.plans`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Plan",
        {
            "kind": models.CharField(
                max_length=11,
                choices=[("improvement", "Improvement"), ("development", "Development")],
                verbose_name="kind",
            ),
            "toward": models.CharField(
                max_length=8,
                choices=[
                    ("lead", "Leading a team"),
                    ("quality", "Quality"),
                    ("training", "Training others"),
                    ("expert", "Expert of a subject"),
                    ("other", "Something else"),
                ],
                blank=True,
                verbose_name="toward",
            ),
            "goal": models.CharField(max_length=300, verbose_name="goal"),
            "words": models.TextField(max_length=3000, blank=True, verbose_name="in words"),
            "starts_on": models.DateField(verbose_name="from"),
            "until_on": models.DateField(verbose_name="until"),
            "state": models.CharField(
                max_length=7,
                choices=[("running", "Running"), ("met", "Met"), ("ended", "Ended without it")],
                default="running",
                verbose_name="state",
            ),
            "ended_at": models.DateTimeField(null=True),
            "ended_words": models.CharField(
                max_length=500, blank=True, verbose_name="how it ended"
            ),
            "made_at": models.DateTimeField(),
            "revision": models.PositiveIntegerField(default=0),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, related_name="plans", verbose_name="agent"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="plan",
        verbose_name_plural="plans",
        ordering=["until_on", "pk"],
        constraints=[
            models.CheckConstraint(name="plan_has_a_goal", condition=~Q(goal="")),
            models.CheckConstraint(
                name="plan_ends_after_it_begins", condition=Q(until_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="plan_of_development_leads_somewhere",
                condition=(Q(kind="development") & ~Q(toward=""))
                | (~Q(kind="development") & Q(toward="")),
            ),
            models.CheckConstraint(
                name="plan_ended_says_how",
                condition=Q(ended_at=None, state="running")
                | (~Q(state="running") & Q(ended_at__isnull=False) & ~Q(ended_words="")),
            ),
            models.UniqueConstraint(
                name="plan_one_of_a_kind", fields=("agent", "kind"), condition=Q(state="running")
            ),
        ],
        indexes=[
            models.Index(name="plan_by_agent", fields=["agent", "state"]),
        ],
    ),
    table(
        "PlanStep",
        {
            "action": models.OneToOneField(
                "coaching.action", models.CASCADE, related_name="plan_step"
            ),
            "plan": models.ForeignKey("coaching.plan", models.CASCADE, related_name="steps"),
        },
        ordering=["plan", "action__due_on", "pk"],
    ),
]
