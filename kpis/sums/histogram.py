"""Waits as sparse counts, so that thresholds and percentiles can be chosen on reading.

Each wait falls into a class, how its visit ended and how it came in, and a bin: bin 2k
holds waits of exactly k seconds, bin 2k + 1 those strictly between k and k + 1. A whole
threshold in seconds therefore splits the waits exactly, with <= as with <, at every
length; only a percentile that lands between two seconds is approximate.

Class and bin share one integer, the code: ((outcome * 2 + entry) << 20) | bin. A
histogram is stored as two texts of as many numbers, codes and counts: "1,2,41" and "3,1,1". As
arrays of the database they would be most of what a wall waits for, number by number made text.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import IntEnum
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

CLASS_SHIFT = 20
LAST_BIN = (1 << CLASS_SHIFT) - 1
"""Waits of more than 524,287 s (six days) share this bin."""

Boundary = Literal["<=", "<"]


class WaitOutcome(IntEnum):
    """How a visit ended, as far as its wait is concerned.

    The first four are every visit that ended, once. Those after them count some of the same
    visits again, or another length than a wait, so that it too can be cut where one likes.
    """

    ANSWERED = 0
    ABANDONED = 1
    LOST = 2  # timed out, left by key, other exits
    CALLBACK = 3
    MISSED = 4  # of the abandoned, those who left while a phone rang
    RETURNED = 5  # of those who asked for a call back: the wait until an agent had them on the line
    TALK = 6  # no wait: how long an answered outbound call was talked
    # No wait: visits that a transfer brought and whose wait is not known, all in bin 0.
    UNTOLD_ANSWERED = 7
    UNTOLD_ABANDONED = 8
    UNTOLD_LOST = 9
    UNTOLD_CALLBACK = 10
    UNTOLD_MISSED = 11


class Entry(IntEnum):
    """How a visit came into the queue."""

    DIRECT = 0
    TRANSFERRED_IN = 1


ALL_OUTCOMES = (
    WaitOutcome.ANSWERED,
    WaitOutcome.ABANDONED,
    WaitOutcome.LOST,
    WaitOutcome.CALLBACK,
)
ALL_ENTRIES = tuple(Entry)
UNTOLD = {
    WaitOutcome.ANSWERED: WaitOutcome.UNTOLD_ANSWERED,
    WaitOutcome.ABANDONED: WaitOutcome.UNTOLD_ABANDONED,
    WaitOutcome.LOST: WaitOutcome.UNTOLD_LOST,
    WaitOutcome.CALLBACK: WaitOutcome.UNTOLD_CALLBACK,
    WaitOutcome.MISSED: WaitOutcome.UNTOLD_MISSED,
}
"""By how they ended, the visits that a transfer brought and whose wait is not known."""
CLASSES = len(WaitOutcome) * len(ALL_ENTRIES)

Numbers = npt.NDArray[np.int64]

BINS_SQL = (
    "unnest(string_to_array(hist_codes, ',')::int[], string_to_array(hist_counts, ',')::int[])"
    " AS h(code, n)"
)
"""The stored histogram of a row as SQL, to be joined to it: a row each `code`, and its `n`."""


def stored_sql(numbers: str, code: str) -> str:
    """The text to store of a group's numbers, in the order of the codes, as SQL."""
    return f"string_agg({numbers}::text, ',' ORDER BY {code})"


def _numbers(text: str) -> Numbers:
    return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)


def _class_code(outcome: WaitOutcome, entry: Entry) -> int:
    return (outcome * len(ALL_ENTRIES) + entry) << CLASS_SHIFT


def _edges(
    first_bin: int, first_bin_out: int, outcome: WaitOutcome, entry: Entry
) -> tuple[int, int]:
    """The codes [first, first out) of bins of one class."""
    base = _class_code(outcome, entry)
    return base + first_bin, base + min(max(first_bin_out, 0), LAST_BIN + 1)


