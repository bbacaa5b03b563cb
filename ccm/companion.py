"""A process beside this one that ends with it: at its word, or when it is gone without one."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ccm.supervise import FIRST_PAUSE_SECONDS, HEALTHY_SECONDS, LONGEST_PAUSE_SECONDS, ending

log = logging.getLogger(__name__)

# Less than who ends the process that keeps it allows (`ccm.up`).
PATIENCE_SECONDS = 1.5
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Companion:
    """What is to run beside this process."""

    command: Sequence[str]
    what: str
    """Its name in the log."""
    patience: float = PATIENCE_SECONDS
    """Seconds it is given to end."""
    files: Sequence[int] = ()
    """Descriptors of ours that it has, too, by the same numbers."""


@contextmanager
def kept(companion: Companion, over: threading.Event) -> Iterator[None]:
    """Have it run, and again when it ended, until `over` is set or the block ends. We hold
    the other end of its standard input, and it is to end with that (`when_alone`)."""
    keeper = threading.Thread(target=_keep, args=[companion, over], name=companion.what)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(companion: Companion, over: threading.Event) -> None:
    pause = FIRST_PAUSE_SECONDS
    while not over.is_set():
        began = time.monotonic()
        try:
            how = ending(_run(companion, over))
        except OSError as why:
            how = str(why)
        if over.is_set():
            return
        if time.monotonic() - began >= HEALTHY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        log.warning("%s ended (%s); it starts again in %.0f s", companion.what, how, pause)
        over.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _run(companion: Companion, over: threading.Event) -> int:
    """Until it ended, or `over` is set and it was ended: how. Raises OSError."""
    # In a session of its own, so that the system can share out the processor between the two.
    process = subprocess.Popen(  # noqa: S603
        companion.command,
        stdin=subprocess.PIPE,
        start_new_session=True,
        pass_fds=companion.files,
    )
    assert process.stdin is not None
    with process.stdin:
        while process.poll() is None and not over.wait(_LOOK_SECONDS):
            continue
    try:
        return process.wait(companion.patience)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def when_alone(do: Callable[[], None], patience: float = PATIENCE_SECONDS) -> None:
    """In such a process: `do` when the one that began it is gone or lets go of it, and end where
    that has no effect after so many seconds: it may be in a statement that lasts."""

    def listen() -> None:
        # Until its end: nothing is ever written. Not as a file of Python's, which aborts when it is
        # to end while somebody reads one.
        os.read(0, 1)
        do()
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=listen, name="alone", daemon=True).start()
