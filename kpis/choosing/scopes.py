"""Where a choice holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm.intervals import day_of
from ccm.models import Queue, Site
from ccm.names import in_order
from ccm.querysets import Viewer


@dataclass(frozen=True, slots=True)
class Scope:
    """All sites, one, or one queue of it."""

    site: Site | None = None
    queue: Queue | None = None

    @property
    def value(self) -> str:
        """As an address and a form say it."""
        if self.queue is not None:
            return f"queue-{self.queue.pk}"
        return f"site-{self.site.pk}" if self.site is not None else "all"

    @property
    def words(self) -> str:
        if self.queue is not None:
            return f"{self.queue.name} ({self.queue.site.name})"
        return self.site.name if self.site is not None else _("All sites")

    @property
    def ids(self) -> tuple[int | None, int | None]:
        """The site's and the queue's; a queue is of its site."""
        return (
            None if self.site is None else self.site.pk,
            None if self.queue is None else self.queue.pk,
        )

    def sites(self, scopes: Iterable["Scope"]) -> list[Site]:
        """The sites it reaches, of all the scopes there are."""
        if self.site is not None:
            return [self.site]
        return [one.site for one in scopes if one.site is not None and one.queue is None]


def known(viewer: "Viewer | None" = None) -> list[Scope]:
    """All, then each site by its name, followed by its queues; with a viewer those within reach.
    Two queries."""
    reach: tuple[QuerySet[Site], QuerySet[Queue]] = (Site.objects.all(), Queue.objects.all())
    if viewer is not None:
        reach = (Site.objects.visible_to(viewer), Queue.objects.visible_to(viewer))
    sites = sorted(reach[0], key=lambda site: in_order(site.name))
    by_id = {site.pk: site for site in sites}
    queues = sorted(
        (queue for queue in reach[1] if queue.site_id in by_id),
        key=lambda queue: in_order(queue.name),
    )
    for queue in queues:
        queue.site = by_id[queue.site_id]
    found = [Scope()]
    for site in sites:
        found += [Scope(site), *(Scope(site, one) for one in queues if one.site_id == site.pk)]
    return found


def today(scope: Scope, scopes: Sequence[Scope], now: datetime) -> date:
    """The day it is there; where it is two days at once, the later: a choice from that day has
    begun somewhere."""
    days = [day_of(now, site.calendar) for site in scope.sites(scopes)]
    return max(days, default=now.date())
