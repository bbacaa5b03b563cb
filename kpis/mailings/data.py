"""Whether the calls of some days are there, so that a mail of them tells the truth."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from ccm.intervals import DAY, day_of, site_day
from ccm.models import DirtyDay, Site
from kpis import usual
from kpis.freshness import LATE
from kpis.models import FillMark

SILENT = timedelta(hours=2)
"""In opening hours no source is silent for so long, but one that stopped."""


def missing(sites: Sequence[Site], first: date, last: date, now: datetime) -> list[str]:
    """What there is not of these days of some sites, in words; nothing where all seems there.

    A site of which no call ever came in says nothing beside others that have calls. Two queries.
    """
    of_these = {"site__in": [site.pk for site in sites]}
    marks = FillMark.objects.filter(**of_these).order_by().values_list("site")
    newest = dict(marks.annotate(Max("newest_at")))
    dirty = DirtyDay.objects.filter(**of_these).order_by().values_list("site")
    marked = dirty.annotate(
        since=Min("marked_at"), uncounted=Min("day", filter=Q(day__range=(first, last)))
    )
    behind = {site: (since, day) for site, since, day in marked}
    known = [site for site in sites if newest.get(site.pk) is not None]
    if not known:
        names = ", ".join(site.name for site in sites)
        return [_("No calls of %(sites)s have come in yet.") % {"sites": names}]
    said = []
    for site in known:
        since, uncounted = behind.get(site.pk, (None, None))
        words = _missing(site, newest[site.pk], since, uncounted, first, last, now)
        if words:
            said.append(f"{site.name}: {words}")
    return said


def _missing(
    site: Site,
    newest: datetime,
    behind_since: datetime | None,
    uncounted: date | None,
    first: date,
    last: date,
    now: datetime,
) -> str:
    today = day_of(now, site.calendar)
    if uncounted is not None and uncounted < today:
        return _("calls of %(day)s are not counted yet.") % {"day": uncounted}
    if behind_since is not None and now - behind_since > 3 * LATE:
        return _("the counts are behind.")
    day = _last_open(site, first, min(last, today - DAY))
    if day is not None and newest < site_day(day, site.calendar).start:
        words = _("the calls of %(day)s have not come in: the newest is of %(time)s.")
        return words % {"day": day, "time": _time(newest, site)}
    if last >= today and site.is_open(now) and now - newest > SILENT:
        return _("nothing has come in since %(time)s.") % {"time": _time(newest, site)}
    return ""


def _last_open(site: Site, first: date, last: date) -> date | None:
    """The last of the days on which the site opens; None: it does on none."""
    day = last
    while day >= first:
        opens = not site.opening or bool(site.opening.get(str(day.weekday())))
        if opens and not usual.is_holiday(site, day):
            return day
        day -= DAY
    return None


def _time(moment: datetime, site: Site) -> str:
    return f"{moment.astimezone(site.tz):%Y-%m-%d %H:%M} ({site.zone})"
