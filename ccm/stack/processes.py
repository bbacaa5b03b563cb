"""Other processes: whether one lives, which one it is, and its orderly end."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Of those who are not root Linux takes one change of a session's share in a tenth of a second.
_SLOW_TRIES, _SLOW_SECONDS = 5, 0.11


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that runs the servers; None means the one we are."""

    uid: int | None = None
    gid: int | None = None

    @property
    def owner(self) -> int:
        return os.geteuid() if self.uid is None else self.uid

    def popen_options(self) -> dict[str, Any]:
        """Keywords for subprocess: this account, no secret or stray setting in the environment."""
        options: dict[str, Any] = {
            "cwd": "/",
            "umask": 0o077,
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        }
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may use what lies in `folder`, asked by trying."""
        tried = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            **self.popen_options(),
        )
        return tried.returncode == 0


def slow(pid: int, niceness: int) -> None:
    """Have a process give way to others that want the processor, as far as we may.

    Linux shares it out among sessions first: that of a process that leads one gives way, too.
    """
    with contextlib.suppress(OSError):
        niceness = max(niceness, os.getpriority(os.PRIO_PROCESS, pid))
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
        if os.getsid(pid) == pid:
            _slow_session(Path(f"/proc/{pid}/autogroup"), niceness)


def _slow_session(group: Path, niceness: int) -> None:
    present = int(group.read_text().split()[-1])
    for _try in range(_SLOW_TRIES):
        try:
            group.write_text(str(max(niceness, present)))
            return
        except BlockingIOError:
            time.sleep(_SLOW_SECONDS)


def command_of(pid: int) -> str:
    """The command line of a live process; empty when there is none, or only a zombie."""
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
    except OSError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
    )
    return shown.stdout.strip()


def working_in(folder: Path) -> list[int]:
    """Processes whose working directory this is, where the system tells (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


def reap(pid: int) -> None:
    """Collect a child of ours that has ended; anyone else's is none of our business."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def end(pid: int, steps: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Send each signal and give it its seconds. True when the process is gone."""
    for sign, seconds in steps:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return True
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            reap(pid)
            if not command_of(pid):
                return True
            time.sleep(0.05)
    return False
