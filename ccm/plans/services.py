"""Writes costs, targets, headcounts, sales, absences and paid time: as a person says them on a
page, and what becomes of them when two names become one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ccm import audit
from ccm.imports.facts.references import folded
from ccm.imports.storing import journal
from ccm.imports.storing.links import calls_called
from ccm.models import Agent, Cost, Headcount, Leave, PaidTime, Queue, Sale, Target, User
from ccm.plans.absences import Away, refusal

Plan: TypeAlias = Cost | Target | Headcount | Sale | Leave | PaidTime

# Rows that name a queue or an agent, and the fields that make two of them the same fact.
_KEYS: dict[type[Any], tuple[str, ...]] = {
    Cost: ("site_id", "kind", "queue_id", "agent_id", "first_on", "last_on", "reference"),
    Target: ("site_id", "kpi", "queue_id", "team_id", "agent_id", "role", "valid_from"),
    Sale: ("site_id", "reference", "call_ref", "agent_id", "sold_on"),
    Leave: ("agent_id", "kind", "first_on"),
    PaidTime: ("agent_id", "day"),
}


# Say why an absence is not to be changed here, as it belongs to something else; empty: it may be.
_holders: list[Callable[[Leave], str]] = []


def hold(holder: Callable[[Leave], str]) -> None:
    """Have an app above say which absences are its own to change."""
    if holder not in _holders:
        _holders.append(holder)


def held(row: Plan) -> list[str]:
    """Why a row is not to be changed here; empty where it may be."""
    if not isinstance(row, Leave) or row.pk is None:
        return []
    return [words for holder in _holders if (words := holder(row))]


def values(row: Plan) -> dict[str, Any]:
    """What the audit log keeps of a row: what a person can say of it."""
    return audit.values_of(row, _UNSAID)


_UNSAID = ("id", "batch", "call")


@transaction.atomic
def keep(row: Plan, who: User | None, now: datetime) -> None:
    """Keep what a person says, or (None) what follows from a rule, which no import that is taken
    back undoes; the audit log has it.

    Raises ValidationError, by field, for an absence on days that the agent is away already, and for
    one that belongs to something else.
    """
    if words := held(row):
        raise ValidationError(words[0])
    if isinstance(row, Sale):
        row.call_id = calls_called({row.call_ref} - {""}, row.site).get(row.call_ref)
    if isinstance(row, Leave):
        _refuse_second(row)
    there = type(row)._default_manager.filter(pk=row.pk).first()
    before = None if there is None else values(there)
    row.save()
    journal.make_own(row)
    # Amounts as they are kept, with all their digits.
    row.refresh_from_db()
    if before != (after := values(row)):
        audit.record(who, row, before=before, after=after, now=now)


def _refuse_second(leave: Leave) -> None:
    # Two who write absences of one agent at a time take turns.
    Agent.objects.select_for_update(no_key=True).get(pk=leave.agent_id)
    others = Leave.objects.filter(agent=leave.agent_id).exclude(pk=leave.pk).order_by("first_on")
    away = Away(leave.kind, leave.first_on, leave.last_on)
    spells = (Away(*one) for one in others.values_list("kind", "first_on", "last_on"))
    if words := refusal(away, spells):
        raise ValidationError({"first_on": words})


@transaction.atomic
def forget(row: Plan, who: User | None, now: datetime) -> bool:
    """Remove a row; False where it belongs to something else. An import that is taken back later
    does not bring it back; the audit log has it."""
    if held(row):
        return False
    journal.make_own(row)
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()
    return True


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Move what names the loser to the keeper; receiver of `names_merged`.

    Where both have a target, an absence or paid time of a day, the keeper's stands. Money is never
    dropped: a cost or sale that both have keeps the loser's name as its reference.
    """
    field = {Queue: "queue_id", Agent: "agent_id"}.get(sender)
    if field is None:
        return
    if sender is Agent:
        _hand_on_employee_id(loser, keeper)
    called = sender._default_manager.get(pk=loser).name[:80]
    for model, keys in _KEYS.items():
        if field not in keys:
            continue
        rows = model._default_manager
        there = {_key(row, keys) for row in rows.filter(**{field: keeper})}
        for row in rows.filter(**{field: loser}):
            was = values(row)
            setattr(row, field, keeper)
            if _key(row, keys) in there:
                if model not in (Cost, Sale):
                    if model is Target:
                        audit.record(None, row, before=was, after=None, now=timezone.now())
                    row.delete()
                    continue
                row.reference = called
            row.save()


def _key(row: Any, fields: tuple[str, ...]) -> tuple[object, ...]:
    """What two rows of the same fact have in common; kinds whatever their case."""
    said = {name: getattr(row, name) for name in fields}
    return tuple(folded(one) if name == "kind" else one for name, one in said.items())


def _hand_on_employee_id(loser: int, keeper: int) -> None:
    """The keeper's own id stands; one without takes the loser's, so that a list still finds it."""
    number = Agent.objects.filter(pk=loser).values_list("employee_id", flat=True).get()
    Agent.objects.filter(pk=loser).update(employee_id="")
    Agent.objects.filter(pk=keeper, employee_id="").update(employee_id=number)
