"""Intervals on one rail: where each begins, how far it reaches, and where 0 is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class Mark:
    """An interval on a rail of `WIDTH`: its beginning, its length and its value; `zero` is where
    nothing would have changed."""

    begin: float
    reach: float
    value: float
    zero: float


Interval = tuple[float, float, float]
"""Low end, value, high end."""


def rails(intervals: Sequence[Interval | None]) -> list[Mark | None]:
    """Each on the same rail, which holds 0 and the middle nine tenths of all ends: a single agent
    who is unsure to no end makes the others no smaller. What reaches beyond is cut there."""
    known = [one for one in intervals if one is not None]
    if not known:
        return [None for _one in intervals]
    low, high = _edges(end for one in known for end in (one[0], one[2]))
    wide = high - low or 1.0

    def at(value: float) -> float:
        return round(WIDTH * min(1.0, max(0.0, (value - low) / wide)), 1)

    def mark(one: Interval) -> Mark:
        begin = at(one[0])
        return Mark(begin, round(at(one[2]) - begin, 1), at(one[1]), at(0.0))

    return [None if one is None else mark(one) for one in intervals]


def _edges(ends: Iterable[float]) -> tuple[float, float]:
    order = sorted(ends)
    cut = len(order) // 20
    low, high = min(0.0, order[cut]), max(0.0, order[-1 - cut])
    room = (high - low) / 20
    return low - room, high + room
