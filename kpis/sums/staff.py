"""Who was employed, and what of the time that was paid for was worked: sums beside the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from kpis.sums.histogram import Histogram

EARLY_DAYS = 90


@dataclass(frozen=True, slots=True)
class People:
    """Who came and who left from a day on: opening + hired - left = closing."""

    first: date
    days: int
    opening: int = 0
    """Employed on the day before the first."""
    hired: int = 0
    left: int = 0
    """Were there no longer from a day of the span on."""
    left_early: int = 0
    """Of those that left: within `EARLY_DAYS` of being hired."""
    left_voluntarily: int = 0
    """Of those that left: of their own will."""
    left_untold: int = 0
    """Of those that left: nobody knows why."""
    undated: int = 0
    """Nobody knows since when they are there, so they are in none of the counts."""
    unrecorded: int = 0
    """Days that were asked for, too, of which nobody knows who left; none of the `days`."""

    @property
    def closing(self) -> int:
        """Employed on the last day."""
        return self.opening + self.hired - self.left

    @classmethod
    def sum(cls, many: Iterable[People]) -> People:
        """The span of spans that follow each other: the first opens it."""
        spans = sorted(many, key=lambda span: span.first)
        return cls(
            first=spans[0].first,
            days=sum(span.days for span in spans),
            opening=spans[0].opening,
            hired=sum(span.hired for span in spans),
            left=sum(span.left for span in spans),
            left_early=sum(span.left_early for span in spans),
            left_voluntarily=sum(span.left_voluntarily for span in spans),
            left_untold=sum(span.left_untold for span in spans),
            undated=max(span.undated for span in spans),
            unrecorded=sum(span.unrecorded for span in spans),
        )


@dataclass(frozen=True, slots=True)
class Ramp:
    """In how many days those hired came to work as the tenured of their team do."""

    reached: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    """Days until they left, who never did."""
    open: tuple[int, ...] = ()
    """Days that are known of those who do not yet."""
    untold: int = 0
    """Hired before the record begins, or of whom no week can be compared: they or too few of their
    team had calls."""

    @property
    def hired(self) -> int:
        """Who of them can be told of."""
        return len(self.reached) + len(self.left) + len(self.open)

    @classmethod
    def sum(cls, many: Iterable[Ramp]) -> Ramp:
        rows = list(many)
        return cls(
            reached=tuple(days for row in rows for days in row.reached),
            left=tuple(days for row in rows for days in row.left),
            open=tuple(days for row in rows for days in row.open),
            untold=sum(row.untold for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Paid:
    """Paid time of agents' days, and what of it states tell to have been worked; ms. Days of which
    either is not known are in none of the sums."""

    paid_ms: int = 0
    handling_ms: int = 0
    ringing_ms: int = 0
    ready_ms: int = 0
    logged_in_ms: int = 0
    absent_ms: int = 0
    """Paid, and not logged in."""
    off_queue_ms: int = 0
    """Paid and logged in, and neither handling, ringing nor ready."""
    paid_in_all_ms: int = 0
    """Paid, whether or not states tell what was worked of it."""
    paused: Mapping[str, int] = field(default_factory=dict)
    """By the reason that was told, paid or not."""
    days: int = 0
    """Days of agents."""
    untold_days: int = 0
    """Paid days of agents with calls and without states, or on which nobody's states are known."""
    unpaid_days: int = 0
    """Days of agents with states or calls of which nobody tells what was paid."""

    @classmethod
    def sum(cls, many: Iterable[Paid]) -> Paid:
        rows = list(many)
        paused: dict[str, int] = {}
        for row in rows:
            for reason, ms in row.paused.items():
                paused[reason] = paused.get(reason, 0) + ms
        plain = [one.name for one in fields(cls) if one.name != "paused"]
        return cls(
            paused=paused, **{name: sum(getattr(row, name) for row in rows) for name in plain}
        )


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answered. Does not add up: the same agent may have answered in several parts."""

    agents: int = 0
    """Distinct agents."""
    answered: int = 0
    """Visits they answered; a source may not say who answered the rest."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done on some days of agents."""

    answered: int = 0
    """Inbound visits."""
    dials: int = 0
    reached: int = 0
    """Calls out that were answered."""
    talks: Histogram = field(default_factory=Histogram)
    """How long these were talked, where that is known."""

    @classmethod
    def sum(cls, many: Iterable[Done]) -> Done:
        rows = list(many)
        return cls(
            answered=sum(row.answered for row in rows),
            dials=sum(row.dials for row in rows),
            reached=sum(row.reached for row in rows),
            talks=Histogram.sum(row.talks for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Worked:
    """What agents did, and the hours of the days of agents it is held against."""

    logged_in_ms: int = 0
    paid_ms: int = 0
    stated: Done = Done()
    """On days of agents with states."""
    untold: Done = Done()
    """On those without."""
    paid: Done = Done()
    """On days of agents of which it is told what was paid."""
    unpaid: Done = Done()
    """On those of which nobody tells it."""
    nobodys: Done = Done()
    """Whose agent the source does not tell; their talk is not looked at."""

    @classmethod
    def sum(cls, many: Iterable[Worked]) -> Worked:
        rows = list(many)
        return cls(
            logged_in_ms=sum(row.logged_in_ms for row in rows),
            paid_ms=sum(row.paid_ms for row in rows),
            stated=Done.sum(row.stated for row in rows),
            untold=Done.sum(row.untold for row in rows),
            paid=Done.sum(row.paid for row in rows),
            unpaid=Done.sum(row.unpaid for row in rows),
            nobodys=Done.sum(row.nobodys for row in rows),
        )
