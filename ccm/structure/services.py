"""Writes who works where: sites, queues, teams and their supervisors, agents and their time in
teams."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import audit
from ccm.dirty import mark_all
from ccm.imports.sites import free_slug
from ccm.imports.storing import journal
from ccm.models import Agent, Call, Queue, Site, Team, TeamLead, TeamMembership, User
from ccm.naming import services as naming
from ccm.retention import closed
from ccm.signals import record_changed
from ccm.structure.hanging import hanging_on


class StructureRefused(ValueError):
    """It cannot be so; the words say why."""


@transaction.atomic
def save_site(site: Site, now: datetime, user: User | None = None) -> int:
    """Keep a site, new or changed; how many days are counted anew because its days begin at other
    moments now: its zone changed, or the hour of its clock that they begin at.

    Calls are at their moments whatever the days, but the days that they are counted on move, and
    so do the beginnings from which a name is somebody else's: jobs have those calls follow. So
    they have calls that tell their day alone, which lie where it begins. The change is in the
    audit log.
    Raises naming.NamingRefused where another is so called but for the case.
    """
    if site.pk is None:
        _refuse_alike(site, Site.objects.all())
        site.slug = free_slug(site.name)
        _write(site)
        return 0
    before = Site.objects.select_for_update().get(pk=site.pk)
    site.record_begins_on = before.record_begins_on
    site.counts_closed_before = before.counts_closed_before
    if before.counts_closed_before is not None and before.calendar != site.calendar:
        raise StructureRefused(
            _("Its zone and where its days begin stay: retention has closed days counted by them.")
        )
    if before.name != site.name:
        _refuse_alike(site, Site.objects.all())
    site.special_days = before.special_days  # which planners may have said meanwhile
    _write(site)
    if before.calendar == site.calendar:
        return 0
    audit.record(user, site, before=_days_of(before), after=_days_of(site), now=now)
    moved = mark_all(site)
    if before.day_begins != site.day_begins and has_calls(site):
        naming.place_days(site, user)
    else:
        naming.settle_site(site, user)
    transaction.on_commit(lambda: record_changed.send(sender=None))
    return moved


def _days_of(site: Site) -> dict[str, Any]:
    return {"zone": site.zone, "day_begins": site.day_begins}


def has_calls(site: Site) -> bool:
    return Call.objects.filter(site=site).exists()


@transaction.atomic
def save_named(named: Queue | Agent) -> None:
    """Keep a queue or agent; by another name than before it is renamed, so that logs find it.

    Raises naming.NamingRefused where another queue is so called but for the case, or an agent of
    the site and no employee id tells the two apart, and StructureRefused where another has that.
    """
    if isinstance(named, Agent):
        _refuse_same_person(named)
    kind = naming.QUEUES if isinstance(named, Queue) else naming.AGENTS
    if named.pk is not None:
        before = kind.rows.get(pk=named.pk)
        if before.name != named.name:
            naming.rename(kind, before, named.name)
            named.is_new = False
    elif isinstance(named, Queue):
        _refuse_alike(named, Queue.objects.filter(site=named.site_id))
    _write(named)
    journal.make_own(named)


def _refuse_same_person(agent: Agent) -> None:
    """Lists find people by employee id or name; case tells none apart, and a name that two have
    nobody. Two who are there already stay until one of the two is told."""
    others = Agent.objects.filter(site=agent.site_id).exclude(pk=agent.pk)
    before = Agent.objects.filter(pk=agent.pk).values_list("name", "employee_id").first()
    if before == (agent.name, agent.employee_id):
        return
    if agent.employee_id:
        there = others.filter(employee_id__iexact=agent.employee_id).first()
        if there is not None:
            raise StructureRefused(
                _("%(name)s has the employee id %(number)s already.")
                % {"name": there.name, "number": there.employee_id}
            )
    elif same := naming.alike(others, agent.name):
        raise naming.NamingRefused(
            _("There is a %(name)s already: give an employee id to tell them apart.")
            % {"name": same}
        )


@transaction.atomic
def save_team(team: Team) -> None:
    """Keep a team. Raises naming.NamingRefused where another is so called but for the case."""
    if not Team.objects.filter(pk=team.pk, name=team.name).exists():
        _refuse_alike(team, Team.objects.filter(site=team.site_id))
    _write(team)
    journal.make_own(team)


@transaction.atomic
def forget(row: Site | Queue | Team | Agent) -> bool:
    """Remove a row that nothing hangs on; whether it could be.

    What names it meanwhile waits for the end of this, and then finds it gone.
    """
    there: Any = type(row)._default_manager
    if there.select_for_update().filter(pk=row.pk).first() is None:
        return True  # somebody else removed it a moment ago
    if hanging_on(row) or (isinstance(row, Queue | Agent) and closed.holds(row, row.site)):
        return False
    journal.make_own(row)
    row.delete()
    return True


def _write(named: Site | Queue | Team | Agent) -> None:
    try:
        with transaction.atomic():
            named.save()
    except IntegrityError:  # somebody took the name a moment ago
        raise naming.NamingRefused(_taken(named.name)) from None


def _taken(name: str) -> str:
    return _("There is another one named %(name)s already.") % {"name": name}


def _refuse_alike(named: Site | Queue | Team, rows: QuerySet[Any]) -> None:
    if there := naming.alike(rows.exclude(pk=named.pk), named.name):
        raise naming.NamingRefused(_taken(there))


@transaction.atomic
def move_to_team(agent: Agent, team: Team | None, since: date) -> date | None:
    """Put an agent in a team, or (None) in none, from a site day on; until before which day, where
    there is an end. The stay before ends then.

    Raises StructureRefused for a team of another site, and as `_begin` does.
    """
    if team is not None and team.site_id != agent.site_id:
        raise StructureRefused(_("This team is of another site."))
    Agent.objects.select_for_update().get(pk=agent.pk)
    return _begin(TeamMembership.objects.filter(agent=agent), since, "team", team, agent=agent)


@transaction.atomic
def lead_team(team: Team, supervisor: User | None, since: date) -> date | None:
    """Have a team led by a supervisor, or (None) by nobody, from a site day on; until before which
    day, where there is an end.

    Raises StructureRefused as `_begin` does.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    return _begin(TeamLead.objects.filter(team=team), since, "supervisor", supervisor, team=team)


