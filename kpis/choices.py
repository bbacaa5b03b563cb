"""What the admin chose for a KPI on a day, in a scope: its variant, parameters and target."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from ccm.access import AGENT
from ccm.models import Target, TeamMembership
from kpis.declaration import Need
from kpis.definitions import Kpi, Variant
from kpis.models import KpiChoice
from kpis.parameters import Parameters

_KNOWN = {one.name for one in fields(Parameters)}


class Choices:
    """The choices and targets in force on one day, read once. The narrowest scope wins: a queue
    before its site, and that before all; an agent before the team of that day, then all agents."""

    def __init__(self, on: date) -> None:
        self.on = on
        self._rows: dict[tuple[str, int | None, int | None], KpiChoice] = {}
        for row in KpiChoice.objects.filter(Q(valid_from__lte=on)).order_by("valid_from"):
            self._rows[row.kpi, row.site_id, row.queue_id] = row
        self._targets: dict[tuple[Any, ...], Decimal | None] = {}
        for aim in Target.objects.filter(valid_from__lte=on).order_by("valid_from"):
            scope = (aim.site_id, aim.queue_id, aim.team_id, aim.agent_id, aim.role)
            self._targets[aim.kpi, *scope] = aim.value
        self._teams: dict[int, int] | None = None

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

    def needs(self, kpi: Kpi, variant: Variant | None = None) -> set[Need]:
        """What a KPI is read from beside counts of calls, in whatever scope: in the one variant, or
        in any that is chosen for it."""
        rows = [row for (name, *_scope), row in self._rows.items() if name == kpi.id]
        variants = [variant or kpi.default]
        if variant is None:
            variants += [kpi.variant(row.variant) for row in rows if row.variant]
        hours = any(row.parameters.get("business_hours") for row in rows)
        asked = replace(kpi.parameters, business_hours=hours)
        return {need for one in variants for need in one.reads(asked)}

    def aimed(
        self,
        kpi: Kpi,
        variant: Variant,
        parameters: Parameters,
        site: int | None = None,
        queue: int | None = None,
        agent: int | None = None,
    ) -> Parameters:
        """The parameters with the target that somebody set for this variant's figure of the site,
        or of one of its queues or agents; where nobody did, with the one they have.

        A target is of the variants of one unit (`kpis.aims`).
        """
        if not self._targets or site is None:
            return parameters
        name = kpi.id if variant.unit == kpi.default.unit else f"{kpi.id}:{variant.id}"
        scopes: list[tuple[Any, ...]] = [(site, None, None, None, "")]
        if queue is not None:
            scopes.insert(0, (site, queue, None, None, ""))
        if agent is not None:
            team = self._team(agent)
            own = [(site, None, None, agent, ""), (site, None, None, None, AGENT)]
            scopes = [own[0], *([(site, None, team, None, "")] if team else []), own[1]]
        for scope in scopes:
            if (name, *scope) in self._targets:
                value = self._targets[name, *scope]
                return replace(parameters, target=None if value is None else float(value))
        return parameters

    def _team(self, agent: int) -> int | None:
        """The team that an agent was in on that day; looked up where any target is of a team."""
        if self._teams is None:
            of_teams = any(team is not None for _kpi, _site, _queue, team, *_more in self._targets)
            there = Q(starts_on__lte=self.on) & (Q(ends_on=None) | Q(ends_on__gt=self.on))
            stays = (
                TeamMembership.objects.filter(there) if of_teams else TeamMembership.objects.none()
            )
            self._teams = dict(stays.values_list("agent", "team"))
        return self._teams.get(agent)
