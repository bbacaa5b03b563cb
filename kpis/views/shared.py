"""What the pages of figures share: the filter bar, and how old the site's data is."""

from datetime import datetime
from typing import Any

from ccm.filters import Filters
from kpis import reading
from kpis.tiles import OLD


def context(filters: Filters, now: datetime, **more: Any) -> dict[str, Any]:
    """Filters, the moment, and the age of the site's data. One query."""
    counted_at, newest_at = reading.newest([filters.site.pk])
    newest = None if newest_at is None else min(newest_at, now)
    silent = newest is not None and now - newest > OLD and filters.site.is_open(now)
    return {
        "shown": filters,
        "filters": filters.bar(),
        "now": now,
        "zone": filters.site.zone,
        "counted_at": counted_at,
        "as_of": newest,
        "stale": filters.is_today and silent,
    } | more
