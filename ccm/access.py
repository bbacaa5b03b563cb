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

For a while a supervisor reaches another's teams, for whom they stand in (`Substitution`), and a
manager, planner, QA analyst or trainer another's site; and a manager or supervisor who is signed in
reads figures, people and calls of a site out of reach, in an emergency (`EmergencyReach`). Neither
makes anybody reach what those roles do not.

A role holds at all of one's sites alike. So whoever stands in at a site has that role and no other:
a second one would reach there, too, though nobody handed it on.

What roles may do there, and what an admin took from them or gave them, is in `ccm.rights`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, F, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from ccm.intervals import Calendar, day_of
from ccm.kept import Late

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
# What somebody who is away can have another do, by whoever has the role already.
HANDED_ON = (MANAGER, PLANNER, SUPERVISOR, QA_ANALYST, TRAINER)
_SITE_FIGURES = {MANAGER, PLANNER, QA_ANALYST}
_SITE_AGENTS = {MANAGER, PLANNER, QA_ANALYST}
_SITE_CALLS = {MANAGER, QA_ANALYST}


_IN_EMERGENCIES = {MANAGER, SUPERVISOR}
# The action of `ccm.rights` by which roles have that.
EMERGENCIES = "emergencies"


@dataclass(frozen=True, slots=True)
class StandIn:
    """That somebody stands in for another at a site, to a day and on it: who the other one is, for
    the reader of the two."""

    name: str
    site: int
    last_on: date


@dataclass(frozen=True, slots=True)
class Emergency:
    """Reach in an emergency that goes on: the number of its row, where, and until when."""

    number: int
    site: int
    site_name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """What one user may reach, as ids; `everything` overrides them all.

    `figure_sites` are sites whose queue figures show; `agent_sites` and `call_sites` those
    whose every agent and call shows; of each of the three, `own_…` are the user's without any
    emergency. `managed_sites` are those whose names, queues, teams and agents the user may change;
    `trained_sites` those whose people the user trains; `teams` are the teams led on their sites'
    day of today, `team_calendars` each with its site's days: also those of whom the user stands in
    for (`standing_in`); `agent` is the user's own. `substitutes` stand in for the user, who has the
    `lent_sites` only as another's substitute.

    `rights` are what was changed of what these roles may do: a role, an action, whether it is held.

    The site of an `emergency` is among those whose figures, agents and calls show, and among no
    others: what is changed, planned, reviewed or coached there is out of reach.
    """

    roles: frozenset[str] = frozenset()
    everything: bool = False
    sites: frozenset[int] = frozenset()
    figure_sites: frozenset[int] = frozenset()
    agent_sites: frozenset[int] = frozenset()
    call_sites: frozenset[int] = frozenset()
    own_figure_sites: frozenset[int] = frozenset()
    own_agent_sites: frozenset[int] = frozenset()
    own_call_sites: frozenset[int] = frozenset()
    managed_sites: frozenset[int] = frozenset()
    trained_sites: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    team_calendars: frozenset[tuple[int, Calendar]] = frozenset()
    team_sites: frozenset[int] = frozenset()
    agent: int | None = None
    standing_in: tuple[StandIn, ...] = ()
    substitutes: tuple[StandIn, ...] = ()
    lent_sites: frozenset[int] = frozenset()
    emergency: Emergency | None = None
    rights: frozenset[tuple[str, str, bool]] = frozenset()

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def planned_sites(self) -> frozenset[int]:
        """Sites whose forecasts and staffing the user plans."""
        return self.own_agent_sites if self.has(MANAGER, PLANNER) else frozenset()

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
        known = _know(user, found)
    return known


def scope_as(user: User, roles: frozenset[str]) -> Scope:
    """The scope that a user would have with these roles alone, at the same sites. Costs no query
    where that of the user is known."""
    whole = scope_of(user)
    if roles == whole.roles:
        return whole
    return _scope(user._ccm_facts, roles)  # type: ignore[attr-defined]


@contextmanager
def acting_as(user: User, scope: Scope) -> Iterator[None]:
    """Meanwhile the user's scope is this one."""
    before = scope_of(user)
    user._ccm_scope = scope  # type: ignore[attr-defined]
    try:
        yield
    finally:
        user._ccm_scope = before  # type: ignore[attr-defined]


def be_as_signed_in(user: User) -> None:
    """Have somebody reach what they reach on pages, where an emergency counts: for work that is
    done over for whoever asked for it on one. One query."""
    from ccm.models import User

    asked = facts() | facts_signed_in()
    _know(user, User.objects.filter(pk=user.pk).annotate(**asked).values(*asked).get())


_LED = ("led_teams", "led_zones", "led_begins", "led_sites", "led_from", "led_until")
_FACTS = (
    "role_names", "site_ids", "stood_in", "sites_stood_in", "substituted", "me", "my_site",
    "rights_said", "emergencies_open", *_LED,
)  # fmt: skip


def _held() -> dict[str, ArraySubquery]:
    """The roles and sites of a user, as annotations of users."""
    from ccm.models import User

    own_sites = User.sites.through.objects.filter(user=OuterRef("pk"))
    roles = Group.objects.filter(user=OuterRef("pk"), name__in=ROLES)
    return {
        "role_names": ArraySubquery(roles.values("name")),
        "site_ids": ArraySubquery(own_sites.values("site")),
    }


