"""What becomes of costs, targets, headcounts, sales and absences when two names become one."""

from typing import Any

from django.db import transaction

from ccm.models import Agent, Cost, Leave, Queue, Sale, Target

# Rows that name a queue or an agent, and the fields that make two of them the same fact.
_KEYS: dict[type[Any], tuple[str, ...]] = {
    Cost: ("site_id", "kind", "queue_id", "agent_id", "first_on", "last_on", "reference"),
    Target: ("site_id", "kpi", "queue_id", "team_id", "agent_id", "role", "valid_from"),
    Sale: ("site_id", "reference", "call_ref", "agent_id", "sold_on"),
    Leave: ("agent_id", "kind", "first_on"),
}


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Move what names the loser to the keeper; receiver of `names_merged`.

    Where both have a target for a day, or an absence, the keeper's stands. Money is never dropped:
    a cost or sale that both have keeps the loser's name as its reference.
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
        there = set(rows.filter(**{field: keeper}).values_list(*keys))
        for row in rows.filter(**{field: loser}):
            setattr(row, field, keeper)
            if tuple(getattr(row, key) for key in keys) in there:
                if model not in (Cost, Sale):
                    row.delete()
                    continue
                row.reference = called
            row.save()


def _hand_on_employee_id(loser: int, keeper: int) -> None:
    """The keeper's own id stands; one without takes the loser's, so that a list still finds it."""
    number = Agent.objects.filter(pk=loser).values_list("employee_id", flat=True).get()
    Agent.objects.filter(pk=loser).update(employee_id="")
    Agent.objects.filter(pk=keeper, employee_id="").update(employee_id=number)
