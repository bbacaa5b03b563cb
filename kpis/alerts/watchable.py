"""Which KPIs a rule may be about: those that a trailing window tells, and that everybody may know
who sees figures. An alert stands on walls, and goes out by mail."""

from kpis.declaration import Need, UnknownKpi
from kpis.definitions import parse

# What is told by the quarter hour, and is nobody's secret.
_TOLD: frozenset[Need] = frozenset({"time", "open", "outbound"})


def can_be_watched(asked: str) -> bool:
    """Whether a KPI ("id" or "id:variant") can, whichever of its variants is chosen."""
    try:
        kpi, variant = parse(asked)
    except UnknownKpi:
        return False
    variants = (variant,) if ":" in asked else kpi.variants
    return all({*one.needs} <= _TOLD for one in variants)
