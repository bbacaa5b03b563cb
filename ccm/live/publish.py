"""Frames out to the walls: whole pictures of boards, never differences.

`ccm` knows no figure. Whoever draws boards registers a provider, in its `apps.py`.
"""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import redis
from django.core.serializers.json import DjangoJSONEncoder

from ccm.identity import milliseconds
from ccm.live import bus
from ccm.live.outage import AWAY

log = logging.getLogger(__name__)

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
        """Draw and publish every board; how many.

        A provider that fails is passed over and reported once until it works again. Raises
        RedisError, or one of `outage.AWAY`, when a server is away.
        """
        self.seq = max(milliseconds(now), self.seq + 1)
        frames = [frame for provider in _providers for frame in self._drawn(provider, now)]
        if not frames:
            return 0
        with self.client.pipeline(transaction=False) as pipe:
            for slug, frame in frames:
                words = stamped(frame, now, self.seq)
                pipe.set(bus.frame_key(slug), words, ex=bus.FRAME_SECONDS)
                pipe.publish(bus.board_channel(slug), words)
            pipe.execute()
        return len(frames)

    def _drawn(self, provider: Provider, now: datetime) -> list[tuple[str, dict[str, Any]]]:
        try:
            frames = list(provider(now))
        except AWAY:
            raise
        except Exception:
            if provider not in self._failing:
                log.exception("boards could not be drawn")
                self._failing.add(provider)
            return []
        self._failing.discard(provider)
        return frames
