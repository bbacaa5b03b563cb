"""From counts to a figure that admits what it left out.

Each measure is a function of Counts and Parameters that `definitions` hangs on a variant.
It calls a formula and adds n, and in words what the formula had to leave out or assume.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from kpis.formulas import Ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


class LeftOut(NamedTuple):
    """Visits that a figure left out, or counted by a rule because something is unknown: `words`
    for so many.

    Their calls are those of the `reasons` (`kpis.passports.predicates.REASONS`); none where it is
    something else that was left out, as days or answers.
    """

    words: Words
    n: int
    reasons: tuple[str, ...] = ()


class Part(NamedTuple):
    """A sum that a figure was made of, where no list of calls tells it."""

    words: Words
    value: float | int
    unit: str = "count"
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A KPI's figure in its unit; None = nothing to say."""

    value: float | int | None
    n: int
    """How much it was counted over: the denominator; for counts, the count; for shares of time, its
    seconds. Of what is divided by hours or by a mean of people: what was counted of them."""
    left_out: tuple[LeftOut, ...] = ()
    precision: Words = ""
    """How far the figure is known, where that is not exactly: "to the half second"."""
    reason: Words = ""
    """Why there is no figure although there was something to count."""
    bad: int = 0
    """Of a net share: how many answers count against it, for its interval."""
    caution: Words = ""
    """What a reader must know before trusting the figure."""
    made_of: tuple[Part, ...] = ()
    currency: str = ""
    """Of money: in which it is, by ISO 4217."""
    of: Words = ""
    """What n counts, where it is neither visits nor contacts; perhaps a plural of `n`."""
    not_yet: int = 0
    """How many of what is left out are so because they are not yet known: n grows by some."""


Measure = Callable[[Counts, Parameters], Value]


def noted(
    *notes: tuple[Words, int] | tuple[Words, int, tuple[str, ...]],
) -> tuple[LeftOut, ...]:
    """The notes that concern anyone; their words may be a plural of `n`."""
    return tuple(LeftOut(words % {"n": n}, n, *more) for words, n, *more in notes if n)


def of_ratio(ratio: Ratio, left_out: tuple[LeftOut, ...] = (), reason: Words = "") -> Value:
    return Value(ratio.value, ratio.denominator, left_out, reason=reason)


def seconds(wait_ms: int | None) -> float | None:
    return None if wait_ms is None else wait_ms / 1000


def in_hours(measure: Measure, *, always: bool = False) -> Measure:
    """The figure of opening hours alone, where the parameters ask for it or `always`."""

    def measured(counts: Counts, parameters: Parameters) -> Value:
        if not (always or parameters.business_hours):
            return measure(counts, parameters)
        within = counts.open or Counts()
        value = measure(within, parameters)
        outside = noted(
            (
                _("outside opening hours, or counted by the day alone"),
                counts.offered - within.offered,
                ("outside",),
            )
        )
        return replace(value, left_out=value.left_out + outside)

    return measured


def of_outbound(measure: Measure) -> Measure:
    """The figure of the outbound calls."""

    def measured(counts: Counts, parameters: Parameters) -> Value:
        return measure(counts.outbound or Counts(), parameters)

    return measured
