"""Writes what people say of their own schedule; each time the audit log has it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from ccm import audit
from ccm.models import Agent, User
from scheduling.models import ShiftChange


@transaction.atomic
def acknowledge(
    agent: Agent, who: User, now: datetime, *, up_to: int, only: Collection[int] | None = None
) -> int:
    """Note that somebody has seen changes of their own days: `only` those, else all up to the
    newest one that they were shown, so that none goes unseen that came meanwhile. How many were not
    seen yet: said twice it is nothing new."""
    rows = ShiftChange.objects.select_for_update(of=("self",)).filter(
        agent=agent, is_published=True, acknowledged_at=None, pk__lte=up_to
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    seen = list(rows.order_by("pk"))
    for one in seen:
        before = values(one)
        one.acknowledged_at = now
        one.save(update_fields=["acknowledged_at"])
        audit.record(who, one, before=before, after=values(one), now=now)
    return len(seen)


def values(change: ShiftChange) -> dict[str, Any]:
    """What the audit log keeps of a change's being seen."""
    return audit.values_of(change, ("id", "edit", "before", "after", "is_published", "is_short"))
