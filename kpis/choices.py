"""Which variant and parameters the admin chose for a KPI, on a day, in a scope."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from django.db.models import Q

from kpis.definitions import Kpi, Variant
from kpis.models import KpiChoice
from kpis.parameters import Parameters

_KNOWN = {one.name for one in fields(Parameters)}


class Choices:
    """The choices in force on one day, read once. The narrowest scope wins: queue, site, all."""

    def __init__(self, on: date) -> None:
        self._rows: dict[tuple[str, int | None, int | None], KpiChoice] = {}
        for row in KpiChoice.objects.filter(Q(valid_from__lte=on)).order_by("valid_from"):
            self._rows[row.kpi, row.site_id, row.queue_id] = row

    def of(
        self, kpi: Kpi, site: int | None = None, queue: int | None = None
    ) -> tuple[Variant, Parameters]:
        """The variant and parameters of a KPI for a queue of a site, a site, or the house."""
        variant, changed = "", dict[str, Any]()
        for scope in ((None, None), (site, None), (site, queue), (None, queue)):
            row = self._rows.get((kpi.id, *scope))
            if row is not None:
                variant = row.variant or variant
                changed |= {key: one for key, one in row.parameters.items() if key in _KNOWN}
        return kpi.variant(variant or None), replace(kpi.parameters, **changed)
