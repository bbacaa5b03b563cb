"""The tables of `coaching.models.trials`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Trial",
        {
            "title": models.CharField(max_length=160, verbose_name="idea"),
            "words": models.TextField(max_length=3000, verbose_name="what is done otherwise"),
            "kpi": models.CharField(max_length=40, verbose_name="KPI"),
            "hoped": models.CharField(
                max_length=4,
                choices=[("more", "more of it"), ("less", "less of it")],
                verbose_name="hoped for",
            ),
            "starts_on": models.DateField(verbose_name="first day"),
            "ends_on": models.DateField(verbose_name="last day"),
            "begins_at": models.DateTimeField(),
            "made_at": models.DateTimeField(verbose_name="registered"),
            "stopped_at": models.DateTimeField(null=True),
            "why_stopped": models.CharField(
                max_length=300, blank=True, verbose_name="why it was stopped"
            ),
            "decision": models.CharField(
                max_length=6,
                choices=[("keep", "Keep it"), ("change", "Change it"), ("drop", "Drop it")],
                blank=True,
                verbose_name="decision",
            ),
            "decided_words": models.TextField(max_length=3000, blank=True, verbose_name="why"),
            "decided_at": models.DateTimeField(null=True),
            "told": models.JSONField(blank=True, default=dict),
            "revision": models.PositiveIntegerField(default=0),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
            "stopped_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "team": models.ForeignKey(
                "ccm.team",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="team",
            ),
        },
        verbose_name="trial",
        verbose_name_plural="trials",
        ordering=["-starts_on", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="trial_ends_after_its_start", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="trial_registered_beforehand", condition=Q(made_at__lt=F("begins_at"))
            ),
            models.CheckConstraint(
                name="trial_stopped_says_why",
                condition=Q(stopped_at=None, why_stopped="")
                | (Q(stopped_at__isnull=False) & ~Q(why_stopped="")),
            ),
            models.CheckConstraint(
                name="trial_decided_says_why",
                condition=Q(decided_at=None, decided_words="", decision="")
                | (~Q(decision="") & Q(decided_at__isnull=False) & ~Q(decided_words="")),
            ),
            models.CheckConstraint(
                name="trial_stopped_has_no_decision", condition=Q(decision="") | Q(stopped_at=None)
            ),
        ],
        indexes=[
            models.Index(name="trial_by_site", fields=["site", "-starts_on"]),
        ],
    ),
    table(
        "TrialAgent",
        {
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="trials"),
            "trial": models.ForeignKey("coaching.trial", models.CASCADE, related_name="agents"),
        },
        constraints=[
            models.UniqueConstraint(name="trial_agent_once", fields=("trial", "agent")),
        ],
    ),
    table(
        "TrialChange",
        {
            "at": models.DateTimeField(),
            "said": models.JSONField(),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "trial": models.ForeignKey("coaching.trial", models.CASCADE, related_name="changes"),
        },
        ordering=["at", "pk"],
    ),
]