def facts() -> dict[str, ArraySubquery]:
    """What a user's scope is made of, as annotations of users."""
    from ccm.models import Agent, RoleRight, Substitution, TeamLead

    led = TeamLead.objects.filter(supervisor=OuterRef("pk")).order_by("pk")
    theirs = Group.objects.filter(user=OuterRef(OuterRef("pk")))
    rights = RoleRight.objects.filter(role__in=theirs.values("name")).order_by("pk")
    # Of teams led alone, never of whom the absent stands in for: so nothing is handed on twice.
    # Nobody stands in for whom may not sign in, or is no supervisor any more.
    standing_in = Substitution.objects.filter(
        substitute=OuterRef("pk"),
        ended_at=None,
        last_on__gt=Late(_over_everywhere, DateField()),
        absent__is_active=True,
    )
    stood_in = standing_in.filter(
        role=SUPERVISOR,
        absent__groups__name=SUPERVISOR,
        absent__leads__team__site=F("site"),
        # Nor does anybody whose site it is no more.
        substitute__sites=F("site"),
    ).order_by("pk", "absent__leads")
    # Of sites of their own alone, likewise.
    sites_stood_in = (
        standing_in.exclude(role=SUPERVISOR)
        .filter(absent__groups__name=F("role"), absent__sites=F("site"))
        .order_by("pk")
    )
    by_others = Substitution.objects.filter(
        absent=OuterRef("pk"), ended_at=None, last_on__gt=Late(_over_everywhere, DateField())
    ).order_by("pk")
    days = {
        "role": "role", "site": "site", "zone": "site__zone", "begins": "site__day_begins",
        "first": "first_on", "last": "last_on",
    }  # fmt: skip
    named = JSONObject(
        **days, login="substitute__username", given="substitute__first_name",
        family="substitute__last_name",
    )  # fmt: skip
    whom = {
        **days, "login": "absent__username", "given": "absent__first_name",
        "family": "absent__last_name",
    }  # fmt: skip
    told = JSONObject(
        **whom, team="absent__leads__team", starts="absent__leads__starts_on",
        ends="absent__leads__ends_on",
    )  # fmt: skip
    return _held() | {
        "led_teams": ArraySubquery(led.values("team")),
        "led_zones": ArraySubquery(led.values("team__site__zone")),
        "led_begins": ArraySubquery(led.values("team__site__day_begins")),
        "led_sites": ArraySubquery(led.values("team__site")),
        "led_from": ArraySubquery(led.values("starts_on")),
        "led_until": ArraySubquery(led.values("ends_on")),
        "stood_in": ArraySubquery(stood_in.values(told=told)),
        "sites_stood_in": ArraySubquery(sites_stood_in.values(told=JSONObject(**whom))),
        "substituted": ArraySubquery(by_others.values(told=named)),
        "me": ArraySubquery(Agent.objects.filter(user=OuterRef("pk")).values("pk")),
        "my_site": ArraySubquery(Agent.objects.filter(user=OuterRef("pk")).values("site")),
        "rights_said": ArraySubquery(
            rights.values(told=JSONObject(role="role", action="action", held="held"))
        ),
    }


def rights_of(user: User) -> str:
    """The roles and sites of a user in one line, the same for the same ones: what a session is
    bound to. Costs no query where the `facts` were found with the user."""
    from ccm.models import User

    found: Mapping[str, Any] = vars(user)
    if "role_names" not in found:
        asked = _held()
        rows = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked)
        found = rows.first() or {"role_names": [], "site_ids": []}
    roles = sorted(found["role_names"]) + ["superuser"] * user.is_superuser
    return f"{','.join(roles)};{','.join(map(str, sorted(found['site_ids'])))}"


def facts_signed_in() -> dict[str, ArraySubquery]:
    """What is added by an emergency, as annotations of users: for whoever is signed in on pages.
    Keys for machines, mails and other work done for a user by the program have none of it."""
    from ccm.models import EmergencyReach

    going_on = EmergencyReach.objects.filter(user=OuterRef("pk"), ended_at=None)
    told = JSONObject(number="pk", site="site", name="site__name", ends="ends_at")
    return {"emergencies_open": ArraySubquery(going_on.values(told=told))}


def _over_everywhere() -> date:
    """The day before yesterday, which is today at no site."""
    return timezone.now().date() - timedelta(days=2)


def _know(user: User | AnonymousUser, found: Mapping[str, Any] | None) -> Scope:
    """Keep the scope of a user by the `facts`, which are read where they were not found yet."""
    from ccm.models import User

    scope = Scope()
    if user.is_authenticated and user.is_active:
        if found is None:
            asked = facts()
            found = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked).get()
        roles = frozenset(found["role_names"]) | ({ADMIN} if user.is_superuser else set())
        scope = _scope(found, roles)
        user._ccm_facts = {name: found[name] for name in _FACTS if name in found}  # type: ignore[attr-defined]
    user._ccm_scope = scope  # type: ignore[union-attr]
    return scope


