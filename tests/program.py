"""The program as it is run: `callcenter` commands as processes, on the database of the tests."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from ccm import asked

START_SECONDS = 60
STOP_SECONDS = 40


def alone() -> dict[str, str]:
    """The environment of a process that reaches nobody outside this machine (`tests/alone.py`)."""
    root = Path(__file__).parents[1]
    paths = [str(root / "tests" / "starting"), str(root), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(one for one in paths if one)}


class Command:
    """One `callcenter` command, running until it is stopped."""

    def __init__(self, log: Path, *words: str, **environment: str) -> None:
        self.words, self.log, self.environment = words, log, environment
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Run it, in a group of its own. It ends with the tests, however they end."""
        address = urlsplit(os.environ["DATABASE_URL"])
        environment = alone() | {
            "DATABASE_URL": address._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
            "CCM_PARENT": str(os.getpid()),
            **self.environment,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ccm.cli", *self.words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end; {self.said()}") from None
        else:
            if asked.STILL in (said := self.said()):
                warnings.warn(said, stacklevel=2)
        finally:
            self.process.kill()
            self.process = None

    def kill(self) -> None:
        """End it and all that it started as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def said(self) -> str:
        """Everything it wrote, for the words of a failure."""
        return f"callcenter {' '.join(self.words)}:\n{self.log.read_text()}"

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Web(Command):
    """The pages on a port of their own."""

    def __init__(self, log: Path, processes: int = 1, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        words = ("--port", str(self.port), "--processes", str(processes))
        super().__init__(log, "serve", *words, **environment)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Until it is well."""
        until = time.monotonic() + START_SECONDS
        while not self._is_well():
            assert self.alive(), self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.1)

    def _is_well(self) -> bool:
        try:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except OSError:
            return False


def wait_for_quiet() -> None:
    """Until no process of the program is at work in the database, which is about to be emptied."""
    until = time.monotonic() + 20
    still = 0
    # Between a task and the one that follows it the worker rests for a moment.
    while still < 10 and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            still = 0 if cursor.fetchone()[0] else still + 1
        time.sleep(0.02)
