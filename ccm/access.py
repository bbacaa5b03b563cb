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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone

from ccm.intervals import Calendar, day_of

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
    the user may change; `trained_sites` those whose people the user trains; `teams` are the teams
    led on their sites' day of today, `team_calendars` each with its site's days; `agent` is the
    user's own.
    """

    roles: frozenset[str] = frozenset()
    everything: bool = False
    sites: frozenset[int] = frozenset()
    figure_sites: frozenset[int] = frozenset()
    agent_sites: frozenset[int] = frozenset()
    call_sites: frozenset[int] = frozenset()
    managed_sites: frozenset[int] = frozenset()
    trained_sites: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    team_calendars: frozenset[tuple[int, Calendar]] = frozenset()
    team_sites: frozenset[int] = frozenset()
    agent: int | None = None

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def planned_sites(self) -> frozenset[int]:
        """Sites whose forecasts and staffing the user plans."""
        return self.agent_sites if self.has(MANAGER, PLANNER) else frozenset()

    @property
    def floor_sites(self) -> frozenset[int]:
        """Sites of whose agents the user sees what they do now: of all, or of teams led."""
        return self.planned_sites | self.team_sites

    def plans_for(self, site: int) -> bool:
        return self.everything or site in self.planned_sites

    def sees_figures_of(self, site: int) -> bool:
        return self.everything or site in self.figure_sites

    def calls_seen(self, site: int) -> str:
        """Which calls of a site the user may open: "all", those of the "teams" led and nobody's, or
        the "own"."""
        if self.everything or site in self.call_sites:
            return "all"
        return "teams" if site in self.team_sites else "own"


def scope_of(user: User | AnonymousUser, found: Mapping[str, Any] | None = None) -> Scope:
    """The scope of a user, kept on the user object for the rest of the request.

    Costs one query the first time; none where its `facts` were found with the user.
    """
    known: Scope | None = getattr(user, "_ccm_scope", None)
    if known is None:
        known = _scope(user, found)
        user._ccm_scope = known  # type: ignore[union-attr]
    return known


_LED = ("led_teams", "led_zones", "led_begins", "led_sites", "led_from", "led_until")


def facts() -> dict[str, ArraySubquery]:
    """What a user's scope is made of, as annotations of users."""
    from ccm.models import Agent, TeamLead, User

    led = TeamLead.objects.filter(supervisor=OuterRef("pk")).order_by("pk")
    own_sites = User.sites.through.objects.filter(user=OuterRef("pk"))
    roles = Group.objects.filter(user=OuterRef("pk"), name__in=ROLES)
    return {
        "role_names": ArraySubquery(roles.values("name")),
        "site_ids": ArraySubquery(own_sites.values("site")),
        "led_teams": ArraySubquery(led.values("team")),
        "led_zones": ArraySubquery(led.values("team__site__zone")),
        "led_begins": ArraySubquery(led.values("team__site__day_begins")),
        "led_sites": ArraySubquery(led.values("team__site")),
        "led_from": ArraySubquery(led.values("starts_on")),
        "led_until": ArraySubquery(led.values("ends_on")),
        "me": ArraySubquery(Agent.objects.filter(user=OuterRef("pk")).values("pk")),
        "my_site": ArraySubquery(Agent.objects.filter(user=OuterRef("pk")).values("site")),
    }


def rights_of(user: User) -> str:
    """The roles and sites of a user in one line, the same for the same ones: what a session is
    bound to. Costs no query where the `facts` were found with the user."""
    from ccm.models import User

    found: Mapping[str, Any] = vars(user)
    if "role_names" not in found:
        asked = {name: fact for name, fact in facts().items() if name in ("role_names", "site_ids")}
        rows = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked)
        found = rows.first() or {"role_names": [], "site_ids": []}
    roles = sorted(found["role_names"]) + ["superuser"] * user.is_superuser
    return f"{','.join(roles)};{','.join(map(str, sorted(found['site_ids'])))}"


def _scope(user: User | AnonymousUser, found: Mapping[str, Any] | None) -> Scope:
    """The scope of a user by the `facts`, which are read where they were not found yet."""
    from ccm.models import User

    if not user.is_authenticated or not user.is_active:
        return Scope()
    if found is None:
        asked = facts()
        found = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked).get()
    roles = frozenset(found["role_names"]) | ({ADMIN} if user.is_superuser else set())
    if ADMIN in roles:
        return Scope(roles=roles, everything=True)
    own = frozenset(found["site_ids"])
    takes_calls = AGENT in roles and bool(found["me"])
    today = _led_today(found) if SUPERVISOR in roles else []
    led_sites = frozenset(site for _team, _calendar, site in today)
    mine = frozenset(found["my_site"]) if takes_calls else frozenset()
    return Scope(
        roles=roles,
        sites=(own if roles & _WHOLE_SITE else frozenset()) | led_sites | mine,
        figure_sites=(own if roles & _SITE_FIGURES else frozenset()) | led_sites,
        agent_sites=own if roles & _SITE_AGENTS else frozenset(),
        call_sites=own if roles & _SITE_CALLS else frozenset(),
        managed_sites=own if MANAGER in roles else frozenset(),
        trained_sites=own if TRAINER in roles else frozenset(),
        teams=frozenset(team for team, _calendar, _site in today),
        team_calendars=frozenset((team, calendar) for team, calendar, _site in today),
        team_sites=led_sites,
        agent=found["me"][0] if takes_calls else None,
    )


def _led_today(found: Mapping[str, Any]) -> list[tuple[int, Calendar, int]]:
    """Team, its site's days and its site, of what is led on the site's day of now."""
    now = timezone.now()
    led = []
    for team, zone, begins, site, start, end in zip(*(found[name] for name in _LED), strict=True):
        calendar = Calendar.of(zone, begins)
        today = day_of(now, calendar)
        if (start is None or start <= today) and (end is None or today < end):
            led.append((team, calendar, site))
    return led
