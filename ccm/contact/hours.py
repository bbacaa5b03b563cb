"""When a site may call, by the hours that it keeps. Pure but for the calendars of countries.

A site's clock stands for the caller's: numbers are kept as hashes, so nobody knows where they are.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ccm import special_days
from ccm.opening import Hours

# Nobody's hours are all further ahead than this: a week, and holidays that follow each other.
_AHEAD_DAYS = 40


@dataclass(frozen=True, slots=True)
class Calling:
    """A site's hours of calling (`ccm.models.ContactHours`) with the clock and calendar they are
    of: `country` and `region` for its holidays ("": none are known), `special` its own days."""

    zone: ZoneInfo
    hours: Hours
    on_holidays: bool = False
    country: str = ""
    region: str = ""
    special: special_days.Rows = ()

    def allows(self, moment: datetime) -> bool:
        """Whether it may call at a moment."""
        local = moment.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        return any(begin <= clock < end for begin, end in self._spells(local.date()))

    def next(self, moment: datetime) -> datetime | None:
        """The moment itself where it may call then, else when it may next, as UTC; None: not in
        the next weeks."""
        if self.allows(moment):
            return moment
        local = moment.astimezone(self.zone)
        for ahead in range(_AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            for begin, _end in self._spells(day):
                opens = datetime.combine(day, time.fromisoformat(begin), self.zone).astimezone(UTC)
                if opens > moment and self.allows(opens):
                    return opens
        return None

    def is_holiday(self, day: date) -> bool:
        """Whether a day is a holiday there: as its own calendar says, else as its country's."""
        if own := special_days.on(self.special, day):
            return own.kind != special_days.Kind.PLAIN
        return day in _holidays(self.country, self.region, day.year)

    def _spells(self, day: date) -> list[tuple[str, str]]:
        if not self.on_holidays and self.is_holiday(day):
            return []
        return [(begin, end) for begin, end in self.hours.get(str(day.weekday()), ())]


@cache
def _holidays(country: str, region: str, year: int) -> frozenset[date]:
    """A country's public holidays of a year; none where none are known of it."""
    if not country:
        return frozenset()
    # Slow to load, and asked for only where a site keeps hours.
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:  # a part that it does not know has its country's
        if region:
            return _holidays(country, "", year)
        return frozenset()
