"""Writes the terms of work; each time the audit log has it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Values
from ccm.models import Agent, Queue, Team, User
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    RosterSession,
    Rotation,
    RotationDay,
    ShiftTemplate,
    SiteRules,
)
from scheduling.terms import limits, skills, words
from scheduling.terms.merging import meets
from scheduling.terms.told import Kept, Spell, values

S = TypeVar("S", AgentContract, AgentRotation, AgentSkill)
# By week (the first is 1) and weekday: keys of templates; none: a day off.
Pattern = Mapping[tuple[int, int], frozenset[int]]


@transaction.atomic
def keep(row: Kept, who: User, now: datetime) -> None:
    """Keep a contract, a shift template, a rotation without its days, what somebody said, a pairing
    or a site's rules.

    Raises ValidationError where it names something of another site, for a second word on a pair,
    and for weights of rules that there are none of.
    """
    if isinstance(row, Pairing) and row.one_id > row.other_id:
        row.one, row.other = row.other, row.one
    _check(row)
    before = _before(row)
    if isinstance(row, Availability):
        row.said_by, row.said_at = who, now
    row.save()
    _record(row, who, before, now)


@transaction.atomic
def keep_rotation(rotation: Rotation, pattern: Pattern, who: User, now: datetime) -> None:
    """Keep a rotation and what it says of its days.

    Raises ValidationError for a week that it does not have, and a template of another site.
    """
    if any(not 1 <= week <= rotation.weeks or not 0 <= day < 7 for week, day in pattern):
        raise ValidationError(_("The rotation has no such week."))
    wanted = {pk for allowed in pattern.values() for pk in allowed}
    here = ShiftTemplate.objects.filter(site=rotation.site_id, pk__in=wanted)
    if here.count() != len(wanted):
        raise ValidationError(_("A shift of it is of another site."))
    before = _before(rotation)
    rotation.save()
    rotation.days.all().delete()
    for (week, weekday), allowed in sorted(pattern.items()):
        templates: list[int | None] = [*sorted(allowed)]
        RotationDay.objects.bulk_create(
            RotationDay(rotation=rotation, week=week, weekday=weekday, template_id=template)
            for template in templates or [None]
        )
    _record(rotation, who, before, now)


@transaction.atomic
def keep_session(row: RosterSession, people: Collection[Agent], who: User, now: datetime) -> None:
    """Keep a session and whom it is for, beside its team.

    Raises ValidationError where it is for nobody, and for people or a team of another site.
    """
    if not people and row.team is None:
        raise ValidationError(_("Say for whom: a team, or people."))
    for one in (row.team, *people):
        _of_site(row.site_id, one)
    before = _before(row)
    row.save()
    row.people.set(people)
    _record(row, who, before, now)


@transaction.atomic
def forget(row: Kept | Spell, who: User, now: datetime) -> bool:
    """Remove a row; False where something hangs on it, as people do on a contract."""
    if hanging(row):
        return False
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()
    return True


def hanging(row: Kept | Spell) -> list[str]:
    """What hangs on a row, so that it cannot go, in words."""
    told: list[tuple[QuerySet[Any], str]] = []
    if isinstance(row, Contract):
        told = [(row.agents.all(), _("people who have it, or had it"))]
    elif isinstance(row, Rotation):
        told = [(row.agents.all(), _("people who work by it, or did"))]
    elif isinstance(row, ShiftTemplate):
        told = [
            (row.rotation_days.all(), _("days of rotations")),
            (row.availabilities.all(), _("words of people about it")),
        ]
    return [f"{many} {said}" for rows, said in told if (many := rows.count())]


@transaction.atomic
def begin_contract(
    agent: Agent, contract: Contract | None, since: date, who: User, now: datetime
) -> AgentContract | None:
    """Have somebody work by a contract, or (None) by none, from a day on.

    Raises ValidationError as `_begin` does.
    """
    _of_site(agent.site_id, contract)
    rows = _spells(AgentContract, agent)
    given = None if contract is None else AgentContract(agent=agent, contract=contract)
    return _begin(rows, given, ("contract_id",), since, who, now)


@transaction.atomic
def begin_rotation(
    agent: Agent,
    rotation: Rotation | None,
    first_week: int,
    since: date,
    who: User,
    now: datetime,
) -> AgentRotation | None:
    """Have somebody work by a rotation, or (None) by none, from a day on, whose week is its
    `first_week`.

    Raises ValidationError for a week that it does not have, and as `_begin` does.
    """
    _of_site(agent.site_id, rotation)
    if rotation is not None and not 1 <= first_week <= rotation.weeks:
        words_of_it = _("%(name)s has weeks 1 to %(weeks)s.")
        told = {"name": rotation.name, "weeks": rotation.weeks}
        raise ValidationError({"first_week": words_of_it % told})
    rows = _spells(AgentRotation, agent)
    given = None
    if rotation is not None:
        given = AgentRotation(agent=agent, rotation=rotation, first_week=first_week)
    return _begin(rows, given, ("rotation_id", "first_week"), since, who, now)


@transaction.atomic
def begin_skill(
    agent: Agent, queue: Queue, proficiency: Decimal | None, since: date, who: User, now: datetime
) -> list[Queue]:
    """Have somebody take a queue from a day on, and fill so much of a position there; None: not any
    more.

    Once something is said, lists say nothing any more (`skills.takes`). What they named until that
    day goes on with it: these queues are returned, in the order of their names.
    Raises ValidationError as `_begin` does.
    """
    _of_site(agent.site_id, queue)
    every = _spells(AgentSkill, agent)
    said = [*skills.spells(every)]
    given = None
    if proficiency is not None:
        given = AgentSkill(agent=agent, queue=queue, proficiency=proficiency)
    _begin(every.filter(queue=queue), given, ("proficiency",), since, who, now)
    if given is None or not skills.lists_hold(said, since):
        return []
    along = [one for one in named_by_lists(agent) if one != queue]
    ends = min((one.starts_on for one in said), default=None)
    for one in along:
        spell = AgentSkill(agent=agent, queue=one, proficiency=1, starts_on=since, ends_on=ends)
        spell.save()
        _record(spell, who, None, now)
    return along


def named_by_lists(agent: Agent) -> list[Queue]:
    """The queues of their site that lists name among somebody's skills, by name."""
    queues = {one.pk: one for one in Queue.objects.filter(site=agent.site_id).order_by("name")}
    named = skills.of_lists(agent.skills, {pk: one.name for pk, one in queues.items()})
    return [queues[pk] for pk in named]


