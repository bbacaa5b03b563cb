"""Reads of the audit log: narrowed, a page at a time by key, and what it can be narrowed by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from ccm.models import AuditEntry, AuditSeal, User

ROWS = 50
BUT_VIEWS, ALL = "", "all"
"""Of what was done: all but that somebody looked, which would hide the rest; and all."""

# From one model to the next by the index: to look at every entry takes the longer the more there
# are, and kinds of rows stay few.
_MODELS = """
WITH RECURSIVE kinds AS (
    (SELECT model FROM ccm_auditentry ORDER BY model LIMIT 1)
    UNION ALL
    SELECT (SELECT entry.model FROM ccm_auditentry entry WHERE entry.model > kinds.model
            ORDER BY entry.model LIMIT 1)
    FROM kinds WHERE kinds.model IS NOT NULL
)
SELECT model FROM kinds WHERE model IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the log is narrowed by; an empty text or None narrows nothing. `number` is an object's
    id as the log has it, `why` words of a reason; days are of UTC, the last one included."""

    who: int | None = None
    model: str = ""
    number: str = ""
    action: str = BUT_VIEWS
    why: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != Asked(action=self.action) or self.action not in (BUT_VIEWS, ALL)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of a page, and the keys of the pages beside it; None: there is none."""

    entries: Sequence[AuditEntry]
    older: int | None = None
    newer: int | None = None

    @classmethod
    def of(cls, found: QuerySet[AuditEntry], before: int | None, after: int | None) -> Self:
        """The newest; those before a key; or those after it, of which the oldest. Newest first."""
        if after is not None:
            some = [*found.filter(pk__gt=after).order_by("pk")[: ROWS + 1]]
            more, some = len(some) > ROWS, some[:ROWS][::-1]
            return cls(some, some[-1].pk if some else None, some[0].pk if more else None)
        if before is not None:
            found = found.filter(pk__lt=before)
        some = [*found.order_by("-pk")[: ROWS + 1]]
        more, some = len(some) > ROWS, some[:ROWS]
        newer = some[0].pk if some and before is not None else None
        return cls(some, some[-1].pk if more else None, newer)


def found(asked: Asked) -> QuerySet[AuditEntry]:
    """The entries that fit, in no order yet."""
    entries = AuditEntry.objects.order_by()
    if asked.action == BUT_VIEWS:
        entries = entries.exclude(action=AuditEntry.Action.VIEWED)
    elif asked.action != ALL:
        entries = entries.filter(action=asked.action)
    if asked.who is not None:
        entries = entries.filter(who=asked.who)
    if asked.model:
        entries = entries.filter(model=asked.model)
    if asked.number:
        entries = entries.filter(object_id=asked.number)
    if asked.why:
        entries = entries.filter(why__icontains=asked.why)
    if asked.first is not None:
        entries = entries.filter(at__gte=_midnight(asked.first))
    if asked.last is not None and asked.last < date.max:
        entries = entries.filter(at__lt=_midnight(asked.last + timedelta(days=1)))
    return entries


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def people() -> QuerySet[User]:
    """Those who are in the log, as far as they are still there."""
    of_theirs = AuditEntry.objects.filter(who=OuterRef("pk"))
    return User.objects.filter(Exists(of_theirs)).order_by("username")


def models() -> list[str]:
    """The kinds of rows that the log is of."""
    with connection.cursor() as cursor:
        cursor.execute(_MODELS)
        return [model for (model,) in cursor.fetchall()]


def seals_of(entries: Sequence[AuditEntry]) -> dict[int, AuditSeal]:
    """Their seals, by the ids of entries; what waits has none."""
    numbers = [one.pk for one in entries]
    return {one.entry: one for one in AuditSeal.objects.filter(entry__in=numbers)}
