"""Whom a demo's coaching is told of: those who sign in, teams with who leads them, and who is in
them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ccm.access import ADMIN, AGENT, MANAGER, SUPERVISOR, TRAINER
from ccm.demo import load, logins
from ccm.demo.lessons import LONG_DAYS
from ccm.intervals import day_of
from ccm.models import Agent, Site, Team, TeamLead, TeamMembership, User
from qa.demo.minds import chance

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Led:
    """A team, who leads it, and who is in it by now and signs in, by when they came there."""

    team: Team
    lead: User
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True)
class People:
    """The demo's `seed`, how many `days` it has, and who acts in it. `own` is the agent who can
    sign in, whose team is the first of `teams`; it is led by `supervisor`."""

    seed: int
    days: int
    admin: User
    manager: User
    trainer: User
    supervisor: User
    own: Agent
    teams: tuple[Led, ...]

    @property
    def site(self) -> Site:
        return self.teams[0].team.site

    @property
    def has_teachers(self) -> bool:
        """Whether teachers hold the talks of the first site (`coaching.demo.history`)."""
        return self.days >= LONG_DAYS

    def of_site(self) -> list[Led]:
        """The teams of the first site."""
        return [one for one in self.teams if one.team.site_id == self.site.pk]

    def chance(self, *of: object) -> float:
        """A number between 0 and 1, the same for the same of this demo."""
        return chance(self.seed, *of)

    def one_of(self, some: Sequence[Any], *of: object) -> Any:
        return some[int(self.chance(*of) * len(some))]


def people(now: datetime) -> People | None:
    """None: there is no demo, or nobody in it who signs in as an agent."""
    job = load.loaded_demo()
    own = Agent.objects.filter(user__username=logins.username(AGENT)).select_related("site").first()
    if job is None or own is None:
        return None
    teams = _teams(now)
    named = User.objects.in_bulk([logins.username(role) for role in _ROLES], field_name="username")
    admin, manager, trainer, supervisor = (named[logins.username(role)] for role in _ROLES)
    mine = [one for one in teams if own in one.agents]
    if not mine:
        return None
    ordered = (*mine, *(one for one in teams if one not in mine))
    seed, days = int(job.payload["seed"]), int(job.payload["days"])
    return People(seed, days, admin, manager, trainer, supervisor, own, ordered)


_ROLES = (ADMIN, MANAGER, TRAINER, SUPERVISOR)


def _teams(now: datetime) -> list[Led]:
    """Those that somebody leads, the oldest first. Three queries."""
    leads = TeamLead.objects.filter(ends_on=None).select_related("team__site", "supervisor")
    stays = TeamMembership.objects.filter(ends_on=None, agent__left_on=None).exclude(
        agent__user=None
    )
    of_team: dict[int, list[Agent]] = {}
    for stay in stays.select_related("agent__site", "agent__user").order_by("agent"):
        of_team.setdefault(stay.team_id, []).append(stay.agent)
    return [
        Led(one.team, one.supervisor, tuple(of_team.get(one.team_id, ())))
        for one in leads.order_by("team__site", "team")
        if one.starts_on is None or one.starts_on <= day_of(now, one.team.site.calendar)
    ]


def at(site: Site, now: datetime, ago: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment so many days before `now`, by the site's clock; of a Saturday or Sunday it is the
    Friday before."""
    day = day_of(now, site.calendar) - timedelta(days=ago)
    day -= timedelta(days=max(0, day.weekday() - 4))
    return datetime.combine(day, time(hour, minute), site.tz)


def coming(site: Site, now: datetime, days: int, hour: int = 10) -> datetime:
    """A moment so many days after `now`; of a Saturday or Sunday it is the Monday after."""
    day = day_of(now, site.calendar) + timedelta(days=days)
    if day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    return datetime.combine(day, time(hour), site.tz)


@cache
def words(name: str) -> Any:
    """What a file of words says."""
    return json.loads((WORDS / f"{name}.json").read_text(encoding="utf-8"))
