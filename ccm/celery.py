"""The Celery application. Tasks take ids, call a service and are safe to run twice."""

import os
from typing import Any

from celery import Celery
from kombu.transport import redis as transport
from redis.exceptions import ConnectionError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")

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
