"""Challenges: whoever of a team is surely best by a rule that is said before it begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Agent, Team, User
from ccm.models.words import LineField
from ccm.querysets import Viewer
from coaching.access import stays_on, today_of


class ChallengeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer, now: datetime) -> Self:
        """Those of teams led, of sites managed, and of the own team."""
        scope = scope_of(user)
        if scope.everything:
            return self
        found = Q(team__in=scope.teams) | Q(team__site__in=scope.managed_sites)
        if scope.agent is not None:
            own = stays_on(today_of(scope.agent, now)).filter(agent=scope.agent)
            found |= Q(team__in=own.values("team")) | Q(winner=scope.agent)
        return self.filter(found)

    def changed_by(self, user: Viewer) -> Self:
        """Those that the user registers and calls off, and whose reward they give."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(team__in=scope.teams) | Q(team__site__in=scope.managed_sites))


class Challenge(models.Model):
    """Whoever of a team has surely the best figure of a KPI over the days [first_on, last_on], of
    those of whom `fewest` or more are known, gets the reward; with `each_month`, where besides
    `fewest` or more were known of them in each calendar month of it, and nobody was surely better
    in any.

    What is asked for stays as it was registered, which the database sees to; it is decided once,
    by the rule. `outcome` is empty until then. `missed_in` is the first day of the first month in
    which whoever was best over the whole was not.
    """

    class Outcome(models.TextChoices):
        WON = "won", _("Won")
        CLOSE = "close", _("Too close to call")
        FEW = "few", _("Too few took part")
        BROKE = "broke", _("Not in each month")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", verbose_name=_("team"))
    name = LineField(_("name"), max_length=120)
    kpi = models.CharField(_("KPI"), max_length=40)
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("until"))
    fewest = models.PositiveIntegerField(
        _("of at least"), default=30, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    each_month = models.BooleanField(_("in each month, too"), default=False)
    reward = LineField(_("reward"), max_length=300)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    outcome = models.CharField(_("outcome"), max_length=5, choices=Outcome, blank=True)
    winner = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    missed_in = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")
        ordering = ["-last_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="challenge_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None)
                | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="challenge_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(outcome="won", winner__isnull=False)
                | (~Q(outcome="won") & Q(winner=None, given_at=None)),
                name="challenge_won_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(outcome="broke", each_month=True, missed_in__isnull=False)
                | (~Q(outcome="broke") & Q(missed_in=None)),
                name="challenge_missed_in_a_month",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-last_on"], name="challenge_by_team"),
            # Those that the nightly task decides.
            models.Index(
                fields=["last_on"], condition=Q(outcome=""), name="challenge_is_undecided"
            ),
        ]

    def __str__(self) -> str:
        return self.name
