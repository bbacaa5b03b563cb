"""A group's days: who is off, who waits, what may be off and what room is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from scheduling.timeoff.allowance import Measure
from scheduling.timeoff.asked import Request
from scheduling.timeoff.deciding import Book


@dataclass(frozen=True, slots=True)
class GroupDay:
    """One day of a group. Requests are by their ids, those that wait in the order in which they are
    gone through. `most`, `measure` and `room` are None where nobody has said what may be off;
    `room` is never below 0, though more may be off than is allowed by now."""

    day: date
    off: tuple[str, ...]
    waiting: tuple[str, ...]
    taken: Fraction
    most: Fraction | None
    measure: Measure | None

    @property
    def room(self) -> Fraction | None:
        return None if self.most is None else max(self.most - self.taken, Fraction(0))


def calendar(book: Book, group: str, first: date, last: date) -> tuple[GroupDay, ...]:
    """A group's days from first to last, both included."""
    used, waiting = book.used(), book.ordered()
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        said = book.allowances.get((group, day))
        found.append(
            GroupDay(
                day=day,
                off=_off(book, sorted(book.approved, key=lambda one: one.id), group, day),
                waiting=_off(book, waiting, group, day),
                taken=used.get((group, day), Fraction(0)),
                most=None if said is None else said.most,
                measure=None if said is None else said.measure,
            )
        )
    return tuple(found)


def _off(book: Book, requests: Sequence[Request], group: str, day: date) -> tuple[str, ...]:
    return tuple(
        one.id
        for one in requests
        if group in book.members[one.person].groups
        and any(off.day == day and off.minutes for off in one.days)
    )