def _spells(model: type[S], agent: Agent) -> QuerySet[S]:
    """Somebody's spells; two who write them at a time take turns."""
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    return model._default_manager.filter(agent=agent)


def _begin(
    rows: QuerySet[S],
    given: S | None,
    same: Sequence[str],
    since: date,
    who: User,
    now: datetime,
) -> S | None:
    """Begin a spell, or none, on a day among others; the one before ends then. The new one ends
    where the next begins, or where the one before was told to end.

    Raises ValidationError where a spell begins on that very day, and where it is so already: by its
    fields `same`.
    """
    if rows.filter(starts_on=since).exists():
        told = {"day": words.day(since)}
        raise ValidationError(
            {"since": _("There is one from %(day)s already: remove it first.") % told}
        )
    before = rows.filter(starts_on__lt=since).order_by("-starts_on").first()
    if before is not None and before.ends_on is not None and before.ends_on <= since:
        before = None
    if _said(before, same) == _said(given, same):
        raise ValidationError({"since": _("It is so already.")})
    following = rows.filter(starts_on__gt=since).order_by("starts_on").first()
    ends = [None if before is None else before.ends_on]
    ends.append(None if following is None else following.starts_on)
    if before is not None:
        was = values(before)
        before.ends_on = since
        before.save()
        _record(before, who, was, now)
    if given is not None:
        given.starts_on = since
        given.ends_on = min((day for day in ends if day is not None), default=None)
        given.save()
        _record(given, who, None, now)
    return given


def _said(spell: Spell | None, same: Sequence[str]) -> tuple[Any, ...] | None:
    return None if spell is None else tuple(getattr(spell, name) for name in same)


def _check(row: Kept) -> None:
    if isinstance(row, SiteRules):
        limits.check_weights(row.weights)
    if isinstance(row, Availability):
        _of_site(row.agent.site_id, row.template)
    if isinstance(row, Pairing):
        if row.one_id == row.other_id:
            raise ValidationError({"other": _("A pair is two people.")})
        _of_site(row.one.site_id, row.other)
        # Two who say something of a pair at a time take turns.
        list(Agent.objects.select_for_update(no_key=True).filter(pk__in=[row.one_id, row.other_id]))
        if meets(row, Pairing.objects.filter(one=row.one_id, other=row.other_id)):
            raise ValidationError(_("Something is said of these two on these days already."))


def _of_site(
    site: int, one: Contract | Rotation | Queue | ShiftTemplate | Agent | Team | None
) -> None:
    """Raises ValidationError for what is of another site."""
    if one is not None and one.site_id != site:
        told = {"name": one.name, "site": one.site}
        raise ValidationError(_("%(name)s is of another site: %(site)s.") % told)


def _before(row: Kept | Spell) -> dict[str, Any] | None:
    there = type(row)._default_manager.filter(pk=row.pk).first()
    return None if there is None else values(there)


def _record(row: Kept | Spell, who: User, before: Values | None, now: datetime) -> None:
    # Numbers as they are kept, with all their digits.
    row.refresh_from_db()
    if before != (after := values(row)):
        audit.record(who, row, before=before, after=after, now=now)