def _begin(spells: QuerySet[Any], since: date, name: str, value: Any, **of: Any) -> date | None:
    """Begin a spell of a value, or none, on a day, among the spells `of` somebody.

    The one before ends then. The new one ends where the next begins, or where the one before was
    told to end: that nothing follows from that day is somebody's word, too. Returns its end.
    Raises StructureRefused where a spell begins on that very day, and where it is so already.
    """
    same = spells.filter(starts_on=since).first()
    if same is not None:
        raise StructureRefused(
            _("There is one from %(day)s already: remove it first.") % {"day": _words(since)}
        )
    before = spells.exclude(ends_on__lte=since).exclude(starts_on__gt=since).first()
    now = None if before is None else getattr(before, name)
    if now == value:
        if before is None or before.ends_on is None:
            raise StructureRefused(_("It is so already."))
        raise StructureRefused(
            _("It is so already, until before %(day)s.") % {"day": _words(before.ends_on)}
        )
    following = spells.filter(starts_on__gt=since).order_by("starts_on").first()
    told = [before and before.ends_on, following and following.starts_on]
    ends_on = min((day for day in told if day is not None), default=None)
    if before is not None:
        before.ends_on = since
        before.save()
        journal.make_own(before)
    if value is None:
        return following and following.starts_on
    spells.create(starts_on=since, ends_on=ends_on, **{name: value}, **of)
    return ends_on


def _words(day: date) -> str:
    return date_format(day, "j M Y")
