"""The tables of `coaching.models.huddles`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Huddle",
        {
            "day": models.DateField(verbose_name="day"),
            "held_at": models.DateTimeField(null=True, verbose_name="held"),
            "notes": models.TextField(max_length=5000, blank=True, verbose_name="notes"),
            "made_at": models.DateTimeField(),
            "revision": models.PositiveIntegerField(default=0),
            "held_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "team": models.ForeignKey(
                "ccm.team", models.PROTECT, related_name="+", verbose_name="team"
            ),
        },
        verbose_name="huddle",
        verbose_name_plural="huddles",
        ordering=["-day", "team"],
        constraints=[
            models.UniqueConstraint(name="huddle_once_a_day", fields=("team", "day")),
            models.CheckConstraint(
                name="huddle_noted_was_held", condition=Q(notes="") | Q(held_at__isnull=False)
            ),
        ],
        indexes=[
            models.Index(name="huddle_by_team", fields=["team", "-day"]),
        ],
    ),
    table(
        "HuddlePoint",
        {
            "source": models.CharField(
                max_length=6,
                choices=[
                    ("change", "Change"),
                    ("page", "To be read"),
                    ("kudos", "Recognition"),
                    ("own", "Written"),
                ],
            ),
            "title": models.CharField(max_length=200, verbose_name="what"),
            "words": models.TextField(max_length=3000, blank=True, verbose_name="in words"),
            "url": models.CharField(max_length=300, blank=True),
            "place": models.PositiveSmallIntegerField(),
            "is_kept": models.BooleanField(default=True),
            "made_at": models.DateTimeField(),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "huddle": models.ForeignKey("coaching.huddle", models.CASCADE, related_name="points"),
        },
        ordering=["huddle", "place", "pk"],
        constraints=[
            models.UniqueConstraint(name="huddle_point_has_a_place", fields=("huddle", "place")),
        ],
    ),
    table(
        "HuddleStep",
        {
            "action": models.OneToOneField("coaching.action", models.CASCADE, related_name="+"),
            "huddle": models.ForeignKey("coaching.huddle", models.CASCADE, related_name="steps"),
        },
    ),
]
