"""All that is kept at a moment: the rows of every table as text, and the keys of Redis."""

from collections import Counter

from django.db import connection

from ccm.live import bus


def rows() -> dict[str, Counter[str]]:
    """The rows of each table of the database, each as one text with all its columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            " AND table_type = 'BASE TABLE'"
        )
        found = {}
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT one::text FROM "{schema}"."{table}" AS one')
            found[f"{schema}.{table}"] = Counter(row[0] for row in cursor.fetchall())
    return found


def counters() -> dict[str, int | None]:
    """How far each sequence has counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
        return dict(cursor.fetchall())


def came(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, list[str]]:
    """The rows that are new or changed, by table."""
    found = {table: [*(after[table] - before[table]).elements()] for table in after}
    return {table: new for table, new in found.items() if new}


def gone(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, list[str]]:
    return came(after, before)


def hints() -> dict[str, str]:
    """The keys of Redis with what they hold, as far as that is text."""
    client = bus.client()
    return {
        key.decode(): client.get(key).decode(errors="replace")
        if client.type(key) == b"string"
        else ""
        for key in client.scan_iter(match=bus.key("*"))
    }
