"""Changes of tables while the centre works: in nobody's way, and again if need be.

A statement that waits for a lock has all who come after it wait, too. So `callcenter migrate` waits
for one no longer than five seconds, lets the others go on, says whom it waited for, and tries
again. What a migration may do to large tables stands in CONTRIBUTING.md; a test holds it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import OperationalError, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState
from psycopg2 import sql

LOCK_SECONDS = 5
# Seconds between tries: ten minutes in all.
PAUSES = (2, 5, 10, 20, 30, 60, 60, 120, 120, 120)
_LOCK_NOT_HAD = "55P03"

# Tables that hold so much that looking through one, or writing it anew, is felt.
LARGE = frozenset({
    "ccm_call", "ccm_offer", "ccm_agentstate", "ccm_surveyresponse", "ccm_intervalcount",
    "ccm_liveevent", "ccm_rawevent", "ccm_importchange", "ccm_importissue", "ccm_rejectedrow",
    "ccm_auditentry", "kpis_intervalstat", "kpis_daystat",
})  # fmt: skip

Say = Callable[[str], None]


def patiently(work: Callable[[], object], say: Say, pauses: Sequence[float] = PAUSES) -> None:
    """Do work that takes locks, again after each pause while others hold them. Each try says whom
    it waited for. Raises OperationalError when all tries are over."""
    for pause in (*pauses, None):
        try:
            with _briefly(), _watched() as blockers:
                work()
            return
        except OperationalError as ended:
            if getattr(ended.__cause__, "pgcode", None) != _LOCK_NOT_HAD:
                raise
            for words in blockers or ["Somebody held a lock that was wanted."]:
                say(words)
            if pause is None:
                raise
            say(f"Nothing was changed by that step; it is tried again in {pause:g} s.")
            time.sleep(pause)


@contextmanager
def _briefly() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [f"{LOCK_SECONDS}s"])
    try:
        yield
    finally:
        if connection.connection is not None and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


_BLOCKERS = """
SELECT left(mine.query, 120), other.pid, coalesce(nullif(other.application_name, ''), 'a session'),
    coalesce(other.usename, '?'), extract(epoch FROM now() - other.xact_start)::int,
    left(coalesce(other.query, '?'), 120)
FROM pg_stat_activity AS mine
CROSS JOIN LATERAL unnest(pg_blocking_pids(mine.pid)) AS blocker
JOIN pg_stat_activity AS other ON other.pid = blocker
WHERE mine.pid = %s
"""


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What this session waits for meanwhile, in words: the last that was seen, looked for twice a
    second over a connection of its own."""
    seen: list[str] = []
    over = threading.Event()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    thread = threading.Thread(target=_watch, args=(pid, seen, over), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(5)


def _watch(pid: int, seen: list[str], over: threading.Event) -> None:
    try:
        there = psycopg2.connect(**connection.get_connection_params())
    except psycopg2.Error:
        return  # then it is not known for whom
    try:
        there.autocommit = True
        with there.cursor() as cursor:
            while not over.wait(0.5):
                cursor.execute(_BLOCKERS, [pid])
                if found := cursor.fetchall():
                    seen[:] = [_words(*row) for row in found]
    except psycopg2.Error:
        return
    finally:
        there.close()


def _words(query: str, pid: int, name: str, user: str, seconds: int | None, last: str) -> str:
    since = "" if seconds is None else f", {seconds} s into a transaction"
    return (
        f"{' '.join(query.split())} … waits for {name} (process {pid}, role {user}{since}):"
        f" {' '.join(last.split())}"
    )


class AddPartitionedIndexConcurrently(NotInTransactionMixin, AddIndex):
    """An index of calls, made month by month while they are written.

    First one of the table above, which is empty and not used; then one a month, concurrently; each
    is attached, and with the last the whole is used. Cut off anywhere, it goes on where it was. Its
    migration is not `atomic`.
    """

    atomic = False

    def describe(self) -> str:
        return f"Month by month, create index {self.index.name} on {self.model_name}"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model = to_state.apps.get_model(app_label, self.model_name)
        table, name = model._meta.db_table, self.index.name
        words = str(self.index.create_sql(model, schema_editor))
        begins, on, rest = words.partition(f' ON "{table}"')
        if not on or not begins.startswith("CREATE INDEX "):
            raise ValueError(f"not an index that can be made month by month: {words}")
        with connection.cursor() as cursor:
            # It waits for whoever writes, and nobody for it: no reason to give up.
            cursor.execute("SET lock_timeout = 0")
            cursor.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON ONLY "{table}"{rest}')
            for month in _months_without(cursor, table, name):
                child = f"{name}_{month.removeprefix(table + '_')}"
                _drop_unfinished(cursor, child)
                cursor.execute(
                    f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{child}" ON "{month}"{rest}'
                )
                cursor.execute(f'ALTER INDEX "{name}" ATTACH PARTITION "{child}"')
            cursor.execute("SET lock_timeout = %s", [f"{LOCK_SECONDS}s"])

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        schema_editor.execute(f'DROP INDEX IF EXISTS "{self.index.name}"')


def _months_without(cursor: Any, table: str, index: str) -> list[str]:
    """Partitions that have no part of the index yet."""
    cursor.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass(%s) AND NOT EXISTS ("
        "   SELECT FROM pg_index x JOIN pg_inherits p ON p.inhrelid = x.indexrelid"
        "   WHERE x.indrelid = c.oid AND p.inhparent = to_regclass(%s)) ORDER BY 1",
        [f'"{table}"', f'"{index}"'],
    )
    return [row[0] for row in cursor.fetchall()]


def _drop_unfinished(cursor: Any, index: str) -> None:
    """What a concurrent making that was cut off left there, which nothing uses."""
    cursor.execute(
        "SELECT FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
        [f'"{index}"'],
    )
    if cursor.rowcount:
        cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(index)))


def in_batches(words: str, *, size: int = 10_000, pause: float = 0.05) -> int:
    """Do an UPDATE or DELETE of many rows some at a time, each in a transaction of its own, and
    rest in between; the number of rows. In the words `{some}` is where the limit goes:

        UPDATE kpis_daystat SET x = 1
        WHERE id IN (SELECT id FROM kpis_daystat WHERE x IS NULL {some})

    What is done must no longer be met by the condition. Its migration is not `atomic`: cut off
    anywhere, it goes on where it was.
    """
    if connection.in_atomic_block:
        raise ValueError("batches in one transaction are one batch: the migration is not atomic")
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(words.format(some=f"LIMIT {int(size)}"))
            done = cursor.rowcount
        total += done
        if not done:
            return total
        time.sleep(pause)
