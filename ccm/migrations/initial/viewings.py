"""The tables of `ccm.models.viewings`."""

from django.conf import settings
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "Viewing",
        {
            "what": models.CharField(
                max_length=12,
                choices=[
                    ("figures", "Figures"),
                    ("call", "A call"),
                    ("evaluation", "Team's month"),
                    ("day", "Day and adherence"),
                    ("terms", "Terms of work"),
                    ("time_off", "Time off"),
                    ("review", "A review"),
                    ("coaching", "Coaching"),
                ],
                verbose_name="what",
            ),
            "day": models.DateField(verbose_name="day"),
            "first_at": models.DateTimeField(verbose_name="first"),
            "last_at": models.DateTimeField(verbose_name="last"),
            "times": models.PositiveIntegerField(default=1, verbose_name="times"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="viewings"),
            "viewer": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
        },
        verbose_name="viewing",
        verbose_name_plural="viewings",
        ordering=["-last_at", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="viewing_once_a_day", fields=("agent", "viewer", "what", "day")
            ),
        ],
        indexes=[
            models.Index(name="viewing_by_day", fields=["day"]),
        ],
    ),
    table(
        "ViewingMark",
        {
            "entry": models.CharField(max_length=40, blank=True),
        },
    ),
]
