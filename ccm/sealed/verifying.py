"""Walks the whole chain and says what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from ccm.models import AuditAnchor, AuditCheck, AuditSeal
from ccm.sealed import chain
from ccm.sealed.chain import Link

LATE = timedelta(minutes=10)
"""What waits for longer was forgotten, or nothing seals."""
TOLD = 20
"""So many faults are told one by one."""
_AT_ONCE = 5000

_WALK = f"""
SELECT seal.place, seal.entry, {chain.WRITTEN.format("seal.sealed_at")}, seal.key, seal.hash,
       CASE WHEN entry.id IS NULL THEN NULL ELSE {chain.SAID} END
FROM ccm_auditseal seal LEFT JOIN ccm_auditentry entry ON entry.id = seal.entry
ORDER BY seal.place
"""  # noqa: S608
_TWICE = """
SELECT entry, min(place) FROM ccm_auditseal GROUP BY entry HAVING count(*) > 1 ORDER BY entry
"""
_TAKEN = """
SELECT waiting.entry FROM ccm_auditwaiting waiting
WHERE NOT EXISTS (SELECT FROM ccm_auditentry entry WHERE entry.id = waiting.entry)
ORDER BY waiting.entry
"""
_LATE = """
SELECT entry.id FROM ccm_auditwaiting waiting JOIN ccm_auditentry entry ON entry.id = waiting.entry
WHERE waiting.since < %s ORDER BY entry.id
"""
# The newest one's entry goes at the earliest when a newer one is made.
_UNTOLD = """
SELECT anchor.place FROM ccm_auditanchor anchor
WHERE anchor.place = (SELECT max(place) FROM ccm_auditanchor) AND NOT EXISTS (
    SELECT FROM ccm_auditentry entry
    WHERE entry.model = 'ccm.auditanchor' AND entry.object_id = anchor.place::text
    AND entry.after->>'hash' = encode(anchor.hash, 'hex'))
"""
_ASTRAY = """
SELECT entry.id FROM ccm_auditentry entry
WHERE NOT EXISTS (SELECT FROM ccm_auditseal seal WHERE seal.entry = entry.id)
  AND NOT EXISTS (SELECT FROM ccm_auditwaiting waiting WHERE waiting.entry = entry.id)
