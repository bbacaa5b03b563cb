"""Genesys Cloud's conversation details, as its analytics API answers: one record a conversation.

A conversation has participants (customer, ivr, acd, agent, ...), these have sessions, and these
segments with stamps and metrics in milliseconds. Times are UTC.

- Each session of an `acd` participant is a visit on a queue; the visits of one conversation
  share its id. The queue is called what the acd participant is called, else by its id.
- An agent's session belongs to the last visit on its queue that began before it. It answered if
  it has an `interact` segment. One that only rang is a ring without an answer, even if it
  carries a wrap-up, tAcw and tHandle of its own, as those of not-responding agents do.
- A second agent who answered the same visit, and one who was reached without a queue, have a
  visit of their own without a queue: these are transfers to a person, and direct calls.
- The wait is tAnswered or tAcd, of those who gave up tAbandon. Talk, hold and wrap-up are
  tTalkComplete, tHeldComplete and tAcw. Segments show all that an agent did, so of an ended
  session what is not there did not happen: 0.
- A visit that left the queue for a flow (tFlowOut) is another exit, unless a voicemail or a
  callback follows it. The callback is an outbound visit that nobody waits for on the line.
- Agents are named by their ids: details seldom tell the names.
- The details have no version. The newest moment in them serves as one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from ccm.imports.cells.exported import Export, Row, Told
from ccm.imports.files.members import Record
from ccm.imports.records import extra_json

PEOPLE = ("agent", "user")
CHANNELS = {
    "voice": "voice",
    "callback": "voice",
    "chat": "chat",
    "message": "chat",
    "email": "email",
}
TRANSFERS = frozenset(["transfer", "consultTransfer", "conferenceTransfer", "forwardTransfer"])
# Who ended it, by the disconnect type of the agent's own segment.
ENDED_BY = {
    "peer": "caller",
    "client": "agent",
    "endpoint": "agent",
    "system": "system",
    "error": "system",
    "timeout": "system",
}
BUSY = frozenset([486, 600])
# An agent's session may begin that much before the queue's own, by clocks of two servers.
SLACK = 1_000


class Segment(NamedTuple):
    """A stretch of a session, in milliseconds since 1970; the last may have no end yet."""

    kind: str
    start: int
    end: int | None
    queue: str | None
    disconnect: str | None
    wrap_up: str | None


@dataclass(slots=True)
class Session:
    """A participant's session, its segments in order and its metrics summed by name."""

    purpose: str
    name: str | None
    user: str | None
    media: str
    direction: str
    number: str | None
    segments: list[Segment]
    metrics: Counter[str]
    busy: bool

    @property
    def start(self) -> int:
        return self.segments[0].start

    @property
    def end(self) -> int | None:
        """When the last segment ended; null while one goes on."""
        ends = [one.end for one in self.segments if one.end is not None]
        return max(ends) if len(ends) == len(self.segments) else None

    @property
    def queue(self) -> str | None:
        return next((one.queue for one in self.segments if one.queue), None)

    def of(self, *kinds: str) -> list[Segment]:
        return [one for one in self.segments if one.kind in kinds]

    def told(self, *names: str) -> int | None:
        """The first of these metrics that the session has."""
        return next((self.metrics[name] for name in names if name in self.metrics), None)

    @property
    def talked(self) -> list[Segment]:
        """What of it was a conversation; empty where nobody answered."""
        return self.of("interact", "hold") if self.of("interact") else []

    def length(self, *kinds: str) -> int:
        return sum(one.end - one.start for one in self.of(*kinds) if one.end is not None)


@dataclass(slots=True)
class Visit:
    """A session on a queue with the agents it rang at; or an agent reached without one."""

    session: Session
    queue: str | None
    start: int
    agents: list[Session] = field(default_factory=list)

    @property
    def answered(self) -> Session | None:
        """The agent who answered first."""
        spoke = [one for one in self.agents if one.talked]
        return min(spoke, key=lambda one: one.talked[0].start, default=None)


def tell(record: Record) -> Told:
    """The visits of a conversation."""
    conversation = record.needed("conversationId")
    began = record.needed_moment("conversationStart")
    ended = record.moment("conversationEnd")
    sessions = _sessions(record)
    visits = _visits(sessions)
    caller = next((one.number for one in sessions if one.purpose in ("customer", "external")), None)
    rows: list[Row] = []
    offers: list[Row] = []
    births: set[tuple[str | None, int]] = set()
    for place, visit in enumerate(visits):
        # Two visits of one moment are still two.
        birth = visit.start
        while (visit.queue, birth) in births:
            birth += 1
        births.add((visit.queue, birth))
        offers += [ring | {"call": place} for ring in _rings(visit)]
        row = _row(visit, visits, sessions, ended is not None)
        menu = _menu_ms(sessions, visit.start) if place == 0 else None
        rows.append(row | {"birth_ms": birth, "ivr_ms": menu, "caller": caller})
    if not rows:
        rows = [_without_visit(record, sessions, began, ended) | {"caller": caller}]
    stamps = [began, ended or began]
    stamps += [one.end or one.start for session in sessions for one in session.segments]
    # Of two that reach as far the one that is over is newer.
    return Told(conversation, max(stamps) + (ended is not None), rows, offers)


