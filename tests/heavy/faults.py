"""Faults under a wall that is looked at: `python -m tests.heavy.faults --rounds 50`.

`callcenter up` runs a centre of its own in a temporary folder, and starts again what dies. A source
posts calls and people without a pause, and posts again what was not acknowledged; a screen follows
the contract of docs/live.md. Each round has one fault of each kind at a random moment. After each
the record must hold just what the source told, once, and the counts be those of it; the screen must
be right within 10 s, and must at no moment have shown as live what was not so within 10 s.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from ccm import lanes, stack
from tests.heavy.faults_beside import HOUR, Reader, Screen, Source, Truth, now_utc

# What the screen shows was so at most this long ago; counts take a recount.
LIVE_SECONDS, COUNTS_SECONDS = 3.0, 5.0
RIGHT_WITHIN, SHOWN_WITHIN = 10.0, 10.0
# A recount that could not even say that it failed is held for dead after half a minute.
COUNTED_AFTER_DISK = 45.0
WATCHED_SECONDS, PATIENCE_SECONDS = 12.0, 90.0
# The supervisor starts what dies again after a second, and after ever longer where it dies often.
HEALTHY_SECONDS = 62.0
# A server that hangs is heard again after so long, and a full disk is emptied.
HANGS_SECONDS, FULL_SECONDS = 5.0, 20.0
# Of a disk that is to be filled.
DISK_MEGABYTES = 1500
KINDS = (
    "valkey",
    "postgres",
    "valkey_hangs",
    "postgres_hangs",
    "disk",
    "live",
    "worker",
    "web",
    "ahead",
    "behind",
    "silent",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--only", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with a_centre(own_disk="disk" in asked.only) as centre:
        Trial(centre, Random(asked.seed)).run(asked.rounds, asked.only)


@contextmanager
def a_centre(*, own_disk: bool = False) -> "Iterator[Centre]":
    """A centre of its own in a temporary folder, with nothing in its record; Django is set up.

    With `own_disk` its data are on a small file system in memory, which takes root to mount.
    """
    folder = Path(tempfile.mkdtemp(prefix="ccm-faults-"))
    # Under root the servers' own user must pass through it.
    folder.chmod(0o711)
    if own_disk:
        data = folder / "data"
        data.mkdir(mode=0o711)
        how = f"size={DISK_MEGABYTES}m,mode=0711"
        subprocess.run(["mount", "-t", "tmpfs", "-o", how, "tmpfs", data], check=True)
    # Programs that start again find what Python keeps of modules, as where they are installed.
    left_out = ("DATABASE_URL", "REDIS_URL", "CCM_SECRET_KEY", "PYTHONDONTWRITEBYTECODE")
    before = {key: value for key, value in os.environ.items() if key not in left_out}
    for key in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(key, None)
    before["CCM_DATA_DIR"] = os.environ["CCM_DATA_DIR"] = str(folder / "data")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    try:
        with stack.running() as servers:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            with Centre(folder, before, servers) as centre:
                yield centre
    finally:
        if own_disk:
            subprocess.run(["umount", "--lazy", folder / "data"], check=False)
        shutil.rmtree(folder, ignore_errors=True)


class Centre:
    """`callcenter up` and its children."""

    def __init__(self, folder: Path, env: dict[str, str], servers: Any) -> None:
        self.folder, self.servers = folder, servers
        self.log = folder / "up.log"
        self.port = _free_port()
        self.env = env | {"CCM_PARENT": str(os.getpid())}
        self.killed: dict[str, float] = {}

    def __enter__(self) -> "Centre":
        words = ["up", "--no-demo", "--no-simulator", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ccm.cli", *words],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)

    def pid(self, name: str) -> int:
        """The child of this name; 0 where there is none just now. The worker is the one that
        counts, not that of long work."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError):
                continue
            mine = parent == self.process.pid and name.encode() in words[3:4]
            if mine and lanes.LONG.encode() not in words:
                return int(entry.name)
        return 0

    def wait_until_healthy(self, name: str) -> None:
        """Until the supervisor takes the child for one that does not die all the time."""
        while not self.pid(name):
            time.sleep(0.1)
        left = self.killed.get(name, 0.0) + HEALTHY_SECONDS - time.monotonic()
        time.sleep(max(0.0, left))

    def kill(self, name: str) -> None:
        """End it and all that it started as a power cut would."""
        os.killpg(self.pid(name), signal.SIGKILL)
        self.killed[name] = time.monotonic()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Trial:
    """The faults of all kinds in turn, and what the screen and the record were after each."""

    def __init__(self, centre: Centre, random: Random) -> None:
        from ccm.models import Site, User
        from kpis import kiosks
        from kpis.models import Board

        self.centre, self.random = centre, random
        # Noon there, so that an hour more or less is of the same day.
        offset = now_utc().hour - 12
        zone = f"Etc/GMT{offset:+d}" if offset else "UTC"
        self.site = Site.objects.create(name="Faults", slug="faults", zone=zone)
        user = User.objects.create(username="faults")
        board = Board.objects.get(site=self.site)
        board.tiles += [{"id": "lately", "kind": "figure", "kpi": "answered", "window": "15"}]
        board.save()
        _link, words = kiosks.make_link(board, "screen", user)
        self.truth = Truth()
        self.main = Source("switch", self._token("switch", user), centre.port, random, self.truth)
        self.side = Source("door", self._token("door", user), centre.port, random, Truth(), calls=0)
        self.screen = Screen(centre.port, f"/kiosk/{words}/token/")
        self.reader = Reader(centre.port, self._session())
        self.faults: dict[str, list[float]] = {}
        self.counts: dict[str, list[float]] = {}
        self.wrong: list[str] = []

    def _token(self, source: str, user: Any) -> str:
        from ccm.models import ApiToken

        expires = now_utc() + timedelta(days=1)
        return ApiToken.issue(
            name=source, user=user, site=self.site, source=source,
            scopes=[ApiToken.POST_EVENTS], expires_at=expires,
        )[1]  # fmt: skip

    def _session(self) -> str:
        """A cookie of an admin who is signed in."""
        from django.conf import settings
        from django.test import Client

        from ccm.access import ADMIN
        from tests.builders import a_user

        client = Client()
        client.force_login(a_user(ADMIN))
        name = settings.SESSION_COOKIE_NAME
        return f"{name}={client.cookies[name].value}"

    def run(self, rounds: int, kinds: list[str]) -> None:
        began = time.monotonic()
        everybody = (self.main, self.side, self.screen, self.reader)
        for one in everybody:
            one.start()
        try:
            self._until("the wall is there", self._right_for(2.0))
            for number in range(1, rounds + 1):
                for kind in kinds:
                    self._one(kind, number)
            minutes = (time.monotonic() - began) / 60
            for kind in self.faults:
                self._tell(kind)
            told = self.main.told
            print(
                f"{minutes:.0f} min: {len(told.events):,} events of {len(told.calls):,} calls,"
                f" {len(self.wrong)} things wrong; posts that failed and were made again:"
                f" {self.main.failed}, posts made twice: {self.main.again};"
                f" pages: {dict(self.reader.answers)}",
                flush=True,
            )
        finally:
            for one in everybody:
                one.stop()
        for words in self.reader.wrong[:10]:
            self._note("pages", words)
        if self.wrong:
            print(self.centre.log.read_text()[-3000:])
            raise SystemExit(1)

    def _one(self, kind: str, number: int) -> None:
        both = (self.faults, self.counts)
        had = len(self.faults.get(kind, []))
        # Whatever the screen was, the record is looked at too.
        for looked in (getattr(self, f"_{kind}"), self._check_record):
            try:
                self._until("the wall is right before", self._right_for(2.0))
                looked()
            except AssertionError as fault:
                self._note(kind, f"round {number}: {fault}")
        late, counts = (max(found.get(kind, [0.0])[had:], default=0.0) for found in both)
        print(f"{number} {kind}: right after {late:.1f} s, counts after {counts:.1f} s", flush=True)

    def _tell(self, kind: str) -> None:
        def told(seconds: list[float]) -> str:
            ordered = sorted(seconds)
            return f"p50 {ordered[len(ordered) // 2]:.1f} s, worst {ordered[-1]:.1f} s"

        words = f"{kind}: {len(self.faults[kind])} faults; right after {told(self.faults[kind])}"
        if kind in self.counts:
            words += f"; counts {told(self.counts[kind])}"
        print(words, flush=True)

    # The faults.

    def _valkey(self) -> None:
        servers = self.centre.servers

        def fault() -> None:
            os.kill(servers.valkey.pid(), signal.SIGKILL)

        self._tried("valkey", fault)

    def _postgres(self) -> None:
        servers = self.centre.servers

        def fault() -> None:
            os.kill(servers.postgres.pid(), signal.SIGQUIT)

        self._tried("postgres", fault)

    def _valkey_hangs(self) -> None:
        self._tried("valkey_hangs", lambda: _hang(self.centre.servers.valkey.pid()))

    def _postgres_hangs(self) -> None:
        self._tried("postgres_hangs", lambda: _hang(self.centre.servers.postgres.pid()))

    def _disk(self) -> None:
        """What comes while the disk is full is not taken, and comes again once there is room."""
        filler = self.centre.folder / "data" / "filler"
        failed = self.main.failed

        def empty() -> None:
            time.sleep(FULL_SECONDS)
            filler.unlink()

        def fault() -> float:
            _fill(filler)
            threading.Thread(target=empty, daemon=True).start()
            return FULL_SECONDS

        self._tried("disk", fault)
        assert self.main.failed > failed, "nothing was refused while the disk was full"

    def _live(self) -> None:
        self.centre.wait_until_healthy("live")
        self._tried("live", lambda: self.centre.kill("live"))

    def _web(self) -> None:
        self.centre.wait_until_healthy("serve")
        self._tried("web", lambda: self.centre.kill("serve"))

    def _worker(self) -> None:
        from ccm.models import DirtyDay

        self.centre.wait_until_healthy("worker")

        def fault() -> None:
            self._until("there is something to count", DirtyDay.objects.exists, every=0.005)
            self.centre.kill("worker")

        self._tried("worker", fault)

    def _ahead(self) -> None:
        self._clock("ahead", HOUR)

    def _behind(self) -> None:
        self._clock("behind", -HOUR)

    def _clock(self, kind: str, off: float) -> None:
        """The source's clock jumps, and is put right again later."""
        said = "ahead" if off > 0 else "behind"
        for jump in (off, 0.0):
            self.main.drain()
            self._tried(kind, lambda jump=jump: self.main.set_clock(jump), jumps=True)
            words = self.screen.last().trouble
            # Its posts are on their way for a moment: an hour, or a second less.
            how = rf"is (1 h 00|59) min.* {said}" if jump else "was (1 h 00|59|wrong again)"
            told = re.search(f"The clock of switch {how}", words)
            assert told, f"the wall says only: {words!r}"
            assert "in the wrong hours of today's figures" in words

    def _silent(self) -> None:
        """The source beside falls silent. That it did five minutes ago is told the database, and
        what its usual pause is."""
        from ccm.models import LiveSource

        self.side.hold()
        self._until("its news are folded", self._all_folded)
        silence = timedelta(minutes=5)
        heard_at = now_utc() - silence + timedelta(seconds=6)
        LiveSource.objects.filter(source="door").update(
            heard_at=heard_at, usual_pause=timedelta(minutes=1)
        )
        due = (heard_at + silence).timestamp()
        told = f"Nothing has come from door since {heard_at.astimezone(self.site.tz):%H:%M}."
        while told not in self.screen.last().trouble:
            assert time.time() < due + RIGHT_WITHIN, f"only {self.screen.last().trouble!r} is told"
            time.sleep(0.05)
        self.faults.setdefault("silent", []).append(time.time() - due)
        assert time.time() >= due - 0.1, "it is told before it is so"
        assert "from switch" not in self.screen.last().trouble
        self.side.go_on()
        began = time.time()
        while "door" in self.screen.last().trouble:
            assert time.time() < began + RIGHT_WITHIN, "it is still told when it is heard again"
            time.sleep(0.05)

    # What is looked at.

    def _tried(self, kind: str, fault: Callable[[], Any], *, jumps: bool = False) -> None:
        """Make the fault at a random moment and look at the screen until it is right and stays so;
        note how long it was not: from its end on, where the fault lasts (it gives the seconds)."""
        time.sleep(self.random.uniform(0, 2))
        lasts = fault() or 0.0
        moment = time.time() + lasts
        live = counts = moment
        shown: set[str] = set()
        course: list[str] = []
        while True:
            time.sleep(0.1)
            now = time.time()
            said, counted = self._wrong_live(now), self._wrong_counts(now)
            if (said or counted) and len(course) < 400:
                age = now - self.screen.last().as_of
                course.append(f"{now - moment:.1f} ({age:.1f} old): {said or counted}")
            live = now if said else live
            counts = now if counted else counts
            if not jumps and (lie := self._lie(now)):
                shown.add(lie)
            if now - moment >= WATCHED_SECONDS and now - max(live, counts) >= LIVE_SECONDS:
                break
            assert now - moment < PATIENCE_SECONDS, f"still wrong: {said} {counted}"
        self.faults.setdefault(kind, []).append(max(0.0, live - moment))
        self.counts.setdefault(kind, []).append(max(0.0, counts - moment))
        told = "; ".join(course[:: max(1, len(course) // 12)])
        assert live - moment <= RIGHT_WITHIN, f"right after {live - moment:.1f} s: {told}"
        within = COUNTED_AFTER_DISK if kind == "disk" else RIGHT_WITHIN
        assert counts - moment <= within, f"counts were right after {counts - moment:.1f} s"
        assert not shown, f"shown as live and not so: {sorted(shown)[:3]}"

    def _wrong_live(self, now: float) -> str:
        """What of this moment the screen has wrong, if anything."""
        frame = self.screen.last()
        if now - frame.as_of > frame.stale_after:
            return "nothing is shown as live"
        return self.truth.differs(frame, now - LIVE_SECONDS, now)

    def _wrong_counts(self, now: float) -> str:
        frame = self.screen.last()
        if now - frame.as_of > frame.stale_after:
            return "nothing is shown as live"
        return self.truth.counts_differ(frame, now - COUNTS_SECONDS, now)

    def _lie(self, now: float) -> str:
        """What is shown as live and was not so within the time it may be old."""
        frame = self.screen.last()
        if now - frame.as_of > frame.stale_after:
            return ""
        since = now - SHOWN_WITHIN
        # A count says itself up to when it is so.
        return self.truth.differs(frame, since, now) or self.truth.counts_differ(
            frame, min(since, frame.true_at - SHOWN_WITHIN), now
        )

    def _right_for(self, seconds: float) -> Callable[[], bool]:
        since = time.time()

        def holds() -> bool:
            nonlocal since
            now = time.time()
            if self._wrong_live(now) or self._wrong_counts(now):
                since = now
            return now - since >= seconds

        return holds

    def _check_record(self) -> None:
        """Whether the record holds what was told, and its counts are those of it."""
        from tests.heavy.faults_beside import counted, recorded

        for source in (self.main, self.side):
            source.hold()
        try:
            self._until("all that was told is folded", self._all_folded)
            self._until("all is counted", self._all_counted)
            for source in (self.main, self.side):
                for what, mine in recorded(source.name).items():
                    _equal(what, mine, source.told.rows(what))
            _equal("counts", counted(), self.main.told.counts())
        finally:
            for source in (self.main, self.side):
                source.go_on()

    def _all_folded(self) -> bool:
        from ccm.models import LiveEvent

        if any(one.waits_to_post() for one in (self.main, self.side) if one.held):
            return False
        held = [one.name for one in (self.main, self.side) if one.held]
        return not LiveEvent.objects.filter(folded_at=None, source__in=held).exists()

    @staticmethod
    def _all_counted() -> bool:
        from ccm.models import DirtyDay

        return not DirtyDay.objects.exists()

    def _until(self, what: str, holds: Callable[[], bool], every: float = 0.1) -> None:
        from django.db import DatabaseError, InterfaceError, connection

        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if holds():
                    return
            except (DatabaseError, InterfaceError):
                connection.close()
            assert time.monotonic() < until, f"it does not come to pass that {what}"
            assert self.centre.process.poll() is None, self.centre.log.read_text()[-2000:]
            time.sleep(every)

    def _note(self, kind: str, words: str) -> None:
        self.wrong.append(f"{kind}: {words}")
        print(f"WRONG {kind}, {words}", flush=True)


def _hang(server: int) -> None:
    """Have a server and its children stand still for a while: its connections stay, and nothing is
    heard of them, as where a network is cut."""
    stopped = {server}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == server:
            stopped.add(int(entry.name))
    for one in stopped:
        os.kill(one, signal.SIGSTOP)

    def go_on() -> None:
        for one in stopped:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)

    threading.Timer(HANGS_SECONDS, go_on).start()


def _fill(filler: Path) -> None:
    """Write a file until nothing more goes onto its disk."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)) == 1 << 16:
            pass
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(512)):
            pass


def _equal(what: str, mine: list[Any], theirs: list[Any]) -> None:
    if mine == theirs:
        return
    more = [one for one in mine if one not in theirs][:3]
    less = [one for one in theirs if one not in mine][:3]
    raise AssertionError(
        f"{what}: {len(mine)} in the record, {len(theirs)} told; only there {more},"
        f" only told {less}"
    )


if __name__ == "__main__":
    main()