ORDER BY entry.id
"""


class Fault(NamedTuple):
    """What is wrong, with the id of the entry and the place of the seal where there is one."""

    entry: int | None
    place: int | None
    what: str

    @property
    def words(self) -> str:
        named = [
            words % {"number": number}
            for words, number in (
                (_("entry %(number)d"), self.entry),
                (_("seal %(number)d"), self.place),
            )
            if number is not None
        ]
        return f"{', '.join(named)}: {self.what}" if named else self.what


@dataclass
class Found:
    """What a walk found. `head` is the last seal's hash in hex, "" of none; `plain` counts seals
    under no key; `faults` are the first ones, of `wrong` in all. The chain begins at the place
    `first`: `gone` entries were let go of before it, the last time at `let_go_at`."""

    entries: int = 0
    seals: int = 0
    waiting: int = 0
    plain: int = 0
    head: str = ""
    first: int = 1
    gone: int = 0
    let_go_at: datetime | None = None
    wrong: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(self, entry: int | None, place: int | None, what: str) -> None:
        self.wrong += 1
        if len(self.faults) < TOLD:
            self.faults.append(Fault(entry, place, what))


def verify(now: datetime, head: str = "") -> Found:
    """Walk the chain from where it begins, and look for entries that it lacks. `head` is the hash
    of a seal, in hex, that was told before: it is to be in it.

    One view of the database, whatever is added meanwhile; memory does not grow with the log.
    """
    found = Found()
    keys = chain.by_mark(settings.AUDIT_KEYS)
    with _snapshot():
        _walk(found, keys, head)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ccm_auditentry")
            found.entries = cursor.fetchone()[0]
            cursor.execute("SELECT count(*) FROM ccm_auditwaiting")
            found.waiting = cursor.fetchone()[0]
        for (place,) in _rows(_UNTOLD):
            found.fault(
                None, place, _("the chain begins after it, and no entry tells that what was before"
                               " was let go of"),
            )  # fmt: skip
        for entry, place in _rows(_TWICE):
            found.fault(entry, place, _("sealed twice"))
        for (entry,) in _rows(_TAKEN):
            found.fault(entry, None, _("removed before it was sealed"))
        for (entry,) in _rows(_LATE, [now - LATE]):
            found.fault(entry, None, _("waits to be sealed for more than ten minutes"))
        for (entry,) in _rows(_ASTRAY):
            found.fault(entry, None, _("neither sealed nor waiting to be"))
    return found


def _walk(found: Found, keys: dict[str, str], head: str) -> None:
    anchors = list(AuditAnchor.objects.order_by("place"))
    before = bytes(anchors[-1].hash) if anchors else chain.FIRST
    found.first = expected = anchors[-1].place + 1 if anchors else 1
    found.gone = sum(one.entries for one in anchors)
    found.let_go_at = anchors[-1].let_go_at if anchors else None
    is_head_met = not head or any(bytes(one.hash).hex() == head for one in anchors)
    for place, entry, sealed_at, mark, kept, said in _rows(_WALK):
        found.seals += 1
        kept = bytes(kept)
        if place != expected:
            found.fault(
                None, place, _("seals %(first)d to %(last)d are missing")
                % {"first": expected, "last": place - 1},
            )  # fmt: skip
        if said is None:
            found.fault(entry, place, _("the entry is missing"))
        elif mark not in keys:
            found.fault(
                entry, place, _("sealed under the key %(mark)s, which is not given")
                % {"mark": mark},
            )  # fmt: skip
        elif chain.digest(before, Link(place, sealed_at, said), keys[mark]) != kept:
            found.fault(
                entry, place,
                _("changed, or out of order: this is not what was sealed here"),
            )  # fmt: skip
        elif not mark and len(keys) > 1 and place >= settings.AUDIT_KEYED_FROM:
            found.fault(entry, place, _("sealed without the key (see CCM_AUDIT_KEYED_FROM)"))
        found.plain += not mark
        is_head_met = is_head_met or kept.hex() == head
        # Each fault once: what follows is held against what is kept.
        before, expected = kept, place + 1
    found.head = before.hex() if found.seals else ""
    if not is_head_met:
        found.fault(
            None, None,
            (
                _("no seal has the hash %(head)s: newer entries were taken away, or it is of those"
                  " that were let go of")
                if anchors else _("no seal has the hash %(head)s: newer entries were taken away")
            ) % {"head": head},
        )  # fmt: skip


def check(now: datetime) -> AuditCheck:
    """Verify, and keep what was found for the page."""
    found = verify(now)
    return AuditCheck.objects.create(
        at=now,
        entries=found.entries,
        seals=found.seals,
        head=found.head,
        faults=found.wrong,
        first_fault=found.faults[0].words[:300] if found.faults else "",
    )


class State(NamedTuple):
    """How the sealing stands: the last seal, how much waits, since when the oldest does (None:
    nothing waits), and what the last check found (None: there was none)."""

    last: AuditSeal | None
    waiting: int
    oldest: datetime | None
    checked: AuditCheck | None

    def is_late(self, now: datetime) -> bool:
        return self.oldest is not None and self.oldest < now - LATE


def state() -> State:
    """Three queries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), min(since) FROM ccm_auditwaiting")
        waiting, oldest = cursor.fetchone()
    last = AuditSeal.objects.order_by("-place").first()
    return State(last, waiting, oldest, AuditCheck.objects.order_by("-pk").first())


@contextmanager
def _snapshot() -> Iterator[None]:
    """One view of the database; within a transaction, its own."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _rows(sql: str, params: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """Rows as they come, by a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while some := cursor.fetchmany(_AT_ONCE):
            yield from some
