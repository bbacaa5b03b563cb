"""What to expect of a queue, as every model tells it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = float | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expected:
    """Shares are 0 to 1, times in seconds, each of the shape that was asked for.

    The service levels are the variants of `docs/metrics.md`, by the target wait: where nobody
    abandons SL1 to SL4 are the same number. Waits count who waited 0 seconds, too.
    """

    p_wait: Numbers
    """Share of calls that find nobody free."""
    sl1: Numbers
    """Answered or abandoned within the target, of all."""
    sl2: Numbers
    """Answered within the target, of the answered."""
    sl3: Numbers
    """Answered within the target, of all."""
    sl4: Numbers
    """Answered within the target, of all but those who abandoned within it."""
    p_virtual: Numbers
    """Share that would be answered within the target if they stayed, of all."""
    w1: Numbers
    """Mean wait of the answered: ASA as W1."""
    w2: Numbers
    """Mean wait of all: ASA as W2."""
    occupancy: Numbers
    """Share of the positions' time with a call."""
    p_abandon: Numbers
    queue_length: Numbers
    """Mean number of calls that wait."""


def shaped(value: NDArray[np.float64]) -> Numbers:
    """An array as it is; what was asked of single numbers, as a number."""
    return float(value) if value.ndim == 0 else value
