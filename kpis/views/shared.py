"""What the pages of figures share: the filter bar, and how old the site's data is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ccm import filters as asked
from ccm.filters import Filters
from ccm.models import Site
from ccm.views.failures import Misread
from kpis import recorded
from kpis.choosing import beside
from kpis.definitions import UnknownKpi
from kpis.reads import anew
from kpis.reads.reading import Record
from kpis.reports import partial
from kpis.tiles import OLD


def read(
    request: HttpRequest,
    now: datetime,
    default: str = "today",
    sites: Iterable[Site] | None = None,
) -> Filters | None:
    """The filters of a page of figures; of the definitions beside those chosen, what there is none
    of is left out, and said."""
    filters = asked.read(request, now, default, sites)
    if filters is None:
        return None
    known, wrong = beside.known(filters.definition)
    if not wrong:
        return filters
    words = _("Not understood, so left out: %(words)s.") % {"words": ", ".join(wrong)}
    said = f"{filters.problem} {words}".lstrip()
    return replace(filters, definition=",".join(known), problem=said)


def unknown(shown: Mapping[str, Any]) -> str:
    """Why nothing is known of the days of a page, in words, by its `context`; empty where the
    record of its site reaches them."""
    filters, record = shown["shown"], shown["record"]
    records = {} if record is None else {filters.site.pk: record}
    return recorded.why_none(records, [filters.site], filters.last)


def _partly(filters: Filters, record: Record | None) -> list[str]:
    """Which of the days are not on record, where some are; of none, what stands in the place of
    figures says it."""
    if record is None or record.first > filters.last:
        return []
    records = {filters.site.pk: record}
    return partial.record_words(records, [filters.site], filters.first, filters.last)


def others(definition: str) -> tuple[str, ...]:
    """The definitions that an address wants beside the chosen ones; 404, in words, for what is
    none."""
    try:
        return beside.read(definition)
    except UnknownKpi as unknown:
        raise Misread(_("Of the definition beside: %(why)s.") % {"why": unknown}) from unknown


def is_silent(site: Site, newest_at: datetime, heard_at: datetime | None, now: datetime) -> bool:
    """Whether nothing has come in for long though a site is open: neither is there a newer call,
    nor was a live source heard, whose clock may be behind."""
    return now - max(newest_at, heard_at or newest_at) > OLD and site.is_open(now)


def context(
    filters: Filters, now: datetime, kpis: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    """Filters, the moment, how far the record of the site goes and its age, which of the days are
    not on it (`partly`), and what is being counted anew (`anew`). One query.

    `kpis` are those shown, of which another definition can stand beside the chosen one.
    """
    age = anew.age_of(filters.site)
    newest = None if age.newest_at is None else min(age.newest_at, now)
    silent = newest is not None and is_silent(filters.site, newest, age.heard_at, now)
    return {
        "shown": filters,
        "filters": filters.bar(definitions=beside.options(kpis, filters.definition)),
        "now": now,
        "zone": filters.site.zone,
        "record": age.record,
        "partly": _partly(filters, age.record),
        "counted_at": age.counted_at,
        "as_of": newest,
        "anew": age.notice,
        "stale": filters.is_today and silent,
    } | more
