"""Events of a queue_log, whatever form they come in, sorted by call and agent: a chunk of records.

A form (the log itself, a database's table) hands every line as a `Line`; `queue_log_fold` joins
them. Holds and talks are the seconds the switch wrote; stamps only fill what it did not.
The events are those of Asterisk 1.4 to 22 (app_queue.c) and of XiVO, Wazo, QueueMetrics and
PBXware; what is no event of these is kept as it came.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ccm.identity import milliseconds
from ccm.imports.cells.columns import EARLIEST, FUTURE, LONGEST_SECONDS
from ccm.imports.files.tables import VALUE_SHOWN
from ccm.imports.formats.queue_log_fold import (
    COMPLETES,
    DIALLED,
    RANK,
    REFUSALS,
    TRANSFERS,
    Edge,
    Event,
    Visit,
    fold_outbound,
    fold_spells,
    fold_visits,
    give_reasons,
)
from ccm.imports.records import (
    CALLS,
    CUTOFFS,
    IGNORED,
    NOTED,
    OFFERS,
    STATES,
    Chunk,
    Issue,
    RawLine,
    extra_json,
    frame_of_ms,
)

EVENT_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
DECIMAL = re.compile(r"\d+\.\d+")
NOBODY = ("", "NONE")

# About the switch and who serves its queues, not about a call or an agent's time.
HOUSEKEEPING = frozenset(
    ["ADDMEMBER", "REMOVEMEMBER", "CONFIGRELOAD", "QUEUESTART", "PENALTY", "RINGINUSE", "RULE"]
)
SPELLS = {
    "AGENTLOGIN": ("logged_in", True),
    "AGENTCALLBACKLOGIN": ("logged_in", True),
    "AGENTLOGOFF": ("logged_in", False),
    "AGENTCALLBACKLOGOFF": ("logged_in", False),
    "PAUSE": ("paused", True),
    "PAUSEALL": ("paused", True),
    "UNPAUSE": ("paused", False),
    "UNPAUSEALL": ("paused", False),
}


def of_an_agent(event: str) -> bool:
    """Whether lines of this event tell of an agent's time, whatever call they name."""
    return event in SPELLS or event in ("ADDMEMBER", "PAUSEREASON")


# Outcome, who ended the call, and a word for `extra`.
ENDS: dict[str, tuple[str, str | None, str | None]] = {
    "ABANDON": ("abandoned", "caller", None),
    "EXITWITHTIMEOUT": ("timed_out", "system", None),
    "EXITWITHKEY": ("key_exit", "caller", None),
    "EXITEMPTY": ("other", "system", "empty"),
    "LEAVEEMPTY": ("other", "system", "empty"),
    "WITHDRAW": ("other", "system", "withdrawn"),
    "JOINEMPTY": ("refused", "system", "empty"),
    "JOINUNAVAIL": ("refused", "system", "unavailable"),
    "FULL": ("refused", "system", "full"),
    "CLOSED": ("refused", "system", "closed"),
    "DIVERT_CA_RATIO": ("refused", "system", "diverted"),
    "DIVERT_HOLDTIME": ("refused", "system", "diverted"),
    "OUTANSWER": ("answered", None, None),
    "OUTTRANSFER": ("answered", None, None),
    "OUTCANCEL": ("abandoned", "agent", None),
    "OUTCHANUNAVAIL": ("failed", "system", "unavailable"),
    "OUTCONGESTION": ("failed", "system", "congestion"),
    "OUTNOANSWER": ("failed", "system", "no_answer"),
    "OUTBUSY": ("busy", "system", None),
    "OUTOTHER": ("other", "system", None),
}
RING_OUTCOMES = {
    "RINGNOANSWER": "no_answer",
    "RINGCANCELED": "cancelled",
    "AGENTDUMP": "declined",
    # The agent took it, but the two phones had no codec in common.
    "SYSCOMPAT": "unreachable",
}
# The application QueueUpdate logs an outbound call as OUTCALL|status|talk|words.
OUTCALLS = {
    "ANSWER": "OUTANSWER",
    "ANSWERED": "OUTANSWER",
    "CANCEL": "OUTCANCEL",
    "BUSY": "OUTBUSY",
    "NOANSWER": "OUTNOANSWER",
    "CHANUNAVAIL": "OUTCHANUNAVAIL",
    "CONGESTION": "OUTCONGESTION",
}
# Data an event always has: a last line without its end that has less was cut.
WHOLE = dict.fromkeys(COMPLETES, 3) | dict.fromkeys(TRANSFERS, 5) | {"OUTANSWER": 4}


