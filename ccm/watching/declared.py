"""Every figure of `/metrics`, once: its name by the conventions of Prometheus, its kind, its
labels, what it says. docs/watching.md, the dashboard and the rules of alerts are held against this.
Pure.

Labels hold names of views, tasks, queues of work, sources of logs, months: nothing about a person.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Of(StrEnum):
    """Whose figure it is: who adds up over machines adds those of the machine alone."""

    MACHINE = "machine"  # of the web processes on the machine that answers
    CENTRE = "centre"  # of the database and Redis: the same whichever machine answers


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    kind: Kind
    of: Of
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_REQUEST_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TASK_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1200.0)

METRICS = (
    Metric(
        "ccm_http_requests_total", Kind.COUNTER, Of.MACHINE,
        "Requests answered, by the view, the method and the status.",
        ("view", "method", "status"),
    ),
    Metric(
        "ccm_http_request_duration_seconds", Kind.HISTOGRAM, Of.MACHINE,
        "Seconds until an answer began, by the view.", ("view",), _REQUEST_SECONDS,
    ),
    Metric(
        "ccm_streams_open", Kind.GAUGE, Of.MACHINE, "Streams of walls that are open.",
    ),
    Metric(
        "ccm_sign_in_failures_total", Kind.COUNTER, Of.MACHINE,
        "Sign-ins that were refused, whoever it was.",
    ),
    Metric(
        "ccm_unnamed_proxy_requests_total", Kind.COUNTER, Of.MACHINE,
        "Requests that say who they are for (X-Forwarded-For) and come from an address that"
        " FORWARDED_ALLOW_IPS does not name.",
    ),
    Metric(
        "ccm_disk_free_bytes", Kind.GAUGE, Of.MACHINE,
        "Bytes free where the data folder lies, and where temporary files do.", ("place",),
    ),
    Metric(
        "ccm_build_info", Kind.GAUGE, Of.MACHINE, "1, with what runs here.",
        ("version", "python", "django"),
    ),
    Metric(
        "ccm_gathered", Kind.GAUGE, Of.MACHINE,
        "1 where these figures could be read just now, 0 where not: they are missing then.",
        ("part",),
    ),
    Metric(
        "ccm_processes", Kind.GAUGE, Of.CENTRE,
        "Processes that gave a sign of life within a minute: live, walls, beat, and workers by the"
        " queue that they take.", ("what",),
    ),
    Metric(
        "ccm_process_seen_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds since one of them gave its last sign of life; missing where none is known.",
        ("what",),
    ),
    Metric(
        "ccm_queue_length", Kind.GAUGE, Of.CENTRE, "Tasks that wait for a worker.", ("queue",),
    ),
    Metric(
        "ccm_tasks_in_hand", Kind.GAUGE, Of.CENTRE,
        "Tasks that workers have taken and not yet done.",
    ),
    Metric(
        "ccm_tasks_total", Kind.COUNTER, Of.CENTRE,
        "Tasks that ended since Redis was last emptied: done, failed, or to be tried again.",
        ("task", "outcome"),
    ),
    Metric(
        "ccm_task_duration_seconds", Kind.HISTOGRAM, Of.CENTRE,
        "Seconds that tasks took.", ("task",), _TASK_SECONDS,
    ),
    Metric(
        "ccm_redis_memory_bytes", Kind.GAUGE, Of.CENTRE, "Memory that Redis uses.",
    ),
    Metric(
        "ccm_dirty_days", Kind.GAUGE, Of.CENTRE,
        "Days of queues whose counts are to be made anew.",
    ),
    Metric(
        "ccm_dirty_oldest_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds since the oldest of them fell behind; 0: none waits.",
    ),
    Metric(
        "ccm_import_rows_total", Kind.COUNTER, Of.CENTRE,
        "Lines of imports by what became of them; dry runs are left out.", ("fate",),
    ),
    Metric(
        "ccm_calls_stored", Kind.GAUGE, Of.CENTRE,
        "Calls in the record, as the database estimates them.",
    ),
    Metric(
        "ccm_calls_last_day", Kind.GAUGE, Of.CENTRE,
        "Calls that began in the last 24 hours, by source.", ("source",),
    ),
    Metric(
        "ccm_calls_newest_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds since the newest moment that a source has told of, live or by an import.",
        ("source",),
    ),
    Metric(
        "ccm_source_heard_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds since a source of live events was last heard.", ("source",),
    ),
    Metric(
        "ccm_inbox_events", Kind.GAUGE, Of.CENTRE,
        "Live events that are not yet folded into the record.",
    ),
    Metric(
        "ccm_inbox_oldest_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds that the oldest of them has waited; 0: none waits.",
    ),
    Metric(
        "ccm_outbox_messages", Kind.GAUGE, Of.CENTRE,
        "Mails and webhooks that wait, and those that were given up in the last 90 days.",
        ("state",),
    ),
    Metric(
        "ccm_outbox_overdue_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds since the oldest waiting message should have been tried; 0: none is due.",
    ),
    Metric("ccm_jobs", Kind.GAUGE, Of.CENTRE, "Jobs, by their state.", ("state",)),
    Metric(
        "ccm_jobs_stale", Kind.GAUGE, Of.CENTRE,
        "Jobs that run, or wait for a worker, without a sign of life for ten minutes.",
    ),
    Metric(
        "ccm_database_connections", Kind.GAUGE, Of.CENTRE,
        "Connections to this database, by what they do.", ("state",),
    ),
    Metric(
        "ccm_database_connections_max", Kind.GAUGE, Of.CENTRE,
        "Connections that the server takes at most.",
    ),
    Metric("ccm_database_bytes", Kind.GAUGE, Of.CENTRE, "Size of the database on its disk."),
    Metric(
        "ccm_partition_bytes", Kind.GAUGE, Of.CENTRE,
        "Size of a month of calls on disk, with its indexes.", ("month",),
    ),
    Metric(
        "ccm_partition_horizon_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds until the newest month that calls have a place in ends.",
    ),
    Metric(
        "ccm_backup_age_seconds", Kind.GAUGE, Of.CENTRE,
        "Seconds since the last copy was made and read back whole; missing where none ever was.",
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in METRICS}


def table() -> str:
    """The table of all figures, as docs/watching.md has it."""
    lines = ["| name | kind | of | labels | says |", "|---|---|---|---|---|"]
    for one in METRICS:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        lines.append(f"| `{one.name}` | {one.kind} | {one.of} | {labels} | {one.help} |")
    return "\n".join(lines) + "\n"


def series() -> set[str]:
    """The names of what a server of Prometheus keeps of them."""
    names = {one.name for one in METRICS if one.kind is not Kind.HISTOGRAM}
    for one in METRICS:
        if one.kind is Kind.HISTOGRAM:
            names |= {f"{one.name}_{part}" for part in ("bucket", "sum", "count")}
    return names
