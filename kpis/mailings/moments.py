"""When a mailing is due: an hour by a zone's clock, of some of its days. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ccm.intervals import DAY, QUARTER, Calendar, day_of, days

Every = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Each day, each `weekday` (0: Monday), or the first of each month, at an hour of the clock."""

    every: Every
    weekday: int
    hour: int
    tz: ZoneInfo

    @property
    def calendar(self) -> Calendar:
        """Its days are its clock's, wherever those of a site begin."""
        return Calendar(self.tz)

    def falls_on(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() == self.weekday
        return self.every == "day" or day.day == 1

    def at(self, day: date) -> datetime:
        """The moment of a day, UTC: of an hour that comes twice the first, in place of one that
        does not exist the next moment that does."""
        clock = datetime.combine(day, time(self.hour))
        moment = clock.replace(tzinfo=self.tz).astimezone(UTC)
        while (earlier := moment - QUARTER).astimezone(self.tz).replace(tzinfo=None) >= clock:
            moment = earlier
        return moment

    def between(self, after: datetime, until: datetime) -> Iterator[date]:
        """The days whose moment lies in (after, until]."""
        for day in days(after.astimezone(self.tz).date(), until.astimezone(self.tz).date()):
            if self.falls_on(day) and after < self.at(day) <= until:
                yield day

    def next_after(self, now: datetime) -> datetime:
        """The next moment after `now`."""
        day = day_of(now, self.calendar) - DAY
        while not (self.falls_on(day) and self.at(day) > now):
            day += DAY
        return self.at(day)


def retried_after(tries: int) -> timedelta:
    """How long after so many tries the next comes: soon, then each hour."""
    return timedelta(minutes=(5, 15, 30)[tries - 1] if tries <= 3 else 60)
