"""The demo's accounts, whose passwords are shown at each start, open on this machine alone.

Three times over: `callcenter demo` loads no demo where others may come in, `callcenter serve` does
not serve one there, and whatever was changed since then, nobody signs in to these accounts but from
this machine (`Door`). Nothing can be told of a proxy that says of nobody where they come from.
"""

import hmac
import logging
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from ccm import audit, limits
from ccm.demo import logins
from ccm.entry.locking import LONGEST_NAME
from ccm.models import User

log = logging.getLogger(__name__)

_MARK = "ccmdemo"
# How hashes of passwords have it: as it is, or in base64 (Argon2), whose first letters are of whole
# groups of three.
_AS_KEPT = (f"${_MARK}", f"${b64encode(_MARK[:6].encode()).decode()}")
# Django's test client is "testserver".
NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", ".localhost", "testserver"})
# What proxies say of where a request comes from, whether or not they are believed.
FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_CF_CONNECTING_IP",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_VIA",
)


def beyond(hosts: Iterable[str]) -> list[str]:
    """The names that others than this machine may come by."""
    return sorted(set(hosts) - NAMES)


def salt() -> str:
    """The salt of a shown password: whoever keeps the account knows it by that, also under another
    secret key, until it has a password of its own."""
    return _MARK + get_random_string(22)


def is_shown(user: User) -> bool:
    """Whether an account's password is one that was shown."""
    try:
        said = identify_hasher(user.password).decode(user.password).get("salt", "")
    except (ValueError, TypeError):  # none, or of a kind that is not known here
        return False
    return str(said).startswith(_MARK)


def accounts() -> list[User]:
    """The demo's accounts that a shown password opens, whatever they are called now."""
    working = {one.username for one in logins.working()}
    of_demo = Q(username__in=logins.names())
    for begins in _AS_KEPT:
        of_demo |= Q(password__contains=begins)
    found = User.objects.filter(of_demo, is_active=True).order_by("pk")
    return [user for user in found if is_shown(user) or user.username in working]


def refusal(host: str) -> str:
    """Why a server that listens there serves no demo, and what to do; "": it may, or there is
    none."""
    where = beyond(settings.ALLOWED_HOSTS)
    if limits.is_loopback(host) and not where:
        return ""
    open_doors = accounts()
    if not open_doors:
        return ""
    words = _(
        "The record holds demo accounts whose passwords are shown at every start (%(names)s), and"
        " others than this machine could sign in: %(why)s. Serve it with --host 127.0.0.1 and"
        " without CCM_ALLOWED_HOSTS, or lock these accounts with: callcenter demo --lock"
    )
    why = [] if limits.is_loopback(host) else [f"--host {host}"]
    why += [f"CCM_ALLOWED_HOSTS={','.join(where)}"] if where else []
    names = ", ".join(one.username for one in open_doors)
    return words % {"names": names, "why": ", ".join(why)}


def is_from_here(request: HttpRequest) -> bool:
    """Whether a request was made on this machine and came through nobody else's hands."""
    if not limits.is_loopback(limits.address_of(request)) or beyond(settings.ALLOWED_HOSTS):
        return False
    if split_domain_port(request.get_host())[0] not in NAMES:
        return False
    return all(_says_here(request.META.get(name, "")) for name in FORWARDED)


def _says_here(words: str) -> bool:
    """Whether what a proxy says names this machine alone."""
    said = [one.strip() for one in words.split(",") if one.strip()]
    return all(limits.is_loopback(one) for one in said)


class Door:
    """One of the backends, before those that look at passwords: keeps demo accounts shut to whoever
    is not at this machine. One with a password of its own is an account like any."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_more: Any,
    ) -> None:
        if request is None or not username or not password or is_from_here(request):
            return
        shown = {one.username: one.password for one in logins.one_a_role()}
        # Called something else it is still the account whose password was shown.
        user = User.objects.filter(username=username).first() if _is_name(username) else None
        known = shown.get(username, "")
        is_typed = known and hmac.compare_digest(password.encode(errors="replace"), known.encode())
        if is_typed or (user is not None and is_shown(user)):
            log.warning("a demo account stays shut: it opens on this machine alone")
            raise PermissionDenied


def _is_name(words: str) -> bool:
    """Whether a database would look for it."""
    return "\0" not in words and len(words) <= LONGEST_NAME


def lock() -> int:
    """Shut the demo's accounts whose passwords are the shown ones; the audit log has it. How many
    there were."""
    shut = 0
    with transaction.atomic():
        for one in accounts():
            user = User.objects.select_for_update().get(pk=one.pk)
            user.set_unusable_password()
            user.is_active = False
            user.save(update_fields=["password", "is_active"])
            audit.record(
                None, user, before={"is_active": True}, after={"is_active": False},
                now=timezone.now(),
            )  # fmt: skip
            shut += 1
    return shut
