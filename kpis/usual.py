"""What is usual for this weekday up to this minute: reads the past that `kpis.noise` judges."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import holidays
from django.utils.translation import gettext as _

from ccm import special_days
from ccm.intervals import QUARTER, Span, day_of, days, floor, same_clock, site_day, walk
from ccm.models import Queue, Site
from kpis import noise, recorded
from kpis.declaration import Need
from kpis.definitions import KPIS, Unit
from kpis.dimensions import By
from kpis.figures import Figure
from kpis.freshness import known_to
from kpis.noise import Kind, Verdict
from kpis.parameters import Parameters
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.report import Question, Row
from kpis.report.cells import cells, counted
from kpis.sums.counts import Counts

WEEKS = 8
# Further back than eight weeks for weeks that a holiday left out.
LOOK_BACK = 12
_KINDS = {"fraction": Kind.RATE, "seconds": Kind.TIME, "count": Kind.COUNT, "score": Kind.TIME}
Chosen = Mapping[str, tuple[str, Parameters]]
"""KPIs by id, with the variant and parameters they have."""


@dataclass(frozen=True, slots=True)
class Band:
    """What each quarter hour of a day usually offers; None where the past is too short."""

    starts: list[datetime]
    low: list[float | None]
    usual: list[float | None]
    high: list[float | None]


def too_few_words() -> str:
    """Why nothing is usual where the past is too short."""
    words = _("fewer than %(count)d such weeks before are known")
    return words % {"count": noise.FEWEST_PAST}


def is_holiday(site: Site, day: date) -> bool:
    return bool(holiday(site, day))


def holiday(site: Site, day: date) -> str:
    """The name of the holiday that a day is at a site, empty where it is none: what the site's own
    calendar says of it, else its country's."""
    if (own := special_days.on(site.special_days, day)) is not None:
        return "" if own.kind == special_days.Kind.PLAIN else own.name
    return national(site, day)


def national(site: Site, day: date) -> str:
    """The same by the calendar of its country and region alone."""
    return _holidays(site.country, site.region, day.year).get(day, "") if site.country else ""


@lru_cache(maxsize=64)
def _holidays(country: str, region: str, year: int) -> Mapping[date, str]:
    """None of a country whose holidays are not known."""
    if country not in holidays.list_supported_countries():
        return {}
    return dict(holidays.country_holidays(country, subdiv=region or None, years=year))


def past_days(site: Site, day: date) -> list[date]:
    """The last days of the same weekday that were no holiday, newest first, at most 12."""
    before = (day - timedelta(weeks=week) for week in range(1, LOOK_BACK + 1))
    return [one for one in before if not is_holiday(site, one)]


