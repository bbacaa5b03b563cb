"""Trials: an idea, what it is to change, with whom and from when to when, said beforehand."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Agent, Site, Team, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import agents_coached, coached_sites


class TrialQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Trials of own sites, those with agents of own teams, and those that the user made."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None:
            return self.none()
        found = Q(site__in=coached_sites(scope))
        if scope.teams:
            led = TrialAgent.objects.filter(agent__in=agents_coached(user).values("pk"))
            found |= Q(site__in=scope.team_sites) & (
                Q(made_by=user.pk) | Q(pk__in=led.values("trial"))
            )
        return self.filter(found)

    def with_agents(self) -> Self:
        """Each with `agent_ids`, who takes part in it."""
        taking = TrialAgent.objects.filter(trial=OuterRef("pk")).order_by("agent__name", "agent")
        return self.annotate(agent_ids=ArraySubquery(taking.values("agent")))


class Trial(models.Model):
    """An idea that some agents try on the site days [starts_on, ends_on], what it is measured by
    and what is hoped for, registered before it begins.

    From `begins_at` on, which is when its first day begins at its site, what was registered stays
    as it is: the database refuses anything else (`coaching.trials.locks`). `told` is what was told
    of it when it was decided on: figures may be counted anew later.
    """

    class Hoped(models.TextChoices):
        MORE = "more", _("more of it")
        LESS = "less", _("less of it")

    class Decision(models.TextChoices):
        KEEP = "keep", _("Keep it")
        CHANGE = "change", _("Change it")
        DROP = "drop", _("Drop it")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    title = LineField(_("idea"), max_length=160)
    words = WordsField(_("what is done otherwise"), max_length=3000)
    kpi = LineField(_("KPI"), max_length=40)
    hoped = models.CharField(_("hoped for"), max_length=4, choices=Hoped)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    begins_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("registered"))
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    why_stopped = LineField(_("why it was stopped"), max_length=300, blank=True)
    decision = models.CharField(_("decision"), max_length=6, choices=Decision, blank=True)
    decided_words = WordsField(_("why"), max_length=3000, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    told = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0)

    agent_ids: list[int]
    """Who takes part, where `with_agents` looked them up."""

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial")
        verbose_name_plural = _("trials")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="trial_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(made_at__lt=F("begins_at")), name="trial_registered_beforehand"
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None, why_stopped="")
                | (Q(stopped_at__isnull=False) & ~Q(why_stopped="")),
                name="trial_stopped_says_why",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_words="")
                | (~Q(decision="") & Q(decided_at__isnull=False) & ~Q(decided_words="")),
                name="trial_decided_says_why",
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(stopped_at=None), name="trial_stopped_has_no_decision"
            ),
        ]
        indexes = [models.Index(fields=["site", "-starts_on"], name="trial_by_site")]

    def __str__(self) -> str:
        return self.title

    def is_changed_by(self, user: Viewer) -> bool:
        """Whether a user who sees it changes, stops and decides it: of own sites, and what they
        registered themselves."""
        scope = scope_of(user)
        is_own = user.pk is not None and self.made_by_id == user.pk
        return scope.everything or self.site_id in coached_sites(scope) or is_own

    def is_locked(self, now: datetime) -> bool:
        """Whether what was registered stays as it is from now on."""
        return self.begins_at <= now


class TrialAgent(models.Model):
    """An agent who takes part in a trial."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="agents")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="trials")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "agent"], name="trial_agent_once"),
        ]

    def __str__(self) -> str:
        return str(self.agent)


class TrialChange(models.Model):
    """What a trial said before somebody changed it, before its start. Only ever added to."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="changes")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    said = models.JSONField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.trial_id} at {self.at}"
