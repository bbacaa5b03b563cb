"""A process beside this one that ends with it: at its word, or when it is gone without one."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ccm.supervise import FIRST_PAUSE_SECONDS, HEALTHY_SECONDS, LONGEST_PAUSE_SECONDS, ending

log = logging.getLogger(__name__)

# Less than who ends the process that keeps it allows (`ccm.up`).
PATIENCE_SECONDS = 1.5
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
    pause = FIRST_PAUSE_SECONDS
    while not over.is_set():
        began = time.monotonic()
        try:
            how = ending(_run(command, over))
        except OSError as why:
            how = str(why)
        if over.is_set():
            return
        if time.monotonic() - began >= HEALTHY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        log.warning("%s ended (%s); it starts again in %.0f s", what, how, pause)
        over.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _run(command: Sequence[str], over: threading.Event) -> int:
    """Until it ended, or `over` is set and it was ended: how. Raises OSError."""
    # In a session of its own, so that the system can share out the processor between the two.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
    assert process.stdin is not None
    with process.stdin:
        while process.poll() is None and not over.wait(_LOOK_SECONDS):
            continue
    try:
        return process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def when_alone(do: Callable[[], None]) -> None:
    """In such a process: `do` when the one that began it is gone or lets go of it, and end where
    that has no effect: it may be in a statement that lasts."""

    def listen() -> None:
        # Until its end: nothing is ever written. Not as a file of Python's, which aborts when it is
        # to end while somebody reads one.
        os.read(0, 1)
        do()
        time.sleep(PATIENCE_SECONDS)
        os._exit(1)

    threading.Thread(target=listen, name="alone", daemon=True).start()
