"""What a log itself seems to lack: silent hours, calls that never end, sessions with one edge.

Pure. A guess with its reason, never a correction: the thresholds say when it is worth a look.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import mean, median
from zoneinfo import ZoneInfo

from ccm.intervals import Calendar, Span, site_day

HOUR = timedelta(hours=1)
# A day with fewer events than this tells nothing of what is usual.
BUSY_DAY = 20
# An hour is missed where so many events are usual: by chance none come once in 150 such hours
# (Poisson, e^-5).
EXPECTED = 5.0
# So far around the days asked for other days are looked at for what is usual.
AROUND = timedelta(days=28)
# A call that has gone on since its answer, or waited, for longer than this has lost its end.
LONGEST_CALL = timedelta(hours=4)
# A session that has gone on for longer, than which no shift is, is listed as lacking its logout.
# Halves of one that was longer are joined all the same (`storing.spells.JOINED_WITHIN`).
LACKS_LOGOUT_AFTER = timedelta(hours=16)
# Whoever leaves is taken out of the queues one after the other.
ONE_LEAVING = timedelta(seconds=5)


class Basis(StrEnum):
    """What tells how many events are usual at an hour."""

    WEEKDAY = "weekday"  # the same hour of other days of the weekday
    DAYS = "days"  # the same hour of days around
    ITSELF = "itself"  # the other hours of the day


@dataclass(frozen=True, slots=True)
class Usual:
    """So many events are usual in an hour, by so many `of` days, or hours of the day itself."""

    events: float
    basis: Basis
    of: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Hours in a row, [start, end), without any event; so many were to be expected in all."""

    start: datetime
    end: datetime
    expected: float
    basis: Basis
    of: int

    @property
    def by_hour(self) -> float:
        """Expected events in each of the hours, on average."""
        return self.expected / ((self.end - self.start) / HOUR)


@dataclass(frozen=True, slots=True)
class Session:
    """An agent's session as the log tells it; an edge that it does not tell is None, and so is an
    agent whom no other line names."""

    agent_id: int | None
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
    events: Mapping[datetime, int],
    zone: ZoneInfo,
    is_open: Callable[[datetime], bool] | None,
    span: Span | None = None,
) -> list[Silence]:
    """Hours of `span` without any event where some are usual, those that lack most first.

    `events` are counts by UTC quarter hour, of `span` (None: of all) and of days around it, which
    tell what is usual. Hours are those of the site's clock. `is_open` tells the opening hours;
    where there are none (None), a busy day is open from its first hour with so many events as are
    worth a look to its last, and any other when other days of its weekday had some.
    Before the first event of all and after the last no log could tell anything. A day that only
    tells of itself what is usual tells it only where at most as many hours are silent as are busy:
    then no more is missed than it has.
    """
    if not events:
        return []
    begins, ends = min(events), max(events)
    known = _Usual(events, zone)
    found: list[Silence] = []
    for day in known.days():
        silent: list[Silence] = []
        for hour in _walk(day, known.full(day), zone, is_open, known.is_alone(day)):
            if known.hours[hour] or hour < begins or hour + HOUR > ends:
                continue
            usual = known.at(hour, day, told_open=is_open is not None)
            if usual is not None and usual.events >= EXPECTED:
                silent.append(Silence(hour, hour + HOUR, usual.events, usual.basis, usual.of))
        if silent and silent[0].basis is Basis.ITSELF and len(silent) > len(known.full(day) or ()):
            continue
        found += [one for one in silent if span is None or span.start <= one.start < span.end]
    return sorted(_joined(found), key=lambda one: (-one.expected, one.start))


def _joined(hours: Iterable[Silence]) -> list[Silence]:
    """Neighbouring silent hours together, as far as the same days tell what is usual."""
    found: list[Silence] = []
    for one in hours:
        last = found[-1] if found else None
        if last and (last.end, last.basis, last.of) == (one.start, one.basis, one.of):
            found[-1] = replace(last, end=one.end, expected=last.expected + one.expected)
        else:
            found.append(one)
    return found


