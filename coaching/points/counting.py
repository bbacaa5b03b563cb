"""What points are worth and since when they count. Pure: dates and counts in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

FEWEST = 5
"""Of fewer people without a name nothing is told: one could tell each of them."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How many points one of each gives."""

    thanks: int = 0
    badge: int = 0
    challenge: int = 0
    course: int = 0


@dataclass(frozen=True, slots=True)
class Had:
    """How many of each somebody has had."""

    thanks: int = 0
    badge: int = 0
    challenge: int = 0
    course: int = 0


def total(had: Had, worth: Worth) -> int:
    return (
        had.thanks * worth.thanks
        + had.badge * worth.badge
        + had.challenge * worth.challenge
        + had.course * worth.course
    )


def since(period: str, starts_on: date, today: date) -> date:
    """The day from which points count: the period's ("month", "quarter" or "year") first, but none
    before a team began with them, or anew. Raises ValueError for another period."""
    months = {"month": 1, "quarter": 3, "year": 12}
    if period not in months:
        raise ValueError(f"no such period: {period}")
    many = months[period]
    first = date(today.year, (today.month - 1) // many * many + 1, 1)
    return max(first, starts_on)


def middle(totals: Sequence[int]) -> float | None:
    """What is in the middle of people who are not named; None: they are too few."""
    return None if len(totals) < FEWEST else float(median(totals))
