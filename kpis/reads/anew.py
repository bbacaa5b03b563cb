"""How far sites are counted, told with the rows of a query: how far their records go, and which are
being counted anew, and so show what was counted before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from ccm.dirty import USUAL_DAYS, Notice
from ccm.dirty import notice as notice_of_days
from ccm.intervals import site_day
from ccm.models import DirtyDay, LiveSource, Site, SurveyResponse
from kpis.models import DayStat, FillMark, RepeatFill, RepeatMark
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
        "newest_at": Coalesce(
            of_site(marks, Max("newest_at"), site),
            of_site(SurveyResponse.objects.filter(call=None), Max("answered_at"), site),
        ),
        "counted_at": of_site(marks, Max("counted_at"), site),
        "heard_at": of_site(LiveSource.objects.all(), Max("heard_at"), site),
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


@dataclass(frozen=True, slots=True)
class Age:
    """How old what is known of a site is."""

    record: Record | None
    """How far its record goes; None: there is none."""
    newest_at: datetime | None
    """The newest moment its calls show; of a site without calls, its answers."""
    counted_at: datetime | None
    """When its counts were last made."""
    heard_at: datetime | None
    """When one of its live sources last said something, by our clock; None: it has none."""
    notice: Notice | None
    """What is being counted anew."""
    repeats_at: datetime | None
    """When it was last counted who came again."""
    last_whole: date | None
    """The last whole day of the record then."""


def age(site: str = "pk") -> dict[str, Any]:
    """What `age_by` reads, to annotate the rows of a query with."""
    filled = RepeatFill.objects.filter(site=OuterRef(site))
    return {
        **record(site),
        **told(site),
        "repeats_at": Subquery(filled.values("counted_at")[:1]),
        "last_whole": Subquery(filled.values("last_whole")[:1]),
    }


def age_by(row: Any, site: Site) -> Age:
    """The age of a site, by a row annotated with `age`."""
    return Age(
        record_of(row),
        row.newest_at,
        row.counted_at,
        row.heard_at,
        notice(row, site),
        row.repeats_at,
        row.last_whole,
    )


def age_of(site: Site) -> Age:
    """The age of a site. One query."""
    row = Site.objects.filter(pk=site.pk).annotate(**age()).get()
    return age_by(row, site)


def whole_until(sites: Sequence[Site]) -> dict[int, datetime]:
    """Up to which moment it is known of each site who came again: the end of the last whole day of
    its record when that was counted. One query."""
    filled = RepeatFill.objects.filter(site__in=[site.pk for site in sites])
    last = dict(filled.values_list("site", "last_whole"))
    return {
        site.pk: site_day(last[site.pk], site.calendar).end for site in sites if site.pk in last
    }
