"""What a log itself seems to lack: silent hours, calls that never end, sessions with one edge.

Pure. A guess with its reason, never a correction: the thresholds say when it is worth a look.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean, median
from zoneinfo import ZoneInfo

from ccm.intervals import site_day

HOUR = timedelta(hours=1)
# A day with fewer events than this tells too little about its hours.
BUSY_DAY = 20
# An hour is missed where so many events are usual: by chance none come once in 150 such hours
# (Poisson, e^-5).
EXPECTED = 5.0
# The same hour of so many other days of that weekday says what is usual; else the day's own mean.
DAYS_TO_COMPARE = 3
# An answered call that has gone on for longer than this has lost its end.
LONGEST_CALL = timedelta(hours=4)
# A session that has gone on for longer, than which no shift is, is listed as lacking its logout.
# Halves of one that was longer are joined all the same (`storing.spells.JOINED_WITHIN`).
LACKS_LOGOUT_AFTER = timedelta(hours=16)


@dataclass(frozen=True, slots=True)
class Silence:
    """Hours in a row, [start, end), without any event; so many were to be expected in all."""

    start: datetime
    end: datetime
    expected: float


@dataclass(frozen=True, slots=True)
class Session:
    """An agent's session as the log tells it; an edge that it does not tell is None."""

    agent_id: int
    agent: str
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def at(self) -> datetime:
        """The edge that is known, the earlier one first."""
        known = self.starts_at or self.ends_at
        assert known is not None
        return known


def silences(
    events: Mapping[datetime, int], zone: ZoneInfo, is_open: Callable[[datetime], bool] | None
) -> list[Silence]:
    """Silent hours of days that were otherwise busy; `events` are counts by UTC quarter hour.

    Hours are those of the site's clock. `is_open` tells the opening hours; where there are none
    (None), a day is open from its first hour with so many events as are worth a look to its last.
    Before the first event of all and after the last no log could tell anything.
    """
    if not events:
        return []
    begins, ends = min(events), max(events)
    hours: Counter[datetime] = Counter()
    for moment, count in events.items():
        hours[_hour(moment, zone)] += count
    days: dict[date, list[datetime]] = defaultdict(list)
    for hour in hours:
        days[hour.astimezone(zone).date()].append(hour)
    totals = {day: sum(hours[hour] for hour in its) for day, its in days.items()}
    busy = sorted(day for day, total in totals.items() if total >= BUSY_DAY)
    of_weekday: dict[int, list[date]] = defaultdict(list)
    for day in busy:
        of_weekday[day.weekday()].append(day)
    by_clock = {
        (hour.astimezone(zone).date(), hour.astimezone(zone).hour): count
        for hour, count in hours.items()
    }
    found: list[Silence] = []
    for day in busy:
        own = mean(hours[hour] for hour in days[day])
        others = [one for one in of_weekday[day.weekday()] if one != day]
        full = [hour for hour in days[day] if hours[hour] >= EXPECTED]
        for hour in _walk(day, full, zone, is_open):
            if hours[hour] or hour < begins or hour + HOUR > ends:
                continue
            clock = hour.astimezone(zone).hour
            usual = (
                median(by_clock.get((one, clock), 0) for one in others)
                if len(others) >= DAYS_TO_COMPARE
                else own
            )
            if usual < EXPECTED:
                continue
            if found and found[-1].end == hour:
                found[-1] = Silence(found[-1].start, hour + HOUR, found[-1].expected + usual)
            else:
                found.append(Silence(hour, hour + HOUR, float(usual)))
    return found


def _hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning, in UTC, of the clock hour that holds a quarter hour."""
    return moment - timedelta(minutes=moment.astimezone(zone).minute)


def _walk(
    day: date, full: list[datetime], zone: ZoneInfo, is_open: Callable[[datetime], bool] | None
) -> Iterable[datetime]:
    """The day's hours that it was open for, whole; `full` are those with many events."""
    if is_open is None:
        hour = min(full, default=None)
        while hour is not None and hour <= max(full):
            yield hour
            hour += HOUR
        return
    hour = site_day(day, zone).start
    while hour.astimezone(zone).date() == day:
        if is_open(hour) and is_open(hour + HOUR - timedelta(minutes=1)):
            yield hour
        hour += HOUR


def half_sessions(sessions: Iterable[Session], newest: datetime) -> list[Session]:
    """Of sessions with one edge those that lack the other, in a log that goes on to `newest`.

    One without a logout may still last, unless its agent logged in again since.
    """
    began: dict[int, datetime] = {}
    told = list(sessions)
    for one in told:
        if one.starts_at is not None:
            began[one.agent_id] = max(one.starts_at, began.get(one.agent_id, one.starts_at))
    return [
        one
        for one in told
        if one.starts_at is None
        or (
            one.ends_at is None
            and (newest - one.starts_at > LACKS_LOGOUT_AFTER or began[one.agent_id] > one.starts_at)
        )
    ]
