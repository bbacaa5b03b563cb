"""Frames out to the walls: drawn by a process of their own, so that news are folded meanwhile.

Any number may run; the one that holds a lock in the database draws.
"""

import threading
import time

from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from ccm.live import bus
from ccm.live.alone import Alone, Hints
from ccm.live.outage import Outage, Standstill, again_and_again
from ccm.live.publish import Publisher
from ccm.watching import alive

# Any number will do as long as nothing else in this database locks the same one.
_LEADER = 0x63636D_04
FRAME_SECONDS = 1.0
# Frames that changed figures call for come no closer together than this.
BREATH_SECONDS = 0.2
# Many walls keep it busy: pages, and news of calls, want the processor first.
NICENESS = 5


class Walls:
    """Publishes each second and when figures changed, until `stopping` is set."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.redis, self.postgres = Outage("Redis"), Outage("PostgreSQL")
        self.standstill = Standstill()
        self.alone = Alone(_LEADER)
        self.hints = Hints(bus.hint_channel(bus.CHANGED))
        self.publisher = Publisher(bus.client())
        self._news = False
        self._published = 0.0

    def run(self) -> None:
        try:
            with connection.execute_wrapper(self.standstill):
                again_and_again(self._turn, self.stopping, self.postgres, "drawing of walls")
        finally:
            self.hints.close()

    def _turn(self) -> None:
        began = time.monotonic()
        if self.postgres.tries:
            self.standstill.ended()
        left = self._due_in()
        if not self.redis.waiting:
            alive.here(alive.turning(alive.WALLS))
        if not self.alone.hold():
            self.stopping.wait(FRAME_SECONDS)
        elif self.redis.waiting:
            self.stopping.wait(BREATH_SECONDS)
        elif left > 0 and self._news:
            # Once there are news nothing more makes frames due sooner.
            self.stopping.wait(left)
        else:
            try:
                self._hear_or_publish(left)
                self.redis.worked(began)
            except RedisError as away:
                self.hints.close()
                self.redis.failed(away)
        self.postgres.worked(began)

    def _hear_or_publish(self, left: float) -> None:
        if left > 0:
            self._news = self.hints.wait(left)
        elif bus.is_unheard():
            self.stopping.wait(BREATH_SECONDS)
        else:
            self._publish()

    def _due_in(self) -> float:
        apart = BREATH_SECONDS if self._news else FRAME_SECONDS
        # After the database stood still callers who were answered meanwhile would be seen to wait:
        # the frame of before stays, and says of when it is.
        return max(self._published + apart - time.monotonic(), self.standstill.left)

    def _publish(self) -> None:
        self._published = time.monotonic()
        # What was told until now is in the frames: it is not told again after them.
        self.hints.wait(0)
        self._news = False
        self.publisher.publish(timezone.now())
        alive.here(alive.WALLS)
