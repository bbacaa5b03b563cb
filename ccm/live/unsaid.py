"""What an earlier fold told of a call and a fuller one tells no more is taken back.

The loader only adds to a call: what was known is never lost, whoever told it. But events without
their queue's name may have been laid to another entry of their call while one that names it was
missing. So before a call is stored anew, a row that says just what the earlier fold told says
nothing of it any longer.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from ccm.dirty import mark_gained
from ccm.identity import call_id, id_floor, milliseconds
from ccm.imports.storing import journal
from ccm.intervals import DAY
from ccm.live.state import Visit
from ccm.models import Call, Outcome, Site

# The columns that events tell, and what they are where nothing is told.
_COLUMNS: dict[str, Any] = {
    "agent_name": "", "answered_at": None, "ended_at": None, "wrapup_ended_at": None,
    "wait_ms": None, "ring_ms": None, "talk_ms": None, "hold_ms": None, "acw_ms": None,
    "outcome": Outcome.IN_PROGRESS, "ended_by": "", "transfer_kind": "", "transfer_target": "",
    "topic": None, "resolved": None, "extra": None,
}  # fmt: skip
# Of what a person said in a note nothing is taken back.
_NOTED = {"topic": "topic_id", "resolved": "resolved"}


class Pair(NamedTuple):
    """One entry of a call as the earlier fold had it, and as it is told now."""

    before: Visit
    after: Visit


def pairs(before: Iterable[Visit], after: Iterable[Visit]) -> list[Pair]:
    """The entries of a call of which something is told no more."""
    now = {(one.queue, one.offered_at): one for one in after if one.entry_known}
    met = [
        Pair(one, now[one.queue, one.offered_at])
        for one in before
        if one.entry_known and (one.queue, one.offered_at) in now
    ]
    return [one for one in met if _told(one.before).items() - _told(one.after).items()]


def take_back(found: list[Pair], site: Site, source: str) -> None:
    """Have the rows of these entries say nothing of what the earlier fold told them."""
    if not found:
        return
    wanted = {
        call_id(source, one.external_id, one.queue, milliseconds(one.offered_at)): one
        for one, _after in found
    }
    halves = {(one.external_id, one.offered_at): one for one in wanted.values()}
    near = Call.objects.filter(
        source=source, site=site, linked_id__in={one.linked_id for pair in found for one in pair},
        id__gte=id_floor(min(one.offered_at for one, _after in found) - DAY),
        id__lt=id_floor(max(one.offered_at for one, _after in found) + DAY),
    )  # fmt: skip
    rows = []
    for row in near.select_related("topic").select_for_update(of=("self",)):
        one = wanted.get(row.pk)
        if one is None and row.from_half:
            one = halves.get((row.external_id, row.offered_at))
        if one is not None and _unsay(row, _told(one)):
            rows.append(row)
    if not rows:
        return
    Call.objects.bulk_update(rows, [*_COLUMNS, "agent"])
    ids = [row.pk.hex for row in rows]
    with connection.cursor() as cursor:
        journal.note_found(cursor, "ccm_call", None, ids)
        mark_gained(cursor, site, ids)


def _told(visit: Visit) -> dict[str, Any]:
    """What a visit tells, by column. That it is not over yet is nothing to take back."""
    told = {
        name: getattr(visit, "agent" if name == "agent_name" else name) for name in _COLUMNS
    } | {"extra": _frozen(visit.extra)}
    nothing = (None, "", (), Outcome.IN_PROGRESS)
    return {name: value for name, value in told.items() if value not in nothing}


def _frozen(extra: dict[str, Any] | None) -> tuple[Any, ...]:
    return tuple(sorted((extra or {}).items(), key=str))


def _unsay(row: Call, told: dict[str, Any]) -> bool:
    """Have a row say nothing of what it was told; False where somebody else told it otherwise."""
    kept = {name for name, column in _NOTED.items() if column in (row.noted or ())}
    says = {name: getattr(row, name) for name in _COLUMNS}
    says |= {"topic": row.topic.name if row.topic else None, "extra": _frozen(row.extra)}
    if any(says[name] != value for name, value in told.items() if name not in kept):
        return False
    # One that is not over has no end, whoever told it.
    if any(says[name] is not None and name not in told for name in ("answered_at", "ended_at")):
        return False
    if "outcome" not in told and says["outcome"] != Outcome.IN_PROGRESS:
        return False
    for name in told.keys() - kept:
        setattr(row, name, _COLUMNS[name])
    if "agent_name" in told:
        row.agent = None
    return True
