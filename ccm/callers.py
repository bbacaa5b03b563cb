"""Callers without their numbers: a keyed hash to recognise one again, a masked text to show."""

from hashlib import blake2b

from django.conf import settings

from ccm.digits import without_signs

_SHOWN = 3


def caller_hash(raw: str) -> str:
    """The same 32 hex digits for the same caller, however the number is punctuated.

    Destroying the key (CCM_CALLER_KEY) makes every stored hash anonymous.
    """
    plain = _number(raw) or raw.strip().lower()
    key = blake2b(settings.CALLER_KEY.encode(), digest_size=32).digest()
    return blake2b(plain.encode(), key=key, digest_size=16).hexdigest()


def erased_hash(raw: str) -> str:
    """The same for the same caller, and no call's: what tells again whom logs must not bring back
    (`ccm.erasure`)."""
    plain = _number(raw) or raw.strip().lower()
    key = blake2b(settings.CALLER_KEY.encode(), digest_size=32).digest()
    return blake2b(plain.encode(), key=key, digest_size=16, person=b"ccm.gone").hexdigest()


def caller_masked(raw: str) -> str:
    """What a page may show of a caller: the last three characters."""
    plain = _number(raw) or raw.strip()
    return "•••" + plain[-_SHOWN:] if len(plain) > _SHOWN else "•••"


def _number(raw: str) -> str:
    """The digits of a telephone number, or nothing when the text is no number."""
    digits = without_signs(raw)
    return digits.lstrip("0") if digits.isdigit() else ""
