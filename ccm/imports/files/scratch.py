"""Folders for what an import unpacks: gone with the block, or, after a kill, with the next one.

Whoever uses a folder holds a lock on it, which the kernel lets go of when the process dies.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "ccm-import-"
# One just made is not locked yet.
YOUNG_SECONDS = 60.0


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """An empty folder for as long as the block lasts. Those of killed imports are removed."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, _held(Path(name)) as held:
        assert held
        yield Path(name)


def _sweep() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            about = left.lstat()
            if about.st_uid != os.geteuid() or time.time() - about.st_mtime < YOUNG_SECONDS:
                continue
            with _held(left) as held:
                if held:
                    shutil.rmtree(left)


@contextlib.contextmanager
def _held(place: Path) -> Iterator[bool]:
    """Whether we alone hold the folder, while inside."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = True
    except BlockingIOError:
        held = False
    try:
        yield held
    finally:
        os.close(handle)
