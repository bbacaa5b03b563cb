"""Plans of agents: where to, by when, and the steps on the way."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Agent, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import agents_coached
from coaching.models.sessions import Action


class PlanQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Plans of agents whom the user coaches, and own ones. Who coached them once sees none."""
        found = Q(agent__in=agents_coached(user).order_by().values("pk"))
        mine = scope_of(user).agent
        if mine is not None:
            found |= Q(agent=mine)
        return self.filter(found)

    def changed_by(self, user: Viewer) -> Self:
        """Those that the user makes and ends: nobody's own."""
        return self.filter(agent__in=agents_coached(user).order_by().values("pk"))

    def running(self) -> Self:
        return self.filter(state="running")


class Plan(models.Model):
    """What an agent and who coaches them are after, from a day until another, both included."""

    class Kind(models.TextChoices):
        IMPROVEMENT = "improvement", _("Improvement")
        DEVELOPMENT = "development", _("Development")

    class Toward(models.TextChoices):
        """Which path development takes."""

        LEAD = "lead", _("Leading a team")
        QUALITY = "quality", _("Quality")
        TRAINING = "training", _("Training others")
        EXPERT = "expert", _("Expert of a subject")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        MET = "met", _("Met")
        ENDED = "ended", _("Ended without it")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="plans", verbose_name=_("agent"))
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    toward = models.CharField(_("toward"), max_length=8, choices=Toward, blank=True)
    goal = LineField(_("goal"), max_length=300)
    words = WordsField(_("in words"), max_length=3000, blank=True)
    starts_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.RUNNING)
    ended_at = models.DateTimeField(null=True)
    ended_words = LineField(_("how it ended"), max_length=500, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["until_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(goal=""), name="plan_has_a_goal"),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("starts_on")), name="plan_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=(Q(kind="development") & ~Q(toward=""))
                | (~Q(kind="development") & Q(toward="")),
                name="plan_of_development_leads_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None)
                | (~Q(state="running") & Q(ended_at__isnull=False) & ~Q(ended_words="")),
                name="plan_ended_says_how",
            ),
            models.UniqueConstraint(
                fields=["agent", "kind"], condition=Q(state="running"), name="plan_one_of_a_kind"
            ),
        ]
        indexes = [models.Index(fields=["agent", "state"], name="plan_by_agent")]

    def __str__(self) -> str:
        return self.goal


class PlanStep(models.Model):
    """A step that is of a plan."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="steps")
    action = models.OneToOneField(Action, models.CASCADE, related_name="plan_step")

    class Meta:
        ordering = ["plan", "action__due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.action_id}"
