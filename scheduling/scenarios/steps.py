"""Positions of loads that grow in steps: the same numbers as `required_for`, sooner. Pure.

More load never takes fewer positions. So where the least and the most load of an interval take as
many, all between do; elsewhere the number is sought between those two, and not from 0.
"""

import numpy as np
from numpy.typing import NDArray

from scheduling.erlang import Expected, required
from scheduling.requirement import Aim

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


def positions(load: Array, aht_seconds: Array, aim: Aim) -> Whole:
    """The fewest positions of intervals x loads, each row of which grows from left to right; handle
    times are by interval.

    Raises ValueError where no number of positions meets the aim.
    """
    many = load.shape[1]
    found = np.zeros(load.shape, np.int64)
    if not load.size:
        return found
    ends = [0, many - 1]
    aht = np.broadcast_to(aht_seconds[:, None], (len(load), 2))
    found[:, ends] = required.positions(
        load[:, ends], aim.targets, lambda work, some: aim.expected(work, some, aht)
    )
    spans = [(0, many - 1)]
    while spans := [(low, high) for low, high in spans if high - low > 1]:
        middles = [(low + high) // 2 for low, high in spans]
        lows, highs = ([span[side] for span in spans] for side in (0, 1))
        found[:, middles] = _between(
            load[:, middles], aht_seconds, found[:, lows], found[:, highs], aim
        )
        spans = [
            part
            for (low, high), middle in zip(spans, middles, strict=True)
            for part in ((low, middle), (middle, high))
        ]
    return found


def _between(load: Array, aht_seconds: Array, least: Whole, most: Whole, aim: Aim) -> Whole:
    """The fewest that are enough, of `least` to `most`, which are."""
    # Where no calls come nobody is needed, and there is nothing to seek.
    low, high = least - 1, np.where(load > 0, most, 0)
    while (open_ := np.nonzero(high - low > 1))[0].size:
        middle = (low[open_] + high[open_]) // 2
        told: Expected = aim.expected(load[open_], middle.astype(float), aht_seconds[open_[0]])
        met = aim.targets.met(told)
        high[open_] = np.where(met, middle, high[open_])
        low[open_] = np.where(met, low[open_], middle)
    return high
