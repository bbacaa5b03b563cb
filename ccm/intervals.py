"""Quarter hours and site days: the grid on which everything is counted.

Times are UTC and spans are [start, end). The atom is the UTC quarter hour; zones at :30 and
:45 still align with it. A site's day is 96 of them, 92 to 100 at a clock change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Years that the record may be asked for.
FIRST_YEAR, LAST_YEAR = 1990, 2200
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


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


def site_day(day: date, zone: ZoneInfo) -> Span:
    """The UTC span of one calendar day at a site.

    A midnight that a clock change skips begins the day at the first moment that exists.
    """
    return Span(_midnight(day, zone), _midnight(day + DAY, zone))


def same_clock(moment: datetime, day: date, zone: ZoneInfo) -> datetime:
    """When the site's clock showed on `day` what it shows at `moment`, UTC.

    A time that the clock skipped that day is read with the offset before the gap.
    """
    return datetime.combine(day, moment.astimezone(zone).time(), zone).astimezone(UTC)


def site_days(first: date, last: date, zone: ZoneInfo) -> Span:
    """The UTC span of the site days `first` to `last`, both inclusive."""
    if last < first:
        raise ValueError(f"{last} is before {first}")
    return Span(_midnight(first, zone), _midnight(last + DAY, zone))


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The site day that holds `moment`: its date, but once a day has begun it does not end when
    the clock goes back over midnight."""
    day = moment.astimezone(zone).date()
    return day + DAY if moment >= _midnight(day + DAY, zone) else day


def day_starts(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    """When each site day from `first` to `last` begins, UTC. What SQL tells days apart by: the
    database has a table of time zones of its own, and the two need not agree."""
    return [_midnight(day, zone) for day in days(first, last)]


def days(first: date, last: date) -> Iterator[date]:
    """Calendar days from `first` to `last`, both inclusive."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # fold=0: where midnight comes twice, the day begins with the first. Where it is skipped,
    # fold=0 reads it with the offset before the gap, which is the first existing moment.
    return datetime.combine(day, time(), zone).astimezone(UTC)
