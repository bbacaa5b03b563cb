"""Where the web processes of a machine put their counts together, for any of them to tell.

They share a port, so whoever is asked for `/metrics` must answer for all. Each writes into files of
its own in a folder of the first, which is gone with it; one that a killed server left is removed by
the next. Nothing here may load prometheus_client: that looks for the folder as it is loaded.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ccm.stack.places import open_lock

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_NAME = "ccm-counts-"
_LOCK = "held"


@contextlib.contextmanager
def together() -> Iterator[Path]:
    """Have this process, and those that it begins, count in one new folder until the block ends."""
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_NAME, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        with open_lock(folder / _LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = os.environ.get(VARIABLE)
            os.environ[VARIABLE] = made
            try:
                yield folder
            finally:
                os.environ.pop(VARIABLE, None)
                if before is not None:
                    os.environ[VARIABLE] = before


def _sweep(base: Path) -> None:
    """Remove what servers left that were killed: their folders are held by nobody."""
    for left in base.glob(f"{_NAME}*"):
        with contextlib.suppress(OSError):
            if left.is_symlink() or left.stat().st_uid != os.geteuid():
                continue
            with open_lock(left / _LOCK) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)


def is_shared() -> bool:
    """Whether the counts of this process lie with those of others."""
    return bool(os.environ.get(VARIABLE))