def _scope(found: Mapping[str, Any], roles: frozenset[str]) -> Scope:
    """The scope of a user of some roles by the `facts`."""
    if ADMIN in roles:
        return Scope(roles=roles, everything=True)
    rights = frozenset((one["role"], one["action"], one["held"]) for one in found["rights_said"])
    own = frozenset(found["site_ids"])
    takes_calls = AGENT in roles and bool(found["me"])
    now = timezone.now()
    today: list[tuple[int, Calendar, int]] = []
    standing_in, lent = _lent_today(found, roles, now)
    own |= lent
    if SUPERVISOR in roles:
        others, standing_in = _stood_in_today(found, now)
        today = [*_led_today(found, now), *others]
    substitutes = tuple(
        who for row, _calendar, who in _holding(found["substituted"], now) if row["role"] in roles
    )
    in_emergencies = [one for one in _IN_EMERGENCIES if (one, EMERGENCIES, False) not in rights]
    emergency = None if roles.isdisjoint(in_emergencies) else _emergency(found, now)
    read = frozenset() if emergency is None else frozenset({emergency.site})
    led_sites = frozenset(site for _team, _calendar, site in today)
    mine = frozenset(found["my_site"]) if takes_calls else frozenset()
    figure_sites = (own if roles & _SITE_FIGURES else frozenset()) | led_sites
    agent_sites = own if roles & _SITE_AGENTS else frozenset()
    call_sites = own if roles & _SITE_CALLS else frozenset()
    return Scope(
        roles=roles,
        sites=(own if roles & _WHOLE_SITE else frozenset()) | led_sites | mine,
        figure_sites=figure_sites | read,
        agent_sites=agent_sites | read,
        call_sites=call_sites | read,
        own_figure_sites=figure_sites,
        own_agent_sites=agent_sites,
        own_call_sites=call_sites,
        managed_sites=own if MANAGER in roles else frozenset(),
        trained_sites=own if TRAINER in roles else frozenset(),
        teams=frozenset(team for team, _calendar, _site in today),
        team_calendars=frozenset((team, calendar) for team, calendar, _site in today),
        team_sites=led_sites,
        agent=found["me"][0] if takes_calls else None,
        standing_in=standing_in,
        substitutes=substitutes,
        lent_sites=lent,
        emergency=emergency,
        rights=rights,
    )


def _emergency(found: Mapping[str, Any], now: datetime) -> Emergency | None:
    """Reach in an emergency that goes on; it is nobody's who is not signed in."""
    for one in found.get("emergencies_open", ()):
        ends_at = datetime.fromisoformat(one["ends"])
        if now < ends_at:
            return Emergency(one["number"], one["site"], one["name"], ends_at)
    return None


def _lent_today(
    found: Mapping[str, Any], roles: frozenset[str], now: datetime
) -> tuple[tuple[StandIn, ...], frozenset[int]]:
    """For whom the user stands in at sites by a role of a whole site, and those sites that are not
    the user's own. Nobody does who has another role beside it, though only one counts now."""
    every = frozenset(found["role_names"])
    if len(every) != 1 or roles != every:
        return (), frozenset()
    rows = (one for one in found["sites_stood_in"] if one["role"] in every)
    whom = tuple(dict.fromkeys(who for _row, _calendar, who in _holding(rows, now)))
    return whom, frozenset(one.site for one in whom) - frozenset(found["site_ids"])


def _stood_in_today(
    found: Mapping[str, Any], now: datetime
) -> tuple[list[tuple[int, Calendar, int]], tuple[StandIn, ...]]:
    """As `_led_today`, of teams of those whom the user stands in for on the site's day of now; and
    for whom that is."""
    led = []
    whom: dict[StandIn, None] = {}
    for one, calendar, stand_in in _holding(found["stood_in"], now):
        today = day_of(now, calendar).isoformat()
        whom[stand_in] = None
        if (one["starts"] or today) <= today and (one["ends"] is None or today < one["ends"]):
            led.append((one["team"], calendar, one["site"]))
    return led, tuple(whom)


def _holding(
    rows: Iterable[Mapping[str, Any]], now: datetime
) -> Iterator[tuple[Mapping[str, Any], Calendar, StandIn]]:
    """Those of some substitutions that hold on the site's day of now, each with the site's days and
    with whom it names."""
    for one in rows:
        calendar = Calendar.of(one["zone"], one["begins"])
        if one["first"] <= day_of(now, calendar).isoformat() <= one["last"]:
            name = f"{one['given']} {one['family']}".strip() or one["login"]
            yield one, calendar, StandIn(name, one["site"], date.fromisoformat(one["last"]))


def _led_today(found: Mapping[str, Any], now: datetime) -> list[tuple[int, Calendar, int]]:
    """Team, its site's days and its site, of what is led on the site's day of now."""
    led = []
    for team, zone, begins, site, start, end in zip(*(found[name] for name in _LED), strict=True):
        calendar = Calendar.of(zone, begins)
        today = day_of(now, calendar)
        if (start is None or start <= today) and (end is None or today < end):
            led.append((team, calendar, site))
    return led
