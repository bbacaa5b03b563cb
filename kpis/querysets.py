"""Reads of counts, boards and verifications."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from ccm.access import AGENT, TRAINER, scope_of
from ccm.querysets import Viewer


class StatQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Counts of sites whose figures the user may see. Agent rows are reached by agent."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.figure_sites)


class BoardQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Boards of the user's sites; walls are for everyone on the floor but trainers."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if scope.roles <= {TRAINER}:
            return self.none()
        sites = scope.sites if scope.has(AGENT) else scope.figure_sites
        return self.filter(site__in=sites)

    def managed_by(self, user: Viewer) -> Self:
        """Boards of the sites that the user manages."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class AlertRuleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Rules of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.figure_sites)

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class AlertQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Those whose figure has not come back yet."""
        return self.filter(cleared_at=None)

    def visible_to(self, user: Viewer) -> Self:
        """Alerts of sites whose figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(rule__site__in=scope.figure_sites)

    def answered_by(self, user: Viewer) -> Self:
        """Alerts that the user may see to: none where an emergency alone shows the figures."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(rule__site__in=scope.own_figure_sites)


class VerifyRunQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Runs of the sites that the user manages: differences name agents and queues."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)

    def last_finished(self) -> Self:
        """The last that ended at each site."""
        return (
            self.filter(finished_at__isnull=False)
            .order_by("site_id", "-finished_at", "-pk")
            .distinct("site_id")
        )


class SavedReportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """A reader's own, and those shared with a role of the reader's; for who sees figures."""
        scope = scope_of(user)
        if not (scope.everything or scope.figure_sites):
            return self.none()
        return self.filter(models.Q(owner=user.pk) | models.Q(roles__overlap=[*scope.roles]))

    def owned_by(self, user: Viewer) -> Self:
        """Those that the user may change."""
        return self.visible_to(user).filter(owner=user.pk)


class MailingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """A reader's own, and those that are mailed to the reader; for who sees figures."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if not scope.figure_sites:
            return self.none()
        told = self.model.told.through.objects.filter(user=user.pk).values("mailing")
        return self.filter(models.Q(owner=user.pk) | models.Q(pk__in=told))

    def owned_by(self, user: Viewer) -> Self:
        """Those that the user may change: the own ones, an admin all."""
        found = self.visible_to(user)
        return found if scope_of(user).everything else found.filter(owner=user.pk)
