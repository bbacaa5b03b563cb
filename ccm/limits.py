"""How often something may be done: counted by the minute in Redis, for all web processes together.

Without Redis nothing is refused: what is limited here is guarded by more than its rate.
"""

import ipaddress
import time
from hashlib import blake2b

from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError

from ccm.live import bus

WINDOW_SECONDS = 60
# Where the web server says, in a request's scope, that it came through a proxy which is not named.
UNNAMED_PROXY = "ccm.unnamed_proxy"


def too_often(what: str, most: int, *, briefly: bool = False) -> bool:
    """Count `what` once more; whether that is more than `most` in this minute. `briefly` waits for
    Redis no longer than a hint does."""
    window = int(time.time()) // WINDOW_SECONDS
    key = bus.key(f"limit:{what}:{window}")
    try:
        with (bus.quick_client() if briefly else bus.client()).pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, 2 * WINDOW_SECONDS)
            counted = pipe.execute()[0]
    except (RedisError, OSError):
        return False
    return int(counted) > most


def seconds_left() -> int:
    """Until this minute is over, and counting begins anew."""
    return WINDOW_SECONDS - int(time.time()) % WINDOW_SECONDS


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: its connection's other end, or what a proxy says of it that
    `FORWARDED_ALLOW_IPS` names; the web server has put that here. "" where there is neither."""
    return str(request.META.get("REMOTE_ADDR") or "")


def unnamed_proxy_of(request: HttpRequest) -> str | None:
    """The address of a proxy whose word on who asks is not taken, though the request brings it:
    whoever comes through it has its address. None: there is none, or `FORWARDED_ALLOW_IPS` names
    it."""
    scope = request.META.get("asgi.scope") or {}
    found: str | None = scope.get(UNNAMED_PROXY)
    return found


def is_named(address: str) -> bool:
    """Whether `FORWARDED_ALLOW_IPS`, as this process has it, names an address, or a network that it
    is of."""
    said = [one.strip() for one in settings.FORWARDED_ALLOW_IPS.split(",")]
    return said == ["*"] or any(_is_of(address, one) for one in said)


def _is_of(address: str, named: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(named)
    except ValueError:
        return address == named


def is_shared(request: HttpRequest) -> bool:
    """Whether a request's address is evidently that of many: a proxy's that is not named, on a
    network of this house. Anybody can add a header to a request; nobody from elsewhere has such an
    address."""
    found = parsed(unnamed_proxy_of(request) or "")
    return found is not None and not found.is_global


def parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as it is, one of IPv4 that is written as IPv6 as what it is; None: it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def is_loopback(host: str) -> bool:
    """Whether an address, or a name to listen at, is reached from this machine alone."""
    found = parsed(host)
    return host == "localhost" or (found is not None and found.is_loopback)


def neighbourhood(address: str) -> str:
    """Whose guesses and requests count as one's: an address of IPv4, of IPv6 its network's.

    A household has 2^64 addresses of IPv6 and can use a new one for each request. What is no
    address stays as it is.
    """
    found = parsed(address)
    if found is None:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found.packed, 64), strict=False))


def address_key(address: str) -> str:
    """A name for a neighbourhood that tells nobody which it is."""
    plain = neighbourhood(address)
    key = blake2b(settings.SECRET_KEY.encode(), digest_size=32).digest()
    return blake2b(plain.encode(), key=key, digest_size=12).hexdigest()
