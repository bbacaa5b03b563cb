"""Who may see what. `scope_of` is asked once a request; every queryset's `visible_to` uses it.

| role       | sites     | agents        | calls                         |
|------------|-----------|---------------|-------------------------------|
| admin      | all       | all           | all                           |
| manager    | own       | of own sites  | of own sites                  |
| planner    | own       | of own sites  | none: volumes only            |
| supervisor | own teams'| own teams     | own teams', and nobody's      |
| qa_analyst | own       | of own sites  | of own sites                  |
| trainer    | own       | none          | none                          |
| agent      | own       | self          | own                           |

"Nobody's" are calls of the site that no agent answered. Out of reach is 404, never 403.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ccm.models import User

ADMIN = "admin"
MANAGER = "manager"
PLANNER = "planner"
SUPERVISOR = "supervisor"
QA_ANALYST = "qa_analyst"
TRAINER = "trainer"
AGENT = "agent"
ROLES = (ADMIN, MANAGER, PLANNER, SUPERVISOR, QA_ANALYST, TRAINER, AGENT)

_WHOLE_SITE = {MANAGER, PLANNER, QA_ANALYST, TRAINER}
_SITE_FIGURES = {MANAGER, PLANNER, QA_ANALYST}
_SITE_AGENTS = {MANAGER, PLANNER, QA_ANALYST}
_SITE_CALLS = {MANAGER, QA_ANALYST}


@dataclass(frozen=True, slots=True)
class Scope:
    """What one user may reach, as ids; `everything` overrides them all.

    `figure_sites` are sites whose queue figures show; `agent_sites` and `call_sites` those
    whose every agent and call shows; `managed_sites` those whose names, queues, teams and agents
    the user may change; `teams` are the teams led, `team_zones` the zone of each;
    `agent` is the user's own.
    """

    roles: frozenset[str] = frozenset()
    everything: bool = False
    sites: frozenset[int] = frozenset()
    figure_sites: frozenset[int] = frozenset()
    agent_sites: frozenset[int] = frozenset()
    call_sites: frozenset[int] = frozenset()
    managed_sites: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    team_zones: frozenset[tuple[int, str]] = frozenset()
    team_sites: frozenset[int] = frozenset()
    agent: int | None = None

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


def scope_of(user: User | AnonymousUser) -> Scope:
    """The scope of a user, kept on the user object for the rest of the request.

    Costs one query the first time.
    """
    known: Scope | None = getattr(user, "_ccm_scope", None)
    if known is None:
        known = _scope(user)
        user._ccm_scope = known  # type: ignore[union-attr]
    return known


def _scope(user: User | AnonymousUser) -> Scope:
    from ccm.models import Agent, Team, User

    if not user.is_authenticated or not user.is_active:
        return Scope()
    led = Team.objects.filter(supervisor=OuterRef("pk")).order_by("pk")
    found = (
        User.objects.filter(pk=user.pk)
        .annotate(
            role_names=ArraySubquery(
                Group.objects.filter(user=OuterRef("pk"), name__in=ROLES).values("name")
            ),
            site_ids=ArraySubquery(
                User.sites.through.objects.filter(user=OuterRef("pk")).values("site")
            ),
            led_teams=ArraySubquery(led.values("pk")),
            led_zones=ArraySubquery(led.values("site__zone")),
            led_sites=ArraySubquery(led.values("site")),
            me=ArraySubquery(Agent.objects.filter(user=OuterRef("pk")).values("pk")),
            my_site=ArraySubquery(Agent.objects.filter(user=OuterRef("pk")).values("site")),
        )
        .values("role_names", "site_ids", "led_teams", "led_zones", "led_sites", "me", "my_site")
        .get()
    )
    roles = frozenset(found["role_names"]) | ({ADMIN} if user.is_superuser else set())
    if ADMIN in roles:
        return Scope(roles=roles, everything=True)
    own = frozenset(found["site_ids"])
    leads, takes_calls = SUPERVISOR in roles, AGENT in roles and bool(found["me"])
    led_sites = frozenset(found["led_sites"]) if leads else frozenset()
    mine = frozenset(found["my_site"]) if takes_calls else frozenset()
    return Scope(
        roles=roles,
        sites=(own if roles & _WHOLE_SITE else frozenset()) | led_sites | mine,
        figure_sites=(own if roles & _SITE_FIGURES else frozenset()) | led_sites,
        agent_sites=own if roles & _SITE_AGENTS else frozenset(),
        call_sites=own if roles & _SITE_CALLS else frozenset(),
        managed_sites=own if MANAGER in roles else frozenset(),
        teams=frozenset(found["led_teams"]) if leads else frozenset(),
        team_zones=frozenset(zip(found["led_teams"], found["led_zones"], strict=True))
        if leads
        else frozenset(),
        team_sites=led_sites,
        agent=found["me"][0] if takes_calls else None,
    )
