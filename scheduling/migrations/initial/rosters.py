"""The tables of `scheduling.models.rosters`."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "KeptRoster",
        {
            "first_day": models.DateField(verbose_name="first day"),
            "days": models.PositiveSmallIntegerField(
                verbose_name="days", validators=[MinValueValidator(1), MaxValueValidator(56)]
            ),
            "state": models.CharField(
                max_length=9,
                choices=[("draft", "Draft"), ("published", "Published")],
                default="draft",
                verbose_name="state",
            ),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "revision": models.PositiveIntegerField(default=0),
            "made_at": models.DateTimeField(),
            "published_at": models.DateTimeField(null=True),
            "group": models.ForeignKey(
                "scheduling.queuegroup",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="rosters",
                verbose_name="queue group",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "published_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="rosters"),
            "asked": models.JSONField(null=True, blank=True),
            "asked_at": models.DateTimeField(null=True),
            "made_revision": models.PositiveIntegerField(default=0),
            "refused": models.JSONField(blank=True, default=list),
            "refused_revision": models.PositiveIntegerField(null=True),
        },
        verbose_name="roster",
        verbose_name_plural="rosters",
        ordering=["-first_day", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="roster_of_some_days",
                condition=Q(days__gte=1, days__lte=56),
                violation_error_message="A roster has 1 to 56 days.",
            ),
            models.CheckConstraint(
                name="roster_published_at_a_time",
                condition=Q(published_at=None, state="draft")
                | Q(published_at__isnull=False, state="published"),
            ),
        ],
        indexes=[
            models.Index(name="roster_by_site", fields=["site", "first_day"]),
        ],
    ),
    table(
        "KeptShift",
        {
            "day": models.DateField(),
            "shape": models.CharField(max_length=40),
            "begins_at": models.DateTimeField(),
            "ends_at": models.DateTimeField(),
            "worked_minutes": models.PositiveSmallIntegerField(),
            "is_night": models.BooleanField(default=False),
            "activities": models.JSONField(blank=True, default=list),
            "is_fixed": models.BooleanField(default=False),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="shifts"),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="shifts"
            ),
            "template": models.ForeignKey(
                "scheduling.shifttemplate", models.SET_NULL, null=True, related_name="+"
            ),
            "spells": models.JSONField(default=list),
        },
        verbose_name="shift",
        verbose_name_plural="shifts",
        ordering=["day", "begins_at"],
        constraints=[
            models.UniqueConstraint(
                name="kept_shift_once_a_day", fields=("roster", "agent", "day")
            ),
            models.CheckConstraint(
                name="kept_shift_ends_after_it_begins", condition=Q(ends_at__gt=F("begins_at"))
            ),
        ],
        indexes=[
            models.Index(name="kept_shift_by_agent", fields=["agent", "day"]),
        ],
    ),
    table(
        "RosterEdit",
        {
            "number": models.PositiveIntegerField(),
            "why": models.CharField(
                max_length=10,
                choices=[
                    ("hand", "By hand"),
                    ("undo", "Undone"),
                    ("repair", "Repaired after an absence"),
                    ("swap", "Swap"),
                    ("cover", "Cover"),
                    ("given_up", "Given up"),
                    ("open", "Open shift"),
                    ("overtime", "Overtime"),
                    ("time_off", "Voluntary time off"),
                    ("bid", "Bid"),
                    ("intraday", "During the day"),
                ],
                default="hand",
            ),
            "note": models.CharField(max_length=300, blank=True),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="edits"
            ),
            "undoes": models.ForeignKey(
                "scheduling.rosteredit", models.CASCADE, null=True, related_name="undone_by"
            ),
        },
        verbose_name="change of a roster",
        verbose_name_plural="changes of rosters",
        ordering=["-number"],
        constraints=[
            models.UniqueConstraint(name="roster_edit_once", fields=("roster", "number")),
        ],
    ),
    table(
        "ShiftChange",
        {
            "day": models.DateField(),
            "before": models.JSONField(null=True),
            "after": models.JSONField(null=True),
            "is_published": models.BooleanField(),
            "is_short": models.BooleanField(default=False),
            "acknowledged_at": models.DateTimeField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="shift_changes"),
            "edit": models.ForeignKey(
                "scheduling.rosteredit", models.CASCADE, related_name="changes"
            ),
        },
        verbose_name="change of a shift",
        verbose_name_plural="changes of shifts",
        ordering=["-edit", "day", "agent"],
        constraints=[
            models.UniqueConstraint(name="shift_change_once", fields=("edit", "agent", "day")),
        ],
        indexes=[
            models.Index(name="shift_change_by_agent", fields=["agent", "day"]),
        ],
    ),
    table(
        "RosterRun",
        {
            "seconds": models.PositiveSmallIntegerField(
                default=60,
                verbose_name="seconds",
                validators=[MinValueValidator(5), MaxValueValidator(900)],
            ),
            "seed": models.PositiveIntegerField(default=1),
            "cost": models.FloatField(null=True),
            "bound": models.FloatField(null=True),
            "took_seconds": models.FloatField(null=True),
            "is_cancelled": models.BooleanField(default=False),
            "without": models.JSONField(blank=True, default=list),
            "conflicts": models.JSONField(blank=True, default=list),
            "job": models.OneToOneField("ccm.job", models.CASCADE, related_name="roster_run"),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="runs"
            ),
        },
        verbose_name="making of a roster",
        verbose_name_plural="makings of rosters",
        ordering=["-pk"],
        constraints=[
            models.CheckConstraint(
                name="roster_run_of_some_seconds", condition=Q(seconds__gte=5, seconds__lte=900)
            ),
        ],
    ),
    table(
        "RosterRepair",
        {
            "revision": models.PositiveIntegerField(null=True),
            "changes": models.JSONField(blank=True, default=list),
            "job": models.OneToOneField("ccm.job", models.CASCADE, related_name="roster_repair"),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="repairs"
            ),
        },
        verbose_name="repair of a roster",
        verbose_name_plural="repairs of rosters",
        ordering=["-pk"],
    ),
]
