"""A process that is asked to end: by an event for what it does, and for good after some seconds.

A handler of signals must not set an event itself: it runs in the thread that waits for it, and may
come while that holds the event's own lock. Nor would it run at all while the thread is in a
statement of the database that lasts.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

# Less than a container is given before it is killed. What it is in the middle of is a transaction,
# and done again.
GRACE_SECONDS = 8.0
STILL = "still here"
_SIGNS = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def to_end(grace: float = GRACE_SECONDS) -> Iterator[threading.Event]:
    """The event that is set once SIGTERM or SIGINT came. A process that is still there so many
    seconds later, in the block or after it, says on its standard error where each of its threads
    stood, and ends with 1. In the main thread alone."""
    over = threading.Event()
    heard, told = os.pipe()
    os.set_blocking(told, False)
    threading.Thread(target=_listen, args=[heard, over, grace], name="asked", daemon=True).start()
    # Python tells the pipe of a signal at once, whatever the main thread is doing.
    woken = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    before = {sign: signal.signal(sign, lambda *_: None) for sign in _SIGNS}
    try:
        yield over
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
        signal.set_wakeup_fd(woken)
        os.close(told)


def _listen(heard: int, over: threading.Event, grace: float) -> None:
    while (signs := os.read(heard, 16)) and set(signs).isdisjoint(_SIGNS):
        continue
    if not signs:  # the block is over, and nobody asked
        os.close(heard)
        return
    over.set()
    time.sleep(grace)
    with contextlib.suppress(Exception):
        sys.stderr.write(f"{STILL} {grace:.0f} s after it was asked to end; it stood here:\n")
        sys.stderr.flush()
        faulthandler.dump_traceback(all_threads=True)
    os._exit(1)
