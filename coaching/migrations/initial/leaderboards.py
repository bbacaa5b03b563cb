"""The tables of `coaching.models.leaderboards`."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Leaderboard",
        {
            "kpi": models.CharField(max_length=40, verbose_name="KPI"),
            "weeks": models.PositiveSmallIntegerField(
                default=8,
                verbose_name="weeks",
                validators=[MinValueValidator(1), MaxValueValidator(26)],
            ),
            "fewest": models.PositiveIntegerField(
                default=30,
                verbose_name="of at least",
                validators=[MinValueValidator(1), MaxValueValidator(100000)],
            ),
            "revision": models.PositiveIntegerField(default=0),
            "team": models.OneToOneField("ccm.team", models.CASCADE, related_name="+"),
        },
        verbose_name="leaderboard",
        verbose_name_plural="leaderboards",
        constraints=[
            models.CheckConstraint(
                name="leaderboard_of_some_weeks",
                condition=Q(fewest__gte=1, weeks__gte=1, weeks__lte=26),
            ),
        ],
    ),
    table(
        "LeaderboardChoice",
        {
            "is_off": models.BooleanField(default=False),
            "shows_name": models.BooleanField(default=False),
            "agent": models.OneToOneField("ccm.agent", models.CASCADE, related_name="+"),
        },
        verbose_name="choice of leaderboards",
        verbose_name_plural="choices of leaderboards",
        constraints=[
            models.CheckConstraint(
                name="leaderboard_off_has_no_name", condition=Q(is_off=False) | Q(shows_name=False)
            ),
        ],
    ),
]
