"""A telephone switch that posts what happens on it, and remembers what was committed when."""

import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

from django.utils import timezone

from benchmarks.walls import AGENTS
from ccm.models import ApiToken, Queue, Site, User

# In a round each of these happens to one call: it comes, rings, is answered or gives up, ends,
# and is wrapped up, so many rounds after it came.
RING, ANSWER, END, WRAP = 5, 10, 60, 70
STEPS = 5


@dataclass(frozen=True, slots=True)
class Told:
    """What an event changes on walls of its queue, when it was posted, and when the answer said
    that it is committed."""

    what: str
    queue: int
    posted: float
    committed: float


class Switch(threading.Thread):
    """Posts `rate` events a second until it is told to stop; each alone, or a round at once."""

    def __init__(self, site: Site, port: int, rate: float, *, alone: bool) -> None:
        super().__init__(daemon=True)
        self.site, self.port, self.rate, self.alone = site, port, rate, alone
        self.queues = list(Queue.objects.filter(site=site).order_by("pk"))
        self.told: list[Told] = []
        self.posts: list[tuple[float, int]] = []
        """When each was answered, and of how many events it was."""
        self.late = 0.0
        self.stopping = threading.Event()
        self._rounds = itertools.count()
        self._token = _token(site)
        self._warm()

    def run(self) -> None:
        spacing = 1 / self.rate if self.alone else STEPS / self.rate
        due = time.perf_counter()
        for events in self._posts():
            self.stopping.wait(max(0.0, due - time.perf_counter()))
            if self.stopping.is_set():
                return
            self.late = max(self.late, time.perf_counter() - due)
            self.post(events)
            due += spacing

    def _posts(self) -> Iterator[Sequence[dict[str, Any]]]:
        for number in self._rounds:
            events = self._round(number)
            yield from ([[one] for one in events] if self.alone else [events])

    def _warm(self) -> None:
        """Everybody logs in, and calls are under way."""
        self.post([self._agent_event("agent.login", number, -1) for number in range(AGENTS)])
        rounds = list(itertools.islice(self._rounds, WRAP + 1))
        began = datetime.now(UTC) - len(rounds) * timedelta(seconds=STEPS / self.rate)
        for number in rounds:
            at = began + number * timedelta(seconds=STEPS / self.rate)
            self.post([one | {"at": at.isoformat()} for one in self._round(number)])

    def _round(self, number: int) -> list[dict[str, Any]]:
        """One event of each kind, each of another call."""
        found = []
        for kind, lag in _KINDS:
            if (call := number - lag) < 0:
                continue
            gives_up = call % 5 == 4
            if gives_up and kind == "call.answered":
                found.append(self._event("call.ended", call, ended_by="caller"))
            elif gives_up and lag > ANSWER:
                found.append(self._agent_event("agent.state", call, number, state="available"))
            else:
                found.append(self._event(kind, call))
        return found

    def _event(self, kind: str, call: int, **more: Any) -> dict[str, Any]:
        event = {"id": f"{kind}-{call}", "kind": kind, "call": f"c{call}", **more}
        if kind == "call.offered":
            event["queue"] = self.queues[call % len(self.queues)].name
        if kind in ("call.ringing", "call.answered"):
            event["agent"] = self._agent(call)
        return event

    def _agent_event(self, kind: str, agent: int, number: int, **more: Any) -> dict[str, Any]:
        return {"id": f"{kind}-{agent}-{number}", "kind": kind, "agent": self._agent(agent), **more}

    def _agent(self, number: int) -> str:
        return f"{self.site.name}, agent {number % AGENTS:02}"

    def post(self, events: Sequence[Mapping[str, Any]]) -> None:
        now = datetime.now(UTC).isoformat()
        request = Request(
            f"http://127.0.0.1:{self.port}/api/v1/events/",
            json.dumps([{"at": now, **one} for one in events]).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        posted = time.perf_counter()
        with urlopen(request, timeout=30) as answer:
            said = json.load(answer)
        committed = time.perf_counter()
        assert said["accepted"] == len(events), said
        self.posts.append((committed, len(events)))
        for one in events:
            if what := _changes(one):
                call = int(one["call"][1:])
                queue = self.queues[call % len(self.queues)].pk
                self.told.append(Told(what, queue, posted, committed))


_KINDS = (
    ("call.offered", 0), ("call.ringing", RING), ("call.answered", ANSWER), ("call.ended", END),
    ("call.wrapped_up", WRAP),
)  # fmt: skip


def _changes(event: Mapping[str, Any]) -> str:
    """Which of `walls.COUNTED` counts an event; "": none."""
    if event["kind"] == "call.ended":
        return "abandoned" if event.get("ended_by") == "caller" else ""
    return {"call.offered": "offered", "call.answered": "answered"}.get(event["kind"], "")


def _token(site: Site) -> str:
    user, _made = User.objects.get_or_create(username="bench")
    return ApiToken.issue(
        name="bench", user=user, site=site, source=f"switch-{site.slug}-{time.time_ns()}",
        scopes=[ApiToken.POST_EVENTS], expires_at=timezone.now() + timedelta(hours=6),
    )[1]  # fmt: skip
