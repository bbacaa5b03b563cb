"""How many are asked for, and what it costs to have fewer or more."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Demand:
    """Positions to be filled, slot by slot from the span's beginning.

    `required` has a row for each of `skills` and a column for each slot of `slot_minutes`. A slot
    is short by the fewest positions that nobody there can fill, whoever of them takes what; each
    costs `under`. That is the most, over sets of skills, by which what is required of a set exceeds
    what those there give to it: each their best proficiency in one of its skills (Hall's condition,
    1935). Where proficiencies of one person differ it is the least that can be missing, and counts
    as what is. Everyone there beyond what is asked for costs `over`: the best proficiencies of all
    there in any of `skills`, less what of `required` is filled.

    People are there for the share of a slot in which they work: pauses, other activities and being
    on call are not. Where nothing is placed yet a whole spell is work.

    `told` are the slots of which anything is known (None: all): in others nobody is too many.
    """

    slot_minutes: int
    required: Floats
    skills: tuple[str, ...] = ("",)
    under: int = 10
    over: int = 1
    told: Bools | None = None

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