class BadCell(Exception):
    """Why a line cannot be read: column, value, rule and words."""


# Digits of the longest number that can be a duration; more would only cost time to read.
LONGEST_NUMBER = 24


class Parts(NamedTuple):
    """An event's durations in milliseconds and its words."""

    hold: int | None = None
    talk: int | None = None
    ring: int | None = None
    word: str | None = None
    more: str | None = None


def _word(data: list[str], place: int) -> str | None:
    text = data[place] if place < len(data) else ""
    if len(text) > 120:
        raise BadCell(f"data{place + 1}", text, "too_long", _("It is longer than 120 characters."))
    return text or None


def _ms(data: list[str], place: int, unit: int = 1000) -> int | None:
    """A duration in milliseconds; null where the line has none, or a negative one."""
    text = data[place] if place < len(data) else ""
    if len(text) > LONGEST_NUMBER:
        raise BadCell(f"data{place + 1}", text, "range", _("It is longer than three weeks."))
    if text.isdigit() and text.isascii():
        value = int(text) * unit
    elif DECIMAL.fullmatch(text) and text.isascii():
        value = round(float(text) * unit)
    elif not text or (text[0] == "-" and text[1:].isascii() and text[1:].isdigit()):
        return None
    else:
        raise BadCell(f"data{place + 1}", text, "number", _("It is no duration."))
    if value > LONGEST_SECONDS * 1000:
        raise BadCell(f"data{place + 1}", text, "range", _("It is longer than three weeks."))
    return value


def _attended(data: list[str]) -> Parts:
    """BRIDGE|bridge, APP|application or LINK|channel|channel; then hold, talk and position."""
    hold = 3 if data[:1] == ["LINK"] else 2
    return Parts(_ms(data, hold), _ms(data, hold + 1), None, _word(data, 1), _word(data, 0))


# What each event's data mean, as Asterisk documents them.
DATA: dict[str, Callable[[list[str]], Parts]] = {
    "ENTERQUEUE": lambda d: Parts(word=_word(d, 1), more=_word(d, 0)),
    "CONNECT": lambda d: Parts(hold=_ms(d, 0), ring=_ms(d, 2)),
    "COMPLETEAGENT": lambda d: Parts(hold=_ms(d, 0), talk=_ms(d, 1)),
    "COMPLETECALLER": lambda d: Parts(hold=_ms(d, 0), talk=_ms(d, 1)),
    "TRANSFER": lambda d: Parts(_ms(d, 2), _ms(d, 3), None, _word(d, 0), _word(d, 1)),
    "BLINDTRANSFER": lambda d: Parts(_ms(d, 2), _ms(d, 3), None, _word(d, 0), _word(d, 1)),
    "ATTENDEDTRANSFER": _attended,
    "ABANDON": lambda d: Parts(hold=_ms(d, 2)),
    "EXITWITHTIMEOUT": lambda d: Parts(hold=_ms(d, 2)),
    "EXITEMPTY": lambda d: Parts(hold=_ms(d, 2)),
    "LEAVEEMPTY": lambda d: Parts(hold=_ms(d, 2)),
    "WITHDRAW": lambda d: Parts(hold=_ms(d, 2), word=_word(d, 3)),
    "EXITWITHKEY": lambda d: Parts(hold=_ms(d, 3), word=_word(d, 0)),
    "JOINEMPTY": lambda d: Parts(),
    "JOINUNAVAIL": lambda d: Parts(),
    "FULL": lambda d: Parts(),
    "CLOSED": lambda d: Parts(),
    "DIVERT_CA_RATIO": lambda d: Parts(),
    "DIVERT_HOLDTIME": lambda d: Parts(),
    "RINGNOANSWER": lambda d: Parts(ring=_ms(d, 0, unit=1)),
    "RINGCANCELED": lambda d: Parts(ring=_ms(d, 0, unit=1)),
    "AGENTDUMP": lambda d: Parts(),
    "SYSCOMPAT": lambda d: Parts(),
    "OUTDIAL": lambda d: Parts(word=_word(d, 0)),
    "OUTANSWER": lambda d: Parts(hold=_ms(d, 2), talk=_ms(d, 3), word=_word(d, 0)),
    "OUTCANCEL": lambda d: Parts(hold=_ms(d, 1), word=_word(d, 0)),
    "OUTCHANUNAVAIL": lambda d: Parts(hold=_ms(d, 1), word=_word(d, 0)),
    "OUTCONGESTION": lambda d: Parts(hold=_ms(d, 1), word=_word(d, 0)),
    "OUTNOANSWER": lambda d: Parts(),
    "OUTBUSY": lambda d: Parts(),
    "OUTOTHER": lambda d: Parts(),
    "OUTTRANSFER": lambda d: Parts(word=_word(d, 0), more=_word(d, 1)),
}


