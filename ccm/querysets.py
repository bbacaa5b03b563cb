"""Reads with names: one question, answered in the database.

`visible_to(user)` is on every queryset and is the only door to rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ccm.access import ADMIN, Scope, scope_of
from ccm.identity import id_floor
from ccm.intervals import DAY, UTC_DAYS, Calendar, Span, day_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ccm.models import User

Viewer: TypeAlias = "User | AnonymousUser"


def _today_at_site(now: datetime) -> models.Case:
    """The day of `now` at the site of a row, by the ways of telling days there are."""
    from ccm.models import Site

    told = Site.objects.order_by("zone", "day_begins").values_list("zone", "day_begins").distinct()
    return models.Case(
        *(
            models.When(
                site__zone=zone,
                site__day_begins=begins,
                then=models.Value(day_of(now, Calendar.of(zone, begins))),
            )
            for zone, begins in told
        ),
        default=models.Value(day_of(now, UTC_DAYS)),
        output_field=models.DateField(),
    )


def _stays_today() -> models.QuerySet[Any]:
    """Stays in teams that hold the day `its_today` of a row outside."""
    from ccm.models import TeamMembership

    return TeamMembership.objects.filter(_holds_today())


def _holds_today() -> Q:
    """Spells of days that hold the day `its_today` of a row outside."""
    today = models.OuterRef("its_today")
    begun = Q(starts_on=None) | Q(starts_on__lte=today)
    return begun & (Q(ends_on=None) | Q(ends_on__gt=today))


class SiteQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.sites)

    def with_figures_for(self, user: Viewer) -> Self:
        """Sites whose queue figures the user may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.figure_sites)

    def with_own_figures_for(self, user: Viewer) -> Self:
        """The same without those that an emergency alone shows: for what outlives it."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.own_figure_sites)

    def with_floor_for(self, user: Viewer) -> Self:
        """Sites of whose floor the user sees people."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.floor_sites)

    def with_calls_for(self, user: Viewer) -> Self:
        """Sites of whose calls the user may see some."""
        scope = scope_of(user)
        if scope.everything:
            return self
        own = Q(agents=scope.agent) if scope.agent else Q(pk__in=[])
        return self.filter(own | Q(pk__in=scope.call_sites | scope.team_sites)).distinct()

    def planned_by(self, user: Viewer) -> Self:
        """Sites whose forecasts and staffing the user plans."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.planned_sites)

    def managed_by(self, user: Viewer) -> Self:
        """Sites whose names, queues, teams and agents the user may change, and whose records the
        user may add to, by import or post."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.managed_sites)

    def absences_kept_by(self, user: Viewer) -> Self:
        """Sites of some of whose agents the user records absences."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(pk__in=scope.floor_sites)


class TeamQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(pk__in=scope.teams) | Q(site__in=scope.agent_sites))

    def managed_by(self, user: Viewer) -> Self:
        """Teams that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)

    def evaluated_by(self, user: Viewer) -> Self:
        """Teams of the sites that the user manages, and those the user leads today."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(pk__in=scope.teams) | Q(site__in=scope.managed_sites))

    def as_of(self, now: datetime) -> Self:
        """Each with `member_count`, `supervisor_name` and `supervisor_since` on its site's day of
        `now`: the agents in it, the login of who leads it, and since when; or null."""
        from ccm.models import TeamLead

        there = _stays_today().filter(team=models.OuterRef("pk")).order_by()
        counted = there.values("team").annotate(n=models.Count("pk")).values("n")
        leads = TeamLead.objects.filter(_holds_today(), team=models.OuterRef("pk"))
        return self.annotate(its_today=_today_at_site(now)).annotate(
            member_count=Coalesce(models.Subquery(counted), 0),
            supervisor_name=models.Subquery(leads.values("supervisor__username")[:1]),
            supervisor_since=models.Subquery(leads.values("starts_on")[:1]),
        )


class QueueQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.figure_sites)

    def planned_by(self, user: Viewer) -> Self:
        """Queues of sites whose forecasts and staffing the user plans."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.planned_sites)

    def managed_by(self, user: Viewer) -> Self:
        """Queues that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class WordQuerySet(models.QuerySet[Any]):
    """Topics and dispositions: words that all sites share."""

    def managed_by(self, user: Viewer) -> Self:
        """Words that the user may change: what changes at all sites is an admin's."""
        return self if scope_of(user).everything else self.none()


class AgentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Agents the user may know about; a supervisor sees who is in an own team today."""
        scope = scope_of(user)
        if scope.everything:
            return self
        led = self.in_teams(scope.team_calendars, timezone.now()).values("pk")
        return self.filter(Q(site__in=scope.agent_sites) | Q(pk=scope.agent) | Q(pk__in=led))

    def answered_for_by(self, user: Viewer) -> Self:
        """Agents of teams that the user leads today, and the user's own, whatever else is seen."""
        scope = scope_of(user)
        led = self.in_teams(scope.team_calendars, timezone.now()).values("pk")
        return self.filter(Q(pk=scope.agent) | Q(pk__in=led))

    def managed_by(self, user: Viewer) -> Self:
        """Agents that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)

    def absences_kept_by(self, user: Viewer) -> Self:
        """Agents whose absences the user records: of sites planned, and of teams led; who leads a
        team records none of their own."""
        scope = scope_of(user)
        if scope.everything:
            return self
        led = self.in_teams(scope.team_calendars, timezone.now()).exclude(pk=scope.agent or 0)
        return self.filter(Q(site__in=scope.planned_sites) | Q(pk__in=led.values("pk")))

    def with_team(self, now: datetime) -> Self:
        """Each with `team_name` and `team_id` of the team on its site's day of `now`, and since
        when, `team_since`; or null."""
        there = _stays_today().filter(agent=models.OuterRef("pk"))
        return self.annotate(its_today=_today_at_site(now)).annotate(
            team_id=models.Subquery(there.values("team")[:1]),
            team_name=models.Subquery(there.values("team__name")[:1]),
            team_since=models.Subquery(there.values("starts_on")[:1]),
        )

    def with_team_on(self, day: date) -> Self:
        """Each, as `with_team`, of one site whose day is known."""
        from ccm.models import TeamMembership

        stays = TeamMembership.objects.filter(agent=models.OuterRef("pk"), starts_on__lte=day)
        there = stays.filter(Q(ends_on=None) | Q(ends_on__gt=day))
        return self.annotate(
            team_id=models.Subquery(there.values("team")[:1]),
            team_name=models.Subquery(there.values("team__name")[:1]),
        )

    def in_teams(self, teams: Iterable[tuple[int, Calendar]], now: datetime) -> Self:
        """Members of teams, each told with its site's days, on the site's day of `now`."""
        from ccm.models import TeamMembership

        of_day: dict[date, list[int]] = defaultdict(list)
        for team, calendar in teams:
            of_day[day_of(now, calendar)].append(team)
        member = Q(pk__in=[])
        for day, its in of_day.items():
            stays = Q(ends_on=None) | Q(ends_on__gt=day)
            member |= stays & Q(team__in=its, starts_on__lte=day)
        there = TeamMembership.objects.filter(member)
        return self.filter(pk__in=there.values("agent"))


class AliasQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: Viewer) -> Self:
        """Names of agents that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(agent__site__in=scope.managed_sites)


class CallQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Calls the user may open: a supervisor's are the own teams' and those nobody took."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(site__in=scope.call_sites) | _taken_part(scope))

    def noted_by(self, user: Viewer) -> Self:
        """Calls that the user may write notes on."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(_taken_part(scope))

    def offered_between(self, start: datetime, end: datetime) -> Self:
        """Calls offered in [start, end); the id bounds let Postgres skip other months."""
        return self.filter(
            id__gte=id_floor(start - DAY),
            id__lt=id_floor(end + DAY),
            offered_at__gte=start,
            offered_at__lt=end,
        )

    def in_span(self, span: Span) -> Self:
        return self.offered_between(span.start, span.end)


def _taken_part(scope: Scope, call: str = "") -> Q:
    """Calls that are the user's own to answer for; `call` is the path to them ("call__"): those
    the user took, those of teams led, and of the teams' sites those that nobody took."""
    from ccm.models import Agent

    found = Q(pk__in=[])
    if scope.agent is not None:
        found |= Q(**{f"{call}agent": scope.agent})
    if scope.teams:
        led = Agent.objects.in_teams(scope.team_calendars, timezone.now()).values("pk")
        nobodys = {f"{call}agent": None, f"{call}site__in": scope.team_sites}
        found |= Q(**{f"{call}agent__in": led}) | Q(**nobodys)
    return found


class NoteQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Notes on calls that the user may open."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(site__in=scope.call_sites) | _taken_part(scope, "call__"))

    def written_by(self, user: Viewer) -> Self:
        """Notes on calls that the user may write on."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(_taken_part(scope, "call__"))

    def callbacks(self) -> Self:
        """Notes that stand and say that the caller wants to be called back.

        A call may be gone with its month, and its note stays: it tells no longer whom to call.
        """
        from ccm.models import Call

        there = Call._default_manager.filter(pk=OuterRef("call_id"))
        return self.filter(Exists(there), is_current=True, callback_due_at__isnull=False)


class LinkTemplateQuerySet(models.QuerySet[Any]):
    def of(self, site_id: int) -> Self:
        """Links that calls of a site show."""
        return self.filter(Q(site=None) | Q(site=site_id))


class OfferQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Rings of agents the user may know about."""
        from ccm.models import Agent

        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(agent__in=Agent.objects.visible_to(user).values("pk"))


