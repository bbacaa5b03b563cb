"""The calls table by month: partitions are ranges of ids, and ids begin with time.

There is no default partition: it would block detaching a month and adding one. So whoever
writes calls makes the months first, and before the transaction that fills them where it can: a
new month holds locks on the tables that calls name until it is committed.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.migrations import CreateModel

from ccm.identity import id_floor

TABLE = "ccm_call"
# Fewer new rows than this mislead no plan by much.
GROWN = 10_000
# Any number will do as long as nobody else takes it: it serialises the makers of months. The
# function `ccm_make_month` takes the same.
_LOCK = 0x63636D_01
# So long who reads calls may have to wait for a month that goes.
PATIENCE_SECONDS = 5


class CreatePartitionedModel(CreateModel):
    """`CreateModel` whose table is partitioned by ranges of its primary key."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):  # type: ignore[no-untyped-def]
        schema_editor.sql_create_table += " PARTITION BY RANGE (id)"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            del schema_editor.sql_create_table


def month_of(moment: datetime) -> date:
    """First day of the month that holds what is born at `moment`."""
    return moment.astimezone(UTC).date().replace(day=1)


def ensure_months(months: Iterable[date]) -> None:
    """Make the partitions of these months (first days) where they are missing.

    Safe to call at once from several processes.
    """
    wanted = set(months) - existing_months()
    if not wanted:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Taken at once by who makes several; by the owner's right, for who makes months may not be
        # allowed to make tables.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for month in sorted(wanted - existing_months()):
            cursor.execute("SELECT ccm_make_month(%s)", [month])


def existing_months() -> set[date]:
    """First days of the months that have a partition, and calls a place in it."""
    dated = (re.fullmatch(TABLE + r"_(\d{4})_(\d\d)", name) for name in names())
    return {date(int(hit[1]), int(hit[2]), 1) for hit in dated if hit}


def names() -> list[str]:
    """The tables that are partitions, by their names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass AND NOT i.inhdetachpending ORDER BY 1",
            [TABLE],
        )
        return [row[0] for row in cursor.fetchall()]


def analyze_grown(least: int = GROWN, share: float = 1 / 3) -> None:
    """Tell the planner of months in which `least` rows, and this share of them, are news to it.

    Autovacuum comes up to a minute late, and never looks at the table above its months; until
    then statements that join calls are planned as if there were none, and may take hours.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT s.relname FROM pg_stat_user_tables s JOIN pg_inherits i ON i.inhrelid = s.relid"
            " WHERE i.inhparent = %s::regclass"
            " AND s.n_mod_since_analyze > greatest(%s, s.n_live_tup * %s::float8)",
            [TABLE, least, share],
        )
        grown = [row[0] for row in cursor.fetchall()]
        if grown:
            # Whoever is at it already does it for us.
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(grown)}, ONLY {TABLE}")


def _start(month: date) -> UUID:
    return id_floor(datetime(month.year, month.month, 1, tzinfo=UTC))


def drop_month(month: date, may_go: Callable[[], bool]) -> bool:
    """Take a month out, with all its calls; whether it went. `may_go` is asked once nobody can
    write to it any more: where it says no, the month stays, and so does one that was attached
    meanwhile.

    Outside of a transaction: who reads calls is not shut out, but where the table is somebody
    else's: then it is done by the owner's right, for which they wait a moment. Raises
    OperationalError where that moment never comes. Cut off anywhere, it is finished when it is
    asked for again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", [TABLE]
        )
        if not cursor.fetchone()[0]:
            return _drop_by_right(month, may_go)
        attached = _attached(month)
        if attached is not None:
            how = "CONCURRENTLY" if attached else "FINALIZE"
            cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {_name(month)} {how}")
        with transaction.atomic():
            # Whoever makes months attaches one that they find detached.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            if _attached(month) is not None:
                return False
            if may_go():
                cursor.execute(f"DROP TABLE IF EXISTS {_name(month)}")
                return True
            cursor.execute("SELECT ccm_make_month(%s)", [month])
    return False


@transaction.atomic
def _drop_by_right(month: date, may_go: Callable[[], bool]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
        cursor.execute(f"LOCK TABLE ONLY {TABLE} IN ACCESS EXCLUSIVE MODE")
        if not may_go():
            return False
        cursor.execute("SELECT ccm_drop_month(%s)", [month])
    return True


def _name(month: date) -> str:
    return f"{TABLE}_{month:%Y_%m}"


def _attached(month: date) -> bool | None:
    """Whether a month is a partition, or (False) half taken out; None: it is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT i.inhdetachpending FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass AND c.relname = %s",
            [TABLE, _name(month)],
        )
        found = cursor.fetchone()
    return None if found is None else bool(found[0])


def detached_months() -> set[date]:
    """First days of the months that somebody began to take out and did not drop."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.inhdetachpending FROM pg_class c"
            " JOIN pg_class p ON p.oid = %s::regclass AND p.relnamespace = c.relnamespace"
            " LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = p.oid"
            " WHERE c.relkind = 'r' AND c.relname ~ %s",
            [TABLE, rf"^{TABLE}_\d{{4}}_\d\d$"],
        )
        names = [name for name, pending in cursor.fetchall() if pending is None or pending]
    return {date(int(name[-7:-3]), int(name[-2:]), 1) for name in names}


def next_month(month: date) -> date:
    """First day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def ids_of(month: date) -> tuple[UUID, UUID]:
    """The ids that a month holds: from the first on, before the second."""
    return _start(month), _start(next_month(month))
