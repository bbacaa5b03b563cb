"""A migrated database that the tests' own ones are copies of.

Every run and each of its processes did the migrations anew, which takes seconds. The database is
kept in the suite's own cluster and made again when a migration has changed.
"""

import contextlib
import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql

from ccm import creation, partitions

_PREFIX = "ccm_template_"
# Any number will do, so long as nothing else in the cluster locks the same one.
_LOCK = 0x63636D54
# Those that most tests have calls in: each made its own, which took longer than many a test.
_MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]


def made(alias: str = "default") -> str:
    """The name of the migrated database, which is made where there is none. Of several processes
    one makes it, and the others wait."""
    name = _PREFIX + _version()
    with _maintaining(alias) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
        known = {row[0] for row in cursor.fetchall()}
        if name not in known:
            for other in known:
                cursor.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(other))
                )
            unfinished = f"{name}_unfinished"
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            _migrate(alias, unfinished)
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(unfinished), sql.Identifier(name)
                )
            )
    return name


def _version() -> str:
    """Of all that migrations say, and of the month: some make partitions from now on."""
    said = sha256(f"{datetime.now(UTC):%Y-%m} {_MONTHS}".encode())
    said.update(Path(inspect.getfile(creation)).read_bytes())
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        said.update(repr(key).encode())
        file = Path(inspect.getfile(type(migration)))
        # With what it is put together from, in a folder beside it.
        for one in (file, *sorted(file.parent.glob("*/*.py"))):
            said.update(one.read_bytes())
    return said.hexdigest()[:16]


@contextlib.contextmanager
def _maintaining(alias: str) -> Iterator[Any]:
    """A cursor in the application's own database, in no transaction."""
    with contextlib.closing(
        psycopg2.connect(**connections[alias].get_connection_params())
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def _migrate(alias: str, name: str) -> None:
    connection = connections[alias]
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0, interactive=False)
        partitions.ensure_months(_MONTHS)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
