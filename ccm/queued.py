"""What waits in the queues of work, read from the broker itself: no mark of it can be lost, or stay
when the work is gone.

A hint (`ccm.work`) need not stand in a queue twice. What a worker has in hand is not looked at: it
may have died over it.
"""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from django.utils import timezone
from redis.exceptions import RedisError

from ccm.celery import SENT_AT, app
from ccm.live import bus

# More than so many of a queue, from its newest, are not looked through.
_MOST = 500


def waits(task: str, args: Sequence[Any] = ()) -> bool:
    """Whether a task, by its name, waits with these arguments; False while Redis is away."""
    queue = app.amqp.router.route({}, task)["queue"].name
    try:
        found = cast("list[bytes]", bus.quick_client().lrange(bus.key(queue), 0, _MOST - 1))
    except (RedisError, OSError):
        return False
    return any(one == list(args) for one in _arguments(found, task))


def _arguments(found: Sequence[bytes], task: str) -> Iterator[Any]:
    """The arguments of those of a task that are not over."""
    for message in found:
        headers, body = _read(message)
        if headers.get("task") == task and not _is_over(headers.get("expires")):
            yield body[0] if body else None


def _read(message: bytes) -> tuple[dict[str, Any], list[Any]]:
    """A message as kombu keeps it: its headers, and its body. Empty: it is none of ours."""
    try:
        read = json.loads(message)
        headers = read["headers"]
        body = json.loads(base64.b64decode(read["body"]))
    except (ValueError, TypeError, KeyError):
        return {}, []
    return headers, body


def _is_over(expires: str | None) -> bool:
    return bool(expires) and datetime.fromisoformat(str(expires)).astimezone(UTC) <= timezone.now()


def waited_seconds(oldest: bytes | None) -> float | None:
    """For how long the oldest message of a queue has waited; None: there is none, or it does not
    say."""
    sent_at = _read(oldest)[0].get(SENT_AT) if oldest else None
    return max(0.0, time.time() - sent_at) if isinstance(sent_at, (int, float)) else None
