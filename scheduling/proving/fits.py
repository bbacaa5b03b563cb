"""What past calls tell of callers and work: patience, handle times, how much whole days move.

Pure: arrays of seconds and counts in. What formulas and the simulator take in place of guesses.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scheduling.forecast.bands import spread

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Patience:
    """How long callers would wait.

    `staying` is the share that waits for longer than each of `seconds` (Kaplan and Meier 1958): an
    answer cuts off what is known of a caller, and is no sign of impatience.
    """

    seconds: Array
    staying: Array
    mean_seconds: float | None
    """As Erlang A takes it, exponential: all time spent waiting by the number who left. None:
    nobody left."""
    left: int
    waited: int

    def drawn(self, rng: Generator, many: int) -> Array:
        """Patience of callers by chance: as the curve tells, and beyond its end exponential with
        the mean."""
        if self.mean_seconds is None:
            return np.full(many, np.inf)
        chance = rng.random(many)
        place = np.searchsorted(-self.staying, -chance, side="left")
        beyond = place >= len(self.seconds)
        known = self.seconds[np.minimum(place, len(self.seconds) - 1)]
        return np.where(beyond, self.seconds[-1] + rng.exponential(self.mean_seconds, many), known)


def patience(waited: Array, left: NDArray[np.bool_]) -> Patience:
    """Of callers who waited for so many seconds, and whether they left or were answered then.

    Who was answered at once tells nothing of it, and is counted nowhere. Raises ValueError of waits
    below 0 or that are no numbers.
    Source: Kaplan and Meier 1958; Brown et al. 2005, "Statistical analysis of a telephone call
    center".
    """
    if np.isnan(waited).any() or (waited < 0).any():
        raise ValueError("waits are numbers of 0 or more")
    some = waited > 0
    waited, left = waited[some], left[some]
    order = np.argsort(waited, kind="stable")
    waited, left = waited[order], left[order]
    moments, first, many = np.unique(waited, return_index=True, return_counts=True)
    gone = np.add.reduceat(left.astype(float), first) if len(waited) else np.zeros(0)
    there = len(waited) - first
    staying: Array = np.cumprod(1 - gone / np.maximum(there, 1)).astype(float)
    leaves = gone > 0
    total = int(left.sum())
    mean = float(waited.sum() / total) if total else None
    return Patience(moments[leaves], staying[leaves], mean, total, int(many.sum()))


@dataclass(frozen=True, slots=True)
class HandleTimes:
    """How long contacts take. `log_mean` and `log_deviation` are those of the lognormal that is
    nearest (Brown et al. 2005); None: of fewer than two that took any time."""

    n: int
    mean_seconds: float | None
    deviation_seconds: float | None
    log_mean: float | None
    log_deviation: float | None

    @property
    def variation(self) -> float | None:
        """The deviation by the mean: 1 where they are exponential, as formulas take them."""
        if not self.mean_seconds or self.deviation_seconds is None:
            return None
        return self.deviation_seconds / self.mean_seconds


def handle_times(seconds: Array) -> HandleTimes:
    """Of contacts. Raises ValueError of lengths below 0 or that are no numbers."""
    if np.isnan(seconds).any() or (seconds < 0).any():
        raise ValueError("handle times are numbers of 0 or more")
    logs = np.log(seconds[seconds > 0])
    several = len(logs) > 1
    return HandleTimes(
        len(seconds),
        float(seconds.mean()) if len(seconds) else None,
        float(seconds.std(ddof=1)) if len(seconds) > 1 else None,
        float(logs.mean()) if several else None,
        float(logs.std(ddof=1)) if several else None,
    )


def day_to_day(actual: Array, expected: Array) -> float:
    """How much whole days move beyond chance, as a share of their calls, by what came on some and
    what was expected; 0: not at all. Of days with nan nothing is taken."""
    return spread(actual, expected)
