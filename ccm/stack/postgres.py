"""PostgreSQL: made once, started, asked whether it answers, stopped.

What it is told goes on its command line, where nothing is secret; nothing of ours is written into
its folder.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import psycopg2  # type: ignore[import-untyped]
from psycopg2 import extensions, sql

from ccm.stack import processes
from ccm.stack.places import Place, Programs, StackError

APPLICATION = "ccm"
SUPERUSER = "postgres"
SOCKET = ".s.PGSQL.5432"
START_SECONDS = 120.0  # a crash may leave much to replay
STOP = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 4.0), (signal.SIGKILL, 2.0))

# A laptop beside other work: a quarter of a gigabyte, no compiling of queries that take
# milliseconds, and no replica to write the log for.
OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One file per day of the week, each begun anew a week later.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
}
if sys.platform == "linux":
    # After a crash the file system is flushed at once, not file by file: there are thousands.
    OPTIONS["recovery_init_sync_method"] = "syncfs"
# For a database that is thrown away: a power cut may take it.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "5min",
}


class Postgres:
    """One cluster in `place`, reached through `sockets`."""

    def __init__(self, place: Place, programs: Programs, sockets: Path) -> None:
        self.place = place
        self.programs = programs
        self.sockets = sockets
        self.data = place.state / "postgres"
        self.passwords = place.passwords()

    def ensure(self, *, fast: bool, createdb: bool) -> None:
        """Have it running with the application's role and database. Call it under the lock."""
        if self._answers():
            return
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        if not (self.pid() and self._wait_if_starting()):
            self.stop()
            self._start(OPTIONS | (FAST if fast else {}))
        self._make_application(createdb)

    def pid(self) -> int | None:
        """The server's process, when one runs on this very folder."""
        pid = self._recorded_pid()
        return pid if pid and str(self.data) in processes.command_of(pid) else None

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, what was committed is kept."""
        if (pid := self.pid()) and not processes.end(pid, STOP):
            raise StackError(f"PostgreSQL (process {pid}) does not stop.")

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _connect(self, user: str, database: str) -> Any:
        return psycopg2.connect(
            host=str(self.sockets),
            port=5432,
            user=user,
            password=self.passwords[user],
            dbname=database,
            connect_timeout=5,
            application_name="callcenter stack",
        )

    def _answers(self) -> bool:
        """Whether it runs, and knows the application."""
        try:
            self._connect(APPLICATION, APPLICATION).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        """Make the cluster aside and move it into place, so that a half-made one never counts."""
        unfinished = self.data.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.place.home) as password:
            password.write(self.passwords[SUPERUSER])
            password.flush()
            if self.place.account.gid is not None:
                shutil.chown(password.name, group=self.place.account.gid)
                Path(password.name).chmod(0o640)
            done = subprocess.run(  # noqa: S603
                [
                    str(self.programs.postgres / "initdb"),
                    f"--pgdata={unfinished}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions",
                ],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                start_new_session=True,
                **self.place.account.popen_options(),
            )
        if done.returncode:
            raise StackError(f"PostgreSQL could not make its folder: {done.stderr.strip()}")
        unfinished.rename(self.data)

    def _check_version(self) -> None:
        """Refuse a folder of another major version: its pages would not be understood."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        shown = subprocess.run(  # noqa: S603
            [str(self.programs.postgres / "postgres"), "--version"],
            capture_output=True,
            text=True,
            **self.place.account.popen_options(),
        )
        if shown.returncode:
            raise StackError(f"PostgreSQL's program does not run here: {shown.stderr.strip()}")
        if f" {made_by}." not in shown.stdout:
            raise StackError(
                f"The data in {self.data} were made by PostgreSQL {made_by}, and this is "
                f"{shown.stdout.split()[-1]}: dump them with the old one and load them anew."
            )

    def _start(self, options: dict[str, str]) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            with tempfile.TemporaryFile() as said:
                process = self._launch(options, said)
                if self._wait(process, until):
                    process.returncode = 0  # not ours to wait for: it lives on when we end
                    return
                said.seek(0)
                words = said.read().decode(errors="replace")
            words = f"{words.strip()}\n{self._log_tail()}".strip()
            if "pre-existing shared memory block" not in words or time.monotonic() > until:
                raise StackError(f"PostgreSQL did not start: {words}")
            # Sessions of a killed server look up only when their query is done.
            for orphan in processes.working_in(self.data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGQUIT)
            time.sleep(0.5)

    def _launch(self, options: dict[str, str], said: IO[bytes]) -> subprocess.Popen[bytes]:
        for leftover in (SOCKET, f"{SOCKET}.lock"):
            (self.sockets / leftover).unlink(missing_ok=True)
        settings = options | {"unix_socket_directories": f'"{self.sockets}"'}
        how = self.place.account.popen_options()
        if stale := self._recorded_pid():
            processes.reap(stale)
            # No server of ours (`ensure` looked), but the number may be someone else's by now,
            # and PostgreSQL would wait for it. It believes the name of a grandparent; its own
            # check, of the memory that sessions of a killed server still hold, stays.
            how["env"] = how["env"] | {"PG_GRANDPARENT_PID": str(stale)}
        return subprocess.Popen(  # noqa: S603
            [
                str(self.programs.postgres / "postgres"),
                "-D",
                str(self.data),
                *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is for us
            **how,
        )

    def _wait(self, process: "subprocess.Popen[bytes] | None", until: float) -> bool:
        """Wait for an answer. False when the process ends first, or nothing answers in time."""
        while time.monotonic() < until:
            try:
                self._connect(SUPERUSER, "postgres").close()
            except psycopg2.OperationalError as refused:
                if "password authentication failed" in str(refused):
                    raise StackError(
                        f"The passwords in {self.place.home} are not those of its database."
                    ) from None
            else:
                return True
            if process.poll() is not None if process else self.pid() is None:
                return False
            time.sleep(0.05)
        return False

    def _wait_if_starting(self) -> bool:
        """A server that runs but does not answer: is it still replaying, or cut off?"""
        if not (self.sockets / SOCKET).exists():
            return False  # its folder was taken away; it cannot be reached any more
        return self._wait(None, time.monotonic() + START_SECONDS)

    def _log_tail(self) -> str:
        """The last words of its newest log."""
        logs = sorted((self.data / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)
        return logs[-1].read_text(errors="replace")[-600:].strip() if logs else ""

    def _make_application(self, createdb: bool) -> None:
        """The application's role, no superuser, and the database it owns."""
        role, database = sql.Identifier(APPLICATION), sql.Identifier(APPLICATION)
        with contextlib.closing(self._connect(SUPERUSER, "postgres")) as connection:
            connection.autocommit = True  # CREATE DATABASE wants no transaction
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
                if cursor.fetchone() is None:
                    # The scrambled password, so that no log can ever hold the plain one.
                    secret = extensions.encrypt_password(
                        self.passwords[APPLICATION], APPLICATION, connection, "scram-sha-256"
                    )
                    may = sql.SQL("CREATEDB" if createdb else "NOCREATEDB")
                    words = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}")
                    cursor.execute(words.format(role, may, sql.Literal(secret)))
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [APPLICATION])
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
