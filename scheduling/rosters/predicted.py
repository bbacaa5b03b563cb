"""The service level that a roster is likely to give, slot by slot, by the formulas that tell what
is required (`scheduling.staffing`). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Self

import numpy as np

from scheduling.shifts import Demand
from scheduling.shifts.demand import Floats
from scheduling.staffing.requirement import Aim

# So often is the time of those who take several queues shared out anew: with two that differ most
# the shares are then within a hundredth of where they go.
_ROUNDS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What comes of one skill of a demand: calls of each slot, their mean handle time in seconds (0
    where none come of which it is known), and what is asked of their answering."""

    calls: Floats
    aht: Floats
    aim: Aim

    def said(self) -> dict[str, Any]:
        """The aim in plain values of JSON."""
        return {
            one.name: str(value) if isinstance(value, Decimal) else value
            for one in fields(self.aim)
            for value in [getattr(self.aim, one.name)]
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """The reverse, of {"calls", "aht", "aim"}."""
        aim = Aim(**{**said["aim"], "shrinkage": Decimal(said["aim"]["shrinkage"])})
        return cls(np.array(said["calls"], float), np.array(said["aht"], float), aim)


def level(demand: Demand, work: Sequence[Work], skills: Floats, there: Floats) -> Floats:
    """The share of each slot's calls that are answered in time, 0 to 1; nan where none come, or it
    is not known how long they take. Levels of several skills are weighed by their calls, each told
    as its own aim tells it. `skills` and `there` are as `scheduling.rules.there` has them.

    Raises ValueError where `work` is not that of the demand's skills.
    """
    if len(work) != len(demand.skills):
        raise ValueError(f"work of {len(work)} skills for {len(demand.skills)}")
    filled = shared(demand.required, skills, there)
    answered, calls = np.zeros(demand.slots), np.zeros(demand.slots)
    for row, one in enumerate(work):
        known = (one.calls > 0) & (one.aht > 0)
        if not known.any():
            continue
        load = one.calls[known] * one.aht[known] / (demand.slot_minutes * 60)
        told = one.aim.expected(load, filled[row, known], one.aht[known])
        share = np.asarray(getattr(told, one.aim.variant.lower()), float)
        answered[known] += one.calls[known] * share
        calls[known] += one.calls[known]
    return np.divide(answered, calls, out=np.full(demand.slots, np.nan), where=calls > 0)


def by(there: Floats, skills: Floats, more: float) -> Floats:
    """Those who are there (as `level` has them), and so many more of them in each slot, or fewer:
    in the proportions in which they are there; where nobody is, of those who can take most."""
    whole = there.sum(axis=0)
    scale = np.divide(np.maximum(whole + more, 0), whole, out=np.ones_like(whole), where=whole > 0)
    found: Floats = there * scale
    if more > 0 and len(there):
        found[np.argmax((skills > 0).sum(axis=1)), whole == 0] += more
    return found


def shared(required: Floats, skills: Floats, there: Floats) -> Floats:
    """Positions filled of each skill in each slot, where the time of those who take several is
    shared so that what is filled is in proportion to what is required, as far as those there can.

    Source: iterative proportional fitting (Deming and Stephan 1940).
    """
    takes = skills > 0
    time = takes[:, :, None] * there[:, None, :]
    for _round in range(_ROUNDS):
        filled = (time * skills[:, :, None]).sum(axis=0)
        # A skill that nobody is asked for takes nobody's time, unless they have no other.
        time *= np.divide(required, filled, out=np.zeros_like(filled), where=filled > 0) + 1e-9
        spent = time.sum(axis=1)
        share = np.divide(there, spent, out=np.zeros_like(spent), where=spent > 0)
        time *= share[:, None, :]
        if takes.sum(axis=1).max(initial=0) < 2:
            break  # nobody has a choice
    found: Floats = (time * skills[:, :, None]).sum(axis=0)
    return found
