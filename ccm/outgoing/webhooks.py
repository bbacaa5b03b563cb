"""A signed POST to an address that people chose, which must not lead inside.

The name is looked up once, every address it has is held against what is allowed, and the
connection goes to one of those: a name that is looked up again could lead elsewhere by then.
Redirects are not followed.

All of it, from the name to the last word of the answer, is over within `SECONDS`: a limit for each
read alone is none for who sends a byte now and then.
"""

import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 12.0
_READ = 1000
# IPv6 addresses that a network's own translator makes of IPv4 ones (RFC 6052).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# All IPv6 addresses that were ever given to anybody; what else stands for an IPv4 address, or once
# was of a site, is outside of it.
_GIVEN = ipaddress.ip_network("2000::/3")
# Of protocols, though two of them count as reached from everywhere (RFC 6890).
_OF_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")


class Refused(Exception):
    """The message did not arrive, or was not taken; the words say why. `status` is what was
    answered, None: nothing was."""

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.status = status


def signature(secrets: tuple[str, ...], body: bytes, at: datetime) -> str:
    """`t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body" as hex>`, as the receiver makes it; a v1
    for each secret, the newest first."""
    stamp = str(int(at.timestamp()))
    signed = f"{stamp}.".encode() + body
    made = (hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets)
    return ",".join([f"t={stamp}", *(f"v1={one}" for one in made)])


def post(
    url: str,
    payload: dict[str, Any],
    secrets: tuple[str, ...],
    event: str,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> int:
    """Post the payload as JSON; the status of the answer. `event` names what is told, so that a
    second delivery is known; `more` are further headers. Takes `SECONDS` at most.

    Raises Refused.
    """
    ends = time.monotonic() + SECONDS
    parts = checked(url)
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ccm",
        "Idempotency-Key": hashlib.sha256(event.encode()).hexdigest(),
        "Ccm-Signature": signature(secrets, body, now),
        **(more or {}),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with _connected(parts, ends) as connection:
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
        except (OSError, HTTPException) as trouble:
            raise Refused(_why(_("no answer: {why}"), trouble, ends)) from trouble
        if time.monotonic() >= ends:
            # Headers that were cut off look like headers that ended.
            raise Refused(_too_late())
        if 200 <= answer.status < 300:
            # What it says beside is not waited for.
            return answer.status
        said = b""
        with suppress(OSError, HTTPException):
            said = answer.read(_READ)
    words = said.decode("utf-8", "replace").strip()[:100]
    raise Refused(f"{answer.status} {answer.reason} {words}".strip(), answer.status)


def _why(words: str, trouble: Exception, ends: float) -> str:
    """Why there was no answer: that the time was over, else what went wrong."""
    return _too_late() if time.monotonic() >= ends else words.format(why=trouble)


def _too_late() -> str:
    return _("no answer within {seconds:g} seconds").format(seconds=SECONDS)


def checked(url: str) -> SplitResult:
    """The parts of an address that may be told things. Raises Refused."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError as broken:
        raise Refused(_("no address: {why}").format(why=broken)) from broken
    if not known or parts.username or parts.password:
        raise Refused(_("an address begins with https:// and names no user"))
    host = parts.hostname or ""
    if settings.WEBHOOKS_ONLY_TO and not (_is_own(host) or _is_in(settings.WEBHOOKS_ONLY_TO, host)):
        raise Refused(
            _("{host} is none of those that CCM_WEBHOOKS_ONLY_TO names").format(host=host)
        )
    if told := _numbers(host):
        allowed(host, told)
    if parts.scheme == "http" and not _is_own(host):
        raise Refused(_("an address begins with https://"))
    return parts


def _numbers(host: str) -> list[str]:
    """The addresses that a host is, asking no server of names: those of a name are known when it
    is posted to."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(one[4][0]) for one in found]


@contextmanager
def _connected(parts: SplitResult, ends: float) -> Iterator[HTTPConnection]:
    """A connection that hangs up when the block is over, or at the end, whichever is sooner."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = allowed(host, _looked_up(host, port, ends))
        reached = socket.create_connection((address, port), _left(ends))
    except (OSError, UnicodeError) as trouble:
        raise Refused(_why(_("not reached: {why}"), trouble, ends)) from trouble
    if parts.scheme == "http":
        connection = HTTPConnection(host, port)
    else:
        connection = HTTPSConnection(host, port)
    try:
        if parts.scheme == "https":
            reached = ssl.create_default_context().wrap_socket(
                reached, server_hostname=host, do_handshake_on_connect=False
            )
        with _hung_up(reached, ends):
            if isinstance(reached, ssl.SSLSocket):
                reached.do_handshake()
            connection.sock = reached
            yield connection
    except (OSError, UnicodeError) as trouble:
        raise Refused(_why(_("not reached: {why}"), trouble, ends)) from trouble
    finally:
        connection.close()
        reached.close()


def _left(ends: float) -> float:
    """Seconds until then, of which there is always some."""
    return max(0.001, ends - time.monotonic())


def _looked_up(host: str, port: int, ends: float) -> list[str]:
    """The addresses of a name. Whoever looks them up cannot be stopped, but need not be waited
    for. Raises OSError."""
    found: Future[list[str]] = Future()

    def look() -> None:
        try:
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result([str(one[4][0]) for one in told])
        except Exception as trouble:
            found.set_exception(trouble)

    threading.Thread(target=look, daemon=True, name="looks up a name").start()
    return found.result(_left(ends))


@contextmanager
def _hung_up(reached: socket.socket, ends: float) -> Iterator[None]:
    """What the block waits for at the socket ends with the time, as if the other side hung up: a
    socket's own limit begins anew with each byte."""

    def hang_up() -> None:
        with suppress(OSError):
            # That of TLS would take leave of who does not answer.
            socket.socket.shutdown(reached, socket.SHUT_RDWR)

    timer = threading.Timer(_left(ends), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def allowed(host: str, addresses: Iterable[str]) -> str:
    """One of the addresses of a host, all of which are public, unless the host is one of our own
    (CCM_WEBHOOK_HOSTS). Raises Refused."""
    every = list(addresses)
    for one in every:
        if _is_inside(one) and not _is_own(host):
            raise Refused(_("{host} leads to an address that is not public").format(host=host))
    if not every:
        raise Refused(_("{host} has no address").format(host=host))
    return every[0]


def _is_inside(address: str) -> bool:
    """Whether an address, or the IPv4 address that an IPv6 one stands for, is not public."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        stood_for = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1]) or last
        if stood_for and not stood_for.is_global:
            return True
        if ip not in _GIVEN and ip not in _TRANSLATED:
            return True
    elif ip in _OF_PROTOCOLS:
        return True
    return not ip.is_global or ip.is_multicast


def _is_own(host: str) -> bool:
    """Whether the administrator of the machine named the host as one that may be told things."""
    return _is_in(settings.WEBHOOK_HOSTS, host)


def _is_in(named: list[str], host: str) -> bool:
    return host.lower() in {one.lower() for one in named}
