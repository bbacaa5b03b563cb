"""A copy of the whole record: of one moment, while the centre works on, in one file.

Nothing that was not read back whole ever has the name that was asked for. A copy that was cut off
is a hidden file `.NAME.callcenter-unfinished`, which the next one made in that folder takes away.
"""

import contextlib
import fcntl
import hashlib
import hmac
import importlib.metadata
import os
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from ccm import stack
from ccm.backups import Refused, archive, manifest, programs, sealed, sums
from ccm.backups.archive import PIECE
from ccm.backups.manifest import Manifest, Part, Table
from ccm.models import Backup

Say = Callable[[str], None]
_ENDING = ".callcenter-unfinished"
# Who migrates holds its tables for a while; a copy that waits longer says so.
_LOCK_WAIT = "60s"


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    bytes: int
    seconds: float
    said: Manifest
    sealed: bool


def make(wanted: Path, key: str | None, *, now: datetime, recordings: bool, say: Say) -> Made:
    """Make a copy as `wanted`, or under a name of its own in the folder `wanted`.

    Raises Refused: a name that is taken, a key that is too short, programs that are too old,
    nothing there to copy, no room.
    """
    begun = time.monotonic()
    path = _named(wanted, key is not None, now)
    if key is not None and len(key) < sealed.LEAST_KEY:
        raise Refused(
            f"A key has at least {sealed.LEAST_KEY} signs: `openssl rand -hex 32` makes one."
        )
    if not MigrationRecorder(connection).has_table():
        raise Refused("The database is empty: there is nothing to copy.")
    least = programs.server_major()
    dump = programs.find("pg_dump", least)
    try:
        with _unfinished(path) as (file, aside):
            said = _write(file, dump, key, now, recordings, say)
            file.flush()
            os.fsync(file.fileno())
            say("Reading it back …")
            with archive.opened(aside, key) as (copy, read), archive.DumpRead(least) as dumped:
                archive.check(copy, read, dumped.give)
            size = aside.stat().st_size
            _take_name(aside, path)
    except OSError as fault:
        raise Refused(f"No copy was made: {fault.strerror or fault}.") from None
    made = Made(path, size, time.monotonic() - begun, said, key is not None)
    _remember(made, now, say)
    return made


def _named(wanted: Path, is_sealed: bool, now: datetime) -> Path:
    wanted = wanted.expanduser().absolute()
    if wanted.is_dir():
        ending = ".zip.sealed" if is_sealed else ".zip"
        wanted = wanted / f"callcenter-{now:%Y%m%d-%H%M%S}{ending}"
    elif not wanted.parent.is_dir():
        raise Refused(f"There is no folder {wanted.parent}.")
    if wanted.exists() or wanted.is_symlink():
        raise Refused(f"{wanted} is there already: no copy is written over another file.")
    return wanted


