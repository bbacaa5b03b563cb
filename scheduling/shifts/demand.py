"""How many are asked for, and what it costs to have fewer or more."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Demand:
    """Positions to be filled, slot by slot from the span's beginning.

    `required` has a row for each of `skills` and a column for each slot of `slot_minutes`. A slot
    is short by the fewest positions that nobody there can fill, whoever of them takes what; each
    costs `under`. Everyone there beyond what is asked for costs `over`.
    """

    slot_minutes: int
    required: Floats
    skills: tuple[str, ...] = ("",)
    under: int = 10
    over: int = 1

    @property
    def slots(self) -> int:
        return int(self.required.shape[1])


@dataclass(frozen=True, slots=True)
class NeedOfShape:
    """So many of one shape on a day: how small centres plan, who count shifts and not slots."""

    required: int
    under: int
    over: int


NeedsOfShapes = Mapping[tuple[int, str], NeedOfShape]
