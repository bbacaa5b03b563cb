"""The queue that a page is about, and those to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from ccm.database import MOST_ID
from ccm.filters import about, of_sites
from ccm.models import Queue, Site
from ccm.querysets import Viewer


def queues_for(user: Viewer) -> list[Queue]:
    """The queues whose figures a reader sees, site by site. One query."""
    seen = Queue.objects.visible_to(user).select_related("site", "staffing_plan")
    return list(seen.order_by("site__name", "name"))


@dataclass(frozen=True, slots=True)
class Picked:
    """The site and the queue that a page is about, if there are any, and those to choose from."""

    sites: list[Site]
    site: Site | None
    queues: list[Queue]
    queue: Queue | None


def picked(request: HttpRequest) -> Picked:
    """By the site and the queue that an address names, else the first of either; a queue of another
    site is let go of, because whoever changes the site has not changed the queue yet. Raises
    Http404 for what is out of reach. One query; another where the site has no queue."""
    every = queues_for(request.user)
    sites = list({one.site_id: one.site for one in every}.values())
    named = _named(every, request.GET.get("queue", ""))
    slug = request.GET.get("site", "")
    if slug and all(one.slug != slug for one in sites):
        sites = list(Site.objects.with_figures_for(request.user).order_by("name"))
    if named is not None and not slug:
        site: Site | None = named.site
        about(request, named.site)
    else:
        site = of_sites(request, sites)
    queues = [one for one in every if site is not None and one.site_id == site.pk]
    return Picked(sites, site, queues, named if named in queues else next(iter(queues), None))


def _named(queues: Sequence[Queue], asked: str) -> Queue | None:
    """The queue that an address names by its id. Raises Http404 for one that is none."""
    if not asked:
        return None
    found = [one for one in queues if str(one.pk) == asked]
    if not found:
        raise Http404
    return found[0]


def queue_of(seen: QuerySet[Queue], pk: int) -> Queue:
    """One of the queues that are seen, with how it is planned. Raises Http404 for any other."""
    if pk > MOST_ID:
        raise Http404
    plans = ("site", "forecast_plan", "staffing_plan")
    found: Queue = get_object_or_404(seen.select_related(*plans), pk=pk)
    return found
