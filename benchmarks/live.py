"""From a committed event to a thousand screens: `python -m benchmarks.live --viewers 1000`.

`callcenter` as it runs (one web process, the live process, a worker, beat) over the real walls of
four sites, four switches that post fifty events a second between them, one of them each event
alone, and this process, which watches every screen. Everything runs on one machine, so the
watching itself costs the others part of the processors.

An event is shown by a frame that counts it: every wall counts calls offered, answered and abandoned
in the last hour, none of which falls while this runs, so the k-th of a wall's queues is on it once
the figure is k or more. A frame that a newer one overtakes before it is sent to a screen is not
lost, for each is whole. It is lost when the screen has neither it nor a newer one LATE seconds
after it was published.
"""

import argparse
import asyncio
import os
import resource
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING, Any

from ccm import stack

if TYPE_CHECKING:
    from benchmarks.switch import Switch, Told
    from kpis.models import Board

LATE = 2.0
SETTLED = 3.0


class Screens:
    """Viewers: which frames each of them got when, and what the frames of each wall count."""

    def __init__(self, port: int, read: Callable[[bytes], dict[str, int]]) -> None:
        self.port, self.read = port, read
        self.open = self.failed = self.ended = 0
        self.got: list[tuple[str, list[int], list[float]]] = []
        self.counts: dict[str, dict[int, dict[str, int]]] = defaultdict(dict)

    async def watch(self, slug: str, url: str) -> None:
        numbers: list[int] = []
        times: list[float] = []
        counts, number = self.counts[slug], 0
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
            writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if b" 200 " not in await reader.readline():
                raise OSError
        except OSError:
            self.failed += 1
            return
        self.open += 1
        self.got.append((slug, numbers, times))
        with suppress(OSError):
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif number and line.startswith(b"data: "):
                    numbers.append(number)
                    times.append(time.perf_counter())
                    if number not in counts:
                        counts[number] = self.read(line[6:])
        self.ended += 1


class Published(threading.Thread):
    """Which frames of each wall were published when, and how large they are."""

    def __init__(self) -> None:
        from ccm.live import bus

        super().__init__(daemon=True)
        self.frames: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.sizes: list[int] = []
        self.stopping = threading.Event()
        self._before = len(bus.board_channel(""))
        self._heard = bus.client().pubsub(ignore_subscribe_messages=True)
        self._heard.psubscribe(bus.board_channel("*"))

    def run(self) -> None:
        while not self.stopping.is_set():
            if (message := self._heard.get_message(timeout=0.2)) is None:
                continue
            frame, now = message["data"], time.perf_counter()
            slug = message["channel"].decode()[self._before :]
            self.frames[slug].append((int(frame.rpartition(b'"seq": ')[2][:-1]), now))
            self.sizes.append(len(frame))


def counted(frame: bytes) -> dict[str, int]:
    """What a wall counts, of its frame."""
    import json

    from benchmarks.walls import COUNTED

    tiles = {one["id"]: one for one in json.loads(frame)["tiles"]}
    return {
        kpi: int("".join(filter(str.isdigit, tiles[f"hour-{kpi}"]["figure"])) or 0)
        for kpi in COUNTED
    }


async def measure(
    made: Sequence["Board"],
    switches: Sequence["Switch"],
    port: int,
    running: dict[str, Any],
    viewers: int,
    seconds: int,
) -> None:
    from benchmarks import walls
    from ccm.live.tokens import kiosk, stream_url

    web = running["serve"]
    published = Published()
    published.start()
    screens = Screens(port, counted)
    tasks: list[asyncio.Task[None]] = []

    async def connect(count: int) -> None:
        for n in range(len(tasks), count):
            slug = made[n % len(made)].slug
            tasks.append(asyncio.create_task(screens.watch(slug, stream_url(slug, kiosk(n)))))
            if n % 50 == 49:
                await asyncio.sleep(0.02)
        while screens.open + screens.failed < count:
            await asyncio.sleep(0.05)
        await asyncio.sleep(SETTLED)

    for switch in switches:
        switch.start()
    await connect(10)
    few, before = await asyncio.to_thread(walls.connections), web.memory()
    began = time.perf_counter()
    await connect(viewers)
    took = time.perf_counter() - began - SETTLED
    print(f"{screens.open} viewers connected in {took:.1f} s, {screens.failed} refused or failed")
    busy, began = {name: one.seconds() for name, one in running.items()}, time.perf_counter()
    await asyncio.sleep(seconds)
    ended, rss = time.perf_counter(), web.memory()
    used = {name: one.seconds() - busy[name] for name, one in running.items()}
    many = await asyncio.to_thread(walls.connections)
    for switch in switches:
        switch.stopping.set()
    await asyncio.sleep(LATE + SETTLED)

    told = [one for switch in switches for one in switch.told if began <= one.committed < ended]
    posts = [count for one in switches for at, count in one.posts if began <= at < ended]
    print(f"events: {sum(posts) / seconds:.0f} a second in {len(posts) / seconds:.0f} posts,"
          f" {len(told)} of them counted on walls; posts at most"
          f" {max(one.late for one in switches):.1f} s behind")  # fmt: skip
    shown = Shown(made, switches, screens, began, ended)
    print(f"committed to screen: {_spread(shown.since_commit)}")
    print(f"posted to screen: {_spread(shown.since_post)}")
    print(f"events not on a screen: {shown.missed} of {shown.due}")
    report(published, screens, began, ended)
    shares = ", ".join(f"{name} {one / (ended - began):.0%}" for name, one in used.items())
    print(f"of a core: {shares}")
    print(f"memory of web: {rss:.0f} MiB, {(rss - before) * 1024 / viewers:.1f} KiB a viewer")
    print(f"database connections of all processes: {few} with 10 viewers, {many} with {viewers}")
    published.stopping.set()
    for task in tasks:
        task.cancel()


