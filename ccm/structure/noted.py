"""Changes of sites, queues, teams and people in the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from ccm import audit
from ccm.models import Agent, Queue, Site, Team, TeamLead, TeamMembership, User

# What a person is called is not kept in the log: only that it is another.
WITHHELD: dict[type[Model], tuple[str, ...]] = {Agent: ("name", "employee_id")}
OTHERWISE = "_otherwise"
# Told by who changes them: `services.save_site`, and planners.
_APART: dict[type[Model], tuple[str, ...]] = {Site: ("zone", "day_begins", "special_days")}


@contextmanager
def kept(user: User, row: Site | Queue | Team | Agent, now: datetime) -> Iterator[None]:
    """Keep a row in the block, new or changed, in one transaction with what the log tells of it."""
    kind = type(row)
    with transaction.atomic():
        before = kind._default_manager.filter(pk=row.pk).first() if row.pk is not None else None
        yield
        if before is None:
            audit.record(user, row, before=None, after=values(row), now=now)
            return
        was, became = _values(before, kind), _values(row, kind)
        for name in WITHHELD.get(kind, ()):
            if getattr(before, name) != getattr(row, name):
                was[name + OTHERWISE], became[name + OTHERWISE] = False, True
        if was != became:
            audit.record(user, row, before=was, after=became, now=now)


def _values(row: Model, kind: type[Any]) -> dict[str, Any]:
    return audit.values_of(row, (*WITHHELD.get(kind, ()), *_APART.get(kind, ())))


def values(row: Model) -> dict[str, Any]:
    """What the log keeps of a row that is made or goes."""
    return audit.values_of(row, WITHHELD.get(type(row), ()))


def removed(user: User, row: Model, said: dict[str, Any], now: datetime) -> None:
    """Tell that a row went which said all this (`values`)."""
    gone = type(row)(pk=said["id"])
    audit.record(user, gone, before=said, after=None, now=now)


def moved(user: User, agent: Agent, team: Team | None, since: date, now: datetime) -> None:
    """Tell that somebody is in a team from a day on, and in which they would have been. Before it
    is so."""
    spell = TeamMembership.objects.filter(_on(since), agent=agent).first()
    before = {"team": spell and spell.team_id}
    after = {"team": team and team.pk, "since": since.isoformat()}
    audit.record(user, agent, before=before, after=after, now=now)


def led(user: User, team: Team, supervisor: User | None, since: date, now: datetime) -> None:
    """Tell that a team is led by somebody from a day on, as `moved`."""
    spell = TeamLead.objects.filter(_on(since), team=team).first()
    before = {"supervisor": spell and spell.supervisor_id}
    after = {"supervisor": supervisor and supervisor.pk, "since": since.isoformat()}
    audit.record(user, team, before=before, after=after, now=now)


def _on(day: date) -> Q:
    begun = Q(starts_on=None) | Q(starts_on__lte=day)
    return begun & (Q(ends_on=None) | Q(ends_on__gt=day))
