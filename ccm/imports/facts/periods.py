"""Months, quarters and years as people write them: the days they hold. Pure."""

import calendar
import re
import unicodedata
from datetime import date, timedelta

from ccm.imports.cells.times import MONTHS

# What stands before or behind the number of a quarter.
_QUARTERS = ("q", "t", "k", "quartal", "quarter", "trimestre", "kwartaal", "tr", "trim")
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


def period_of(text: str) -> tuple[date, date] | None:
    """The first and the last day of "2026", "Q1 2026", "2026-03", "03/2026", "März 2026".

    A first of the month written year first, as spreadsheets write a month, is that month. None for
    anything else: a day is no month, and a year of two digits leaves its century open.
    """
    parts = _parts(text)
    years = [one for one in parts if len(one) == 4 and one.isdigit()]
    if len(years) != 1 or not _FIRST_YEAR <= int(years[0]) <= _LAST_YEAR:
        return None
    year = int(years[0])
    rest = [one for one in parts if one != years[0]]
    match rest:
        case []:
            return date(year, 1, 1), date(year, 12, 31)
        case [month] if month.isdigit() and len(month) <= 2:
            return _months(year, int(month), 1)
        case [month] if month in MONTHS:
            return _months(year, MONTHS[month], 1)
        case [one, other] if quarter := _quarter(one, other):
            return _months(year, 3 * quarter - 2, 3)
        case [month, first, *clock] if (
            parts[0] == years[0]
            and month.isdigit()
            and first in ("1", "01")
            and all(one.isdigit() and not int(one) for one in clock)
        ):
            return _months(year, int(month), 1)
    return None


def _parts(text: str) -> list[str]:
    bare = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z]+|[0-9]+", bare.lower())


def _quarter(one: str, other: str) -> int:
    """The number of a quarter told by a word and a digit in either order; 0: they tell none."""
    word, digit = (one, other) if other.isdigit() else (other, one)
    return int(digit) if word in _QUARTERS and digit in ("1", "2", "3", "4") else 0


def _months(year: int, first: int, count: int) -> tuple[date, date] | None:
    """So many months of a year from one on."""
    if not 1 <= first <= 12:
        return None
    last = first + count - 1
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def is_month(first: date, last: date) -> bool:
    """Whether days from first to last are one calendar month."""
    return first.day == 1 and (last + timedelta(days=1)).day == 1 and first.month == last.month
