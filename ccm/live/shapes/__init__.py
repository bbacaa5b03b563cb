"""Shapes of events that are not ours: one module each, a piece of JSON in, our events out. Pure.

A shape finds the events in what was posted, and reads each with the receiver's clock (aware), as
`events.read` does: the event, all that is wrong with it, or None for what tells nothing here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

from ccm.live.events import Event, Fault


class Shape(Protocol):
    """How what is posted is read."""

    def events_in(self, posted: object) -> object: ...

    def read(self, value: object, now: datetime) -> Event | list[Fault] | None: ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A shape whose events are posted as they are, one or a list, and read by a function."""

    read: Callable[[object, datetime], Event | list[Fault] | None]

    def events_in(self, posted: object) -> object:
        return posted


def id_of(value: object) -> str:
    """An id for an event that has none of its own: the same for the same event, however its members
    are ordered. Raises RecursionError for what is nested too deep."""
    drawn = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "made-" + blake2b(drawn.encode(), digest_size=16).hexdigest()
