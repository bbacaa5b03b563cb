"""Folds events into records: the visits of one call, the spells of one agent. Pure.

A fold takes all events known of a call or an agent, in any order and however often, and gives
the records they amount to so far. Nothing is carried over from an earlier fold, so a late or
repeated event needs no repair: the fold is simply done again.

The contract with sources: a call without `call.held` was not held; a wrap-up ends with
`call.wrapped_up`, and while that is missing its length is unknown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from ccm.identity import EPOCH, MILLISECOND, milliseconds
from ccm.imports.formats.queue_log_fold import Edge
from ccm.imports.formats.queue_log_fold import fold_spells as fold_edges
from ccm.imports.records import (
    CALLS,
    OFFERS,
    STATES,
    SURVEYS,
    Chunk,
    extra_json,
    frame_of,
)
from ccm.live.events import ACW, AVAILABLE, PAUSED, SESSION, SNAPSHOT, Event, Survey

# Events of one moment in the order they must have happened.
_CALL_ORDER = {
    kind: place
    for place, kind in enumerate(
        (
            "call.offered", "call.ringing", "call.declined", "call.no_answer", "call.answered",
            "call.held", "call.retrieved", "call.transferred", "call.ended", "call.wrapped_up",
        )
    )
}  # fmt: skip
# A call that moves on at the very moment another entry begins ended the entry before it.
_OPENING = ("call.offered", "call.ringing", "call.answered")
_RINGS = ("call.ringing", "call.declined", "call.no_answer", "call.answered")
_RESULTS = {
    "call.answered": "answered", "call.no_answer": "no_answer", "call.declined": "declined",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring at one agent. `mark` identifies it: when its result came, or, where none was
    posted before the call ended, when it began."""

    agent: str
    mark: datetime
    starts_at: datetime | None
    ring_ms: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One entry of one call into one queue, as far as its events tell. None is unknown.

    Durations are milliseconds. `events` counts those it was made of.
    """

    external_id: str
    linked_id: str
    queue: str
    agent: str | None
    topic: str | None
    caller: str | None
    entry_known: bool
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wrapup_ended_at: datetime | None
    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    acw_ms: int | None
    outcome: str
    ended_by: str | None
    transfer_kind: str | None
    transfer_target: str | None
    resolved: bool | None
    extra: dict[str, Any]
    events: int
    rings: tuple[Ring, ...]
    surveys: tuple[tuple[Survey, datetime], ...]


@dataclass(frozen=True, slots=True)
class Spell:
    """One agent in one state, [starts_at, ends_at); a half lacks the edge no event showed."""

    agent: str
    state: str
    reason: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(slots=True)
class _Part:
    """The events of one entry, in order once all are placed."""

    queue: str
    began: datetime
    entry: Event | None
    events: list[Event] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Event]:
        return [event for event in self.events if event.kind in kinds]

    def first(self, kind: str) -> Event | None:
        return next(iter(self.of(kind)), None)


def fold_visits(events: Iterable[Event]) -> list[Visit]:
    """The visits of one call, in order of entry. Events that `unplaced` names tell nothing yet."""
    ordered = _in_order(events, _CALL_ORDER)
    said = _SaidOnce(
        caller=next((event.caller for event in ordered if event.caller), None),
        linked_id=next((event.linked for event in ordered if event.linked), None),
    )
    return [_visit(part, said) for part in _parts(ordered)[0]]


def unplaced(events: Iterable[Event]) -> list[Event]:
    """Events of one call that belong to no visit: no event of the call names its queue."""
    return _parts(_in_order(events, _CALL_ORDER))[1]


def _in_order(events: Iterable[Event], order: dict[str, int]) -> list[Event]:
    once = {event.id: event for event in events}
    return sorted(once.values(), key=lambda event: (event.at, order[event.kind], event.id))


def _parts(ordered: list[Event]) -> tuple[list[_Part], list[Event]]:
    """The entries of a call with the events that belong to each, and the events of none."""
    entries: dict[tuple[str, datetime], _Part] = {}
    for event in ordered:
        if event.kind == "call.offered":
            entries.setdefault((event.queue, event.at), _Part(event.queue, event.at, event))
    entered = {part.queue for part in entries.values()}
    halves: dict[str, _Part] = {}
    for event in ordered:
        if event.queue and event.queue not in entered:
            halves.setdefault(event.queue, _Part(event.queue, event.at, None))
    parts = sorted([*entries.values(), *halves.values()], key=lambda part: (part.began, part.queue))
    left: list[Event] = []
    # Who rang and answered where is settled first: the rest follows the agent who spoke.
    for event in sorted(ordered, key=lambda event: event.kind not in ("call.offered", *_RINGS)):
        part = _home(event, parts)
        (left if part is None else part.events).append(event)
    for part in parts:
        part.events.sort(key=lambda event: (event.at, _CALL_ORDER[event.kind], event.id))
    return parts, left


def _home(event: Event, parts: list[_Part]) -> _Part | None:
    """The entry an event belongs to: the last before it of its queue, or of its agent."""
    fitting = [part for part in parts if part.queue == event.queue] if event.queue else parts
    if event.agent and not event.queue and event.kind not in _RINGS:
        spoken = [
            part
            for part in fitting
            if any(one.agent == event.agent for one in part.of("call.answered"))
        ]
        fitting = spoken or fitting
    opening = event.kind in _OPENING
    begun = [
        part for part in fitting if part.began < event.at or (opening and part.began == event.at)
    ]
    # Two clocks may disagree: what seems to come before every entry belongs to the first.
    return begun[-1] if begun else next(iter(fitting), None)


@dataclass(frozen=True, slots=True)
class _SaidOnce:
    """What any event of a call says for all its visits."""

    caller: str | None
    linked_id: str | None


def _visit(part: _Part, said: _SaidOnce) -> Visit:
    offered_at = part.entry.at if part.entry else part.events[0].at
    answered, wrapped = part.first("call.answered"), part.first("call.wrapped_up")
    transferred, ended = part.first("call.transferred"), part.first("call.ended")
    answered_at = max(answered.at, offered_at) if answered else None
    over = min((event.at for event in (transferred, ended) if event), default=None)
    ended_at = max(over, answered_at or offered_at) if over else None
    wrapup_ended_at = max(wrapped.at, ended_at or offered_at) if wrapped else None
    waited_until = answered_at or ended_at
    hold_ms = _hold_ms(part, answered_at, ended_at)
    talk_ms = None
    if answered_at and ended_at and hold_ms is not None:
        talk_ms = _ms(answered_at, ended_at) - hold_ms
    rings = _rings(part, ended_at)
    agent = answered.agent if answered else None
    taken = next((r for r in rings if r.outcome == "answered" and r.agent == agent), None)
    extra: dict[str, Any] = {}
    for event in part.events:
        extra |= event.extra
    return Visit(
        external_id=part.events[0].call,
        linked_id=said.linked_id or part.events[0].call,
        queue=part.queue,
        agent=agent,
        topic=next((event.topic for event in reversed(part.events) if event.topic), None),
        caller=said.caller,
        entry_known=part.entry is not None,
        offered_at=offered_at,
        answered_at=answered_at,
        ended_at=ended_at,
        wrapup_ended_at=wrapup_ended_at,
        wait_ms=_ms(offered_at, waited_until) if part.entry and waited_until else None,
        ring_ms=taken.ring_ms if taken else None,
        talk_ms=talk_ms,
        hold_ms=hold_ms,
        acw_ms=_ms(ended_at, wrapup_ended_at) if ended_at and wrapup_ended_at else None,
        outcome=_outcome(part, ended_at),
        ended_by=next((event.ended_by for event in part.events if event.ended_by), None),
        transfer_kind=(transferred.transfer or "blind") if transferred else None,
        transfer_target=transferred.target or None if transferred else None,
        resolved=next((e.resolved for e in reversed(part.events) if e.resolved is not None), None),
        extra=extra,
        events=len(part.events),
        rings=rings,
        surveys=_surveys(part),
    )


def _ms(start: datetime, end: datetime) -> int:
    return (end - start) // MILLISECOND


def _outcome(part: _Part, ended_at: datetime | None) -> str:
    if part.first("call.answered"):
        return "answered"
    if ended_at is None:
        return "in_progress"
    ended = part.first("call.ended")
    if ended and ended.outcome:
        return ended.outcome
    # What follows an answer shows that there was one; its event is missing, and with it the wait.
    served = part.of("call.held", "call.retrieved", "call.transferred", "call.wrapped_up")
    return "abandoned" if ended and ended.ended_by == "caller" and not served else "other"


def _hold_ms(part: _Part, answered_at: datetime | None, ended_at: datetime | None) -> int | None:
    """Time on hold of a finished conversation; None where a missing event hides it."""
    if not answered_at or not ended_at:
        return None
    held = sorted({event.at for event in part.of("call.held")})
    back = sorted({event.at for event in part.of("call.retrieved")})
    if len(held) == len(back) + 1:
        back.append(max(ended_at, held[-1]))  # hung up while on hold
    if len(held) != len(back) or any(end < start for start, end in zip(held, back, strict=True)):
        return None
    spans = list(zip(held, back, strict=True))
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        return None
    total = 0
    for start, end in spans:
        low, high = max(start, answered_at), min(end, ended_at)
        total += _ms(low, high) if high > low else 0
    return total


def _rings(part: _Part, ended_at: datetime | None) -> tuple[Ring, ...]:
    """The rings whose result is known; those left without one when the call is over were
    cancelled."""
    rings: list[Ring] = []
    ringing: dict[str, datetime] = {}
    answered: set[str] = set()
    for event in part.of(*_RINGS):
        if event.kind == "call.ringing":
            before = ringing.get(event.agent, event.at)
            if before < event.at:
                rings.append(Ring(event.agent, before, before, None, "cancelled"))
            ringing[event.agent] = event.at
            continue
        outcome = _RESULTS[event.kind]
        if outcome == "answered":
            if event.agent in answered:
                continue
            answered.add(event.agent)
        start = ringing.pop(event.agent, None)
        ring_ms = _ms(start, event.at) if start else None
        if outcome == "no_answer" and ring_ms == 0:
            outcome = "unreachable"
        rings.append(Ring(event.agent, event.at, start, ring_ms, outcome))
    if ended_at:
        rings += [
            Ring(agent, start, start, _ms(start, max(start, ended_at)), "cancelled")
            for agent, start in sorted(ringing.items())
        ]
    return tuple(rings)


def _surveys(part: _Part) -> tuple[tuple[Survey, datetime], ...]:
    """The last answer of each kind, and when it was given."""
    last = {event.survey.kind: (event.survey, event.at) for event in part.events if event.survey}
    return tuple(last[kind] for kind in sorted(last))


_AGENT_ORDER = {"agent.logout": 0, "agent.login": 1, "agent.state": 2}
_STATE_ORDER = (AVAILABLE, ACW, PAUSED)


def fold_spells(events: Iterable[Event]) -> list[Spell]:
    """The spells of one agent, oldest first: `logged_in`, overlaid by `paused` and `acw`.

    Every login, pause and wrap-up begins a spell of its own, which ends with the next event
    that ends it. So a spell once told keeps its start, and later news can only end it sooner.
    A logout that no login precedes gives the half of a session that began before. Snapshots tell
    otherwise: `shown_spells`.
    """
    once = {event.id: event for event in events}
    ordered = sorted(
        (event for event in once.values() if event.kind != SNAPSHOT),
        key=lambda e: (
            e.at,
            _AGENT_ORDER[e.kind],
            _STATE_ORDER.index(e.state) if e.kind == "agent.state" else 0,
            e.id,
        ),
    )
    sessions = [event for event in ordered if event.kind != "agent.state"]
    spells: dict[tuple[str, datetime | None], Spell] = {}
    if sessions and sessions[0].kind == "agent.logout":
        first = sessions[0]
        spells[SESSION, None] = Spell(first.agent, SESSION, "", None, first.at)
    _spells(spells, sessions)
    _spells(spells, ordered, overlay=True)
    return sorted(
        spells.values(), key=lambda spell: (spell.starts_at or spell.ends_at, spell.state)
    )


def _spells(
    spells: dict[tuple[str, datetime | None], Spell], ordered: list[Event], overlay: bool = False
) -> None:
    """Add what begins with each login (or, as `overlay`, each pause and wrap-up) and ends with
    whatever comes next."""
    for place, event in enumerate(ordered):
        state = event.state if event.kind == "agent.state" else SESSION
        if event.kind == "agent.logout" or state == AVAILABLE or overlay == (state == SESSION):
            continue
        after = ordered[place + 1].at if place + 1 < len(ordered) else None
        reason = event.reason if state == PAUSED else ""
        spells[state, event.at] = Spell(event.agent, state, reason, event.at, after)


def shown_spells(events: Iterable[Event]) -> Iterator[Spell]:
    """The spells of one agent that snapshots show: each ends with the first end that any of them
    saw."""
    snapshots = [event for event in events if event.kind == SNAPSHOT]
    edges = [
        Edge(milliseconds(event.at), 0, event.session == "login")
        for event in snapshots
        if event.session
    ]
    for session in fold_edges(edges):
        starts, ends = (
            None if edge is None else EPOCH + edge * MILLISECOND
            for edge in (session.starts, session.ends)
        )
        yield Spell(snapshots[0].agent, SESSION, "", starts, ends)
    ends_of: dict[tuple[str, str, datetime], list[datetime]] = defaultdict(list)
    for event in snapshots:
        for one in event.shown:
            ends_of[one.state, one.reason, one.since] += [one.until] if one.until else []
    for (state, reason, since), seen in ends_of.items():
        yield Spell(snapshots[0].agent, state, reason, since, min(seen, default=None))


def chunk_of(visits: Iterable[Visit], spells: Iterable[Spell]) -> Chunk:
    """Folded records as the loader takes them; `line` counts records, `lines` their events."""
    calls: list[tuple[Any, ...]] = []
    offers: list[tuple[Any, ...]] = []
    surveys: list[tuple[Any, ...]] = []
    for number, one in enumerate(visits):
        calls.append(
            (
                number + 1, one.events, one.external_id, one.linked_id, "voice", "inbound",
                one.queue, one.agent, one.topic, one.caller, milliseconds(one.offered_at),
                one.entry_known, one.offered_at, one.answered_at, one.ended_at,
                one.wrapup_ended_at, "ms", None, one.wait_ms, one.ring_ms, one.talk_ms,
                one.hold_ms, one.acw_ms, one.outcome, one.ended_by, one.transfer_kind,
                one.transfer_target, one.resolved, None, extra_json(**one.extra),
            )
        )  # fmt: skip
        offers += [
            (number, ring.agent, milliseconds(ring.mark), ring.starts_at, ring.ring_ms,
             ring.outcome)
            for ring in one.rings
        ]  # fmt: skip
        surveys += [
            (number, answer.kind, answer.scale_min, answer.scale_max, answer.score,
             answer.comment or None, at)
            for answer, at in one.surveys
        ]  # fmt: skip
    states = [
        (number, 1, one.agent, one.state, one.reason or None, one.starts_at, one.ends_at)
        for number, one in enumerate(spells, 1)
    ]
    chunk = Chunk(position=0, read=0)
    chunk.calls, chunk.offers = frame_of(calls, CALLS), frame_of(offers, OFFERS)
    chunk.surveys, chunk.states = frame_of(surveys, SURVEYS), frame_of(states, STATES)
    return chunk
