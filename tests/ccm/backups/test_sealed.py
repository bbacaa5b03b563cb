"""A sealed file: whole under its key, and nothing else under any other, or once changed or cut."""

import io

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ccm.backups.sealed import Damaged, Reader, Writer, WrongKey

KEY = "a key of more than twenty signs"
CHUNK = 16
HEADER = 20 + 16 + 16 + 7 + 4


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """Guessing need not be dear here."""
    monkeypatch.setattr("ccm.backups.sealed._COST", {"n": 2, "r": 1, "p": 1})


def sealed(plain: bytes) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, KEY, CHUNK)
    for at in range(0, len(plain), 7):
        writer.write(plain[at : at + 7])
    writer.finish()
    return file.getvalue()


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 32, 33, 1000])
def test_what_was_written_is_read_at_any_place(length):
    plain = bytes(n % 251 for n in range(length))
    reader = io.BufferedReader(Reader(io.BytesIO(sealed(plain)), KEY))
    assert reader.read() == plain
    reader.seek(max(0, length - 20))
    assert reader.read(5) == plain[max(0, length - 20) :][:5]
    assert reader.seek(0, io.SEEK_END) == length
    assert reader.read(1) == b""


def test_chunks_are_enciphered_as_the_docstring_says():
    """Opened with the library alone, by the documented layout."""
    file = sealed(b"0123456789abcdefgh")  # 16 + 2
    salt, check, begins = file[20:36], file[36:52], file[52:59]
    made = Scrypt(salt=salt, length=48, n=2, r=1, p=1).derive(KEY.encode())
    assert made[32:] == check
    cipher, header = AESGCM(made[:32]), file[:HEADER]
    first, last = file[HEADER : HEADER + 32], file[HEADER + 32 :]
    assert cipher.decrypt(begins + b"\0\0\0\0\0", first, header) == b"0123456789abcdef"
    assert cipher.decrypt(begins + b"\0\0\0\1\1", last, header) == b"gh"


def test_no_two_files_share_a_key_or_a_nonce():
    assert len({sealed(b"the same")[HEADER:] for _time in range(20)}) == 20


def test_each_bit_that_is_changed_is_noticed():
    good = sealed(bytes(40))
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises((Damaged, WrongKey)):
            Reader(io.BytesIO(bytes(bad)), KEY).readall()


def test_each_cut_is_noticed_before_anything_is_read():
    good = sealed(bytes(70))
    for length in range(len(good)):
        with pytest.raises(Damaged):
            Reader(io.BytesIO(good[:length]), KEY)


def test_chunks_that_change_places_are_noticed():
    good = sealed(bytes(range(64)))
    one, two = good[HEADER : HEADER + 32], good[HEADER + 32 : HEADER + 64]
    swapped = good[:HEADER] + two + one + good[HEADER + 64 :]
    with pytest.raises(Damaged, match="chunk 1 changed"):
        Reader(io.BytesIO(swapped), KEY).readall()


def test_another_key_is_told_from_damage():
    with pytest.raises(WrongKey):
        Reader(io.BytesIO(sealed(b"words")), KEY + "!")


def test_a_file_whose_writer_was_not_finished_is_none():
    file = io.BytesIO()
    Writer(file, KEY, CHUNK).write(bytes(100))
    with pytest.raises(Damaged):
        Reader(file, KEY)
