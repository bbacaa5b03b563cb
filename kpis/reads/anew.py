"""How far sites are counted, told with the rows of a query: how far their records go, and which are
being counted anew, and so show what was counted before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Subquery
from django.utils.translation import gettext as _

from ccm.dirty import USUAL_DAYS, Notice
from ccm.dirty import notice as notice_of_days
from ccm.models import DirtyDay, Site
from kpis.models import DayStat, FillMark, RepeatMark
from kpis.reads.reading import Record


def of_site(rows: Any, told: Any, site: str = "pk") -> Subquery:
    """An aggregate of rows of the site that a query is of, or has at `site`."""
    grouped = rows.filter(site=OuterRef(site)).order_by().values("site")
    return Subquery(grouped.annotate(told=told).values("told"))


def record(site: str = "pk") -> dict[str, Any]:
    """What `record_of` reads, to annotate the rows of a query with."""
    marks = FillMark.objects.all()
    # As `first_day_sql`: the order is the index's.
    days = DayStat.objects.filter(site=OuterRef(site), queue=None).order_by("queue_id", "day")
    return {
        "record_first": Subquery(days.values("day")[:1]),
        "newest_at": of_site(marks, Max("newest_at"), site),
        "counted_at": of_site(marks, Max("counted_at"), site),
    }


def record_of(row: Any) -> Record | None:
    """How far the record of a site goes, by a row annotated with `record`; None: there is none."""
    if row.record_first is None or row.newest_at is None:
        return None
    return Record(row.record_first, row.newest_at, row.counted_at)


def told(site: str = "pk") -> dict[str, Subquery]:
    """What `notice` reads, to annotate the rows of a query with."""
    return {
        "days_marked": of_site(DirtyDay.objects.all(), Count("day", distinct=True), site),
        "repeats_over": of_site(RepeatMark.objects.all(), Max("last") - Min("first"), site),
    }


def notice(row: Any, site: Site) -> Notice | None:
    """What people are told of a site, by a row annotated with `told`; None: nothing.

    Who came again is counted last, and at once where more days changed than calls change as they
    go on: so its marks reach over more days until that is done.
    """
    if (words := notice_of_days(site, row.days_marked or 0)) is not None:
        return words
    if row.repeats_over is None or row.repeats_over < timedelta(days=USUAL_DAYS):
        return None
    return Notice(
        _("Who called %(site)s again is being counted anew.") % {"site": site.name},
        _("First contact resolution and resolution times still show what was counted before."),
    )


def notices(sites: Sequence[Site]) -> list[Notice]:
    """Those of some sites. One query."""
    rows = Site.objects.filter(pk__in=[site.pk for site in sites]).annotate(**told())
    return [one for row in rows.order_by("name") if (one := notice(row, row)) is not None]


def age_of(site: Site) -> tuple[Record | None, datetime | None, datetime | None, Notice | None]:
    """How far the record of a site goes, the newest moment its calls show, when its counts were
    last made, and what is being counted anew. One query."""
    row: Any = Site.objects.filter(pk=site.pk).annotate(**record(), **told()).get()
    return record_of(row), row.newest_at, row.counted_at, notice(row, site)
