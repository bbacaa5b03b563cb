"""What tasks did, counted in Redis by every worker: how many ended how, and how long they took.

Workers are on other machines than the page that tells. Losing Redis, the counts begin anew, as
those of a process that was started again do.
"""

import bisect
import time
from collections.abc import Iterator
from typing import Any, cast

from redis.exceptions import RedisError

from ccm.live import bus
from ccm.watching.declared import BY_NAME

BUCKETS = BY_NAME["ccm_task_duration_seconds"].buckets
_OUTCOMES = {"SUCCESS": "done", "RETRY": "again"}
_SUM = "seconds"
_begun: dict[str, float] = {}


def began(task_id: str = "", **_more: Any) -> None:
    """A receiver of Celery's signal before a task."""
    _begun[task_id] = time.monotonic()


def ended(task_id: str = "", task: Any = None, state: str | None = "", **_more: Any) -> None:
    """A receiver of Celery's signal after a task, however it ended."""
    started = _begun.pop(task_id, None)
    if task is None or started is None:
        return
    count(task.name, _OUTCOMES.get(state or "", "failed"), time.monotonic() - started)


def count(task: str, outcome: str, seconds: float) -> None:
    """Add a task that ended. Where Redis is away it is not counted."""
    place = bisect.bisect_left(BUCKETS, seconds)
    bucket = f"le {BUCKETS[place]}" if place < len(BUCKETS) else "le +Inf"
    try:
        with bus.quick_client().pipeline(transaction=False) as pipe:
            pipe.hincrby(_key(), f"{task}|{outcome}", 1)
            pipe.hincrby(_key(), f"{task}|{bucket}", 1)
            pipe.hincrbyfloat(_key(), f"{task}|{_SUM}", round(seconds, 4))
            pipe.execute()
    except (RedisError, OSError):
        return


def outcomes(kept: dict[str, float]) -> Iterator[tuple[str, str, float]]:
    """(task, outcome, how many)."""
    for field, value in sorted(kept.items()):
        task, _, what = field.partition("|")
        if what != _SUM and not what.startswith("le "):
            yield task, what, value


def durations(kept: dict[str, float]) -> Iterator[tuple[str, list[tuple[str, float]], float]]:
    """(task, how many took at most how long, the seconds of all)."""
    for task in sorted({field.partition("|")[0] for field in kept}):
        total, buckets = 0.0, []
        for bound in (*map(str, BUCKETS), "+Inf"):
            total += kept.get(f"{task}|le {bound}", 0.0)
            buckets.append((bound, total))
        yield task, buckets, kept.get(f"{task}|{_SUM}", 0.0)


def kept() -> dict[str, float]:
    """All counts as they are kept. Raises RedisError."""
    found = cast("dict[bytes, bytes]", bus.quick_client().hgetall(_key()))
    return {field.decode(): float(value) for field, value in found.items()}


def _key() -> str:
    return bus.key("tasks")