def _spread(late: Sequence[float]) -> str:
    from benchmarks.walls import at

    return f"p50 {at(late, 0.5)} p99 {at(late, 0.99)} max {at(late, 1)} of {len(late)}"


class Shown:
    """How long each event took to each screen of its walls."""

    def __init__(
        self, made: Sequence["Board"], switches: Sequence["Switch"], screens: Screens,
        began: float, ended: float,
    ) -> None:  # fmt: skip
        self.since_commit: list[float] = []
        self.since_post: list[float] = []
        self.missed = self.due = 0
        of_site = {switch.site.pk: switch.told for switch in switches}
        first_frames = {}
        for board in made:
            picked = {one.pk for one in board.queues.all()}
            told = [one for one in of_site[board.site_id] if not picked or one.queue in picked]
            first_frames[board.slug] = [
                (one, number)
                for one, number in _first_frames(told, screens.counts[board.slug])
                if began <= one.committed < ended
            ]
        for slug, numbers, times in screens.got:
            for one, number in first_frames[slug]:
                self.due += 1
                place = bisect_left(numbers, number) if number else len(numbers)
                if place == len(numbers):
                    self.missed += 1
                    continue
                self.since_commit.append(times[place] - one.committed)
                self.since_post.append(times[place] - one.posted)


def _first_frames(
    told: Sequence["Told"], counts: dict[int, dict[str, int]]
) -> list[tuple["Told", int]]:
    """Each event with the number of the first frame that counts it; 0: none does."""
    found = []
    numbers = sorted(counts)
    for kpi in {one.what for one in told}:
        figures = [counts[number][kpi] for number in numbers]
        assert figures == sorted(figures), f"{kpi} fell"
        for k, one in enumerate((one for one in told if one.what == kpi), 1):
            place = bisect_left(figures, k)
            found.append((one, numbers[place] if place < len(numbers) else 0))
    return found


def report(published: Published, screens: Screens, began: float, ended: float) -> None:
    """Prints what became of each frame on each screen."""
    frames = {
        slug: [(number, at) for number, at in told if began <= at < ended]
        for slug, told in published.frames.items()
    }
    lost = fell = sent = overtaken = 0
    longest = 0.0
    for slug, numbers, times in screens.got:
        fell += sum(later <= one for one, later in pairwise(numbers))
        longest = max(
            longest,
            *(later - one for one, later in pairwise(times) if one >= began),
        )
        own = {*numbers}
        for number, at in frames[slug]:
            place = bisect_left(numbers, number)
            sent += number in own
            if place == len(numbers) or times[place] - at > LATE:
                lost += 1
            elif number not in own:
                overtaken += 1
    a_second = sum(map(len, frames.values())) / len(frames) / (ended - began)
    print(f"frames: {a_second:.1f} a second of each wall, {mean(published.sizes) / 1024:.1f} KiB")
    print(f"  on screens {sent} ({sent / (ended - began):.0f} a second), overtaken {overtaken},"
          f" lost {lost}, out of order {fell}, streams that ended {screens.ended}")  # fmt: skip
    print(f"  longest time without a new frame on any screen: {longest:.2f} s")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--viewers", type=int, default=1000)
    arguments.add_argument("--seconds", type=int, default=30)
    arguments.add_argument("--boards", type=int, default=20)
    arguments.add_argument("--rate", type=float, default=50, help="events a second")
    asked = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    # Of this process and of those that it starts.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with stack.running(name="bench"):
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from benchmarks import walls
        from benchmarks.switch import Switch

        sites = walls.sites()
        made = walls.boards(sites, asked.boards)
        with walls.programs("live", "worker", "beat", web=1) as (port, running):
            switches = [
                Switch(site, port, asked.rate / len(sites), alone=site == sites[0])
                for site in sites
            ]
            asyncio.run(measure(made, switches, port, running, asked.viewers, asked.seconds))


if __name__ == "__main__":
    main()
