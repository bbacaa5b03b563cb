"""Work done side by side in this process, each piece with a database connection of its own.

For what the database does and this process waits for: Python itself does one thing at a time.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg2  # type: ignore[import-untyped]
from django.db import connection

R = TypeVar("R")

# How often those who are to stop are asked again: between two statements nobody hears it.
_ASK_AGAIN_SECONDS = 0.1


class Abreast:
    """Takes pieces of work; `do` gives each one's result once it is there."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="abreast")
        self._begun: list[Future[Any]] = []
        self._sessions: set[Any] = set()

    def do(self, piece: Callable[[], R]) -> "Future[R]":
        """Have a piece done after those before it are begun. It may wait for their results."""
        self._begun.append(future := self._pool.submit(self._done, piece))
        return future

    def _done(self, piece: Callable[[], R]) -> R:
        try:
            connection.ensure_connection()
            self._sessions.add(session := connection.connection)
            try:
                return piece()
            finally:
                self._sessions.discard(session)
        finally:
            connection.close()

    def stop(self) -> None:
        """Begin nothing more, and have the database let go of what is going on."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        while not all(one.done() for one in self._begun):
            for session in tuple(self._sessions):
                with suppress(psycopg2.Error):  # it ended meanwhile
                    session.cancel()
            time.sleep(_ASK_AGAIN_SECONDS)

    def finish(self) -> None:
        """Wait for all of it. Raises what the first to fail raised, as soon as it did."""
        for future in wait(self._begun, return_when=FIRST_EXCEPTION).done:
            future.result()
        self._pool.shutdown()


class _Here:
    """The same, done at once by whoever asks."""

    def do(self, piece: Callable[[], R]) -> "Future[R]":
        done: Future[R] = Future()
        done.set_result(piece())
        return done


@contextmanager
def abreast(most: int) -> Iterator[Abreast | _Here]:
    """Do up to `most` pieces of work at once; all are done when the block ends. What fails, there
    or in the block, stops the others.

    Within a transaction all is done here, one after the other: nobody else would see its rows.
    """
    if connection.in_atomic_block:
        yield _Here()
        return
    hands = Abreast(most)
    try:
        yield hands
        hands.finish()
    except BaseException:
        hands.stop()
        raise
