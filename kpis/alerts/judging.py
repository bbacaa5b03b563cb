"""Whether an alert begins or is over. Pure.

Between the bound that raises it and the one that clears it an alert stays as it is, so that a
figure that wavers about a bound does not raise it again and again.
"""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Literal

Side = Literal["below", "above"]


class Move(StrEnum):
    RAISE = "raise"
    CLEAR = "clear"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Raised by a value beyond `raises_at`, cleared by one that is back at `clears_at`. A value of
    fewer than `least_n` is too few to say anything."""

    side: Side
    raises_at: float
    clears_at: float
    least_n: int = 0

    def __post_init__(self) -> None:
        between = self.clears_at - self.raises_at
        if between < 0 if self.side == "below" else between > 0:
            raise ValueError(f"{self.clears_at} lies beyond {self.raises_at}")


def judged(value: float | None, n: int, bounds: Bounds, is_raised: bool) -> Move:
    """What a value does to an alert. Where nothing was counted at all it is over."""
    if value is None or n < bounds.least_n:
        return Move.CLEAR if is_raised and n == 0 else Move.STAY
    below = bounds.side == "below"
    if not is_raised:
        beyond = value < bounds.raises_at if below else value > bounds.raises_at
        return Move.RAISE if beyond else Move.STAY
    back = value >= bounds.clears_at if below else value <= bounds.clears_at
    return Move.CLEAR if back else Move.STAY


def is_quiet(at: time, begins: time | None, ends: time | None) -> bool:
    """Whether a clock's time lies in the quiet hours [begins, ends), which may go over midnight."""
    if begins is None or ends is None or begins == ends:
        return False
    if begins < ends:
        return begins <= at < ends
    return at >= begins or at < ends
