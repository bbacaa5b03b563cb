"""Quarter hours and site days: the grid on which everything is counted.

Times are UTC and spans are [start, end). The atom is the UTC quarter hour; zones at :30 and
:45 still align with it. A site's day is 96 of them, 92 to 100 at a clock change. It begins at
midnight, or at a later hour that the site chose (`Calendar`), and has the name of the date it
begins on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

# Years that the record may be asked for.
FIRST_YEAR, LAST_YEAR = 1990, 2200
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
# The latest hour of the clock that a day may begin at: a night is the evening's, a morning is not.
LATEST_BEGIN = 12


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a site tells its days: by the clock of its zone, from a whole hour of it on.

    Where `begins` is 6, a night shift from 22:00 to 6:00 lies in one day, that of its evening.
    """

    zone: ZoneInfo
    begins: int = 0

    @classmethod
    def of(cls, zone: str, begins: int = 0) -> Self:
        """The same from the name of a zone, as it is stored."""
        return cls(ZoneInfo(zone), begins)


UTC_DAYS = Calendar(ZoneInfo("UTC"))
"""The days of what is of no site, or of several that tell them apart."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time [start, end), UTC."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def floor(moment: datetime) -> datetime:
    """The quarter hour that holds `moment`, in UTC."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def walk(span: Span) -> Iterator[datetime]:
    """The starts of the quarter hours of `span`, which must begin on one."""
    start = span.start
    while start < span.end:
        yield start
        start += QUARTER


def site_day(day: date, calendar: Calendar) -> Span:
    """The UTC span of one day at a site."""
    return Span(_beginning(day, calendar), _beginning(day + DAY, calendar))


def same_clock(moment: datetime, day: date, calendar: Calendar) -> datetime:
    """When the site's clock showed in its day `day` what it shows at `moment`, UTC; in the moment's
    own day the moment itself, though its clock may show it twice.

    A time that the clock skipped that day is read with the offset before the gap.
    """
    if day == day_of(moment, calendar):
        return moment.astimezone(UTC)
    shown = moment.astimezone(calendar.zone).time()
    of_next_date = shown.hour < calendar.begins
    wall = datetime.combine(day + DAY if of_next_date else day, shown, calendar.zone)
    return wall.astimezone(UTC)


def site_days(first: date, last: date, calendar: Calendar) -> Span:
    """The UTC span of the site days `first` to `last`, both inclusive."""
    if last < first:
        raise ValueError(f"{last} is before {first}")
    return Span(_beginning(first, calendar), _beginning(last + DAY, calendar))


def day_of(moment: datetime, calendar: Calendar) -> date:
    """The site day that holds `moment`: its date, of early hours that of the evening before. But
    once a day has begun it does not end when the clock goes back over its beginning."""
    local = moment.astimezone(calendar.zone)
    day = local.date() - DAY if local.hour < calendar.begins else local.date()
    if moment >= _beginning(day + DAY, calendar):
        return day + DAY
    return day if moment >= _beginning(day, calendar) else day - DAY


def last_day(end: datetime, calendar: Calendar) -> date:
    """The last site day of what ends at `end`, which is not of it any more: what is due by the end
    of a day is due at the beginning of the next."""
    return day_of(end - timedelta(microseconds=1), calendar)


def day_starts(first: date, last: date, calendar: Calendar) -> list[datetime]:
    """When each site day from `first` to `last` begins, UTC. What SQL tells days apart by: the
    database has a table of time zones of its own, and the two need not agree."""
    return [_beginning(day, calendar) for day in days(first, last)]


def comes_twice(local: datetime) -> bool:
    """Whether the clock of its zone shows it twice, as clocks are put back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def offset_words(local: datetime) -> str:
    """The name of an offset, "BST"; where it has none but a number, "UTC+10:30"."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local.isoformat()[-6:]}"


@dataclass(frozen=True, slots=True)
class Days:
    """Whole site days, both ends included."""

    first: date
    last: date

    @property
    def many(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def before(self, many: int) -> "Days":
        """So many days that end the day before."""
        return Days(self.first - many * DAY, self.first - DAY)


def days(first: date, last: date) -> Iterator[date]:
    """Calendar days from `first` to `last`, both inclusive."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@lru_cache(maxsize=4096)  # days and zones are few, and are asked of thousands of rows
def _beginning(day: date, calendar: Calendar) -> datetime:
    # fold=0: where the hour comes twice, the day begins with the first. Where it is skipped,
    # fold=0 reads it with the offset before the gap: as late as it would have been without, which
    # for a midnight is the first moment there is.
    return datetime.combine(day, time(calendar.begins), calendar.zone).astimezone(UTC)
