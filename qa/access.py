"""Who does what with quality reviews.

| role       | sees                               | changes                              |
|------------|------------------------------------|--------------------------------------|
| admin      | everything                         | everything                           |
| manager    | reviews of own sites               | decides disputes, owns findings      |
| qa_analyst | reviews of own sites               | scorecards, plans, reviews, sessions |
| supervisor | reviews of own teams, scorecards   | reviews of own teams, findings       |
| trainer    | scorecards of own sites, and       | training gaps given to them          |
|            | training gaps given to them        |                                      |
| agent      | own reviews once they are released | answers to them                      |
| planner    | nothing                            | nothing                              |

Nobody reviews their own calls, and of one's own review everybody sees what an agent would.
"""

from django.db.models import Q, QuerySet

from ccm.access import MANAGER, QA_ANALYST, SUPERVISOR, TRAINER, Scope, scope_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer
from ccm.rights import reach


def reviewed_sites(scope: Scope) -> frozenset[int]:
    """Sites all of whose reviews the user sees."""
    return scope.own_call_sites if scope.has(MANAGER, QA_ANALYST) else frozenset()


def kept_sites(scope: Scope) -> frozenset[int]:
    """Sites whose scorecards, plans, sessions and checks the user changes."""
    return scope.own_call_sites if scope.has(QA_ANALYST) else frozenset()


def card_sites(scope: Scope) -> frozenset[int]:
    """Sites whose scorecards the user reads."""
    own = scope.sites if scope.has(MANAGER, QA_ANALYST, TRAINER) else frozenset()
    return own | (scope.team_sites if scope.has(SUPERVISOR) else frozenset())


def sites_told(user: Viewer) -> QuerySet[Site]:
    """Sites of which the user sees reviews: all of them, or those of teams led."""
    scope = scope_of(user)
    return _sites(scope, reviewed_sites(scope) | scope.team_sites)


def sites_reviewed(user: Viewer) -> QuerySet[Site]:
    """Sites all of whose reviews the user sees."""
    scope = scope_of(user)
    return _sites(scope, reviewed_sites(scope))


def sites_kept(user: Viewer) -> QuerySet[Site]:
    """Sites whose scorecards, plans, sessions and checks the user changes."""
    scope = scope_of(user)
    return _sites(scope, kept_sites(scope))


def _sites(scope: Scope, those: frozenset[int]) -> QuerySet[Site]:
    rows: QuerySet[Site] = Site.objects.order_by("name")
    return rows if scope.everything else rows.filter(pk__in=those)


def sees_all_of(user: Viewer, site: int) -> bool:
    """Whether the user sees a site's reviews whosever calls they are of."""
    scope = scope_of(user)
    return scope.everything or site in reviewed_sites(scope)


def sees_reviews(scope: Scope) -> bool:
    """Whether there may be reviews of others that the user sees."""
    return scope.everything or bool(reviewed_sites(scope) or scope.teams)


def agents_told(user: Viewer) -> QuerySet[Agent]:
    """Agents whose reviews the user sees, as who leads them or is over their site."""
    rows: QuerySet[Agent] = Agent.objects.all()
    scope = scope_of(user)
    if scope.everything:
        return rows
    told = Q(site__in=reviewed_sites(scope))
    if scope.teams:
        told |= Q(pk__in=Agent.objects.answered_for_by(user).values("pk"))
    return rows.filter(told)


def sees_reviews_of(user: Viewer, agent: Agent) -> bool:
    """Whether the user sees reviews of an agent, as `agents_told` has it."""
    if sees_all_of(user, agent.site_id):
        return True
    return bool(scope_of(user).teams) and agents_told(user).filter(pk=agent.pk).exists()


def keeps(scope: Scope) -> bool:
    return scope.everything or bool(kept_sites(scope))


def keeps_at(user: Viewer, site: int | None) -> bool:
    """Whether the user changes scorecards and plans of a site; of None, which is all of them, an
    admin does."""
    scope = scope_of(user)
    return scope.everything or (site is not None and site in kept_sites(scope))


def decides_at(user: Viewer, site: int) -> bool:
    """Whether the user decides escalated disputes of a site, and releases reviews: who sees all its
    reviews does, by a role that holds the right to."""
    scope = reach.scope_for(user, "disputes")
    return scope.everything or site in reviewed_sites(scope)
