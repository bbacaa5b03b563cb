"""Who changes forecasts: admins, and managers and planners of their own sites."""

from typing import TYPE_CHECKING

from ccm.access import scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ccm.models import User


def may_plan(user: "User | AnonymousUser", site: int) -> bool:
    return scope_of(user).plans_for(site)
