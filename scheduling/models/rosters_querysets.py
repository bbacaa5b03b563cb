"""Reads of rosters: who sees which, and who makes them.

Planners and managers make those of their sites. Who leads a team sees what was published, of its
people alone.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q

from ccm.access import scope_of
from ccm.models import Agent, Leave
from ccm.querysets import Viewer


class KeptRosterQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites planned; of sites of teams led, those that were published."""
        scope = scope_of(user)
        if scope.everything:
            return self
        led = Q(site__in=scope.team_sites, state="published") if scope.teams else Q(pk__in=[])
        return self.filter(Q(site__in=scope.planned_sites) | led)

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)

    def published(self) -> Self:
        return self.filter(state="published")

    def within(self, first: date, last: date) -> Self:
        """Those with some day from `first` to `last`, both included."""
        after = ExpressionWrapper(
            F("first_day") + F("days") * timedelta(days=1), output_field=models.DateField()
        )
        return self.alias(after=after).filter(first_day__lte=last, after__gt=first)


class KeptShiftQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of rosters planned; of published ones, one's own and those of people of teams led."""
        scope = scope_of(user)
        if scope.everything:
            return self
        mine = _own_or_led(user)
        return self.filter(
            Q(roster__site__in=scope.planned_sites) | (Q(roster__state="published") & mine)
        )

    def published(self) -> Self:
        return self.filter(roster__state="published")

    def worked(self) -> Self:
        """Those that are worked: not those of days on which their people are absent."""
        absent = Leave.objects.filter(
            Q(last_on=None) | Q(last_on__gte=OuterRef("day")),
            agent=OuterRef("agent"), first_on__lte=OuterRef("day"),
        )  # fmt: skip
        return self.exclude(Exists(absent))


class ShiftChangeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of rosters planned; of those people worked by, one's own and those of people led."""
        scope = scope_of(user)
        if scope.everything:
            return self
        planned = Q(edit__roster__site__in=scope.planned_sites)
        return self.filter(planned | (Q(is_published=True) & _own_or_led(user)))


def _own_or_led(user: Viewer) -> Q:
    """Rows of the viewer's own agent, and of those of teams led."""
    scope = scope_of(user)
    mine = Q(agent=scope.agent) if scope.agent is not None else Q(pk__in=[])
    if scope.teams:
        mine |= Q(agent__in=Agent.objects.answered_for_by(user).order_by().values("pk"))
    return mine
