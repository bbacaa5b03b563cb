"""Whether an index serves a query, whatever the planner knows of the rows that other tests left."""

from typing import Any

from django.db import connection


def is_served_by(rows: Any, index: str) -> bool:
    """Whether a query of one table is answered by an index of it where there is no other: asked of
    an empty copy of the table with that index alone. Within a transaction."""
    table = rows.model._meta.db_table
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])
        ((made,),) = cursor.fetchall()
        cursor.execute(f'CREATE TEMP TABLE planned (LIKE "{table}")')
        cursor.execute(
            made.replace(f" {index} ", " planned_by ").replace(f"public.{table}", "planned")
        )
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + sql.replace(f'"{table}"', '"planned"'), params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DROP TABLE planned")
    return "planned_by" in plan
