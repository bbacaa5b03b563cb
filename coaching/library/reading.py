"""Who has to read which page, and has not: the same told from a person and from a page.

A version has to be read by those of a page's roles who see the page; where the page names teams,
of agents those alone who are in one of them today, of supervisors those who lead one. An agent who
has left has nothing to read. Whoever has read a version since `must_from` is done.
"""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from ccm.access import AGENT, MANAGER, PLANNER, QA_ANALYST, SUPERVISOR, TRAINER
from ccm.kept import Late
from ccm.models import Agent, TeamLead, TeamMembership, User
from coaching.models import LibraryPage, LibraryVersion, PageReceipt

ROLES = (AGENT, SUPERVISOR, QA_ANALYST, TRAINER, PLANNER, MANAGER)
"""Who may be asked to read a page. Admins are not: they see to everything."""
_WHOLE_SITE = (MANAGER, PLANNER, QA_ANALYST, TRAINER)
_Roles = User.groups.through.objects
_Sites = User.sites.through.objects
_Asked = LibraryPage.roles.through.objects
_Teams = LibraryPage.teams.through.objects


def waiting(user: Any, now: datetime | Late) -> QuerySet[LibraryVersion]:
    """The current versions that somebody has still to read; `user` is an id, or a reference to one
    of a query around this one."""
    one = OuterRef(user) if isinstance(user, OuterRef) else user
    page = OuterRef("page")
    anywhere = Q(page__site=None)
    asked = _Asked.filter(librarypage=page, group__user=one)
    belongs = Exists(_Sites.filter(user=one, site=OuterRef("page__site")))
    whole = Exists(asked.filter(group__name__in=_WHOLE_SITE)) & (anywhere | belongs)
    own = Agent.objects.filter(_still_there(now), user=one)
    in_site = anywhere | Exists(own.filter(site=OuterRef("page__site")))
    teams = _Teams.filter(librarypage=page)
    all_teams = ~Exists(teams)
    memberships = TeamMembership.objects.filter(of_today(now), agent__user=one)
    leads = TeamLead.objects.filter(of_today(now), supervisor=one)
    in_team = Exists(memberships.filter(team__in=_named()))
    agent = Exists(asked.filter(group__name=AGENT)) & Exists(own) & in_site & (all_teams | in_team)
    leads_here = Exists(leads.filter(team__site=OuterRef("page__site")))
    leads_one = Exists(leads.filter(team__in=_named()))
    lead = (
        Exists(asked.filter(group__name=SUPERVISOR))
        & (leads_here | (anywhere & Exists(leads)))
        & (all_teams | leads_one)
    )
    done = PageReceipt.objects.filter(
        user=one, version__page=page, version__number__gte=OuterRef("must_from")
    )
    rows: QuerySet[LibraryVersion] = LibraryVersion.objects.current().filter(
        ~Exists(done), whole | agent | lead, must_from__isnull=False, page__retired_at=None
    )
    return rows.order_by("pk")


def audience(page: LibraryPage, now: datetime) -> QuerySet[User]:
    """Those who have to read a page where a version says so, whether or not they have."""
    roles = _Roles.filter(user=OuterRef("pk"), group__in=page.roles.values("pk"))
    whole: Any = Exists(roles.filter(group__name__in=_WHOLE_SITE))
    agents = Agent.objects.filter(_still_there(now), user=OuterRef("pk"))
    leads = TeamLead.objects.filter(of_today(now), supervisor=OuterRef("pk"))
    if page.site_id is not None:
        whole &= Exists(_Sites.filter(user=OuterRef("pk"), site=page.site_id))
        agents, leads = agents.filter(site=page.site_id), leads.filter(team__site=page.site_id)
    teams = page.teams.values("pk")
    if page.teams.exists():
        stays = TeamMembership.objects.filter(of_today(now), team__in=teams)
        agents, leads = agents.filter(pk__in=stays.values("agent")), leads.filter(team__in=teams)
    agent = Exists(roles.filter(group__name=AGENT)) & Exists(agents)
    lead = Exists(roles.filter(group__name=SUPERVISOR)) & Exists(leads)
    return User.objects.filter(whole | agent | lead, is_active=True)


def facts() -> dict[str, Any]:
    """The versions that a user has still to read, to find with them."""
    still = waiting(OuterRef("pk"), Late(timezone.now, models.DateTimeField()))
    return {"library_to_read": ArraySubquery(still.values("pk"))}


def count(user: User) -> int:
    """How many pages a user has still to read; no query where `facts` came with them."""
    known: list[int] | None = getattr(user, "library_to_read", None)
    return waiting(user.pk, timezone.now()).count() if known is None else len(known)


def still_to_read(user: User, now: datetime) -> frozenset[int]:
    """The same as ids of versions; no query where `facts` came with the user."""
    known: list[int] | None = getattr(user, "library_to_read", None)
    if known is None:
        known = [*waiting(user.pk, now).values_list("pk", flat=True)]
    return frozenset(known)


def _named() -> Any:
    """The teams that the page of a version around names."""
    return _Teams.filter(librarypage=OuterRef(OuterRef("page"))).values("team")


def of_today(now: datetime | Late) -> Q:
    """Stays in teams, and leads of teams, on the day of `now` at the team's site, by its clock. (In
    the hour that comes twice at the beginning of a day it may be the day before.)"""
    today = _today(now, "team__site")
    begun = Q(starts_on=None) | Q(starts_on__lte=today)
    return begun & (Q(ends_on=None) | Q(ends_on__gt=today))


def _still_there(now: datetime | Late) -> Q:
    """Agents who have not left by the day of `now` at their site."""
    return Q(left_on=None) | Q(left_on__gt=_today(now, "site"))


def _today(now: datetime | Late, site: str) -> Cast:
    """The day of `now` at a row's site, by its clock."""
    local = Func(
        F(f"{site}__zone"),
        now if isinstance(now, Late) else Value(now),
        function="timezone",
        output_field=models.DateTimeField(),
    )
    back = Func(
        F(f"{site}__day_begins"),
        template="make_interval(hours => %(expressions)s)",
        output_field=models.DurationField(),
    )
    return Cast(
        ExpressionWrapper(local - back, output_field=models.DateTimeField()), models.DateField()
    )
