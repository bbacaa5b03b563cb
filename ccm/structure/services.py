"""Writes who works where: sites, queues, teams and their supervisors, agents and their time in
teams."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.dirty import mark_all
from ccm.imports.sites import free_slug
from ccm.imports.storing import journal
from ccm.models import Agent, Call, Queue, Site, Team, TeamLead, TeamMembership, User
from ccm.naming import services as naming
from ccm.signals import record_changed
from ccm.structure.hanging import hanging_on


class StructureRefused(ValueError):
    """It cannot be so; the words say why."""


@transaction.atomic
def save_site(site: Site, user: User | None = None) -> int:
    """Keep a site, new or changed; how many days are counted anew because its zone changed.

    Calls are at their moments whatever the zone, but the days that they are counted on move, and
    so do the midnights from which a name is somebody else's: jobs have those calls follow.
    Raises naming.NamingRefused where another is so called but for the case.
    """
    if site.pk is None:
        _refuse_alike(site, Site.objects.all())
        site.slug = free_slug(site.name)
        _write(site)
        return 0
    before = Site.objects.select_for_update().get(pk=site.pk)
    if before.name != site.name:
        _refuse_alike(site, Site.objects.all())
    _write(site)
    if before.zone == site.zone:
        return 0
    moved = mark_all(site)
    naming.settle_site(site, user)
    transaction.on_commit(lambda: record_changed.send(sender=None))
    return moved


def has_calls(site: Site) -> bool:
    return Call.objects.filter(site=site).exists()


@transaction.atomic
def save_named(named: Queue | Agent) -> None:
    """Keep a queue or agent; by another name than before it is renamed, so that logs find it.

    Raises naming.NamingRefused where another queue is so called but for the case.
    """
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
    if hanging_on(row):
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
def move_to_team(agent: Agent, team: Team | None, since: date) -> None:
    """Put an agent in a team, or (None) in none, from a site day on. The stay before ends then.

    Raises StructureRefused for a team of another site, and as `_begin` does.
    """
    if team is not None and team.site_id != agent.site_id:
        raise StructureRefused(_("This team is of another site."))
    Agent.objects.select_for_update().get(pk=agent.pk)
    _begin(TeamMembership.objects.filter(agent=agent), since, "team", team, agent=agent)


@transaction.atomic
def lead_team(team: Team, supervisor: User | None, since: date) -> None:
    """Have a team led by a supervisor, or (None) by nobody, from a site day on.

    Raises StructureRefused as `_begin` does.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    _begin(TeamLead.objects.filter(team=team), since, "supervisor", supervisor, team=team)


def _begin(spells: QuerySet[Any], since: date, name: str, value: Any, **of: Any) -> None:
    """Begin a spell of a value, or none, on a day, among the spells `of` somebody; the one before
    ends then.

    Raises StructureRefused where a later spell would be lost, and where it is so already.
    """
    later = spells.filter(starts_on__gte=since).order_by("starts_on").first()
    if later is not None:
        raise StructureRefused(
            _("There is one from %(day)s already: remove it first.")
            % {"day": date_format(later.starts_on, "j M Y")}
        )
    still = spells.exclude(ends_on__lte=since)
    if value is not None and still.filter(ends_on=None, **{name: value}).exists():
        raise StructureRefused(_("It is so already."))
    for spell in still:
        spell.ends_on = since
        spell.save()
        journal.make_own(spell)
    if value is not None:
        spells.create(starts_on=since, **{name: value}, **of)
