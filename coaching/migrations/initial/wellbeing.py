"""The tables of `coaching.models.wellbeing`."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "WellbeingLimits",
        {
            "occupancy_percent": models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                default=88,
                verbose_name="Occupancy over, %",
                validators=[MinValueValidator(50), MaxValueValidator(99)],
            ),
            "overtime_minutes": models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                default=30,
                verbose_name="Longer than the plan by more than, minutes",
                validators=[MinValueValidator(1), MaxValueValidator(480)],
            ),
            "missed_percent": models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                default=50,
                verbose_name="Pauses of less than, % of those planned",
                validators=[MinValueValidator(1), MaxValueValidator(100)],
            ),
            "pause_minutes": models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                default=20,
                verbose_name="Pauses longer than planned by more than, minutes",
                validators=[MinValueValidator(1), MaxValueValidator(240)],
            ),
            "counts_wishes": models.BooleanField(
                default=True, verbose_name="Rosters against wishes"
            ),
            "revision": models.PositiveIntegerField(default=0),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="limits of wellbeing",
        verbose_name_plural="limits of wellbeing",
        constraints=[
            models.CheckConstraint(
                name="wellbeing_limits_are_shares",
                condition=(
                    Q(occupancy_percent=None)
                    | Q(occupancy_percent__gte=50, occupancy_percent__lte=99)
                )
                & (Q(missed_percent=None) | Q(missed_percent__gte=1, missed_percent__lte=100)),
            ),
        ],
    ),
]
