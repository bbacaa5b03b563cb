"""Reads of trades of shifts: who sees which, who decides, and which still go on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from ccm.access import scope_of
from ccm.models import Agent
from ccm.querysets import Viewer

LIVE = ("offered", "answered", "waiting")


class TradeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites planned, and those of people of teams led; none of one's own among them, which
        are on one's own page."""
        scope = scope_of(user)
        if scope.everything:
            return self
        rows = self.filter(Q(roster__site__in=scope.planned_sites) | _of_people_led(user))
        if scope.agent is None:
            return rows
        own = Q(giver=scope.agent, giver__isnull=False) | Q(taker=scope.agent, taker__isnull=False)
        return rows.exclude(own)

    def decided_by(self, user: Viewer) -> Self:
        """Those that the user may decide: all that they see but their own."""
        return self.visible_to(user).exclude(Q(giver__user=user.pk) | Q(taker__user=user.pk))

    def managed_by(self, user: Viewer) -> Self:
        """Of sites planned."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(roster__site__in=scope.planned_sites)

    def live(self, now: datetime) -> Self:
        """Those that still go on: neither over nor past their time."""
        return self.filter(state__in=LIVE, until__gt=now)

    def past_their_time(self, now: datetime) -> Self:
        return self.filter(state__in=LIVE, until__lte=now)

    def open_to(self, agent: Agent, now: datetime) -> Self:
        """What is offered to somebody, or to anybody at their site, and is not their own."""
        whom = Q(to=agent) | Q(to=None)
        return (
            self.live(now)
            .filter(whom, state="offered", roster__site=agent.site_id, roster__state="published")
            .exclude(kind="give_up")
            .exclude(Q(giver=agent, giver__isnull=False))
        )

    def of(self, agent: Agent) -> Self:
        """What somebody offered or took."""
        return self.filter(Q(giver=agent) | Q(taker=agent))


def _of_people_led(user: Viewer) -> Q:
    if not scope_of(user).teams:
        return Q(pk__in=[])
    led = Agent.objects.answered_for_by(user).order_by().values("pk")
    return Q(giver__in=led) | Q(taker__in=led)
