"""Seals what waits, in order, a piece at a time; one does it, and no writer waits for it."""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction

from ccm import database
from ccm.models import AuditSeal
from ccm.sealed import chain
from ccm.sealed.chain import Link

PIECE = 5000
"""So many are sealed in a transaction."""
LOCK = "ccm.audit.sealing"

# What waits for an entry that is not there stays: somebody took the entry, and verifying says so.
# So does what waits a second time: it is sealed, and keeps nothing else from being.
_NEXT = f"""
SELECT entry.id, {chain.SAID}
FROM ccm_auditwaiting waiting JOIN ccm_auditentry entry ON entry.id = waiting.entry
WHERE NOT EXISTS (SELECT FROM ccm_auditseal seal WHERE seal.entry = waiting.entry)
ORDER BY waiting.entry LIMIT %s
"""  # noqa: S608

_SEAL = """
INSERT INTO ccm_auditseal (place, entry, sealed_at, key, hash)
SELECT made.place, made.entry, %s, %s, decode(made.hash, 'hex')
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS made (place, entry, hash)
"""

log = structlog.get_logger(__name__)


def seal_waiting(now: datetime, pieces: int = 1000) -> int:
    """Seal what waits, at most so many pieces; how many entries that was. Safe to run twice, at
    once, and to be killed: a piece is one transaction, and the next goes on from what is there."""
    many = 0
    with database.alone(LOCK) as alone:
        while alone and pieces and (some := _seal_piece(now)):
            many += some
            pieces -= 1
    return many


def _seal_piece(now: datetime) -> int:
    key = settings.AUDIT_KEYS[0] if settings.AUDIT_KEYS else ""
    mark = chain.mark(key)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEXT, [PIECE])
        found = cursor.fetchall()
        if not found:
            return 0
        last = AuditSeal.objects.order_by("-place").first()
        place, head = (last.place, bytes(last.hash)) if last else (0, chain.FIRST)
        entries, hashes, first = [], [], place + 1
        at = chain.written(now)
        for entry, said in found:
            place += 1
            head = chain.digest(head, Link(place, at, said), key)
            entries.append(entry)
            hashes.append(head.hex())
        places = [*range(first, place + 1)]
        cursor.execute(_SEAL, [now, mark, places, entries, hashes])
        cursor.execute("DELETE FROM ccm_auditwaiting WHERE entry = ANY(%s)", [entries])
    # Kept where nobody reaches who reaches the database: whoever takes the newest entries away,
    # with their seals, leaves a chain that is whole, but that does not end with what was told here.
    log.info("audit_sealed", place=place, head=head.hex(), entries=len(found), key=mark)
    return len(found)
