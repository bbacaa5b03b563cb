"""What the admin chose for a KPI on a day, in a scope: its variant, parameters and target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q

from ccm.access import AGENT
from ccm.models import Target, TeamMembership
from kpis.declaration import Need
from kpis.definitions import Kpi, Variant
from kpis.models import KpiChoice
from kpis.parameters import Parameters, said
from kpis.sums.counts import Family

_KNOWN = {one.name for one in fields(Parameters)}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class History:
    """Every choice and target up to a day, the oldest first."""

    choices: Sequence[KpiChoice]
    aims: Sequence[Target]

    @classmethod
    def until(cls, day: date) -> History:
        """Two queries, and a third where an agent is held against a team's target."""
        begun = Q(valid_from__lte=day)
        return cls(
            list(KpiChoice.objects.filter(begun).order_by("valid_from")),
            list(Target.objects.filter(begun).order_by("valid_from")),
        )

    @cached_property
    def stays(self) -> list[tuple[int, int, date, date | None]]:
        """Agents with their teams, from and until when; none where no target is of a team."""
        if not any(aim.team_id is not None for aim in self.aims):
            return []
        return list(
            TeamMembership.objects.values_list("agent_id", "team_id", "starts_on", "ends_on")
        )

    @cached_property
    def days(self) -> dict[date, Choices]:
        """What was asked for so far."""
        return {}


@dataclass(frozen=True, slots=True)
class Change:
    """From this day on a KPI is made by another variant, or with other parameters."""

    day: date
    kpi: Kpi
    variant: Variant
    parameters: Parameters


def _scope(site: int | None, queue: int | None) -> tuple[int | None, int | None]:
    """A scope by its narrowest part: a queue is of one site."""
    return (site, None) if queue is None else (None, queue)


