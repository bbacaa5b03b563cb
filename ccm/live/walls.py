"""Frames out to the walls, on a thread of their own: news are folded while they are drawn."""

import threading
import time

from django.utils import timezone
from redis.exceptions import RedisError

from ccm.live import bus
from ccm.live.outage import Outage, again_and_again
from ccm.live.publish import Publisher

FRAME_SECONDS = 1.0
# Frames that changed figures call for come no closer together than this, nor than twice as long as
# it takes to draw them, so that half the time is left to fold; a second is always enough.
BREATH_SECONDS = 0.2


class Walls(threading.Thread):
    """Publishes while it is told to (`lead`), each second and when figures `changed`, until
    `stopping` is set."""

    def __init__(self, stopping: threading.Event, redis: Outage, postgres: Outage) -> None:
        super().__init__(name="walls", daemon=True)
        self.stopping, self.redis, self.postgres = stopping, redis, postgres
        self.publisher = Publisher(bus.client())
        self._leads, self._news = threading.Event(), threading.Event()
        self._published = self._took = 0.0

    def run(self) -> None:
        again_and_again(self._turn, self.stopping, self.postgres, "drawing of walls")

    def lead(self, leads: bool) -> None:
        """Whether this process is the one that publishes."""
        if leads:
            self._leads.set()
        else:
            self._leads.clear()

    def changed(self) -> None:
        """Figures changed: walls are due sooner."""
        self._news.set()

    def _turn(self) -> None:
        if not self._leads.wait(FRAME_SECONDS):
            return
        if (left := self._due_in()) > 0:
            # Once there are news nothing more wakes it.
            (self.stopping if self._news.is_set() else self._news).wait(left)
        elif self.redis.waiting:
            self.stopping.wait(BREATH_SECONDS)
        else:
            self._publish()

    def _due_in(self) -> float:
        breath = max(BREATH_SECONDS, 2 * self._took) if self._news.is_set() else FRAME_SECONDS
        return self._published + min(breath, FRAME_SECONDS) - time.monotonic()

    def _publish(self) -> None:
        self._published = time.monotonic()
        self._news.clear()
        try:
            if self.publisher.publish(timezone.now()):
                self.redis.worked(self._published)
        except RedisError as away:
            self.redis.failed(away)
        self._took = time.monotonic() - self._published
