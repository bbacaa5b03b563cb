"""Which KPIs an effect is told of, and how the figures of agents are counted.

Those that agents have, whose changes can be told from noise, and that are counted by queue and day.
What agents spend their time on is of no queue, so that no mix of queues can be taken out of it.
"""

from dataclasses import dataclass

from coaching.effect.beyond import Cell
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.definitions import KPIS, Kpi, Variant, passport
from kpis.parameters import Parameters
from kpis.sums.counts import Counts

COUNTED: frozenset[Need] = frozenset({"outbound", "repeats"})
"""What is counted by agent, queue and day beside calls."""
DEFAULT = "aht"


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI as a site has chosen to make it."""

    kpi: Kpi
    variant: Variant
    parameters: Parameters

    @property
    def is_told(self) -> bool:
        """Whether an effect on it can be told in this variant."""
        return _is_told(self.variant, self.parameters)

    @property
    def needs(self) -> list[Need]:
        return sorted(self.variant.reads(self.parameters))

    @property
    def words(self) -> str:
        """The formula in words."""
        return passport(self.kpi, self.variant, self.parameters)

    @property
    def more_is_better(self) -> bool | None:
        """None: neither more nor less of it is good by itself."""
        return {"up": True, "down": False}.get(self.kpi.direction)

    def cell(self, counts: Counts) -> Cell | None:
        """What was counted, as sums; None: nothing that it can be told of."""
        told = self.variant.measure(counts, self.parameters)
        if told.value is None or not told.n:
            return None
        return Cell(float(told.value) * told.n, float(told.n), counts.answered)


def known() -> dict[str, str]:
    """The KPIs that there is a choice of, by id, with their names."""
    return {one.id: str(one.name) for one in KPIS.values() if _is_told(one.default, one.parameters)}


def chosen(kpi: str, site: int, choices: Choices) -> Measure:
    """A KPI of `known`, as its site has chosen it."""
    one = KPIS[kpi]
    return Measure(one, *choices.of(one, site))


def _is_told(variant: Variant, parameters: Parameters) -> bool:
    # A mean of scores has no interval of its own: how far agents' means lie apart is one.
    return (
        (variant.interval != "none" or variant.unit == "score")
        and variant.is_of_agents(parameters)
        and variant.reads(parameters) <= COUNTED
    )
