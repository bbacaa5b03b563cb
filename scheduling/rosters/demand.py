"""What is asked of a roster: the positions of a site's queues and groups, slot by slot, from the
forecasts that stand, as *Requirements* tells them.

Positions are people on calls. A roster knows who is on leave and places pauses and sessions itself;
of shrinkage only what nobody plans is added, the share of a site's rules who are not there though
they were given a shift. Where slots are longer than a forecast's intervals a slot takes the most of
any.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Prefetch

from ccm.intervals import DAY, day_of
from ccm.models import Queue, Site
from scheduling.made import grouped
from scheduling.models import (
    Forecast,
    ForecastDay,
    GroupForecast,
    KeptRoster,
    QueueGroup,
    SiteRules,
)
from scheduling.models.forecasts import DayTold
from scheduling.planned import layer
from scheduling.requirements import aims, needed
from scheduling.rosters.predicted import Work
from scheduling.shifts import Demand
from scheduling.shifts.demand import Bools, Floats
from scheduling.staffing.requirement import Requirement
from scheduling.terms.skills import of_group, of_queue

# Intervals of forecasts and slots of rosters both are made of these.
_ATOM_MINUTES = 15
NO_FORECAST, SOME_DAYS, NO_LENGTH, NO_NUMBER = "no_forecast", "some_days", "no_length", "no_number"
"""Why nothing, or not all, is asked for: nothing is forecast; not all days are; calls come of which
nothing tells how long they take; no number of positions meets what is asked."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A queue or group of which nothing, or not all, is asked for: one of the reasons above."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`work` is what comes of each skill of the demand; empty where it is not known. `away` is the
    share, 0 to 1, of those who are given shifts that are not there; the demand has them."""

    demand: Demand
    left_out: tuple[LeftOut, ...]
    work: tuple[Work, ...] = ()
    away: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """Positions by the intervals of some days."""

    skill: str
    name: str
    interval_minutes: int
    days: Sequence[date]
    made: Requirement | None
    calls: Floats | None = None
    aht: Floats | None = None


def of_roster(roster: KeptRoster, rules: SiteRules, now: datetime) -> Asked:
    """What is asked of a roster by its site's rules: of its group alone, or of all of its site;
    with as many more as will not be there, to the nearest whole position."""
    found = of_days(
        roster.site, roster.first_day, roster.days, rules.slot_minutes, now, group=roster.group_id
    )
    away = float(rules.away_percent) / 100
    if not away:
        return found
    required = np.maximum(found.demand.required, np.rint(found.demand.required / (1 - away)))
    return replace(found, demand=replace(found.demand, required=required), away=away)


def of_days(
    site: Site,
    first_day: date,
    count: int,
    slot_minutes: int,
    now: datetime,
    *,
    group: int | None = None,
) -> Asked:
    """The positions of `count` days from `first_day`. A queue of a group that is forecast as one is
    asked for with its group, and once, whichever groups it is in."""
    # A site's day that began the evening before has the first hours of the first day.
    first, last = first_day - DAY, first_day + (count - 1) * DAY
    moments = _moments(site, first_day, count, slot_minutes)
    skills: list[str] = []
    rows: list[Floats] = []
    work: list[Work] = []
    left_out: list[LeftOut] = []
    known = np.zeros(len(moments), bool)
    for told in _told(site, first, last, now, group):
        if told.made is None:
            left_out.append(LeftOut(told.name, NO_NUMBER if told.days else NO_FORECAST))
            continue
        row, comes, there = _by_slot(told, site, moments, min(slot_minutes, _ATOM_MINUTES))
        skills.append(told.skill)
        rows.append(row)
        work.append(comes)
        if told.made.unknown.any():
            left_out.append(LeftOut(told.name, NO_LENGTH))
        known |= there
        if not there.all():
            left_out.append(LeftOut(told.name, SOME_DAYS))
    required = np.array(rows) if rows else np.zeros((0, len(moments)))
    demand = Demand(slot_minutes, required, tuple(skills), told=None if known.all() else known)
    return Asked(demand, tuple(left_out), tuple(work))


def _moments(site: Site, first_day: date, count: int, slot_minutes: int) -> list[list[datetime]]:
    """Of each slot from the first midnight on, the moments of the atoms that it has, UTC."""
    zone = ZoneInfo(site.zone)
    begin, end = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (first_day, first_day + count * DAY)
    )
    step = timedelta(minutes=min(slot_minutes, _ATOM_MINUTES))
    many = max(slot_minutes // _ATOM_MINUTES, 1)
    slots = -(-(end - begin) // timedelta(minutes=slot_minutes))
    return [[begin + (many * slot + atom) * step for atom in range(many)] for slot in range(slots)]


def _by_slot(
    told: _Told, site: Site, moments: Sequence[Sequence[datetime]], atom: int
) -> tuple[Floats, Work, Bools]:
    """Positions of each slot, what comes in it, and the slots whose days are told; `atom` are
    the minutes that each of its moments stands for. Intervals are the clock's: where it shows an
    hour twice, both take as many."""
    assert told.made is not None
    assert told.calls is not None
    assert told.aht is not None
    calendar, begins = site.calendar, site.day_begins * 60
    place = {day: row for row, day in enumerate(told.days)}
    positions, there = told.made.positions, told.made.there
    found, calls, seconds = (np.zeros(len(moments)) for _ in range(3))
    known = np.ones(len(moments), bool)
    for slot, atoms in enumerate(moments):
        for moment in atoms:
            row = place.get(day_of(moment, calendar))
            if row is None:
                known[slot] = False
                continue
            local = moment.astimezone(calendar.zone)
            since = (local.hour * 60 + local.minute - begins) % (24 * 60)
            interval = since // told.interval_minutes
            if there[row, interval] > 0:
                found[slot] = max(found[slot], float(positions[row, interval]))
                share = atom / told.interval_minutes / there[row, interval]
                comes = float(told.calls[row, interval]) * share
                if not np.isnan(told.aht[row, interval]):
                    calls[slot] += comes
                    seconds[slot] += comes * float(told.aht[row, interval])
    aht = np.divide(seconds, calls, out=np.zeros_like(calls), where=calls > 0)
    return found, Work(calls, aht, told.made.aim), known


def _told(site: Site, first: date, last: date, now: datetime, only: int | None) -> Iterator[_Told]:
    """Groups, then the queues that no group stands for, in the order of their names."""
    choices = aims.choices_on(day_of(now, site.calendar))
    queues = Queue.objects.filter(site=site).select_related("site", "staffing_plan")
    groups = QueueGroup.objects.filter(site=site).select_related("forecast")
    if only is not None:
        queues = queues.filter(groups=only)
        groups = groups.filter(pk=only)
    every = list(queues.order_by("name", "pk"))
    forecasts = {one.queue_id: one for one in Forecast.objects.standing(one.pk for one in every)}
    with_queues = Prefetch("queues", Queue.objects.select_related("site", "staffing_plan"))
    covered: set[int] = set()
    for group in groups.order_by("name", "pk").prefetch_related(with_queues):
        forecast: GroupForecast | None = getattr(group, "forecast", None)
        members = list(group.queues.all())
        if forecast is None or covered & {one.pk for one in members}:
            continue
        mine = [forecasts[one.pk] for one in members if one.pk in forecasts]
        stands_for = {one.queue_id for one in grouped.parts(forecast, mine)}
        days = list(forecast.days.filter(day__gte=first, day__lte=last).order_by("day"))
        if not days or len(stands_for) < 2:
            continue
        covered |= stands_for
        aim = aims.of_group(members, forecast.known_until, choices).aim
        planned = grouped.planned(forecast, [one.pk for one in members], days)
        calls = np.array([planned.get(one.day, one.calls) for one in days], float)
        try:
            made = needed.of_days(days, forecast.interval_minutes, aim, calls)
        except ValueError:
            made = None
        yield _Told(
            of_group(group.pk), group.name, forecast.interval_minutes,
            [one.day for one in days], made, calls, _aht(days),
        )  # fmt: skip
    alone = [one for one in every if one.pk not in covered]
    yield from _of_queues(alone, forecasts, first, last, choices)


def _of_queues(
    queues: Sequence[Queue],
    forecasts: Mapping[int, Forecast],
    first: date,
    last: date,
    choices: aims.Choices,
) -> Iterator[_Told]:
    of_forecast = {forecasts[one.pk].pk: one.pk for one in queues if one.pk in forecasts}
    rows = ForecastDay.objects.filter(forecast__in=of_forecast, day__gte=first, day__lte=last)
    days: dict[int, list[ForecastDay]] = defaultdict(list)
    for row in rows.order_by("day"):
        days[of_forecast[row.forecast_id]].append(row)
    more = layer.more((forecasts[one] for one in of_forecast.values()), first, last)
    told: dict[int, aims.Told] = {}
    by_known: dict[date, list[Queue]] = defaultdict(list)
    for queue in queues:
        if queue.pk in forecasts:
            by_known[forecasts[queue.pk].known_until].append(queue)
    for known_until, alike in by_known.items():
        told |= aims.of_queues(alike, known_until + DAY, choices)
    for queue in queues:
        theirs = days[queue.pk]
        made = calls = None
        if theirs:
            over = more.get(queue.pk, {})
            planned = {
                one.day: np.array(one.calls) + over[one.day] for one in theirs if one.day in over
            }
            takes = needed.takes(queue, forecasts[queue.pk], theirs, planned, told[queue.pk].aim)
            if takes is not None:
                made, calls = takes.made, takes.calls
        minutes = forecasts[queue.pk].interval_minutes if queue.pk in forecasts else 0
        yield _Told(
            of_queue(queue.pk), queue.name, minutes, [one.day for one in theirs], made, calls,
            _aht(theirs),
        )  # fmt: skip


def _aht(days: Sequence[DayTold]) -> Floats:
    return np.array([one.aht_seconds for one in days], float)
