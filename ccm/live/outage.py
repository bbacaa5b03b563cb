"""A server that is away: told once, asked ever less often, and no reason to stop."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection

log = logging.getLogger(__name__)

MOST_BACKOFF = 2.0
PUZZLED_SECONDS = 1.0
# What a statement of ours takes at most beside much other work, and how long those who wait to tell
# something need to be heard once the database answers.
ANSWERS_WITHIN_SECONDS, CATCHES_UP_SECONDS = 1.5, 2.0
# The database is away or busy: nothing that was to be written is to blame, it is simply done again.
# ProgrammingError: its tables are older or newer than this code, as during an upgrade.
AWAY = (OperationalError, InterfaceError, ProgrammingError)


class Outage:
    """A server's absence: told once when it begins and once when it is over. For all threads that
    ask the server."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.tries = 0
        self._until = self._failed_at = 0.0

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
        self._failed_at = time.monotonic()
        self._until = self._failed_at + self.seconds
        self.tries += 1

    def worked(self, since: float = math.inf) -> None:
        """A try that began then (monotonic) went well. One that began before another thread's
        failed says nothing of the server as it is."""
        if since < self._failed_at:
            return
        if self.tries:
            log.warning("%s answers again", self.server)
        self.tries = 0
        self._until = 0.0


class Standstill:
    """When a thread last waited so long for the database that others wait, too, with what they have
    to tell: what is read next is older than it seems.

    It wraps statements (`connection.execute_wrapper`).
    """

    def __init__(self) -> None:
        self._until = 0.0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            if time.monotonic() - began > ANSWERS_WITHIN_SECONDS:
                self.ended()

    def ended(self) -> None:
        self._until = time.monotonic() + CATCHES_UP_SECONDS

    @property
    def left(self) -> float:
        """Seconds until what was to be told meanwhile is there."""
        return max(0.0, self._until - time.monotonic())


def again_and_again(
    turn: Callable[[], None], stopping: threading.Event, postgres: Outage, what: str
) -> None:
    """Do a turn of `what` until told to stop, whatever goes wrong in one; lets go of the thread's
    connection to the database at the end, and whenever something went wrong.

    What nobody foresaw is told, but not twice in a row.
    """
    puzzle = ""
    try:
        while not stopping.is_set():
            try:
                turn()
                puzzle = ""
            except Exception as error:
                connection.close()
                if is_away(error):
                    postgres.failed(error)
                    stopping.wait(postgres.seconds)
                    continue
                if repr(error) != puzzle:
                    log.exception("%s goes on after an error", what)
                puzzle = repr(error)
                stopping.wait(PUZZLED_SECONDS)
    finally:
        connection.close()


def is_away(error: Exception) -> bool:
    # A server that is just going down leaves some statements with an error of no kind.
    return isinstance(error, AWAY) or type(error) is DatabaseError
