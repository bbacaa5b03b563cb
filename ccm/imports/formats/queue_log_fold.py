"""Events of one stretch of a queue_log folded into visits, outbound calls and agents' spells.

Pure: moments and durations are milliseconds (moments since 1970), files and text are unknown
here. What the stretch's edges cut off comes out as halves.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

SECOND = 1000
# Stamps and durations of one call are cut to whole seconds each, so they may disagree by some.
SLACK = 2 * SECOND

COMPLETES = {"COMPLETEAGENT": "agent", "COMPLETECALLER": "caller"}
TRANSFERS = {"TRANSFER": "blind", "BLINDTRANSFER": "blind", "ATTENDEDTRANSFER": "attended"}
EXITS = ("ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY", "LEAVEEMPTY", "WITHDRAW")
REFUSALS = (
    "JOINEMPTY", "JOINUNAVAIL", "FULL", "CLOSED", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME",
)  # fmt: skip
RINGS = ("RINGNOANSWER", "RINGCANCELED", "AGENTDUMP", "SYSCOMPAT")
# The order in which events of one second happened.
RANK = {
    "ENTERQUEUE": 0,
    **dict.fromkeys(REFUSALS, 0),
    **dict.fromkeys(RINGS, 1),
    "CONNECT": 2,
    **dict.fromkeys([*COMPLETES, *TRANSFERS, *EXITS], 3),
}
DIALLED = (
    "OUTDIAL", "OUTCHANUNAVAIL", "OUTCONGESTION", "OUTBUSY", "OUTNOANSWER", "OUTOTHER",
    "OUTCANCEL", "OUTANSWER", "OUTTRANSFER",
)  # fmt: skip
RANK |= {name: place for place, name in enumerate(DIALLED)}


class Event(NamedTuple):
    """One line of a call. A duration the line does not tell is null.

    `hold` is the wait before the agent or the exit, `ring` how long one agent rang, `word`
    and `more` what else the event says: caller and URL of an entry, target of a transfer.
    `ahead` is how far the clock that wrote the line is ahead of UTC, in milliseconds.
    """

    at: int
    rank: int
    line: int
    name: str
    agent: str | None
    hold: int | None = None
    talk: int | None = None
    ring: int | None = None
    word: str | None = None
    more: str | None = None
    precise: bool = False
    ahead: int = 0

    @property
    def entered(self) -> int | None:
        """When the caller must have entered, reckoned back from the durations."""
        return None if self.hold is None else self.at - self.hold - (self.talk or 0)


class Visit:
    """One callid on one queue from one entry on; or one outbound call."""

    __slots__ = ("connect", "did", "end", "entry", "line", "lines", "precise", "rings", "transfer")

    def __init__(self, first: Event) -> None:
        self.entry: Event | None = None
        self.connect: Event | None = None
        self.end: Event | None = None
        self.transfer: Event | None = None
        self.rings: list[Event] = []
        self.did: str | None = None
        self.line = first.line
        self.lines = 0
        self.precise = first.precise

    def took(self, event: Event) -> None:
        """Count a line that helped to make this visit."""
        self.lines += 1
        self.line = min(self.line, event.line)

    @property
    def answered(self) -> bool:
        return self.connect is not None or (self.end is not None and _is_end(self.end))

    @property
    def birth(self) -> int:
        """When the caller entered: as logged, else reckoned back from what is."""
        if self.entry is not None:
            return self.entry.at
        for event in (self.connect, self.end):
            if event is not None:
                return event.at if event.entered is None else event.entered
        return min(ring.at - (ring.ring or 0) for ring in self.rings)

    @property
    def ahead(self) -> int:
        """How far the clock that wrote the visit is ahead of UTC."""
        for event in (self.entry, self.connect, self.end):
            if event is not None:
                return event.ahead
        return self.rings[0].ahead

    @property
    def wait(self) -> int | None:
        """The wait the switch wrote; else the time between its stamps; else unknown."""
        for event in (self.connect, self.end):
            if event is not None and event.hold is not None:
                return event.hold
        if self.entry is None:
            return None
        if self.connect is not None or (self.answered and self.talk is not None):
            return max(0, (self.answered_at or 0) - self.entry.at)
        return None if self.end is None or self.answered else max(0, self.end.at - self.entry.at)

    @property
    def talk(self) -> int | None:
        if not self.answered or self.end is None:
            return None
        if self.end.talk is not None:
            return self.end.talk
        return None if self.connect is None else max(0, self.end.at - self.connect.at)

    @property
    def answered_at(self) -> int | None:
        """When an agent took the call; never before its entry."""
        if self.connect is not None:
            return max(self.birth, self.connect.at)
        if self.end is None or not self.answered:
            return None
        return max(self.birth, self.end.at - (self.end.talk or 0))

    @property
    def ended_at(self) -> int | None:
        return None if self.end is None else max(self.answered_at or self.birth, self.end.at)


class Folded(NamedTuple):
    """What the events of one call came to. Repeats and contradictions helped no visit."""

    visits: list[Visit]
    repeats: list[Event]
    contradictions: list[Event]


def fold_visits(events: list[Event]) -> Folded:
    """The visits of one callid on one queue."""
    events.sort()
    folded = Folded([], [], [])
    visits = folded.visits
    for event in events:
        if event.name == "ENTERQUEUE" or event.name in REFUSALS:
            if any(visit.entry is not None and visit.entry.at == event.at for visit in visits):
                folded.repeats.append(event)
                continue
            visit = Visit(event)
            visit.entry = event
            if event.name in REFUSALS:
                visit.end = event
            visits.append(visit)
            visit.took(event)
            continue
        visit = _home(visits, event)
        match _place(visit, event):
            case "helped":
                visit.took(event)
            case "repeat":
                folded.repeats.append(event)
            case _:
                folded.contradictions.append(event)
    return folded


def _home(visits: list[Visit], event: Event) -> Visit:
    """The visit an event is of: the last that began, a new half where that cannot be."""
    last = visits[-1] if visits else None
    if last is None:
        visits.append(Visit(event))
        return visits[-1]
    if last.entry is not None and last.entry.at >= event.at - SECOND:
        # In the second of a new entry an end may still be the earlier visit's.
        entered = event.entered
        if entered is not None and entered < last.entry.at - SLACK:
            if len(visits) == 1:
                visits.insert(0, Visit(event))
            return visits[-2]
    if last.end is not None:
        began = event.entered if event.entered is not None else event.at - (event.ring or 0)
        late = SLACK if event.name in RINGS or _ends_again(last, event) else 0
        if event.at > last.end.at + late and began >= last.end.at - SECOND:
            visits.append(Visit(event))
            return visits[-1]
    return last


def _ends_again(visit: Visit, event: Event) -> bool:
    """Whether a switch wrote the end of an agent's part once more, as after a transfer."""
    ends = visit.end
    return ends is not None and visit.answered and _is_end(event) and event.agent == ends.agent


