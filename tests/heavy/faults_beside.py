"""Who stands beside the program while it has faults: a source that posts, a screen that is looked
at, and what is true meanwhile, reckoned from what the source did and from nothing of the program.
"""

import http.client
import json
import threading
import time
from bisect import bisect_left
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Any

HOUR = 3600.0
QUEUES = ("Sales", "Support")
AGENTS = 5
WINDOW_SECONDS = 15 * 60.0
TICK_SECONDS = 0.1
MOST_A_POST = 500
POST_SECONDS = 5.0


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was so from `since` on."""

    since: float
    waiting: int = 0
    first: float | None = None
    talking: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What a screen shows, as the frame told it. `longest` is in seconds; `lately` are those of the
    last quarter of an hour that were answered."""

    as_of: float = 0.0
    stale_after: float = 10.0
    waiting: int = 0
    longest: int | None = None
    talking: int = 0
    answered: int = 0
    lately: int = 0
    true_at: float = 0.0
    trouble: str = ""


class Truth:
    """What was so when."""

    def __init__(self) -> None:
        self.moments = [Moment(0.0)]
        self.taken: list[tuple[float, float]] = []
        """When each call that was answered came, and when it was: in the order of the latter."""

    def note(self, moment: Moment) -> None:
        self.moments.append(moment)

    def between(self, start: float, end: float) -> list[tuple[Moment, float, float]]:
        """What was so at any time in [start, end], each with its part of it."""
        found, until = [], end
        for one in reversed(self.moments):
            if one.since <= end:
                found.append((one, max(one.since, start), until))
                until = one.since
            if one.since <= start:
                break
        return found

    def differs(self, frame: Frame, start: float, end: float) -> str:
        """What of this moment a frame says that was not so at any time in [start, end]."""
        then = self.between(start, end)
        for name in ("waiting", "talking"):
            shown, so = getattr(frame, name), {getattr(one, name) for one, _low, _high in then}
            if shown not in so:
                return f"{name} {shown}, was {sorted(so)}"
        if not any(_waited(one, low, high, frame.longest) for one, low, high in then):
            return f"longest {frame.longest}"
        return self._lately_differs(frame.lately, start, end)

    def _lately_differs(self, shown: int, start: float, end: float) -> str:
        """A call may leave the window a second sooner or later: its news were on their way."""
        first = bisect_left(self.taken, start - WINDOW_SECONDS - 60, key=itemgetter(1))
        known = self.taken[first:]
        so: list[tuple[int, int]] = []
        for step in range(int((end - start) / TICK_SECONDS) + 1):
            now = start + step * TICK_SECONDS
            came = [now - at for at, answered in known if answered <= now]
            many = [sum(ago <= WINDOW_SECONDS + edge for ago in came) for edge in (-1, 1)]
            if many[0] <= shown <= many[1]:
                return ""
            so.append((many[0], many[1]))
        return f"answered lately {shown}, was {so[0]} to {so[-1]}"

    def counts_differ(self, frame: Frame, start: float, end: float) -> str:
        so = {one.answered for one, _low, _high in self.between(start, end)}
        return "" if frame.answered in so else f"answered {frame.answered}, was {sorted(so)}"


def _waited(one: Moment, low: float, high: float, shown: int | None) -> bool:
    """Whether the first in line had waited so long between two moments, to the second."""
    if one.first is None or shown is None:
        return one.first is None and shown is None
    return low - one.first - 1 <= shown <= high - one.first + 1


@dataclass(slots=True)
class Call:
    """A call as the source has it. Moments are ours; what it tells is by its own clock."""

    id: str
    queue: str
    offered: float
    patience: float
    due: float
    agent: str = ""
    ringing: float | None = None
    answered: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class Told:
    """Everything a source told, as the record must have it."""

    events: list[dict[str, Any]] = field(default_factory=list)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    rings: list[tuple[Any, ...]] = field(default_factory=list)
    states: list[list[Any]] = field(default_factory=list)

    def rows(self, what: str) -> list[Any]:
        rows: list[Any]
        if what == "events":
            rows = [(one["id"],) for one in self.events]
        elif what == "calls":
            rows = [
                (
                    call, one["queue"], one.get("agent"), one["outcome"], one["offered"],
                    one.get("answered"), one.get("ended"), one.get("wrapped"),
                    _ms(one["offered"], one.get("answered") or one.get("ended")),
                    _ms(one.get("answered"), one.get("ended")),
                )
                for call, one in self.calls.items()
            ]  # fmt: skip
        else:
            rows = self.rings if what == "rings" else [tuple(one) for one in self.states]
        return sorted(rows, key=str)

    def counts(self) -> list[tuple[Any, ...]]:
        """Calls offered, answered and abandoned by queue."""
        found: dict[str, Counter[str]] = {}
        for one in self.calls.values():
            found.setdefault(one["queue"], Counter())[one["outcome"]] += 1
        return [
            (queue, outcomes.total(), outcomes["answered"], outcomes["abandoned"])
            for queue, outcomes in sorted(found.items())
        ]


