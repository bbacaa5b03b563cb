"""Mail addresses of callers: enciphered beside their calls until these are asked about.

An address is kept only where somebody wants it: an app above says of which calls, and until when
(`register`). In the database are its ciphertext (Fernet: AES-128-CBC with HMAC-SHA-256), under the
first key of CCM_ADDRESS_KEYS, and a keyed hash that tells it again. The keys are no part of the
database. Whatever else tells of a call, its log or its exports, never has the address.
"""

import base64
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ccm.masking import HIDDEN_MAIL as HIDDEN
from ccm.models import CallAddress, Site

LIMIT = 254
# So few signs are no address that somebody mistyped, and may stand elsewhere in a line.
_SHORT = 6
# What looks like an address anywhere in a line.
_ANYWHERE = re.compile(r"[^\s@,;|<>\"'(){}\[\]:=]+@[^\s@,;|<>\"'(){}\[\]:=]+")
# Of some calls of a site at a moment: those whose address is wanted, and until when.
Until = Callable[[Site, Collection[UUID], datetime], Mapping[UUID, datetime]]
_wanted: list[Until] = []


class Unreadable(Exception):
    """None of the keys opens what was enciphered."""


def register(until: Until) -> None:
    """Have addresses be kept of the calls that `until` names."""
    if until not in _wanted:
        _wanted.append(until)


def plain(said: str) -> str | None:
    """An address as it is kept and written to; None for what is none.

    Letters without their case: no system in use tells two mailboxes by it. ASCII alone before the
    @, as most mail servers take it; a domain may be of any letters.
    """
    word = said.strip().lower()
    local, _at, _domain = word.rpartition("@")
    if len(word) > LIMIT or not local.isascii():
        return None
    try:
        validate_email(word)
    except ValidationError:
        return None
    return word


def address_hash(address: str) -> str:
    """The same 32 hex digits for the same address (`plain`), and no caller's: destroying
    CCM_CALLER_KEY makes it anonymous, as theirs."""
    key = blake2b(settings.CALLER_KEY.encode(), digest_size=32).digest()
    return blake2b(address.encode(), key=key, digest_size=16, person=b"ccm.mail").hexdigest()


def hidden(text: str, cell: str | None, *, others: str = "", as_long: bool = False) -> str:
    """A line without a caller's address: without what its cell says, and without all else that
    looks like one, but what `others` says: an agent's. `as_long`: what stands behind it stays where
    it is."""
    if cell and (len(cell) >= _SHORT or "@" in cell):
        text = text.replace(cell, _cover(cell, as_long))
    spared = set(_ANYWHERE.findall(others))
    return _ANYWHERE.sub(lambda hit: hit[0] if hit[0] in spared else _cover(hit[0], as_long), text)


def hidden_start(text: str) -> str:
    """The first signs of a line, of which the last may be the beginning of an address."""
    return hidden(re.sub(r"[^\s,;|]*$", "", text), None)


def _cover(said: str, as_long: bool) -> str:
    return HIDDEN.ljust(len(said))[: len(said)] if as_long else HIDDEN


def seal(address: str) -> str:
    return _ciphers(tuple(settings.ADDRESS_KEYS)).encrypt(address.encode()).decode()


def unseal(sealed: str) -> str:
    """The address. Raises Unreadable."""
    try:
        return _ciphers(tuple(settings.ADDRESS_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def key_mark() -> str:
    """What tells the key that is enciphered under now from others, and says nothing of it."""
    return blake2b(_derived(settings.ADDRESS_KEYS[0]), digest_size=4).hexdigest()


@lru_cache(maxsize=8)
def _ciphers(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(one)) for one in secrets])


@lru_cache(maxsize=32)
def _derived(secret: str) -> bytes:
    made = HKDF(SHA256(), length=32, salt=None, info=b"ccm.addresses").derive(secret.encode())
    return base64.urlsafe_b64encode(made)


def keep(site: Site, told: Mapping[UUID, str], now: datetime) -> int:
    """Keep the addresses of those of some calls that are wanted; how many. What is no address is
    passed over. One that is told again stays no longer for that."""
    until: dict[UUID, datetime] = {}
    for one in _wanted:
        for call, ends in one(site, told.keys(), now).items():
            until[call] = max(ends, until.get(call, ends))
    rows = []
    for call, ends in until.items():
        if (address := plain(told[call])) and ends > now:
            rows.append(
                CallAddress(
                    call_id=call, site=site, sealed=seal(address), key=key_mark(),
                    hash=address_hash(address), kept_at=now, expires_at=ends,
                )
            )  # fmt: skip
    CallAddress.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["call"],
        update_fields=["sealed", "key", "hash"],
    )  # fmt: skip
    return len(rows)


def drop(calls: Collection[UUID]) -> int:
    """Let the addresses of calls go, now; how many there were."""
    return CallAddress.objects.filter(call__in=calls).delete()[0]


def sweep(now: datetime) -> int:
    """Let go of addresses that have expired, and encipher under the first key what is under an
    older one; how many went. Safe to run twice."""
    gone: int = CallAddress.objects.filter(expires_at__lte=now).delete()[0]
    mark = key_mark()
    with transaction.atomic():
        older = CallAddress.objects.exclude(key=mark).select_for_update(skip_locked=True)
        for one in older:
            try:
                one.sealed, one.key = seal(unseal(one.sealed)), mark
            except Unreadable:
                continue
            one.save(update_fields=["sealed", "key"])
    return gone
