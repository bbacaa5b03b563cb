"""A copy as a file: opened with or without a key, and held against its manifest."""

import contextlib
import hashlib
import io
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from ccm.backups import Refused, manifest, programs, sealed
from ccm.backups.manifest import Manifest

PIECE = 1 << 20


@contextlib.contextmanager
def opened(path: Path, key: str | None) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The copy and what it says of itself.

    Raises Refused, in words: no copy, a missing or another key, a file that was changed or cut;
    also for what is found out while it is read.
    """
    with contextlib.ExitStack() as stack:
        try:
            file: IO[bytes] = stack.enter_context(path.open("rb"))
        except OSError as fault:
            raise Refused(f"{path} cannot be read: {fault.strerror}.") from None
        try:
            if sealed.is_sealed(file):
                if key is None:
                    raise Refused(
                        f"{path} is sealed: give its key by CCM_BACKUP_KEY or --key-file."
                    )
                # Whoever reads a zip file wants as many bytes as it asks for, over chunks' edges.
                file = stack.enter_context(io.BufferedReader(sealed.Reader(file, key)))
            copy = stack.enter_context(zipfile.ZipFile(file))
            if any(one.compress_type != zipfile.ZIP_STORED for one in copy.infolist()):
                raise zipfile.BadZipFile  # ours are as they are: nothing grows when it is read
            said = manifest.read(copy.read(manifest.NAME))
            yield copy, said
        except sealed.WrongKey:
            raise Refused(f"{path} was sealed under another key.") from None
        except sealed.Damaged as fault:
            raise Refused(f"{path} is damaged: {fault}. Take another copy.") from None
        except manifest.Unreadable as fault:
            raise Refused(f"{path} cannot be read: {fault}.") from None
        except KeyError:
            raise Refused(f"{path} is no copy of a record: it has no manifest.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise Refused(f"{path} is no copy of a record, or it is damaged or cut off.") from None


def check(
    copy: zipfile.ZipFile,
    said: Manifest,
    each: Callable[[str, bytes], None] = lambda _name, _piece: None,
) -> None:
    """Read all of a copy and hold it against its manifest; `each` is given every piece of every
    part as it is read. Raises Refused."""
    names = copy.namelist()
    if sorted(names) != sorted([*said.parts, manifest.NAME]):
        raise Refused("The copy does not hold the parts that its manifest names.")
    for name, part in said.parts.items():
        if not _is_plain(name):
            raise Refused(f"The copy has a part of a name that leads elsewhere: {name!r}.")
        summed, length = hashlib.sha256(), 0
        with copy.open(name) as read:
            while piece := read.read(PIECE):
                summed.update(piece)
                length += len(piece)
                each(name, piece)
        if (length, summed.hexdigest()) != (part.bytes, part.sha256):
            raise Refused(f"The copy is damaged: {name} is not as it was written.")


def _is_plain(name: str) -> bool:
    """Whether a part is the dump, or a file below the folder of recordings."""
    if name == manifest.DUMP:
        return True
    below = name.removeprefix(manifest.RECORDINGS)
    # By its slashes: who joins paths takes an empty part for the root, and leaves "." out.
    return below != name and not {"", ".", ".."} & {*below.split("/")} and not {*"\\\0"} & {*name}


class DumpRead:
    """The dump, given piece by piece to pg_restore, which reads all of it and writes nothing.

    It says whether PostgreSQL itself can read what was written. A with-block that ends well has
    read it to its end; raises Refused else.
    """

    def __init__(self, least: int) -> None:
        program = programs.find("pg_restore", least)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed in `__exit__`
        self._process = subprocess.Popen(  # noqa: S603
            [str(program), "--file=/dev/null"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            env=programs.environment(),
        )

    def give(self, name: str, piece: bytes) -> None:
        if name == manifest.DUMP and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has its reason, and says so below
                self._process.stdin.write(piece)

    def __enter__(self) -> "DumpRead":
        return self

    def __exit__(self, kind: object, *_more: object) -> None:
        if kind is not None:
            self._process.kill()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        failed = self._process.wait()
        with self._said as words:
            words.seek(0)
            said = words.read().decode(errors="replace").strip()
        if kind is None and failed:
            raise Refused(f"PostgreSQL cannot read the dump back: {said}")
