"""Ids made from when and what a thing is, so that the same thing read twice is one row.

An id has the shape of a UUIDv7: 48 bits of milliseconds, then a hash in place of the random
bits. Ids therefore sort by time, and the calls table is cut into months by ranges of ids.
The time is the birth *as the source wrote it*, before any zone or skew correction: those may
be corrected later, the id may not.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_VARIANT = "89ab89ab89ab89ab"


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, floored."""
    return (moment - EPOCH) // MILLISECOND


def made_id(birth_ms: int, *what: str) -> str:
    """The id, as 32 hex digits, of the thing named by `what` and born at `birth_ms`.

    `birth_ms` is milliseconds since 1970. Raises ValueError for a birth no id can hold
    (before 1970 or after the year 10889).
    """
    if not 0 <= birth_ms < 1 << 48:
        raise ValueError(f"{birth_ms} ms is outside the years an id can hold")
    digest = blake2b(f"{chr(31).join(what)}\x1f{birth_ms}".encode(), digest_size=10).hexdigest()
    # Hex, not UUID objects: an import makes a million of these.
    return f"{birth_ms:012x}7{digest[:3]}{_VARIANT[int(digest[3], 16)]}{digest[4:19]}"


def call_id(source: str, external_id: str, queue: str, birth_ms: int) -> UUID:
    """The id of one visit: one contact on one queue."""
    return UUID(made_id(birth_ms, source, external_id, queue))


def id_floor(moment: datetime) -> UUID:
    """The smallest id of anything born at or after `moment`."""
    return UUID(f"{max(0, milliseconds(moment)):012x}70008000000000000000")
