"""Proxies that bring requests and that nobody has named: whoever comes through one has its address.

Kept in Redis for a day, so that `callcenter doctor` knows it whatever machine it runs on; losing
it, the next request brings it back.
"""

import time
from typing import cast

from redis.exceptions import RedisError

from ccm.live import bus
from ccm.watching import counted

KEPT_SECONDS = 86_400
# A process writes down one address once a minute, and of addresses the newest alone: anybody may
# add the header.
EVERY_SECONDS = 60.0
MOST = 20
_told: dict[str, float] = {}


def seen(address: str) -> None:
    """Count a request that an unnamed proxy has brought, and note its address. While Redis is away
    it is not noted."""
    counted.unnamed_proxy()
    now = time.monotonic()
    if now - _told.get(address, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    if len(_told) >= MOST:
        _told.clear()
    _told[address] = now
    moment = time.time()
    try:
        with bus.quick_client().pipeline() as pipe:
            pipe.zadd(_key(), {address: moment})
            pipe.zremrangebyscore(_key(), 0, moment - KEPT_SECONDS)
            pipe.zremrangebyrank(_key(), 0, -MOST - 1)
            pipe.expire(_key(), KEPT_SECONDS)
            pipe.execute()
    except (RedisError, OSError):
        return


def lately() -> list[str] | None:
    """Addresses of the last day, the latest first; None: not known, for Redis is away."""
    try:
        found = bus.quick_client().zrevrangebyscore(
            _key(), "+inf", time.time() - KEPT_SECONDS, start=0, num=MOST
        )
    except (RedisError, OSError):
        return None
    return [one.decode() for one in cast("list[bytes]", found)]


def _key() -> str:
    return bus.key("proxies")