def epoch_ms(stamp: str) -> int:
    """Milliseconds of a time in seconds since 1970. Raises BadCell for anything else."""
    whole, _point, part = stamp.partition(".")
    if not (
        stamp.isascii() and whole.isdigit() and len(whole) < 13 and (not part or part.isdigit())
    ):
        raise BadCell("time", stamp, "time", _("It is no time in seconds since 1970."))
    return int(whole) * 1000 + (int((part + "000")[:3]) if part else 0)


class Line(NamedTuple):
    """One event as its form tells it. `at` is its moment in milliseconds, UTC.

    `stamp` is that moment as written, by a clock that is `ahead` of UTC by so much. `cut` says
    that the file ends in this line; `text` is the line as it came.
    """

    number: int
    at: int
    stamp: str
    callid: str
    queue: str
    agent: str
    name: str
    data: list[str]
    text: str
    ahead: int = 0
    cut: bool = False


class Events:
    """One stretch of a log, its lines sorted by what they are about.

    `made` is the stretch's chunk, in which its form has counted the lines it read.
    """

    def __init__(self, made: Chunk, now: datetime) -> None:
        self.made = made
        self.earliest = milliseconds(EARLIEST)
        self.latest = milliseconds(now + FUTURE)
        self.visits: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.dialled: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.dialled_for: dict[tuple[str, str], str] = {}
        self.edges: dict[tuple[str, str], list[Edge]] = defaultdict(list)
        self.reasons: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        self.dids: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.left_out: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.restarts: list[tuple[int, int]] = []
        self.leavings: set[tuple[str, int]] = set()

    def reject(self, number: int, bad: BadCell) -> None:
        """Count a line that cannot be read."""
        column, value, rule, message = bad.args
        self.made.rejected += 1
        self.made.issues.append(Issue(number, column, value[:VALUE_SHOWN], rule, message))

    def add(self, line: Line) -> None:
        """Put one line where it belongs. Raises BadCell for one that cannot be read."""
        self._check(line)
        name, data = line.name, line.data
        if name == "OUTCALL":
            name = OUTCALLS.get((data[0] if data else "").upper(), "OUTOTHER")
            data = ["", "", "", *data[1:2]]
        if name in DATA:
            self._call(line, name, data)
        elif name in SPELLS:
            state, starts = SPELLS[name]
            self._edge(line, state, starts)
        elif name == "ADDMEMBER" and data[:1] == ["PAUSED"]:
            self._edge(line._replace(data=[]), "paused", True)
        elif name == "PAUSEREASON":
            self._needed("agent", line.agent)
            if reason := _word(data, 0):
                self.reasons[line.agent].append((line.at, line.number, reason[:80]))
            else:
                self.left_out["reason_alone", name].append(line.number)
        elif name in HOUSEKEEPING:
            self._housekeeping(line)
        elif name == "DID":
            self._needed("callid", line.callid)
            self.dids[line.callid].append((line.number, _word(data, 0) or ""))
        elif EVENT_NAME.fullmatch(name):
            self.left_out["unknown_event", name].append(line.number)
            reason = _("No rule knows the event %s.") % name
            self.made.raw.append(RawLine(line.number, line.text, reason))
        else:
            raise BadCell("event", name, "event", _("It is no event's name."))

    def _check(self, line: Line) -> None:
        if line.at < self.earliest:
            raise BadCell("time", line.stamp, "too_early", _("It is before 1990."))
        if line.at > self.latest:
            raise BadCell("time", line.stamp, "future", _("It lies in the future."))
        callid, queue, agent = line.callid, line.queue, line.agent
        if len(callid) > 80 or len(queue) > 120 or len(agent) > 160:
            self._refuse_long(callid, queue, agent)

    def _call(self, line: Line, name: str, data: list[str]) -> None:
        self._needed("callid", line.callid)
        if line.cut and len(data) < WHOLE.get(name, 0) + (data[:1] == ["LINK"]):
            raise BadCell("", line.text, "cut", _("The file ends inside this line."))
        who = None if line.agent in NOBODY else line.agent
        precise = "." in line.stamp
        event = Event(
            line.at, RANK[name], line.number, name, who, *DATA[name](data), precise, line.ahead
        )
        if name in DIALLED:
            key = line.callid, line.agent
            self.dialled[key].append(event)
            if line.queue not in NOBODY:
                self.dialled_for[key] = min(line.queue, self.dialled_for.get(key, line.queue))
        else:
            self._needed("queue", line.queue)
            self.visits[line.callid, line.queue].append(event)

    def _housekeeping(self, line: Line) -> None:
        self.left_out["housekeeping", line.name].append(line.number)
        if line.name == "QUEUESTART":
            self.restarts.append((line.at, line.number))
        elif line.name == "REMOVEMEMBER" and line.agent not in NOBODY:
            self.leavings.add((line.agent, line.at))

    @staticmethod
    def _refuse_long(callid: str, queue: str, agent: str) -> None:
        for column, value, most in (("callid", callid, 80), ("queue", queue, 120)):
            if len(value) > most:
                message = _("It is longer than %d characters.") % most
                raise BadCell(column, value, "too_long", message)
        raise BadCell("agent", agent, "too_long", _("It is longer than %d characters.") % 160)

    @staticmethod
    def _needed(column: str, value: str) -> None:
        if value in NOBODY:
            raise BadCell(column, value, "missing", _("A call's event must name it."))

    def _edge(self, line: Line, state: str, starts: bool) -> None:
        self._needed("agent", line.agent)
        paused = state == "paused"
        reason = _word(line.data, 0) if paused and starts else None
        lasted = None if paused or starts else _ms(line.data, 1)
        self.edges[line.agent, state].append(
            Edge(line.at, line.number, starts, reason and reason[:80], lasted)
        )

    def chunk(self) -> Chunk:
        """The records of the stretch, every line accounted for."""
        made = self.made
        calls: list[tuple[Any, ...]] = []
        offers: list[tuple[Any, ...]] = []
        folded: list[tuple[str, str, Visit]] = []
        for (callid, queue), events in self.visits.items():
            result = fold_visits(events)
            folded += [(callid, queue, visit) for visit in result.visits]
            made.duplicate += len(result.repeats)
            for event in result.contradictions:
                self.left_out["contradiction", event.name].append(event.line)
        self._give_dids(folded)
        for callid, queue, visit in folded:
            offers += _offer_rows(len(calls), visit)
            calls.append(_visit_row(callid, queue, visit))
        for (callid, agent), events in self.dialled.items():
            dialled_for = self.dialled_for.get((callid, agent))
            calls.append(_outbound_row(callid, agent, dialled_for, fold_outbound(events)))
        states = list(self._states())
        starts = {at for at, _line in self.restarts}
        cutoffs = [(None, at) for at in sorted(starts)] + sorted(self.leavings)
        self._note_restart([visit for _callid, _queue, visit in folded])
        self._account_for_left_out()
        made.calls = frame_of_ms(calls, CALLS)
        made.offers = frame_of_ms(offers, OFFERS)
        made.states = frame_of_ms(states, STATES)
        made.cutoffs = frame_of_ms(cutoffs, CUTOFFS)
        made.issues.sort(key=lambda issue: issue.line)
        return made

    def _states(self) -> Iterator[tuple[Any, ...]]:
        for (agent, state), edges in self.edges.items():
            spells = fold_spells(edges)
            if state == "paused":
                left = give_reasons(spells, self.reasons.pop(agent, []))
                self.left_out["reason_alone", "PAUSEREASON"] += left
            for spell in spells:
                yield (
                    spell.line, spell.lines, agent, state, spell.reason, spell.starts, spell.ends
                )  # fmt: skip
        for reasons in self.reasons.values():
            self.left_out["reason_alone", "PAUSEREASON"] += [line for _at, line, _word in reasons]

    def _give_dids(self, folded: list[tuple[str, str, Visit]]) -> None:
        """The number dialled goes to the call's first visit: its line may name no queue."""
        first: dict[str, Visit] = {}
        for callid, _queue, visit in folded:
            if callid in self.dids and (callid not in first or visit.birth < first[callid].birth):
                first[callid] = visit
        for callid, dialled in self.dids.items():
            if callid in first:
                line, first[callid].did = min(dialled)
                first[callid].lines += len(dialled)
                first[callid].line = min(first[callid].line, line)
            else:
                self.left_out["did_alone", "DID"] += [number for number, _did in dialled]

    def _note_restart(self, visits: list[Visit]) -> None:
        """Say how many calls were open when the switch last started: their ends are not logged."""
        if not self.restarts:
            return
        at, line = max(self.restarts)
        cut = sum(
            visit.end is None and visit.birth < at and (not visit.connect or visit.connect.at < at)
            for visit in visits
        )
        if cut:
            message = _(
                "The switch started anew while calls were open: they ended by then, but when, and "
                "how long they waited or talked, is unknown."
            )
            self.made.issues.append(
                Issue(line, "event", "QUEUESTART", "restart", message, NOTED, cut)
            )

    def _account_for_left_out(self) -> None:
        words = {
            "ccm_note": _("Says why the row after it was rejected: not the switch's line."),
            "housekeeping": _("About the switch and its members, not about calls."),
            "unknown_event": _("No rule knows this event; its lines are kept as they came."),
            "contradiction": _("It contradicts how the call went on before it."),
            "reason_alone": _("The reason of a pause that is not in this part of the log."),
            "did_alone": _("The number dialled of a call that is not in this part of the log."),
        }
        for (rule, name), numbers in self.left_out.items():
            if not numbers:
                continue
            self.made.ignored += len(numbers)
            self.made.issues.append(
                Issue(min(numbers), "event", name, rule, words[rule], IGNORED, len(numbers))
            )


