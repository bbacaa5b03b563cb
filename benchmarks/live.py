"""From a committed event to a thousand screens: `python -m benchmarks.live --viewers 1000`.

One web process serves the streams, one live process folds and publishes, this one watches all
screens and posts a call each second through the public API. Everything runs on one machine, so
the watching itself costs the others part of the processors.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from ccm import stack

BOARDS = 10
PADDING = "x" * 3000  # a board of eight cells weighs about this much
SERVE = "import django; django.setup(); from ccm.serve import serve; serve('127.0.0.1', {port})"


def be_live() -> None:
    """The live process, drawing boards that show the newest call."""
    import threading

    import django

    django.setup()
    from ccm.live import publish
    from ccm.live.process import LiveProcess
    from ccm.models import Call

    def frames(now: datetime) -> list[tuple[str, dict[str, Any]]]:
        newest = Call.objects.order_by("-id").values_list("external_id", flat=True).first()
        return [(f"b{n}", {"newest": newest or "", "padding": PADDING}) for n in range(BOARDS)]

    publish._providers[:] = [frames]
    LiveProcess(threading.Event()).run()


def a_token() -> str:
    from django.utils import timezone

    from ccm.models import ApiToken, Site, User

    run = str(time.time_ns())
    site = Site.objects.create(name=f"Bench {run}", slug=f"bench-{run}", zone="UTC")
    user = User.objects.create(username=f"bench-{run}")
    return ApiToken.issue(
        name="bench", user=user, site=site, source=f"bench-{run}",
        scopes=[ApiToken.POST_EVENTS], expires_at=timezone.now() + timedelta(hours=1),
    )[1]  # fmt: skip


class Process:
    """What another process uses, as Linux tells it."""

    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")

    def memory(self) -> int:
        """Resident bytes."""
        return int((self.folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def seconds(self) -> float:
        """Processor time so far."""
        fields = (self.folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Screens:
    """Viewers, and when each first saw each call."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open = 0
        self.frames = 0
        self.seen: dict[str, list[float]] = {}

    async def watch(self, url: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        writer.write(f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert b" 200 " in await reader.readline(), url
        self.open += 1
        last = ""
        while line := await reader.readline():
            if not line.startswith(b"data:"):
                continue
            self.frames += 1
            newest = line.split(b'"newest": "', 1)[1].split(b'"', 1)[0].decode()
            if newest != last:
                self.seen.setdefault(newest, []).append(time.perf_counter())
                last = newest


def post(port: int, token: str, call: str) -> float:
    """Post a call; when its commit was acknowledged."""
    event = {
        "id": call, "kind": "call.offered", "call": call, "queue": "Bench",
        "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    request = Request(
        f"http://127.0.0.1:{port}/api/v1/events/",
        json.dumps(event).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 202
    return time.perf_counter()


async def measure(port: int, web: Process, viewers: int, seconds: int) -> None:
    from ccm.live.tokens import kiosk, stream_url

    token = await asyncio.to_thread(a_token)
    screens = Screens(port)
    await asyncio.to_thread(post, port, token, "warm")
    await asyncio.sleep(1.5)
    before = web.memory()
    began = time.perf_counter()
    tasks = []
    for n in range(viewers):
        tasks.append(asyncio.create_task(screens.watch(stream_url(f"b{n % BOARDS}", kiosk(n)))))
        if n % 50 == 49:
            await asyncio.sleep(0)
    while screens.open < viewers:
        await asyncio.sleep(0.05)
    print(f"{viewers} viewers connected in {time.perf_counter() - began:.1f} s")
    await asyncio.sleep(2)
    busy, frames, began = web.seconds(), screens.frames, time.perf_counter()
    committed = {}
    for n in range(seconds):
        call = f"n{n}"
        committed[call] = await asyncio.to_thread(post, port, token, call)
        await asyncio.sleep(1)
    await asyncio.sleep(1.5)
    elapsed = time.perf_counter() - began
    late = sorted(
        seen - committed[call] for call in committed for seen in screens.seen.get(call, [])
    )
    missed = sum(viewers - len(screens.seen.get(call, [])) for call in committed)
    used, rss = web.seconds() - busy, web.memory()
    print(f"committed event to screen: p50 {at(late, 0.5)} p99 {at(late, 0.99)} max {at(late, 1)}")
    print(f"calls not seen by a screen: {missed} of {viewers * seconds}")
    rate = (screens.frames - frames) / elapsed
    print(f"frames: {rate:.0f} a second, web {used / elapsed:.0%} of a core")
    print(f"web memory: {rss / 2**20:.0f} MiB, {(rss - before) / viewers / 1024:.1f} KiB a viewer")
    print(f"database connections of all processes: {await asyncio.to_thread(connections)}")
    for task in tasks:
        task.cancel()


def at(late: list[float], share: float) -> str:
    return f"{late[min(len(late) - 1, int(share * len(late)))] * 1000:.0f} ms"


def connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--viewers", type=int, default=1000)
    arguments.add_argument("--seconds", type=int, default=20)
    arguments.add_argument("--be-live", action="store_true", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    if asked.be_live:
        return be_live()
    with ExitStack() as opened:
        opened.enter_context(stack.running(name="bench", fast=True))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        web = subprocess.Popen([sys.executable, "-c", SERVE.format(port=port)])
        live = subprocess.Popen([sys.executable, "-m", "benchmarks.live", "--be-live"])
        for child in (web, live):
            opened.callback(child.wait)
            opened.callback(child.terminate)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        asyncio.run(measure(port, Process(web.pid), asked.viewers, asked.seconds))


if __name__ == "__main__":
    main()
