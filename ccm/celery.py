"""The Celery application. Tasks take ids, call a service and are safe to run twice."""

import os
import time
from typing import Any

import structlog
from celery import Celery
from celery.signals import (
    before_task_publish,
    heartbeat_sent,
    setup_logging,
    task_postrun,
    task_prerun,
)
from django_structlog.celery.receivers import CeleryReceiver
from django_structlog.celery.signals import bind_extra_task_metadata
from kombu.transport import redis as transport
from redis.exceptions import ConnectionError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")

# The header of a task that says when it was sent, in seconds since 1970.
SENT_AT = "sent_at"

app = Celery("ccm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Channel(transport.Channel):
    """One whose connection was given up fails like any lost connection, for which the worker is
    prepared. Kombu's meets None there, and the worker ends when Redis goes with a task in hand."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise ConnectionError("The connection to Redis was given up.")
        found: dict[str, Any] = super()._connparams(asynchronous)  # type: ignore[misc]
        return found


transport.Transport.Channel = Channel

# A task is logged with the id of the request that asked for it, or of the task that did.
_logged = CeleryReceiver()
_logged.connect_worker_signals()


def _by_name(task: Any = None, **_more: object) -> None:
    structlog.contextvars.bind_contextvars(task=task.name)


bind_extra_task_metadata.connect(_by_name)


@setup_logging.connect
def _as_all_log(**_more: object) -> None:
    """Celery would write lines of its own kind, and of ours what they are made of."""


@before_task_publish.connect
def _sent(headers: dict[str, Any] | None = None, **_more: object) -> None:
    """A task says when it was sent: so it is known for how long one has waited."""
    if headers is not None:
        headers[SENT_AT] = time.time()


@task_prerun.connect
def _began(task_id: str = "", **_more: object) -> None:
    from ccm.watching import tasks

    tasks.began(task_id)


@task_postrun.connect
def _ended(task_id: str = "", task: Any = None, state: str | None = None, **_more: object) -> None:
    from ccm.watching import tasks

    tasks.ended(task_id, task, state)
    structlog.contextvars.clear_contextvars()


@heartbeat_sent.connect
def _there(**_more: object) -> None:
    """The worker's main process, every two seconds while it hears the broker."""
    from ccm.watching import alive

    alive.here(*(alive.worker(queue) for queue in app.amqp.queues.consume_from))
