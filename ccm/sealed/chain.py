"""What a seal is made of: the hash of the seal before it, its place, its time and its entry.

Without a key a seal is SHA-256, which whoever may write to the database can make again; with one,
HMAC-SHA-256, which nobody can who has the database alone. docs/audit.md says it for who verifies
without this program.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

FIRST = bytes(32)
"""What stands for the seal before the first."""

WRITTEN = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
"""A time in SQL, whatever the session's zone."""

SAID = f"""jsonb_build_array(
    entry.id, {WRITTEN.format("entry.at")}, entry.who_id,
    entry.action, entry.model, entry.object_id, entry.before, entry.after, entry.names, entry.why
)::text"""
"""All that a row of ccm_auditentry says, as one text in SQL: the same whatever the session's zone,
with the keys of objects in the order that jsonb keeps them in and numbers in all their digits."""


class Link(NamedTuple):
    """What a seal is over. `sealed_at` is as `written` has it, `said` is `SAID` of its entry."""

    place: int
    sealed_at: str
    said: str


def written(moment: datetime) -> str:
    """A time in UTC, as seals have it; `WRITTEN` is the same in SQL."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest(before: bytes, link: Link, key: str) -> bytes:
    """The 32 bytes of a seal; under no key where it is ""."""
    said = f"{link.place} {link.sealed_at}\n{link.said}"
    message = before + said.encode()
    if not key:
        return sha256(message).digest()
    return hmac.digest(key.encode(), message, "sha256")


def mark(key: str) -> str:
    """Tells a key from others, and says nothing of it; "" of none."""
    return hmac.digest(key.encode(), b"ccm.audit", "sha256").hex()[:8] if key else ""


def by_mark(keys: Sequence[str]) -> dict[str, str]:
    """Keys by their marks, and none by its own."""
    return {mark(one): one for one in ("", *keys)}
