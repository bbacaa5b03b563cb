"""Writes what planners say; each time the audit log has it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from django.db import transaction

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Queue, Site, User
from scheduling.known import runs
from scheduling.models import (
    DayWord,
    ForecastPlan,
    KnownEvent,
    Override,
    QueueGroup,
    Scenario,
    StaffingPlan,
)
from scheduling.planned import circles

Said: TypeAlias = KnownEvent | Override | QueueGroup
Plan: TypeAlias = ForecastPlan | StaffingPlan

_UNSAID = ("id", "made_by", "made_at", "said_by", "said_at")


def values(row: Any) -> dict[str, Any]:
    """What the audit log keeps of a row: what a person can say of it."""
    found = audit.values_of(row, _UNSAID)
    if isinstance(row, KnownEvent | QueueGroup):
        found["queues"] = sorted(row.queues.values_list("pk", flat=True))
    return found


@transaction.atomic
def keep(row: Said, who: User, now: datetime, queues: Iterable[Queue] | None = None) -> bool:
    """Keep an event or a group, of these queues, or an override. False, and nothing is kept, where
    it is new and the same person has said the same already: a form that was sent twice."""
    queues = None if queues is None else list(queues)
    if row.pk is None and _is_said(row, who, queues or ()):
        return False
    there = type(row)._default_manager.filter(pk=row.pk).first()
    before = None if there is None else values(there)
    if not isinstance(row, QueueGroup):
        row.made_by, row.made_at = who, now
    row.save()
    if isinstance(row, KnownEvent | QueueGroup) and queues is not None:
        row.queues.set(queues)
    _record(row, who, before, now)
    _made_anew(row, row.site_id, now)
    return True


def _is_said(row: Said, who: User, queues: Iterable[Queue]) -> bool:
    """Whether the same person has said the same already, and it stands. Of an override that a later
    one stands over it may be said again. Of two who ask at once one waits."""
    if isinstance(row, QueueGroup):
        return False  # of a name there is one
    Site.objects.select_for_update(no_key=True).get(pk=row.site_id)
    same = {name: getattr(row, name) for name in _SAME[type(row)]}
    found: Any = type(row)._default_manager.filter(site=row.site_id, made_by=who, **same)
    if isinstance(row, Override):
        return bool(found.with_later().filter(is_overruled=False).exists())
    asked = {one.pk for one in queues}
    return any({one.pk for one in event.queues.all()} == asked for event in found)


_DAYS = ("first", "last", "calls", "factor")
_SAME: Mapping[type[Any], tuple[str, ...]] = {
    Override: (*_DAYS, "queue", "starts", "ends", "reason"),
    KnownEvent: (*_DAYS, "kind", "keeps", "note"),
}


@transaction.atomic
def forget(row: Said, who: User, now: datetime) -> bool:
    """Remove an event, an override or a group: what was published with it stays as it was."""
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()
    _made_anew(row, row.site_id, now)
    return True


@transaction.atomic
def keep_plan(row: Plan, who: User, now: datetime) -> None:
    """Raises ValidationError where a queue would be forecast as a share of itself."""
    if isinstance(row, ForecastPlan) and row.analogue is not None:
        # Of two who close a circle at once the second meets what the first has written.
        Site.objects.select_for_update(no_key=True).get(pk=row.queue.site_id)
        circles.refuse(row.queue, row.analogue)
    there = type(row)._default_manager.filter(pk=row.pk).first()
    before = None if there is None else values(there)
    row.save()
    _record(row, who, before, now)
    _made_anew(row, row.queue.site_id, now)


@transaction.atomic
def say_of_day(
    queue: Queue, day: date, is_kept: bool, reason: str, who: User, now: datetime
) -> None:
    """Whether forecasts learn from a day."""
    there = DayWord.objects.select_for_update().filter(queue=queue, day=day).first()
    before = None if there is None else values(there)
    said = {"is_kept": is_kept, "reason": reason, "said_by": who, "said_at": now}
    row, _made = DayWord.objects.update_or_create(queue=queue, day=day, defaults=said)
    _record(row, who, before, now)
    _made_anew(row, queue.site_id, now)


@transaction.atomic
def take_back(queue: Queue, day: date, who: User, now: datetime) -> bool:
    """Leave a day to be judged as any; False where nothing was said of it."""
    row = DayWord.objects.select_for_update().filter(queue=queue, day=day).first()
    if row is None:
        return False
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()
    _made_anew(row, queue.site_id, now)
    return True


# Overrides lie over a forecast, and people are reckoned when they are asked for.
_NOT_IN_IT = (Override, StaffingPlan)


def _made_anew(row: Any, site: int, now: datetime) -> None:
    """Have forecasts made anew with the next look, where what is said of a row goes into them."""
    if not isinstance(row, _NOT_IN_IT):
        runs.anew(site, now)


def _record(row: Any, who: User, before: Mapping[str, Any] | None, now: datetime) -> None:
    # Numbers as they are kept, with all their digits.
    row.refresh_from_db()
    if before != (after := values(row)):
        audit.record(who, row, before=before, after=after, now=now)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """What entries of what planners say are about: of which queue, and from which day on."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        queue = said.get("queue")
        parts = [
            said.get("kind") or said.get("name"),
            None if queue is None else names.of(Queue, queue),
            said.get("first") or said.get("day"),
        ]
        if entry.model == "scheduling.forecast":
            parts.append(f"{said.get('version')}")
        words = ", ".join(str(one) for one in parts if one)
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {words}")
    return found


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What planners said of a queue that is merged goes on of the one it becomes; receiver of
    `names_merged`. Its own forecasts go with it: they are of calls that are counted elsewhere now.
    """
    for kind in (KnownEvent, QueueGroup, Scenario):
        for row in kind.objects.filter(queues=loser):
            row.queues.add(keeper)
            row.queues.remove(loser)
    Override.objects.filter(queue=loser).update(queue=keeper)
    ForecastPlan.objects.filter(queue=keeper, analogue=loser).update(analogue=None)
    kept = Queue.objects.get(pk=keeper)
    for plan in ForecastPlan.objects.filter(analogue=loser).select_related("queue"):
        # One that would be a share of itself now goes by its own calls.
        plan.analogue = None if circles.chain(plan.queue, kept) else kept
        plan.save(update_fields=["analogue"])