@contextlib.contextmanager
def _unfinished(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A file beside `path` that is taken away at the end, however that comes. Who writes one holds
    a lock on it: those that nobody holds are of copies that were killed."""
    for left in path.parent.glob(f".*{_ENDING}"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
    aside = path.with_name(f".{path.name}{_ENDING}")
    try:
        opened = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Refused(f"Another copy is being written as {path.name}.") from None
    with os.fdopen(opened, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file, aside
        finally:
            aside.unlink(missing_ok=True)


def _take_name(aside: Path, path: Path) -> None:
    """Give the file its name, unless somebody took that meanwhile, and have the folder kept."""
    try:
        os.link(aside, path)
    except FileExistsError:
        raise Refused(f"{path} is there already: no copy is written over another file.") from None
    except OSError:  # a file system without second names
        if path.exists():
            raise Refused(f"{path} is there already.") from None
        aside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(
    file: IO[bytes], dump: Path, key: str | None, now: datetime, recordings: bool, say: Say
) -> Manifest:
    into = sealed.Writer(file, key) if key is not None else None
    parts: dict[str, Part] = {}
    with zipfile.ZipFile(into or file, "w", zipfile.ZIP_STORED, allowZip64=True) as copy:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT pg_export_snapshot()")
                moment = str(cursor.fetchone()[0])
            migrations = sorted(
                f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
            )
            postgres = programs.server_major()
            say("Copying the database …")
            parts[manifest.DUMP], tables = _dump_and_sums(copy, dump, moment)
        if recordings and settings.RECORDINGS:
            say("Copying recordings …")
            parts |= _copy_folder(copy, Path(settings.RECORDINGS), say)
        said = Manifest(
            made_at=now.isoformat(timespec="seconds"),
            version=importlib.metadata.version("callcenter"),
            postgres=postgres,
            migrations=migrations,
            tables=tables,
            parts=parts,
            keys=key_marks(),
        )
        copy.writestr(manifest.NAME, said.text())
    if into is not None:
        into.finish()
    return said


def _dump_and_sums(
    copy: zipfile.ZipFile, program: Path, moment: str
) -> tuple[Part, dict[str, Table]]:
    """The dump and the sums, of the same moment, side by side. If one fails the other ends."""
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603
            [
                str(program),
                "--format=custom",
                "--compress=zstd:3" if _has_zstd(program) else "--compress=gzip:1",
                f"--snapshot={moment}",
                f"--lock-wait-timeout={_LOCK_WAIT}",
                f"--dbname={programs.address()}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            env=programs.environment(),
        )
        try:
            with ThreadPoolExecutor(1) as beside:
                pumped = beside.submit(_pump, process, copy)
                try:
                    tables = sums.tables(lambda: _still_goes(pumped, process, words))
                except BaseException:
                    process.kill()  # else it would be waited for
                    raise
                part = pumped.result()
            if process.wait():
                raise Refused(_failed(words))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    return part, tables


def _still_goes(
    pumped: "Future[Part]", process: "subprocess.Popen[bytes]", words: IO[bytes]
) -> None:
    if pumped.done():
        pumped.result()
        if process.wait():
            raise Refused(_failed(words))


def _failed(words: IO[bytes]) -> str:
    words.seek(0)
    return f"pg_dump ended: {words.read().decode(errors='replace').strip()}"


def _has_zstd(program: Path) -> bool:
    """A build may be without. It says so before it asks the database for anything."""
    tried = subprocess.run(  # noqa: S603
        [str(program), "--format=custom", "--compress=zstd", "--dbname=port=none"],
        capture_output=True, text=True, env=programs.environment(),
    )  # fmt: skip
    return "zstd" not in tried.stderr.lower()


def _pump(process: "subprocess.Popen[bytes]", copy: zipfile.ZipFile) -> Part:
    assert process.stdout is not None
    with process.stdout as read, copy.open(manifest.DUMP, "w", force_zip64=True) as into:
        return _copied(read, into)


def _copied(read: IO[bytes], into: IO[bytes]) -> Part:
    summed, length = hashlib.sha256(), 0
    while piece := read.read(PIECE):
        summed.update(piece)
        length += len(piece)
        into.write(piece)
    return Part(length, summed.hexdigest())


def _copy_folder(copy: zipfile.ZipFile, folder: Path, say: Say) -> dict[str, Part]:
    """Every file below the folder; links are passed over: they may lead anywhere."""
    parts = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        name = manifest.RECORDINGS + path.relative_to(folder).as_posix()
        try:
            read = path.open("rb")
        except OSError as fault:
            say(f"Passed over: {path} ({fault.strerror}).")
            continue
        with read, copy.open(name, "w", force_zip64=True) as into:
            parts[name] = _copied(read, into)
    return parts


def keeps_recordings() -> bool:
    """Whether the folder of recordings is the program's own, not that of a phone system."""
    if not settings.RECORDINGS:
        return False
    return stack.data_dir().resolve() in Path(settings.RECORDINGS).resolve().parents


def key_marks() -> dict[str, str]:
    """Marks by which another key is noticed, before callers are not recognised any more."""
    keys = {"CCM_SECRET_KEY": settings.SECRET_KEY, "CCM_CALLER_KEY": settings.CALLER_KEY}
    return {
        name: hmac.new(key.encode(), f"mark of {name}".encode(), "sha256").hexdigest()[:12]
        for name, key in keys.items()
    }


def _remember(made: Made, now: datetime, say: Say) -> None:
    """A database from before copies were told has no place for it, and only its owner notes it."""
    if Backup._meta.db_table not in connection.introspection.table_names():
        return
    try:
        with transaction.atomic():
            Backup.objects.create(
                made_at=now,
                name=made.path.name[:200],
                bytes=made.bytes,
                seconds=round(made.seconds, 1),
                is_sealed=made.sealed,
                version=made.said.version,
            )
    except ProgrammingError as refused:
        say(f"The copy is not noted in the database: {str(refused).strip()}.")
