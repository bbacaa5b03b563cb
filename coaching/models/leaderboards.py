"""Leaderboards: of teams whose leads want one, without who does not want to be in one."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Agent, Team
from ccm.models.words import LineField
from ccm.querysets import Viewer

MOST_WEEKS = 26


class LeaderboardQuerySet(models.QuerySet[Any]):
    def changed_by(self, user: Viewer) -> Self:
        """Those of teams led and of sites managed."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(team__in=scope.teams) | Q(team__site__in=scope.managed_sites))


class Leaderboard(models.Model):
    """A team's: by which KPI, over how many whole weeks, of whom as much is known as `fewest`. A
    team without a row has none."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="+")
    kpi = LineField(_("KPI"), max_length=40)
    weeks = models.PositiveSmallIntegerField(
        _("weeks"), default=8, validators=[MinValueValidator(1), MaxValueValidator(MOST_WEEKS)]
    )
    fewest = models.PositiveIntegerField(
        _("of at least"), default=30, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    revision = models.PositiveIntegerField(default=0)

    objects = LeaderboardQuerySet.as_manager()

    class Meta:
        verbose_name = _("leaderboard")
        verbose_name_plural = _("leaderboards")
        constraints = [
            models.CheckConstraint(
                condition=Q(weeks__gte=1, weeks__lte=MOST_WEEKS, fewest__gte=1),
                name="leaderboard_of_some_weeks",
            ),
        ]

    def __str__(self) -> str:
        return str(self.team)


class LeaderboardChoice(models.Model):
    """What somebody wants of leaderboards, of whatever team they are in: to be in none and to see
    none (`is_off`), or to stand there by name. Without a row they stand there without it."""

    agent = models.OneToOneField(Agent, models.CASCADE, related_name="+")
    is_off = models.BooleanField(default=False)
    shows_name = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("choice of leaderboards")
        verbose_name_plural = _("choices of leaderboards")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_off=False) | Q(shows_name=False), name="leaderboard_off_has_no_name"
            ),
        ]

    def __str__(self) -> str:
        return str(self.agent)