class OfManagedSitesQuerySet(models.QuerySet[Any]):
    """Rows of a site that whoever manages the site may change."""

    def managed_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class CostQuerySet(OfManagedSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Costs: salaries are among them, so only who manages the site sees them."""
        return self.managed_by(user)


class WebhookQuerySet(OfManagedSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Webhooks: whoever manages the site."""
        return self.managed_by(user)


class DeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Messages: all to admins, for mails hold names and links; those of webhooks to whoever
        manages the site."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(way="webhook", site__in=scope.managed_sites)


class ContactQuerySet(OfManagedSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Contact hours, and numbers that are not to be called: whoever manages the site."""
        return self.managed_by(user)


class RegionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Rules of recording by region: they hold for all sites, so they are the admins'."""
        return self if scope_of(user).everything else self.none()

    def managed_by(self, user: Viewer) -> Self:
        return self.visible_to(user)


class TargetQuerySet(OfManagedSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Targets of everybody's site, and those of teams and agents that one may know about."""
        from ccm.models import Agent, Team

        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(site__in=scope.sites).filter(
            Q(team=None, agent=None)
            | Q(team__in=Team.objects.visible_to(user).values("pk"))
            | Q(agent__in=Agent.objects.visible_to(user).values("pk"))
        )


class HeadcountQuerySet(OfManagedSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Headcounts: of own sites, for those who plan with them."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(site__in=scope.planned_sites)


class SaleQuerySet(OfManagedSitesQuerySet):
    def visible_to(self, user: Viewer) -> Self:
        """Sales of sites whose calls one may open, and of agents one answers for: whom a sale
        names, else who answered its call."""
        from ccm.models import Call

        scope = scope_of(user)
        if scope.everything:
            return self
        own = _own_people(user)
        # Looked up by its id, a call is of one month; joined, of any.
        theirs = Call._default_manager.filter(pk=OuterRef("call_id"), agent__in=own)
        return self.filter(
            Q(site__in=scope.call_sites) | Q(agent__in=own) | Q(Exists(theirs), agent=None)
        )


class _OfAgentsQuerySet(models.QuerySet[Any]):
    """Rows of an agent that whoever manages the agent's site may change."""

    def visible_to(self, user: Viewer) -> Self:
        """Of own sites for who plans with them, of own teams, and one's own."""
        scope = scope_of(user)
        if scope.everything:
            return self
        own = Q(agent__in=_own_people(user))
        return self.filter(Q(agent__site__in=scope.planned_sites) | own)

    def managed_by(self, user: Viewer) -> Self:
        """Those that the user may change."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(agent__site__in=scope.managed_sites)


class LeaveQuerySet(_OfAgentsQuerySet):
    """Absences: who runs the day is told of them."""

    def managed_by(self, user: Viewer) -> Self:
        """Those that the user may change: `AgentQuerySet.absences_kept_by` says of whom."""
        from ccm.models import Agent

        if scope_of(user).everything:
            return self
        whose = Agent.objects.absences_kept_by(user).order_by().values("pk")
        return self.filter(agent__in=whose)


class PaidTimeQuerySet(_OfAgentsQuerySet):
    """How long agents were paid for."""


def _own_people(user: Viewer) -> models.QuerySet[Any]:
    """Keys of the agents whom the user answers for."""
    from ccm.models import Agent

    return Agent.objects.answered_for_by(user).order_by().values("pk")


class BatchQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Imports: admins see all, managers those of their sites."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(site__in=scope.managed_sites)


class LiveSourceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Sources of live events: as the imports."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(site__in=scope.managed_sites)


class JobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Jobs: admins see all, others those they asked for."""
        scope = scope_of(user)
        if scope.everything or scope.has(ADMIN):
            return self
        return self.filter(created_by=user) if user.is_authenticated else self.none()


class SubstitutionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Those of sites managed, and those that one is the absent or the substitute of."""
        scope = scope_of(user)
        if scope.everything:
            return self
        own = Q(absent=user.pk) | Q(substitute=user.pk)
        return self.filter(own | Q(site__in=scope.managed_sites))


class EmergencyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Those of sites managed, and one's own."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(Q(user=user.pk) | Q(site__in=scope.managed_sites))
