"""Frames out to the walls: whole pictures of boards, never differences.

`ccm` knows no figure. Whoever draws boards registers a provider, in its `apps.py`.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import redis
from django.core.serializers.json import DjangoJSONEncoder

from ccm.identity import milliseconds
from ccm.live import bus
from ccm.live.outage import AWAY

log = logging.getLogger(__name__)

# Frames that were drawn are sent when it is so long since others were.
TOGETHER_SECONDS = 0.05

# Called with now (aware); gives (board's slug, frame) for every board.
Provider = Callable[[datetime], Iterable[tuple[str, dict[str, Any]]]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Have `provider` asked for frames each second, and at once when figures changed."""
    if provider not in _providers:
        _providers.append(provider)


def last(slug: str) -> dict[str, Any] | None:
    """The frame of a board that was published last; None where there is none, or no Redis."""
    try:
        words = bus.client().get(bus.frame_key(slug))
    except redis.RedisError:
        return None
    return json.loads(words) if words else None


def stamped(frame: dict[str, Any], now: datetime, seq: int) -> str:
    """A frame as it travels: JSON with the moment it shows, now unless it says, and its number."""
    told = {"as_of": now.isoformat(), **frame, "seq": seq}
    return json.dumps(told, cls=DjangoJSONEncoder)


class Publisher:
    """Publishes what the providers draw. Frame numbers rise, also over restarts."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self.seq = 0
        self._failing: set[Provider] = set()

    def publish(self, now: datetime) -> int:
        """Draw and publish every board; how many. What is drawn first does not wait long for the
        others.

        A provider that fails is passed over and reported once until it works again. Raises
        RedisError, or one of `outage.AWAY`, when a server is away.
        """
        self.seq = max(milliseconds(now), self.seq + 1)
        published = 0
        with self.client.pipeline(transaction=False) as pipe:
            sent = time.monotonic()
            for provider in _providers:
                for slug, frame in self._drawn(provider, now):
                    words = stamped(frame, now, self.seq)
                    pipe.set(bus.frame_key(slug), words, ex=bus.FRAME_SECONDS)
                    pipe.publish(bus.board_channel(slug), words)
                    published += 1
                    if time.monotonic() - sent >= TOGETHER_SECONDS:
                        pipe.execute()
                        sent = time.monotonic()
            pipe.execute()
        return published

    def _drawn(self, provider: Provider, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        try:
            yield from provider(now)
        except AWAY:
            raise
        except Exception:
            if provider not in self._failing:
                log.exception("boards could not be drawn")
                self._failing.add(provider)
            return
        self._failing.discard(provider)
