"""What a report's rows and columns can be: stretches of time, and what a call is of.

Time is cut here, in Python, by each site's own clock: SQL is given the cuts and what each of them
is called, so that no second table of time zones has a say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    QUARTER,
    UTC_DAYS,
    Calendar,
    comes_twice,
    day_starts,
    days,
    offset_words,
    site_days,
    walk,
)
from ccm.models import Channel, Direction

if TYPE_CHECKING:
    from kpis.measures import Words

By = Literal[
    "total", "interval", "half_hour", "hour", "clock", "weekday", "day", "week", "us_week", "month",
    "site", "queue", "team", "agent", "channel", "direction", "disposition", "topic", "within",
    "part",
]  # fmt: skip
"""What has one of `NAMES` can be asked for. For readers alone are "within", whether a day is one of
those that a selection tells from the others, and "part", in which part of them it lies."""

MOMENTS: tuple[By, ...] = ("interval", "half_hour", "hour")
"""Stretches of an hour at most: their key is the moment each begins."""
IN_DAYS: tuple[By, ...] = ("day", "week", "us_week", "month")
"""Days that follow each other, and spans of them."""
OF_DAYS: tuple[By, ...] = (*IN_DAYS, "weekday")
"""Told by the site day alone."""
OF_QUARTERS: tuple[By, ...] = (*MOMENTS, "clock")
"""Told by the quarter hour: a call that tells only its day is in none."""
OF_CALLS: tuple[By, ...] = ("disposition", "topic")
"""Not rolled up: the calls themselves are read."""
OF_VISITS: tuple[By, ...] = ("queue", "team", "agent", "direction", *OF_CALLS)
"""What a contact of several visits has none of, or several: these count visits."""
OF_IDS: tuple[By, ...] = ("site", "queue", "team", "agent", *OF_CALLS)
"""Keyed by the id of a row; None: of none."""
IN_TIME: tuple[By, ...] = (*MOMENTS, *IN_DAYS)
"""Rows that follow each other in time."""

NAMES: Mapping[By, "Words"] = {
    "total": gettext_lazy("Nothing: one total"),
    "interval": gettext_lazy("15 minutes"),
    "half_hour": gettext_lazy("30 minutes"),
    "hour": gettext_lazy("Hour"),
    "clock": gettext_lazy("Hour of the day"),
    "weekday": gettext_lazy("Weekday"),
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week (from Monday, ISO)"),
    "us_week": gettext_lazy("Week (from Sunday, US)"),
    "month": gettext_lazy("Month"),
    "site": gettext_lazy("Site"),
    "queue": gettext_lazy("Queue"),
    "team": gettext_lazy("Team"),
    "agent": gettext_lazy("Agent"),
    "channel": gettext_lazy("Channel"),
    "direction": gettext_lazy("Direction"),
    "disposition": gettext_lazy("Disposition"),
    "topic": gettext_lazy("Topic"),
}

_NONE: Mapping[By, "Words"] = {
    "queue": gettext_lazy("On no queue"),
    "team": gettext_lazy("In no team"),
    "agent": gettext_lazy("Nobody"),
    "disposition": gettext_lazy("No disposition"),
    "topic": gettext_lazy("No topic"),
}

_MINUTES: Mapping[By, int] = {"interval": 15, "half_hour": 30, "hour": 60}


@dataclass(frozen=True, slots=True)
class Cuts:
    """A stretch of time cut up: the n-th part begins at `starts[n]` and has the key `keys[n]`."""

    starts: tuple[datetime, ...]
    keys: tuple[Any, ...]


def first_day(by: By, day: date) -> date:
    """The first day of the week or month that holds a day."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    if by == "us_week":
        return day - timedelta(days=day.isoweekday() % 7)
    return day.replace(day=1) if by == "month" else day


def last_day(by: By, first: date) -> date:
    """The last day of a week or month that begins on `first`."""
    if by in ("week", "us_week"):
        return first + timedelta(days=6)
    if by == "month":
        return first_day("month", first + timedelta(days=31)) - DAY
    return first


def of_day(by: By, day: date) -> Any:
    """The key of a day: the first day of its week or month, or the number of its weekday from
    Monday, 1, on."""
    return day.isoweekday() if by == "weekday" else first_day(by, day)


def keys_of_days(by: By, first: date, last: date) -> list[Any]:
    """The keys of the days from `first` to `last`."""
    return [of_day(by, day) for day in days(first, last)]


