"""Amazon Connect's agent event stream: what each agent was doing, one event a record.

An event shows the agent before (PreviousAgentSnapshot) and after it (CurrentAgentSnapshot): the
status with the moment it began, and the contacts at hand with their states. Times are UTC with
milliseconds. What AWS's "Agent event streams data model" says, and what is made of it:

- Each event tells by itself which spells it saw begin and end, so order, repeats and losses of
  events change nothing else. A spell whose end no event shows stays open.
- LOGIN and LOGOUT are the edges of `logged_in`. HEART_BEAT comes every two minutes, and up to an
  hour after the logout: it repeats what goes on and begins nothing.
- A status is a `paused` spell with its name as the reason, but for the one that agents are
  routable in (its Type, or the name Available) and Offline.
- Wrap-up (`acw`) begins when the contact's state becomes ENDED, and ends with the event after
  which the contact is gone.
- `on_call` and `hold` are the contact's states CONNECTED and CONNECTED_ONHOLD; the reason is the
  direction. They are the agent's time. The calls themselves are the contact records' to tell:
  counted here too, each would count twice.
- EventId tells repeats.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ccm.imports.files import members
from ccm.imports.files.members import Record, Unreadable, reject
from ccm.imports.formats.queue_log_fold import Edge, fold_spells
from ccm.imports.records import IGNORED, STATES, Chunk, Issue, RawLine, Reading, frame_of_ms

NAMES = frozenset(["AgentARN", "EventType", "EventTimestamp"])
KINDS = ("LOGIN", "LOGOUT", "STATE_CHANGE", "HEART_BEAT")
SPELLS = {"CONNECTED": "on_call", "CONNECTED_ONHOLD": "hold", "ENDED": "acw"}
OUTBOUND = ("OUTBOUND", "CALLBACK", "API", "EXTERNAL_OUTBOUND")
REASON_SHOWN = 80


class Held(NamedTuple):
    """A state of the agent that a snapshot shows, and since when; "" is one that is no spell."""

    state: str
    reason: str | None
    since: int


@dataclass(frozen=True, slots=True)
class Event:
    at: int
    line: int
    kind: str
    agent: str
    before: dict[str, Held] | None
    """By contact id, and "" for the status; None where there is no snapshot."""
    after: dict[str, Held] | None

    def spells(self) -> Iterator[tuple[Held, int | None]]:
        """What it shows, ended first: each with its end, if this event saw it."""
        after = self.after or {}
        for key, held in (self.before or {}).items():
            now = after.get(key)
            if now == held:
                continue
            end = self.at if now is None else now.since
            if held.state:
                yield held, end if end >= held.since else None
        for held in after.values():
            if held.state:
                yield held, None


@dataclass(slots=True)
class Spell:
    """A spell that events showed: the first line that did, how many count for it, its end."""

    line: int
    lines: int = 0
    end: int | None = None

    def shown(self, line: int, end: int | None) -> None:
        """Take in what one more event shows."""
        self.line = min(self.line, line)
        self.end = min(filter(None, (self.end, end)), default=None)


class AmazonConnectAgentEvents:
    name = "amazon_connect_agent_events"
    label = "Amazon Connect agent events"
    zone: str | None = "UTC"
    needs_zone = False
    has_queue = True

    def recognises(self, head: bytes, filename: str) -> bool:
        return members.names_in(head) >= NAMES

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of events. Raises FileRefused where they begin without the needed members."""
        members.check_head(path, NAMES)
        for made, records in members.stretches(path, reading):
            _fill(made, _events(made, records))
            yield made


def _events(made: Chunk, records: list[Record]) -> list[Event]:
    """The events of known kinds, each once; the other records accounted for."""
    found, seen = [], set()
    for record in records:
        try:
            known = record.text("EventId")
            if known is not None and known in seen:
                made.duplicate += 1
                continue
            kind = record.needed("EventType")
            if kind not in KINDS:
                _keep_unknown(made, record, kind)
                continue
            found.append(event_of(record, kind))
            seen.add(known)
        except Unreadable as bad:
            reject(made, record, bad)
    return found


