"""What somebody has left of one kind of leave, as a book of entries: a balance is their sum."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from scheduling.timeoff.accrual import Spell, Terms, checked, credits, next_year, year_of


@dataclass(frozen=True, slots=True)
class Use:
    """Minutes of leave on a day, taken or granted for later."""

    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What was left when a day began, where the book begins with it; `carried` minutes of it had
    come from the leave year before, and lapse as such."""

    day: date
    minutes: int
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """All that somebody's balance of one kind of leave is made of. Spells and uses may be in any
    order. With an opening, what was before its day says nothing."""

    terms: Terms
    spells: tuple[Spell, ...] = ()
    uses: tuple[Use, ...] = ()
    opening: Opening | None = None

    def using(self, more: Iterable[Use]) -> "Account":
        """The same with more uses."""
        return replace(self, uses=(*self.uses, *more))


class Posting(StrEnum):
    """Why minutes come or go. Before: what the leave year before left, with which the list of a
    leave year begins. Forfeited: more than a leave year hands on. Lapsed: handed on, and not taken
    in time."""

    BEFORE = "before"
    OPENING = "opening"
    ACCRUED = "accrued"
    USED = "used"
    FORFEITED = "forfeited"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Entry:
    """Minutes that come on a day, or (below 0) go."""

    day: date
    why: Posting
    minutes: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What somebody has of a leave year on a day of it, all in minutes and up to that day's end:

    left = brought + accrued - lapsed - taken - planned

    `brought` came from the leave year before (below 0: a debt), or with the opening; `taken` is up
    to today, and `planned` after it.
    """

    on: date
    brought: int
    accrued: int
    lapsed: int
    taken: int
    planned: int

    @property
    def left(self) -> int:
        return self.brought + self.accrued - self.lapsed - self.taken - self.planned


@dataclass(frozen=True, slots=True)
class Shortage:
    """The first day on which a balance would be short, and by how many minutes."""

    day: date
    minutes: int


def entries(account: Account, until: date) -> tuple[Entry, ...]:
    """The book up to a day, that day included, in the order in which it was written.

    What has been carried is taken first, as long as it can be. On the first day of a leave year
    comes what the one before still credits, then what it forfeits, then the new year's. A debt is
    carried whole. Raises ValueError as `accrual.checked` does, and for a use below 0.
    """
    if any(use.minutes < 0 for use in account.uses):
        raise ValueError("a use of leave is not below 0 minutes")
    return tuple(one for one in _written(account, until) if one.day <= until)


def of_year(account: Account, on: date) -> tuple[Entry, ...]:
    """The entries of the leave year of a day, that day included, which add up to what is left when
    it ends: where the year before left anything, or a debt, that comes first."""
    start = year_of(account.terms, on)
    book = entries(account, on)
    before = sum(one.minutes for one in book if one.day < start)
    first = (Entry(start, Posting.BEFORE, before),) if before else ()
    return (*first, *(one for one in book if one.day >= start))


def left(account: Account, on: date) -> int:
    """The minutes that are left at a day's end."""
    return sum(one.minutes for one in entries(account, on))


def balance(account: Account, on: date, today: date) -> Balance:
    """What somebody has of the leave year of a day, when that day ends."""
    book = entries(account, on)
    start = year_of(account.terms, on)
    this = [one for one in book if one.day >= start]
    before = sum(one.minutes for one in book if one.day < start)

    def of(*why: Posting) -> int:
        return sum(one.minutes for one in this if one.why in why)

    used = [one for one in this if one.why is Posting.USED]
    return Balance(
        on=on,
        brought=before + of(Posting.OPENING, Posting.FORFEITED),
        accrued=of(Posting.ACCRUED),
        lapsed=-of(Posting.LAPSED),
        taken=-sum(one.minutes for one in used if one.day <= today),
        planned=-sum(one.minutes for one in used if one.day > today),
    )


def shortage(account: Account, more: Sequence[Use]) -> Shortage | None:
    """Where more uses would leave a balance short, on their own days or on a later one for which
    leave has been granted already; None: nowhere.

    Short is below what may be overdrawn, and by these uses: a balance that is short as it is
    stands in the way of nothing that leaves it as it was.
    """
    if not any(use.minutes for use in more):
        return None
    until = max(use.day for use in (*account.uses, *more))
    then = _at_ends(entries(account.using(more), until))
    now = _at_ends(entries(account, until))
    floor, would, is_now = -account.terms.overdraws, 0, 0
    for day in sorted({*then, *now}):
        would, is_now = then.get(day, would), now.get(day, is_now)
        if would < min(floor, is_now):
            return Shortage(day, floor - would)
    return None


def _at_ends(book: Sequence[Entry]) -> dict[date, int]:
    """The balance at the end of each day that has an entry."""
    found, total = {}, 0
    for day, those in groupby(book, key=lambda one: one.day):
        total += sum(one.minutes for one in those)
        found[day] = total
    return found


def _written(account: Account, until: date) -> Iterator[Entry]:
    spells = checked(account.spells)
    opening = account.opening
    known = [*(spell.first for spell in spells), *(use.day for use in account.uses)]
    if opening is None and not known:
        return
    begins = opening.day if opening else min(known)
    start = year_of(account.terms, begins)
    # The pool that came from the year before, and this year's own, which alone may be a debt.
    carried, own = 0, 0
    while start <= until:
        for entry, of_carried in _year(account, spells, start, begins, carried):
            carried += of_carried
            own += entry.minutes - of_carried
            yield entry
        rest, start = carried + own, next_year(start)
        most = account.terms.carries
        if most is not None and rest > most:
            yield Entry(start, Posting.FORFEITED, most - rest)
            rest = most
        carried, own = max(rest, 0), min(rest, 0)


def _year(
    account: Account, spells: Sequence[Spell], start: date, begins: date, carried: int
) -> Iterator[tuple[Entry, int]]:
    """A leave year's entries, each with its part of what was carried."""
    terms, end = account.terms, next_year(start)
    events: list[tuple[date, int, Posting, int]] = [
        (one.day, 1, Posting.ACCRUED, one.minutes)
        for one in credits(terms, spells, start)
        if one.day >= begins
    ]
    events += [
        (one.day, 3, Posting.USED, -one.minutes)
        for one in account.uses
        if max(start, begins) <= one.day < end and one.minutes
    ]
    opening = account.opening
    if opening and start <= opening.day < end:
        events.append((opening.day, 0, Posting.OPENING, opening.minutes))
    if lapses := _lapses(terms, start):
        events.append((lapses, 2, Posting.LAPSED, 0))
    for day, _, why, minutes in sorted(events):
        part = 0
        if why is Posting.OPENING and opening:
            part = min(opening.carried, max(minutes, 0))
        elif why is Posting.LAPSED:
            part = minutes = -carried
        elif why is Posting.USED:
            part = -min(carried, -minutes)
        carried += part
        if minutes:
            yield Entry(day, why, minutes), part


def _lapses(terms: Terms, start: date) -> date | None:
    """The day on which what was carried into a leave year can be taken no more."""
    if terms.carried_until is None:
        return None
    last = date(start.year, *terms.carried_until)
    if last < start:
        last = last.replace(year=start.year + 1)
    return last + timedelta(1)
