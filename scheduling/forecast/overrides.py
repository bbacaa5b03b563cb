"""A planner's word over a forecast: a layer, so that both can be held against what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scheduling.forecast.days import Day
from scheduling.forecast.history import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Of the intervals `start` to `end` (not with it) of the days `first` to `last`: `factor` times
    as many calls as are expected, or `calls` in all on each day."""

    first: date
    last: date
    start: int
    end: int
    factor: float | None = None
    calls: float | None = None


def laid(
    expected: Array,
    is_open: Array,
    days: Sequence[Day],
    words: Sequence[Word],
) -> Array:
    """What is planned by, days x intervals: where words are of the same intervals the last alone,
    where none is what is expected.

    Each word is of what is expected, whatever others say. Calls that are said lie as what is
    expected does, evenly where nothing is; none lie where it is closed.
    """
    told = expected.copy()
    for word in words:
        within = slice(word.start, word.end)
        for row, day in enumerate(days):
            if word.first <= day.date <= word.last:
                told[row, within] = _said(expected[row, within], is_open[row, within], word)
    return told


def _said(part: Array, is_open: Array, word: Word) -> Array:
    if word.factor is not None:
        return part * word.factor
    whole = part.sum()
    shares = part if whole > 0 else is_open
    every = shares.sum()
    if not every or word.calls is None:
        return part
    found: Array = word.calls * np.asarray(shares) / every
    return found


def touched(day: date, words: Sequence[Word]) -> bool:
    """Whether any of them is of a day."""
    return any(word.first <= day <= word.last for word in words)