class _Usual:
    """How many events are usual at an hour of a day."""

    def __init__(self, events: Mapping[datetime, int], zone: ZoneInfo) -> None:
        self.zone = zone
        self.hours: Counter[datetime] = Counter()
        for moment, count in events.items():
            self.hours[_hour(moment, zone)] += count
        self.of_day: dict[date, list[datetime]] = defaultdict(list)
        self.by_clock: Counter[tuple[date, int]] = Counter()
        for hour, count in list(self.hours.items()):
            local = hour.astimezone(zone)
            self.of_day[local.date()].append(hour)
            self.by_clock[local.date(), local.hour] += count
        self.first, self.last = min(self.of_day), max(self.of_day)
        totals = {day: sum(self.hours[hour] for hour in its) for day, its in self.of_day.items()}
        self.busy = {day for day, total in totals.items() if total >= BUSY_DAY}

    def days(self) -> Iterator[date]:
        """Every day from the first event to the last."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def full(self, day: date) -> list[datetime] | None:
        """The hours of a busy day with many events; None: it is not busy."""
        if day not in self.busy:
            return None
        return [hour for hour in self.of_day[day] if self.hours[hour] >= EXPECTED]

    def is_alone(self, day: date) -> bool:
        """Whether no other day tells what is usual on a busy day."""
        return self.busy == {day} and not self._weekday(day)

    def at(self, hour: datetime, day: date, told_open: bool) -> Usual | None:
        """So many events: as the same hour of that weekday's other days has. Else the mean of a
        busy day's own hours, or of one that is told to be open what other days have; but none at
        an hour of the clock at which no other day ever had any."""
        clock = hour.astimezone(self.zone).hour
        others = self._weekday(day)
        if others:
            usual = float(median(self.by_clock[one, clock] for one in others))
            return Usual(usual, Basis.WEEKDAY, len(others))
        known = [self.by_clock[one, clock] for one in self.busy if one != day]
        if known and not any(known):
            return None
        if day in self.busy:
            own = [self.hours[one] for one in self.of_day[day]]
            return Usual(float(mean(own)), Basis.ITSELF, len(own))
        return Usual(float(median(known)), Basis.DAYS, len(known)) if known and told_open else None

    def _weekday(self, day: date) -> list[date]:
        """Other days of a day's weekday that tell what is usual: of a busy one the busy ones, of
        one that is not all, for it may be a day on which nobody works."""
        if day in self.busy:
            return [one for one in self.busy if one != day and one.weekday() == day.weekday()]
        return [one for one in self.days() if one != day and one.weekday() == day.weekday()]


def _hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning, in UTC, of the clock hour that holds a quarter hour."""
    return moment - timedelta(minutes=moment.astimezone(zone).minute)


def _walk(
    day: date,
    full: list[datetime] | None,
    zone: ZoneInfo,
    is_open: Callable[[datetime], bool] | None,
    alone: bool,
) -> Iterator[datetime]:
    """The day's hours that it was open for, whole, or may have been; `full` are those of a busy
    day with many events, which bound it where nobody said when it is open, or no other day
    (`alone`) tells whether anybody calls at other hours."""
    if full is not None and (is_open is None or alone):
        hour = min(full, default=None)
        while hour is not None and hour <= max(full):
            if is_open is None or _is_open_for(hour, is_open):
                yield hour
            hour += HOUR
        return
    hour = site_day(day, Calendar(zone)).start
    while hour.astimezone(zone).date() == day:
        if is_open is None or _is_open_for(hour, is_open):
            yield hour
        hour += HOUR


def _is_open_for(hour: datetime, is_open: Callable[[datetime], bool]) -> bool:
    """Whether it is open for the whole hour."""
    return is_open(hour) and is_open(hour + HOUR - timedelta(minutes=1))


def half_sessions(sessions: Iterable[Session], newest: datetime) -> list[Session]:
    """Of sessions with one edge those that lack the other, in a log that goes on to `newest`.

    One without a logout may still last, unless its agent logged in again since.
    """
    began: dict[int | None, datetime] = {}
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


def leavings(removals: Iterable[Session]) -> list[Session]:
    """One for each time that an agent left, of removals from one queue after the other."""
    found: list[Session] = []
    last: dict[str, datetime] = {}
    for one in sorted(removals, key=lambda one: one.at):
        before = last.get(one.agent)
        if before is None or one.at - before > ONE_LEAVING:
            found.append(one)
        last[one.agent] = one.at
    return found
