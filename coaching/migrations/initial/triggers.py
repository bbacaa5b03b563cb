"""The tables of `coaching.models.triggers`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "TriggerRule",
        {
            "kind": models.CharField(
                max_length=9,
                choices=[
                    ("kpi", "A KPI got worse"),
                    ("criterion", "A criterion was failed again and again"),
                    ("autofail", "Reviews failed outright"),
                    ("survey", "Callers were not content"),
                    ("adherence", "The schedule was not kept"),
                ],
                verbose_name="what",
            ),
            "is_on": models.BooleanField(default=False, verbose_name="on"),
            "days": models.PositiveSmallIntegerField(default=28, verbose_name="days"),
            "kpi": models.CharField(max_length=40, blank=True, verbose_name="KPI"),
            "worse": models.CharField(
                max_length=4,
                choices=[("up", "it rises"), ("down", "it falls")],
                blank=True,
                verbose_name="worse where",
            ),
            "survey": models.CharField(max_length=4, blank=True, verbose_name="survey"),
            "times": models.PositiveSmallIntegerField(default=3, verbose_name="times"),
            "of": models.PositiveSmallIntegerField(default=5, verbose_name="of the last"),
            "below": models.FloatField(default=0, verbose_name="below"),
            "made_at": models.DateTimeField(),
            "revision": models.PositiveIntegerField(default=0),
            "criterion": models.ForeignKey(
                "qa.cardcriterion",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="criterion",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.CASCADE, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="rule that proposes sessions",
        verbose_name_plural="rules that propose sessions",
        ordering=["site", "pk"],
        constraints=[
            models.CheckConstraint(
                name="trigger_of_a_kpi",
                condition=(Q(kind="kpi") & ~Q(kpi="")) | (~Q(kind="kpi") & Q(kpi="")),
            ),
            models.CheckConstraint(
                name="trigger_worse_of_a_kpi", condition=Q(kind="kpi") | Q(worse="")
            ),
            models.CheckConstraint(
                name="trigger_of_a_criterion", condition=Q(kind="criterion") | Q(criterion=None)
            ),
            models.CheckConstraint(
                name="trigger_of_a_survey",
                condition=(Q(kind="survey") & ~Q(survey="")) | (~Q(kind="survey") & Q(survey="")),
            ),
            models.CheckConstraint(
                name="trigger_of_some_times",
                condition=Q(of__lte=50, times__gte=1, times__lte=F("of"))
                & Q(days__gte=8, days__lte=180),
            ),
            models.CheckConstraint(
                name="trigger_below_of_all", condition=Q(below__gte=0, below__lte=1)
            ),
        ],
    ),
    table(
        "TriggerLimits",
        {
            "per_week": models.PositiveSmallIntegerField(
                default=5, verbose_name="proposals a week and supervisor"
            ),
            "quiet_days": models.PositiveSmallIntegerField(
                default=14, verbose_name="quiet days after a session"
            ),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="limits of proposals",
        verbose_name_plural="limits of proposals",
        constraints=[
            models.CheckConstraint(
                name="trigger_limits_are_limits",
                condition=Q(per_week__gte=1, per_week__lte=100, quiet_days__lte=92),
            ),
        ],
    ),
    table(
        "Proposal",
        {
            "cause": models.CharField(max_length=60),
            "surprise": models.FloatField(),
            "facts": models.JSONField(default=dict),
            "state": models.CharField(
                max_length=8,
                choices=[
                    ("open", "Open"),
                    ("put_off", "Put off"),
                    ("planned", "Planned"),
                    ("declined", "Declined"),
                    ("lapsed", "Lapsed"),
                ],
                default="open",
                verbose_name="state",
            ),
            "week": models.DateField(),
            "made_at": models.DateTimeField(),
            "until": models.DateField(null=True, verbose_name="until"),
            "why": models.CharField(max_length=300, blank=True, verbose_name="why"),
            "decided_at": models.DateTimeField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="proposals"),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "lead": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "session": models.ForeignKey(
                "coaching.session", models.SET_NULL, null=True, related_name="proposals"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "rule": models.ForeignKey(
                "coaching.triggerrule", models.PROTECT, related_name="proposals"
            ),
        },
        verbose_name="proposed session",
        verbose_name_plural="proposed sessions",
        ordering=["-surprise", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="proposal_once_a_cause",
                fields=("agent", "cause"),
                condition=Q(state__in=("open", "put_off")),
            ),
            models.CheckConstraint(
                name="proposal_put_off_until_a_day",
                condition=Q(state="put_off", until__isnull=False) | ~Q(state="put_off"),
            ),
            models.CheckConstraint(
                name="proposal_declined_says_why", condition=~Q(state="declined") | ~Q(why="")
            ),
        ],
        indexes=[
            models.Index(name="proposal_by_agent", fields=["agent", "state"]),
            models.Index(name="proposal_by_rule", fields=["rule", "state"]),
        ],
    ),
    table(
        "TriggerRun",
        {
            "day": models.DateField(),
            "found": models.PositiveIntegerField(default=0),
            "made": models.PositiveIntegerField(default=0),
            "rest": models.JSONField(default=dict),
            "made_at": models.DateTimeField(),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="night of proposals",
        verbose_name_plural="nights of proposals",
        constraints=[
            models.UniqueConstraint(name="trigger_run_once_a_day", fields=("site", "day")),
        ],
    ),
]
