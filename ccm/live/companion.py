"""A process beside this one that ends with it: at its word, or when it is gone without one."""

import logging
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.2


@contextmanager
def kept(command: Sequence[str], what: str, over: threading.Event) -> Iterator[None]:
    """Have `command` run, and again when it ended, until `over` is set or the block ends. It holds
    the other end of its standard input, and is to end with that (`when_alone`)."""
    keeper = threading.Thread(target=_keep, args=[command, what, over], name=what)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(command: Sequence[str], what: str, over: threading.Event) -> None:
    while not over.is_set():
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
        while process.poll() is None and not over.wait(_LOOK_SECONDS):
            continue
        if process.returncode is None:
            _end(process)
        elif not over.is_set():
            log.warning("%s ended (%d); it starts again", what, process.returncode)
            over.wait(AGAIN_SECONDS)


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def when_alone(do: Callable[[], None]) -> None:
    """In such a process: `do` when the one that began it is gone or lets go of it."""

    def listen() -> None:
        # Until its end: nothing is ever written. Not as a file of Python's, which aborts when it is
        # to end while somebody reads one.
        os.read(0, 1)
        do()

    threading.Thread(target=listen, name="alone", daemon=True).start()
