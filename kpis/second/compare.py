"""Two answers for one cell: do they agree? Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

# Sums of floating scores may differ in their last digits, whole seconds may not.
CLOSE = 1e-9
# What is only known to lie between two whole seconds stands in their middle.
HALF_SECOND = 0.5


class Place(NamedTuple):
    """Where a cell stands: a KPI's variant ("id:variant") on a day of a site, of one of its queues,
    of one of its agents or of one of its teams. `since` is the first of several days that are
    together in it up to that day; None: it is of the day alone."""

    day: date
    kpi: str
    queue: int | None = None
    agent: int | None = None
    team: int | None = None
    since: date | None = None


class Cell(NamedTuple):
    """One answer: the value and what it was taken from, with its numerator where that is told.

    `n` None: it is not told. `approximate`: the value may be half a second off.
    """

    value: float | None
    n: int | None
    numerator: float | None = None
    approximate: bool = False


NOTHING = Cell(None, 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of which pages and the second path say different things."""

    place: Place
    shown: Cell
    second: Cell


def differences(shown: Mapping[Place, Cell], second: Mapping[Place, Cell]) -> Iterator[Difference]:
    """Every cell on which the two do not agree; one that only one side has must be empty."""
    for place in shown.keys() | second.keys():
        here, there = shown.get(place, NOTHING), second.get(place, NOTHING)
        if not agree(here, there):
            yield Difference(place, here, there)


def agree(shown: Cell, second: Cell) -> bool:
    if _is_empty(shown) and _is_empty(second):
        return True
    if shown.n is not None and second.n is not None and shown.n != second.n:
        return False
    if shown.value is None or second.value is None:
        return shown.value is second.value
    apart = abs(shown.value - second.value)
    if shown.approximate:
        return apart < HALF_SECOND
    return apart <= CLOSE * max(1.0, abs(second.value))


def _is_empty(cell: Cell) -> bool:
    """Nothing to say, or a count of nothing."""
    return not cell.value and not cell.n