def _sessions(record: Record) -> list[Session]:
    """All sessions that have segments, in the order of their beginnings."""
    if record.get("participants") is None:
        raise record.bad("participants", "missing", _("It is empty."))
    found = []
    for participant in record.inner("participants"):
        sessions = participant.inner("sessions")
        # Inside a callback the call to the customer is a session of its own, told by both.
        callback = any(one.get("mediaType") == "callback" for one in sessions)
        for session in sessions:
            if not callback or session.get("mediaType") == "callback":
                made = _session(participant, session)
                if made.segments and not made.of("monitoring", "coaching", "barging"):
                    found.append(made)
    return sorted(found, key=lambda one: one.start)


def _session(participant: Record, session: Record) -> Session:
    segments = [_segment(one) for one in session.inner("segments")]
    metrics: Counter[str] = Counter()
    for metric in session.inner("metrics"):
        metrics[metric.needed("name")] += metric.ms("value", unit=1) or 0
    codes = [
        code
        for one in session.inner("segments")
        for code in one.get("sipResponseCodes") or []
        if isinstance(code, int)
    ]
    direction = session.text("direction") or "inbound"
    number = session.text("ani" if direction == "inbound" else "dnis", 200)
    return Session(
        purpose=participant.text("purpose") or "",
        name=participant.text("participantName"),
        user=participant.text("userId") or participant.text("participantName"),
        media=session.text("mediaType") or "voice",
        direction=direction,
        number=number and number.removeprefix("tel:"),
        segments=sorted(segments, key=lambda one: one.start),
        metrics=metrics,
        busy=not BUSY.isdisjoint(codes),
    )


def _segment(record: Record) -> Segment:
    start, end = record.needed_moment("segmentStart"), record.moment("segmentEnd")
    if end is not None and end < start:
        raise record.bad("segmentEnd", "order", _("It is before the segment began."))
    return Segment(
        kind=record.text("segmentType") or "",
        start=start,
        end=end,
        queue=record.text("queueId"),
        disconnect=record.text("disconnectType"),
        wrap_up=record.text("wrapUpCode"),
    )


def _visits(sessions: list[Session]) -> list[Visit]:
    """The visits on queues with their agents, and those of agents alone, in order."""
    queued = []
    for one in sessions:
        if one.purpose == "acd":
            waited = one.of("interact") or one.segments
            queued.append(Visit(one, one.name or one.queue, waited[0].start))
    alone = []
    for one in sessions:
        if one.purpose not in PEOPLE:
            continue
        fitting = [
            visit
            for visit in queued
            if one.queue and visit.session.queue == one.queue
            if visit.session.start <= one.start + SLACK
        ]
        if not fitting:
            alone.append(_alone(one, one.queue if one.direction == "outbound" else None))
        else:
            fitting[-1].agents.append(one)
    for visit in queued:
        others = [one for one in visit.agents if one.talked and one is not visit.answered]
        visit.agents = [one for one in visit.agents if one not in others]
        alone += [_alone(one, None) for one in others]
    return sorted([*queued, *alone], key=lambda visit: visit.start)


def _alone(agent: Session, queue: str | None) -> Visit:
    return Visit(agent, queue, agent.start, [agent])


def _row(visit: Visit, visits: list[Visit], sessions: list[Session], over: bool) -> Row:
    """A visit in columns of CALLS."""
    session, agent = visit.session, visit.answered
    called_back = session.media == "callback"
    outbound = called_back or session.direction == "outbound"
    row: Row = {
        "channel": CHANNELS.get(session.media, "other"),
        "direction": "outbound" if outbound else "inbound",
        "queue": visit.queue,
        "offered_at": visit.start,
        "time_precision": "ms",
    }
    waited = session.told("tAcd", "tAbandon", "tFlowOut", "tWait")
    if waited is None and session.purpose == "acd" and session.end is not None:
        waited = max(0, session.end - visit.start)
    exit_word = None
    if agent is not None:
        row |= _answer(agent, visit, visits)
        told = agent.told("tAnswered")
        waited = waited if told is None else told
    else:
        outcome, ended_by, exit_word = _unanswered(visit, sessions, over)
        open_still = outcome == "in_progress"
        ended = session.end
        if ended is not None:
            ended = max(visit.start, ended)
        row |= {
            "outcome": outcome,
            "ended_by": ended_by,
            "ended_at": None if open_still else ended,
            "agent": session.user if outbound and session.purpose in PEOPLE else None,
        }
    queued = session.purpose == "acd" and row["outcome"] != "in_progress"
    row["wait_ms"] = waited if queued and not outbound else None
    row["extra"] = extra_json(
        exit=exit_word,
        queue_id=session.queue if session.queue != visit.queue else None,
        queued_ms=waited if queued and outbound else None,
    )
    return row


