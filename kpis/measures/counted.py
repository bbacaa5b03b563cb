"""Counts, and how many calls an agent took."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis.formulas import Ratio
from kpis.measures import Measure, Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.staff import Answering

if TYPE_CHECKING:
    from kpis.measures import Words

WHO_ANSWERED = ngettext_lazy("agent who answered", "agents who answered", "n")


def count(field: str, of: Words = "") -> Measure:
    """The count in one field of Counts; `of` what, where it is neither visits nor contacts."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        counted: int = getattr(counts, field)
        return Value(counted, counted, of=of)

    return measure


def calls_per_agent(counts: Counts, parameters: Parameters) -> Value:
    who = counts.answering or Answering()
    nobodys = max(0, counts.answered - who.answered)
    value = of_ratio(
        Ratio(who.answered, who.agents),
        noted((_("answered by nobody the source names"), nobodys)),
    )
    return replace(value, of=WHO_ANSWERED)
