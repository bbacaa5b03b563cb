"""The views of the schema `kpi`, made anew where their text changed.

Views hold the columns they read, so they are dropped before migrations and made after them. The
schema stays, with whatever its keeper granted in it.
"""

import hashlib
import logging
from typing import Any

from django.db import connection, transaction
from django.db.utils import ProgrammingError

from kpis.second import statements, within
from kpis.second.statements import Statement

log = logging.getLogger(__name__)

SCHEMA = "kpi"
_DENIED = "42501"
_COLUMNS = {
    "site_id": "The site",
    "site": "Its name",
    "queue_id": "The queue, in visits; null: the site's contacts, or an agent's visits",
    "queue": "Its name",
    "agent_id": "The agent, in visits that were answered; null: all of the site or queue",
    "agent": "The agent's name",
    "day": "The day at the site",
    "variant": "Which formula of the KPI; docs/metrics.md lists them",
    "numerator": "What was counted or summed; times are seconds",
    "denominator": "What it was taken from; null: the figure is a count",
    "value": "The figure; null: there is nothing to say",
}
_NAMED = """
SELECT k.site_id, s.name AS site, k.queue_id, q.name AS queue, k.agent_id, a.name AS agent,
    k.day, k.variant, k.numerator, k.denominator, k.value
FROM (
{sql}
) AS k
JOIN public.ccm_site s ON s.id = k.site_id
LEFT JOIN public.ccm_queue q ON q.id = k.queue_id
LEFT JOIN public.ccm_agent a ON a.id = k.agent_id
"""


def make(**_: Any) -> None:
    """Make the views, unless they are there as they should be. Connected to `post_migrate`.

    A role that may not make schemas goes without, and the log says so: verifying works with them
    only, everything else without.
    """
    base, kpis = statements.base(), list(statements.kpis().values())
    of = within.function(_NAMED)
    version = hashlib.sha256(
        repr((base, kpis, statements.FUNCTIONS, of, _NAMED, _COLUMNS)).encode()
    ).hexdigest()[:16]
    if _version() == version:
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            _drop(cursor)
            cursor.execute(statements.FUNCTIONS)
            cursor.execute(f"SET LOCAL search_path = {SCHEMA}, public")
            for one in base:
                _create(cursor, one, one.sql)
            for one in kpis:
                _create(cursor, one, _NAMED.format(sql=one.sql))
                for column, words in _COLUMNS.items():
                    cursor.execute(f'COMMENT ON COLUMN "{one.name}".{column} IS %s', [words])
            cursor.execute(of)
            cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS %s", [_mark(version)])
            cursor.execute("SET LOCAL search_path = DEFAULT")
    except ProgrammingError as refusal:
        if getattr(refusal.__cause__, "pgcode", None) != _DENIED:
            raise
        log.warning("no SQL views of the KPIs: this role may not make the schema %s", SCHEMA)


def drop(**_: Any) -> None:
    """Take the views away. Connected to `pre_migrate`, for a migration may alter what they read."""
    if _version():
        with transaction.atomic(), connection.cursor() as cursor:
            _drop(cursor)
            cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS NULL")


def there() -> bool:
    """Whether the views are there. Those of an earlier version of the program, or dropped before
    a migration that failed, are made first."""
    make()
    return bool(_version())


def _mark(version: str) -> str:
    return f"Every KPI over the raw record, a view each; version {version}"


def _version() -> str:
    """The version of the views there are, empty: none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
            [SCHEMA],
        )
        row = cursor.fetchone()
    return (row[0] or "").rpartition(" ")[2] if row else ""


def _create(cursor: Any, one: Statement, sql: str) -> None:
    cursor.execute(f'CREATE VIEW "{one.name}" AS {sql}')
    cursor.execute(f'COMMENT ON VIEW "{one.name}" IS %s', [one.words])


def _drop(cursor: Any) -> None:
    cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = %s", [SCHEMA])
    for (name,) in cursor.fetchall():
        # One that another was made of goes with it.
        cursor.execute(f'DROP VIEW IF EXISTS {SCHEMA}."{name}" CASCADE')
