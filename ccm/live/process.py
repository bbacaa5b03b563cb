"""The live process: events from the inbox into the record.

Any number may run; the one that holds a lock in the database works and the others wait for it.
When a server is away it says so once, tries again ever more slowly, and goes on.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from redis.exceptions import RedisError

from ccm import partitions, signals
from ccm.live import aside, bus, folding
from ccm.live.alone import Alone, Hints
from ccm.live.outage import Outage, again_and_again
from ccm.watching import alive

# Any number will do as long as nothing else in this database locks the same one.
_LEADER = 0x63636D_02
# Without a hint, and without the server that brings them, it looks for news this often.
LOOK_SECONDS, UNHINTED_SECONDS = 1.0, 0.2
TELL_SECONDS = 2.0
PRUNE_SECONDS = 60.0
# So long before it begins, a month has its place.
AHEAD = timedelta(days=3)


class LiveProcess:
    """Runs until `stopping` is set, and then finishes the batch it is in."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.redis, self.postgres = Outage("Redis"), Outage("PostgreSQL")
        self.alone = Alone(_LEADER)
        self.hints = Hints(bus.hint_channel(bus.EVENTS))
        self._pruned = self._told = 0.0
        self._untold = False

    def run(self) -> None:
        try:
            again_and_again(self._turn, self.stopping, self.postgres, "live process")
        finally:
            self.hints.close()

    def _turn(self) -> None:
        began = time.monotonic()
        if not self.redis.waiting:
            alive.here(alive.turning(alive.LIVE))
        if self.alone.hold():
            self.turn()
            if not self.redis.waiting:
                alive.here(alive.LIVE)
        else:
            self.stopping.wait(LOOK_SECONDS)
        self.postgres.worked(began)

    def turn(self) -> None:
        """Fold a batch; where nothing was left to fold, wait for a reason to look again."""
        folded = folding.fold_batch(timezone.now())
        if folded:
            self._redraw()
            self._untold = True
        self._tell()
        if time.monotonic() - self._pruned >= PRUNE_SECONDS:
            self._prune()
        if not folded:
            self._wait()

    def _tell(self) -> None:
        """Tell the apps that the record changed, at once but not again within two seconds: each
        time costs a recount."""
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

    def _redraw(self) -> None:
        """Have the walls drawn with what was folded."""
        if not self.redis.waiting:
            self._ask_redis(lambda: bus.hint(bus.CHANGED))

    def _wait(self) -> None:
        if self.redis.waiting:
            self.stopping.wait(UNHINTED_SECONDS)
        else:
            self._ask_redis(lambda: self.hints.wait(LOOK_SECONDS))

    def _ask_redis(self, ask: Callable[[], object]) -> None:
        began = time.monotonic()
        try:
            ask()
            self.redis.worked(began)
        except RedisError as away:
            self.hints.close()
            self.redis.failed(away)