class Histogram:
    """Waits counted by code. Immutable; equal when the same waits were counted."""

    __slots__ = ("_codes", "_counts", "_running")

    _codes: Numbers
    _counts: Numbers
    _running: tuple[list[int], list[int]] | None
    """The codes, and how many waits stand before each and at the end: made when first asked for."""

    def __init__(self) -> None:
        """No waits. `from_pairs` makes a histogram that holds some."""
        self._codes = np.empty(0, np.int64)
        self._counts = np.empty(0, np.int64)
        self._running = None

    @classmethod
    def from_pairs(
        cls, codes: Sequence[int] | Numbers, counts: Sequence[int] | Numbers
    ) -> "Histogram":
        """A histogram from codes and their counts, in any order, doubled codes summed.

        Raises ValueError when the arrays differ in length, a code has no class, or a
        count is negative.
        """
        if len(codes) != len(counts):
            raise ValueError(f"{len(codes)} codes but {len(counts)} counts")
        return cls._collected(np.asarray(codes, np.int64), np.asarray(counts, np.int64))

    @classmethod
    def _collected(cls, codes: Numbers, counts: Numbers) -> "Histogram":
        histogram = cls()
        if not codes.size:
            return histogram
        if codes.min() < 0 or codes.max() >= CLASSES << CLASS_SHIFT:
            raise ValueError("a code lies outside the known classes of waits")
        if counts.min() < 0:
            raise ValueError("counts of waits cannot be negative")
        distinct, position = np.unique(codes, return_inverse=True)
        summed = np.zeros(distinct.size, np.int64)
        np.add.at(summed, position, counts)
        histogram._codes = distinct[summed > 0]
        histogram._counts = summed[summed > 0]
        return histogram

    @classmethod
    def sum(cls, histograms: Iterable["Histogram"]) -> "Histogram":
        """All waits of several histograms in one."""
        filled = [histogram for histogram in histograms if histogram._codes.size]
        if not filled:
            return cls()
        if len(filled) == 1:
            return filled[0]
        return cls._collected(
            np.concatenate([histogram._codes for histogram in filled]),
            np.concatenate([histogram._counts for histogram in filled]),
        )

    @classmethod
    def from_texts(cls, codes: str, counts: str) -> "Histogram":
        """A histogram from its two stored texts, or from those of several joined with commas.

        Raises ValueError as `from_pairs` does, and where a text holds anything but numbers.
        """
        return cls.from_pairs(_numbers(codes), _numbers(counts))

    def __add__(self, other: "Histogram") -> "Histogram":
        return Histogram.sum((self, other))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return np.array_equal(self._codes, other._codes) and np.array_equal(
            self._counts, other._counts
        )

    def __hash__(self) -> int:
        return hash((self._codes.tobytes(), self._counts.tobytes()))

    def __repr__(self) -> str:
        return f"Histogram({int(self._counts.sum())} waits in {self._codes.size} bins)"

    def count(self, outcome: WaitOutcome, entries: Iterable[Entry] = ALL_ENTRIES) -> int:
        """How many waits of this outcome are known."""
        return self._count_below(LAST_BIN + 1, outcome, entries)

    def within(
        self,
        seconds: int,
        boundary: Boundary,
        outcome: WaitOutcome,
        *,
        shift_seconds: int = 0,
        entries: Iterable[Entry] = ALL_ENTRIES,
    ) -> int:
        """How many waits, less `shift_seconds`, are <= (or <) `seconds`. Exact."""
        limit_bin = 2 * (seconds + shift_seconds)
        return self._count_below(limit_bin + (boundary == "<="), outcome, entries)

    def percentile(
        self, percent: float, outcomes: Iterable[WaitOutcome] = ALL_OUTCOMES
    ) -> tuple[float, bool] | None:
        """The wait in seconds at the nearest rank (Postgres' percentile_disc).

        `percent` is above 0 and at most 100. The flag is True when the wait is only
        known to lie between two whole seconds: then their middle stands for it.

        Returns None when no wait is known. Raises ValueError when `percent` is out of
        range.
        """
        if not 0 < percent <= 100:
            raise ValueError(f"a percentile lies above 0 and at most 100: {percent}")
        slices = [
            self._slice(0, LAST_BIN + 1, outcome, entry)
            for outcome in outcomes
            for entry in ALL_ENTRIES
        ]
        codes = np.concatenate([self._codes[part] for part in slices])
        counts = np.concatenate([self._counts[part] for part in slices])
        if not codes.size:
            return None
        bins = codes & LAST_BIN
        by_wait = np.argsort(bins)
        running = np.cumsum(counts[by_wait])
        # In exact fractions: ceil(0.07 * 100) is 8 in floats.
        rank = math.ceil(Fraction(str(percent)) * int(running[-1]) / 100)
        found = int(bins[by_wait][np.searchsorted(running, rank)])
        return found / 2, found % 2 == 1

    def _count_below(
        self, first_bin_out: int, outcome: WaitOutcome, entries: Iterable[Entry]
    ) -> int:
        if self._running is None:
            # A figure asks a dozen times: of a list that is quicker than of an array.
            self._running = self._codes.tolist(), [0, *np.cumsum(self._counts).tolist()]
        codes, before = self._running
        if not codes:
            return 0
        found = 0
        for entry in entries:
            start, stop = _edges(0, first_bin_out, outcome, entry)
            found += before[bisect_left(codes, stop)] - before[bisect_left(codes, start)]
        return found

    def _slice(
        self, first_bin: int, first_bin_out: int, outcome: WaitOutcome, entry: Entry
    ) -> slice:
        """Where the bins [first, first out) of one class stand in the arrays."""
        start, stop = np.searchsorted(self._codes, _edges(first_bin, first_bin_out, outcome, entry))
        return slice(int(start), int(stop))