class Choices:
    """The choices and targets in force on one day, read once. The narrowest scope wins: a queue
    before its site, and that before all; an agent before the team of that day, then all agents.

    What held on earlier days costs no further query (`at`).
    """

    def __init__(self, on: date, history: History | None = None) -> None:
        self.on = on
        self.history = history or History.until(on)
        self._rows: dict[tuple[str, int | None, int | None], KpiChoice] = {}
        for row in self.history.choices:
            if row.valid_from <= on:
                self._rows[row.kpi, *_scope(row.site_id, row.queue_id)] = row
        self._targets: dict[tuple[Any, ...], Target] = {}
        for aim in self.history.aims:
            if aim.valid_from <= on:
                scope = (aim.site_id, aim.queue_id, aim.team_id, aim.agent_id, aim.role)
                self._targets[aim.kpi, *scope] = aim
        self._teams: dict[int, int] | None = None
        self._made: dict[tuple[str, int | None, int | None], tuple[Variant, Parameters]] = {}

    def at(self, day: date) -> Choices:
        """Those in force on a day up to this one; of a later day these, for no more is known."""
        if day >= self.on:
            return self
        if day not in self.history.days:
            self.history.days[day] = Choices(day, self.history)
        return self.history.days[day]

    def of(
        self, kpi: Kpi, site: int | None = None, queue: int | None = None
    ) -> tuple[Variant, Parameters]:
        """The variant and parameters of a KPI for a queue of a site, a site, or the house."""
        asked = (kpi.id, site, queue)
        if asked not in self._made:  # a report asks it of every cell
            self._made[asked] = self._of(kpi, site, queue)
        return self._made[asked]

    def _of(self, kpi: Kpi, site: int | None, queue: int | None) -> tuple[Variant, Parameters]:
        variant, changed = "", dict[str, Any]()
        for scope in dict.fromkeys(((None, None), (site, None), _scope(site, queue))):
            row = self._rows.get((kpi.id, *scope))
            if row is not None:
                variant = row.variant or variant
                changed |= {key: one for key, one in row.parameters.items() if key in _KNOWN}
        return kpi.variant(variant or None), replace(kpi.parameters, **changed)

    def needs(self, kpi: Kpi, variant: Variant | None = None) -> set[Need]:
        """What a KPI is read from beside counts of calls, in whatever scope and on whatever day up
        to this one: in the one variant, or in any that is or was chosen for it."""
        rows = [row for row in self.history.choices if row.kpi == kpi.id]
        hours = any(row.parameters.get("business_hours") for row in rows)
        asked = replace(kpi.parameters, business_hours=hours)
        return {need for one in self.variants(kpi, variant) for need in one.reads(asked)}

    def families(self, kpi: Kpi, variant: Variant | None = None) -> set[Family]:
        """What of the counts a KPI is read from, as `needs`."""
        rows = [row for row in self.history.choices if row.kpi == kpi.id]
        callbacks = {kpi.parameters.callbacks, *(row.parameters.get("callbacks") for row in rows)}
        every = [replace(kpi.parameters, callbacks=one) for one in callbacks if one]
        variants = self.variants(kpi, variant)
        return {family for one in variants for at in every for family in one.families(at)}

    def variants(self, kpi: Kpi, variant: Variant | None = None) -> list[Variant]:
        """The one variant, else all that a KPI is or was made by, in whatever scope."""
        if variant is not None:
            return [variant]
        chosen = [row.variant for row in self.history.choices if row.kpi == kpi.id]
        return [kpi.default, *(kpi.variant(one) for one in dict.fromkeys(chosen) if one)]

    def row(self, kpi: Kpi, site: int | None = None, queue: int | None = None) -> KpiChoice | None:
        """What was last chosen in this very scope; None: nothing ever was."""
        return self._rows.get((kpi.id, *_scope(site, queue)))

    def changes(
        self, kpi: Kpi, first: date, site: int | None = None, queue: int | None = None
    ) -> list[Change]:
        """The days after `first`, up to this one, from which the KPI of this scope is made
        otherwise; a choice that changes nothing there is none."""
        begun = {row.valid_from for row in self.history.choices if row.kpi == kpi.id}
        found = []
        for day in sorted(day for day in begun if first < day <= self.on):
            variant, parameters = self.at(day).of(kpi, site, queue)
            was, had = self.at(day - _DAY).of(kpi, site, queue)
            if (variant.id, said(parameters, variant.uses)) != (was.id, said(had, was.uses)):
                found.append(Change(day, kpi, variant, parameters))
        return found

    def apart(
        self, kpi: Kpi, variant: Variant, site: int | None = None, queue: int | None = None
    ) -> Variant | None:
        """The variant that is chosen for a KPI, which targets are of, where one of the two is made
        of what callers answered and the other of calls: what callers say of the first contact, and
        whether they called again, are two things. None: a target is of both."""
        chosen, _parameters = self.of(kpi, site, queue)
        is_same = variant is chosen or chosen.is_of_answers == variant.is_of_answers
        return None if is_same else chosen

    def aimed_as(
        self,
        kpi: Kpi,
        variant: Variant,
        site: int | None = None,
        queue: int | None = None,
        agent: int | None = None,
    ) -> Variant | None:
        """The variant that targets are of, where for that none is held against this one: what is
        chosen for the very scope, or for the site of a queue that has no target of its own."""
        found = self.apart(kpi, variant, site, queue)
        if found is None and queue is not None:
            is_aimed = self.aim(kpi, variant, site, queue, agent) is not None
            found = None if is_aimed else self.apart(kpi, variant, site)
        return found

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
        or of one of its queues or agents; where nobody did, with the one they have. With none where
        a target is of something else (`aimed_as`)."""
        if self.aimed_as(kpi, variant, site, queue, agent) is not None:
            return replace(parameters, target=None)
        aim = self.aim(kpi, variant, site, queue, agent)
        if aim is None:
            return parameters
        return replace(parameters, target=None if aim.value is None else float(aim.value))

    def aim(
        self,
        kpi: Kpi,
        variant: Variant,
        site: int | None = None,
        queue: int | None = None,
        agent: int | None = None,
    ) -> Target | None:
        """What somebody set for this variant's figure of the site, or of one of its queues or
        agents; None: nobody did. It is of the variants of one unit (`kpis.aims`), and of what is
        made of callers' answers only where the one chosen for the target's own scope is.
        """
        if not self._targets or site is None or self.apart(kpi, variant, site, queue):
            return None
        name = kpi.id if variant.unit == kpi.default.unit else f"{kpi.id}:{variant.id}"
        scopes: list[tuple[Any, ...]] = [(site, None, None, None, "")]
        if queue is not None:
            is_sites = self.apart(kpi, variant, site) is None
            scopes = [(site, queue, None, None, ""), *(scopes if is_sites else [])]
        if agent is not None:
            team = self._team(agent)
            own = [(site, None, None, agent, ""), (site, None, None, None, AGENT)]
            scopes = [own[0], *([(site, None, team, None, "")] if team else []), own[1]]
        found = (self._targets.get((name, *scope)) for scope in scopes)
        return next((aim for aim in found if aim is not None), None)

    def _team(self, agent: int) -> int | None:
        """The team that an agent was in on that day; looked up where any target is of a team."""
        if self._teams is None:
            self._teams = {
                one: team
                for one, team, starts, ends in self.history.stays
                if starts <= self.on and (ends is None or self.on < ends)
            }
        return self._teams.get(agent)
