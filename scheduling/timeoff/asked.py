"""What people ask for, and what a site's rules of leave are."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from scheduling.timeoff.balance import Use


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day of a request: `minutes` off, of the `of_minutes` that the person would work on it (both
    0: they would not). `part` is [from, to) in minutes of that day's clock; none: the whole day.

    Raises ValueError for more minutes than they would work.
    """

    day: date
    minutes: int
    of_minutes: int
    part: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.minutes <= self.of_minutes:
            raise ValueError(f"{self.minutes} minutes off of {self.of_minutes} on {self.day}")
        if self.part is not None and self.part[0] >= self.part[1]:
            raise ValueError(f"a part of {self.day} ends before it begins")

    def meets(self, other: "DayOff") -> bool:
        """Whether both are off at one moment, going by their clocks."""
        if self.day != other.day:
            return False
        if self.part is None or other.part is None:
            return True
        return self.part[0] < other.part[1] and other.part[0] < self.part[1]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for, once: days of one kind of leave. `asked_on` is the site's day of
    `asked_at`. Raises ValueError without a day, and for days out of order or twice."""

    id: str
    person: str
    kind: str
    asked_at: datetime
    asked_on: date
    days: tuple[DayOff, ...]

    def __post_init__(self) -> None:
        on = [one.day for one in self.days]
        if not on or on != sorted(set(on)):
            raise ValueError(f"the days of request {self.id} are none, out of order or twice")

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def uses(self) -> tuple[Use, ...]:
        return tuple(Use(one.day, one.minutes) for one in self.days if one.minutes)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away already on these days, both included; no last one: it is not known yet."""

    first: date
    last: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may ask: since when they are here, the groups whose allowances they take from,
    where they are away already, and the minutes of leave that they asked for before and were
    granted, from which they go on where the order is by fairness."""

    id: str
    here_since: date
    groups: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    asked_minutes: int = 0
    granted_minutes: int = 0

    @property
    def ratio(self) -> Fraction | None:
        """Granted / asked; None: they have asked for nothing yet."""
        if not self.asked_minutes:
            return None
        return Fraction(self.granted_minutes, self.asked_minutes)


class Order(StrEnum):
    """Who goes first where not all can: who asked first; who has been here longest; or who was
    granted the smallest share of what they asked for, where who never asked stands at the median.
    Who is equal goes by when they asked, then by the request's id."""

    FIRST_COME = "first_come"
    SENIORITY = "seniority"
    FAIRNESS = "fairness"


@dataclass(frozen=True, slots=True)
class Policy:
    """A site's rules of one kind of leave.

    `notice_days` are those from asking to the first day off; on `closed` days nobody is off who
    would work; `longest_run` are consecutive days away, by the calendar (None: any number). Where
    no room is left a request waits if there is a `waitlist`, and is refused if not. What is not
    `under_allowance`, as leave that the law grants whatever the day, neither asks for room nor
    takes any.
    """

    notice_days: int = 0
    closed: frozenset[date] = field(default_factory=frozenset)
    longest_run: int | None = None
    waitlist: bool = True
    under_allowance: bool = True