def _ms(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return (end - start) // timedelta(milliseconds=1)


class Source:
    """A switch: calls that wait, ring and are answered or given up, people who come, pause and go.

    It posts what happened at once, and again what was not acknowledged. With `calls=0` it has but
    one agent who pauses.
    """

    def __init__(
        self, name: str, token: str, port: int, random: Random, truth: Truth, calls: float = 0.12
    ) -> None:
        self.name, self.token, self.port, self.truth = name, token, port, truth
        self.random = Random(random.random())
        self.rate = calls
        self.told = Told()
        self.off = 0.0
        self.era = 0
        self.failed = self.again = 0
        self.held = False
        self._calling = True
        self._open: list[Call] = []
        self._busy: dict[str, Call] = {}
        self._agents: list[str] = []
        self._paused: dict[str, list[Any]] = {}
        self._sessions: dict[str, list[Any]] = {}
        self._answered = 0
        self._unposted: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._live, self._post)
        ]

    def start(self) -> None:
        with self._lock:
            self._come(time.time())
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        self._stopping.set()
        for one in self._threads:
            one.join(POST_SECONDS + 1)

    def hold(self) -> None:
        """Let nothing happen, but for posts of what did."""
        with self._lock:
            self.held = True

    def go_on(self) -> None:
        with self._lock:
            self.held = False

    def waits_to_post(self) -> bool:
        with self._lock:
            return bool(self._unposted)

    def drain(self) -> None:
        """Let all calls end and all people go."""
        self._calling = False
        while True:
            with self._lock:
                if not self._open and not self._busy:
                    self._go(_now())
                    return
            time.sleep(TICK_SECONDS)

    def set_clock(self, off: float) -> None:
        """From now on its clock is ahead by so much; others come to work."""
        with self._lock:
            self.off = off
            self.era += 1
            self._come(_now())
            self._calling = True

    def _at(self, moment: float) -> datetime:
        return datetime.fromtimestamp(round(moment + self.off, 3), UTC)

    def _say(self, kind: str, moment: float, **said: Any) -> datetime:
        at = self._at(moment)
        event = {
            "id": f"{self.name}-{len(self.told.events)}", "kind": kind, "at": at.isoformat(), **said
        }  # fmt: skip
        self.told.events.append(event)
        self._unposted.append(event)
        return at

    def _come(self, now: float) -> None:
        count = AGENTS if self.rate else 1
        self._agents = [f"{self.name}/{self.era}.{number}" for number in range(count)]
        for name in self._agents:
            at = self._say("agent.login", now, agent=name)
            self._sessions[name] = ["logged_in", name, "", at, None]
            self.told.states.append(self._sessions[name])

    def _go(self, now: float) -> None:
        for name in self._agents:
            at = self._say("agent.logout", now, agent=name)
            if spell := self._paused.pop(name, None):
                spell[4] = at
            self._sessions.pop(name)[4] = at
        self._agents = []

    def _live(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            with self._lock:
                if not self.held:
                    self._tick(_now())

    def _tick(self, now: float) -> None:
        self._people(now)
        for call in list(self._open):
            self._step(call, now)
        if self.rate and self._calling and len(self._open) < 9 and self.random.random() < self.rate:
            self._offer(now)
        waits = [call.offered for call in self._open if call.answered is None]
        talking = sum(call.answered is not None and call.ended is None for call in self._open)
        first = min(waits, default=None)
        self.truth.note(Moment(now, len(waits), first, talking, self._answered))

    def _people(self, now: float) -> None:
        for name in self._agents:
            if name in self._busy or self.random.random() > (0.01 if self.rate else 0.08):
                continue
            if spell := self._paused.pop(name, None):
                spell[4] = self._say("agent.state", now, agent=name, state="available")
            else:
                at = self._say("agent.state", now, agent=name, state="paused", reason="Tea")
                self._paused[name] = ["paused", name, "Tea", at, None]
                self.told.states.append(self._paused[name])

    def _offer(self, now: float) -> None:
        name, queue = f"{self.name}.{len(self.told.calls)}", self.random.choice(QUEUES)
        patience = now + self.random.uniform(4, 12)
        self._open.append(Call(name, queue, now, patience, now + self.random.uniform(0.2, 1)))
        at = self._say("call.offered", now, call=name, queue=queue)
        self.told.calls[name] = {"queue": queue, "outcome": "in_progress", "offered": at}

    def _step(self, call: Call, now: float) -> None:
        """At most one thing happens to a call at a time."""
        told = self.told.calls[call.id]
        if call.ended is not None:
            if now >= call.due:
                told["wrapped"] = self._say("call.wrapped_up", now, call=call.id)
                self._over(call)
        elif call.answered is not None:
            if now >= call.due:
                call.ended, call.due = now, now + self.random.uniform(0.3, 1)
                told["ended"] = self._say("call.ended", now, call=call.id, ended_by="caller")
        elif now >= call.patience:
            at = self._say("call.ended", now, call=call.id, ended_by="caller")
            told |= {"ended": at, "outcome": "abandoned"}
            if call.ringing is not None:
                self._rang(call, at, "cancelled")
            self._over(call)
        elif call.ringing is None:
            free = [one for one in self._agents if one not in self._busy | self._paused]
            if now >= call.due and free:
                call.agent, call.ringing = self.random.choice(free), now
                self._busy[call.agent] = call
                call.due = now + self.random.uniform(0.3, 1.2)
                self._say("call.ringing", now, call=call.id, agent=call.agent)
        elif now >= call.due:
            self._rung(call, told, now)

    def _rung(self, call: Call, told: dict[str, Any], now: float) -> None:
        if self.random.random() < 0.15:
            at = self._say("call.no_answer", now, call=call.id, agent=call.agent)
            self._rang(call, at, "no_answer")
            del self._busy[call.agent]
            call.agent, call.ringing, call.due = "", None, now + 0.5
            return
        at = self._say("call.answered", now, call=call.id, agent=call.agent)
        self._rang(call, at, "answered")
        told |= {"answered": at, "agent": call.agent, "outcome": "answered"}
        call.answered, call.due = now, now + self.random.uniform(1, 4)
        self.truth.taken.append((call.offered, now))
        self._answered += 1

    def _rang(self, call: Call, at: datetime, outcome: str) -> None:
        began = self._at(call.ringing or 0.0)
        self.told.rings.append((call.id, call.agent, outcome, began, _ms(began, at)))

    def _over(self, call: Call) -> None:
        self._open.remove(call)
        self._busy.pop(call.agent, None)

    def _post(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            with self._lock:
                events = self._unposted[:MOST_A_POST]
            if not events:
                continue
            if not self._posted(events):
                self.failed += 1
                self._stopping.wait(0.3)
                continue
            # Some it is unsure of, and posts again.
            if self.random.random() < 0.05:
                self.again += self._posted(events)
            with self._lock:
                del self._unposted[: len(events)]

    def _posted(self, events: list[dict[str, Any]]) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=POST_SECONDS)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        try:
            line.request("POST", "/api/v1/events/", json.dumps(events), headers)
            answer = line.getresponse()
            words = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
        if answer.status != 202:
            return False
        rejected = json.loads(words)["rejected"]
        if rejected:
            print(f"REJECTED {rejected[:2]}", flush=True)
        return not rejected


def _now() -> float:
    return round(time.time(), 3)


class Screen:
    """A screen that keeps to docs/live.md: a fresh token before each connection, whole frames, and
    as long between its tries as our own wall."""

    def __init__(self, port: int, token_path: str) -> None:
        self.port, self.token_path = port, token_path
        self.frames: list[Frame] = [Frame()]
        self._random = Random(3)
        self._tries = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def last(self) -> Frame:
        return self.frames[-1]

    def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError, http.client.HTTPException, ValueError):
                self._watch()
            seconds = min(30, 0.5 * 2**self._tries) * (1 + self._random.random())
            self._tries += 1
            self._stopping.wait(seconds)

    def _watch(self) -> None:
        """One token, one stream until it ends."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("GET", self.token_path, headers={"Accept": "application/json"})
            answer = line.getresponse()
            words = answer.read()
            if answer.status != 200:
                raise OSError(answer.status, "no token")
            line.request("GET", json.loads(words)["url"])
            answer = line.getresponse()
            if answer.status != 200:
                raise OSError(answer.status, "no stream")
            kind = ""
            while not self._stopping.is_set() and (said := answer.readline()):
                text = said.decode().rstrip("\n")
                if text.startswith("event: "):
                    kind = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    self._hear(kind, json.loads(text.removeprefix("data: ")))
        finally:
            line.close()

    def _hear(self, kind: str, told: dict[str, Any]) -> None:
        if kind != "frame":
            return
        self._tries = 0
        tiles = {one["id"]: one for one in told["tiles"]}
        answered = tiles["answered"]
        longest = tiles["longest_waiting"]["figure"]
        self.frames.append(
            Frame(
                as_of=_moment(told["as_of"]),
                stale_after=float(told["stale_after"]),
                waiting=_number(tiles["waiting"]["figure"]) or 0,
                longest=_seconds(longest),
                talking=_number(tiles["on_calls"]["figure"]) or 0,
                answered=_number(answered["figure"]) or 0,
                lately=_number(tiles["lately"]["figure"]) or 0,
                true_at=_moment(answered["true_at"]),
                trouble=told["trouble"],
            )
        )


class Reader:
    """Somebody who opens pages all the time: each is the page, or says in words why not."""

    PAGES = ("/", "/queues/", "/agents/", "/calls/", "/floor/", "/boards/", "/imports/", "/audit/")

    def __init__(self, port: int, session: str) -> None:
        self.port, self.session = port, session
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        place = 0
        while not self._stopping.wait(0.25):
            place += 1
            address = self.PAGES[place % len(self.PAGES)]
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                line.request("GET", address, headers={"Cookie": self.session})
                answer = line.getresponse()
                words = answer.read().decode(errors="replace")
            except ConnectionRefusedError:
                self.answers["nobody there"] += 1
                continue
            except (OSError, http.client.HTTPException) as fault:
                self.answers[type(fault).__name__] += 1
                continue
            finally:
                line.close()
            self.answers[str(answer.status)] += 1
            in_words = "<h1" in words and "text/html" in answer.headers["Content-Type"]
            if answer.status not in (200, 503) or not in_words:
                self.wrong.append(f"{address}: {answer.status} {words[:200]!r}")


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _number(text: str) -> int | None:
    digits = "".join(one for one in text if one.isdigit())
    return int(digits) if digits else None


def _seconds(text: str) -> int | None:
    """Of "1:02:03" or "0:07"; None of a dash."""
    if not any(one.isdigit() for one in text):
        return None
    seconds = 0
    for part in text.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


def recorded(source: str) -> dict[str, list[Any]]:
    """What the record holds of a source, in the shape of `Told.rows`."""
    from ccm.models import AgentState, Call, LiveEvent, Offer

    calls = Call.objects.filter(source=source)
    rows = {
        "events": LiveEvent.objects.filter(source=source).values_list("event_id"),
        "calls": calls.values_list(
            "external_id", "queue__name", "agent_name", "outcome", "offered_at", "answered_at",
            "ended_at", "wrapup_ended_at", "wait_ms", "talk_ms",
        ),
        "rings": Offer.objects.filter(call__source=source).values_list(
            "call__external_id", "agent_name", "outcome", "starts_at", "ring_ms"
        ),
        "states": AgentState.objects.filter(source=source).values_list(
            "state", "agent_name", "reason", "starts_at", "ends_at"
        ),
    }  # fmt: skip
    found: dict[str, list[Any]] = {
        what: sorted((tuple(one) for one in those), key=str) for what, those in rows.items()
    }
    # A call of nobody's has no name.
    found["calls"] = sorted(
        ((*one[:2], one[2] or None, *one[3:]) for one in found["calls"]), key=str
    )
    return found


def counted() -> list[tuple[Any, ...]]:
    """Calls offered, answered and abandoned by queue, as they are counted."""
    from django.db.models import Sum

    from kpis.models import IntervalStat

    sums = (
        IntervalStat.objects.exclude(queue=None)
        .values("queue__name")
        .annotate(one=Sum("offered"), two=Sum("answered"), three=Sum("abandoned"))
    )
    return sorted((row["queue__name"], row["one"], row["two"], row["three"]) for row in sums)
