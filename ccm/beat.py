"""What beat goes by: the schedule in the database, also while the database is away. What is due and
waits in its queue already is not sent again."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django_celery_beat.schedulers import DatabaseScheduler

from ccm import queued
from ccm.live.outage import Outage
from ccm.watching import alive


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end beat are heard when the block is over. Celery keeps the schedule within the
    handler, and so in the middle of whatever statement the signal came in."""
    came: list[int] = []
    ends = (signal.SIGTERM, signal.SIGINT)
    # No mask of signals: they come to the threads of libraries, too.
    before = {end: signal.signal(end, lambda number, _: came.append(number)) for end in ends}
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
        for number in came:
            signal.raise_signal(number)


class Scheduler(DatabaseScheduler):
    """Goes on by what it read last while the database is away; says once that it is, and once that
    it is back, where its parent writes a traceback at each look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._database = Outage("PostgreSQL")
        with _undisturbed():
            super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        # Waits for a Redis that is away, and that may be ended.
        _connected = self.producer
        with _undisturbed():
            seconds: float = super().tick(*args, **kwargs)
        alive.here(alive.BEAT)
        return seconds

    def apply_async(
        self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        if not entry.kwargs and queued.waits(entry.task, entry.args or ()):
            # It was due, and is due again when its time comes: as if it was sent.
            if advance:
                self.reserve(entry)
            return None
        return super().apply_async(entry, producer, advance, **kwargs)

    def schedule_changed(self) -> bool:
        return self._answers() and super().schedule_changed()

    def sync(self) -> None:
        """Keep when each task ran last; what cannot be kept now stays to be kept."""
        with _undisturbed():
            if self._answers():
                super().sync()

    def all_as_schedule(self) -> dict[str, Any]:
        known: dict[str, Any] | None = self._schedule
        if known is not None and not self._answers():
            return known
        found: dict[str, Any] = super().all_as_schedule()
        return found

    def _answers(self) -> bool:
        """Whether the database is there."""
        if self._database.waiting:
            return False
        try:
            close_old_connections()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError) as away:
            self._database.failed(away)
            return False
        self._database.worked()
        return True
