"""Which keys the hashes of callers were made under.

A hash is worth as much as its key: who has that finds a number by trying all of them, and who has
not can tell nobody by it. So the key is the part that can be destroyed: without it no number ever
matches a hash again, and what is left is anonymous. The database has marks of keys, not keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.conf import settings

from ccm.models import Call, CallerKey


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its mark; `is_set` is the one that this process has."""

    mark: str
    since: datetime | None
    is_set: bool


def mark() -> str:
    """What tells the key that is set from others, and says nothing of it."""
    made = blake2b(settings.CALLER_KEY.encode(), digest_size=32, person=b"ccm.keymark").digest()
    return blake2b(made, digest_size=4).hexdigest()


def note(now: datetime) -> None:
    """Remember the key that is set, by whoever stores hashes under it. One query."""
    CallerKey.objects.get_or_create(mark=mark(), defaults={"since": now})


def known() -> list[Key]:
    """The keys that hashes were made under, the first first, and the one that is set."""
    own = mark()
    rows: Sequence[CallerKey] = list(CallerKey.objects.all())
    found = [Key(one.mark, one.since, one.mark == own) for one in rows]
    if not any(one.is_set for one in found):
        found.append(Key(own, None, True))
    return found


def hashes() -> int:
    """How many calls have one. Looks through all months."""
    return int(Call._default_manager.exclude(caller_hash="").count())
