"""Another team and another agent at one's own site, and which rows are about them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.db import DatabaseError, models, transaction
from django.db.models import Model
from django.utils import timezone

from ccm.models import Agent, AgentAlias, Call, Team, TeamLead, TeamMembership, User
from tests.attacks import marks
from tests.attacks.probes import Doors
from tests.builders import JANUARY, a_call, a_leave, a_paid_time, a_team, a_user, an_agent
from tests.reach import Row, World, a_note, an_invitation

Rows = dict[type[Model], list[Any]]


def a_world_beside(own: World) -> World:
    """The same site with another team: its lead, its agent, and what is known of the two."""
    site = own.site
    people = own.people | {role: a_user(role, site) for role in ("supervisor", "agent")}
    agent = an_agent(site, user=people["agent"])
    team = a_team(site, people["supervisor"], agent)
    now = timezone.now()
    call = a_call(own.queue, now - timedelta(minutes=6), agent=agent)
    return replace(
        own,
        people=people,
        agent=agent,
        call=call,
        team=team,
        alias=AgentAlias.objects.get(agent=agent),
        stay=TeamMembership.objects.get(agent=agent),
        leave=a_leave(agent, last_on=JANUARY),
        paid=a_paid_time(agent),
        lead=TeamLead.objects.get(team=team),
        invitation=an_invitation(call, people["admin"]),
        note=a_note(a_call(own.queue, now - timedelta(minutes=8), agent=agent)),
    )


def doors_beside(own: Doors, other: World) -> tuple[Doors, Doors]:
    """The addresses that name something of theirs, with those of ours; what there can be but once
    at a site has no other."""
    ours: Doors = []
    theirs: Doors = []
    for row, address in own:
        found = _address(row, other)
        if found and found != address:
            ours.append((row, address))
            theirs.append((row, found))
    return ours, theirs


def _address(row: Row, other: World) -> str:
    try:
        with transaction.atomic():
            return row.path(other)
    except (DatabaseError, ObjectDoesNotExist, MultipleObjectsReturned):
        return ""


def about(made: Rows, other: World) -> Rows:
    """Of rows that were made, those about the other team and its people: they, and whatever points
    at them."""
    own = (other.people["supervisor"], other.people["agent"])
    found: dict[type[Model], set[Any]] = {
        Agent: {other.agent.pk},
        Team: {other.team.pk},
        User: {one.pk for one in own},
        Call: set(Call.objects.filter(agent=other.agent).values_list("pk", flat=True)),
    }
    more = True
    while more:
        more = False
        for model in marks.kept():
            known = found.setdefault(model, set())
            keys = [key for key in made.get(model, ()) if key not in known]
            for name in _pointing(model, found) if keys else ():
                related = model._meta.get_field(name).related_model
                said = {"pk__in": keys, f"{name}__in": found[related]}  # type: ignore[index]
                rows = set(model._base_manager.filter(**said).values_list("pk", flat=True))
                more |= not rows <= known
                known |= rows
    # Who leads a team is no secret where people of a site are chosen.
    found[User].discard(other.people["supervisor"].pk)
    return {model: sorted(keys, key=str) for model, keys in found.items() if keys}


def _pointing(model: type[Model], found: dict[type[Model], set[Any]]) -> Iterable[str]:
    for one in model._meta.concrete_fields:
        if isinstance(one, models.ForeignKey) and found.get(one.related_model):
            yield one.name
