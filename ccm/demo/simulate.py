"""The demo centre played on, live: its next hours go through the public events API as they come.

What is played is the very centre that was loaded, simulated past the moment its record ends: the
calls that were in the air then find their end, and the days after look like the days before.
Each site posts with a token of its own, which is made at the start and revoked at the end.
"""

import http.client
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import connection
from django.utils import timezone

from ccm.access import ADMIN
from ccm.demo import logins
from ccm.demo.centre import SOURCE, play
from ccm.demo.house import SITES
from ccm.demo.lessons import lessons, taught
from ccm.demo.people import hire
from ccm.demo.story import Due, Event, Storyteller, in_order
from ccm.models import AgentAlias, ApiToken, Call, Site, User

log = structlog.get_logger(__name__)

TOKEN_NAME = "Demo simulator"  # noqa: S105
TOKEN_LIFE = timedelta(days=3)
# So far ahead is played at a time; a night later the next stretch is.
STRETCH = timedelta(hours=20)
# The floor needs so many days before to be as full as if it had always been.
WARM_UP = timedelta(days=2)
# No call lasts longer than this: what the record shows open from before is closed.
IN_THE_AIR = timedelta(hours=2)
# Calls that nobody plays on end after so long.
USUAL_TALK = timedelta(minutes=5)
BATCH = 500
TICK_SECONDS = 1.0
FAREWELL_SECONDS = 1.5
MOST_BACKOFF_SECONDS = 15.0
# While the web is away this much is kept to be posted later.
KEPT = timedelta(minutes=15)
PATH = "/api/v1/events/"


class Away(Exception):
    """The web does not take events now; the words say why."""


