"""A day's calls, drawn by chance; and the moments at which pools grow and shrink."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scheduling.simulation.centre import Array, Centre, Line, Pool


class Calls(NamedTuple):
    """In the order in which they come. A caller who never leaves has a patience of infinity."""

    at: Array
    line: NDArray[np.int64]
    handle: Array
    patience: Array


class Staff(NamedTuple):
    """From each moment on so many people are there in a pool; in order."""

    at: Array
    pool: NDArray[np.int64]
    people: NDArray[np.int64]


def calls(centre: Centre, rng: Generator) -> Calls:
    """Calls of all queues: by chance in each interval, evenly within it. Where a queue's whole days
    move, they move together."""
    every = [_of_line(line, number, centre, rng) for number, line in enumerate(centre.lines)]
    at, line, handle, patience = (np.concatenate(part) for part in zip(*every, strict=True))
    order = np.argsort(at, kind="stable")
    return Calls(at[order], line[order], handle[order], patience[order])


def _of_line(line: Line, number: int, centre: Centre, rng: Generator) -> Calls:
    expected = line.calls
    if line.spread > 0:
        # Gamma with a mean of 1: what comes is then negative binomial, as days are counted.
        shape = 1 / line.spread**2
        expected = expected * rng.gamma(shape, 1 / shape)
    came = rng.poisson(expected)
    interval = np.repeat(np.arange(centre.length), came)
    many = len(interval)
    at = (interval + rng.random(many)) * centre.interval_seconds
    patience = np.full(many, np.inf) if line.patience is None else line.patience.drawn(rng, many)
    return Calls(at, np.full(many, number, np.int64), line.handle.drawn(rng, many), patience)


def staff(centre: Centre) -> Staff:
    """When the people of pools change, breaks among it: the same each day."""
    found = [_changes(pool, number, centre) for number, pool in enumerate(centre.pools)]
    at, pool, people = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(at, kind="stable")
    return Staff(at[order], pool[order], people[order])


def _changes(pool: Pool, number: int, centre: Centre) -> Staff:
    starts = np.arange(centre.length) * centre.interval_seconds
    edges = {*starts.tolist()}
    for one in pool.breaks:
        edges |= {one.starts, one.starts + one.seconds}
    at = np.array(sorted(edge for edge in edges if 0 <= edge < centre.seconds))
    there = pool.people[(at // centre.interval_seconds).astype(np.int64)].copy()
    for one in pool.breaks:
        there -= np.where((at >= one.starts) & (at < one.starts + one.seconds), one.people, 0)
    there = np.maximum(there, 0)
    changed = np.concatenate([[True], np.diff(there) != 0])
    at, there = at[changed], there[changed]
    return Staff(at, np.full(len(at), number, np.int64), there.astype(np.int64))


def present_seconds(centre: Centre) -> Array:
    """Seconds that people of each pool are there in each interval, pools x intervals."""
    found = np.zeros((len(centre.pools), centre.length))
    width = centre.interval_seconds
    for number, pool in enumerate(centre.pools):
        changes = _changes(pool, number, centre)
        ends = np.append(changes.at[1:], centre.seconds)
        for begin, end, people in zip(changes.at, ends, changes.people, strict=True):
            for interval in range(int(begin // width), int(np.ceil(end / width))):
                lasts = min(end, (interval + 1) * width) - max(begin, interval * width)
                found[number, interval] += people * lasts
    return found
