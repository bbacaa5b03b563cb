"""One look at what stands behind the centre; what cannot be seen is None.

Two statements of the database, one pipeline of Redis. The checks are made of this alone.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from ccm import database, lanes, partitions, queued
from ccm.live import bus
from ccm.watching import alive, gathered, proxies

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """`server` is of PostgreSQL itself, `record` of our tables in it, `pending` the migrations that
    it has not had, `redis` of Redis, `lives` who is there, `proxies` the addresses of those that
    bring requests and are not named."""

    now: datetime
    server: Facts | None = None
    record: Facts | None = None
    pending: int | None = None
    redis: Facts | None = None
    lives: Mapping[str, alive.Life] | None = None
    proxies: Sequence[str] | None = None

    def missing(self, part: str) -> str:
        """Why a part is not known, in words."""
        if part in ("redis", "lives"):
            return _("Not known while Redis is away.")
        if part == "server" or self.server is None:
            return _("Not known while the database is away.")
        return _("Not known: the tables cannot be read.")


# The clock is the moment of the answer, not of the transaction.
_SERVER = """
SELECT extract(epoch FROM clock_timestamp())::float8 AS clock,
    current_setting('server_version_num')::int / 10000 AS version,
    current_setting('server_version') AS version_words,
    pg_is_in_recovery() AS follows,
    current_setting('max_connections')::int AS most_connections,
    current_setting('superuser_reserved_connections')::int AS kept_back,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
    current_setting('autovacuum') = 'on' AND current_setting('track_counts') = 'on' AS vacuums,
    current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS is_safe,
    (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS frozen_age,
    (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
        FROM pg_stat_activity WHERE datname = current_database()
        AND backend_type = 'client backend') AS longest_seconds,
    pg_database_size(current_database()) AS size,
    (SELECT coalesce(array_agg(c.relname::text ORDER BY 1), '{}') FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT i.indisvalid AND n.nspname = current_schema()) AS invalid_indexes,
    (SELECT coalesce(array_agg(c.relname::text ORDER BY 1), '{}') FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname = current_schema()
        AND c.relname ~ %(months)s AND NOT c.relispartition) AS unattached"""
_RECORD = f"""
SELECT (SELECT coalesce(array_agg(c.relname::text ORDER BY 1), '{{}}') FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %(table)s::regclass) AS months,
    (SELECT min(marked_at) FROM ccm_dirtyday) AS dirty_since,
    (SELECT count(*) FROM ccm_dirtyday) AS dirty,
    (SELECT received_at FROM ccm_liveevent WHERE folded_at IS NULL ORDER BY id LIMIT 1)
        AS inbox_since,
    (SELECT min(due_at) FROM ccm_delivery WHERE state = 'waiting') AS outbox_due,
    (SELECT count(*) FROM ccm_delivery WHERE state = 'failed' AND made_at > %(week)s)
        AS given_up,
    (SELECT coalesce(array_agg(DISTINCT zone::text), '{{}}') FROM ccm_site) AS zones,
    (SELECT coalesce(array_agg(DISTINCT zone::text), '{{}}') FROM ccm_site
        WHERE zone NOT IN (SELECT name FROM pg_timezone_names)) AS strange_zones,
    ({gathered.COPIED}) AS copied_at,
    (SELECT is_sealed FROM ccm_backup ORDER BY made_at DESC LIMIT 1) AS copy_is_sealed,
    (SELECT key FROM ccm_auditseal ORDER BY place DESC LIMIT 1) AS sealed_under,
    ({gathered.STALE_JOBS}) AS stale_jobs"""


def look(now: datetime) -> Seen:
    """What there is to be seen."""
    server = _server()
    record = pending = None
    if server is not None:
        record = _record(now)
        pending = _pending()
    return Seen(now, server, record, pending, _redis(), alive.lives(), proxies.lately())


def _asked(statement: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{gathered.BRIEFLY}{statement}", values)
            names = [column.name for column in cursor.description]
            return dict(zip(names, cursor.fetchone(), strict=True))
    except (DatabaseError, InterfaceError):
        return None


def _server() -> dict[str, Any] | None:
    before = time.time()
    found = _asked(_SERVER, {"months": rf"^{partitions.TABLE}_\d{{4}}_\d\d$"})
    if found is not None:
        found["ahead_seconds"] = found["clock"] - (before + time.time()) / 2
    return found


def _record(now: datetime) -> dict[str, Any] | None:
    asked = {"table": partitions.TABLE, "week": now - 7 * gathered.DAY}
    return _asked(_RECORD, asked | gathered.stale(now))


def _pending() -> int | None:
    try:
        return database.pending()
    except (DatabaseError, InterfaceError):
        return None


def _redis() -> dict[str, Any] | None:
    try:
        with bus.quick_client().pipeline(transaction=False) as pipe:
            before = time.time()
            pipe.time()
            pipe.info("memory")
            for queue in lanes.ALL:
                pipe.llen(bus.key(queue))
                # Tasks are put in at the other end.
                pipe.lindex(bus.key(queue), -1)
            (seconds, millionths), memory, *waiting = pipe.execute()
            middle = (before + time.time()) / 2
    except (RedisError, OSError):
        return None
    return {
        "ahead_seconds": seconds + millionths / 1e6 - middle,
        "used": memory["used_memory"],
        "most": memory.get("maxmemory", 0),
        "policy": memory.get("maxmemory_policy", ""),
        "lengths": dict(zip(lanes.ALL, waiting[::2], strict=True)),
        "waited": {
            queue: queued.waited_seconds(oldest)
            for queue, oldest in zip(lanes.ALL, waiting[1::2], strict=True)
        },
    }
