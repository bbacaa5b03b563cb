"""A copy read back into an empty database, and held against what it was made of.

Until all is there and equal the database has a table that says so, and no other command works on
it: what was cut off is never taken for the record.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, ProgrammingError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql  # type: ignore[import-untyped]

from ccm import database, roles
from ccm.backups import Refused, archive, making, manifest, programs, sums
from ccm.backups.manifest import Manifest

Say = Callable[[str], None]
# Tables, each with a dozen indexes and what stands on it.
DROPPED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Restored:
    """`others` are recordings that were there already and differ: they were left as they were.
    `keys` are the settings whose key is another one than the record was made with."""

    said: Manifest
    rows: int
    seconds: float
    migrated: int
    others: list[str]
    keys: list[str]


def restore(path: Path, key: str | None, *, replace: str | None, jobs: int, say: Say) -> Restored:
    """Read a copy into the database that Django is connected to.

    Of `replace` the words must be that database's name: then all that is in it goes first. Nothing
    in it is touched before the whole copy was read and found as it was written. Raises Refused.
    """
    begun = time.monotonic()
    name = str(connection.settings_dict["NAME"])
    with archive.opened(path, key) as (copy, said):
        _check_versions(said)
        program = programs.find("pg_restore", programs.server_major())
        is_full = _check_target(name, replace)
        with tempfile.TemporaryDirectory(prefix="ccm-restore-") as folder:
            dump = Path(folder) / manifest.DUMP
            say("Checking the copy …")
            _check_and_take_out(copy, said, dump)
            _check_recordings(said)
            # Reading the copy may take long.
            _check_nobody_works(name)
            if is_full:
                say(f"Emptying {name} …")
                _empty(name)
            _begin()
            say("Restoring the database …")
            _load(program, dump, jobs)
        say("Comparing with what was copied …")
        _compare(said)
        others = _put_recordings(copy, said, say)
    _end()
    behind = database.pending()
    if behind:
        say("Bringing the tables up to date …")
        database.make_ready(ours=True)
    roles.grant()
    changed = [one for one, mark in making.key_marks().items() if said.keys.get(one, mark) != mark]
    rows = sum(table.rows for table in said.tables.values())
    return Restored(said, rows, time.monotonic() - begun, behind, others, changed)


@contextlib.contextmanager
def into(name: str | None, make: Callable[[str], None]) -> Iterator[None]:
    """Work on another database of the same server, made where there is none."""
    if name is None:
        yield
        return
    before = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            make(name)
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def make_database(name: str) -> None:
    """By the role that Django uses, which must be allowed to. Raises Refused."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except ProgrammingError as refusal:
        reason = str(refusal).strip()
        raise Refused(
            f"There is no database {name}, and it cannot be made ({reason}): have it made, owned"
            f" by the role of DATABASE_URL."
        ) from None


def _check_versions(said: Manifest) -> None:
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    known |= {f"{app}.{name}" for one in loader.replacements.values() for app, name in one.replaces}
    ours = {one.partition(".")[0] for one in known}
    # What a library brings has no part in which version this is.
    unknown = [one for one in said.migrations if one not in known and one.partition(".")[0] in ours]
    if unknown:
        raise Refused(
            f"The copy was made by a newer program ({said.version}): this one does not know"
            f" {unknown[0]}. Restore it with that version."
        )
    here = programs.server_major()
    if said.postgres > here:
        raise Refused(f"The copy is of PostgreSQL {said.postgres}, and the server is {here}.")


def _check_target(name: str, replace: str | None) -> bool:
    """Whether something is in the database that goes first. Raises Refused."""
    if replace is not None and replace != name:
        raise Refused(f"The database is called {name!r}, not {replace!r}: nothing was changed.")
    _check_nobody_works(name)
    is_full = _is_full()
    if is_full:
        _check_ours(name)
    if is_full and replace is None and not database.is_unfinished():
        raise Refused(
            f"The database {name} is not empty. Restore into another (--into NAME), or say"
            f" --replace {name} to have all that is in it go."
        )
    return is_full


def _check_nobody_works(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
        )
        count = cursor.fetchone()[0]
    if count:
        raise Refused(
            f"{count} {'session is' if count == 1 else 'sessions are'} at work in {name}: stop web,"
            " live, workers and beat first."
        )


