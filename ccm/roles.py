"""What roles of the database may do that do not own it.

The owner makes the tables and changes them (`callcenter migrate`, `backup`, `restore`). Web, live
and beat sign in as one that reads and writes rows alone, workers as one that may also take out
months of calls that are over: neither can make, alter, empty or drop a table. Months are made and
dropped by functions that do nothing else (`ccm_make_month`, `ccm_drop_month`), and entries of the
audit log that retention lets go of by one (`ccm_let_go_of_audit`).
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg2 import sql  # type: ignore[import-untyped]

from ccm import partitions
from ccm.sealed import rights

Rights = Mapping[str, tuple[str, ...]]

# Tables that are not written to as others are: what may be done with each.
FEWER: Rights = {"django_migrations": ("SELECT",), "ccm_backup": ("SELECT",)}
ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")
MAKE_MONTH, DROP_MONTH = "ccm_make_month(date)", "ccm_drop_month(date)"
KPI_OF = "kpi.of(text, text, date, date)"
BY_OWNERS_RIGHT = (MAKE_MONTH, DROP_MONTH, KPI_OF, rights.LET_GO, "ccm_audit_waits()")
"""Functions that work by the right of the tables' owner: what is not said below, nobody may."""


def grant() -> None:
    """Give the roles of CCM_APP_ROLE and CCM_WORKER_ROLE what they need, and no more; what else
    they had is taken away, as is what everybody may do with a function of the owner's right, which
    a restored one has from the beginning. The owner does it after every migration; again changes
    nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        for function in BY_OWNERS_RIGHT:
            if _is_there(cursor, function):
                cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if settings.APP_ROLE:
            _grant(cursor, settings.APP_ROLE, {**rights.APPLICATION, **FEWER}, [MAKE_MONTH])
        if settings.WORKER_ROLE:
            functions = [MAKE_MONTH, DROP_MONTH, rights.LET_GO]
            _grant(cursor, settings.WORKER_ROLE, {**rights.SEALING, **FEWER}, functions)


def _grant(cursor: Any, name: str, fewer: Rights, functions: list[str]) -> None:
    role = sql.Identifier(name)

    def say(words: str, *more: sql.Composable) -> None:
        cursor.execute(sql.SQL(words).format(*more, role=role))

    say("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
    say("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
    say("GRANT USAGE ON SCHEMA public TO {role}")
    say("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    say("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    for table, may in fewer.items():
        which = sql.Identifier(table)
        say("REVOKE ALL ON {} FROM {role}", which)
        say("GRANT {} ON {} TO {role}", sql.SQL(", ".join(may)), which)
    # Whoever fills a month tells the planner of it (`partitions.analyze_grown`).
    for table in (partitions.TABLE, *partitions.names()):
        say("GRANT MAINTAIN ON {} TO {role}", sql.Identifier(table))
    for function in (MAKE_MONTH, DROP_MONTH, rights.LET_GO):
        say("REVOKE ALL ON FUNCTION {} FROM {role}", sql.SQL(function))
    for function in functions:
        say("GRANT EXECUTE ON FUNCTION {} TO {role}", sql.SQL(function))
    if _is_there(cursor, KPI_OF):
        say("GRANT USAGE ON SCHEMA kpi TO {role}")
        say("GRANT SELECT ON ALL TABLES IN SCHEMA kpi TO {role}")
        say("GRANT EXECUTE ON FUNCTION {} TO {role}", sql.SQL(KPI_OF))


def _is_there(cursor: Any, function: str) -> bool:
    cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
    return bool(cursor.fetchone()[0])
