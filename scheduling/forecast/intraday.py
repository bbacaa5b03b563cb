"""The rest of a day that has begun.

The trade multiplies what is left by what came of what was expected so far. In the first hours that
ratio is mostly luck and makes the forecast worse. Two ways that know luck from news are tried on
the queue's own past days, and the one that was nearest is taken, or none where none was nearer:

- `Damped` believes the ratio, after each interval, as much as the rest of past days followed it;
- `Shapes` knows in which few ways whole days differ from what is expected (more at the beginning, a
  lull at noon, busier throughout), and reads off the beginning how much of each there is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.history import Array

# Days' worth of "it says nothing" before any day was seen.
_HELD_BACK = 5.0
_SHAPES = 3
_FOLDS = 5
# A way is taken where it was nearer by this much.
_WORTH = 0.99
_LEAST_FACTOR = 0.1


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
class Damped:
    """By the ratio so far, as far as it was right."""

    after: Array
    """How much of it is believed after each interval, 0 to 1."""

    def rest(self, expected: Array, came: Array, known: int) -> Array:
        so_far = expected[:known].sum()
        if so_far <= 0:
            return expected[known:]
        ratio = came[:known].sum() / so_far
        return expected[known:] * (1 + self.after[known - 1] * (ratio - 1))

    @staticmethod
    def learned(expected: Array, actual: Array) -> "Damped":
        """Of past days, days x intervals."""
        so_far, came = np.cumsum(expected, axis=1), np.cumsum(actual, axis=1)
        left, still = so_far[:, -1:] - so_far, came[:, -1:] - came
        with np.errstate(invalid="ignore", divide="ignore"):
            begun = np.where(so_far > 0, came / so_far - 1, 0.0)
            follows = np.where(left > 0, still / left - 1, 0.0)
            # Each day counts by what is left of it, beside days that began so by chance alone.
            together = (left * begun * follows).sum(axis=0)
            alone = (left * begun**2).sum(axis=0)
            chance = (left / np.maximum(so_far, 1.0)).mean(axis=0)
            slope = np.where(alone > 0, together / (alone + _HELD_BACK * chance), 0.0)
        return Damped(np.clip(slope, 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """By the few ways in which past days differed, errors being counted in what even luck of single
    calls would do (1)."""

    shapes: Array
    """Intervals x ways, as large as they are on a day that differs as usual."""
    luck: Array
    """The variance of what is left in each interval."""
    size: Array
    """An interval's usual calls."""

    def rest(self, expected: Array, came: Array, known: int) -> Array:
        begun = (came[:known] - expected[:known]) / _unit(expected[:known])
        seen = self.shapes[:known]
        by_luck = seen.T / self.luck[:known]
        # How much of each way there is: the mean of what is possible by now, all being normal.
        much = np.linalg.solve(by_luck @ seen + np.eye(seen.shape[1]), by_luck @ begun)
        share = self.shapes[known:] @ much / _unit(self.size[known:])
        return expected[known:] * np.maximum(1 + share, _LEAST_FACTOR)

    @staticmethod
    def learned(expected: Array, actual: Array) -> "Shapes":
        """Of past days, days x intervals."""
        away = (actual - expected) / _unit(expected)
        many = len(away) + _HELD_BACK
        _left, size, ways = np.linalg.svd(away / np.sqrt(many), full_matrices=False)
        # What luck alone would do is none of a way's size.
        more = np.sqrt(np.maximum(size[:_SHAPES] ** 2 - 1, 0.0))
        shapes = ways[:_SHAPES].T * more
        whole = ((away**2).sum(axis=0) + _HELD_BACK) / many
        luck = np.maximum(whole - (shapes**2).sum(axis=1), 1.0)
        return Shapes(shapes, luck, expected.mean(axis=0))


def _unit(expected: Array) -> Array:
    return np.sqrt(expected + 0.5)


WAYS: dict[str, Callable[[Array, Array], Update]] = {
    "damped": Damped.learned,
    "shapes": Shapes.learned,
}


def learned(expected: Array, actual: Array) -> tuple[str, Update]:
    """The way that was nearest on past days (days x intervals; each by its forecast of the day
    before) and its name; "unmoved" where none was nearer by a hundredth, or days are few."""
    if len(expected) < 2 * _FOLDS:
        return "unmoved", Unmoved()
    unmoved = _missed(lambda *_past: Unmoved(), expected, actual)
    missed = {name: _missed(way, expected, actual) for name, way in WAYS.items()}
    best = min(missed, key=lambda name: missed[name])
    if missed[best] > _WORTH * unmoved:
        return "unmoved", Unmoved()
    return best, WAYS[best](expected, actual)


def _missed(way: Callable[[Array, Array], Update], expected: Array, actual: Array) -> float:
    """Calls by which the rest of days would have been told wrong, each day by others than its own
    neighbours."""
    missed = 0.0
    for left_out in folds(len(expected)):
        update = way(expected[~left_out], actual[~left_out])
        for was, came in zip(expected[left_out], actual[left_out], strict=True):
            missed += sum(
                np.abs(update.rest(was, came, known) - came[known:]).sum()
                for known in _looked_at(was)
            )
    return missed


def folds(days: int) -> Iterator[NDArray[np.bool_]]:
    """Which days are left out, a stretch of neighbours at a time."""
    fold = np.arange(days) * _FOLDS // days
    return (fold == one for one in range(_FOLDS))


def _looked_at(expected: Array) -> list[int]:
    """How many intervals are known when an eighth, a quarter, and a half of a day's calls came."""
    so_far = np.cumsum(expected) / max(expected.sum(), 1e-9)
    return [int(np.searchsorted(so_far, share)) + 1 for share in (0.125, 0.25, 0.5)]
