"""Who changes forecasts: admins, and managers and planners of their own sites."""

from typing import TYPE_CHECKING

from ccm.access import MANAGER, PLANNER, scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ccm.models import User


def may_plan(user: "User | AnonymousUser", site: int) -> bool:
    scope = scope_of(user)
    return scope.everything or (site in scope.agent_sites and scope.has(MANAGER, PLANNER))
