"""What goes with satisfaction and with a matter settled: criteria met beside criteria missed.

It is association: calls that go well are met on more criteria and please more, whichever led to
which.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from kpis.noise import discoveries
from qa.insight.weighted import Difference, Floats, difference

FALSE = 0.10
"""Of the criteria that are told to go with something at most such a share are chance."""

Named = TypeVar("Named", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Told:
    """Calls that got a mark on a criterion and of which an outcome is known: whether all of its
    points, the outcome from 0 to 1, how many calls each stands for, and whose."""

    is_met: np.ndarray[tuple[int], np.dtype[np.bool_]]
    outcome: Floats
    weights: Floats
    agents: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Relation(Generic[Named]):
    """`is_told`: it is more than chance, with all others that were looked at."""

    of: Named
    difference: Difference
    is_told: bool


def relations(asked: Mapping[Named, Told]) -> list[Relation[Named]]:
    """Of each criterion (and outcome) how much higher the outcome is where it was met than where it
    was missed. Which are told is Benjamini and Hochberg's procedure over all of them (1995)."""
    found = {
        name: difference(one.outcome, one.is_met, one.weights, one.agents)
        for name, one in asked.items()
    }
    told = set(discoveries({name: one.p for name, one in found.items()}, FALSE))
    return [Relation(name, one, name in told) for name, one in found.items()]
