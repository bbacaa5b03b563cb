"""What a site takes for a sign that work wears somebody out."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Site


def _limit(words: Any, least: int, most: int, default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        words, default=default, null=True, blank=True,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
    )  # fmt: skip


class WellbeingLimits(models.Model):
    """From where on a day of somebody is a sign, at a site. Null: it is not looked for.

    `occupancy_percent` and `missed_percent` are per cent, the others minutes. Without a row the
    defaults hold.
    """

    site = models.OneToOneField(Site, models.CASCADE, related_name="+")
    occupancy_percent = _limit(_("Occupancy over, %"), 50, 99, 88)
    overtime_minutes = _limit(_("Longer than the plan by more than, minutes"), 1, 480, 30)
    missed_percent = _limit(_("Pauses of less than, % of those planned"), 1, 100, 50)
    pause_minutes = _limit(_("Pauses longer than planned by more than, minutes"), 1, 240, 20)
    counts_wishes = models.BooleanField(_("Rosters against wishes"), default=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("limits of wellbeing")
        verbose_name_plural = _("limits of wellbeing")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(occupancy_percent=None)
                    | Q(occupancy_percent__gte=50, occupancy_percent__lte=99)
                )
                & (Q(missed_percent=None) | Q(missed_percent__gte=1, missed_percent__lte=100)),
                name="wellbeing_limits_are_shares",
            ),
        ]

    def __str__(self) -> str:
        return str(self.site)
