"""Valkey, which speaks Redis: a hint beside the database, so nothing of it is kept on disk."""

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import redis

from ccm.stack import processes, urls
from ccm.stack.places import Place, Programs, StackError

START_SECONDS = 20.0
STOP = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0))
LOG_BYTES = 1_000_000
SOCKET = "valkey.sock"

CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass {password}
dir "{state}"
logfile "{state}/valkey.log"
loglevel warning
save ""
appendonly no
databases 32
daemonize no
supervised no
set-proc-title no
"""


class Valkey:
    """One server in `place`, reached through `sockets`."""

    def __init__(self, place: Place, programs: Programs, sockets: Path) -> None:
        self.place = place
        self.programs = programs
        self.socket = sockets / SOCKET
        self.pidfile = place.state / "valkey.pid"
        self.password = place.passwords()["valkey"]

    @property
    def url(self) -> str:
        return urls.redis_url(self.socket, self.password)

    def ensure(self) -> None:
        """Have it running. Call it under the lock."""
        if self._answers():
            return
        self.stop()
        self._start()

    def pid(self) -> int | None:
        """The server's process, when it is the one started for this folder."""
        try:
            pid = int(self.pidfile.read_text())
        except (OSError, ValueError):
            return None
        return pid if str(self.pidfile) in processes.command_of(pid) else None

    def stop(self) -> None:
        if (pid := self.pid()) and not processes.end(pid, STOP):
            raise StackError(f"Valkey (process {pid}) does not stop.")

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _start(self) -> None:
        log = self.place.state / "valkey.log"
        with contextlib.suppress(OSError):
            if log.stat().st_size > LOG_BYTES:
                log.unlink()
        self.socket.unlink(missing_ok=True)
        process = subprocess.Popen(  # noqa: S603
            # The configuration comes through stdin: a command line is there for all to read.
            [str(self.programs.valkey), "--pidfile", str(self.pidfile), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for us
            **self.place.account.popen_options(),
        )
        config = CONFIG.format(socket=self.socket, state=self.place.state, password=self.password)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(config.encode())
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                raise StackError(f"Valkey did not start; its words may be in {log}.")
            time.sleep(0.05)
        process.returncode = 0  # not ours to wait for: it lives on when we end
