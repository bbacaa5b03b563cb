"""Keeps, changes and removes choices of definitions; each leaves an entry in the audit log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit, database
from ccm.models import AuditEntry, Queue, User
from kpis.choosing.scopes import Scope
from kpis.definitions import Kpi
from kpis.models import KpiChoice

_LOCK = "definitions of KPIs"


@dataclass(frozen=True, slots=True)
class Draft:
    """A choice as somebody means it; `row` is the one that it is to be instead of.

    A variant "" is none of its own: from that day on as in the wider scope. It has no parameters.
    """

    kpi: Kpi
    scope: Scope
    variant: str
    parameters: Mapping[str, Any]
    valid_from: date
    note: str = ""
    row: KpiChoice | None = None

    @property
    def choice(self) -> KpiChoice:
        """As a row that is not kept."""
        site, queue = self.scope.ids
        return KpiChoice(
            kpi=self.kpi.id,
            site_id=site,
            queue_id=queue,
            variant=self.variant,
            parameters=dict(self.parameters),
            valid_from=self.valid_from,
            note=self.note,
        )


def values(row: KpiChoice) -> dict[str, Any]:
    """What the audit log keeps of a choice."""
    return {
        "kpi": row.kpi,
        "site": row.site_id,
        "queue": row.queue_id,
        "variant": row.variant,
        "parameters": row.parameters,
        "valid_from": row.valid_from.isoformat(),
    }


@transaction.atomic
def keep(draft: Draft, who: User | None, now: datetime) -> KpiChoice:
    """Keep a new choice, or what is to be instead of one; nobody: the program chose.

    Raises ValidationError, by field, where somebody else chose, changed or removed meanwhile. Of
    two who do so at once the second waits, and meets what the first kept.
    """
    database.hold(_LOCK)
    row, before = draft.choice, None
    if draft.row is not None:
        there = _unchanged(draft.row)
        before = values(there)
        row.pk = there.pk
        # Who gives no new reason leaves the one that is there.
        row.note = row.note or there.note
    _refuse_second(row)
    row.chosen_by, row.chosen_at = who, now
    row.save()
    audit.record(who, row, before=before, after=values(row), now=now, why=draft.note)
    return row


@transaction.atomic
def remove(row: KpiChoice, who: User, today: date, now: datetime, why: str = "") -> None:
    """Remove a choice that has not begun, and note what for.

    Raises ValidationError for one that has: figures were shown by it, so it is ended from a day on.
    """
    database.hold(_LOCK)
    there = _unchanged(row)
    if there.valid_from <= today:
        raise ValidationError(_("It has begun. Choose something else from a day on instead."))
    audit.record(who, there, before=values(there), after=None, now=now, why=why)
    there.delete()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody chose or corrected something, and when. `choice` is what they chose then."""

    words: str
    who: User | str
    """The program and someone who is gone in words."""
    at: datetime
    choice: KpiChoice


def reasons(rows: Iterable[KpiChoice]) -> dict[int, list[Reason]]:
    """Every reason that was given for each choice, the newest first. One query."""
    wanted = [str(row.pk) for row in rows]
    found: dict[int, list[Reason]] = {}
    told = AuditEntry.objects.filter(model=KpiChoice._meta.label_lower, object_id__in=wanted)
    for entry in told.exclude(why="").select_related("who").order_by("-pk"):
        assert entry.after is not None  # no row that is there was removed
        who = entry.who or (_("the program") if entry.who_id is None else _("someone gone"))
        reason = Reason(entry.why, who, entry.at, _as_kept(entry.after))
        found.setdefault(int(entry.object_id), []).append(reason)
    return found


def _as_kept(said: Mapping[str, Any]) -> KpiChoice:
    """A choice by what the audit log keeps of it: the other way round than `values`."""
    return KpiChoice(
        kpi=said["kpi"],
        site_id=said["site"],
        queue_id=said["queue"],
        variant=said["variant"],
        parameters=said["parameters"],
        valid_from=date.fromisoformat(said["valid_from"]),
    )


def _unchanged(row: KpiChoice) -> KpiChoice:
    """The row as it is now, which is as it was seen. Raises ValidationError."""
    there = KpiChoice.objects.filter(pk=row.pk).first()
    if there is None:
        raise ValidationError(_("Somebody removed this choice meanwhile."))
    if values(there) != values(row):
        raise ValidationError(_("Somebody changed this choice meanwhile. Look at it again."))
    return there


def _refuse_second(row: KpiChoice) -> None:
    others = KpiChoice.objects.filter(
        kpi=row.kpi, site=row.site_id, queue=row.queue_id, valid_from=row.valid_from
    ).exclude(pk=row.pk)
    other = others.select_related("chosen_by").first()
    if other is None:
        return
    words = _("From this day there is a choice already, by %(who)s: change that one, below.")
    raise ValidationError({"valid_from": words % {"who": other.chosen_by or _("the program")}})


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, **_more: object) -> None:
    """What was chosen for a queue that becomes another goes; receiver of `names_merged`.

    The calls are the other's now, and counted by what holds there.
    """
    if sender is not Queue:
        return
    database.hold(_LOCK)
    for row in KpiChoice.objects.filter(queue=loser):
        audit.record(None, row, before=values(row), after=None, now=timezone.now())
        row.delete()
