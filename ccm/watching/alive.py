"""Who is there: each process leaves a sign of life in Redis, by the clock of Redis.

So it holds over machines, whatever their own clocks say. While Redis is away nobody is known to be
there, or gone.
"""

import os
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from redis.exceptions import RedisError

from ccm import lanes
from ccm.live import bus

LIVE, WALLS, BEAT = "live", "walls", "beat"
EVERY_SECONDS = 10.0
# Who has not been heard for so long is gone.
GONE_SECONDS = 60.0
_KEPT_SECONDS = 7 * 86_400


def worker(queue: str) -> str:
    """What a worker of a queue is called among those that are there."""
    return f"worker {queue}"


def turning(what: str) -> str:
    """What a process is called that goes on, whether it works or waits until it may: who watches
    one machine starts it again where this falls silent."""
    return f"{what} turns"


# What somebody may ask of one machine, and how that is called.
ON_A_MACHINE = {LIVE: turning(LIVE), WALLS: turning(WALLS), BEAT: BEAT} | {
    worker(queue): worker(queue) for queue in lanes.ALL
}
ALL = (LIVE, WALLS, BEAT, *(worker(queue) for queue in lanes.ALL))
_told: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Life:
    """How many of a kind are there, and for how many seconds nothing was heard of any; None: none
    was ever heard."""

    there: int
    silent_seconds: float | None


def here(*what: str) -> None:
    """Say that this process is there as each of these; not again within ten seconds. It waits for
    Redis no longer than a hint does, and where that is away says nothing."""
    now = time.monotonic()
    due = [one for one in what if now - _told.get(one, -EVERY_SECONDS) >= EVERY_SECONDS]
    if not due:
        return
    _told.update(dict.fromkeys(due, now))
    who = f"{socket.gethostname()}:{os.getpid()}"
    try:
        client = bus.quick_client()
        seconds = _seconds(client.time())
        with client.pipeline() as pipe:
            for one in due:
                pipe.zadd(_key(one), {who: seconds})
                pipe.zremrangebyscore(_key(one), 0, seconds - _KEPT_SECONDS)
                pipe.expire(_key(one), _KEPT_SECONDS)
            pipe.execute()
    except (RedisError, OSError):
        return


def lives(what: Collection[str] = ALL) -> dict[str, Life] | None:
    """Each kind, and who of it is there; None: not known, for Redis is away."""
    try:
        with bus.quick_client().pipeline() as pipe:
            pipe.time()
            for one in what:
                pipe.zrange(_key(one), 0, -1, withscores=True)
            told, *found = pipe.execute()
    except (RedisError, OSError):
        return None
    now = _seconds(told)
    return {
        one: _life([score for _who, score in heard], now)
        for one, heard in zip(what, found, strict=True)
    }


def silent(what: Collection[str], host: str = "") -> list[str] | None:
    """Which of these (`ON_A_MACHINE`) were not heard on this machine for a minute; None: not known,
    for Redis is away."""
    host = host or socket.gethostname()
    try:
        with bus.quick_client().pipeline() as pipe:
            pipe.time()
            for one in what:
                pipe.zrange(_key(ON_A_MACHINE[one]), 0, -1, withscores=True)
            told, *found = pipe.execute()
    except (RedisError, OSError):
        return None
    now = _seconds(told)
    return [
        one
        for one, heard in zip(what, found, strict=True)
        if not any(
            who.decode().rpartition(":")[0] == host and now - score < GONE_SECONDS
            for who, score in heard
        )
    ]


def _life(heard: list[float], now: float) -> Life:
    if not heard:
        return Life(0, None)
    there = sum(now - one < GONE_SECONDS for one in heard)
    return Life(there, max(0.0, now - max(heard)))


def _key(what: str) -> str:
    return bus.key(f"alive:{what}")


def _seconds(told: Any) -> float:
    seconds, millionths = cast("tuple[int, int]", told)
    return seconds + millionths / 1e6