def past_spans(site: Site | None, first: date, last: date) -> list[tuple[date, date]]:
    """The same days of the weeks before, newest first: at most 12, without a week that has a
    holiday of the site among them or overlaps the days themselves."""
    length = (last - first).days + 1
    apart = -(-length // 7)
    before = [
        (first - timedelta(weeks=week), last - timedelta(weeks=week))
        for week in range(apart, apart * (LOOK_BACK + 1), apart)
    ]
    return [span for span in before if not _has_holiday(site, *span)]


def _has_holiday(site: Site | None, first: date, last: date) -> bool:
    return site is not None and any(is_holiday(site, day) for day in days(first, last))


ByDay = Mapping[Any, Mapping[date, Counts]]
"""Counts by the key of a row and by day."""


def by_day(question: Question, waits: bool = True) -> ByDay:
    """What was counted on the days of a question and on those that tell what is usual for them, by
    its rows. One query."""
    last = question.last
    earliest = min((first for first, _last in _before(question)), default=question.first)
    selection = replace(question.selection, first=earliest, last=last)
    keys: tuple[By, ...] = ("day",) if question.by == "total" else (question.by, "day")
    found: dict[Any, dict[date, Counts]] = {}
    for (*key, day), counts in reading.cells(selection, keys, waits=waits).items():
        found.setdefault(key[0] if key else None, {})[day] = counts
    return found


def closed_verdicts(
    question: Question, rows: Sequence[Row], known: ByDay | None = None
) -> dict[tuple[Any, str], Verdict]:
    """Each figure of whole days that are over, a day or a week say, against the same days of the
    last 8 open weeks, by the key of its row and the words of its KPI: for recaps and reports, whose
    spans are too short for an interval of their own.

    `rows` are the question's, by anything but time and across nothing; `known` is `by_day` of it.
    Of figures of what does not add up over days there is none. Silent where one of the days is a
    holiday of the one site, nothing was counted, or fewer than six spans are known. One query, none
    where all is known.
    """
    before = _before(question)
    if known is None:
        waits = any(one.variant.of_waits for row in rows for one in row.figures.values())
        known = by_day(question, waits) if before else {}
    found: dict[tuple[Any, str], Verdict] = {}
    for row in rows:
        there = known.get(row.id, {})
        past = (Counts.sum([there[day] for day in days(*span) if day in there]) for span in before)
        open_weeks = [counts for counts in past if counts.offered][:WEEKS]
        for words, figure in comparable(row):
            silent = not row.counts.offered
            found[row.id, words] = Verdict() if silent else judged(figure, open_weeks)
    return found


def _before(question: Question) -> list[tuple[date, date]]:
    """The spans that tell what is usual for a question's days: none where these have a holiday,
    and of the others those that all its sites have on record."""
    first, last = question.first, question.last
    site = question.sites[0] if len(question.sites) == 1 else None
    if _has_holiday(site, first, last):
        return []
    begun = recorded.whole_from(question.records, question.sites)
    return [span for span in past_spans(site, first, last) if span[0] >= begun]


def comparable(row: Row) -> Iterable[tuple[str, Figure]]:
    """Figures of what adds up over days: of counts of calls alone."""
    for words, figure in row.figures.items():
        if not figure.variant.reads(figure.parameters):
            yield words, figure


def judged(figure: Figure, past: Iterable[Counts]) -> Verdict:
    """A figure against the same of other counts; silent where its unit has no scale."""
    values = [figure.again(counts).value for counts in past]
    return _verdict(figure.value, figure.n, figure.unit, values)


def up_to(site: Site, now: datetime, newest_at: datetime | None) -> datetime:
    """Up to when the day that it is at a site is compared: the end of the last quarter hour of it
    that is over, and to which its calls reach; where none is, the day's beginning."""
    begun = site_day(day_of(now, site.calendar), site.calendar).start
    return max(begun, floor(known_to(now, newest_at).until or begun))


def verdicts(
    site: Site,
    queues: Sequence[Queue] | None,
    chosen: Chosen,
    now: datetime,
    newest_at: datetime | None,
) -> dict[str, Verdict]:
    """Each chosen KPI (id -> variant, parameters) of today against usual.

    Today and the past weeks are compared `up_to` the same quarter hour; before the first
    quarter is over, on a holiday, and where fewer than six weeks are known: silent.
    """
    until = up_to(site, now, newest_at)
    alike = alike_days(site, until)
    if not alike:
        return dict.fromkeys(chosen, Verdict())
    selection = Selection(
        sites=[site.pk],
        spans=spans_until(site, alike, until),
        calendar=site.calendar,
        queues=None if queues is None else [queue.pk for queue in queues],
    )
    return of_days(chosen, alike, counted(selection, "day", needs_of(chosen)))


def needs_of(chosen: Chosen) -> set[Need]:
    """What is needed beside counts of calls."""
    return {
        need
        for name, (variant, parameters) in chosen.items()
        for need in KPIS[name].variant(variant).reads(parameters)
    }


def alike_days(site: Site, until: datetime) -> list[date]:
    """The day of `until` (`up_to`) and those before that it is compared with; none where nothing
    is: before its first quarter hour is over, and on a holiday."""
    today = day_of(until, site.calendar)
    if until - site_day(today, site.calendar).start < QUARTER or is_holiday(site, today):
        return []
    return [today, *past_days(site, today)]


def counted_until(
    site: Site, alike: Sequence[date], until: datetime, needs: Iterable[Need], *, by_queue: bool
) -> dict[int | None, dict[date, Counts]]:
    """What was counted on these days, each up to the same time of the clock, by queue or, in
    contacts, of the site (None)."""
    selection = Selection(
        sites=[site.pk], spans=spans_until(site, alike, until), calendar=site.calendar
    )
    found, _untold = cells(selection, ("queue" if by_queue else "total", "day"), needs)
    by_span: dict[int | None, dict[Any, Counts]] = {}
    for (queue, span), counts in found.items():
        by_span.setdefault(queue, {})[span] = counts
    return {
        queue: reading.days_of_spans(selection, "day", spans) for queue, spans in by_span.items()
    }


def spans_until(site: Site, alike: Iterable[date], until: datetime) -> list[Span]:
    """These days, each up to the same time of the clock."""
    return [_until(site, day, until) for day in alike]


def of_days(
    chosen: Chosen, alike: Sequence[date], found: Mapping[date, Counts]
) -> dict[str, Verdict]:
    """Each chosen KPI of the first of `alike` days against the others, by what was counted on
    them."""
    today, *before = alike
    if today not in found:
        return dict.fromkeys(chosen, Verdict())
    past = [found[day] for day in before if day in found][:WEEKS]
    return {
        name: _judged(name, variant, parameters, found[today], past)
        for name, (variant, parameters) in chosen.items()
    }


def _judged(
    name: str, variant: str, parameters: Parameters, today: Counts, past: list[Counts]
) -> Verdict:
    kpi = KPIS[name]
    value = kpi.compute(today, parameters, variant)
    values = [kpi.compute(counts, parameters, variant).value for counts in past]
    return _verdict(value.value, value.n, kpi.variant(variant).unit, values)


def _verdict(
    value: float | int | None, n: int, unit: Unit, past: Iterable[float | int | None]
) -> Verdict:
    kind = _KINDS.get(unit)
    if kind is None:
        return Verdict()
    known = [one for one in past if one is not None]
    return noise.judge(value, known, kind, n=n if kind is Kind.RATE else None)


def _until(site: Site, day: date, moment: datetime) -> Span:
    """A day up to what the clock shows at `moment`; at least its first quarter hour."""
    span = site_day(day, site.calendar)
    return Span(
        span.start, max(span.start + QUARTER, floor(same_clock(moment, day, site.calendar)))
    )


def offered_day(
    site: Site, queues: Sequence[Queue], today: date
) -> tuple[Band, dict[int, dict[datetime, int]]]:
    """Visits offered in each quarter hour of a site day: the usual range of all the queues
    together, and the day's own count of each. One query.

    The spread of a quarter hour is pooled with the two beside it. On a holiday there is no
    usual.
    """
    starts = list(walk(site_day(today, site.calendar)))
    alike = [] if is_holiday(site, today) else past_days(site, today)
    spans = [site_day(day, site.calendar) for day in alike]
    curves = reading.offered_by_queue(
        Selection(
            sites=[site.pk],
            spans=[site_day(today, site.calendar), *spans],
            queues=[queue.pk for queue in queues],
        ),
        "interval",
    )
    total: dict[datetime, int] = {}
    for curve in curves.values():
        for start, offered in curve.items():
            total[start] = total.get(start, 0) + offered
    # A past day without a single call was closed, or its log is missing: it tells nothing.
    open_days = [
        day
        for day, span in zip(alike, spans, strict=True)
        if any(start in total for start in walk(span))
    ][:WEEKS]
    # The same time of the clock, also where it was changed today or then.
    past = [
        [float(total.get(same_clock(start, day, site.calendar), 0)) for day in open_days]
        for start in starts
    ]
    band = Band(starts, [], [], [])
    for place, values in enumerate(past):
        if not any(values):
            # Closed, as far as the past knows: no usual rather than a band around 0.
            for row in (band.low, band.usual, band.high):
                row.append(None)
            continue
        beside = [past[near] for near in (place - 1, place + 1) if 0 <= near < len(past)]
        verdict = noise.judge(None, values, Kind.COUNT, neighbours=beside)
        band.low.append(verdict.low)
        band.usual.append(verdict.usual)
        band.high.append(verdict.high)
    return band, curves
