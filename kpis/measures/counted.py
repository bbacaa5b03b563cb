"""Counts, and how many calls an agent took."""

from django.utils.translation import gettext_lazy as _

from kpis.formulas import Ratio
from kpis.measures import Measure, Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts


def count(field: str) -> Measure:
    """The count in one field of Counts."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        counted: int = getattr(counts, field)
        return Value(counted, counted)

    return measure


def calls_per_agent(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(
        Ratio(counts.answered_by_agents, counts.agents),
        noted(
            (
                _("answered by nobody the source names"),
                max(0, counts.answered - counts.answered_by_agents),
            )
        ),
    )
