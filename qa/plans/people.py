"""Who may review calls of a site, and whose they may not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from ccm import access
from ccm.access import ADMIN, MANAGER, QA_ANALYST, SUPERVISOR, Scope, scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site, TeamMembership, User
from qa.access import reviewed_sites
from qa.models import PlanReviewer, SamplingPlan


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may review: all calls of the site but those of `own` (the agent they are), or
    (`only` not None) only those of the agents they lead."""

    user: User
    own: frozenset[int]
    only: frozenset[int] | None

    def may(self, agent: int) -> bool:
        return agent not in self.own and (self.only is None or agent in self.only)

    def conflicts(self, agents: Iterable[int]) -> list[int]:
        """Those of some agents whose calls they do not review."""
        return [one for one in agents if not self.may(one)]


def candidates(site: Site) -> QuerySet[User]:
    """Who can be a reviewer of a site's calls: analysts and managers of the site, who leads a team
    of it, and admins."""
    of_site = Q(groups__name__in=(QA_ANALYST, MANAGER), sites=site)
    leads = Q(groups__name=SUPERVISOR, leads__team__site=site)
    everything = Q(groups__name=ADMIN)
    found = User.objects.filter(of_site | leads | everything, is_active=True)
    return User.objects.filter(pk__in=found.values("pk")).order_by("username")


def to_choose(site: Site, kept: Iterable[PlanReviewer]) -> list[User]:
    """Candidates, and whoever a plan has, also where they are none any more: they get no calls,
    and stay until somebody takes them out."""
    found = list(candidates(site))
    gone = {one.user_id for one in kept} - {one.pk for one in found}
    return [*found, *User.objects.filter(pk__in=gone).order_by("username")] if gone else found


def of_plan(plan: SamplingPlan) -> list[PlanReviewer]:
    """The reviewers of a plan; of one that is not kept yet none."""
    return list(plan.reviewers.all()) if plan.pk else []


def those(site: Site, users: Collection[int], now: datetime) -> Mapping[int, Person]:
    """Of some users those who may review calls of a site now, by their ids. Two or three
    queries."""
    asked = access.facts()
    rows = list(User.objects.filter(pk__in=users, is_active=True).annotate(**asked))
    scopes = {one.pk: scope_of(one, {name: getattr(one, name) for name in asked}) for one in rows}
    led = _led(site, scopes.values(), now)
    own: dict[int, set[int]] = {one.pk: set() for one in rows}
    for agent, user in Agent.objects.filter(user__in=own).values_list("pk", "user"):
        own[user].add(agent)
    found = {}
    for one in rows:
        scope = scopes[one.pk]
        only = None
        if not scope.everything and site.pk not in reviewed_sites(scope):
            teams = scope.teams
            only = frozenset(agent for agent, team in led.items() if team in teams)
            if not only:
                continue
        found[one.pk] = Person(one, frozenset(own[one.pk]), only)
    return found


def _led(site: Site, scopes: Iterable[Scope], now: datetime) -> dict[int, int]:
    """The team of each agent of the site today, of teams that any of these lead."""
    teams = frozenset[int]().union(*(scope.teams for scope in scopes))
    if not teams:
        return {}
    today = day_of(now, site.calendar)
    stays = TeamMembership.objects.filter(team__in=teams, team__site=site, starts_on__lte=today)
    stays = stays.exclude(ends_on__lte=today)
    return dict(stays.values_list("agent", "team"))