def _visit_row(callid: str, queue: str, visit: Visit) -> tuple[Any, ...]:
    """A visit in the columns of CALLS, moments in milliseconds."""
    entry, connect, end, moved = visit.entry, visit.connect, visit.end, visit.transfer
    outcome, ended_by, left = "in_progress", None, None
    agent = key = None
    if visit.answered:
        outcome = "answered"
        agent = connect.agent if connect is not None else end and end.agent
        ended_by = COMPLETES.get(end.name, "agent") if end is not None else None
    elif end is not None:
        outcome, ended_by, left = ENDS[end.name]
        key = end.word if end.name == "EXITWITHKEY" else None
    refused = end is not None and end.name in REFUSALS
    url = entry.more if entry is not None else None
    context = moved.more if moved is not None else None
    extra = None
    words = end.word if end is not None and end.name == "WITHDRAW" else None
    if visit.did or url or left or key or context:
        extra = extra_json(
            did=visit.did, url=url, exit=left, key=key, words=words, transfer_to=context
        )
    return (
        visit.line, visit.lines, callid, callid, "voice", "inbound", queue, agent, None,
        entry.word if entry is not None else None, visit.birth + visit.ahead, entry is not None,
        visit.birth, visit.answered_at, visit.ended_at, None,
        "ms" if visit.precise else "second",
        None, None if refused else visit.wait, connect.ring if connect is not None else None,
        visit.talk, None, None, outcome, ended_by,
        TRANSFERS[moved.name] if moved is not None else None,
        moved.word if moved is not None else None,
        None, None, extra,
    )  # fmt: skip


