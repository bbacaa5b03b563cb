"""What days of leave take of somebody: what they would work on them."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from scheduling.timeoff.asked import DayOff

_WEEK = 7


def week_by_contract(week_minutes: int, weekdays: Collection[int]) -> tuple[int, ...]:
    """What somebody works from Monday to Sunday by contract: equally long days, where minutes that
    do not divide go to the first ones, a minute each. 0 is Monday.

    Raises ValueError for minutes below 0, a weekday that is none, and minutes without a weekday.
    """
    days = sorted({*weekdays})
    if week_minutes < 0 or any(not 0 <= day < _WEEK for day in days):
        raise ValueError("a week has minutes of 0 or more, and weekdays from 0 to 6")
    if not days:
        if week_minutes:
            raise ValueError("minutes of no weekday")
        return (0,) * _WEEK
    each, over = divmod(week_minutes, len(days))
    minutes = {day: each + (n < over) for n, day in enumerate(days)}
    return tuple(minutes.get(day, 0) for day in range(_WEEK))


def days_asked(
    first: date,
    last: date,
    week: tuple[int, ...],
    *,
    rostered: Mapping[date, int] | None = None,
    holidays: Collection[date] = (),
    part: tuple[int, int] | None = None,
) -> tuple[DayOff, ...]:
    """The days of a request from first to last, both included, and what each takes.

    A day of the roster takes what is worked on it (`rostered`; 0 is a day off, holiday or not), any
    other what the contract's `week` says, from Monday to Sunday, and a holiday nothing. A `part` of
    a day, [from, to) in minutes of its clock, takes as long as it is, and no more than the day.

    Raises ValueError where the last day is before the first, for a part of several days, and for a
    week that has not seven.
    """
    if last < first or len(week) != _WEEK:
        raise ValueError("a request goes from its first to its last day, by a week of seven")
    if part is not None and first != last:
        raise ValueError("a part is of one day")
    known = rostered or {}
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        works = known.get(day, 0 if day in holidays else week[day.weekday()])
        off = works if part is None else min(part[1] - part[0], works)
        found.append(DayOff(day, off, works, part))
    return tuple(found)
