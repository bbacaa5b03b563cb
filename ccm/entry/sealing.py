"""Secrets of second factors, enciphered as they are kept (Fernet: AES-128-CBC with HMAC-SHA-256)
under the first key of CCM_FACTOR_KEYS, or the secret key. The keys are no part of the database."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """None of the keys opens what was enciphered."""


def seal(secret: str) -> str:
    return _ciphers(tuple(settings.FACTOR_KEYS)).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret. Raises Unreadable."""
    try:
        return _ciphers(tuple(settings.FACTOR_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(one)) for one in keys])


def _derived(key: str) -> bytes:
    made = HKDF(SHA256(), length=32, salt=None, info=b"ccm.factors").derive(key.encode())
    return base64.urlsafe_b64encode(made)
