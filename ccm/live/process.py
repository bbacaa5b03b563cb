"""The live process: events from the inbox into the record, frames out to the walls.

Any number may run; the one that holds a lock in the database works and the others wait for it.
When a server is away it says so once, tries again ever more slowly, and goes on.
"""

import logging
import threading
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from redis.client import PubSub
from redis.exceptions import RedisError

from ccm import partitions, signals
from ccm.live import bus, folding
from ccm.live.publish import Publisher

log = logging.getLogger(__name__)

# Any number will do as long as nothing else in this database locks the same one.
_LEADER = 0x63636D_02
FRAME_SECONDS = 1.0
# Frames that changed figures call for come no closer together than this, nor than twice as long as
# it takes to draw them, so that half the time is left to fold; a second is always enough.
BREATH_SECONDS = 0.2
PRUNE_SECONDS = 60.0
# So long before it begins, a month has its place.
AHEAD = timedelta(days=3)
MOST_BACKOFF = 2.0


class Outage:
    """A server's absence: told once when it begins and once when it is over."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.tries = 0
        self._until = 0.0

    @property
    def seconds(self) -> float:
        """How long to leave the server alone after the latest try."""
        return float(min(MOST_BACKOFF, 0.5 * 2**self.tries))

    @property
    def waiting(self) -> bool:
        """Whether it is too early to try again."""
        return time.monotonic() < self._until

    def failed(self, reason: Exception) -> None:
        if not self.tries:
            words = " ".join(str(reason).split())[:200]
            log.warning("%s does not answer; trying again (%s)", self.server, words)
        self._until = time.monotonic() + self.seconds
        self.tries += 1

    def worked(self) -> None:
        if self.tries:
            log.warning("%s answers again", self.server)
        self.tries = 0
        self._until = 0.0


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
        self.hints, self.publisher = Hints(), Publisher(bus.client())
        self._led_on: object = None
        self._changed = False
        self._published = self._took = self._pruned = 0.0
        self._puzzle = ""

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self._safe_turn()
        finally:
            self.hints.close()
            connection.close()

    def _safe_turn(self) -> None:
        try:
            if self.leads():
                self.turn()
            else:
                self.stopping.wait(FRAME_SECONDS)
            self.postgres.worked()
            self._puzzle = ""
        except folding.AWAY as away:
            connection.close()
            self.postgres.failed(away)
            self.stopping.wait(self.postgres.seconds)
        except Exception as puzzle:
            # What nobody foresaw must not stop the walls; the same is not told twice in a row.
            connection.close()
            if repr(puzzle) != self._puzzle:
                log.exception("live process goes on after an error")
            self._puzzle = repr(puzzle)
            self.stopping.wait(FRAME_SECONDS)

    def leads(self) -> bool:
        """Whether this process holds the lock, which lasts as long as its connection."""
        if self._led_on is not None and self._led_on is connection.connection:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LEADER])
            leads = bool(cursor.fetchone()[0])
        self._led_on = connection.connection if leads else None
        return leads

    def turn(self) -> None:
        """Fold a batch, publish what is due, and wait for the next reason to do so."""
        folded = folding.fold_batch(timezone.now())
        if folded:
            self._changed = True
            signals.record_changed.send(sender=LiveProcess)
        self._publish_when_due()
        if folded == folding.BATCH:
            return
        if time.monotonic() - self._pruned >= PRUNE_SECONDS:
            self._prune()
        self._wait()

    def _due_in(self) -> float:
        breath = max(BREATH_SECONDS, 2 * self._took) if self._changed else FRAME_SECONDS
        return self._published + min(breath, FRAME_SECONDS) - time.monotonic()

    def _publish_when_due(self) -> None:
        if self.redis.waiting or self._due_in() > 0:
            return
        self._published = time.monotonic()
        self._changed = False
        try:
            if self.publisher.publish(timezone.now()):
                self.redis.worked()
        except RedisError as away:
            self._lose_redis(away)
        self._took = time.monotonic() - self._published

    def _prune(self) -> None:
        # The coming month is made before its first call needs it, in a moment of its own.
        now = timezone.now()
        partitions.ensure_months({partitions.month_of(now), partitions.month_of(now + AHEAD)})
        # Small steps, so that news never waits long behind them.
        if folding.prune(timezone.now()) < folding.PRUNED_AT_ONCE:
            self._pruned = time.monotonic()

    def _wait(self) -> None:
        seconds = min(FRAME_SECONDS, max(0.0, self._due_in()))
        if self.redis.waiting:
            self.stopping.wait(seconds or BREATH_SECONDS)
            return
        try:
            if bus.CHANGED in self.hints.wait(seconds):
                self._changed = True
            self.redis.worked()
        except RedisError as away:
            self._lose_redis(away)

    def _lose_redis(self, away: RedisError) -> None:
        self.hints.close()
        self.redis.failed(away)
