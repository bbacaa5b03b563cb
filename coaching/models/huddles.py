"""A team's short meetings: what they are about, and who does what by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Team, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import stays_on, today_of
from coaching.models.sessions import Action


class HuddleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer, now: datetime) -> Self:
        """Those of teams led and of sites managed; of the own team those of days that have come."""
        scope = scope_of(user)
        if scope.everything:
            return self
        found = Q(team__in=scope.teams) | Q(team__site__in=scope.managed_sites)
        if scope.agent is not None:
            today = today_of(scope.agent, now)
            own = stays_on(today).filter(agent=scope.agent)
            found |= Q(team__in=own.values("team"), day__lte=today)
        return self.filter(found)

    def changed_by(self, user: Viewer) -> Self:
        """Those that the user prepares and holds."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(team__in=scope.teams) | Q(team__site__in=scope.managed_sites))


class Huddle(models.Model):
    """A team's meeting of a day of its site; `notes` are what was said, for the team to read."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", verbose_name=_("team"))
    day = models.DateField(_("day"))
    held_at = models.DateTimeField(_("held"), null=True)
    held_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    notes = WordsField(_("notes"), blank=True, max_length=5000)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects = HuddleQuerySet.as_manager()

    class Meta:
        verbose_name = _("huddle")
        verbose_name_plural = _("huddles")
        ordering = ["-day", "team"]
        constraints = [
            models.UniqueConstraint(fields=["team", "day"], name="huddle_once_a_day"),
            models.CheckConstraint(
                condition=Q(notes="") | Q(held_at__isnull=False), name="huddle_noted_was_held"
            ),
        ]
        indexes = [models.Index(fields=["team", "-day"], name="huddle_by_team")]

    def __str__(self) -> str:
        return f"{self.team} {self.day}"


class HuddlePoint(models.Model):
    """A point of a huddle: found when it was prepared, as it was then, or written. `is_kept`:
    nobody has struck it off. `url` is a path of this site, empty where it leads nowhere."""

    class Source(models.TextChoices):
        CHANGE = "change", _("Change")
        PAGE = "page", _("To be read")
        KUDOS = "kudos", _("Recognition")
        OWN = "own", _("Written")

    huddle = models.ForeignKey(Huddle, models.CASCADE, related_name="points")
    source = models.CharField(max_length=6, choices=Source)
    title = LineField(_("what"), max_length=200)
    words = WordsField(_("in words"), blank=True, max_length=3000)
    url = LineField(max_length=300, blank=True)
    place = models.PositiveSmallIntegerField()
    is_kept = models.BooleanField(default=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["huddle", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["huddle", "place"], name="huddle_point_has_a_place"),
        ]

    def __str__(self) -> str:
        return self.title


class HuddleStep(models.Model):
    """That a step was agreed on in a huddle, so that the team reads it and the next one opens with
    it. Steps of sessions are nobody's but the agent's and the coach's."""

    huddle = models.ForeignKey(Huddle, models.CASCADE, related_name="steps")
    action = models.OneToOneField(Action, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.action)
