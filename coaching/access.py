"""Who does what with coaching.

| role       | sees                                  | changes                              |
|------------|---------------------------------------|--------------------------------------|
| admin      | everything but private notes and what | everything                           |
|            | agents say of themselves in sessions  |                                      |
| manager    | sessions and actions of own sites     | sessions and library of own sites    |
| supervisor | sessions and actions of own teams     | sessions of own teams                |
| agent      | own sessions and actions, all of them | own agenda, words, signature         |
| colleague  | a peer session that they lead: its    | its shared notes, signature          |
|            | agenda once shared, its shared notes  |                                      |
| qa_analyst | the library                           | nothing                              |
| trainer    | the library                           | the library of own sites             |
| planner    | the library                           | nothing                              |

Courses, certificates, onboarding and the ramp curve are of who writes the library of a site, and of
supervisors as far as their own teams go. A course that one is to take oneself is one's own. Whoever
trains and coaches nobody is told of the ramp curve, and of the effect of courses, only what many
have together.

Whoever coaches a session sees it. What an agent says of themselves in one (mood, energy, words) is
for its coach alone (`holding.reads.reader_of`), no admin's and no manager's. A private note is its
writer's alone: nobody else reads it, an admin no more than the agent.
"""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from ccm.access import Scope, scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site, TeamMembership
from ccm.querysets import Viewer


def coached_sites(scope: Scope) -> frozenset[int]:
    """Sites all of whose sessions the user sees and changes."""
    return scope.managed_sites


def sites_coached(user: Viewer) -> QuerySet[Site]:
    """Sites of which the user sees sessions of others: all of them, or those of teams led."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    if scope.everything:
        return rows
    return rows.filter(pk__in=coached_sites(scope) | scope.team_sites)


def agents_coached(user: Viewer) -> QuerySet[Agent]:
    """Agents whom the user coaches: of teams led, of sites managed; nobody themselves."""
    scope = scope_of(user)
    rows: QuerySet[Agent] = Agent.objects.all()
    if not scope.everything:
        led = Agent.objects.answered_for_by(user).values("pk")
        rows = rows.filter(pk__in=led) | rows.filter(site__in=coached_sites(scope))
    return rows.exclude(user=user.pk, user__isnull=False)


def stays_on(day: date) -> QuerySet[TeamMembership]:
    """Who is in which team on a day of its site."""
    rows = TeamMembership.objects.filter(starts_on__lte=day)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gt=day))


def today_of(agent: int, now: datetime) -> date:
    """The day of an agent's site. One query."""
    return day_of(now, Agent.objects.select_related("site").get(pk=agent).site.calendar)


def mates_of(agent: int, now: datetime) -> QuerySet[TeamMembership]:
    """Who is in the team of an agent today, they themselves with it. One query at once."""
    stays = stays_on(today_of(agent, now))
    return stays.filter(team__in=stays.filter(agent=agent).values("team"))


def library_sites(scope: Scope) -> frozenset[int]:
    """Sites whose pages of the library the user writes."""
    return scope.managed_sites | scope.trained_sites


def writes_library(scope: Scope) -> bool:
    """Whether there may be pages of the library that the user writes."""
    return scope.everything or bool(library_sites(scope))


def only_trains(scope: Scope, site: int) -> bool:
    """Whether the user teaches at a site and coaches nobody there: of single people's figures they
    are told nothing, and of what courses did and how newcomers come on only what many have
    together."""
    if scope.everything or site in coached_sites(scope) or site in scope.team_sites:
        return False
    return site in scope.trained_sites


def sites_taught(user: Viewer) -> QuerySet[Site]:
    """Sites of which the user is told what training did: where they coach, or train."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    if scope.everything:
        return rows
    return rows.filter(pk__in=coached_sites(scope) | scope.team_sites | scope.trained_sites)


def course_sites(scope: Scope) -> frozenset[int]:
    """Sites whose courses the user writes and whose certificates they see to: as the library."""
    return library_sites(scope)


def sees_readers(scope: Scope) -> bool:
    """Whether there may be people of whom the user sees what they have read."""
    return writes_library(scope) or bool(scope.teams)
