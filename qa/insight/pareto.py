"""Which few criteria most lost points are lost on."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

MOST = 0.80
"""The few are those that lose so much of all together."""

Named = TypeVar("Named", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Loss(Generic[Named]):
    """What a criterion loses: of a score from 0 to 1, of all that is lost, and with those before
    it. `is_vital`: it is one of the few."""

    of: Named
    lost: float
    share: float
    together: float
    is_vital: bool


def pareto(lost: Mapping[Named, float], most: float = MOST) -> list[Loss[Named]]:
    """By what is lost, the most first; equal ones stay in their order. The few are as many, from
    the first, as lose `most` of all together or more, and none where nothing is lost.

    Raises ValueError for less than nothing, or a `most` not in (0, 1].
    """
    if not 0 < most <= 1:
        raise ValueError(f"{most} is no share of all")
    if any(one < 0 for one in lost.values()):
        raise ValueError("less than nothing is lost")
    everything = sum(lost.values())
    told: list[Loss[Named]] = []
    before = 0.0
    for name, one in sorted(lost.items(), key=lambda each: -each[1]):
        share = one / everything if everything else 0.0
        # Within rounding what is reached is reached.
        is_vital = bool(one) and before < most - 1e-12
        before += share
        told.append(Loss(name, one, share, min(before, 1.0), is_vital))
    return told
