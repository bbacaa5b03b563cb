"""Both answers compared and the books checked, a stretch of a site's days in one snapshot."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ccm.intervals import DAY
from ccm.intervals import days as days_between
from ccm.models import DirtyDay, Site
from kpis.definitions import parse
from kpis.models import RepeatFill, RepeatMark
from kpis.second import books, compare, paths
from kpis.second.books import Line
from kpis.second.compare import Difference
from kpis.second.paths import Stretch
from kpis.second.within import AROUND
from kpis.sums.repeats import LONGEST as LONGEST_WINDOW

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
    """Every cell of the days, those of all of them together, and their books. Within a `snapshot`.

    Together means from the first day of the stretch to its last: pages sum the counts of these
    days, the second path its rows. Where one of them is being counted, or is beside one that is,
    nothing is said of all of them; what differs on a day by itself is not told again.

    A day with a mark is being counted. So is one that differs beside a day with a mark: a contact
    may go on over midnight. Who came again is counted by itself and later: where calls changed
    since then, nothing is said of what that differs in.

    The site is read again: whoever moves where its days begin marks them in the same transaction,
    so the marks tell which days are counted by the calendar that it has now, and by no other.
    """
    stretch.site.refresh_from_db()
    dirty = set(DirtyDay.objects.filter(site=stretch.site).values_list("day", flat=True))
    near = dirty | {day - DAY for day in dirty} | {day + DAY for day in dirty}
    outcome = Outcome(counting={day for day in days if day in dirty})
    later = _counted_later(stretch.site, days)
    paths.lay_out(cursor, stretch)
    answers = paths.answers(cursor, stretch)
    second = paths.by_day(cursor, stretch, answers)
    unread = set()
    for day in days:
        if day in dirty:
            continue
        try:
            of_pages = paths.shown(stretch.site, day)
        except ValueError as why:
            # What is kept contradicts itself, so no page has a figure of it.
            unread.add(day)
            _book(outcome, _contradicted(stretch.site, day, str(why)), near)
            continue
        _book(outcome, [Line("kept", 1, 1, day)], near)
        shown, again = paths.to_compare(of_pages, second.get(day, {}))
        differing = sorted(compare.differences(shown, again), key=_in_order)
        if day in later:
            differing = [one for one in differing if not _of_callers(one.place.kpi)]
        if differing and day in near:
            outcome.counting.add(day)
            continue
        outcome.days += 1
        outcome.cells += len(shown.keys() | again.keys())
        outcome.differences += differing
    if stretch.first < stretch.last and not (near | unread) & {*_days(stretch)}:
        shown, again = paths.together(cursor, stretch, answers)
        told = {_of_what(one) for one in outcome.differences}
        outcome.cells += len(shown.keys() | again.keys())
        outcome.differences += [
            one
            for one in sorted(compare.differences(shown, again), key=_in_order)
            if _of_what(one) not in told and not (later and _of_callers(one.place.kpi))
        ]
    checked = (one for one in books.of_days(cursor, stretch) if one.day not in outcome.counting)
    _book(outcome, checked, near)
    paths.clear(cursor)
    return outcome


def _contradicted(site: Site, day: date, why: str) -> list[Line]:
    """A line for each of whom the counts of a day contradict themselves, else one of the day."""
    return [
        Line("kept", 1, 0, day, queue, agent, how)
        for queue, agent, how in paths.contradicted(site, day)
    ] or [Line("kept", 1, 0, day, what=why)]


def _in_order(one: Difference) -> tuple[str, int, int, int]:
    place = one.place
    return place.kpi, place.queue or 0, place.agent or 0, place.team or 0


def _of_what(one: Difference) -> tuple[str, int | None, int | None]:
    return one.place.kpi, one.place.queue, one.place.agent


def _days(stretch: Stretch) -> Iterator[date]:
    return days_between(stretch.first, stretch.last)


def _counted_later(site: Site, days: Collection[date]) -> set[date]:
    """Days on which calls that changed may yet tell otherwise who came again."""
    marks = list(RepeatMark.objects.filter(site=site).values_list("first", "last"))
    if not marks:
        return set()
    # A record that goes on tells of more days whether their callers came again.
    filled = RepeatFill.objects.filter(site=site).first()
    told = date.min if filled is None else filled.last_whole - timedelta(days=LONGEST_WINDOW)
    return {
        day
        for day in days
        if day > told or any(first - AROUND <= day <= last + AROUND for first, last in marks)
    }


def _of_callers(name: str) -> bool:
    """Whether a KPI's variant looks for other contacts of its callers."""
    _kpi, variant = parse(name)
    return bool({*variant.needs} & {"repeats", "matters"})


def check_record(cursor: CursorWrapper, site: Site) -> Outcome:
    """The books of a site's whole record. Within a `snapshot`."""
    outcome = Outcome()
    _book(outcome, books.of_record(cursor, site), ())
    return outcome


def _book(outcome: Outcome, lines: Iterable[Line], near: Collection[date]) -> None:
    for line in lines:
        if line.balances:
            outcome.checked[line.book] += line.times
        elif line.day is not None and line.day in near:
            outcome.counting.add(line.day)
        else:
            outcome.checked[line.book] += line.times
            outcome.lines.append(line)
