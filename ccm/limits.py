"""How often something may be done: counted by the minute in Redis, for all web processes together.

Without Redis nothing is refused: what is limited here is guarded by more than its rate.
"""

import ipaddress
import time
from hashlib import blake2b

from django.conf import settings
from redis.exceptions import RedisError

from ccm.live import bus

WINDOW_SECONDS = 60


def too_often(what: str, most: int) -> bool:
    """Count `what` once more; whether that is more than `most` in this minute."""
    window = int(time.time()) // WINDOW_SECONDS
    key = bus.key(f"limit:{what}:{window}")
    try:
        with bus.client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, 2 * WINDOW_SECONDS)
            counted = pipe.execute()[0]
    except (RedisError, OSError):
        return False
    return int(counted) > most


def address_key(address: str) -> str:
    """A name for an address that tells nobody which it is; of IPv6 its network's.

    A household has 2^64 addresses of IPv6 and can use a new one for each request.
    """
    plain = address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        pass
    else:
        if found.version == 6:
            plain = str(ipaddress.ip_network((found, 64), strict=False))
    key = blake2b(settings.SECRET_KEY.encode(), digest_size=32).digest()
    return blake2b(plain.encode(), key=key, digest_size=12).hexdigest()
