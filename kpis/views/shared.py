"""What the pages of figures share: the filter bar, and how old the site's data is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404

from ccm.filters import Filters
from kpis.choosing import beside
from kpis.definitions import UnknownKpi
from kpis.reads import anew
from kpis.tiles import OLD


def others(definition: str) -> tuple[str, ...]:
    """The definitions that an address wants beside the chosen ones; 404 for what is none."""
    try:
        return beside.read(definition)
    except UnknownKpi as unknown:
        raise Http404 from unknown


def context(
    filters: Filters, now: datetime, kpis: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    """Filters, the moment, the age of the site's data, and what is being counted anew (`anew`).
    One query.

    `kpis` are those shown, of which another definition can stand beside the chosen one.
    """
    counted_at, newest_at, notice = anew.age_of(filters.site)
    newest = None if newest_at is None else min(newest_at, now)
    silent = newest is not None and now - newest > OLD and filters.site.is_open(now)
    return {
        "shown": filters,
        "filters": filters.bar(definitions=beside.options(kpis, filters.definition)),
        "now": now,
        "zone": filters.site.zone,
        "counted_at": counted_at,
        "as_of": newest,
        "anew": notice,
        "stale": filters.is_today and silent,
    } | more
