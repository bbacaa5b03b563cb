"""The rest of a day that has begun.

The trade multiplies what is left by what came of what was expected so far. In the first hours that
ratio is mostly luck and makes the forecast worse. Here a day is taken to be so many times as busy
as was expected, which drifts as it goes: more calls tell more of it, late ones more than early
ones, and of later hours less than of the next. How much days differ is learned of past days; how
long a difference lasts, after each interval, by what would have been nearest on them. A longer one
is taken only where it is nearer by more than what chance makes of so few days, or else none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.history import Array

# Days' worth of the luck that all intervals have, before an interval's own was seen.
_HELD_BACK = 5.0
_FOLDS = 5
_LEAST_FACTOR = 0.1
_DAY_HOURS = 24
# In so many hours a difference fades to 1/e of itself: doubled, so that the next is never far from
# what is right, until it lasts for the whole day.
_FADES_HOURS = (1, 2, 4, 8, 16, np.inf)


class Update(Protocol):
    """A way to tell the rest of a day, learned from past days."""

    def rest(self, expected: Array, came: Array, known: int) -> Array:
        """The expected calls of a day's intervals after the first `known`, by the day's expected
        calls and those that came in these."""
        ...


class Unmoved:
    """The rest comes as it was expected."""

    def rest(self, expected: Array, _came: Array, known: int) -> Array:
        return expected[known:]


class Trade:
    """The rest comes by the ratio so far, whatever it is."""

    def rest(self, expected: Array, came: Array, known: int) -> Array:
        so_far = expected[:known].sum()
        ratio = came[:known].sum() / so_far if so_far > 0 else 1.0
        return expected[known:] * ratio


@dataclass(frozen=True, slots=True, eq=False)
class Fading:
    """A day is 1 + x times as busy as was expected; x is 0 on average and fades from interval to
    interval, while as much of its kind comes anew. The mean of what is possible by what came is a
    matter of a few sums (Kalman 1960); of an x that never fades it is Bühlmann's credibility."""

    size: float
    """The variance of x."""
    keeps: float
    """The share of it that is left an interval later."""
    luck: Array
    """By how many times what luck of single calls would do each interval's calls vary beside it."""

    def rest(self, expected: Array, came: Array, known: int) -> Array:
        begun = self.levels(expected[None, :known], came[None, :known])
        return self.ahead(expected[None, known:], begun[:, -1])[0] if known else expected

    def levels(self, expected: Array, came: Array) -> Array:
        """What x is taken to be after each of some first intervals, days x intervals of both."""
        found = np.zeros_like(expected)
        level = np.zeros(len(expected))
        unsure = np.full(len(expected), self.size)
        for place in range(expected.shape[1]):
            calls, luck = expected[:, place], self.luck[place]
            told = unsure / (unsure * calls + luck)
            level = level + told * (came[:, place] - calls * (1 + level))
            unsure = told * luck
            found[:, place] = level
            level = self.keeps * level
            unsure = self.keeps**2 * unsure + (1 - self.keeps**2) * self.size
        return found

    def ahead(self, expected: Array, level: Array) -> Array:
        """The calls of intervals that follow one, days x intervals, by what x is at that."""
        fades = self.keeps ** np.arange(1, expected.shape[1] + 1)
        moved: Array = expected * np.maximum(1 + level[:, None] * fades, _LEAST_FACTOR)
        return moved

    @staticmethod
    def learned(expected: Array, actual: Array, keeps: float) -> "Fading":
        """Of past days, days x intervals."""
        # Of two intervals the luck is not the same: what they have in common is of the day.
        begun, unit = actual - expected, expected + 0.5
        apart = np.abs(np.subtract.outer(*2 * [np.arange(expected.shape[1])]))
        alike = np.where(apart > 0, keeps**apart, 0.0)
        by_day = begun * expected / unit
        together = (alike * (by_day.T @ by_day)).sum()
        weight = expected**2 / unit
        whole = (alike**2 * (weight.T @ weight)).sum()
        size = max(together, 0.0) / whole if whole > 0 else 0.0
        more = (begun**2 - expected - size * expected**2).sum(axis=0)
        calls, held = expected.sum(axis=0), _HELD_BACK * expected.mean(axis=0)
        of_all = max(more.sum(), 0.0) / max(calls.sum(), 1e-9)
        luck = (more + held * of_all) / np.maximum(calls + held, 1e-9)
        return Fading(float(size), keeps, 1 + np.maximum(luck, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class ByHour:
    """After each interval one of some ways, or none."""

    ways: Sequence[Fading]
    after: Sequence[int]
    """Which, by how many intervals are known, from one on; -1: none."""

    def rest(self, expected: Array, came: Array, known: int) -> Array:
        place = self.after[known - 1] if known else -1
        return expected[known:] if place < 0 else self.ways[place].rest(expected, came, known)


def learned(expected: Array, actual: Array) -> tuple[str, Update]:
    """The way that past days (days x intervals; each by its forecast of the day before) teach, and
    its name: "fading"; "unmoved" where no beginning of a day tells of its rest, or days are few."""
    if len(expected) < 2 * _FOLDS or not expected.any():
        return "unmoved", Unmoved()
    after = _plainest(_missed(expected, actual))
    if (after < 0).all():
        return "unmoved", Unmoved()
    of_all = [Fading.learned(expected, actual, keeps) for keeps in _keeps(expected.shape[1])]
    used = sorted({*after.tolist()} - {-1})
    places = [used.index(one) if one >= 0 else -1 for one in after.tolist()]
    return "fading", ByHour([of_all[one] for one in used], places)


def folds(days: int) -> Iterator[NDArray[np.bool_]]:
    """Which days are left out, a stretch of neighbours at a time."""
    fold = np.arange(days) * _FOLDS // days
    return (fold == one for one in range(_FOLDS))


def _keeps(intervals: int) -> list[float]:
    return [float(np.exp(-_DAY_HOURS / intervals / hours)) for hours in _FADES_HOURS]


def _missed(expected: Array, actual: Array) -> Array:
    """Days x how many intervals are known, from one on x ways, the first of which is none: calls by
    which what is left would have been told wrong, each day by others than its own neighbours; by
    those that no way would have missed on all days together."""
    days, intervals = expected.shape
    known = range(1, intervals)
    missed = np.zeros((days, intervals - 1, 1 + len(_FADES_HOURS)))
    off = np.abs(actual - expected)
    missed[:, :, 0] = off.sum(axis=1, keepdims=True) - np.cumsum(off, axis=1)[:, :-1]
    for left_out in folds(days):
        was, came = expected[left_out], actual[left_out]
        for way, keeps in enumerate(_keeps(intervals), start=1):
            fading = Fading.learned(expected[~left_out], actual[~left_out], keeps)
            levels = fading.levels(was, came)
            for many in known:
                told = fading.ahead(was[:, many:], levels[:, many - 1])
                missed[left_out, many - 1, way] = np.abs(told - came[:, many:]).sum(axis=1)
    usual = missed[:, :, :1].mean(axis=0)
    return np.divide(missed, usual, out=np.zeros_like(missed), where=usual > 0)


def _plainest(missed: Array) -> NDArray[np.int64]:
    """After each interval, with the hour before and after it, the way whose difference lasts the
    shortest, none before all, of those that were as near as the nearest but for one standard error
    of the days (Breiman and others 1984); -1: none."""
    many = missed.shape[1]
    hour = max((many + 1) // _DAY_HOURS, 1)
    after = np.full(many + 1, -1)
    for place in range(many):
        about = missed[:, max(place - hour, 0) : place + hour + 1].sum(axis=1)
        nearest = about.mean(axis=0).argmin()
        further = about - about[:, [nearest]]
        sure = further.std(axis=0, ddof=1) / np.sqrt(len(about))
        near = further.mean(axis=0) <= sure
        after[place] = int(np.flatnonzero(near)[0]) - 1
    return after
