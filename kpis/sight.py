"""Who may know what figures are made of, where not everybody may who sees figures."""

from collections.abc import Collection

from ccm.access import scope_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer
from kpis.declaration import PRIVATE, Need


def known_to(user: Viewer, sites: Collection[Site], agent: Agent | None = None) -> frozenset[Need]:
    """What of `PRIVATE` the user may know of all these sites, or of an agent that is visible.

    Costs as `Cost.objects.visible_to` has it, for salaries are among them; sales as
    `Sale.objects.visible_to` has it: of sites whose calls one may open, and of who is in an own
    team or oneself.
    """
    scope = scope_of(user)
    if scope.everything:
        return PRIVATE
    known: set[Need] = set()
    if all(site.pk in scope.managed_sites for site in sites):
        known.add("costs")
    # Visible by a team or as oneself, where not all agents of the site are.
    own = agent is not None and agent.site_id not in scope.agent_sites
    if own or all(site.pk in scope.call_sites for site in sites):
        known.add("sales")
    return frozenset(known)
