"""Badges: what a site gives for what somebody has reached, by rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Agent, Site, User
from ccm.models.words import LineField
from ccm.querysets import Viewer
from coaching.access import mates_of


class BadgeRule(models.Model):
    """What a badge of a site is given for. `number` are years, calls or months; `percent` and
    `fewest` are of reviews alone: each of so many reviews or more of a month is of at least so many
    per cent. It stays as it is; once it is ended, nobody is given it any more."""

    class Kind(models.TextChoices):
        YEARS = "years", _("Years in the centre")
        CALLS = "calls", _("Calls answered")
        REVIEWS = "reviews", _("Months of good reviews in a row")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    name = LineField(_("name"), max_length=80)
    kind = models.CharField(_("for"), max_length=7, choices=Kind)
    number = models.PositiveIntegerField(_("how many"))
    percent = models.PositiveSmallIntegerField(_("reviews of at least, %"), null=True, blank=True)
    fewest = models.PositiveSmallIntegerField(_("reviews a month at least"), null=True, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rule of a badge")
        verbose_name_plural = _("rules of badges")
        ordering = ["kind", "number", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="badge_for_something"),
            models.CheckConstraint(
                condition=Q(kind="reviews", percent__gte=1, percent__lte=100, fewest__gte=1)
                | (~Q(kind="reviews") & Q(percent=None, fewest=None)),
                name="badge_for_reviews_says_which",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BadgeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer, now: datetime) -> Self:
        """The user's own; of their team, of teams led and of sites managed those that whoever has
        them agreed to show."""
        scope = scope_of(user)
        shown = Q(is_shown=True)
        if scope.everything:
            return self.filter(shown)
        found = shown & Q(agent__in=Agent.objects.in_teams(scope.team_calendars, now).values("pk"))
        found |= shown & Q(agent__site__in=scope.managed_sites)
        if scope.agent is not None:
            mates = mates_of(scope.agent, now).values("agent")
            found |= Q(agent=scope.agent) | (shown & Q(agent__in=mates))
        return self.filter(found)


class Badge(models.Model):
    """What somebody was given, once, and keeps. `is_shown`: they agreed that others see it.

    `reached_on` is the day on which it was reached, as the record told when it was given; null: of
    what was given before that was kept.
    """

    rule = models.ForeignKey(BadgeRule, models.PROTECT, related_name="given")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="badges")
    given_on = models.DateField(_("given"))
    reached_on = models.DateField(_("reached"), null=True)
    is_shown = models.BooleanField(default=False)
    seen_at = models.DateTimeField(null=True)
    """When whoever has it first read of it."""

    objects = BadgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        ordering = ["-given_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["rule", "agent"], name="badge_given_once")]
        indexes = [
            models.Index(fields=["agent", "-given_on"], name="badge_by_agent"),
            models.Index(fields=["agent"], condition=Q(seen_at=None), name="badge_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.agent_id}"

    @property
    def day(self) -> date:
        """The one that is told of it."""
        found: date = self.reached_on or self.given_on
        return found
