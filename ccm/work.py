"""Hands work to Celery, or does it here when no worker is up.

A queued message is only a hint: the database knows what is to be done and beat looks again,
so a broker that is away loses nothing but time.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ccm import queued
from ccm.celery import app

log = logging.getLogger(__name__)
# Work waiting to be done in this process, each piece once; None when workers do it.
_here: ContextVar[dict[tuple[str, tuple[Any, ...]], Task] | None] = ContextVar("here", default=None)


def send(task: Task, *args: Any) -> None:
    """Have `task` done soon. Call it after the commit that makes it necessary."""
    waiting = _here.get()
    if waiting is not None:
        waiting[task.name, args] = task
        return
    try:
        task.apply_async(args, retry=False)
    except (OperationalError, RedisError, OSError):
        log.warning("broker is away; beat will find the work of %s", task.name)


def send_once(task: Task, *args: Any) -> None:
    """Have `task` done soon, which is asked for again and again; nothing where it waits already."""
    if is_done_here() or not queued.waits(task.name, args):
        send(task, *args)


@contextmanager
def here() -> Iterator[None]:
    """Do what is sent inside the block in this process, at the block's end, each piece once."""
    waiting: dict[tuple[str, tuple[Any, ...]], Task] = {}
    token = _here.set(waiting)
    try:
        yield
        while waiting:
            # The first first: what was sent later may build on it.
            name, args = next(iter(waiting))
            waiting.pop((name, args)).run(*args)
    finally:
        _here.reset(token)


def is_done_here() -> bool:
    """Whether what is sent now is done in this process."""
    return _here.get() is not None


def worker_is_up(wait_seconds: float = 1.0) -> bool:
    """Whether workers answer that import and count: one of other work alone does not help."""
    try:
        found = app.control.inspect(timeout=wait_seconds).active_queues() or {}
    except (OperationalError, RedisError, OSError):
        return False
    return {"import", "rollup"} <= {queue["name"] for taken in found.values() for queue in taken}
