"""What is usual for this weekday up to this minute: reads the past that `kpis.noise` judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import holidays

from ccm.intervals import QUARTER, Span, day_of, floor, same_clock, site_day, walk
from ccm.models import Queue, Site
from kpis import noise, reading
from kpis.counts import Counts
from kpis.definitions import KPIS
from kpis.noise import Kind, Verdict
from kpis.parameters import Parameters
from kpis.reading import Selection
from kpis.report import counted

WEEKS = 8
# Further back than eight weeks for weeks that a holiday left out.
_LOOK_BACK = 12
_KINDS = {"fraction": Kind.RATE, "seconds": Kind.TIME, "count": Kind.COUNT, "score": Kind.TIME}


@dataclass(frozen=True, slots=True)
class Band:
    """What each quarter hour of a day usually offers; None where the past is too short."""

    starts: list[datetime]
    low: list[float | None]
    usual: list[float | None]
    high: list[float | None]


def is_holiday(site: Site, day: date) -> bool:
    if not site.country or site.country not in holidays.list_supported_countries():
        return False
    calendar = holidays.country_holidays(site.country, subdiv=site.region or None, years=day.year)
    return day in calendar


def past_days(site: Site, day: date) -> list[date]:
    """The last days of the same weekday that were no holiday, newest first, at most 12."""
    before = (day - timedelta(weeks=week) for week in range(1, _LOOK_BACK + 1))
    return [one for one in before if not is_holiday(site, one)]


def verdicts(
    site: Site,
    queues: Sequence[Queue] | None,
    chosen: Mapping[str, tuple[str, Parameters]],
    now: datetime,
) -> dict[str, Verdict]:
    """Each chosen KPI (id -> variant, parameters) of today against usual.

    Today and the past weeks are compared up to the same quarter hour; before the first
    quarter is over, on a holiday, and where fewer than six weeks are known: silent.
    """
    today = day_of(now, site.tz)
    silent = dict.fromkeys(chosen, Verdict())
    until = floor(now)
    if until - site_day(today, site.tz).start < QUARTER or is_holiday(site, today):
        return silent
    days = [today, *past_days(site, today)]
    spans = [_until(site, day, until) for day in days]
    needs = {
        need
        for name, (variant, parameters) in chosen.items()
        for need in KPIS[name].variant(variant).reads(parameters)
    }
    found = counted(
        Selection(
            sites=[site.pk],
            spans=spans,
            zone=site.zone,
            queues=None if queues is None else [queue.pk for queue in queues],
        ),
        "day",
        needs,
    )
    if today not in found:
        return silent
    past = [found[day] for day in days[1:] if day in found][:WEEKS]
    return {
        name: _judged(name, variant, parameters, found[today], past)
        for name, (variant, parameters) in chosen.items()
    }


def _judged(
    name: str, variant: str, parameters: Parameters, today: Counts, past: list[Counts]
) -> Verdict:
    kpi = KPIS[name]
    value = kpi.compute(today, parameters, variant)
    known = [
        one.value
        for one in (kpi.compute(counts, parameters, variant) for counts in past)
        if one.value is not None
    ]
    kind = _KINDS.get(kpi.variant(variant).unit)
    if kind is None:
        return Verdict()
    return noise.judge(value.value, known, kind, n=value.n if kind is Kind.RATE else None)


def _until(site: Site, day: date, moment: datetime) -> Span:
    """A day up to what the clock shows at `moment`; at least its first quarter hour."""
    span = site_day(day, site.tz)
    return Span(span.start, max(span.start + QUARTER, floor(same_clock(moment, day, site.tz))))


def offered_day(
    site: Site, queues: Sequence[Queue], today: date
) -> tuple[Band, dict[int, dict[datetime, int]]]:
    """Visits offered in each quarter hour of a site day: the usual range of all the queues
    together, and the day's own count of each. One query.

    The spread of a quarter hour is pooled with the two beside it. On a holiday there is no
    usual.
    """
    starts = list(walk(site_day(today, site.tz)))
    days = [] if is_holiday(site, today) else past_days(site, today)
    spans = [site_day(day, site.tz) for day in days]
    curves = reading.offered_by_queue(
        Selection(
            sites=[site.pk],
            spans=[site_day(today, site.tz), *spans],
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
        for day, span in zip(days, spans, strict=True)
        if any(start in total for start in walk(span))
    ][:WEEKS]
    # The same time of the clock, also where it was changed today or then.
    past = [
        [float(total.get(same_clock(start, day, site.tz), 0)) for day in open_days]
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
