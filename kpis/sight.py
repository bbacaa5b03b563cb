"""Who may know what figures are made of, where not everybody may who sees figures."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Self

from ccm.access import Scope, scope_of
from ccm.models import Agent
from ccm.querysets import Viewer
from kpis.declaration import PRIVATE, Need

Picked = Collection[int | None] | None
"""The keys of what is picked of a kind, None for nobody's; nothing: none is picked."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What of `PRIVATE` a reader may know.

    Costs as `Cost.objects.visible_to` has it, for salaries are among them; sales as
    `Sale.objects.visible_to` has it: of sites whose calls one may open; of others, what agents and
    teams sold whom one answers for, where nobody else has a part in it.
    """

    scope: Scope = field(default_factory=Scope)
    people: frozenset[int] = frozenset()
    """The agents whom the reader answers for (`Agent.objects.answered_for_by`)."""

    @classmethod
    def of(cls, user: Viewer, agents: Iterable[int | None]) -> Self:
        """The sight of a user, as far as it is of these agents. One query of whoever leads a
        team."""
        scope = scope_of(user)
        asked = {one for one in agents if one is not None}
        people = {scope.agent} & asked
        if asked and scope.teams and not scope.everything:
            led = Agent.objects.answered_for_by(user).filter(pk__in=asked)
            people = {*led.values_list("pk", flat=True)}
        return cls(scope, frozenset(one for one in people if one is not None))

    def knows(self, site: int, agents: Picked = None, teams: Picked = None) -> frozenset[Need]:
        """What may be known of a site, or of what those of its agents and teams did that are
        picked: of none of them it has no part."""
        if self.scope.everything:
            return PRIVATE
        known: set[Need] = set()
        if site in self.scope.managed_sites:
            known.add("costs")
        own = (agents, self.people), (teams, self.scope.teams)
        if site in self.scope.call_sites or any(
            picked is not None and theirs.issuperset(picked) for picked, theirs in own
        ):
            known.add("sales")
        return frozenset(known)
