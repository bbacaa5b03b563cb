"""Redis as the live side uses it: names, hints, frames, and who may no longer look.

Everything here is a hint or a copy. A publisher that cannot reach Redis says so to nobody but
its caller, because whoever waits for a hint also looks at the database once a second.
"""

import time
from contextlib import suppress
from functools import cache
from typing import Any, cast

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

# What hints are of: events lie in the inbox; figures changed and walls may be redrawn.
EVENTS, CHANGED = "events", "changed"
# Who waits for one looks at least once a second without.
HINT_SECONDS = 0.5
FRAME_SECONDS = 86_400
# A stream lives ten minutes on a token of one, and no new token is given to the revoked.
REVOKED_SECONDS = 3600
# Each process tells every five seconds who looks.
LOOKING_SECONDS = 15
# A source posts again what failed sooner than this.
UNHEARD_SECONDS = 2


def key(name: str) -> str:
    """The key or channel of this installation."""
    return f"{settings.REDIS_PREFIX}{name}"


def hint_channel(of: str) -> str:
    """Where hints of EVENTS or of CHANGED figures are published."""
    return key(f"hint:{of}")


def frame_key(slug: str) -> str:
    """Where the last frame of a board lies."""
    return key(f"frame:{slug}")


def board_channel(slug: str) -> str:
    """Where new frames of a board are published; `board_channel("*")` is the pattern of all."""
    return key(f"board:{slug}")


def revoked_key() -> str:
    """The set of revoked holders, and the channel that names each as it is added."""
    return key("revoked")


def looking_key() -> str:
    """Where each screen that looks at a board lies, by when it was last there."""
    return key("looking")


def looking() -> set[str]:
    """The holders of kiosk links with an open stream; of none while Redis is away."""
    try:
        there = client().zrangebyscore(looking_key(), time.time() - LOOKING_SECONDS, "+inf")
    except (RedisError, OSError):
        return set()
    return {holder.decode() for holder in cast("list[bytes]", there)}


def connection_options() -> dict[str, Any]:
    """How long to wait for Redis: briefly, and once more at most."""
    return {"socket_timeout": 5, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 1)}


@cache
def quick_client() -> redis.Redis:
    """Connections for hints, and for signs of life: whoever gives one has more to do than to wait
    for Redis."""
    wait = {"socket_timeout": HINT_SECONDS, "socket_connect_timeout": HINT_SECONDS}
    return redis.Redis.from_url(settings.REDIS_URL, **wait, retry=Retry(NoBackoff(), 0))


@cache
def client() -> redis.Redis:
    """This process's connections to Redis."""
    return redis.Redis.from_url(settings.REDIS_URL, **connection_options())


def append(stream: str, said: str) -> None:
    """Add to a stream for whoever reads it later; waits no longer than a hint does. Raises
    RedisError."""
    quick_client().xadd(key(stream), {"said": said})


def hint(of: str) -> None:
    """Have whoever waits for EVENTS or for CHANGED figures look. Raises RedisError."""
    quick_client().publish(hint_channel(of), "")


def events_came() -> None:
    """Wake the live process: events lie in the inbox. Call it after the commit."""
    _hint_if_there(EVENTS)


def figures_changed(**_: object) -> None:
    """Have the walls redrawn soon. Call it after the commit; it is also a signal's receiver."""
    _hint_if_there(CHANGED)


def _hint_if_there(of: str) -> None:
    with suppress(RedisError, OSError):
        hint(of)


def not_heard() -> None:
    """Say that what a source told could not be kept: the database is away, or takes nothing."""
    with suppress(RedisError, OSError):
        quick_client().set(key("unheard"), "", ex=UNHEARD_SECONDS)


def is_unheard() -> bool:
    """Whether that was so a moment ago, so that the record is behind by nobody knows what. Raises
    RedisError."""
    return bool(client().exists(key("unheard")))


def revoke(holder: str) -> None:
    """Shut the streams of a holder (`tokens.kiosk`, `tokens.person`) and admit no new one.

    Raises RedisError when Redis is away: streams then show nothing, but tokens given out in
    the last minute would still be good on its return.
    """
    with client().pipeline() as pipe:
        pipe.sadd(revoked_key(), holder)
        pipe.expire(revoked_key(), REVOKED_SECONDS)
        pipe.publish(revoked_key(), holder)
        pipe.execute()
