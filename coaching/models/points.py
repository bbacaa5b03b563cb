"""Points: what a team's rule makes of what is on record. No point is kept anywhere."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Team
from ccm.querysets import Viewer

MOST_POINTS = 1000


class PointsRuleQuerySet(models.QuerySet[Any]):
    def changed_by(self, user: Viewer) -> Self:
        """Those of teams led and of sites managed."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(team__in=scope.teams) | Q(team__site__in=scope.managed_sites))


def _worth(words: Any, default: int) -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(
        words, default=default, validators=[MaxValueValidator(MOST_POINTS)]
    )


class PointsRule(models.Model):
    """What each thanks, badge, challenge and course of a team is worth, begun anew each `period`
    and from `starts_on` on. A team without a row has no points."""

    class Period(models.TextChoices):
        MONTH = "month", _("each month")
        QUARTER = "quarter", _("each quarter")
        YEAR = "year", _("each year")

    team = models.OneToOneField(Team, models.CASCADE, related_name="+")
    thanks = _worth(_("a thanks"), 1)
    badge = _worth(_("a badge"), 5)
    challenge = _worth(_("a challenge won"), 10)
    course = _worth(_("a course passed"), 3)
    period = models.CharField(_("begin anew"), max_length=7, choices=Period, default=Period.QUARTER)
    starts_on = models.DateField(_("counted from"))
    revision = models.PositiveIntegerField(default=0)

    objects = PointsRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of points")
        verbose_name_plural = _("rules of points")
        constraints = [
            models.CheckConstraint(
                condition=Q(thanks__gt=0) | Q(badge__gt=0) | Q(challenge__gt=0) | Q(course__gt=0),
                name="points_for_something",
                violation_error_message=_("Something must be worth a point."),
            ),
            models.CheckConstraint(
                condition=Q(
                    thanks__lte=MOST_POINTS,
                    badge__lte=MOST_POINTS,
                    challenge__lte=MOST_POINTS,
                    course__lte=MOST_POINTS,
                ),
                name="points_of_so_many",
            ),
        ]

    def __str__(self) -> str:
        return str(self.team)
