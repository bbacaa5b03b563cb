"""What of a report's rows is not whole: weeks and months of which the days asked for, or the
record, hold a part, totals of days that are not all on record, what is not in the days or the
record of every site, and what is not over; and which days are holidays. So that nobody reads a fall
into it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ccm.intervals import DAY, Span, day_of, days, site_day, walk
from ccm.models import Site
from ccm.retention import closed
from kpis import dimensions, recorded
from kpis.dimensions import IN_TIME, MOMENTS, By
from kpis.recorded import Records
from kpis.report import Question, Row
from kpis.reports import holidays

_NAMED: tuple[By, ...] = ("week", "us_week", "month", *MOMENTS)
# So many sites are named, of more it is said how many there are.
_MOST_SITES = 3


Todays = Mapping[int, date]
"""The day that it is at each site, by id."""


def parts(question: Question, by: By, rows: Sequence[Row], todays: Todays) -> dict[Any, str]:
    """The stretches of time that rows or columns are (`by`) and that are not whole, by their keys
    in order, and why in words: "2 of 7 days", "without Pune", "not over at Bogota"."""
    if by not in IN_TIME:
        return {}
    keys = sorted({row.id if by == question.by else row.column_id for row in rows})
    together = all(row.site is None for row in rows)
    if by in MOMENTS:
        return _without(question, by, keys) if together else {}
    found = {}
    sites = holidays.sites_of(question, rows)
    every_site = _held(question.records, sites, question.first, question.last)
    for key in keys:
        last = dimensions.last_day(by, key)
        held = {
            site: _common(key, last, first, until) for site, (first, until) in every_site.items()
        }
        # Of a stretch before all records that has a row all the same it is as asked.
        have = max(held.values(), default=0) or _common(key, last, question.first, question.last)
        said = _of_days(have, (last - key).days + 1)
        if words := _not_over(min(last, question.last), [*every_site] or sites, todays):
            said.append(words)
        if together:
            said += _less(held, have)
        if said:
            found[key] = "; ".join(said)
    return found


def _not_over(last: date, sites: Sequence[Site], todays: Todays) -> str:
    """Where the day `last` is not over, in words; empty where it is at all sites."""
    where = [site.name for site in sites if last >= todays.get(site.pk, date.max)]
    if 0 < len(where) < len(sites):
        return _("not over at %(sites)s") % {"sites": named(where)}
    return _("not over") if where else ""


def _last_day(question: Question, row: Row) -> date:
    """The last day of a row that is no stretch of time, but may be of one weekday."""
    for by, key in ((question.by, row.id), (question.across, row.column_id)):
        if by == "weekday":
            return question.last - (question.last.isoweekday() - key) % 7 * DAY
    return question.last


def of_days(
    records: Records, sites: Sequence[Site], first: date, last: date, weekday: int | None = None
) -> str:
    """What of the days from `first` to `last`, or of those of a weekday, is not on record at sites
    together, in words: "2 of 31 days; without Pune"; empty where all is, or it is not known how far
    the `records` go."""
    held = {
        site: _count(begin, end, weekday)
        for site, (begin, end) in _held(records, sites, first, last).items()
    }
    if not held:
        return ""
    have = max(held.values())
    return "; ".join([*_of_days(have, _count(first, last, weekday)), *_less(held, have)])


def _count(first: date, last: date, weekday: int | None) -> int:
    """How many days there are from one to another, or of those of a weekday."""
    if weekday is None:
        return max(0, (last - first).days + 1)
    until_first = (weekday - first.isoweekday()) % 7
    return max(0, ((last - first).days - until_first) // 7 + 1)


def _of_days(have: int, every: int) -> list[str]:
    return [_("%(days)d of %(all)d days") % {"days": have, "all": every}] if have < every else []


def on_record(question: Question, row: Row) -> str:
    """What is not on record of a row that is no stretch of time, but may be of one weekday."""
    sites = holidays.sites_of(question, [row])
    sides = {question.by: row.id, question.across: row.column_id}
    days_asked = question.first, question.last
    return of_days(question.records, sites, *days_asked, sides.get("weekday"))


def _held(
    records: Records, sites: Iterable[Site], first: date, last: date
) -> dict[Site, tuple[date, date]]:
    """The days from `first` to `last` of each site, from where its record begins: none of them
    where that is later. Without sites that have no record, where any is known. Where a record ends
    nobody knows whether there was nothing more."""
    found = {}
    for site in sites:
        record = records.get(site.pk)
        if records and record is None:
            continue
        found[site] = first if record is None else max(first, record.first), last
    return found


def _common(first: date, last: date, other_first: date, other_last: date) -> int:
    """How many days two stretches of days have in common."""
    return max(0, (min(last, other_last) - max(first, other_first)).days + 1)


def _less(held: Mapping[Site, int], whole: int) -> list[str]:
    """The sites of which a stretch holds nothing, and those of which it holds less than `whole`;
    none where it holds nothing of any."""
    if not any(held.values()):
        return []
    none = [site.name for site, count in held.items() if not count]
    some = [site.name for site, count in held.items() if 0 < count < whole]
    return [
        words % {"sites": named(names)}
        for words, names in (
            (_("without %(sites)s"), none),
            (_("a part of %(sites)s"), some),
        )
        if names
    ]


def _without(question: Question, by: By, keys: Iterable[Any]) -> dict[Any, str]:
    """The stretches of an hour at most that are not in the days of each site, where those of
    several zones stand together: their days begin and end at other moments."""
    spans = {
        site: Span(site_day(first, site.calendar).start, site_day(last, site.calendar).end)
        for site, (first, last) in _held(
            question.records, question.sites, question.first, question.last
        ).items()
    }
    starts = max((span.start for span in spans.values()), default=None)
    ends = min((span.end for span in spans.values()), default=None)
    whole: dict[Any, str] = {}
    for key in keys:
        quarters = dimensions.quarters(by, key)
        # Most are: nothing need be counted of them.
        if starts is not None and ends is not None and starts <= quarters[0] <= quarters[-1] < ends:
            continue
        held = {
            site: sum(span.start <= one < span.end for one in quarters)
            for site, span in spans.items()
        }
        if said := _less(held, len(quarters)):
            whole[key] = "; ".join(said)
    return whole


def named(names: Sequence[str]) -> str:
    """Sites in words: of many, how many they are."""
    if len(names) <= _MOST_SITES:
        return ", ".join(names)
    return _("%(count)d sites") % {"count": len(names)}


def marks(question: Question, rows: Sequence[Row], todays: Todays) -> dict[Any, str]:
    """What to say beside the names of rows, by their keys."""
    found = parts(question, question.by, rows, todays)
    if question.by == "day":
        sites = holidays.sites_of(question, rows)
        for day in {row.id for row in rows}:
            told = (holidays.words(sites, day), found.get(day, ""))
            if words := "; ".join(one for one in told if one):
                found[day] = words
    if not {question.by, question.across} & {*IN_TIME}:
        found = _of_gathered(question, rows)
    if question.by == "weekday":
        sites = holidays.sites_of(question, rows)
        closed = holidays.by_weekday(sites, question.first, question.last)
        for weekday, words in closed.items():
            found[weekday] = "; ".join(one for one in (words, found.get(weekday, "")) if one)
    return found


def _of_gathered(question: Question, rows: Sequence[Row]) -> dict[Any, str]:
    """What is not on record of rows that are no stretches of time: each of all its columns."""
    of_key: dict[Any, list[Row]] = {}
    for row in rows:
        of_key.setdefault(row.id, []).append(row)
    found = {}
    for key, many in of_key.items():
        sites = holidays.sites_of(question, many)
        weekday = key if question.by == "weekday" else None
        if words := of_days(question.records, sites, question.first, question.last, weekday):
            found[key] = words
    return found


def record_notes(question: Question, rows: Sequence[Row]) -> list[str]:
    """What `record_words` says of the days of a question and the sites that rows are of."""
    sites = holidays.sites_of(question, rows)
    return record_words(question.records, sites, question.first, question.last)


def record_words(records: Records, sites: Sequence[Site], first: date, last: date) -> list[str]:
    """Of which sites not all days from `first` to `last` are on record, how many are, and from when
    on, in words: beside what is not whole stands no date. And of which calls were deleted by age,
    so that of days before only counts are told, and nothing that is read from single calls."""
    if why := recorded.why_none(records, sites, last):
        return [f"{capfirst(why)}."]
    told = recorded.since(records, sites, first, last)
    notes = [_("Not all of these days are on record: %(sites)s.") % {"sites": told}] if told else []
    return notes + closed.notices(sites, first)


def notes(question: Question, rows: Sequence[Row], todays: Todays) -> list[str]:
    """Columns that are not whole, in words: beside the name of a row stands its `marks`."""
    if question.across not in _NAMED:
        return []
    names = {row.column_id: row.column for row in rows}
    told: dict[str, list[str]] = {}
    for key, part in parts(question, question.across, rows, todays).items():
        told.setdefault(part, []).append(names[key])
    words = _("%(name)s: %(part)s.")
    return [words % {"name": ", ".join(many), "part": part} for part, many in told.items()]


def today_notes(question: Question, rows: Sequence[Row], todays: Todays) -> list[str]:
    """That the last day is not over, where days stand together, or in columns, and no name of a row
    or column says so; rows of less than a day end where the record does."""
    if question.by in IN_TIME or question.across in _NAMED or not rows:
        return []
    words = _not_over(question.last, holidays.sites_of(question, rows), todays)
    return [_("The last day is %(part)s.") % {"part": words}] if words else []


def clock_notes(question: Question, rows: Sequence[Row]) -> list[str]:
    """What `clock_words` says of rows or columns that are hours of the day."""
    if "clock" not in (question.by, question.across):
        return []
    sites = holidays.sites_of(question, rows)
    return clock_words(_held(question.records, sites, question.first, question.last))


def clock_words(
    held: Mapping[Site, tuple[date, date]],
    hours: Collection[int] = range(24),
    weekdays: Collection[int] = range(1, 8),
) -> list[str]:
    """The hours of the day that a clock put forward or back made shorter or longer, in words, of
    the days of sites; and that what the clock shows twice is one."""
    where: dict[str, list[str]] = {}
    is_longer = False
    for site, (first, last) in held.items():
        for day in days(first, last):
            for hour, minutes in _changed_hours(site, day).items():
                if hour not in hours or day.isoweekday() not in weekdays:
                    continue
                words = _("%(day)s %(hour)02d:00 has %(minutes)d minutes")
                told = words % {"day": day.isoformat(), "hour": hour, "minutes": minutes}
                where.setdefault(told, []).append(site.name)
                is_longer |= minutes > 60
    if not where:
        return []
    told_of = [
        f"{told} ({named(names)})" if len(held) > 1 else told
        for told, names in sorted(where.items())
    ]
    words = _("Clocks were changed among these days: %(hours)s.")
    said = [words % {"hours": ", ".join(told_of)}]
    if is_longer:
        said.append(
            _("What the clock showed twice is one hour of the day: both are counted in it.")
        )
    return said


def _changed_hours(site: Site, day: date) -> dict[int, int]:
    """By hour of the site's clock, the minutes of those hours of a day that have more or fewer than
    60; none of a day of 24 hours."""
    span = site_day(day, site.calendar)
    if span.end - span.start == DAY:
        return {}
    quarters = Counter(start.astimezone(site.calendar.zone).hour for start in walk(span))
    return {hour: 15 * quarters[hour] for hour in range(24) if quarters[hour] != 4}


def todays_of(sites: Iterable[Site], now: datetime) -> Todays:
    return {site.pk: day_of(now, site.calendar) for site in sites}


def of_rows(question: Question, rows: Sequence[Row], todays: Todays) -> list[str]:
    """Of each row, or cell, what is not whole at its own sites, in words; empty where all is."""
    by_site: dict[int | None, list[Row]] = {}
    for row in rows:
        by_site.setdefault(row.site, []).append(row)
    sides = (question.by, question.across)
    in_time = {*sides} & {*IN_TIME}
    parts_of = {
        site: [parts(question, by, many, todays) for by in sides] for site, many in by_site.items()
    }
    found = []
    for row in rows:
        of_row, of_column = parts_of[row.site]
        told = [*dict.fromkeys((of_row.get(row.id, ""), of_column.get(row.column_id, "")))]
        if not in_time:
            sites = holidays.sites_of(question, [row])
            told = [
                on_record(question, row),
                _not_over(_last_day(question, row), sites, todays),
            ]
        found.append("; ".join(one for one in told if one))
    return found
