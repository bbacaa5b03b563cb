"""Faults while a queue_log is followed: `python -m tests.heavy.faults_follow --times 50`.

A log is written a few bytes at a time, so that whatever happens happens mid-line. Of each kind of
fault there are so many, one after the other: the follower ended by SIGKILL and started anew; the
log renamed, or copied and emptied, with half a line in it; PostgreSQL shut down at once and started
anew; and all of them mixed. In the end the record must hold the very rows of one import of all that
was written: calls with their ids, rings, states, restarts.
"""

import argparse
import os
import signal
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from ccm import stack

CALLS_A_FAULT = 12
PATIENCE_SECONDS = 120.0
KINDS = ("kill -9", "renamed", "copied and emptied", "PostgreSQL", "mixed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    asked = parser.parse_args()
    os.environ.setdefault("CCM_REDIS_PREFIX", "follow:")
    with stack.running(name="follow", createdb=True) as servers:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
        import django

        django.setup()
        from django.core.management import call_command

        from tests.heavy.emptied import empty_the_record

        call_command("migrate", verbosity=0)
        empty_the_record()
        for kind in asked.kinds:
            with tempfile.TemporaryDirectory() as folder:
                Trial(Path(folder), Random(asked.seed), servers, kind).run(asked.times)


class Trial:
    """One kind of fault at a site of its own."""

    def __init__(self, folder: Path, random: Random, servers: Any, kind: str) -> None:
        self.folder, self.random, self.servers, self.kind = folder, random, servers, kind
        self.log = folder / "queue_log"
        self.log.touch()
        self.longest = 0.0

    def run(self, times: int) -> None:
        from ccm.models import Site
        from tests.ccm.live import follow_words
        from tests.heavy.kills import a_log
        from tests.program import Command

        began = time.monotonic()
        name = self.kind.replace(" ", "-")
        site = Site.objects.create(name=name, slug=name, zone="Europe/London")
        text = b"".join(a_log(self.random, CALLS_A_FAULT * times, 0))
        expected = follow_words.imported(site, self.folder, text)
        words = ("follow", "queue_log", str(self.log), "--site", name, "--every", "0.1")
        self.follower = Command(self.folder / "follower.log", *words)
        try:
            self._wait_until(lambda: self._read() == 0)
            size = len(text)
            for number in range(times):
                self._write(text[number * size // times : (number + 1) * size // times])
            self._wait_until(lambda: self._read() == text.count(b"\n"))
        finally:
            self.follower.stop()
        told = follow_words.record(site)
        for what, mine, theirs in zip(
            ("calls", "rings", "states", "restarts"), told, expected, strict=True
        ):
            assert mine == theirs, f"{self.kind}: {what} differ"
        print(
            f"{self.kind}: {times} faults in {(time.monotonic() - began) / 60:.1f} min,"
            f" {text.count(bytes([10])):,} lines, {len(told[0]):,} calls, {len(told[1]):,} rings,"
            f" {len(told[2]):,} states: the rows of one import; after a fault read up to its end"
            f" within {self.longest:.1f} s",
            flush=True,
        )

    def _write(self, part: bytes) -> None:
        """Write some lines, with a fault amid them."""
        fault = self.random.randrange(1, len(part))
        done = 0
        while done < len(part):
            step = min(len(part) - done, self.random.randrange(1, 400))
            if done < fault:
                step = min(step, fault - done)
            with self.log.open("ab") as file:
                file.write(part[done : done + step])
            done += step
            if done == fault:
                self._fault()
                began = time.monotonic()
            time.sleep(self.random.uniform(0, 0.03))
        written = self._written()
        self._wait_until(lambda: self._read() >= written)
        self.longest = max(self.longest, time.monotonic() - began)

    def _written(self) -> int:
        """Whole lines so far, over all files."""
        parts = sorted(self.folder.glob("queue_log.*"), key=lambda one: -int(one.suffix[1:]))
        return b"".join(one.read_bytes() for one in [*parts, self.log]).count(b"\n")

    def _fault(self) -> None:
        from tests.ccm.live.follow_words import copy_and_truncate, rename

        kind = self.random.choice(KINDS[:-1]) if self.kind == "mixed" else self.kind
        if kind == "kill -9":
            # Wherever it is: at rest, or amid what was just written.
            self.follower.kill()
            self.follower.start()
            time.sleep(self.random.uniform(0, 0.5))
        elif kind == "renamed":
            rename(self.log)
            time.sleep(self.random.choice([0, 0.05, 0.3]))
        elif kind == "copied and emptied":
            copy_and_truncate(self.log)
        else:
            os.kill(self.servers.postgres.pid(), signal.SIGQUIT)
            self._wait_until(lambda: self.servers.postgres.pid() is None)
            self.servers.keep()

    @staticmethod
    def _read() -> int:
        """Lines that were read; -1 where nothing is followed yet, or the database is away."""
        from django.db import DatabaseError, InterfaceError, connection

        from ccm.models import FollowedLog

        try:
            newest = FollowedLog.objects.order_by("-pk").values_list("read", flat=True).first()
        except (DatabaseError, InterfaceError):
            connection.close()
            return -1
        return -1 if newest is None else newest

    def _wait_until(self, holds: Any) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < until, self.follower.said()
            time.sleep(0.02)


if __name__ == "__main__":
    main()
