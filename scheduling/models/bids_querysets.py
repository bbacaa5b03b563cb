"""Reads of shift bids: planners see rounds of their sites, and who takes part sees their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, Q

from ccm.access import scope_of
from ccm.querysets import Viewer

# So long after its closing a round is shown to those who took part.
KEPT = timedelta(days=90)


class BidRoundQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(roster__site__in=scope.planned_sites)

    def visible_to(self, user: Viewer) -> Self:
        """Rounds with their lines and names: those of sites planned."""
        return self.managed_by(user)

    def not_over(self) -> Self:
        return self.filter(state__in=("open", "closed"))

    def open_first(self) -> Self:
        """Those on which people can still bid first, then those to be given out; of each kind the
        newest first."""
        place = models.Case(
            models.When(state="open", then=0), models.When(state="closed", then=1), default=2
        )
        return self.order_by(place, "-opened_at", "-pk")

    def due(self, now: datetime) -> Self:
        """Open ones whose closing moment is over."""
        return self.filter(state="open", closes_at__lte=now)

    def with_counts(self) -> Self:
        """Each with `many`, who take part, and `have_ranked`, who have ranked some line."""
        return self.annotate(
            many=Count("bids"), have_ranked=Count("bids", filter=~Q(bids__ranked=[]))
        )


class BidQuerySet(models.QuerySet[Any]):
    def of(self, user: Viewer) -> Self:
        """One's own, in rounds that were not called off: nobody reads another's choices."""
        agent = scope_of(user).agent
        mine = self.none() if agent is None else self.filter(agent=agent)
        return mine.exclude(round__state="called_off")

    def recent(self, now: datetime) -> Self:
        return self.filter(round__closes_at__gte=now - KEPT)

    def open_first(self) -> Self:
        """Those that can still be ranked first; of either kind the last to close first."""
        is_open = models.Case(models.When(round__state="open", then=0), default=1)
        return self.order_by(is_open, F("round__closes_at").desc(), "pk")