@lru_cache(maxsize=64)
def cuts(by: By, first: date, last: date, calendar: Calendar, together: bool = False) -> Cuts:
    """The site days from `first` to `last` cut where the key changes.

    An hour and a half hour are of the site's clock. Where that is put forward or back within one
    they end there, so that the hour that comes twice is two; each begins at its first quarter hour
    that there is. Of several zones `together` they are of UTC, whatever part of them lies in the
    site's days: by the clocks of India and Britain no hour of one is an hour of the other.
    """
    if by in OF_DAYS:
        return Cuts(tuple(day_starts(first, last, calendar)), tuple(keys_of_days(by, first, last)))
    of_utc = together and by in MOMENTS
    starts, keys = [], []
    before = None
    for start, here in _clocked(by, first, last, UTC_DAYS.zone if of_utc else None, calendar):
        if here != before:
            starts.append(start)
            keys.append(here[0] if by == "clock" else _began(by, start) if of_utc else start)
        before = here
    return Cuts(tuple(starts), tuple(keys))


def _began(by: By, start: datetime) -> datetime:
    """When the hour or part of it of UTC began that a quarter hour lies in."""
    return start - timedelta(minutes=start.minute % _MINUTES[by])


def units(
    by: By, first: date, last: date, calendar: Calendar, until: datetime, together: bool = False
) -> list[Any]:
    """The keys of all stretches of time of the site days from `first` to `last` that had begun
    at `until`."""
    made = cuts(by, first, last, calendar, together)
    begun = (key for key, start in zip(made.keys, made.starts, strict=True) if start <= until)
    return list(dict.fromkeys(begun))


def quarters(by: By, key: datetime) -> list[datetime]:
    """The quarter hours of an hour of UTC, or of a part of it."""
    return [key + number * QUARTER for number in range(_MINUTES[by] // 15)]


def _clocked(
    by: By, first: date, last: date, zone: ZoneInfo | None, calendar: Calendar
) -> Iterator[tuple[datetime, Any]]:
    """Each quarter hour, and what tells the stretch that it is in from the one before, by the
    clock of the zone, else of the site."""
    for start in walk(site_days(first, last, calendar)):
        local = start.astimezone(zone or calendar.zone)
        if by == "clock":
            yield start, (local.hour,)
        else:
            part = local.minute // _MINUTES[by]
            yield start, (local.date(), local.hour, part, local.utcoffset())


def word(by: By, key: Any, tz: ZoneInfo, names: Mapping[int, str]) -> tuple[str, str]:
    """A key as machines take it, and as people read it. `names` are those of ids.

    Raises KeyError for an id without a name.
    """
    if by in MOMENTS:
        return key.astimezone(tz).isoformat(), moment_words(key, tz)
    if by == "clock":
        return f"{key:02}:00", f"{key:02}:00"
    if by == "weekday":
        return str(key), str(WEEKDAYS[key - 1])
    if by == "week":
        year, week, _day = key.isocalendar()
        return (f"{year}-W{week:02}",) * 2
    if by == "us_week":
        return key.isoformat(), _("week of %(day)s") % {"day": date_format(key, "j M Y")}
    if by == "month":
        return f"{key:%Y-%m}", date_format(key, "F Y")
    if by == "day":
        return (key.isoformat(),) * 2
    if by in OF_IDS:
        said = names[key] if key is not None else str(_NONE[by])
        return said, said
    if by == "channel":
        return key, str(Channel(key).label)
    if by == "direction":
        return key, str(Direction(key).label)
    return "", _("Total")


def moment_words(moment: datetime, tz: ZoneInfo, form: str = "j M Y H:i") -> str:
    """A moment as a clock of the zone shows it, in one of Django's formats of dates: where it shows
    that twice, as clocks are put back, with the offset's name; so too a moment of UTC."""
    local = moment.astimezone(tz)
    shown = date_format(local, form)
    named = comes_twice(local) or tz.key == "UTC"
    return f"{shown} {offset_words(local)}" if named else shown


def written(by: By, key: Any) -> str:
    """A key as an address names it; `read` reads it again."""
    if key is None:
        return ""
    return key.isoformat() if by in MOMENTS else str(key)


def read(by: By, words: str) -> Any:
    """The key that an address names. Raises ValueError for words that are none of this
    dimension, and for a dimension that an address does not name."""
    if by in MOMENTS:
        moment = datetime.fromisoformat(words)
        if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError(f"not a moment: {words!r}")
        return moment.astimezone(UTC)
    among: Mapping[By, Sequence[Any]] = {
        "clock": range(24),
        "weekday": range(1, 8),
        "channel": Channel.values,
        "direction": Direction.values,
    }
    if by in among:
        for key in among[by]:
            if str(key) == words:
                return key
    elif by in OF_IDS and by != "site":
        if not words:
            return None
        if words.isascii() and words.isdigit() and len(words) <= 18:
            return int(words)
    raise ValueError(f"not a key by {by}: {words!r}")


def machine_name(by: By) -> str:
    """Under which name a key stands among others: moments are starts."""
    return "start" if by in MOMENTS else by


def place(by: By, key: Any, name: str, in_order: Any) -> Any:
    """What to sort rows by: time by time, the rest by name, what is of none last."""
    if by in OF_IDS:
        return (key is None, in_order(name), key or 0)
    return key
