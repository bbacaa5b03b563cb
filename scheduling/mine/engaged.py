"""What people agreed to at a time beside their shifts, told by whoever keeps it: this app knows
nothing of it but its words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccm.models import Agent


@dataclass(frozen=True, slots=True)
class Engagement:
    """Something at a time, [starts_at, ends_at). `uid` stays whatever becomes of it and `sequence`
    counts its changes up, as calendars ask (RFC 5545); `url` is its page, without the host.
    `is_off`: it was called off."""

    uid: str
    sequence: int
    made_at: datetime
    starts_at: datetime
    ends_at: datetime
    words: str
    place: str
    url: str
    is_off: bool = False


Reader = Callable[[Agent, datetime, datetime | None], Sequence[Engagement]]
"""What an agent agreed to that ends after a moment and begins before another (None: at any time),
in the order of time. One query."""
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Have what somebody agreed to stand beside their shifts, and in their calendar."""
    if reader not in _readers:
        _readers.append(reader)


def of(agent: Agent, since: datetime, until: datetime | None = None) -> list[Engagement]:
    """As `Reader`, of all who tell. As many queries as there are."""
    found = [one for reader in _readers for one in reader(agent, since, until)]
    return sorted(found, key=lambda one: (one.starts_at, one.uid))
