"""What the pages of proofs show: rows of what is kept, in figures that a page can write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from ccm.intervals import day_of
from ccm.models import Queue, Site
from scheduling.models import QueueProof

# A model that misses a day's service level by no more than that is near; by more than that far off.
NEAR, FAR = 0.05, 0.10
# Where more of a queue's people's time was shared, formulas of one queue are told with a warning.
MUCH_SHARED = 0.2
# A proof is made each night, of days up to the day before.
_OLD = timedelta(days=3)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Figure:
    """As it was, as a model says, and between what the error lies with 95 % (None: not known)."""

    name: str
    """level, asa or abandonment."""
    actual: float
    predicted: float
    low: float | None
    high: float | None

    @property
    def unit(self) -> str:
        return "seconds" if self.name == "asa" else "fraction"

    @property
    def unit_of_error(self) -> str:
        return "seconds" if self.name == "asa" else "points"

    @property
    def error(self) -> float:
        return self.predicted - self.actual

    @property
    def is_off(self) -> bool:
        """Whether it is wrong by more than luck."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Held:
    """A model, as it did. `trust` is near, off or far."""

    model: str
    days: int
    intervals: int
    level: Figure | None
    asa: Figure | None
    abandonment: Figure | None
    missed_by: float

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        figures = {
            name: None if kept[name] is None else Figure(name, *kept[name])
            for name in ("level", "asa", "abandonment")
        }
        return cls(
            kept["model"], kept["days"], kept["intervals"], **figures, missed_by=kept["missed_by"]
        )

    @property
    def figures(self) -> list[Figure]:
        return [one for one in (self.level, self.asa, self.abandonment) if one is not None]

    @property
    def trust(self) -> str:
        if self.missed_by <= NEAR:
            return "near"
        return "off" if self.missed_by <= FAR else "far"

    @property
    def is_formula(self) -> bool:
        """Whether it knows one queue alone."""
        return self.model.startswith("Erlang")


@dataclass(frozen=True, slots=True)
class Line:
    """A queue on the list; no proof: none was made yet."""

    queue: Queue
    proof: QueueProof | None

    @property
    def held(self) -> list[Held]:
        return held_of(self.proof)

    @property
    def best(self) -> Held | None:
        return next(iter(self.held), None)

    @property
    def is_shared(self) -> bool:
        return is_shared(self.proof)


def lines(sites: Sequence[Site]) -> list[Line]:
    """Every queue of some sites, by name. One query."""
    queues = (
        Queue.objects.filter(site__in=sites)
        .select_related("site", "proof")
        .defer("proof__by_day", "proof__patience", "proof__handling")
        .order_by("site__name", "name")
    )
    return [Line(one, proof_of(one)) for one in queues]


def proof_of(queue: Queue) -> QueueProof | None:
    """Of a queue that was read with its proof."""
    found: QueueProof | None = getattr(queue, "proof", None)
    return found


def held_of(proof: QueueProof | None) -> list[Held]:
    """The nearest first."""
    return [] if proof is None else [Held.of(one) for one in proof.held]


def is_shared(proof: QueueProof | None) -> bool:
    return proof is not None and (proof.shared or 0) > MUCH_SHARED


def is_old(proof: QueueProof | None, site: Site, now: datetime) -> bool:
    """Whether days have passed since that were not held against anything."""
    if proof is None or proof.last is None:
        return False
    return proof.last < day_of(now, site.calendar) - _OLD


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    calls: int
    hours: float | None
    """Of people who were there; None: not known."""
    was: float | None
    said: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class There:
    """Hours of people who were there in the last week that is known, up to this day."""

    last: date
    hours: float


def last_week(proof: QueueProof | None) -> There | None:
    """None: it is not known of every day with calls who was there."""
    if proof is None or proof.last is None:
        return None
    week = [one for one in days_of(proof) if proof.last - _WEEK < one.day <= proof.last]
    known = [one.hours for one in week if one.hours is not None]
    return There(proof.last, sum(known)) if known and len(known) == len(week) else None


def days_of(proof: QueueProof) -> list[Day]:
    return [
        Day(date.fromisoformat(one["day"]), one["calls"], one["hours"], one["was"], one["said"])
        for one in proof.by_day
    ]
