"""The days of a span, as its site's clock tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES = 24 * 60
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Day:
    """A day by the clock on the wall, from midnight to midnight.

    `start` and `minutes` say when it begins, in minutes since the span's beginning, and how long it
    is: 1,440 but where clocks are put. `turn` is then how many minutes after its beginning they
    are, and by how many they go back (60) or forward (-60).
    """

    date: date
    start: int
    minutes: int = MINUTES
    is_holiday: bool = False
    turn: tuple[int, int] | None = None

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.date.weekday()

    @property
    def is_weekend(self) -> bool:
        return self.weekday >= _SATURDAY

    def at(self, clock: int) -> int:
        """The moment at which the day's clock shows so many minutes since midnight; those of the
        days after it go on (1,500 is one o'clock of the next morning). What a clock shows twice is
        the first time, and what it leaps over is the time it leaps to."""
        if self.turn is None or clock < self.turn[0]:
            return self.start + clock
        minute, back = self.turn
        return self.start + max(clock + back, minute)


def days_of(
    first: date, count: int, zone: str = "UTC", holidays: Sequence[date] = ()
) -> tuple[Day, ...]:
    """`count` days from `first` in a time zone; the span begins at the first one's midnight."""
    tz = ZoneInfo(zone)
    off = frozenset(holidays)
    moments = [_midnight(first + timedelta(n), tz) for n in range(count + 1)]
    return tuple(
        Day(
            date=day,
            start=int((begin - moments[0]).total_seconds()) // 60,
            minutes=(minutes := int((end - begin).total_seconds()) // 60),
            is_holiday=day in off,
            turn=_turn(begin, minutes, tz) if minutes != MINUTES else None,
        )
        for day, begin, end in zip(
            (first + timedelta(n) for n in range(count)), moments, moments[1:], strict=False
        )
    )


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tz).astimezone(UTC)


def _turn(begin: datetime, minutes: int, tz: ZoneInfo) -> tuple[int, int]:
    """When clocks are put within a day: the first minute that its clock does not simply tell."""
    before = begin.astimezone(tz).utcoffset()
    low, high = 0, minutes
    while low + 1 < high:
        middle = (low + high) // 2
        if (begin + timedelta(minutes=middle)).astimezone(tz).utcoffset() == before:
            low = middle
        else:
            high = middle
    return (high, minutes - MINUTES)
