"""Everything at once: `python -m benchmarks.mixed`.

200 walls are opened by their links and stay open, each with its stream, 50 supervisors open a page
every half minute and 500 agents theirs every five minutes, at first alone and then while a worker
imports a log of a million calls into one of their sites and counts them. A wall is to have a frame
at least every five seconds. Times of pages are from when they were due, on the machine that does
all of it.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from ccm import stack

if TYPE_CHECKING:
    from ccm.models import ImportBatch, Site

SUPERVISORS = 50
SUPERVISOR_EVERY, AGENT_EVERY = 30.0, 300.0
AGAIN_SECONDS = 1.0


class Visitors:
    """Asks for pages at their times, and keeps how long each took in which phase."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.phase = "nothing else"
        self.took: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.errors: Counter[str] = Counter()
        self.apart: dict[str, list[float]] = defaultdict(list)
        """How long each screen waited for its next frame, as far as in that phase."""
        self.seen: dict[str, float] = {}
        """When each wall, by its path, showed the last frame, or was begun to be waited for."""

    def turn_to(self, phase: str) -> None:
        """What every screen has waited by now belongs to the phase that ends."""
        for path in self.seen:
            self._showed(path, self.phase)
        self.phase = phase

    def _showed(self, path: str, phase: str) -> None:
        now = time.perf_counter()
        self.apart[phase].append(now - self.seen[path])
        self.seen[path] = now

    async def come(self, paths: Sequence[tuple[str, str]], every: float, cookie: str = "") -> None:
        """One visitor: these pages (kind, path) by turns, for ever."""
        due = time.perf_counter() + random.random() * every
        for kind, path in cycle(paths):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self._timed(kind, path, cookie, due)
            due += every

    async def look(self, path: str) -> None:
        """One wall: its page, then its stream, for ever."""
        await asyncio.sleep(random.random() * SUPERVISOR_EVERY / 2)
        await self._timed("wall", path, "", time.perf_counter())
        self.seen[path] = time.perf_counter()
        while True:
            told = await self._timed("token", f"{path}token/", "", time.perf_counter())
            if told:
                await self._follow(path, json.loads(told.partition("\r\n\r\n")[2])["url"])
            await asyncio.sleep(AGAIN_SECONDS)

    async def _timed(self, kind: str, path: str, cookie: str, due: float) -> str:
        """An answer that came with 200, else ""; how long it took since it was due is kept."""
        phase, answer = self.phase, ""
        try:
            async with asyncio.timeout(60):
                answer = await self._get(path, cookie)
            status = answer[9:12]
        except (OSError, TimeoutError) as fault:
            status = type(fault).__name__
        if status != "200":
            self.errors[f"{phase}: {kind} {status}"] += 1
        self.took[phase][kind].append(time.perf_counter() - due)
        return answer if status == "200" else ""

    async def _follow(self, path: str, url: str) -> None:
        """A stream of the wall at the path to its end."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        except OSError as fault:
            self.errors[f"{self.phase}: stream {type(fault).__name__}"] += 1
            return
        try:
            writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if (status := (await reader.readline())[9:12].decode()) != "200":
                self.errors[f"{self.phase}: stream {status}"] += 1
                return
            while line := await reader.readline():
                if line.startswith(b"data: {") and b'"tiles"' in line:
                    self._showed(path, self.phase)
        except OSError as fault:
            self.errors[f"{self.phase}: stream {type(fault).__name__}"] += 1
        finally:
            writer.close()

    async def _get(self, path: str, cookie: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Cookie: sessionid={cookie}\r\n\r\n".encode()
        )
        try:
            answer = await reader.read(-1)
        finally:
            writer.close()
        return answer.decode()


def people(sites: Sequence["Site"]) -> list[tuple[list[tuple[str, str]], str]]:
    """Each supervisor and agent: the pages they open, and their session."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from ccm.access import AGENT, SUPERVISOR
    from ccm.models import Agent, User
    from tests.builders import a_team

    User.objects.filter(username__startswith="bench ").delete()

    def session(name: str, role: str) -> tuple[User, str]:
        user = User.objects.create(username=f"bench {name}")
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return user, client.cookies["sessionid"].value

    found = []
    for site in sites:
        agents = list(Agent.objects.filter(site=site).order_by("pk"))
        teams = [agents[n :: SUPERVISORS // len(sites)] for n in range(SUPERVISORS // len(sites))]
        for number, team in enumerate(teams):
            user, cookie = session(f"lead {site.slug} {number}", SUPERVISOR)
            a_team(site, user, *team)
            own = ("an agent's page", f"/agents/{team[0].pk}/")
            found.append(([("Home", "/"), ("Floor", "/floor/"), own], cookie))
        for agent in agents:
            agent.user, cookie = session(f"agent {agent.pk}", AGENT)
            agent.save()
            found.append(([("own page", f"/agents/{agent.pk}/")], cookie))
    return found


async def measure(
    visitors: Visitors, walls_at: Sequence[str], there: Sequence[tuple[list[tuple[str, str]], str]],
    log: Path, site: "Site", alone: float, most: float,
) -> None:  # fmt: skip
    come = [visitors.look(one) for one in walls_at]
    come += [
        visitors.come(paths, AGENT_EVERY if len(paths) == 1 else SUPERVISOR_EVERY, cookie)
        for paths, cookie in there
    ]
    tasks = [asyncio.create_task(one) for one in come]
    await asyncio.sleep(SUPERVISOR_EVERY)
    visitors.took.clear()
    visitors.apart.clear()
    await asyncio.sleep(alone)
    batch = await asyncio.to_thread(imported, log, site)
    give_up = time.perf_counter() + most
    for phase, is_over in (("import", import_is_over), ("counting", counted)):
        visitors.turn_to(phase)
        began = time.perf_counter()
        while not (over := await asyncio.to_thread(is_over, batch)):
            if time.perf_counter() > give_up:
                break
            await asyncio.sleep(1)
        words = "" if over else ", not over"
        print(f"{phase}: {time.perf_counter() - began:.0f} s{words}", flush=True)
    visitors.turn_to("")
    for task in tasks:
        task.cancel()


def imported(log: Path, site: "Site") -> "ImportBatch":
    from ccm.imports import run

    with log.open("rb") as stream:
        return run.start([(log.name, stream)], form="phonenow", site=site, zone="UTC")


def import_is_over(batch: "ImportBatch") -> bool:
    from ccm.models import Job

    job = Job.objects.get(pk=batch.job_id)
    assert job.state not in (Job.State.FAILED, Job.State.CANCELLED), job.state
    return job.state == Job.State.DONE


def counted(_batch: "ImportBatch") -> bool:
    from ccm.models import DirtyDay

    return not DirtyDay.objects.exists()


def report(visitors: Visitors) -> None:
    from benchmarks.walls import at

    for phase, kinds in visitors.took.items():
        every = [one for took in kinds.values() for one in took]
        for kind, took in [("all", every), *kinds.items()]:
            print(f"{phase}, {kind}: p50 {at(took, 0.5)} p99 {at(took, 0.99)}"
                  f" max {at(took, 1)} of {len(took)}")  # fmt: skip
    for phase, apart in visitors.apart.items():
        print(f"{phase}, between frames of a wall: p50 {at(apart, 0.5)} p99 {at(apart, 0.99)}"
              f" max {at(apart, 1)} of {len(apart)}")  # fmt: skip
    print(f"errors: {sum(visitors.errors.values())} {dict(visitors.errors) or ''}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--boards", type=int, default=200)
    arguments.add_argument("--web", type=int, default=2, help="processes that make pages")
    arguments.add_argument("--alone", type=float, default=30, help="seconds before the import")
    arguments.add_argument("--most", type=float, default=1800, help="seconds from the import on")
    asked = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with stack.running(name="bench"), tempfile.TemporaryDirectory() as folder:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from benchmarks import rows, walls
        from ccm.models import User
        from kpis import kiosks

        log = Path(folder) / "calls.csv"
        writer = get_context("spawn").Process(target=rows.write_log, args=(log, asked.rows))
        writer.start()
        sites = walls.sites()
        made = walls.boards(sites, asked.boards)
        there = people(sites)
        user, _made = User.objects.get_or_create(username="bench")
        links = [kiosks.make_link(board, "bench", user)[1] for board in made]
        writer.join()
        with walls.programs("live", "worker", "beat", web=asked.web) as (port, running):
            visitors = Visitors(port)
            began = {name: one.seconds() for name, one in running.items()}
            since = time.perf_counter()
            at = [f"/kiosk/{words}/" for words in links]
            asyncio.run(measure(visitors, at, there, log, sites[0], asked.alone, asked.most))
            report(visitors)
            elapsed = time.perf_counter() - since
            used = {name: one.seconds() - began[name] for name, one in running.items()}
            print("of a core:", {name: f"{one / elapsed:.0%}" for name, one in used.items()})


if __name__ == "__main__":
    main()
