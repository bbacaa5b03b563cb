"""What happened: who is in the group, which shifts were given to whom, what was asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scheduling.shifts import Problem, Shape


class Burden(StrEnum):
    """What makes a shift a burden. One shift may be several: a night of a holiday is two."""

    WEEKEND = "weekend"
    NIGHT = "night"
    LATE = "late"
    SPLIT = "split"
    HOLIDAY = "holiday"


def burdens_of(problem: Problem, day: int, shape: Shape) -> frozenset[Burden]:
    """What of a burden a shape is on a day of a problem. It belongs to the day it begins on."""
    on = problem.days[day]
    found = {
        Burden.WEEKEND: on.is_weekend,
        Burden.NIGHT: problem.is_night(shape),
        Burden.LATE: problem.is_late(shape),
        Burden.SPLIT: shape.is_split,
        Burden.HOLIDAY: on.is_holiday,
    }
    return frozenset(burden for burden, holds in found.items() if holds)


@dataclass(frozen=True, slots=True)
class Given:
    """A shift that somebody was given. `day` is the site's day that it begins on.

    `skills` are what was asked for while it is, each of which was enough for it, and `template`
    which kind of shift it was; empty: any. `wished`: the person had asked for it, or taken it of
    their own accord.
    """

    person: str
    day: date
    start: datetime
    end: datetime
    burdens: frozenset[Burden]
    skills: frozenset[str] = frozenset()
    template: str = ""
    wished: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the group that shares the work.

    `share` is the contracted share of full time, above 0, and `shares` are later ones, each with
    the day from which it holds. `skills` and `templates` are what they may be given (`templates`
    None: all); `cannot` are burdens they are kept from: no nights, on medical advice. `since` and
    `until` are the first and the last day of employment (None: always), with `gaps` of days
    [from, to) between two contracts. `closed` are the times
    [from, to) at which they were not there to be given anything: leave, sickness, what they had
    said they cannot.
    """

    id: str
    share: float = 1.0
    shares: tuple[tuple[date, float], ...] = ()
    skills: frozenset[str] = frozenset()
    templates: frozenset[str] | None = None
    cannot: frozenset[Burden] = frozenset()
    since: date | None = None
    until: date | None = None
    gaps: tuple[tuple[date, date], ...] = ()
    closed: tuple[tuple[datetime, datetime], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where a share is not above 0."""
        for share in (self.share, *(later for _day, later in self.shares)):
            if not share > 0:
                raise ValueError(f"{self.id}: a contracted share is above 0, not {share}")

    def share_on(self, day: date) -> float:
        begun = [(since, share) for since, share in self.shares if since <= day]
        return max(begun)[1] if begun else self.share

    def may(self, shift: Given) -> bool:
        """Whether they take something that was asked for while a shift is, and it is among what
        they may be given."""
        return (
            (not shift.skills or bool(shift.skills & self.skills))
            and (not shift.template or self.templates is None or shift.template in self.templates)
            and not shift.burdens & self.cannot
        )

    def is_employed(self, day: date) -> bool:
        return (
            (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
            and not any(since <= day < to for since, to in self.gaps)
        )

    def is_free(self, shift: Given) -> bool:
        """Whether nothing closed lies within a shift."""
        return all(to <= shift.start or shift.end <= since for since, to in self.closed)


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, and what became of it: `rule` is what refused it, empty where it was granted."""

    person: str
    day: date
    rule: str = ""