# What is in the database, besides what belongs to an extension of it.
_RELATIONS = """
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
        AND deptype = 'e')
"""


def _is_full() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT {_RELATIONS})")
        return bool(cursor.fetchone()[0])


def _check_and_take_out(copy: zipfile.ZipFile, said: Manifest, dump: Path) -> None:
    """Read the whole copy once; the dump goes aside, for PostgreSQL reads it from many places."""
    size = said.parts[manifest.DUMP].bytes if manifest.DUMP in said.parts else 0
    free = shutil.disk_usage(dump.parent).free
    if free < size:
        raise Refused(
            f"{dump.parent.parent} has {free:,} bytes free, and the dump takes {size:,}: name a"
            " folder with more room by TMPDIR."
        )
    opened = os.open(dump, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as file:

        def keep(name: str, piece: bytes) -> None:
            if name == manifest.DUMP:
                file.write(piece)

        archive.check(copy, said, keep)


def _check_ours(name: str) -> None:
    """What hangs on our tables goes with them: of what others have there nothing may."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I of %I', n.nspname, c.relname, c.relowner::regrole)"
            f" {_RELATIONS} AND c.relowner <> current_user::regrole ORDER BY 1 LIMIT 1"
        )
        others = cursor.fetchone()
    if others:
        raise Refused(f"{name} holds what another role owns ({others[0]}): use an empty database.")


def _empty(name: str) -> None:
    """All that this role has in the database goes, which says at any time that it is not whole.

    Not all at once: of each table, index and constraint that goes a lock is held to the end, and a
    server has room for a few thousand.
    """
    _begin()
    try:
        while _drop_some():
            pass
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY CURRENT_USER")
    except Error as refusal:
        raise Refused(f"{name} cannot be emptied: {str(refusal).strip()}") from None


def _drop_some() -> bool:
    """Whether there were tables to drop; months go before the table above them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n.nspname, c.relname {_RELATIONS} AND c.relkind IN ('r', 'p')"
            " AND c.relname <> %s ORDER BY c.relkind = 'p' LIMIT %s",
            [database.UNFINISHED, DROPPED_AT_ONCE],
        )
        names = [sql.Identifier(*one) for one in cursor.fetchall()]
        if names:
            cursor.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.SQL(", ").join(names)))
        return bool(names)


def _begin() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {database.UNFINISHED} (since timestamptz DEFAULT now())"
        )


def _end() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {database.UNFINISHED}")
        cursor.execute("ANALYZE")


def _load(program: Path, dump: Path, jobs: int) -> None:
    done = subprocess.run(  # noqa: S603
        [
            str(program),
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            f"--jobs={jobs}",
            f"--dbname={programs.address()}",
            str(dump),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=programs.environment(),
    )
    if done.returncode:
        raise Refused(f"PostgreSQL could not restore the copy: {done.stderr.strip()}")


def _compare(said: Manifest) -> None:
    with transaction.atomic():
        found = sums.tables()
    found.pop(f"public.{database.UNFINISHED}", None)
    if differ := manifest.differences(said.tables, found):
        raise Refused("The database is not what was copied:\n" + "\n".join(differ))


def _check_recordings(said: Manifest) -> None:
    """Of names that are plain a link that lies in the folder may still lead out of it."""
    folder = Path(settings.RECORDINGS or ".").resolve()
    for name in said.parts if settings.RECORDINGS else ():
        if not (folder / name.removeprefix(manifest.RECORDINGS)).resolve().is_relative_to(folder):
            raise Refused(f"{name} of the copy would be written outside of {folder}.")


def _put_recordings(copy: zipfile.ZipFile, said: Manifest, say: Say) -> list[str]:
    """Files that are missing are put back, each whole or not at all. Those that are there stay."""
    names = [name for name in said.parts if name.startswith(manifest.RECORDINGS)]
    if not names:
        return []
    if not settings.RECORDINGS:
        say(f"{len(names):,} recordings stay in the copy: CCM_RECORDINGS names no folder.")
        return []
    folder, others = Path(settings.RECORDINGS), []
    for name in names:
        path = folder / name.removeprefix(manifest.RECORDINGS)
        if path.exists():
            if path.stat().st_size != said.parts[name].bytes:
                others.append(str(path))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        with copy.open(name) as read, aside.open("wb") as into:
            shutil.copyfileobj(read, into, archive.PIECE)
        aside.rename(path)
    return others