def _keep_unknown(made: Chunk, record: Record, kind: str) -> None:
    words = _("No rule knows this event; it is kept as it came.")
    made.ignored += 1
    made.issues.append(Issue(record.line, "EventType", kind, "unknown_event", words, IGNORED))
    made.raw.append(RawLine(record.line, record.raw, words))


def event_of(record: Record, kind: str) -> Event:
    """What a record of a known kind tells. Raises Unreadable."""
    names = (
        record.text(f"{snapshot}.Configuration.Username", 160)
        for snapshot in ("CurrentAgentSnapshot", "PreviousAgentSnapshot")
    )
    name = next(filter(None, names), None)
    return Event(
        at=record.needed_moment("EventTimestamp"),
        line=record.line,
        kind=kind,
        agent=name or record.needed("AgentARN", 500).rpartition("/")[2][:160],
        before=_snapshot(record, "PreviousAgentSnapshot"),
        after=_snapshot(record, "CurrentAgentSnapshot"),
    )


def _snapshot(record: Record, path: str) -> dict[str, Held] | None:
    if record.get(path) is None:
        return None
    held = {}
    status = _status(record, f"{path}.AgentStatus")
    if status is not None:
        held[""] = status
    for contact in record.inner(f"{path}.Contacts"):
        state = SPELLS.get(contact.text("State") or "", "")
        since = contact.moment("StateStartTimestamp")
        key = contact.text("ContactId")
        if since is not None and key is not None:
            outbound = contact.text("InitiationMethod") in OUTBOUND
            held[key] = Held(state, "outbound" if outbound else "inbound", since)
    return held


def _status(record: Record, path: str) -> Held | None:
    """The status, a pause or none; null where none is told."""
    name, since = record.text(f"{path}.Name"), record.moment(f"{path}.StartTimestamp")
    if name is None or since is None:
        return None
    kind = (record.text(f"{path}.Type") or name).upper()
    if kind in ("ROUTABLE", "AVAILABLE", "OFFLINE"):
        return Held("", None, since)
    return Held("paused", name[:REASON_SHOWN], since)


def _fill(made: Chunk, events: list[Event]) -> None:
    """Put the spells that events show into their chunk; every event counts for one."""
    edges: dict[str, list[Edge]] = defaultdict(list)
    spells: dict[tuple[str, Held], Spell] = {}
    silent = []
    for event in events:
        shown = [
            (spells.setdefault((event.agent, held), Spell(event.line)), end)
            for held, end in event.spells()
        ]
        for spell, end in shown:
            spell.shown(event.line, end)
        if event.kind in ("LOGIN", "LOGOUT"):
            edges[event.agent].append(Edge(event.at, event.line, event.kind == "LOGIN"))
        elif shown:
            shown[0][0].lines += 1
        else:
            silent.append(event)
    rows: list[tuple[Any, ...]] = [
        (one.line, one.lines, agent, "logged_in", None, one.starts, one.ends)
        for agent, told in edges.items()
        for one in fold_spells(told)
    ]
    rows += [
        (one.line, one.lines, agent, held.state, held.reason, held.since, one.end)
        for (agent, held), one in spells.items()
    ]
    made.states = frame_of_ms(rows, STATES)
    _leave_out(made, silent)
    made.issues.sort(key=lambda issue: issue.line)


def _leave_out(made: Chunk, silent: list[Event]) -> None:
    """Account for events that tell of no spell."""
    words = _("It tells of no session, pause, talk, hold or wrap-up.")
    by_kind: dict[str, list[int]] = defaultdict(list)
    for event in silent:
        by_kind[event.kind].append(event.line)
    for kind, numbers in by_kind.items():
        made.ignored += len(numbers)
        made.issues.append(
            Issue(min(numbers), "EventType", kind, "no_spell", words, IGNORED, len(numbers))
        )


FORMAT = AmazonConnectAgentEvents()
