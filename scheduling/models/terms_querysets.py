"""Reads of the terms of work: who sees which, and who keeps them.

Planners and managers keep those of their sites. Who leads a team reads what its people work by, and
people what they work by themselves; what they can and would like they keep, too.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from ccm.access import scope_of
from ccm.models import Agent
from ccm.querysets import Viewer


class TermsQuerySet(models.QuerySet[Any]):
    """What a site's rosters are made of: shift templates, rotations, rules."""

    def visible_to(self, user: Viewer) -> Self:
        """Of sites planned, of sites of teams led, and of one's own."""
        scope = scope_of(user)
        if scope.everything:
            return self
        mine = Agent.objects.filter(pk=scope.agent or 0).values("site")
        return self.filter(Q(site__in=scope.planned_sites | scope.team_sites) | Q(site__in=mine))

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)


class ContractQuerySet(TermsQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Contracts of sites planned, and those that people whom the user answers for have or
        had."""
        from scheduling.models import AgentContract

        scope = scope_of(user)
        if scope.everything:
            return self
        answered = Agent.objects.answered_for_by(user).order_by().values("pk")
        theirs = AgentContract.objects.filter(agent__in=answered)
        return self.filter(Q(site__in=scope.planned_sites) | Q(pk__in=theirs.values("contract")))


class OfAgentQuerySet(models.QuerySet[Any]):
    """What is dated and of somebody, [starts_on, ends_on)."""

    def visible_to(self, user: Viewer) -> Self:
        """Of people of sites planned, and of those whom the user answers for."""
        scope = scope_of(user)
        if scope.everything:
            return self
        answered = Agent.objects.answered_for_by(user).order_by().values("pk")
        return self.filter(Q(agent__site__in=scope.planned_sites) | Q(agent__in=answered))

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(agent__site__in=scope.planned_sites)

    def on(self, day: date) -> Self:
        """Those that hold on a day."""
        return self.within(day, day)

    def within(self, first: date, last: date) -> Self:
        """Those that hold on some day from `first` to `last`, both included."""
        ends = Q(ends_on=None) | Q(ends_on__gt=first)
        return self.filter(ends, starts_on__lte=last)


class AvailabilityQuerySet(OfAgentQuerySet):
    def managed_by(self, user: Viewer) -> Self:
        """Of people of sites planned, and one's own."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(agent__site__in=scope.planned_sites) | Q(agent=scope.agent))

    def within(self, first: date, last: date) -> Self:
        begun = Q(first_on=None) | Q(first_on__lte=last)
        return self.filter(begun, Q(last_on=None) | Q(last_on__gte=first))


class PairingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of people of sites planned, and of those whom the user answers for."""
        scope = scope_of(user)
        if scope.everything:
            return self
        answered = Agent.objects.answered_for_by(user).order_by().values("pk")
        return self.filter(
            Q(one__site__in=scope.planned_sites) | Q(one__in=answered) | Q(other__in=answered)
        )

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(one__site__in=scope.planned_sites)

    def within(self, first: date, last: date) -> Self:
        """Those that hold on some day from `first` to `last`, both included."""
        ends = Q(ends_on=None) | Q(ends_on__gt=first)
        return self.filter(ends, starts_on__lte=last)
