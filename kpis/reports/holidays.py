"""Which days are holidays of the sites that a report is of, in words. So that nobody takes a day on
which a site was closed for a quiet one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from ccm.intervals import days
from ccm.models import Site
from kpis import usual
from kpis.report import Question, Row

# So many holidays are named in a line.
_MOST = 12


def words(sites: Sequence[Site], day: date) -> str:
    """The holiday that a day is, of several sites with those that have it: "Pune: Diwali"; empty
    where it is none of any."""
    where: dict[str, list[str]] = {}
    for site in sites:
        if name := usual.holiday(site, day):
            where.setdefault(name, []).append(site.name)
    if len(sites) == 1:
        return "".join(where)
    return "; ".join(f"{', '.join(here)}: {name}" for name, here in where.items())


def among(sites: Sequence[Site], asked: Iterable[date]) -> Iterator[str]:
    """Those of the days that are holidays, each with its name."""
    for day in asked:
        if told := words(sites, day):
            yield f"{day.isoformat()} {told}"


def by_weekday(sites: Sequence[Site], first: date, last: date) -> dict[int, str]:
    """Those of the days from `first` to `last`, by the number of their weekday."""
    found: dict[int, list[str]] = {}
    for day in days(first, last):
        for told in among(sites, [day]):
            found.setdefault(day.isoweekday(), []).append(told)
    return {weekday: few(told) for weekday, told in found.items()}


def sites_of(question: Question, rows: Iterable[Row]) -> list[Site]:
    """The sites that rows are of, or any of them."""
    ids = {row.site for row in rows}
    return [site for site in question.sites if None in ids or site.pk in ids]


def note(question: Question, rows: Sequence[Row]) -> list[str]:
    """The holidays among the days that a report is of, in a line; none where there are none. With
    their weekdays, where columns are these."""
    sites = sites_of(question, rows)
    told = [
        f"{WEEKDAYS[day.weekday()]} {one}" if question.across == "weekday" else one
        for day in days(question.first, question.last)
        for one in among(sites, [day])
    ]
    return [_("Holidays among these days: %(days)s.") % {"days": few(told)}] if told else []


def gathered(question: Question, rows: Sequence[Row]) -> list[str]:
    """The same where days stand together with others, or above the table: by weekday, or with a
    column a day. Beside the name of a weekday stand its own (`by_weekday`)."""
    is_gathered = "weekday" in (question.by, question.across) or question.across == "day"
    return note(question, rows) if is_gathered else []


def few(told: Sequence[str]) -> str:
    """The first of them; of the others how many they are."""
    named = ", ".join(told[:_MOST])
    if len(told) <= _MOST:
        return named
    return _("%(named)s and %(count)d more") % {"named": named, "count": len(told) - _MOST}
