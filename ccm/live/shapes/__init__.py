"""Shapes of events that are not ours: one module each, a piece of JSON in, our events out. Pure.

A reader is called with what was posted and the receiver's clock (aware), as `events.read` is. It
gives the event, all that is wrong with what was posted, or None for what tells nothing here.
"""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

from ccm.live.events import Event, Fault

Reader = Callable[[object, datetime], Event | list[Fault] | None]


def id_of(value: object) -> str:
    """An id for an event that has none of its own: the same for the same event, however its members
    are ordered. Raises RecursionError for what is nested too deep."""
    drawn = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "made-" + blake2b(drawn.encode(), digest_size=16).hexdigest()
