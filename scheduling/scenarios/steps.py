"""Positions of loads that grow in steps: the same numbers as `required_for`, sooner. Pure.

More load never takes fewer positions. So where the least and the most load of an interval take as
many, all between do; elsewhere the number is sought between those two, and not from 0. Intervals of
several queues are sought at once: a formula takes little longer for many than for one.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scheduling.erlang import Callers, Expected, required
from scheduling.erlang.required import Targets
from scheduling.staffing.requirement import Aim

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


def kind(aim: Aim) -> Hashable:
    """Aims of one kind are sought at once: they have one formula, and ask for the same things."""
    alike = aim.asa_seconds, aim.abandonment, aim.slots, aim.stretch
    return aim.variant, aim.patience_seconds is None, aim.occupancy is None, alike


def positions(load: Array, aht_seconds: Array, aims: Sequence[Aim]) -> Whole:
    """The fewest positions of intervals x loads, each row of which grows from left to right; handle
    times and aims, all of one kind, are by interval.

    Raises ValueError where no number of positions meets an aim.
    """
    if not load.size:
        return np.zeros(load.shape, np.int64)
    of_kind = aims[0]
    asked = _Asked(aht_seconds * of_kind.pace, aims)
    return of_kind.of_servers(_servers(load * of_kind.pace, asked))


def _servers(load: Array, asked: "_Asked") -> Whole:
    """As many as positions have slots in all."""
    found = np.zeros(load.shape, np.int64)
    last = load.shape[1] - 1
    every = np.arange(len(load))[:, None]
    ends = [0, last]
    found[:, ends] = required.positions(
        load[:, ends], asked.targets(every), lambda work, some: asked.expected(every, work, some)
    )
    spans = [(0, last)]
    while spans := [(low, high) for low, high in spans if high - low > 1]:
        middles = [(low + high) // 2 for low, high in spans]
        lows, highs = ([span[side] for span in spans] for side in (0, 1))
        found[:, middles] = _between(load[:, middles], asked, found[:, lows], found[:, highs])
        spans = [
            part
            for (low, high), middle in zip(spans, middles, strict=True)
            for part in ((low, middle), (middle, high))
        ]
    return found


def _between(load: Array, asked: "_Asked", least: Whole, most: Whole) -> Whole:
    """The fewest that are enough, of `least` to `most`, which are."""
    # Where no calls come nobody is needed, and there is nothing to seek.
    low, high = least - 1, np.where(load > 0, most, 0)
    while (sought := np.nonzero(high - low > 1))[0].size:
        rows, middle = sought[0], (low[sought] + high[sought]) // 2
        told = asked.expected(rows, load[sought], middle.astype(float))
        met = asked.targets(rows).met(told)
        high[sought] = np.where(met, middle, high[sought])
        low[sought] = np.where(met, low[sought], middle)
    return high


class _Asked:
    """What is asked of intervals, of which some are picked by their numbers."""

    def __init__(self, aht_seconds: Array, aims: Sequence[Aim]) -> None:
        one = aims[0]
        self.of_kind = one.targets
        self.aht = aht_seconds
        self.level = np.array([aim.service_level for aim in aims])
        self.target = np.array([aim.target_seconds for aim in aims])
        self.patience = self.occupancy = None
        if one.patience_seconds is not None:
            self.patience = np.array([aim.patience_seconds for aim in aims], float)
        if one.occupancy is not None:
            self.occupancy = np.array([aim.occupancy for aim in aims], float)

    def targets(self, rows: NDArray[Any]) -> Targets:
        occupancy = None if self.occupancy is None else self.occupancy[rows]
        return replace(self.of_kind, service_level=self.level[rows], occupancy=occupancy)

    def expected(self, rows: NDArray[Any], load: Array, some: Array) -> Expected:
        patience = None if self.patience is None else self.patience[rows]
        return Callers(self.target[rows], patience).expected(load, some, self.aht[rows])