def _is_end(event: Event) -> bool:
    return event.name in COMPLETES or event.name in TRANSFERS


def _place(visit: Visit, event: Event) -> str:
    """Give an event its place in a visit: "helped", or why it has none."""
    end = visit.end
    if event.name in RINGS:
        visit.rings.append(event)
        return "helped"
    if event.name == "CONNECT":
        if visit.connect is not None:
            return "repeat" if visit.connect.agent == event.agent else "contradiction"
        if end is not None and not visit.answered:
            return "contradiction"
        visit.connect = event
        return "helped"
    if event.name in EXITS:
        if visit.answered:
            return "contradiction"
        if end is not None:
            return "repeat" if end.name == event.name else "contradiction"
        visit.end = event
        return "helped"
    if end is not None and not _is_end(end):
        return "contradiction"
    if event.name in TRANSFERS:
        if visit.transfer is not None:
            return "repeat" if visit.transfer.name == event.name else "contradiction"
        visit.transfer = event
    elif end is not None and end.name in COMPLETES:
        # Some switches write one end several times, each with another position.
        return "repeat"
    visit.end = end or event
    return "helped"


def fold_outbound(events: list[Event]) -> Visit:
    """The one outbound call of an agent's tries under one callid.

    Of tries that ended in one second the shortest was the last.
    """
    events.sort(key=lambda event: (event.at, event.rank, -(event.hold or 0), event.line))
    visit = Visit(events[0])
    for event in events:
        visit.took(event)
        if event.name == "OUTDIAL":
            visit.entry = visit.entry or event
        elif event.name == "OUTTRANSFER":
            visit.transfer = visit.transfer or event
        elif event.name == "OUTANSWER" or visit.end is None or visit.end.name != "OUTANSWER":
            visit.end = event
    visit.end = visit.end or visit.transfer
    return visit


