"""A file that only who has the key can read, and that nobody changes or cuts unnoticed.

It begins with the magic words, a salt (16 bytes), a check of the key (16), the beginning of all
nonces (7) and the length of a chunk (4, big-endian). Chunks follow, each enciphered by AES-256-GCM
and 16 bytes longer than what it holds. A chunk's nonce is that beginning, its number (4 bytes) and
1 for the last chunk, else 0: chunks cannot change places, and a file that is cut has no last one
(the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance", 2015). The header is authenticated with every chunk.

Key and check are made of the key's words by scrypt under the salt: every file has a key of its own,
so that no nonce ever comes twice under one. Knows no database.
"""

import hmac
import io
import os
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"callcenter sealed 1\n"
CHUNK_BYTES = 1 << 20
# Words that are shorter are guessed; `openssl rand -hex 32` makes 64.
LEAST_KEY = 20
_SALT, _CHECK, _NONCE, _TAG = 16, 16, 7, 16
_HEADER = len(MAGIC) + _SALT + _CHECK + _NONCE + 4
# 64 MB and a fifth of a second, once a file (RFC 7914).
_COST = {"n": 1 << 16, "r": 8, "p": 1}


class WrongKey(Exception):
    """The file was sealed under other words."""


class Damaged(Exception):
    """Something in the file is not as it was written, or its end is missing."""


def is_sealed(file: IO[bytes]) -> bool:
    """Whether a file begins as sealed ones do. It is left at its beginning."""
    file.seek(0)
    begins = file.read(len(MAGIC))
    file.seek(0)
    return begins == MAGIC


def _keys(words: str, salt: bytes) -> tuple[AESGCM, bytes]:
    """What enciphers, and the check of the key."""
    made = Scrypt(salt=salt, length=32 + _CHECK, **_COST).derive(words.encode())
    return AESGCM(made[:32]), made[32:]


def _nonce(begins: bytes, number: int, last: bool) -> bytes:
    return begins + number.to_bytes(4, "big") + bytes([last])


class Writer(io.RawIOBase):
    """What is written here is sealed into `file`. Only `finish` makes it whole: a writer that is
    closed without leaves a file that no reader takes."""

    def __init__(self, file: IO[bytes], words: str, chunk: int = CHUNK_BYTES) -> None:
        self._file, self._chunk = file, chunk
        salt, self._begins = os.urandom(_SALT), os.urandom(_NONCE)
        self._cipher, check = _keys(words, salt)
        self._header = MAGIC + salt + check + self._begins + chunk.to_bytes(4, "big")
        self._number = 0
        self._held = bytearray()
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        """Whole chunks go out, but for the last one there is: it may be the last of all."""
        view = memoryview(piece).cast("B")
        self._held += view
        whole = (len(self._held) - 1) // self._chunk
        for n in range(whole):
            self._put(bytes(self._held[n * self._chunk : (n + 1) * self._chunk]), last=False)
        if whole > 0:
            del self._held[: whole * self._chunk]
        return len(view)

    def finish(self) -> None:
        self._put(bytes(self._held), last=True)
        self._held.clear()

    def _put(self, chunk: bytes, last: bool) -> None:
        nonce = _nonce(self._begins, self._number, last)
        self._file.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1


class Reader(io.RawIOBase):
    """A sealed file, as what was written into it; any place of it can be read.

    Raises WrongKey and Damaged; the end is looked at first, so that a file that was cut is refused
    before anything of it is believed.
    """

    def __init__(self, file: IO[bytes], words: str) -> None:
        self._file = file
        file.seek(0)
        self._header = file.read(_HEADER)
        if len(self._header) < _HEADER or not self._header.startswith(MAGIC):
            raise Damaged("its beginning is missing")
        salt, rest = self._header[len(MAGIC) :][:_SALT], self._header[len(MAGIC) + _SALT :]
        self._begins = rest[_CHECK : _CHECK + _NONCE]
        self._chunk = int.from_bytes(rest[-4:], "big")
        self._cipher, check = _keys(words, salt)
        if not hmac.compare_digest(check, rest[:_CHECK]):
            raise WrongKey
        body = file.seek(0, os.SEEK_END) - _HEADER
        step = self._chunk + _TAG
        # A length that was changed is found by the last chunk, which authenticates the header.
        self._count = -(-body // step) if self._chunk else 0
        if self._count < 1 or body - (self._count - 1) * step < _TAG:
            raise Damaged("its end is missing")
        self._size = body - self._count * _TAG
        self._at = 0
        self._known: tuple[int, bytes] = (-1, b"")
        self._get(self._count - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, into: Any) -> int:
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, self._chunk)
        piece = self._get(number)[within : within + len(into)]
        into[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _get(self, number: int) -> bytes:
        if self._known[0] != number:
            last = number == self._count - 1
            self._file.seek(_HEADER + number * (self._chunk + _TAG))
            sealed = self._file.read(self._chunk + _TAG)
            try:
                nonce = _nonce(self._begins, number, last)
                plain = self._cipher.decrypt(nonce, sealed, self._header)
            except InvalidTag:
                where = "its end is missing, or changed" if last else f"chunk {number + 1} changed"
                raise Damaged(where) from None
            self._known = number, plain
        return self._known[1]
