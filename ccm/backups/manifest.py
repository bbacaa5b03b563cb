"""What a copy says of itself. Knows no database.

A copy is a zip file (sealed or not): `database.dump` as pg_dump makes it, `recordings/...`, and at
its end `manifest.json`, with the length and SHA-256 of each of the others.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

NAME = "manifest.json"
DUMP = "database.dump"
RECORDINGS = "recordings/"
# Raised when a copy can no longer be read as those before.
FORMAT = 1


class Unreadable(Exception):
    """It is no manifest, or that of a newer kind of copy."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table, and the sum of a hash of each as text: equal whatever their order."""

    rows: int
    sum: str


@dataclass(frozen=True, slots=True)
class Part:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at` is ISO 8601 in UTC, `version` the program's, `postgres` the server's major version.
    `migrations` are those that the database had had, as "app.name". `keys` are marks of the keys
    that the record needs, by the setting's name: they tell another key, not the key."""

    made_at: str
    version: str
    postgres: int
    migrations: list[str]
    tables: dict[str, Table]
    parts: dict[str, Part]
    keys: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def read(text: bytes | str) -> Manifest:
    """Raises Unreadable."""
    try:
        said: dict[str, Any] = json.loads(text)
        if said["format"] != FORMAT:
            raise Unreadable("it was made by a newer program")
        tables = {name: Table(int(t["rows"]), str(t["sum"])) for name, t in said["tables"].items()}
        parts = {
            name: Part(int(part["bytes"]), str(part["sha256"]))
            for name, part in said["parts"].items()
        }
        return Manifest(
            made_at=str(said["made_at"]),
            version=str(said["version"]),
            postgres=int(said["postgres"]),
            migrations=[str(one) for one in said["migrations"]],
            tables=tables,
            parts=parts,
            keys={str(name): str(mark) for name, mark in said["keys"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Unreadable("its manifest is damaged") from fault


def differences(was: dict[str, Table], found: dict[str, Table]) -> list[str]:
    """What tables hold now and did not then, a line each, in words; empty: all is equal."""
    lines = []
    for name in sorted({*was, *found}):
        before, after = was.get(name), found.get(name)
        if before == after:
            continue
        if before is None:
            lines.append(f"{name}: it was not in the copy")
        elif after is None:
            lines.append(f"{name}: it is missing, with {before.rows:,} rows")
        elif before.rows != after.rows:
            lines.append(f"{name}: {after.rows:,} rows, and there were {before.rows:,}")
        else:
            lines.append(f"{name}: {after.rows:,} rows, of which some are others")
    return lines
