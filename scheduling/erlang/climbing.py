"""The smallest number of positions of Erlang C, of many intervals at once.

Erlang B of n positions follows from that of n - 1: B(n) = load B(n - 1) / (n + load B(n - 1)). So
all intervals climb together, a position at a time, and each stops at the first that is enough: a
step takes a few sums, where halving takes an incomplete gamma function. Small loads begin at no
position, large ones just below the first that could do.
"""

import numpy as np
from numpy.typing import NDArray

from scheduling.erlang.delay import beyond, erlang_c, mean_wait, waiting
from scheduling.erlang.expected import Numbers
from scheduling.erlang.gamma import Array
from scheduling.erlang.loss import blocked, checked
from scheduling.erlang.required import ROOTS, Targets

# From so many positions on it is dearer to climb from none than to ask for Erlang B once.
_FAR = 24

# As bad as it gets, with nobody there, and as good, with next to no calls.
_WORST, _BEST = erlang_c(1.0, 0.0, 1.0), erlang_c(1e-300, 1.0, 1.0)


def positions(
    load: Numbers, targets: Targets, aht_seconds: Numbers, target_seconds: Numbers = 20.0
) -> NDArray[np.int64]:
    """As `required.positions` where nobody abandons, and all variants are one number. Broadcasts.

    Raises ValueError of a negative number, and where no number of positions meets the targets.
    """
    work, aht, target = checked(load, aht_seconds, target_seconds)
    found = np.zeros(work.shape)
    if targets.met(_WORST) or not work.any():
        return found.astype(np.int64)
    limit = 1.0 if targets.occupancy is None else min(targets.occupancy, 1.0)
    if limit <= 0 or not targets.met(_BEST):
        raise ValueError("no number of positions meets these targets")
    # Fewer let the queue grow without an end, or are busier than the limit.
    first = np.maximum(np.floor(work) + 1, np.floor(work / limit))
    if np.isinf(first).any():
        raise ValueError("no number of positions meets these targets")
    found[(work > 0) & (aht == 0)] = 1
    some = (work > 0) & (aht > 0)
    for part in (some & (first <= _FAR), some & (first > _FAR)):
        if part.any():
            found[part] = _climbed(targets, *(one[part] for one in (work, first, aht, target)))
    return found.astype(np.int64)


def _climbed(targets: Targets, load: Array, first: Array, aht: Array, target: Array) -> Array:
    """Of intervals that all begin at no position, or all just below the first that could do."""
    # By load: those that have come to where they are looked at are one slice, and so are most of
    # those that are still open.
    order = np.argsort(load)
    load, first, aht, target = (one[order] for one in (load, first, aht, target))
    if first[-1] <= _FAR:
        there, turned_away = np.zeros_like(load), np.ones_like(load)
    else:
        there = first - 1
        turned_away = blocked(load, there)
    steps = first - there
    most = (steps + ROOTS * (np.sqrt(load) + 1)).max()
    found, sums = np.zeros_like(load), np.empty_like(load)
    low = step = 0
    while low < load.size:
        step += 1
        if step > most:
            raise ValueError("no number of positions meets these targets")
        rest = slice(low, None)
        there[rest] += 1
        turned_away[rest] *= load[rest]
        turned_away[rest] /= np.add(turned_away[rest], there[rest], out=sums[rest])
        high = int(np.searchsorted(steps, step, "right"))
        if high <= low:
            continue
        near = slice(low, high)
        enough = _enough(
            targets, load[near], there[near], turned_away[near], aht[near], target[near]
        )
        np.copyto(found[near], there[near], where=enough & (found[near] == 0))
        is_open = found[near] == 0
        low += int(is_open.argmax()) if is_open.any() else high - low
    unsorted = np.empty_like(found)
    unsorted[order] = found
    return unsorted


def _enough(
    targets: Targets, load: Array, positions: Array, turned_away: Array, aht: Array, target: Array
) -> NDArray[np.bool_]:
    """Where more positions than erlangs meet the targets."""
    busy, spare = load / positions, positions - load
    wait = waiting(turned_away, busy)
    good = np.ones(load.shape, bool)
    if targets.service_level is not None:
        good &= 1 - beyond(wait, spare, aht, target) >= targets.service_level
    if targets.asa_seconds is not None:
        good &= mean_wait(wait, spare, aht) <= targets.asa_seconds
    if targets.occupancy is not None:
        good &= busy <= targets.occupancy
    return good
