"""The KPIs as targets know them (`ccm.plans.aims`)."""

from collections.abc import Iterator

from ccm.plans.aims import Aim
from kpis.declaration import NOT_OF_AGENTS, Kpi, Variant
from kpis.definitions import KPIS
from kpis.standing import band_of


def provided() -> Iterator[Aim]:
    """Each KPI in the unit of its default variant, and those variants that have another."""
    for kpi in KPIS.values():
        others = [one for one in kpi.variants if one.unit != kpi.default.unit]
        rivals = tuple(_id(kpi, one) for one in others)
        built_in = kpi.parameters.target
        of_agents = any(_of_agents(kpi, one) for one in kpi.variants if one not in others)
        band = band_of(kpi.direction, kpi.default.unit)
        yield Aim(
            kpi.id, kpi.name, kpi.default.unit, kpi.direction, rivals, built_in, of_agents, band
        )
        for one in others:
            yield Aim(
                _id(kpi, one), f"{kpi.name} ({one.id})", one.unit, kpi.direction,
                of_agents=_of_agents(kpi, one), band=band_of(kpi.direction, one.unit),
            )  # fmt: skip


def _of_agents(kpi: Kpi, variant: Variant) -> bool:
    """Whether agents can have a figure of it."""
    told = NOT_OF_AGENTS.isdisjoint(variant.needs)
    return told and variant.is_of_agents(kpi.parameters)


def _id(kpi: Kpi, variant: Variant) -> str:
    """As `definitions.parse` reads it."""
    return f"{kpi.id}:{variant.id}"
