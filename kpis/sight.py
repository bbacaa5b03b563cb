"""Who may know what figures are made of, where not everybody may who sees figures."""

from collections.abc import Collection
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
    def of(cls, user: Viewer, site: int, agents: Collection[int | None]) -> Self:
        """The sight of a user, as far as it is of these agents of a site, whom the user may know.
        One query of who plans there and leads a team."""
        scope = scope_of(user)
        people = {one for one in agents if one is not None}
        # Where not every agent may be known, those are who may be that one answers for.
        if people and site in scope.agent_sites:
            answered_for = Agent.objects.answered_for_by(user).filter(pk__in=people)
            people &= {*answered_for.values_list("pk", flat=True)} if scope.teams else {scope.agent}
        return cls(scope, frozenset(people))

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
