"""What the database and Redis tell of the centre, read anew for each look at `/metrics`.

Each part is a statement or two that ends by itself after a few seconds. One that cannot be read
says so (`ccm_gathered`) and takes no other with it.
"""

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import django
import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from ccm import jobs, lanes, partitions, stack
from ccm.identity import id_floor
from ccm.live import bus
from ccm.models import Job
from ccm.outgoing import outbox
from ccm.watching import alive, tasks
from ccm.watching.declared import BY_NAME, Kind

log = structlog.get_logger(__name__)

# So long the database may take for one part.
PART_SECONDS = 3
# Before a statement in a transaction.
BRIEFLY = f"SET LOCAL statement_timeout = '{PART_SECONDS}s'; "
# A job of which nothing was heard for so long.
STALE_AFTER = timedelta(minutes=10)
DAY = timedelta(days=1)

# A figure: its name, the values of its labels, itself.
Sample = tuple[str, tuple[str, ...], float]
Part = Callable[[datetime], Iterator[Sample]]
Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Gathered(Collector):
    """A collector for a registry of prometheus_client. `now` is when it is asked."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterable[Family]:
        return []

    def collect(self) -> Iterator[Family]:
        families: dict[str, Family] = {}
        for name, part in PARTS.items():
            try:
                samples = list(part(self.now))
                read = 1.0
            except (DatabaseError, InterfaceError, RedisError, OSError) as away:
                log.warning("figures could not be read", part=name, why=type(away).__name__)
                samples, read = [], 0.0
            for metric, labels, value in [*samples, ("ccm_gathered", (name,), read)]:
                _family(families, metric).add_metric(labels, value)
        try:
            for task, buckets, seconds in tasks.durations(tasks.kept()):
                family = _family(families, "ccm_task_duration_seconds")
                family.add_metric([task], buckets, seconds)
        except (RedisError, OSError):
            pass  # told of by the part that counts them
        yield from families.values()


def _family(families: dict[str, Family], name: str) -> Any:
    if name not in families:
        told = BY_NAME[name]
        make: Callable[..., Family] = {
            Kind.COUNTER: CounterMetricFamily,
            Kind.GAUGE: GaugeMetricFamily,
            Kind.HISTOGRAM: HistogramMetricFamily,
        }[told.kind]
        families[name] = make(name, told.help, labels=told.labels)
    return families[name]


def _build(_now: datetime) -> Iterator[Sample]:
    yield "ccm_build_info", (version(), platform.python_version(), django.get_version()), 1


@cache
def version() -> str:
    """The version that is installed; of a checkout that is not installed it is not known."""
    try:
        return metadata.version("callcenter")
    except metadata.PackageNotFoundError:
        return "unknown"


def _disk(_now: datetime) -> Iterator[Sample]:
    for place, folder in places().items():
        yield "ccm_disk_free_bytes", (place,), shutil.disk_usage(folder).free


def places() -> dict[str, Path]:
    """Folders of this machine that must not be full, as far as they are there."""
    found = {"data": stack.data_dir(), "tmp": Path(tempfile.gettempdir())}
    return {name: folder for name, folder in found.items() if folder.is_dir()}


def _processes(_now: datetime) -> Iterator[Sample]:
    lives = alive.lives()
    if lives is None:
        raise ConnectionError
    for what, life in lives.items():
        yield "ccm_processes", (what,), life.there
        if life.silent_seconds is not None:
            yield "ccm_process_seen_seconds", (what,), life.silent_seconds


def _queues(_now: datetime) -> Iterator[Sample]:
    lengths, in_hand = waiting()
    for queue, length in lengths.items():
        yield "ccm_queue_length", (queue,), length
    yield "ccm_tasks_in_hand", (), in_hand
    memory = bus.quick_client().info("memory")
    yield "ccm_redis_memory_bytes", (), memory["used_memory"]


def waiting() -> tuple[dict[str, int], int]:
    """How many tasks wait in each queue, and how many are in hand. Raises RedisError."""
    with bus.quick_client().pipeline(transaction=False) as pipe:
        for queue in lanes.ALL:
            pipe.llen(bus.key(queue))
        # Where kombu keeps what was handed out, until it is acknowledged.
        pipe.hlen(bus.key("unacked"))
        *lengths, in_hand = pipe.execute()
    return dict(zip(lanes.ALL, lengths, strict=True)), in_hand


def _tasks(_now: datetime) -> Iterator[Sample]:
    for task, outcome, count in tasks.outcomes(tasks.kept()):
        yield "ccm_tasks_total", (task, outcome), count


_DIRTY = "SELECT count(*), min(marked_at) FROM ccm_dirtyday"
_INBOX = """SELECT count(*), min(received_at) FROM ccm_liveevent
    WHERE folded_at IS NULL"""


def _counts(now: datetime) -> Iterator[Sample]:
    [(dirty, since)] = rows(_DIRTY)
    yield "ccm_dirty_days", (), dirty
    yield "ccm_dirty_oldest_seconds", (), age(since, now)


def _inbox(now: datetime) -> Iterator[Sample]:
    [(waits, since)] = rows(_INBOX)
    yield "ccm_inbox_events", (), waits
    yield "ccm_inbox_oldest_seconds", (), age(since, now)


_FATES = ("stored", "updated", "duplicate", "rejected", "ignored")
_LINES = """SELECT coalesce(sum(stored), 0), coalesce(sum(updated), 0),
        coalesce(sum(duplicate), 0), coalesce(sum(rejected), 0), coalesce(sum(ignored), 0)
    FROM ccm_importbatch WHERE NOT dry_run"""


def _imports(_now: datetime) -> Iterator[Sample]:
    [sums] = rows(_LINES)
    for fate, lines in zip(_FATES, sums, strict=True):
        yield "ccm_import_rows_total", (fate,), float(lines)


# What was never analyzed is told as -1.
_STORED = """SELECT coalesce(sum(greatest(c.reltuples, 0)), 0) FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass"""
_LAST_DAY = "SELECT source, count(*) FROM ccm_call WHERE id >= %s AND id < %s GROUP BY source"
_NEWEST = """SELECT source, max(newest), max(heard) FROM (
        SELECT source, newest_at AS newest, heard_at AS heard FROM ccm_livesource
        UNION ALL SELECT source, last_at, NULL FROM ccm_importbatch
        WHERE last_at IS NOT NULL AND undone_at IS NULL AND NOT dry_run
    ) AS told WHERE source <> '' GROUP BY source"""


def _calls(now: datetime) -> Iterator[Sample]:
    [(stored,)] = rows(_STORED, [partitions.TABLE])
    yield "ccm_calls_stored", (), stored
    # Ids begin with when a call began by its source's clock, which may be a zone ahead.
    span = [str(id_floor(now - DAY)), str(id_floor(now + DAY))]
    for source, count in rows(_LAST_DAY, span):
        yield "ccm_calls_last_day", (source,), count
    for source, newest, heard in rows(_NEWEST):
        yield "ccm_calls_newest_seconds", (source,), age(newest, now)
        if heard is not None:
            yield "ccm_source_heard_seconds", (source,), age(heard, now)


_OUTBOX = """SELECT count(*) FILTER (WHERE state = 'waiting'),
        count(*) FILTER (WHERE state = 'failed'),
        min(due_at) FILTER (WHERE state = 'waiting')
    FROM ccm_delivery WHERE state = 'waiting' OR (state = 'failed' AND made_at > %s)"""


def _outbox(now: datetime) -> Iterator[Sample]:
    [(waits, failed, due)] = rows(_OUTBOX, [now - outbox.KEPT])
    yield "ccm_outbox_messages", ("waiting",), waits
    yield "ccm_outbox_messages", ("failed",), failed
    yield "ccm_outbox_overdue_seconds", (), age(due, now)


_JOBS = "SELECT state, count(*) FROM ccm_job GROUP BY state"
# Whoever is at one long step of a job holds its lock, and is not gone.
# It takes what `stale` gives.
STALE_JOBS = """SELECT count(*) FROM ccm_job j
    WHERE state IN ('queued', 'running') AND coalesce(heartbeat_at, created_at) < %(heard_before)s
    AND NOT EXISTS (
        SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %(lock_space)s
        AND l.objid = j.id AND l.objsubid = 2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )"""


def stale(now: datetime) -> dict[str, Any]:
    """What `STALE_JOBS` is to be asked with."""
    return {"heard_before": now - STALE_AFTER, "lock_space": jobs.LOCK_SPACE}


def _jobs(now: datetime) -> Iterator[Sample]:
    found = dict(rows(_JOBS))
    for state in Job.State.values:
        yield "ccm_jobs", (state,), found.get(state, 0)
    [(count,)] = rows(STALE_JOBS, stale(now))
    yield "ccm_jobs_stale", (), count


_CONNECTIONS = """SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity
    WHERE datname = current_database() GROUP BY 1"""
_SIZES = """SELECT current_setting('max_connections')::int,
    pg_database_size(current_database())"""
_MONTHS = """SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass ORDER BY 1"""


def _database(now: datetime) -> Iterator[Sample]:
    for state, count in rows(_CONNECTIONS):
        yield "ccm_database_connections", (state,), count
    [(most, size)] = rows(_SIZES)
    yield "ccm_database_connections_max", (), most
    yield "ccm_database_bytes", (), size
    for name, size in rows(_MONTHS, [partitions.TABLE]):
        month = name.removeprefix(f"{partitions.TABLE}_").replace("_", "-")
        yield "ccm_partition_bytes", (month,), size
    ends = horizon(partitions.existing_months())
    if ends is not None:
        yield "ccm_partition_horizon_seconds", (), (ends - now).total_seconds()


def horizon(months: set[date]) -> datetime | None:
    """When the newest of these months (first days) ends; None: there is none."""
    if not months:
        return None
    last = max(months)
    return datetime(last.year + last.month // 12, last.month % 12 + 1, 1, tzinfo=UTC)


# The moment of the last copy (`backups.last`), for statements that end in time.
COPIED = "SELECT max(made_at) FROM ccm_backup"


def _copies(now: datetime) -> Iterator[Sample]:
    [(made_at,)] = rows(COPIED)
    if made_at is not None:
        yield "ccm_backup_age_seconds", (), age(made_at, now)


PARTS: dict[str, Part] = {
    "build": _build,
    "disk": _disk,
    "processes": _processes,
    "queues": _queues,
    "tasks": _tasks,
    "counts": _counts,
    "inbox": _inbox,
    "imports": _imports,
    "calls": _calls,
    "outbox": _outbox,
    "jobs": _jobs,
    "database": _database,
    "copies": _copies,
}


def rows(statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement finds, which is ended where it takes longer than a look may."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{BRIEFLY}{statement}", values)
        return cursor.fetchall()


def age(since: datetime | None, now: datetime) -> float:
    """Seconds since then; 0 where it is yet to come, or there is nothing."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0
