"""The tables of `scheduling.models.adherence`."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ccm.creation import table

TABLES = [
    table(
        "AdherenceRules",
        {
            "starts_on": models.DateField(verbose_name="from"),
            "variant": models.CharField(
                max_length=3,
                choices=[
                    ("AD1", "AD1: time in the scheduled activity of scheduled time"),
                    ("AD2", "AD2: work outside of the shift counts against it"),
                ],
                default="AD1",
                verbose_name="variant",
            ),
            "forgiven_seconds": models.PositiveSmallIntegerField(
                default=0, verbose_name="forgiven, seconds", validators=[MaxValueValidator(1800)]
            ),
            "late_seconds": models.PositiveSmallIntegerField(
                default=0, verbose_name="late after, seconds", validators=[MaxValueValidator(7200)]
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="adherence_rules"),
        },
        verbose_name="rules of adherence",
        verbose_name_plural="rules of adherence",
        ordering=["-starts_on"],
        constraints=[
            models.UniqueConstraint(name="adherence_rules_once", fields=("site", "starts_on")),
            models.CheckConstraint(
                name="adherence_of_a_variant", condition=Q(variant__in=("AD1", "AD2"))
            ),
            models.CheckConstraint(
                name="adherence_forgives_so_much",
                condition=Q(forgiven_seconds__lte=1800, late_seconds__lte=7200),
            ),
        ],
    ),
    table(
        "PauseReason",
        {
            "reason": models.CharField(max_length=80, blank=True, verbose_name="reason"),
            "activity": models.CharField(
                max_length=10,
                choices=[
                    ("on_queue", "On queue"),
                    ("pause", "Pause"),
                    ("training", "Training"),
                    ("coaching", "Coaching"),
                    ("meeting", "Meeting"),
                    ("other", "Other work"),
                ],
                verbose_name="is",
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="pause_reasons"),
        },
        verbose_name="reason of pauses",
        verbose_name_plural="reasons of pauses",
        ordering=["reason"],
        constraints=[
            models.UniqueConstraint(F("site"), Lower("reason"), name="pause_reason_once"),
            models.CheckConstraint(
                name="pause_reason_is_known",
                condition=Q(
                    activity__in=["on_queue", "pause", "training", "coaching", "meeting", "other"]
                ),
            ),
        ],
    ),
    table(
        "AdherenceException",
        {
            "starts_at": models.DateTimeField(verbose_name="from"),
            "ends_at": models.DateTimeField(verbose_name="until"),
            "kind": models.CharField(
                max_length=10,
                choices=[
                    ("excused", "Excused: nothing was scheduled"),
                    ("on_queue", "On queue"),
                    ("pause", "Pause"),
                    ("training", "Training"),
                    ("coaching", "Coaching"),
                    ("meeting", "Meeting"),
                    ("other", "Other work"),
                ],
                default="excused",
                verbose_name="what it was",
            ),
            "reason": models.CharField(max_length=300, verbose_name="why"),
            "state": models.CharField(
                max_length=9,
                choices=[
                    ("asked", "Waits"),
                    ("approved", "Approved"),
                    ("refused", "Refused"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="asked",
                verbose_name="state",
            ),
            "asked_at": models.DateTimeField(),
            "decided_at": models.DateTimeField(null=True),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "agent": models.ForeignKey(
                "ccm.agent", models.CASCADE, related_name="adherence_exceptions"
            ),
            "asked_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="exception of adherence",
        verbose_name_plural="exceptions of adherence",
        ordering=["starts_at", "pk"],
        constraints=[
            models.CheckConstraint(
                name="exception_ends_after_it_begins",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                name="exception_decided_at_a_time",
                condition=Q(decided_at=None, state__in=("asked", "withdrawn"))
                | Q(decided_at__isnull=False, state__in=("approved", "refused")),
            ),
            ExclusionConstraint(
                name="exception_one_at_a_time",
                expressions=[
                    (models.Func(F("starts_at"), F("ends_at"), function="TSTZRANGE"), "&&"),
                    ("agent", "="),
                ],
                condition=Q(state__in=("asked", "approved")),
                violation_error_message="There is another exception at the same time.",
            ),
        ],
        indexes=[
            models.Index(name="exception_asked", fields=["agent"], condition=Q(state="asked")),
        ],
    ),
    table(
        "AdherenceDay",
        {
            "day": models.DateField(),
            "is_told": models.BooleanField(),
            "leave": models.CharField(max_length=60, blank=True),
            "scheduled": models.PositiveIntegerField(default=0),
            "adherent": models.PositiveIntegerField(default=0),
            "missed": models.PositiveIntegerField(default=0),
            "outside": models.PositiveIntegerField(default=0),
            "on_queue_scheduled": models.PositiveIntegerField(default=0),
            "on_queue_worked": models.PositiveIntegerField(default=0),
            "before_scheduled": models.PositiveIntegerField(default=0),
            "before_adherent": models.PositiveIntegerField(default=0),
            "before_missed": models.PositiveIntegerField(default=0),
            "before_outside": models.PositiveIntegerField(default=0),
            "before_on_queue_scheduled": models.PositiveIntegerField(default=0),
            "before_on_queue_worked": models.PositiveIntegerField(default=0),
            "planned": models.JSONField(default=dict),
            "within": models.JSONField(default=dict),
            "done": models.JSONField(default=dict),
            "paid_seconds": models.PositiveIntegerField(default=0),
            "unpaid_seconds": models.PositiveIntegerField(default=0),
            "worked_seconds": models.PositiveIntegerField(default=0),
            "night_seconds": models.PositiveIntegerField(default=0),
            "shifts": models.PositiveSmallIntegerField(default=0),
            "late": models.PositiveSmallIntegerField(default=0),
            "late_seconds": models.PositiveIntegerField(default=0),
            "left_early": models.PositiveSmallIntegerField(default=0),
            "early_seconds": models.PositiveIntegerField(default=0),
            "absent": models.PositiveSmallIntegerField(default=0),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="adherence_days"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
            "known_until": models.DateTimeField(null=True),
        },
        verbose_name="day of adherence",
        verbose_name_plural="days of adherence",
        ordering=["day", "agent"],
        constraints=[
            models.UniqueConstraint(name="adherence_day_once", fields=("agent", "day")),
            models.CheckConstraint(
                name="adherence_day_adds_up",
                condition=Q(scheduled=F("adherent") + F("missed"))
                & Q(before_scheduled=F("before_adherent") + F("before_missed")),
            ),
        ],
        indexes=[
            models.Index(name="adherence_day_by_site", fields=["site", "day"]),
        ],
    ),
    table(
        "AdherenceFill",
        {
            "day": models.DateField(),
            "known_until": models.DateTimeField(null=True),
            "is_whole": models.BooleanField(),
            "counted_at": models.DateTimeField(),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="count of adherence",
        verbose_name_plural="counts of adherence",
        constraints=[
            models.UniqueConstraint(name="adherence_fill_once", fields=("site", "day")),
        ],
    ),
    table(
        "AdherenceMark",
        {
            "day": models.DateField(),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="mark of adherence",
        verbose_name_plural="marks of adherence",
        indexes=[
            models.Index(name="adherence_mark_by_day", fields=["site", "day"]),
        ],
    ),
]
