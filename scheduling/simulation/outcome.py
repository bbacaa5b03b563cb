"""What came of days that were played, by day, queue or pool, and interval; and how sure that is."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from scheduling.compiled import compiled
from scheduling.simulation.centre import Array, Centre
from scheduling.simulation.engine import Floats, Ints, Played

VARIANTS = ("SL1", "SL2", "SL3", "SL4")
COUNTS = (
    "offered", "answered", "answered_within", "abandoned", "abandoned_within", "called_back",
    "wait_seconds", "answered_wait_seconds", "back_done", "back_seconds", "still_there",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Counts and sums, days x queues x intervals, by when a call came; of pools, days x pools x
    intervals, by when they were busy. Ratios are made of sums, and never averaged."""

    centre: Centre
    offered: Array
    answered: Array
    """At once or later, those who were called back left out."""
    answered_within: Array
    abandoned: Array
    abandoned_within: Array
    called_back: Array
    """Who asked to be called back."""
    wait_seconds: Array
    """Until an answer, or leaving."""
    answered_wait_seconds: Array
    back_done: Array
    """Of those who asked to be called back, who was."""
    back_seconds: Array
    """From asking to be called back until it was done."""
    still_there: Array
    """Whose wait had no end: nobody came any more who could answer."""
    busy_seconds: Array
    """Of pools: people who hold something, calls in or out, however much."""
    held_seconds: Array
    """Of pools: of all that is held."""
    out: Array
    """Days x lists x intervals: calls out that were begun."""
    present_seconds: Array
    """Pools x intervals: of people."""

    def of(self, name: str, first: int = 0) -> Array:
        """A count of each day and queue, from an interval on."""
        found: Array = getattr(self, name)[:, :, first:].sum(axis=2)
        return found

    def service_level(self, variant: str, first: int = 0) -> Array:
        """By day and queue; nan where nothing counts. `variant` is SL1 to SL4."""
        within, answered, left = (
            self.of(name, first) for name in ("answered_within", "answered", "abandoned")
        )
        early = self.of("abandoned_within", first)
        above = within + early if variant == "SL1" else within
        below = {
            "SL1": answered + left,
            "SL2": answered,
            "SL3": answered + left,
            "SL4": answered + left - early,
        }[variant]
        return _share(above, below)

    def asa(self, variant: str = "W1", first: int = 0) -> Array:
        """Mean wait by day and queue, seconds: of the answered (W1), of all (W2)."""
        if variant == "W1":
            return _share(self.of("answered_wait_seconds", first), self.of("answered", first))
        ended = self.of("answered", first) + self.of("abandoned", first)
        return _share(self.of("wait_seconds", first), ended)

    def abandonment(self, first: int = 0) -> Array:
        left = self.of("abandoned", first)
        return _share(left, self.of("answered", first) + left)

    def occupancy(self, first: int = 0) -> Array:
        """By day and pool."""
        return _share(
            self.busy_seconds[:, :, first:].sum(axis=2), self.present_seconds[:, first:].sum(axis=1)
        )

    def concurrency(self, first: int = 0) -> Array:
        """How many contacts somebody who is busy holds, by day and pool."""
        return _share(self.of("held_seconds", first), self.of("busy_seconds", first))

    def until_called_back(self, first: int = 0) -> Array:
        """Mean seconds from asking to be called back until it was done, by day and queue."""
        return _share(self.of("back_seconds", first), self.of("back_done", first))

    def dials_per_hour(self, first: int = 0) -> Array:
        """Calls out that were begun, by day and list."""
        hours = (self.centre.length - first) * self.centre.interval_seconds / 3600
        return self.of("out", first) / hours


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of days, and between which values the true one is so surely."""

    mean: float
    low: float
    high: float


def estimate(by_day: Array, level: float = 0.95, *, most: float = np.inf) -> Estimate:
    """Of independent days of what is never below 0 nor above `most`, by Student's t; of fewer than
    two that tell something no bounds.

    No true mean lies below 0 or above `most`, so what of an interval lies beyond holds nothing: cut
    off there it is right as often as before."""
    told = by_day[~np.isnan(by_day)]
    if not len(told):
        return Estimate(np.nan, np.nan, np.nan)
    mean = float(told.mean())
    if len(told) < 2:
        return Estimate(mean, -np.inf, np.inf)
    margin = stdtrit(len(told) - 1, (1 + level) / 2) * told.std(ddof=1) / sqrt(len(told))
    return Estimate(mean, max(float(mean - margin), 0.0), min(float(mean + margin), most))


def _share(above: Array, below: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, above / below, np.nan)


def tallied(played: Played, centre: Centre, targets: Floats) -> dict[str, Array]:
    """The counts of a day that was played, by the names of an outcome. Of pools that are shared
    spells tell when somebody was busy."""
    is_shared = (centre.at_once() > 1).astype(np.int64)
    counts = np.zeros((len(COUNTS), len(centre.lines), centre.length))
    busy = np.zeros((len(centre.pools), centre.length))
    held = np.zeros((len(centre.pools), centre.length))
    out = np.zeros((len(centre.lists), centre.length))
    _count(played, targets, is_shared, centre.interval_seconds, counts, busy, held, out)
    named = dict(zip(COUNTS, counts, strict=True))
    return {**named, "busy_seconds": busy, "held_seconds": held, "out": out}


@compiled
def _count(
    played: Played, targets: Floats, is_shared: Ints, width: float,
    counts: Floats, busy: Floats, held: Floats, out: Floats,
) -> None:  # fmt: skip
    length = counts.shape[2]
    for call in range(len(played.at)):
        interval, line = int(played.at[call] // width), played.line[call]
        if played.pool[call] >= 0:
            _spread(held, played.pool[call], played.begun[call], played.ended[call], width)
        if interval >= length:
            continue  # who calls again after the last interval
        counts[0, line, interval] += 1
        if not np.isnan(played.asked[call]):
            counts[5, line, interval] += 1
            if played.pool[call] >= 0:
                counts[8, line, interval] += 1
                counts[9, line, interval] += played.begun[call] - played.asked[call]
            continue
        wait = 0.0
        if played.pool[call] >= 0:
            wait = played.begun[call] - played.at[call]
            counts[1, line, interval] += 1
            counts[2, line, interval] += wait <= targets[line]
            counts[7, line, interval] += wait
        elif not np.isnan(played.left[call]):
            wait = played.left[call] - played.at[call]
            counts[3, line, interval] += 1
            counts[4, line, interval] += wait <= targets[line]
        else:
            counts[10, line, interval] += 1
        counts[6, line, interval] += wait
    for call in range(len(played.out_at)):
        interval = int(played.out_at[call] // width)
        if interval < length:
            out[played.out_list[call], interval] += 1
        _spread(held, played.out_pool[call], played.out_at[call], played.out_ended[call], width)
    for spell in range(len(played.spell_at)):
        pool = played.spell_pool[spell]
        _spread(busy, pool, played.spell_at[spell], played.spell_ended[spell], width)
    for pool in range(busy.shape[0]):
        if is_shared[pool] == 0:
            busy[pool] = held[pool]


@compiled
def _spread(busy: Floats, pool: int, begun: float, ended: float, width: float) -> None:
    """Lay a call's time into the intervals it lies in."""
    interval = int(begun // width)
    while begun < ended and interval < busy.shape[1]:
        until = min(ended, (interval + 1) * width)
        busy[pool, interval] += until - begun
        begun = until
        interval += 1
