"""What somebody is entitled to of one kind of leave, and on which days it comes to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import floor

_MONTHS = 12
_SAFE_DAY = 28
_DAY = timedelta(1)


class Accrual(StrEnum):
    """How a leave year's entitlement comes: in one, a twelfth of it for each month of the leave
    year, or for each pay period its days' share of the leave year."""

    AT_ONCE = "at_once"
    MONTHLY = "monthly"
    PAY_PERIOD = "pay_period"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a kind of leave gives, and how.

    `year_minutes` are for a whole leave year of full time. The leave year begins on the day
    `year_begins` (month, day); its months begin on that day of theirs, so it is 28 at the latest.
    What a period earns is there from its first day on which somebody is employed, or, `in_arrears`,
    from the day after its last one. Pay periods are `pay_period_days` long, one of them begins on
    `pay_periods_from`, and what the leave year's end cuts is two.

    Of what is left at the end of a leave year `carries` minutes at most go on to the next (None:
    all), and can be taken up to the day `carried_until` (month, day) of it (None: to its end, and
    what is left then carries again). `overdraws`: as far below nothing a balance may go.

    Raises ValueError for a day that is none, or not of every year, and for what is below 0.
    """

    year_minutes: int
    accrual: Accrual = Accrual.AT_ONCE
    in_arrears: bool = False
    year_begins: tuple[int, int] = (1, 1)
    pay_period_days: int = 14
    pay_periods_from: date = date(2024, 1, 1)
    carries: int | None = 0
    carried_until: tuple[int, int] | None = None
    overdraws: int = 0

    def __post_init__(self) -> None:
        if min(self.year_minutes, self.carries or 0, self.overdraws) < 0:
            raise ValueError("minutes of leave are not below 0")
        if self.pay_period_days < 1:
            raise ValueError("a pay period has a day at least")
        for month, day in (self.year_begins, self.carried_until or (1, 1)):
            date(2023, month, day)  # of a year without a 29 February
        if self.year_begins[1] > _SAFE_DAY:
            raise ValueError("a leave year begins on a day that every month has")


@dataclass(frozen=True, slots=True)
class Spell:
    """Somebody's days with one contracted share of full time, both included; no last day: it is
    not known yet. Who is hired, leaves or changes hours has spells that say so."""

    first: date
    last: date | None = None
    share: Fraction = Fraction(1)

    def within(self, first: date, end: date) -> tuple[date, date] | None:
        """Its days of [first, end), as [first, end); None: it has none."""
        begins = max(self.first, first)
        ends = end if self.last is None else min(self.last + _DAY, end)
        return (begins, ends) if begins < ends else None


@dataclass(frozen=True, slots=True)
class Credit:
    """Minutes that come to somebody on a day."""

    day: date
    minutes: int


def checked(spells: Sequence[Spell]) -> tuple[Spell, ...]:
    """Spells by their days. Raises ValueError where two hold on one day, one ends before it begins,
    or a share is below 0."""
    ordered = tuple(sorted(spells, key=lambda one: one.first))
    for one in ordered:
        if one.share < 0 or (one.last is not None and one.last < one.first):
            raise ValueError("a spell has a first and a last day, and a share of 0 or more")
    for one, after in pairwise(ordered):
        if one.last is None or one.last >= after.first:
            raise ValueError(f"two spells hold on {after.first}")
    return ordered


def year_of(terms: Terms, day: date) -> date:
    """The first day of the leave year that a day is of."""
    begins = date(day.year, *terms.year_begins)
    return begins if begins <= day else date(day.year - 1, *terms.year_begins)


def next_year(start: date) -> date:
    """The first day of the leave year after the one that begins so."""
    return start.replace(year=start.year + 1)


def earned(terms: Terms, spells: Sequence[Spell], first: date, end: date) -> Fraction:
    """The exact minutes that the days [first, end) of one leave year earn.

    A day of a month earns that part of a twelfth where leave accrues by months, and its part of
    the leave year elsewhere; as much of it as its spell's share.
    """
    total = Fraction(0)
    for begins, ends, of_year in _measures(terms, first):
        held = sum(
            (_days(spell, max(begins, first), min(ends, end)) for spell in spells), Fraction(0)
        )
        total += terms.year_minutes * of_year * held / (ends - begins).days
    return total


def credits(terms: Terms, spells: Sequence[Spell], start: date) -> tuple[Credit, ...]:
    """What the leave year beginning on `start` brings, credit by credit, in the order of days.

    Each credit is what has been earned up to its period's end, rounded to the minute (half up),
    less all that came before: so credits add up to what the year earns, rounded once, by whatever
    periods they come.
    """
    return _credits(terms, tuple(spells), start)


@lru_cache(maxsize=4096)
def _credits(terms: Terms, spells: tuple[Spell, ...], start: date) -> tuple[Credit, ...]:
    found, exact, given = [], Fraction(0), 0
    for begins, ends in _periods(terms, start):
        parts = [part for spell in spells if (part := spell.within(begins, ends))]
        if not parts:
            continue
        exact += earned(terms, spells, begins, ends)
        minutes = floor(exact + Fraction(1, 2)) - given
        day = max(end for _, end in parts) if terms.in_arrears else min(parts)[0]
        if minutes:
            found.append(Credit(day, minutes))
        given += minutes
    return tuple(found)


def _days(spell: Spell, first: date, end: date) -> Fraction:
    part = spell.within(first, end) if first < end else None
    return spell.share * (part[1] - part[0]).days if part else Fraction(0)


def _measures(terms: Terms, day: date) -> Iterator[tuple[date, date, Fraction]]:
    """What a leave year's days are parts of: [begin, end), and that one's part of the year."""
    start = year_of(terms, day)
    if terms.accrual is Accrual.MONTHLY:
        for begins, ends in _months(start):
            yield begins, ends, Fraction(1, _MONTHS)
    else:
        yield start, next_year(start), Fraction(1)


def _periods(terms: Terms, start: date) -> Iterator[tuple[date, date]]:
    """A leave year's periods, as [begin, end)."""
    if terms.accrual is Accrual.AT_ONCE:
        yield start, next_year(start)
    elif terms.accrual is Accrual.MONTHLY:
        yield from _months(start)
    else:
        end = next_year(start)
        while start < end:
            into = (start - terms.pay_periods_from).days % terms.pay_period_days
            then = min(start + timedelta(terms.pay_period_days - into), end)
            yield start, then
            start = then


def _months(start: date) -> Iterator[tuple[date, date]]:
    for _ in range(_MONTHS):
        months = start.month % _MONTHS
        then = date(start.year + (months == 0), months + 1, start.day)
        yield start, then
        start = then
