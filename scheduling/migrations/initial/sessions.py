"""The tables of `scheduling.models.sessions`."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "RosterSession",
        {
            "name": models.CharField(max_length=60, verbose_name="name"),
            "kind": models.CharField(
                max_length=10,
                choices=[
                    ("training", "Training"),
                    ("coaching", "Coaching"),
                    ("meeting", "Meeting"),
                    ("other", "Other work"),
                ],
                verbose_name="kind",
            ),
            "minutes": models.PositiveSmallIntegerField(verbose_name="length"),
            "first_on": models.DateField(verbose_name="first day"),
            "last_on": models.DateField(verbose_name="last day"),
            "from_minute": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="from"
            ),
            "to_minute": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="until"
            ),
            "together": models.BooleanField(default=False, verbose_name="together"),
            "weight": models.PositiveSmallIntegerField(
                default=100,
                verbose_name="weight",
                validators=[MinValueValidator(1), MaxValueValidator(10000)],
            ),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="roster_sessions"),
            "team": models.ForeignKey(
                "ccm.team",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="team",
            ),
            "people": models.ManyToManyField(
                "ccm.agent", blank=True, related_name="roster_sessions", verbose_name="people"
            ),
        },
        verbose_name="session in rosters",
        verbose_name_plural="sessions in rosters",
        ordering=["-first_on", "name"],
        constraints=[
            models.CheckConstraint(
                name="roster_session_has_a_name",
                condition=~Q(name=""),
                violation_error_message="It has a name.",
            ),
            models.CheckConstraint(
                name="roster_session_of_a_kind",
                condition=Q(kind__in=["training", "coaching", "meeting", "other"]),
            ),
            models.CheckConstraint(
                name="roster_session_of_some_minutes",
                condition=Q(minutes__gte=5, minutes__lte=1440),
                violation_error_message="A session takes from five minutes to a day.",
            ),
            models.CheckConstraint(
                name="roster_session_ends_after_start",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                name="roster_session_by_the_clock",
                condition=(Q(from_minute=None) | Q(from_minute__lt=1440))
                & (Q(to_minute=None) | Q(to_minute__gt=0, to_minute__lte=1440)),
            ),
            models.CheckConstraint(
                name="roster_session_has_a_weight", condition=Q(weight__gte=1, weight__lte=10000)
            ),
        ],
        indexes=[
            models.Index(name="roster_session_by_site", fields=["site", "first_on"]),
        ],
    ),
]
