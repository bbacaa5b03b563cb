"""Which days stand beside those that a report is of. Pure.

A whole month, or several, stands beside as many whole months before; this week and this month
beside the same part of the one before; any other days beside as many just before them. Or beside
days so many whole weeks earlier that each is of the same weekday.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ccm import periods
from ccm.intervals import DAY, days
from kpis.dimensions import last_day


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days from `first` to `last`, each with the day of the report that it stands beside; a
    month may have more days than the one it stands beside."""

    first: date
    last: date
    beside: Mapping[date, date]


def same(first: date, last: date) -> Stretch:
    """The days themselves."""
    return earlier(first, last, timedelta())


def earlier(first: date, last: date, by: timedelta) -> Stretch:
    """As many days, so much earlier."""
    return Stretch(first - by, last - by, {day - by: day for day in days(first, last)})


def before(how: str, period: str, first: date, last: date) -> Stretch:
    """The days that those from `first` to `last` are compared with: the "previous", or the same
    "weekdays". What is named by its dates alone is of the period `custom`."""
    length = (last - first).days + 1
    if how == "weekdays" or period == "week":
        return earlier(first, last, timedelta(weeks=-(-length // 7)))
    if period == "month":
        return _months_before(first, last, 1, whole=False)
    months = _whole_months(first, last) if period in ("last_month", periods.CUSTOM) else 0
    if months:
        return _months_before(first, last, months, whole=True)
    return earlier(first, last, timedelta(days=length))


def _whole_months(first: date, last: date) -> int:
    """How many calendar months the days are; 0 where they are not just months."""
    if first.day != 1 or (last + DAY).day != 1:
        return 0
    return _number(last) - _number(first) + 1


def _months_before(first: date, last: date, months: int, whole: bool) -> Stretch:
    beside = {}
    for day in days(first, last):
        # Not each month has a day of that number.
        begun = _month(_number(day) - months)
        then = begun + (day.day - 1) * DAY
        if then <= last_day("month", begun):
            beside[then] = day
    end = last_day("month", _month(_number(last) - months)) if whole else max(beside)
    return Stretch(_month(_number(first) - months), end, beside)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
