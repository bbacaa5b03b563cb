"""A signed POST to an address that people chose, which must not lead inside.

The name is looked up once, every address it has is held against what is allowed, and the
connection goes to one of those: a name that is looked up again could lead elsewhere by then.
Redirects are not followed.
"""

import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
from collections.abc import Iterable
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 10
_READ = 1000
# IPv6 addresses that a network's own translator makes of IPv4 ones (RFC 6052).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# All IPv6 addresses that were ever given to anybody; what else stands for an IPv4 address, or once
# was of a site, is outside of it.
_GIVEN = ipaddress.ip_network("2000::/3")
# Of protocols, though two of them count as reached from everywhere (RFC 6890).
_OF_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")


class Refused(Exception):
    """The message did not arrive, or was not taken; the words say why."""


def signature(secret: str, body: bytes, at: datetime) -> str:
    """`t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body" as hex>`, as the receiver makes it."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def post(url: str, payload: dict[str, Any], secret: str, key: str, now: datetime) -> None:
    """Post the payload as JSON. `key` names the message, so that a second delivery is known.

    Raises Refused.
    """
    parts = checked(url)
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ccm",
        "Idempotency-Key": hashlib.sha256(key.encode()).hexdigest(),
        "Ccm-Signature": signature(secret, body, now),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connected(parts)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.read(_READ)
    except (OSError, HTTPException) as trouble:
        raise Refused(_("no answer: {why}").format(why=trouble)) from trouble
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        words = said.decode("utf-8", "replace").strip()[:100]
        raise Refused(f"{answer.status} {answer.reason} {words}".strip())


def checked(url: str) -> SplitResult:
    """The parts of an address that may be told things. Raises Refused."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError as broken:
        raise Refused(_("no address: {why}").format(why=broken)) from broken
    if not known or parts.username or parts.password:
        raise Refused(_("an address begins with https:// and names no user"))
    told = _numbers(parts.hostname or "")
    if told:
        allowed(parts.hostname or "", told)
    if parts.scheme == "http" and not _is_own(parts.hostname or ""):
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


def _connected(parts: SplitResult) -> HTTPConnection:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = allowed(host, (str(one[4][0]) for one in found))
        reached = socket.create_connection((address, port), SECONDS)
        if parts.scheme == "http":
            connection = HTTPConnection(host, port, timeout=SECONDS)
        else:
            reached = ssl.create_default_context().wrap_socket(reached, server_hostname=host)
            connection = HTTPSConnection(host, port, timeout=SECONDS)
    except (OSError, UnicodeError) as trouble:
        raise Refused(_("not reached: {why}").format(why=trouble)) from trouble
    connection.sock = reached
    return connection


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
    return host.lower() in {one.lower() for one in settings.WEBHOOK_HOSTS}
