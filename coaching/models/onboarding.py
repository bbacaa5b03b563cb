"""Onboarding: paths from the first day to live calls, who is on which, and what is signed off."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import MANAGER, SUPERVISOR, TRAINER, scope_of
from ccm.models import Agent, Site, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import course_sites
from coaching.models.courses import Course
from coaching.models.library import LibraryPage


class OnboardingPathQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Paths of sites that the user trains, and of those of teams led."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(site__in=course_sites(scope) | scope.team_sites)

    def written_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=course_sites(scope))


class OnboardingPath(models.Model):
    """What those who are new at a site go through, stage by stage."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    name = LineField(_("name"), max_length=120)
    about = WordsField(_("what it is for"), blank=True, max_length=1000)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = OnboardingPathQuerySet.as_manager()

    class Meta:
        verbose_name = _("onboarding path")
        verbose_name_plural = _("onboarding paths")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="onboarding_path_once"),
            models.CheckConstraint(condition=~Q(name=""), name="onboarding_path_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OnboardingStage(models.Model):
    """A stage of a path: signed off by who leads the newcomer's team, trains, or manages its site.

    Of shadowing `amount` is how many calls or hours (`unit`) are sat in on. A stage of live calls
    is signed off only once each stage before it that is a gate (`is_gate`) is.
    """

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        READING = "reading", _("Reading")
        SHADOW = "shadow", _("Shadowing")
        ROLEPLAY = "roleplay", _("Role-play")
        LIVE = "live", _("Live calls")
        OTHER = "other", _("Something else")

    class Unit(models.TextChoices):
        CALLS = "calls", _("calls")
        HOURS = "hours", _("hours")

    class Signer(models.TextChoices):
        SUPERVISOR = SUPERVISOR, _("their supervisor")
        TRAINER = TRAINER, _("a trainer")
        MANAGER = MANAGER, _("a manager")

    path = models.ForeignKey(OnboardingPath, models.CASCADE, related_name="stages")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    title = LineField(_("title"), max_length=160)
    words = WordsField(_("what is looked at"), blank=True, max_length=1000)
    course = models.ForeignKey(
        Course, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("course")
    )
    page = models.ForeignKey(
        LibraryPage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("page")
    )
    amount = models.PositiveSmallIntegerField(
        _("how many"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    unit = models.CharField(_("of what"), max_length=5, choices=Unit, blank=True)
    signer = models.CharField(_("signed off by"), max_length=10, choices=Signer)
    is_gate = models.BooleanField(_("before live calls"), default=True)

    class Meta:
        verbose_name = _("stage of onboarding")
        verbose_name_plural = _("stages of onboarding")
        ordering = ["path", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="")
                & (
                    Q(kind="course", course__isnull=False, page=None)
                    | Q(kind="reading", page__isnull=False, course=None)
                    | (~Q(kind__in=("course", "reading")) & Q(course=None, page=None))
                )
                & (Q(amount=None, unit="") | (Q(amount__gte=1) & ~Q(unit=""))),
                name="onboarding_stage_is_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NewcomerQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Newcomers of sites trained and of teams led, and oneself."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None:
            return self.none()
        found = Q(agent__site__in=course_sites(scope))
        if scope.teams:
            found |= Q(agent__in=Agent.objects.answered_for_by(user).values("pk"))
        if scope.agent is not None:
            found |= Q(agent=scope.agent)
        return self.filter(found)

    def standing(self) -> Self:
        return self.filter(state="on")


class Newcomer(models.Model):
    """An agent who goes through a path: one at a time. `mentor` is whom they sit with."""

    class State(models.TextChoices):
        ON = "on", _("On the way")
        DONE = "done", _("Through")
        ENDED = "ended", _("Ended before")

    path = models.ForeignKey(OnboardingPath, models.PROTECT, related_name="newcomers")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", verbose_name=_("agent"))
    starts_on = models.DateField(_("first day"))
    mentor = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("mentor")
    )
    state = models.CharField(max_length=5, choices=State, default=State.ON)
    why_ended = LineField(max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = NewcomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("newcomer")
        verbose_name_plural = _("newcomers")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state="on"), name="newcomer_on_one_path"
            ),
            models.CheckConstraint(
                condition=Q(state="on", ended_at=None)
                | (~Q(state="on") & Q(ended_at__isnull=False)),
                name="newcomer_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | ~Q(why_ended=""), name="newcomer_ended_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.path_id}"


class StageSign(models.Model):
    """A stage that a newcomer has behind them: on which day, with whom, and who says so."""

    newcomer = models.ForeignKey(Newcomer, models.CASCADE, related_name="signs")
    stage = models.ForeignKey(OnboardingStage, models.PROTECT, related_name="signs")
    done_on = models.DateField(_("done"))
    amount = models.PositiveSmallIntegerField(_("how many"), null=True, blank=True)
    with_whom = LineField(_("with whom"), max_length=160, blank=True)
    words = LineField(_("in words"), max_length=500, blank=True)
    signed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sign-off of a stage")
        verbose_name_plural = _("sign-offs of stages")
        constraints = [
            models.UniqueConstraint(fields=["newcomer", "stage"], name="stage_signed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.newcomer_id} {self.stage_id}"
