"""Days whose counts are closed: what they were counted from is gone, or is about to go.

Counts outlive calls. Were such a day counted again, it would be counted to nothing; so it never
is, and this is where everything that counts, compares or writes asks which days those are. Calls
of the MARGIN before that are still there: a day that may be counted again still has around it all
that it is counted from, whoever called again weeks later included.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.intervals import site_day
from ccm.models import ImportBatch, Site

# Who came again is looked for some weeks around each day (`kpis.rollups.repeats_units.AROUND`).
MARGIN = timedelta(days=60)
# Whether something closed is told of a row under the name that it has.
Holds = Callable[[Model, date], bool]
# What keeps the days of a site before one from being closed now, in words; empty: nothing.
Waits = Callable[[Site, date], str]
_holding: list[Holds] = []
_waiting: list[Waits] = []


def register(holds: Holds, waits: Waits) -> None:
    """Have an app that counts asked before days are closed, and before a name goes."""
    if holds not in _holding:
        _holding.append(holds)
        _waiting.append(waits)


def first_open(site: Site, first: date) -> date:
    """The first day from `first` on that may be counted anew."""
    closed = site.counts_closed_before
    return first if closed is None else max(first, closed)


def is_closed(site: Site, day: date) -> bool:
    return site.counts_closed_before is not None and day < site.counts_closed_before


def opens_at(site: Site) -> datetime | None:
    """The moment from which calls are taken in; None: of any time."""
    closed = site.counts_closed_before
    return None if closed is None else site_day(closed, site.calendar).start


def holds(row: Model, site: Site) -> bool:
    """Whether closed counts are told under the name of a queue or an agent: then it must stay."""
    closed = site.counts_closed_before
    return closed is not None and any(one(row, closed) for one in _holding)


def waits(site: Site, before: date) -> str:
    """What must be counted before the days before one can be closed, in words; empty: nothing."""
    return next((words for one in _waiting if (words := one(site, before))), "")


def notice(site: Site | None, first: date) -> str:
    """What pages tell of a period that begins before the record does; empty: it does not."""
    if site is None or site.record_begins_on is None or first >= site.record_begins_on:
        return ""
    words = _(
        "Calls before %(day)s were deleted by retention: counts of these days stay, and what is"
        " read from single calls is of later days alone."
    )
    return words % {"day": date_format(site.record_begins_on, "j M Y")}


def notices(sites: Iterable[Site], first: date) -> list[str]:
    """What pages tell of a period of several sites, each day once."""
    words: dict[str, list[str]] = {}
    for site in sites:
        if told := notice(site, first):
            words.setdefault(told, []).append(site.name)
    return [f"{', '.join(names)}: {told}" for told, names in words.items()]


def in_the_way(batch: ImportBatch) -> str:
    """Why an import cannot be taken back: its calls are of days that are closed. Empty: it can."""
    at, closed = opens_at(batch.site), batch.site.counts_closed_before
    if at is None or closed is None or batch.first_at is None or batch.first_at >= at:
        return ""
    return _("It has calls of days before %(day)s, which retention has closed.") % {
        "day": date_format(closed, "j M Y")
    }
