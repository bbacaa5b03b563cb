"""Both answers compared and the books checked, a stretch of a site's days in one snapshot."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ccm.intervals import DAY
from ccm.models import DirtyDay, Site
from kpis.second import books, compare, paths
from kpis.second.books import Line
from kpis.second.compare import Difference
from kpis.second.paths import Stretch

# So many days are laid out at a time: it bounds what is held.
LONGEST = timedelta(days=7)


@dataclass
class Outcome:
    """What a check found. `counting` are days that are being counted, of which nothing is said;
    the books by name as lines checked and lines that do not balance."""

    days: int = 0
    cells: int = 0
    counting: set[date] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    """The lines that do not balance."""
    checked: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: "Outcome") -> "Outcome":
        self.days += other.days
        self.cells += other.cells
        self.counting |= other.counting
        self.differences += other.differences
        self.lines += other.lines
        self.checked += other.checked
        return self

    @property
    def wrong(self) -> int:
        return len(self.differences) + len(self.lines)


@contextmanager
def snapshot() -> Iterator[CursorWrapper]:
    """One view of the database, whatever is written meanwhile; within a transaction, its own."""
    alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if alone:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield cursor


def check(cursor: CursorWrapper, stretch: Stretch, days: Collection[date]) -> Outcome:
    """Every cell of the days, and their books. Within a `snapshot`.

    A day with a mark is being counted. So is one that differs beside a day with a mark: a contact
    may go on over midnight.
    """
    dirty = set(DirtyDay.objects.filter(site=stretch.site).values_list("day", flat=True))
    near = dirty | {day - DAY for day in dirty} | {day + DAY for day in dirty}
    outcome = Outcome(counting={day for day in days if day in dirty})
    paths.lay_out(cursor, stretch)
    second = paths.second(cursor, stretch)
    for day in days:
        if day in dirty:
            continue
        shown, again = paths.shown(stretch.site, day), second.get(day, {})
        differing = sorted(
            compare.differences(shown, again),
            key=lambda one: (one.place.kpi, one.place.queue or 0, one.place.agent or 0),
        )
        if differing and day in near:
            outcome.counting.add(day)
            continue
        outcome.days += 1
        outcome.cells += len(shown.keys() | again.keys())
        outcome.differences += differing
    checked = (one for one in books.of_days(cursor, stretch) if one.day not in outcome.counting)
    _book(outcome, checked, near)
    paths.clear(cursor)
    return outcome


def check_record(cursor: CursorWrapper, site: Site) -> Outcome:
    """The books of a site's whole record. Within a `snapshot`."""
    outcome = Outcome()
    _book(outcome, books.of_record(cursor, site), ())
    return outcome


def _book(outcome: Outcome, lines: Iterable[Line], near: Collection[date]) -> None:
    for line in lines:
        if line.balances:
            outcome.checked[line.book] += 1
        elif line.day is not None and line.day in near:
            outcome.counting.add(line.day)
        else:
            outcome.checked[line.book] += 1
            outcome.lines.append(line)
