"""How far the record of sites goes: of days before it nothing is known, and that is no 0."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import Site
from kpis.figures import Figure
from kpis.reads import reading
from kpis.reads.reading import Record

Records = Mapping[int, Record]
"""How far that of each site goes, by its id; empty where it is not known."""

# So many sites are told of, of others how many there are.
_MOST_SITES = 3


def since(records: Records, sites: Iterable[Site], first: date, last: date) -> str:
    """The sites whose record begins after `first`, how many of the days up to `last` it has, and
    from when on, in words: "of Leeds 2 of 31, from 30 Aug 2026 on"; empty where there is none."""
    every = (last - first).days + 1
    words = _("of %(site)s %(days)d of %(all)d, from %(day)s on")
    told = [
        words
        % {
            "site": site.name,
            "days": max(0, (last - begun).days + 1),
            "all": every,
            "day": date_format(begun, "j M Y"),
        }
        for site, begun in _begun(records, sites)
        if first < begun
    ]
    return _few("; ", told)


def whole_from(records: Records, sites: Iterable[Site]) -> date:
    """The day from which on all of the sites are on record that are at all; the first there is,
    where none is known."""
    return max((day for _site, day in _begun(records, sites)), default=date.min)


def why_none(records: Records, sites: Sequence[Site], last: date) -> str:
    """Why nothing is known of days up to `last`: that the record of each of the sites begins later;
    empty where one of them does not, or it is not known."""
    begun = _begun(records, sites)
    if not begun or any(day <= last for _site, day in begun):
        return ""
    words = _("on %(day)s at %(site)s")
    told = [words % {"site": site.name, "day": date_format(day, "j M Y")} for site, day in begun]
    return _("no record of these days: it begins %(sites)s") % {"sites": _few(", ", told)}


def why_none_at(site: Site, last: date) -> str:
    """`why_none` of a site, where nothing was found and nobody has its record. One query."""
    return why_none(reading.records([site.pk]), [site], last)


def nothing_words(why: str) -> str:
    """What stands in the place of rows where there are none: `why`, where that is known."""
    if why:
        return _("Nothing to show, for there is %(why)s.") % {"why": why}
    return _("Nothing was counted in this period.")


def without(figure: Figure, why: str) -> Figure:
    """A figure of days of which nothing is known for the reason `why`: without a value where there
    was nothing to make it of, for no value is not 0."""
    if figure.value or figure.is_untold:
        return figure
    return replace(figure, value=None, n=0, reason=why)


def unless(why: str, make: Callable[..., Figure]) -> Callable[..., Figure]:
    """What makes figures, of days of which nothing is known for the reason `why`, as `without`
    says; of others as it is."""
    return (lambda *about, **more: without(make(*about, **more), why)) if why else make


def _begun(records: Records, sites: Iterable[Site]) -> list[tuple[Site, date]]:
    """When the record of each site begins that has one."""
    return [(site, records[site.pk].first) for site in sites if site.pk in records]


def _few(separator: str, told: Sequence[str]) -> str:
    if len(told) <= _MOST_SITES:
        return separator.join(told)
    more = _("%(count)d sites more") % {"count": len(told) - _MOST_SITES}
    return separator.join([*told[:_MOST_SITES], more])
