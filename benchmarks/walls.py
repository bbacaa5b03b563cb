"""Sites with eight weeks behind them and walls of all kinds, and the programs that show them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from django.db import connection
from django.utils import timezone

from benchmarks import centre, rows
from ccm.live.publish import stamped
from ccm.models import Agent, Queue, Site, Topic
from kpis import rollups
from kpis.models import Board, FillMark
from kpis.walls.frames import Drawer
from kpis.walls.layout import Tile
from kpis.walls.starts import STARTS

SITES, QUEUES, AGENTS, DAYS, A_DAY = 4, 8, 125, 56, 250
COUNTED = ("offered", "answered", "abandoned")
"""Figures of the last hour that every wall of the benchmarks shows: each call changes them."""


def sites() -> list[Site]:
    """An empty record, then sites whose calls of the past are counted."""
    rows.empty()
    for name in rows.TOPICS:
        Topic.objects.get_or_create(name=name)
    today = datetime.now(UTC).date()
    made = [_site(f"Site {number}", f"site-{number}") for number in range(SITES)]
    for site in made:
        centre.fill(site, today - timedelta(days=DAYS), today - timedelta(days=1), A_DAY)
    rollups.rebuild(made)
    return made


def _site(name: str, slug: str) -> Site:
    site = Site.objects.create(name=name, slug=slug, zone="UTC")
    Queue.objects.bulk_create(
        Queue(site=site, name=f"{name}, queue {number}", channel="voice")
        for number in range(QUEUES)
    )
    Agent.objects.bulk_create(
        Agent(site=site, name=f"{name}, agent {number:02}") for number in range(AGENTS)
    )
    return site


def boards(made: Sequence[Site], count: int) -> list[Board]:
    """So many walls instead of any others: of the sites by turns, begun as each of `STARTS` by
    turns, every second one of all queues and the others of one to three."""
    Board.objects.all().delete()
    starts = list(STARTS.values())
    for number, site in zip(range(count), cycle(made), strict=False):
        turn = number // len(made)
        start = starts[turn % len(starts)]
        layout = start.layout()
        for kpi in COUNTED:
            layout = layout.with_tile(Tile(id=f"hour-{kpi}", kind="figure", kpi=kpi, window="60"))
        board = Board.objects.create(
            slug=f"wall-{number}", title=f"Wall {number}", site=site, tiles=layout.kept(),
            columns=start.columns,
        )  # fmt: skip
        if turn % 2:
            picked = Queue.objects.filter(site=site).order_by("pk")
            first = turn % QUEUES
            board.queues.set(picked[first : first + 1 + number % 3])
    return list(Board.objects.select_related("site").prefetch_related("queues"))


@contextmanager
def programs(*commands: str, web: int) -> Iterator[tuple[int, dict[str, "Process"]]]:
    """`callcenter` as it runs: so many web processes on a port, and these commands beside them."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    serve = ["serve", "--port", str(port), "--processes", str(web)]
    words = {"serve": serve} | {one: [one] for one in commands}
    begun = {
        name: subprocess.Popen(
            # Each in a session of its own, as `callcenter up` has them.
            [sys.executable, "-m", "ccm.cli", *said],
            env=os.environ,
            start_new_session=True,
        )
        for name, said in words.items()
    }
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield port, {name: Process(one.pid) for name, one in begun.items()}
    finally:
        for one in begun.values():
            one.terminate()
        for one in begun.values():
            one.wait()


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except urllib.request.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not come up")


class Process:
    """What another process uses, as Linux tells it."""

    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")

    def memory(self) -> float:
        """Resident MiB."""
        pages = int((self.folder / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 2**20

    def seconds(self) -> float:
        """Processor time so far, of what it began, too."""
        fields = (self.folder / "stat").read_text().rpartition(")")[2].split()
        own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return own + sum(one.seconds() for one in self._begun())

    def _begun(self) -> Iterator["Process"]:
        for task in (self.folder / "task").iterdir():
            for pid in (task / "children").read_text().split():
                yield Process(int(pid))


def connections() -> int:
    """Those of all processes to the database, but this one's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def at(seconds: Sequence[float], share: float) -> str:
    """What so large a share of the times is within."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000:.0f} ms"


def draw(count: int) -> None:
    """Prints what it takes to draw so many walls once, as the live process does each second: the
    first time, again, and when all sites were counted anew; of the latter two the best of five."""
    boards(Site.objects.all(), count)
    drawer = Drawer()

    def once(anew: bool = False) -> tuple[float, float]:
        if anew:
            FillMark.objects.update(counted_at=timezone.now())
        now, began, busy = timezone.now(), time.perf_counter(), time.process_time()
        for _slug, frame in drawer.frames(now):
            stamped(frame, now, 1)
        return time.process_time() - busy, time.perf_counter() - began

    first = once()
    again, counted = (min(once(anew) for _ in range(5)) for anew in (False, True))
    for words, (busy, took) in (("first", first), ("again", again), ("counted anew", counted)):
        print(f"{count} walls {words}: {busy * 1000:.0f} ms of processor, {took * 1000:.0f} in all")
