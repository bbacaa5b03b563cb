"""Whether callers came back: answered contacts by whether their caller called before and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Literal, get_args

LONGEST = 30
"""Days of the longest window; NEVER stands for none within them."""
NEVER = LONGEST + 1
MOST_A_DAY = 10
"""A number that more contacts came from on a day is shared by several callers."""

Scope = Literal["queue", "any", "topic"]
"""What counts as the same matter: the caller on the same queue, at the site, or about the topic."""
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Answered contacts, or visits, in one scope and window of days.

    Those of known callers are young, again or first; settled are a part of the first. Or they are
    told or not; able are a part of the told.
    """

    young: int = 0
    """The record does not hold the whole window after them yet. Nobody knows of them, repeated or
    not: to take those that were repeated alone would let resolution sink towards its end."""
    again: int = 0
    """The caller had another within the window before: they belong to its question."""
    first: int = 0
    """The caller had none within the window before."""
    settled: int = 0
    """Nor any within the window after."""
    early: int = 0
    """Of the first, those that the record does not hold the whole window before: nobody knows
    whether their caller had called."""

    told: int = 0
    """Known to be resolved or not."""
    told_first: int = 0
    """Of these, resolved, and without one within the window before."""
    early_told: int = 0
    """Of the told, those that the record does not hold the whole window before."""
    able: int = 0
    """Known to be resolved or not, and that they could be."""
    able_first: int = 0
    """Of these, resolved, and without one within the window before."""
    early_able: int = 0
    """Of the able, those that the record does not hold the whole window before."""

    withheld: int = 0
    """Of callers whose number is not known."""
    shared: int = 0
    """Of numbers that more than MOST_A_DAY contacts came from on a day within LONGEST of theirs."""
    untold: int = 0
    """Of known callers, but nothing tells what they were about: of the scope "topic" alone."""

    @property
    def known(self) -> int:
        """All of known callers, on known matters."""
        return self.young + self.again + self.first

    @property
    def unsettled(self) -> int:
        """Of the first, those whose caller came again within the window after."""
        return self.first - self.settled

    @classmethod
    def sum(cls, many: Iterable[Repeats]) -> Repeats:
        rows = list(many)
        return cls(**{one.name: sum(getattr(row, one.name) for row in rows) for one in fields(cls)})


Told = Callable[[Scope, int], Repeats]
"""The repeats of some contacts in a scope and a window of 1 to LONGEST days."""


def together(many: Iterable[Told]) -> Told:
    """The repeats of all these contacts."""
    rows = list(many)
    return lambda scope, window: Repeats.sum(row(scope, window) for row in rows)
