"""Reads of offers of overtime and time off: who sees which, who decides, which still go on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from ccm.access import scope_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer

LIVE = ("offered", "waiting")


class ShiftOfferQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites whose figures the user sees; who answered what is another question."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.figure_sites)

    def managed_by(self, user: Viewer) -> Self:
        """Of sites planned."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)

    def on(self, site: Site, day: date) -> Self:
        return self.filter(site=site, day=day)


class ShiftOfferAnswerQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites planned, and of people of teams led; none of one's own, which are on one's own
        page and which others decide."""
        scope = scope_of(user)
        if scope.everything:
            return self
        led = Agent.objects.answered_for_by(user).order_by().values("pk")
        of_led = Q(agent__in=led) if scope.teams else Q(pk__in=[])
        rows = self.filter(Q(offer__site__in=scope.planned_sites) | of_led)
        return rows if scope.agent is None else rows.exclude(agent=scope.agent)

    def live(self, now: datetime) -> Self:
        return self.filter(state__in=LIVE, until__gt=now)

    def busy(self, site: Site, now: datetime) -> Any:
        """Agents of a site who have an offer to answer, or one that waits, by their ids."""
        rows = self.live(now).filter(offer__site=site)
        return rows.order_by().values_list("agent", flat=True).distinct()

    def past_their_time(self, now: datetime) -> Self:
        return self.filter(state__in=LIVE, until__lte=now)
