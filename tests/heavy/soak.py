"""An hour of steady use, and how much memory each process holds: `python -m tests.heavy.soak`.

`callcenter up` runs a centre of its own in a temporary folder. Somebody of each role opens every
page that they may open, in an order of chance, and sends some of its forms as they are; a source
posts calls and people; a screen follows a board. The memory of each process, with those that it
started, is noted each quarter of a minute. After the warm-up no process may grow by more than the
bar, from the median of the first tenth of the time to that of the last, and none may have died or
answered with an error of its own.
"""

import argparse
import http.client
import os
import statistics
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.attacks import forms
from tests.heavy.faults import Centre, a_centre
from tests.heavy.faults_beside import Screen, Source, Truth

GROWTH = 0.05
SAMPLE_SECONDS = 15.0
# Between two requests of each who asks.
PACE_SECONDS = 1.0
FORM_SHARE = 0.1
PATIENCE_SECONDS = 60.0
NAMES = {"serve": "web", "live": "live", "beat": "beat", "worker": "worker"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--warm", type=float, default=10.0, help="minutes that do not count")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with a_centre() as centre:
        Trial(centre, Random(asked.seed)).run(asked.warm, asked.minutes)


class Visitor(threading.Thread):
    """Somebody who is signed in and opens pages; what was answered is counted by its status."""

    def __init__(self, centre: Centre, who: str, user: Any, pages: list[str], random: Random):
        from django.conf import settings
        from django.test import Client

        super().__init__(daemon=True)
        self.port, self.who, self.pages, self.random = centre.port, who, pages, random
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.token = "a" * 32
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={self.token}"
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(PACE_SECONDS):
            address = self.random.choice(self.pages)
            _status, body = self._ask("GET", address)
            if self.random.random() > FORM_SHARE:
                continue
            page = forms.read(address, body.decode(errors="replace"))
            # Forms of what is there and is only to be changed: as they are they change nothing.
            kept = [one for one in forms.posts(page) if "drawn" in one.kinds()]
            for form in kept[:1]:
                said = form.data() | {"csrfmiddlewaretoken": [self.token]}
                self._ask("POST", urlsplit(form.action).path, said)

    def _ask(self, method: str, address: str, said: Any = None) -> tuple[int, bytes]:
        from urllib.parse import urlencode

        body = urlencode(said, doseq=True) if said else None
        headers = {"Cookie": self.cookies, "Host": f"127.0.0.1:{self.port}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as fault:
            self.answers["none"] += 1
            self.wrong.append(f"{self.who} {method} {address}: {fault!r}")
            return 0, b""
        finally:
            connection.close()
        self.answers[f"{method} {answer.status}"] += 1
        if answer.status >= 500:
            self.wrong.append(f"{self.who} {method} {address}: {answer.status}")
        return answer.status, told


class Trial:
    def __init__(self, centre: Centre, random: Random) -> None:
        from datetime import timedelta

        from django.utils import timezone

        from ccm.models import ApiToken
        from kpis import kiosks
        from kpis.models import Board
        from tests.attacks.probes import doors
        from tests.reach import NOBODY, WHO, a_world

        self.centre = centre
        world = a_world()
        addresses = doors(world)
        self.visitors = [
            Visitor(
                centre, who, world.people[who],
                [
                    address for row, address in addresses
                    if row.method == "get" and row.own[WHO.index(who)] == 200
                ],
                Random(random.random()),
            )
            for who in WHO if who != NOBODY
        ]  # fmt: skip
        admin = world.people["admin"]
        token = ApiToken.issue(
            name="soak", user=admin, site=world.site, source="switch",
            scopes=[ApiToken.POST_EVENTS], expires_at=timezone.now() + timedelta(days=1),
        )[1]  # fmt: skip
        board = Board.objects.filter(site=world.site).exclude(pk=world.board.pk).get()
        board.tiles += [{"id": "lately", "kind": "figure", "kpi": "answered", "window": "15"}]
        board.save()
        _link, words = kiosks.make_link(board, "soak", admin)
        self.source = Source("switch", token, centre.port, random, Truth(), calls=0.05)
        self.screen = Screen(centre.port, f"/kiosk/{words}/token/")
        self.held: dict[str, list[int]] = {}
        self.ids: dict[str, set[int]] = {}

    def run(self, warm: float, minutes: float) -> None:
        self._wait_until_served()
        everybody = (*self.visitors, self.source, self.screen)
        for one in everybody:
            one.start()
        try:
            self._for(warm, keeps=False)
            self._for(minutes, keeps=True)
        finally:
            for visitor in self.visitors:
                visitor.stopping.set()
            self.source.stop()
            self.screen.stop()
        answers: Counter[str] = Counter()
        wrong: list[str] = []
        for visitor in self.visitors:
            answers += visitor.answers
            wrong += visitor.wrong
        print(f"{answers.total():,} requests: {dict(answers)}", flush=True)
        wrong += self._told(minutes)
        for words in wrong[:20]:
            print(f"WRONG {words}", flush=True)
        if wrong:
            raise SystemExit(1)

    def _told(self, minutes: float) -> list[str]:
        """Print how each process grew; what is wrong with any."""
        wrong = []
        for name, held in sorted(self.held.items()):
            tenth = max(1, len(held) // 10)
            first, last = (statistics.median(part) for part in (held[:tenth], held[-tenth:]))
            growth = last / first - 1
            print(
                f"{name}: {first / 1024:,.1f} MB, after {minutes:.0f} min {last / 1024:,.1f} MB,"
                f" {growth:+.1%}; most {max(held) / 1024:,.1f} MB",
                flush=True,
            )
            if growth > GROWTH:
                wrong.append(f"{name} grew by {growth:.1%}")
            if len(self.ids[name]) > 1:
                wrong.append(f"{name} was started {len(self.ids[name])} times")
        return wrong

    def _for(self, minutes: float, *, keeps: bool) -> None:
        until = time.monotonic() + minutes * 60
        while time.monotonic() < until:
            time.sleep(min(SAMPLE_SECONDS, max(0.0, until - time.monotonic())))
            if keeps:
                self._sample()

    def _sample(self) -> None:
        for name, (pid, kilobytes) in held_by(self.centre.process.pid).items():
            self.held.setdefault(name, []).append(kilobytes)
            self.ids.setdefault(name, set()).add(pid)

    def _wait_until_served(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.centre.port, timeout=5)
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.5)
            finally:
                connection.close()
        raise SystemExit(self.centre.log.read_text()[-2000:])


def held_by(parent: int) -> dict[str, tuple[int, int]]:
    """Of each process that `up` started: its id, and the memory that it and those below it hold at
    this moment (resident, in kB). Shared pages count in each."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    words: dict[int, list[str]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "stat").read_text().rpartition(")")[2].split()
            words[int(entry.name)] = (entry / "cmdline").read_text().split("\0")
        except (OSError, ValueError):
            continue
        parents[int(entry.name)] = int(told[1])
        sizes[int(entry.name)] = int(told[21]) * os.sysconf("SC_PAGE_SIZE") // 1024
    found: dict[str, tuple[int, int]] = {}
    for pid, above in parents.items():
        if above != parent:
            continue
        name = next((NAMES[word] for word in words[pid][3:4] if word in NAMES), "")
        if not name:
            continue
        if "long" in words[pid]:
            name = "worker of long work"
        below, here = {pid}, {pid}
        while here := {one for one, its in parents.items() if its in here}:
            below |= here
        found[name] = (pid, sum(sizes[one] for one in below))
    return found


if __name__ == "__main__":
    main()
