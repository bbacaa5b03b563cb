"""What each kind of live process does alone, and what it waits for."""

import time

from django.db import connection
from redis.client import PubSub

from ccm.live import bus


class Alone:
    """A lock in the database: any number of processes of a kind may run, and the one that holds it
    works while the others wait for it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.held_on: object = None

    def hold(self) -> bool:
        """Take it where nobody has it; whether this process has it, as long as its connection."""
        if self.held_on is None or self.held_on is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.number])
                taken = bool(cursor.fetchone()[0])
            self.held_on = connection.connection if taken else None
        return self.held_on is not None


class Hints:
    """Hints of one kind from Redis, each only a reason to look sooner."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._heard: PubSub | None = None

    def wait(self, seconds: float) -> bool:
        """Whether there was one in the next `seconds`; returns with the first, and with all that
        are there by then. Raises RedisError."""
        if self._heard is None:
            self._heard = bus.client().pubsub(ignore_subscribe_messages=True)
            self._heard.subscribe(self.channel)
        found = False
        until = time.monotonic() + seconds
        while True:
            left = 0.0 if found else max(0.0, until - time.monotonic())
            if self._heard.get_message(timeout=left):
                found = True
            elif found or time.monotonic() >= until:
                return found

    def close(self) -> None:
        """Let go of the connection; the next wait makes a new one."""
        if self._heard is not None:
            self._heard.close()
            self._heard = None
