"""Who belongs to a site, and of whom somebody is told what they learn. Users: an agent who signs in
nowhere takes no course here."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ccm.access import AGENT, MANAGER, PLANNER, QA_ANALYST, SUPERVISOR, TRAINER, scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site, TeamLead, User
from ccm.querysets import Viewer
from coaching.access import course_sites, stays_on

ROLES = (AGENT, SUPERVISOR, QA_ANALYST, TRAINER, PLANNER, MANAGER)
"""Who may be asked to take a course. Admins are not: they see to everything."""
_WHOLE_SITE = (MANAGER, PLANNER, QA_ANALYST, TRAINER)
_Roles = User.groups.through.objects
_Sites = User.sites.through.objects


def working(site: Site, today: date) -> QuerySet[Agent]:
    """Agents of a site who sign in and have not left."""
    rows = Agent.objects.filter(site=site, user__isnull=False)
    return rows.filter(Q(left_on=None) | Q(left_on__gt=today))


def in_role(site: Site, role: str, now: datetime) -> QuerySet[User]:
    """Those of a role at a site, on its day of `now`."""
    today = day_of(now, site.calendar)
    has = Exists(_Roles.filter(user=OuterRef("pk"), group__name=role))
    if role == AGENT:
        there: Any = Exists(working(site, today).filter(user=OuterRef("pk")))
    elif role == SUPERVISOR:
        there = Exists(_leads(site, today).filter(supervisor=OuterRef("pk")))
    else:
        there = Exists(_Sites.filter(user=OuterRef("pk"), site=site))
    return User.objects.filter(has, there, is_active=True)


def of_site(site: Site, now: datetime) -> QuerySet[User]:
    """Everybody of a site: who works there, leads a team there, or has a role in all of it."""
    today = day_of(now, site.calendar)
    return User.objects.filter(
        Exists(working(site, today).filter(user=OuterRef("pk")))
        | Exists(_leads(site, today).filter(supervisor=OuterRef("pk")))
        | (
            Exists(_Roles.filter(user=OuterRef("pk"), group__name__in=_WHOLE_SITE))
            & Exists(_Sites.filter(user=OuterRef("pk"), site=site))
        ),
        is_active=True,
    )


def in_team(team: int, today: date) -> QuerySet[User]:
    """The agents of a team who sign in."""
    stays = stays_on(today).filter(team=team)
    return User.objects.filter(agent__in=stays.values("agent"), is_active=True)


def told_to(user: Viewer, site: Site) -> Q:
    """Of which people a user is told what they learn at a site: of all where they write its
    courses, of agents of teams led."""
    scope = scope_of(user)
    if scope.everything or site.pk in course_sites(scope):
        return Q()
    return Q(pk__in=led_by(user).values("user"))


def led_by(user: Viewer) -> QuerySet[Agent]:
    """Agents who sign in of teams that a user leads, but themselves."""
    rows = Agent.objects.answered_for_by(user).filter(user__isnull=False)
    return rows.exclude(user=user.pk)


def _leads(site: Site, today: date) -> QuerySet[TeamLead]:
    rows = TeamLead.objects.filter(team__site=site)
    rows = rows.filter(Q(starts_on=None) | Q(starts_on__lte=today))
    return rows.filter(Q(ends_on=None) | Q(ends_on__gt=today))