def _answer(agent: Session, visit: Visit, visits: list[Visit]) -> Row:
    """What the agent who answered did."""
    talked = agent.talked
    last, over = talked[-1], agent.end is not None
    # What happened is told by segments, so that what they do not show is none.
    talk = agent.told("tTalkComplete", "tTalk")
    hold = agent.told("tHeldComplete", "tHeld")
    wrap_up = agent.told("tAcw")
    answered = max(visit.start, talked[0].start)
    notes = agent.of("wrapup")
    row: Row = {
        "outcome": "answered",
        "agent": agent.user,
        "answered_at": answered,
        "ended_at": None if last.end is None else max(answered, last.end),
        "wrapup_ended_at": notes[-1].end if notes else None,
        "ring_ms": agent.told("tAlert", "tDialing"),
        "talk_ms": agent.length("interact") if talk is None and over else talk,
        "hold_ms": agent.length("hold") if hold is None and over else hold,
        "acw_ms": agent.length("wrapup") if wrap_up is None and over else wrap_up,
        "ended_by": ENDED_BY.get(last.disconnect or ""),
        "disposition": next((one.wrap_up for one in agent.segments if one.wrap_up), None),
    }
    if last.disconnect in TRANSFERS or agent.metrics["nTransferred"]:
        row |= {"ended_by": "agent"} | _transfer(agent, last, visits)
    return row


def _transfer(agent: Session, last: Segment, visits: list[Visit]) -> Row:
    """How the call was passed on, and to which queue or agent."""
    kind = "transfer"
    if agent.metrics["nConsultTransferred"] or last.disconnect == "consultTransfer":
        kind = "attended"
    elif agent.metrics["nBlindTransferred"]:
        kind = "blind"
    since = last.start
    after = [one for one in visits if one.start > since and agent not in one.agents]
    target = after[0].queue or after[0].session.user if after else None
    return {"transfer_kind": kind, "transfer_target": target}


def _unanswered(
    visit: Visit, sessions: list[Session], over: bool
) -> tuple[str, str | None, str | None]:
    """Outcome, who ended it, and a word on how, of a visit that nobody answered."""
    session = visit.session
    last = session.segments[-1].disconnect
    if "tAbandon" in session.metrics:
        return "abandoned", "caller", None
    if session.end is None and not over:
        return "in_progress", None, None
    if session.purpose in PEOPLE:
        if session.busy:
            return "busy", None, last
        failed = last in ("error", "system", "uncallable", "timeout")
        return "failed" if failed else "other", None, last
    after = {
        "voicemail" if one.purpose == "voicemail" else one.media
        for one in sessions
        if one.start >= visit.start and one is not session
    }
    if "voicemail" in after or "tVoicemail" in session.metrics:
        return "voicemail", None, None
    if "callback" in after and session.media != "callback":
        return "callback_requested", None, None
    return "other", None, "flow" if "tFlowOut" in session.metrics else last


def _rings(visit: Visit) -> Iterable[Row]:
    """The rings of a visit in columns of OFFERS. An agent who dialled did not ring."""
    for agent in visit.agents:
        alerts = agent.of("alert")
        if not alerts or agent.user is None:
            continue
        ended = alerts[-1].end
        if agent.talked:
            outcome = "answered"
        elif "tNotResponding" in agent.metrics:
            outcome = "no_answer"
        elif alerts[-1].disconnect == "client":
            outcome = "declined"
        else:
            outcome = "cancelled"
        ring = agent.told("tNotResponding", "tAlert")
        if ring is None and ended is not None:
            ring = agent.length("alert")
        if ended is not None:
            yield {
                "agent": agent.user,
                "ended_ms": ended,
                "starts_at": alerts[0].start,
                "ring_ms": ring,
                "outcome": outcome,
            }


def _menu_ms(sessions: list[Session], until: int) -> int | None:
    """How long voice menus took before a moment; null where there was none."""
    menus = [one for one in sessions if one.purpose == "ivr" and one.start <= until]
    told = [one.told("tIvr") for one in menus]
    times = [one.length("ivr") if ms is None else ms for one, ms in zip(menus, told, strict=True)]
    return sum(times) if times else None


def _without_visit(record: Record, sessions: list[Session], began: int, ended: int | None) -> Row:
    """A conversation that reached neither a queue nor an agent."""
    outbound = record.text("originatingDirection") == "outbound"
    voicemail = any(one.purpose == "voicemail" for one in sessions)
    outcome = "voicemail" if voicemail else "other" if outbound else "left_ivr"
    if ended is not None and ended < began:
        raise record.bad("conversationEnd", "order", _("It is before the conversation began."))
    return {
        "direction": "outbound" if outbound else "inbound",
        "channel": CHANNELS.get(sessions[0].media, "other") if sessions else "voice",
        "birth_ms": began,
        "offered_at": began,
        "ended_at": ended,
        "time_precision": "ms",
        "ivr_ms": _menu_ms(sessions, ended or began),
        "outcome": "in_progress" if ended is None else outcome,
    }


FORMAT = Export(
    name="genesys_conversation_detail",
    label="Genesys Cloud conversation details",
    has_queue=True,
    names=frozenset(["conversationId", "conversationStart", "participants"]),
    tell=tell,
)
