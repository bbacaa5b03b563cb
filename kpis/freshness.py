"""How far the counts of a site are whole, and since when they lag."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from ccm.models import DirtyDay, LiveSource
from kpis.models import FillMark
from kpis.reads.anew import of_site

# Counts that lag by more are said to.
LATE = timedelta(seconds=20)
# A source that is silent for so long, in opening hours, may have stopped.
SILENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a site's counts are whole, and since when how many days lag (None: none does)."""

    counted_at: datetime | None = None
    newest_at: datetime | None = None
    behind_since: datetime | None = None
    days_behind: int = 0
    heard_at: datetime | None = None
    """When one of its live sources last said something, by our clock; None: it has none."""
    past_at: datetime | None = None
    """When a day that was over was last counted."""


def freshness() -> dict[int, Freshness]:
    """Every site's, by id. Two queries."""
    marks = FillMark.objects.values("site").annotate(
        counted=Max("counted_at"),
        newest=Max("newest_at"),
        past=Max("past_at"),
        heard=of_site(LiveSource.objects.all(), Max("heard_at"), "site"),
    )
    dirty_days = DirtyDay.objects.order_by().values_list("site")
    marked = dirty_days.annotate(Min("marked_at"), Count("day", distinct=True))
    behind = {site: (since, days) for site, since, days in marked}
    return {
        row["site"]: Freshness(
            row["counted"],
            row["newest"],
            *behind.get(row["site"], (None, 0)),
            row["heard"],
            row["past"],
        )
        for row in marks
    }