class Web:
    """The public events endpoint on this machine."""

    host = "127.0.0.1"

    def __init__(self, port: int) -> None:
        self.port = port

    def post(self, events: list[Event], token: str, patience: float = 5.0) -> Mapping[str, Any]:
        """Post a batch; what the endpoint says. Raises Away."""
        web = http.client.HTTPConnection(self.host, self.port, timeout=patience)
        try:
            web.request(
                "POST",
                PATH,
                json.dumps(events),
                {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
            )
            answer = web.getresponse()
            body = answer.read()
            if answer.status != 202:
                raise Away(f"{answer.status} {answer.reason}")
            found = json.loads(body)
            return found if isinstance(found, dict) else {}
        except (OSError, http.client.HTTPException, ValueError) as refused:
            raise Away(str(refused) or type(refused).__name__) from refused
        finally:
            web.close()


class Tokens:
    """One token a site, by slug: made on entering, revoked on leaving."""

    def __enter__(self) -> dict[str, str]:
        self._revoke()  # what a killed simulator left
        user = User.objects.get(username=logins.username(ADMIN))
        words = {}
        for site in Site.objects.filter(slug__in=[one.slug for one in SITES]):
            _token, words[site.slug] = ApiToken.issue(
                name=TOKEN_NAME, user=user, site=site, source=SOURCE,
                scopes=[ApiToken.POST_EVENTS], expires_at=timezone.now() + TOKEN_LIFE,
            )  # fmt: skip
        return words

    def __exit__(self, *_: object) -> None:
        _hang_up()
        self._revoke()

    @staticmethod
    def _revoke() -> None:
        ApiToken.objects.filter(name=TOKEN_NAME, source=SOURCE, revoked_at=None).update(
            revoked_at=timezone.now()
        )


def _hang_up() -> None:
    """Most of a day may pass between two questions: each begins on a new connection."""
    if not connection.in_atomic_block:
        connection.close()


class Outbox:
    """Events on their way out, by site; what is open among those that went."""

    def __init__(self, web: Web, tokens: dict[str, str]) -> None:
        self.web = web
        self.tokens = tokens
        self.waiting: dict[str, deque[tuple[datetime, Event]]] = {slug: deque() for slug in tokens}
        self.calls: dict[str, tuple[str, Event]] = {}
        self.agents: dict[str, str] = {}
        self.backoff = 0.0
        self.next_try = datetime.min.replace(tzinfo=UTC)

    def add(self, told: Iterable[Due]) -> None:
        for due in told:
            if due.site in self.waiting:
                self.waiting[due.site].append((due.at, due.event))
                self._note(due.site, due.event)

    def _note(self, site: str, event: Event) -> None:
        kind, agent = event["kind"], event.get("agent", "")
        if kind in ("call.offered", "call.answered"):
            self.calls[event["call"]] = (site, event)
        elif kind == "call.ended":
            self.calls.pop(event["call"], None)
        elif kind == "agent.login":
            self.agents[agent] = site
        elif kind == "agent.logout":
            self.agents.pop(agent, None)

    def send(self, now: datetime, patience: float = 5.0) -> None:
        """Post what is waiting. What cannot be posted is tried again, later and later."""
        if now < self.next_try:
            return
        try:
            for site, waiting in self.waiting.items():
                self._send(site, waiting, patience)
        except Away as away:
            self.backoff = min(MOST_BACKOFF_SECONDS, max(1.0, self.backoff * 2))
            self.next_try = now + timedelta(seconds=self.backoff)
            log.info("events wait", reason=str(away))
            for waiting in self.waiting.values():
                while waiting and waiting[0][0] < now - KEPT:
                    waiting.popleft()
        else:
            self.backoff = 0.0

    def _send(self, site: str, waiting: deque[tuple[datetime, Event]], patience: float) -> None:
        while waiting:
            batch = [event for _at, event in list(waiting)[:BATCH]]
            answer = self.web.post(batch, self.tokens[site], patience)
            for _ in batch:
                waiting.popleft()
            for fault in answer.get("rejected", [])[:1]:
                log.warning("an event was rejected", site=site, fault=fault)

    def farewell(self, now: datetime) -> None:
        """End what is open, as far as that can be said in a moment."""
        at = now.isoformat()
        for call, (site, last) in list(self.calls.items()):
            ended = {"kind": "call.ended", "id": f"{call}/stopped", "call": call, "at": at}
            ended["queue"] = last["queue"]
            if last["kind"] == "call.offered":
                ended["outcome"] = "other"
            self.waiting[site].append((now, ended))
        for agent, site in list(self.agents.items()):
            gone = {"kind": "agent.logout", "id": f"{agent}/{at}/stopped", "agent": agent, "at": at}
            self.waiting[site].append((now, gone))
        self.next_try = now
        self.send(now, FAREWELL_SECONDS / max(1, len(self.waiting)))


class Player:
    """The centre of a finished load, played on from a moment."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.seed = int(payload["seed"])
        until = datetime.fromisoformat(payload["now"]).date()
        days = int(payload["days"])
        self.first: date = until - timedelta(days=days - 1)
        crew = hire(self.seed, int(payload["agents"]), self.first)
        self.crew = taught(crew, lessons(crew, self.seed, self.first, days))

    def tellers(self, start: datetime) -> list[Storyteller]:
        """The sites' stories from a warm-up before `start` to past STRETCH after it."""
        first = max(self.first, (start - WARM_UP).date())
        last = (start + STRETCH + timedelta(days=1)).date()
        return [Storyteller(play(site, self.crew, self.seed, first, last)) for site in SITES]

    def opening(self, tellers: list[Storyteller], now: datetime) -> list[Due]:
        """What must be said first: who is here, and which calls are in the air."""
        known = _record_since(now - IN_THE_AIR, now)
        told: list[Due] = []
        for teller in tellers:
            told += teller.present(now)
            air = teller.in_the_air(now, now - IN_THE_AIR)
            going = [place for place, call in enumerate(air.to_dicts()) if _goes_on(call, known)]
            told += teller.tell(air[going])
            for call in air[going]["external_id"]:
                known.pop(call, None)
        return in_order([*told, *_closed(known.values(), now)])


class _Kept(NamedTuple):
    """What the record has of a visit."""

    call: str
    linked: str
    site: str
    queue: str
    agent: int | None
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


def _record_since(start: datetime, now: datetime) -> dict[str, _Kept]:
    """The demo's visits since `start` and all that are still open, by their id at the source."""
    visits = Call.objects.filter(source=SOURCE, queue__isnull=False)
    columns = (
        "external_id", "linked_id", "site__slug", "queue__name", "agent_id", "offered_at",
        "answered_at", "ended_at",
    )  # fmt: skip
    found: dict[str, _Kept] = {}
    for some in (visits.offered_between(start, now), visits.filter(ended_at=None)):
        found |= {row[0]: _Kept(*row) for row in some.values_list(*columns)}
    return found


def _goes_on(call: dict[str, Any], known: Mapping[str, _Kept]) -> bool:
    """Whether the record's visit of that id, if there is one, is this one and not over."""
    kept = known.get(call["external_id"])
    if kept is None:
        return True
    same = (kept.offered_at, kept.queue) == (call["offered_at"], call["queue"])
    answered = kept.answered_at in (None, call["answered_at"])
    # One that has ended just so may still be wrapped up.
    return same and answered and kept.ended_at in (None, call["ended_at"])


def _closed(visits: Iterable[_Kept], now: datetime) -> list[Due]:
    """The ends of visits that the record shows open and nobody plays on."""
    stale = [visit for visit in visits if visit.ended_at is None]
    names = dict(
        AgentAlias.objects.filter(
            source=SOURCE, agent__in=[visit.agent for visit in stale if visit.agent]
        ).values_list("agent_id", "raw_name")
    )
    told: list[Due] = []
    for visit in stale:
        story: list[tuple[datetime, Event]] = [
            (visit.offered_at, {"kind": "call.offered", "linked": visit.linked})
        ]
        ended: Event = {"kind": "call.ended", "outcome": "abandoned"}
        if visit.answered_at and visit.agent:
            answered = {"kind": "call.answered", "agent": names[visit.agent]}
            story.append((visit.answered_at, answered))
            ended = {"kind": "call.ended", "ended_by": "caller"}
        story.append((min(now, story[-1][0] + USUAL_TALK), ended))
        for at, what in story:
            name = f"{visit.call}/closed/{what['kind']}"
            event = {"id": name, "call": visit.call, "queue": visit.queue, "at": at.isoformat()}
            told.append(Due(at, len(told), visit.site, event | what))
    return told


class Simulator:
    """Posts what the player tells when its moment comes."""

    def __init__(self, player: Player, clock: Callable[[], datetime] = timezone.now) -> None:
        self.player = player
        self.clock = clock
        self.told: deque[Due] = deque()
        self.until: datetime | None = None

    def run(self, web: Web, stop: threading.Event) -> None:
        """Post until `stop` is set, then end what is open."""
        with Tokens() as tokens:
            outbox = Outbox(web, tokens)
            while not stop.is_set():
                self.step(outbox)
                stop.wait(TICK_SECONDS)
            outbox.farewell(self.clock())

    def step(self, outbox: Outbox) -> None:
        """Post everything that has happened by now."""
        now = self.clock()
        if self.until is None or now >= self.until:
            self._look_ahead(now)
        while self.told and self.told[0].at <= now:
            outbox.add([self.told.popleft()])
        outbox.send(now)

    def _look_ahead(self, now: datetime) -> None:
        """Play the next stretch; calls of the one before go on to their end."""
        _hang_up()
        tellers = self.player.tellers(now)
        start = self.until or now
        if self.until is None:
            self.told.extend(self.player.opening(tellers, now))
        self.until = now + STRETCH
        ahead = [due for teller in tellers for due in teller.between(start, self.until)]
        self.told = deque(in_order([*self.told, *ahead]))
