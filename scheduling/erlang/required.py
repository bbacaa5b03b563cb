"""The smallest number of positions that meets what is asked of a queue."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.erlang.expected import Expected, Numbers
from scheduling.erlang.gamma import Array
from scheduling.erlang.loss import checked

Model = Callable[[Array, Array], Expected]
"""What to expect of so much load at so many positions; all else of the queue is in it."""

# No queue needs more positions beside its load than this by its root: the chance to wait is nil.
ROOTS = 40.0


@dataclass(frozen=True, slots=True)
class Targets:
    """What is asked of a queue, or of each of several; None is not asked. All that is asked must
    hold."""

    service_level: Numbers | None = None
    """At least, 0 to 1, of the variant that `level` names."""
    level: str = "sl4"
    asa_seconds: float | None = None
    """At most, of the variant that `wait` names."""
    wait: str = "w1"
    abandonment: float | None = None
    """At most, 0 to 1."""
    occupancy: Numbers | None = None
    """At most, 0 to 1."""

    def met(self, told: Expected) -> NDArray[np.bool_]:
        """Where an expectation meets all of them."""
        asked: list[tuple[Numbers, Numbers | None, int]] = [
            (getattr(told, self.level), self.service_level, -1),
            (getattr(told, self.wait), self.asa_seconds, 1),
            (told.p_abandon, self.abandonment, 1),
            (told.occupancy, self.occupancy, 1),
        ]
        good = np.ones(np.shape(told.p_wait), bool)
        for value, bound, sign in asked:
            if bound is not None:
                # What is nothing to tell of nobody answered meets no target.
                good &= sign * np.asarray(value) <= sign * np.asarray(bound)
        return good


def positions(load: Numbers, targets: Targets, model: Model) -> NDArray[np.int64]:
    """The smallest whole number of positions, of the load's shape; 0 where there are no calls.

    More positions never meet less, so that the number is found by halving.
    Raises ValueError where no number of positions meets the targets, and of a negative load.
    """
    (work,) = checked(load)
    low, high = np.full(work.shape, -1.0), np.ceil(work + ROOTS * (np.sqrt(work) + 1))
    if targets.occupancy is not None and np.all(targets.occupancy):
        high = np.maximum(high, np.ceil(work / np.asarray(targets.occupancy)) + 1)
    if not targets.met(model(work, high))[work > 0].all():
        raise ValueError("no number of positions meets these targets")
    high = np.where(work > 0, high, 0.0)
    while ((gap := high - low) > 1).any():
        middle = np.where(gap > 1, np.floor((low + high) / 2), high)
        # Without calls the middle is the end, and stays.
        met = targets.met(model(work, middle)) | (gap <= 1)
        low, high = np.where(met, low, middle), np.where(met, middle, high)
    return high.astype(np.int64)