class Edge(NamedTuple):
    """A line that begins or ends an agent's spell; an end may tell how long the spell was."""

    at: int
    line: int
    starts: bool
    reason: str | None = None
    lasted: int | None = None


class Spell:
    """An agent's time in a state; a half lacks one of its edges."""

    __slots__ = ("ends", "line", "lines", "reason", "starts")

    def __init__(self, edge: Edge, starts: int | None, ends: int | None) -> None:
        self.line = edge.line
        self.lines = 1
        self.reason = edge.reason
        self.starts = starts
        self.ends = ends

    def took(self, edge: Edge) -> None:
        self.lines += 1
        self.line = min(self.line, edge.line)
        self.reason = self.reason or edge.reason

    def goes_on_with(self, edge: Edge) -> bool:
        """Whether another start is only this one's again."""
        if self.starts is None or edge.at - self.starts > SLACK:
            return False
        return (
            edge.at == self.starts
            or None in (self.reason, edge.reason)
            or (self.reason == edge.reason)
        )


def fold_spells(edges: Iterable[Edge]) -> list[Spell]:
    """The spells of one agent in one state, as far as lines tell their edges.

    A second start with no end between leaves the first spell without an end: a later one bounds
    it, but when it ended is not told. Starts within two seconds are one, as when a switch writes
    a pause once for each queue, unless their reasons differ.
    """
    spells: list[Spell] = []
    now: Spell | None = None
    ordered = sorted(edges, key=lambda edge: (edge.at, edge.reason is None, edge.reason, edge.line))
    for _at, same in groupby(ordered, attrgetter("at")):
        # In one second an open spell ends before the next begins.
        edges_then = list(same)
        begin = [edge for edge in edges_then if edge.starts]
        end = [edge for edge in edges_then if not edge.starts]
        for edge in begin + end if now is None else end + begin:
            if edge.starts:
                if now is not None and now.goes_on_with(edge):
                    now.took(edge)
                    continue
                now = Spell(edge, edge.at, None)
                spells.append(now)
                continue
            began = None if edge.lasted is None else edge.at - edge.lasted
            if now is not None and now.starts is not None:
                if began is None or abs(began - now.starts) <= SLACK:
                    now.ends = edge.at
                    now.took(edge)
                    now = None
                    continue
                now = None
            last = spells[-1] if spells else None
            if last is not None and last.ends is not None and edge.at - last.ends <= SLACK:
                last.took(edge)
            else:
                spells.append(Spell(edge, began, edge.at))
    return spells


def give_reasons(spells: list[Spell], reasons: Iterable[tuple[int, int, str]]) -> list[int]:
    """Give pauses the reasons (moment, line, word) that lines of their own tell.

    Returns the lines that tell of no pause here, or of another reason than the pause has.
    """
    left: list[int] = []
    for at, line, word in sorted(reasons):
        paused = [one for one in spells if one.starts is not None and one.starts <= at]
        spell = max(paused, key=lambda one: one.starts or 0, default=None)
        over = spell is None or (spell.ends is not None and spell.ends < at)
        if spell is None or over or spell.reason not in (None, word):
            left.append(line)
            continue
        spell.reason = word
        spell.lines += 1
        spell.line = min(spell.line, line)
    return left
