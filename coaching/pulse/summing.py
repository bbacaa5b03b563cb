"""Figures of answers, and what changed since the survey before. Pure; by `kpis.noise`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpis.noise import Change, Interval, Part, change, interval

STEP = 5
"""How many answered is told in steps of so many: with the exact number, two means would give one
person's answer."""
Scores = Mapping[int, int]
"""How many gave which score."""


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean score of those who answered, to one decimal; the interval in which that of the next
    such survey would lie if nothing changed, None of fewer than 8 and where all say the same."""

    value: float
    interval: Interval | None
    at_least: int


def number(scores: Scores) -> int:
    return sum(scores.values())


def at_least(n: int) -> int:
    """How many there are at least, in steps of five."""
    return n - n % STEP


def mean(scores: Scores, ends: tuple[int, int], fewest: int) -> Mean | None:
    """None of fewer than `fewest`. Raises ValueError for a score off the scale."""
    low, high = ends
    if any(not low <= score <= high for score in scores):
        raise ValueError(f"scores are from {low} to {high}")
    n = number(scores)
    if n < fewest:
        return None
    value = sum(score * many for score, many in scores.items()) / n
    found = interval("cluster_ratio", _parts(scores, low), ceiling=high - low)
    return Mean(
        round(value, 1),
        None if found is None else Interval(value, found.low + low, found.high + low),
        at_least(n),
    )


def changed(now: Scores, before: Scores, fewest: int) -> Change | None:
    """What two surveys of the same question differ by; None where one has too few answers."""
    if min(number(now), number(before)) < fewest:
        return None
    return change("cluster_ratio", _parts(now), _parts(before))


def _parts(scores: Scores, least: int = 0) -> Sequence[Part]:
    """Each answer is drawn by itself: of one person there is one."""
    return [Part(score - least, 1) for score, many in sorted(scores.items()) for _ in range(many)]
