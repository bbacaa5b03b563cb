"""What was counted of a queue, as forecasts take it: read from the counts of quarter hours.

A queue is known up to the last day that is over and that the sources which tell of its calls reach
to its end, as `kpis.reads.reach` says; days that follow on which its site is closed are known, too.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from ccm import special_days
from ccm.intervals import Calendar, day_of, days, site_days
from ccm.models import Direction, Queue, Site
from ccm.opening import Hours
from kpis import usual
from kpis.formulas.handling import measured_parts
from kpis.models import IntervalStat, Unit
from kpis.reads import reach, reading
from kpis.sums.counts import PART_SETS, Counts
from scheduling.forecast.days import Day, known
from scheduling.forecast.history import Array, History

_QUARTER = 15
_WEEK = 7
# Two years tell of the course of a year, and of most holidays twice.
MOST_DAYS = 760
_AROUND = timedelta(days=14)
SETTLES = timedelta(days=14)
"""Logs may come late: so long what was said of a day is held against what came again."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The quarter hours of a stretch of a site's days, by the clock on its wall.

    A day's intervals are counted from the hour at which its days begin. Of each quarter hour, UTC
    and in order: its day, its interval, its weekday and its minute on the clock.
    """

    first: date
    last: date
    start: datetime
    minutes: int
    day: NDArray[np.int64]
    interval: NDArray[np.int64]
    weekday: NDArray[np.int64]
    minute: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """Days, and a day's intervals."""
        return (self.last - self.first).days + 1, 24 * 60 // self.minutes

    def summed(self, values: Array) -> Array:
        """Values of its quarter hours as days x intervals."""
        found = np.zeros(self.shape)
        np.add.at(found, (self.day, self.interval), values)
        return found

    def place(self, moment: datetime) -> int:
        """The number of the quarter hour that begins at a moment."""
        return int((moment - self.start).total_seconds() // (60 * _QUARTER))

    def open(self, hours: Hours, closed: Collection[date] = ()) -> NDArray[np.bool_]:
        """Which quarter hours begin within opening hours (of none: all), and on no closed day."""
        found = np.zeros(len(self.day), bool) if hours else np.ones(len(self.day), bool)
        for weekday, spells in hours.items():
            for begin, end in spells:
                within = (self.minute >= _minute(begin)) & (self.minute < _minute(end))
                found |= within & (self.weekday == int(weekday))
        return found & ~np.isin(self.day, [(one - self.first).days for one in closed])


def _minute(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return hour * 60 + minute


@lru_cache(maxsize=16)
def grid(first: date, last: date, calendar: Calendar, minutes: int) -> Grid:
    """The same for all queues of a site."""
    span = site_days(first, last, calendar)
    many = int((span.end - span.start).total_seconds() // (60 * _QUARTER))
    day = np.empty(many, np.int64)
    weekday, minute = np.empty(many, np.int64), np.empty(many, np.int64)
    for place in range(many):
        moment = span.start + place * timedelta(minutes=_QUARTER)
        local = moment.astimezone(calendar.zone)
        day[place] = (day_of(moment, calendar) - first).days
        weekday[place], minute[place] = local.weekday(), local.hour * 60 + local.minute
    since = (minute - calendar.begins * 60) % (24 * 60)
    return Grid(first, last, span.start, minutes, day, since // minutes, weekday, minute)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A queue's history with the handle times of its answered, days x intervals."""

    history: History
    handled: Array
    handled_seconds: Array

    @property
    def last(self) -> date:
        """The last day that is known."""
        return self.history.days[-1].date

    def until(self, last: date) -> "Past":
        """The same of its days up to one."""
        many = sum(day.date <= last for day in self.history.days)
        if many == len(self.history):
            return self
        history = self.history.until(many)
        return Past(history, self.handled[:many], self.handled_seconds[:many])


def calendar_days(site: Site, first: date, last: date) -> tuple[Day, ...]:
    """What the site's calendar knows of its days."""
    around = days(first - _AROUND, last + _AROUND)
    named = {day: name for day in around if (name := usual.holiday(site, day))}
    return known(days(first, last), named, _off(site))


def _off(site: Site) -> frozenset[int]:
    """Weekdays on which a site is closed; of one that tells no hours the weekend."""
    if not site.opening:
        return frozenset({5, 6})
    begins, found = f"{site.day_begins:02}:00", set[int]()
    for day, spells in site.opening.items():
        for begin, end in spells:
            # What is open before its days begin is of the evening before.
            found |= {int(day)} if end > begins else set()
            found |= {(int(day) - 1) % _WEEK} if begin < begins else set()
    return frozenset(range(_WEEK)) - found


def hours_of(queue: Queue) -> Hours:
    """The opening hours of a queue, which may be its site's."""
    found: Hours = queue.hours or queue.site.opening
    return found


def open_quarters(queue: Queue, on: Grid) -> NDArray[np.bool_]:
    """In which quarter hours a queue is open: by its hours, and its site's own calendar."""
    return on.open(hours_of(queue), closed_days(queue.site, on.first, on.last))


def closed_days(site: Site, first: date, last: date) -> frozenset[date]:
    """Those of a stretch on which its own calendar closes a site."""
    return special_days.closed(site.special_days, days(first, last))


def of_queues(
    queues: Iterable[Queue],
    minutes: Mapping[int, int],
    now: datetime,
    most: int = MOST_DAYS,
    lasts: Mapping[int, date] | None = None,
) -> dict[int, Past]:
    """What was counted of some queues of one site on the last days that are over, by their ids, in
    intervals of so many `minutes`; none of a site without a record. Of the `most` days up to the
    last that is known of any, each queue's up to its own last: `lasts`, where they are known
    already. Four queries."""
    chosen = list(queues)
    if not chosen:
        return {}
    site = chosen[0].site
    record = reading.records([site.pk]).get(site.pk)
    if record is None:
        return {}
    known_until = last_days(site, now) if lasts is None else lasts
    chosen = [one for one in chosen if known_until[one.pk] >= record.first]
    if not chosen:
        return {}
    last = max(known_until[one.pk] for one in chosen)
    first = max(record.first, last - timedelta(days=most - 1))
    known_days = calendar_days(site, first, last)
    left = {one.pk: one for one in chosen if known_until[one.pk] >= first}
    found = {}
    # One queue after the other: the counts of two years of all of them are gigabytes.
    for pk, rows in groupby(_counts(site, [*left.values()], first, last), key=itemgetter(0)):
        on = grid(first, last, site.calendar, minutes[pk])
        found[pk] = _past(left.pop(pk), on, known_days, rows)
    for pk, queue in left.items():
        on = grid(first, last, site.calendar, minutes[pk])
        found[pk] = _past(queue, on, known_days, ())
    return {pk: was.until(known_until[pk]) for pk, was in found.items()}


def last_days(site: Site, now: datetime) -> dict[int, date]:
    """The last day that is known of each queue of a site; none of a site without a record. Three
    queries."""
    whole = reach.of_sites([site.pk]).get(site.pk)
    if whole is None:
        return {}
    own = reach.of_queues(site, whole)
    hours = Queue.objects.filter(site=site).values_list("pk", "hours")
    return {pk: last_known(site, own.get(pk, whole), now, told) for pk, told in hours}


def last_known(site: Site, newest_at: datetime, now: datetime, hours: Hours | None = None) -> date:
    """The last day that is over, where what is known of a site goes to a moment: that day, if it
    goes until an hour before it closed, and those after it that are closed. By the site's opening
    hours, or by those of a queue that has `hours` of its own."""
    opening: Hours = hours or site.opening
    if not any(opening.values()):
        opening = {}
    over = day_of(now, site.calendar) - timedelta(days=1)
    last = day_of(newest_at, site.calendar)
    if newest_at < _closes(site, last, opening) - _NEAR_THE_END:
        last -= timedelta(days=1)
    while last < over and _is_closed(site, last + timedelta(days=1), opening):
        last += timedelta(days=1)
    return min(over, last)


_NEAR_THE_END = timedelta(hours=1)


def _closes(site: Site, day: date, opening: Hours) -> datetime:
    """When a site's day is over: when it closes for the last time, which of days that begin at six
    may be after midnight; or, where it is closed all day or tells no hours, when it ends."""
    on = grid(day, day, site.calendar, _QUARTER)
    is_open = np.flatnonzero(on.open(opening, closed_days(site, day, day)))
    quarters = int(is_open[-1]) + 1 if len(is_open) else len(on.day)
    return on.start + quarters * timedelta(minutes=_QUARTER)


def _is_closed(site: Site, day: date, opening: Hours) -> bool:
    """Whether a site's day, which may begin at six, has no open hour."""
    on = grid(day, day, site.calendar, _QUARTER)
    return not on.open(opening, closed_days(site, day, day)).any()


Rows = Iterable[tuple[int, datetime, int, Sequence[int], Sequence[int]]]


def _counts(site: Site, queues: Sequence[Queue], first: date, last: date) -> Rows:
    """Those of one queue after the other."""
    span = site_days(first, last, site.calendar)
    rows = IntervalStat.objects.filter(
        site=site,
        queue__in=queues,
        unit=Unit.VISIT,
        direction=Direction.INBOUND,
        start__gte=span.start,
        start__lt=span.end,
    ).order_by("queue_id")
    told = rows.values_list("queue_id", "start", "offered", "handle_n", "handle_ms")
    return told.iterator(chunk_size=20_000)


def _past(queue: Queue, on: Grid, known_days: tuple[Day, ...], rows: Rows) -> Past:
    quarters = len(on.day)
    offered = np.zeros(quarters)
    parts_n, parts_ms = np.zeros((quarters, PART_SETS)), np.zeros((quarters, PART_SETS))
    for _queue, start, many, handle_n, handle_ms in rows:
        place = on.place(start.astimezone(UTC))
        offered[place] += many
        parts_n[place] += handle_n
        parts_ms[place] += handle_ms
    is_open = open_quarters(queue, on)
    share = on.minutes / _QUARTER
    history = History(
        known_days, on.summed(offered * is_open), on.summed(is_open.astype(float)) / share
    )
    every = tuple(int(one) for one in parts_n.sum(axis=0))
    parts = measured_parts(Counts(handle_n=every))
    if parts is None:
        return Past(history, np.zeros(on.shape), np.zeros(on.shape))
    return Past(
        history,
        on.summed(parts_n[:, parts] * is_open),
        on.summed(parts_ms[:, parts] * is_open) / 1000,
    )
