"""What is known of a queue's callers, and the formula that this takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.erlang import climbing, required
from scheduling.erlang.delay import erlang_c
from scheduling.erlang.expected import Expected, Numbers
from scheduling.erlang.patience import erlang_a
from scheduling.erlang.required import Targets
from scheduling.erlang.retrials import erlang_x


@dataclass(frozen=True, slots=True)
class Callers:
    """Callers of a queue, or of each of several; the service level counts who is answered within
    `target_seconds`."""

    target_seconds: Numbers
    patience_seconds: Numbers | None = None
    """The mean patience; None: nobody leaves."""
    again: float = 0.0
    """Of those who leave, the share that calls again, 0 to 1."""

    @property
    def model(self) -> str:
        """The formula's name."""
        if self.patience_seconds is None:
            return "Erlang C"
        return "Erlang X" if self.again else "Erlang A"

    def expected(self, load: Numbers, positions: Numbers, aht_seconds: Numbers) -> Expected:
        """What to expect of so many positions; broadcasts."""
        target, patience = self.target_seconds, self.patience_seconds
        if patience is None:
            return erlang_c(load, positions, aht_seconds, target)
        if self.again:
            return erlang_x(load, positions, aht_seconds, patience, self.again, target)
        return erlang_a(load, positions, aht_seconds, patience, target)

    def fewest(self, load: Numbers, targets: Targets, aht_seconds: Numbers) -> NDArray[np.int64]:
        """Positions that meet all targets. Raises ValueError where no number does."""
        if self.patience_seconds is None:
            return climbing.positions(load, targets, aht_seconds, self.target_seconds)
        return required.positions(
            load, targets, lambda work, there: self.expected(work, there, aht_seconds)
        )
