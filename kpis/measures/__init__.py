"""From counts to a figure that admits what it left out.

Each measure is a function of Counts and Parameters that `definitions` hangs on a variant.
It calls a formula and adds n, and in words what the formula had to leave out or assume.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kpis.counts import Counts
from kpis.formulas import Ratio
from kpis.parameters import Parameters

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


class LeftOut(NamedTuple):
    """Visits that a figure left out, or counted by a rule because something is unknown."""

    words: Words
    n: int


@dataclass(frozen=True, slots=True)
class Value:
    """A KPI's figure: seconds, a fraction, a score or a count; None = nothing to say."""

    value: float | int | None
    n: int
    """The denominator; for counts, the count; for shares of time, its seconds."""
    left_out: tuple[LeftOut, ...] = ()
    approximate: bool = False
    """The figure is known to within a second only."""
    reason: Words = ""
    """Why there is no figure although there was something to count."""
    bad: int = 0
    """Of a net share: how many answers count against it, for its interval."""


Measure = Callable[[Counts, Parameters], Value]


def noted(*notes: tuple[Words, int]) -> tuple[LeftOut, ...]:
    """The notes that concern anyone."""
    return tuple(LeftOut(words, n) for words, n in notes if n)


def of_ratio(ratio: Ratio, left_out: tuple[LeftOut, ...] = (), reason: Words = "") -> Value:
    return Value(ratio.value, ratio.denominator, left_out, reason=reason)


def seconds(wait_ms: int | None) -> float | None:
    return None if wait_ms is None else wait_ms / 1000
