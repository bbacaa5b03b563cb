"""The live process: events from the inbox into the record, frames out to the walls.

Any number may run; the one that holds a lock in the database works and the others wait for it.
When a server is away it says so once, tries again ever more slowly, and goes on.
"""

import threading
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from redis.client import PubSub
from redis.exceptions import RedisError

from ccm import partitions, signals
from ccm.live import aside, bus, folding
from ccm.live.outage import Outage, again_and_again
from ccm.live.walls import Walls

# Any number will do as long as nothing else in this database locks the same one.
_LEADER = 0x63636D_02
# Without a hint, and without the server that brings them, it looks for news this often.
LOOK_SECONDS, UNHINTED_SECONDS = 1.0, 0.2
TELL_SECONDS = 2.0
PRUNE_SECONDS = 60.0
# So long before it begins, a month has its place.
AHEAD = timedelta(days=3)


class Hints:
    """Hints from Redis, each only a reason to look sooner."""

    def __init__(self) -> None:
        self._heard: PubSub | None = None

    def wait(self, seconds: float) -> set[bytes]:
        """The hints of the next `seconds`; returns with the first. Raises RedisError."""
        if self._heard is None:
            self._heard = bus.client().pubsub(ignore_subscribe_messages=True)
            self._heard.subscribe(bus.hint_channel())
        found: set[bytes] = set()
        until = time.monotonic() + seconds
        while True:
            left = 0.0 if found else max(0.0, until - time.monotonic())
            message = self._heard.get_message(timeout=left)
            if message:
                found.add(message["data"])
            elif found or time.monotonic() >= until:
                return found

    def close(self) -> None:
        """Let go of the connection; the next wait makes a new one."""
        if self._heard is not None:
            self._heard.close()
            self._heard = None


class LiveProcess:
    """Runs until `stopping` is set, and then finishes the batch it is in."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.redis, self.postgres = Outage("Redis"), Outage("PostgreSQL")
        self.hints, self.walls = Hints(), Walls(stopping, self.redis, self.postgres)
        self._led_on: object = None
        self._pruned = self._told = 0.0
        self._untold = False

    def run(self) -> None:
        self.walls.start()
        try:
            again_and_again(self._turn, self.stopping, self.postgres, "live process")
        finally:
            self.hints.close()
            self.walls.changed()
            self.walls.join()

    def _turn(self) -> None:
        began = time.monotonic()
        if self.leads():
            self.turn()
        else:
            self.stopping.wait(LOOK_SECONDS)
        self.postgres.worked(began)

    def leads(self) -> bool:
        """Whether this process holds the lock, which lasts as long as its connection."""
        if self._led_on is not None and self._led_on is connection.connection:
            return True
        self.walls.lead(False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LEADER])
            leads = bool(cursor.fetchone()[0])
        self._led_on = connection.connection if leads else None
        self.walls.lead(leads)
        return leads

    def turn(self) -> None:
        """Fold a batch; where nothing was left to fold, wait for a reason to look again."""
        folded = folding.fold_batch(timezone.now())
        if folded:
            self.walls.changed()
            self._untold = True
        self._tell()
        if time.monotonic() - self._pruned >= PRUNE_SECONDS:
            self._prune()
        if not folded:
            self._wait()

    def _tell(self) -> None:
        """Tell the apps that the record changed, at once but not again within two seconds: each
        time costs a recount, and while its day is counted no news of a queue are stored."""
        if self._untold and time.monotonic() - self._told >= TELL_SECONDS:
            self._untold, self._told = False, time.monotonic()
            signals.record_changed.send(sender=LiveProcess)

    def _prune(self) -> None:
        # The coming month is made before its first call needs it, in a moment of its own.
        now = timezone.now()
        partitions.ensure_months({partitions.month_of(now), partitions.month_of(now + AHEAD)})
        # Small steps, so that news never waits long behind them.
        if folding.prune(now) < folding.PRUNED_AT_ONCE and aside.prune(now) < aside.PRUNED_AT_ONCE:
            self._pruned = time.monotonic()

    def _wait(self) -> None:
        if self.redis.waiting:
            self.stopping.wait(UNHINTED_SECONDS)
            return
        began = time.monotonic()
        try:
            if bus.CHANGED in self.hints.wait(LOOK_SECONDS):
                self.walls.changed()
            self.redis.worked(began)
        except RedisError as away:
            self.hints.close()
            self.redis.failed(away)