def _offer_rows(call: int, visit: Visit) -> Iterator[tuple[Any, ...]]:
    """The rings of a visit in the columns of OFFERS; rings at nobody known are none."""
    for ring in visit.rings:
        if ring.agent is not None:
            outcome = RING_OUTCOMES[ring.name]
            if outcome == "no_answer" and ring.ring == 0:
                outcome = "unreachable"
            yield (call, ring.agent, ring.at + ring.ahead, _start(ring), ring.ring, outcome)
    if (taken := visit.connect) is not None and taken.agent is not None:
        written = taken.at + taken.ahead
        yield (call, taken.agent, written, _start(taken), taken.ring, "answered")


def _start(ring: Event) -> int | None:
    return None if ring.ring is None else ring.at - ring.ring


def _outbound_row(callid: str, agent: str, queue: str | None, call: Visit) -> tuple[Any, ...]:
    """An outbound call in the columns of CALLS. Its wait is the ringing at the other end.

    An earlier line may have been an earlier try of it: its entry is never known for certain.
    """
    entry, end, moved = call.entry, call.end, call.transfer
    outcome, ended_by, left = ENDS[end.name] if end is not None else ("in_progress", None, None)
    birth = call.birth
    ended = None if end is None else max(birth, end.at)
    taken = None
    if end is not None and outcome == "answered":
        taken = max(birth, end.at - (end.talk or 0))
    known = next(one for one in (entry, end) if one is not None)
    return (
        call.line, call.lines, f"{callid}/{agent}"[:120], callid, "voice", "outbound", queue,
        None if agent in NOBODY else agent, None, known.word, birth + call.ahead, False,
        birth, taken, ended, None, "ms" if call.precise else "second",
        None, None, end.hold if end is not None else None,
        end.talk if end is not None else None, None, None, outcome, ended_by,
        "blind" if moved is not None else None, moved.more if moved is not None else None,
        None, None, extra_json(exit=left),
    )  # fmt: skip
