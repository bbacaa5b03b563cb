"""Who gave which call what, on one criterion, and what its values mean to each other."""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Category = Hashable


class Metric(StrEnum):
    """What a difference of two values means (Stevens 1946)."""

    NOMINAL = "nominal"
    """Alike or not: yes/no, multiple choice."""
    ORDINAL = "ordinal"
    """Ranks without known steps: a scale with anchors described."""
    INTERVAL = "interval"
    """Numbers whose differences count."""
    RATIO = "ratio"
    """Numbers from 0 whose proportions count."""

    @property
    def is_of_numbers(self) -> bool:
        return self in (Metric.INTERVAL, Metric.RATIO)


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that a criterion may have, in their order where they have one.

    Say them all, those too that nobody gave: by how many they are Gwet's coefficients tell what
    chance alone would agree on. Empty: those that were given, in the order of numbers or of words,
    which a ranked scale (ordinal) of words cannot do without.
    """

    metric: Metric
    categories: tuple[Category, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a value that stands there twice, or is no number where the metric
        is of numbers, or is below 0 where it is of proportions."""
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("a category stands in the scale twice")
        if self.metric.is_of_numbers:
            _numbers(self.categories, self.metric)


@dataclass(frozen=True, slots=True)
class Rating:
    """What one rater gave one unit: here a call, on one criterion.

    A rating that is missing is not there. "Not applicable" is missing where the values have an
    order; where they have none it may be a category of its own.
    """

    unit: Hashable
    rater: Hashable
    value: Category


@dataclass(frozen=True, slots=True)
class Ratings:
    """How often each unit got each value: all that agreement is made of.

    `counts` is an array [unit, category] of whole numbers, of units with a rating at least, ordered
    by what they got, so that nothing depends on the order in which ratings come; `categories` are
    its columns, `raters` says how many people gave any.
    """

    metric: Metric
    categories: tuple[Category, ...]
    counts: Floats
    raters: int

    @classmethod
    def of(cls, ratings: Iterable[Rating], scale: Scale) -> "Ratings":
        """Raises ValueError where somebody rated a unit twice, a value is not of the scale, or the
        values of an ordinal scale that names none have no order."""
        given = list(ratings)
        if len({(one.unit, one.rater) for one in given}) < len(given):
            raise ValueError("somebody rated one unit twice")
        categories = scale.categories or _seen(given, scale.metric)
        column = {category: at for at, category in enumerate(categories)}
        row = {unit: at for at, unit in enumerate(dict.fromkeys(one.unit for one in given))}
        counts = np.zeros((len(row), len(categories)))
        for one in given:
            if one.value not in column:
                raise ValueError(f"{one.value!r} is not of the scale")
            counts[row[one.unit], column[one.value]] += 1
        ordered = counts[np.lexsort(counts.T)] if counts.size else counts
        return cls(scale.metric, categories, ordered, len({one.rater for one in given}))

    @property
    def doubled(self) -> NDArray[np.bool_]:
        """Which units have two ratings or more."""
        return np.asarray(self.counts.sum(axis=1) > 1, np.bool_)

    @property
    def numbers(self) -> Floats:
        """The categories as numbers: of a ranked scale 1, 2, 3... Raises ValueError of a nominal
        one."""
        if self.metric is Metric.NOMINAL:
            raise ValueError("values of a nominal scale are no numbers")
        if self.metric is Metric.ORDINAL:
            return np.arange(1.0, len(self.categories) + 1)
        return _numbers(self.categories, self.metric)


def pooled(sessions: Mapping[Hashable, Iterable[Rating]]) -> list[Rating]:
    """The ratings of many sessions together, each with raters of its own.

    A unit is a call of a session: one that was rated in two is two units, since the second time
    some have talked about it.
    """
    return [
        Rating((session, one.unit), one.rater, one.value)
        for session, ratings in sessions.items()
        for one in ratings
    ]


def _seen(given: list[Rating], metric: Metric) -> tuple[Category, ...]:
    values = {one.value for one in given}
    if metric.is_of_numbers:
        _numbers(tuple(values), metric)
    try:
        return tuple(sorted(values))  # type: ignore[type-var]
    except TypeError:
        if metric is not Metric.NOMINAL:
            raise ValueError("say the order of the values of an ordinal scale") from None
        return tuple(sorted(values, key=repr))


def _numbers(categories: tuple[Category, ...], metric: Metric) -> Floats:
    for one in categories:
        if not isinstance(one, (int, float)) or isinstance(one, bool) or not math.isfinite(one):
            raise ValueError(f"{one!r} is not a number")
        if metric is Metric.RATIO and one < 0:
            raise ValueError(f"{one} is below 0")
    return np.array(categories, np.float64)
