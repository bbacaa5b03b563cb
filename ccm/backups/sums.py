"""What each table holds, as a count of rows and a sum that does not depend on their order."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from psycopg2 import sql  # type: ignore[import-untyped]

from ccm.backups.manifest import Table

# A row's text must be the same on any server.
_AS_TEXT = (
    "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),"
    " set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),"
    " set_config('bytea_output', 'hex', true)"
)
# Months are tables of their own; the one above them holds nothing itself.
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')
ORDER BY 1, 2
"""


def tables(besides: Callable[[], None] = lambda: None) -> dict[str, Table]:
    """Every table of the database, as "schema.name", as this transaction sees it. `besides` is
    asked before each, and may end it by raising.

    Sums are of hashes of 64 bits: they tell rows that were lost, doubled or changed by accident.
    Who changes rows on purpose is kept out by the seal of a copy.
    """
    return dict(_each(besides))


def _each(besides: Callable[[], None]) -> Iterator[tuple[str, Table]]:
    with connection.cursor() as cursor:
        cursor.execute(_AS_TEXT)
        cursor.execute(_TABLES)
        for schema, name in cursor.fetchall():
            besides()
            cursor.execute(_sum_of(schema, name))
            rows, total = cursor.fetchone()
            yield f"{schema}.{name}", Table(rows, total)


def _sum_of(schema: str, name: str) -> Any:
    return sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM ONLY {} AS t"
    ).format(sql.Identifier(schema, name))
