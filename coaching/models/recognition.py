"""Recognition: what people thank each other for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Agent, Call, Site, SurveyResponse, User
from ccm.models.words import LineField
from ccm.querysets import Viewer
from qa.models import CardCriterion

TAKEN_BACK_WITHIN = timedelta(days=1)
"""For so long whoever gave a recognition may take it back."""


class KudosQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Recognition at the user's sites, what they were given and what they gave."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None or not scope.roles:
            return self.none()
        found = Q(site__in=scope.sites) | Q(giver=user.pk)
        if scope.agent is not None:
            found |= Q(agent=scope.agent)
        return self.filter(found)

    def managed_by(self, user: Viewer) -> Self:
        """Those of sites that the user manages."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class Kudos(models.Model):
    """Somebody's thanks to an agent, in words; of a call, of an answer that its caller gave, and
    for a criterion of a scorecard, where the giver said so.

    Calls and their surveys go with their months: what names them stays and names nothing then. A
    scorecard that nobody was reviewed by may be removed, and so with it the criterion.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="kudos", verbose_name=_("agent"))
    giver = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("from")
    )
    words = LineField(_("what for"), max_length=500)
    call = models.ForeignKey(
        Call, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    survey = models.ForeignKey(
        SurveyResponse, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    criterion = models.ForeignKey(
        CardCriterion, models.SET_NULL, null=True, related_name="+", verbose_name=_("criterion")
    )
    given_at = models.DateTimeField(_("given"))
    is_on_walls = models.BooleanField(_("on walls"), default=False, db_default=False)
    """Whether whoever was thanked wants walls to show it."""
    seen_at = models.DateTimeField(null=True)
    """When whoever was thanked first read it."""

    objects = KudosQuerySet.as_manager()

    class Meta:
        verbose_name = _("recognition")
        verbose_name_plural = _("recognition")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="kudos_says_what_for"),
            models.CheckConstraint(
                condition=Q(survey=None) | Q(call__isnull=False), name="kudos_survey_is_of_a_call"
            ),
        ]
        # A site's feed, and an agent's own.
        indexes = [
            models.Index(fields=["site", "-given_at"], name="kudos_by_site"),
            models.Index(fields=["agent", "-given_at"], name="kudos_by_agent"),
            models.Index(fields=["agent"], condition=Q(seen_at=None), name="kudos_unseen"),
        ]

    def __str__(self) -> str:
        return self.words[:40]
