"""Surveys of the people who work at a site: what is asked, what was answered, and, apart from it,
that somebody has answered."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site, Team, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import stays_on


class PulseQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer, now: datetime) -> Self:
        """Those of sites managed and of teams led; of own sites and the own team those that go to
        all of it; and exit surveys of who is leaving."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None or not scope.roles:
            return self.none()
        pulse = Q(kind=PulseSurvey.Kind.PULSE)
        found = Q(site__in=scope.managed_sites) | (pulse & Q(team__in=scope.teams))
        found |= pulse & Q(team=None, site__in=scope.sites)
        if scope.agent is not None:
            found |= self._of_agent(scope.agent, now)
        return self.filter(found)

    def managed_by(self, user: Viewer) -> Self:
        """Those whose words the user reads, and which they may call off: of sites managed, of teams
        led."""
        scope = scope_of(user)
        if scope.everything:
            return self
        led = Q(team__in=scope.teams, kind=PulseSurvey.Kind.PULSE)
        return self.filter(Q(site__in=scope.managed_sites) | led)

    def asking(self, user: Viewer, now: datetime) -> Self:
        """Those that ask the user: agents of the team, or of the site, and of exit surveys who is
        leaving. Whether they have answered is not known of any row."""
        agent = scope_of(user).agent
        if agent is None:
            return self.none()
        return self.filter(self._of_agent(agent, now))

    def _of_agent(self, agent: int, now: datetime) -> Q:
        me = Agent.objects.select_related("site").get(pk=agent)
        today = day_of(now, me.site.calendar)
        stays = stays_on(today).filter(agent=agent)
        pulse = Q(kind=PulseSurvey.Kind.PULSE)
        found = pulse & Q(team__in=stays.values("team"))
        found |= pulse & Q(team=None, site=me.site_id)
        if me.left_on is not None:
            found |= Q(kind=PulseSurvey.Kind.EXIT, site=me.site_id, opens_on__lte=me.left_on)
        return found


class PulseSurvey(models.Model):
    """Some questions to a site or a team, over the days [opens_on, closes_on] of the site; an exit
    survey is for those who leave. What it asks stays as it is."""

    class Kind(models.TextChoices):
        PULSE = "pulse", _("Pulse")
        EXIT = "exit", _("Exit")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind, default=Kind.PULSE)
    title = LineField(_("title"), max_length=120)
    opens_on = models.DateField(_("from"))
    closes_on = models.DateField(_("until"))
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = PulseQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey of people")
        verbose_name_plural = _("surveys of people")
        ordering = ["-closes_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="pulse_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(kind="pulse") | Q(team=None), name="pulse_exit_is_of_a_site"
            ),
        ]
        indexes = [models.Index(fields=["site", "-closes_on"], name="pulse_by_site")]

    def __str__(self) -> str:
        return self.title

    def day(self, now: datetime) -> date:
        """The day of its site."""
        return day_of(now, self.site.calendar)

    def is_open(self, now: datetime) -> bool:
        return self.opens_on <= self.day(now) <= self.closes_on

    def is_over(self, now: datetime) -> bool:
        return self.closes_on < self.day(now)


class PulseQuestion(models.Model):
    """A question of a survey: on a scale, which everybody answers who answers at all, or in
    words."""

    class Scale(models.TextChoices):
        TEN = "ten", _("0 to 10")
        FIVE = "five", _("1 to 5")
        WORDS = "words", _("in words")

    survey = models.ForeignKey(PulseSurvey, models.CASCADE, related_name="questions")
    place = models.PositiveSmallIntegerField()
    text = LineField(_("question"), max_length=200)
    scale = models.CharField(_("answered"), max_length=5, choices=Scale)

    class Meta:
        ordering = ["survey", "place"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "place"], name="pulse_question_once"),
            models.CheckConstraint(
                condition=Q(scale__in=("ten", "five", "words")), name="pulse_question_has_a_scale"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest score."""
        return (0, 10) if self.scale == self.Scale.TEN else (1, 5)


class PulseAnswer(models.Model):
    """One answer to one question, of nobody: neither a user nor a moment stands beside it, nor what
    else the same person answered. Its id is random, and rows stand in the order of their ids
    (`coaching.pulse.mixing`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(PulseQuestion, models.CASCADE, related_name="answers")
    score = models.PositiveSmallIntegerField(null=True)
    words = WordsField(blank=True, max_length=2000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) ^ Q(words=""), name="pulse_answer_is_a_score_or_words"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=10), name="pulse_answer_within_ten"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PulseTurn(models.Model):
    """That somebody has answered, so that nobody does so twice: a mark that only the key of the
    site's server tells whose it is (`coaching.pulse.marks`). They are forgotten once the survey is
    over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(PulseSurvey, models.CASCADE, related_name="turns")
    mark = LineField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "mark"], name="pulse_turn_once")]

    def __str__(self) -> str:
        return str(self.pk)
