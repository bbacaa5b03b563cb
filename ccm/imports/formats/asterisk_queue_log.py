"""Asterisk's queue_log: lines of events in, visits, rings, outbound calls and spells out.

    epoch | callid | queue | agent | event | data...

Lines may come unordered and doubled. Holds and talks are the seconds the switch wrote; stamps
only fill what it did not. Epochs are UTC. `queue_log_fold` joins the events.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ccm.identity import milliseconds
from ccm.imports import lines
from ccm.imports.columns import EARLIEST, FUTURE, LONGEST_SECONDS
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
)
from ccm.imports.lines import Stretch
from ccm.imports.opening import is_workbook
from ccm.imports.records import (
    CALLS,
    IGNORED,
    NOTED,
    OFFERS,
    STATES,
    Chunk,
    FileRefused,
    Issue,
    RawLine,
    Reading,
    extra_json,
    frame_of_ms,
)
from ccm.imports.tables import VALUE_SHOWN

LINE = re.compile(rb"\d{9,11}(\.\d*)?\|[^|\n]*\|[^|\n]*\|[^|\n]*\|[A-Z]{2,}")
EVENT_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
DECIMAL = re.compile(r"\d+\.\d+")
NOBODY = ("", "NONE")

# About the switch and who serves its queues, not about a call or an agent's time.
HOUSEKEEPING = frozenset(
    ["ADDMEMBER", "REMOVEMEMBER", "CONFIGRELOAD", "QUEUESTART", "PENALTY", "RULE", "SYSCOMPAT"]
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
# Outcome, who ended the call, and a word for `extra`.
ENDS: dict[str, tuple[str, str | None, str | None]] = {
    "ABANDON": ("abandoned", "caller", None),
    "EXITWITHTIMEOUT": ("timed_out", "system", None),
    "EXITWITHKEY": ("key_exit", "caller", None),
    "EXITEMPTY": ("other", "system", "empty"),
    "JOINEMPTY": ("refused", "system", "empty"),
    "JOINUNAVAIL": ("refused", "system", "unavailable"),
    "FULL": ("refused", "system", "full"),
    "OUTANSWER": ("answered", None, None),
    "OUTTRANSFER": ("answered", None, None),
    "OUTCANCEL": ("abandoned", "agent", None),
    "OUTCHANUNAVAIL": ("failed", "system", "unavailable"),
    "OUTCONGESTION": ("failed", "system", "congestion"),
}
RING_OUTCOMES = {"RINGNOANSWER": "no_answer", "RINGCANCELED": "cancelled", "AGENTDUMP": "declined"}
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


# What each event's data mean, as Asterisk documents them.
DATA: dict[str, Callable[[list[str]], Parts]] = {
    "ENTERQUEUE": lambda d: Parts(word=_word(d, 1), more=_word(d, 0)),
    "CONNECT": lambda d: Parts(hold=_ms(d, 0), ring=_ms(d, 2)),
    "COMPLETEAGENT": lambda d: Parts(hold=_ms(d, 0), talk=_ms(d, 1)),
    "COMPLETECALLER": lambda d: Parts(hold=_ms(d, 0), talk=_ms(d, 1)),
    "TRANSFER": lambda d: Parts(_ms(d, 2), _ms(d, 3), None, _word(d, 0), _word(d, 1)),
    "BLINDTRANSFER": lambda d: Parts(_ms(d, 2), _ms(d, 3), None, _word(d, 0), _word(d, 1)),
    "ATTENDEDTRANSFER": lambda d: Parts(_ms(d, 2), _ms(d, 3), None, _word(d, 1), _word(d, 0)),
    "ABANDON": lambda d: Parts(hold=_ms(d, 2)),
    "EXITWITHTIMEOUT": lambda d: Parts(hold=_ms(d, 2)),
    "EXITEMPTY": lambda d: Parts(hold=_ms(d, 2)),
    "EXITWITHKEY": lambda d: Parts(hold=_ms(d, 3), word=_word(d, 0)),
    "JOINEMPTY": lambda d: Parts(),
    "JOINUNAVAIL": lambda d: Parts(),
    "FULL": lambda d: Parts(),
    "RINGNOANSWER": lambda d: Parts(ring=_ms(d, 0, unit=1)),
    "RINGCANCELED": lambda d: Parts(ring=_ms(d, 0, unit=1)),
    "AGENTDUMP": lambda d: Parts(),
    "OUTDIAL": lambda d: Parts(word=_word(d, 0)),
    "OUTANSWER": lambda d: Parts(hold=_ms(d, 2), talk=_ms(d, 3), word=_word(d, 0)),
    "OUTCANCEL": lambda d: Parts(hold=_ms(d, 1), word=_word(d, 0)),
    "OUTCHANUNAVAIL": lambda d: Parts(hold=_ms(d, 1), word=_word(d, 0)),
    "OUTCONGESTION": lambda d: Parts(hold=_ms(d, 1), word=_word(d, 0)),
    "OUTTRANSFER": lambda d: Parts(word=_word(d, 0), more=_word(d, 1)),
}


class AsteriskQueueLog:
    name = "asterisk_queue_log"
    label = "Asterisk queue_log"
    zone: str | None = "UTC"
    needs_zone = False
    has_queue = True

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether most of the first lines look like queue_log."""
        some = [line for line in head.split(b"\n")[:200] if line.strip()]
        return 2 * sum(LINE.match(line) is not None for line in some) > len(some)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of events. Raises FileRefused when no line at the beginning is one."""
        top = b"" if is_workbook(path) else lines.head(path)
        if is_workbook(path) or (top.strip() and not any(map(LINE.match, top.split(b"\n")))):
            raise FileRefused(_("No line of it reads epoch|callid|queue|agent|event."))
        for stretch in lines.stretches(path, reading.start, reading.chunk_lines):
            reading.passed(stretch.done)
            yield _Events(stretch, reading).chunk()


class _Events:
    """One stretch of the log, its lines sorted by what they are about."""

    def __init__(self, stretch: Stretch, reading: Reading) -> None:
        self.made = Chunk(position=stretch.position + stretch.count, read=0)
        self.earliest = milliseconds(EARLIEST)
        self.latest = milliseconds(reading.now + FUTURE)
        self.visits: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.dialled: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.edges: dict[tuple[str, str], list[Edge]] = defaultdict(list)
        self.dids: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.left_out: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.restarts: list[tuple[int, int]] = []
        self._sort_lines(stretch)

    def _sort_lines(self, stretch: Stretch) -> None:
        made, seen = self.made, set()
        last = stretch.position + stretch.count if stretch.cut else 0
        for number, raw in enumerate(stretch.text().split("\n"), stretch.position + 1):
            text = raw.strip()
            if not text:
                continue
            made.read += 1
            if text in seen:
                made.duplicate += 1
                continue
            seen.add(text)
            try:
                self._sort_line(number, text, number == last)
            except BadCell as bad:
                column, value, rule, message = bad.args
                made.rejected += 1
                made.issues.append(Issue(number, column, value[:VALUE_SHOWN], rule, message))

    def _sort_line(self, number: int, text: str, cut: bool) -> None:
        """Put one line where it belongs. Raises BadCell for one that cannot be read."""
        parts = text.split("|")
        if len(parts) < 5:
            raise BadCell("", text, "columns", _("It has fewer than five parts between bars."))
        if " |" in text or "| " in text:
            parts = [part.strip() for part in parts]
        stamp, callid, queue, agent, name, *data = parts
        at = self._moment(stamp)
        if len(callid) > 80 or len(queue) > 120 or len(agent) > 160:
            self._refuse_long(callid, queue, agent)
        if name in DATA:
            self._needed("callid", callid)
            if cut and len(data) < WHOLE.get(name, 0):
                raise BadCell("", text, "cut", _("The file ends inside this line."))
            who = None if agent in NOBODY else agent
            event = Event(at, RANK[name], number, name, who, *DATA[name](data), "." in stamp)
            if name in DIALLED:
                self.dialled[callid, agent].append(event)
            else:
                self._needed("queue", queue)
                self.visits[callid, queue].append(event)
        elif name in SPELLS:
            self._spell(at, number, agent, name, data)
        elif name in HOUSEKEEPING:
            self.left_out["housekeeping", name].append(number)
            if name == "QUEUESTART":
                self.restarts.append((at, number))
        elif name == "DID":
            self._needed("callid", callid)
            dialled = _word(data, 0) or ""
            self.dids[callid].append((number, dialled))
        elif EVENT_NAME.fullmatch(name):
            self.left_out["unknown_event", name].append(number)
            self.made.raw.append(RawLine(number, text, _("No rule knows the event %s.") % name))
        else:
            raise BadCell("event", name, "event", _("It is no event's name."))

    @staticmethod
    def _refuse_long(callid: str, queue: str, agent: str) -> None:
        for column, value, most in (("callid", callid, 80), ("queue", queue, 120)):
            if len(value) > most:
                message = _("It is longer than %d characters.") % most
                raise BadCell(column, value, "too_long", message)
        raise BadCell("agent", agent, "too_long", _("It is longer than %d characters.") % 160)

    def _moment(self, stamp: str) -> int:
        whole, _point, part = stamp.partition(".")
        if not (
            stamp.isascii() and whole.isdigit() and len(whole) < 13 and (not part or part.isdigit())
        ):
            raise BadCell("time", stamp, "time", _("It is no time in seconds since 1970."))
        at = int(whole) * 1000 + (int((part + "000")[:3]) if part else 0)
        if at < self.earliest:
            raise BadCell("time", stamp, "too_early", _("It is before 1990."))
        if at > self.latest:
            raise BadCell("time", stamp, "future", _("It lies in the future."))
        return at

    @staticmethod
    def _needed(column: str, value: str) -> None:
        if value in NOBODY:
            raise BadCell(column, value, "missing", _("A call's event must name it."))

    def _spell(self, at: int, number: int, agent: str, name: str, data: list[str]) -> None:
        self._needed("agent", agent)
        state, starts = SPELLS[name]
        paused = state == "paused"
        reason = _word(data, 0) if paused and starts else None
        lasted = None if paused or starts else _ms(data, 1)
        self.edges[agent, state].append(Edge(at, number, starts, reason and reason[:80], lasted))

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
            calls.append(_outbound_row(callid, agent, fold_outbound(events)))
        states = [
            (spell.line, spell.lines, agent, state, spell.reason, spell.starts, spell.ends)
            for (agent, state), edges in self.edges.items()
            for spell in fold_spells(edges, restarts=state == "logged_in")
        ]
        self._note_restart([visit for _callid, _queue, visit in folded])
        self._account_for_left_out()
        made.calls = frame_of_ms(calls, CALLS)
        made.offers = frame_of_ms(offers, OFFERS)
        made.states = frame_of_ms(states, STATES)
        made.issues.sort(key=lambda issue: issue.line)
        return made

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
            visit.end is None
            and visit.birth <= at
            and (not visit.connect or visit.connect.at <= at)
            for visit in visits
        )
        if cut:
            message = _("The switch started anew while calls were open: their ends are unknown.")
            self.made.issues.append(
                Issue(line, "event", "QUEUESTART", "restart", message, NOTED, cut)
            )

    def _account_for_left_out(self) -> None:
        words = {
            "housekeeping": _("About the switch and its members, not about calls."),
            "unknown_event": _("No rule knows this event; its lines are kept as they came."),
            "contradiction": _("It contradicts how the call went on before it."),
            "did_alone": _("The number dialled of a call that is not in this part of the log."),
        }
        for (rule, name), numbers in self.left_out.items():
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
    if visit.did or url or left or key or context:
        extra = extra_json(did=visit.did, url=url, exit=left, key=key, transfer_to=context)
    return (
        visit.line, visit.lines, callid, callid, "voice", "inbound", queue, agent, None,
        entry.word if entry is not None else None, visit.birth, entry is not None,
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
            yield (call, ring.agent, ring.at, _start(ring), ring.ring, outcome)
    if (taken := visit.connect) is not None and taken.agent is not None:
        yield (call, taken.agent, taken.at, _start(taken), taken.ring, "answered")


def _start(ring: Event) -> int | None:
    return None if ring.ring is None else ring.at - ring.ring


def _outbound_row(callid: str, agent: str, call: Visit) -> tuple[Any, ...]:
    """An outbound call in the columns of CALLS. Its wait is the ringing at the other end."""
    entry, end, moved = call.entry, call.end, call.transfer
    outcome, ended_by, left = ENDS[end.name] if end is not None else ("in_progress", None, None)
    birth = call.birth
    ended = None if end is None else max(birth, end.at)
    taken = None
    if end is not None and outcome == "answered":
        taken = max(birth, end.at - (end.talk or 0))
    known = next(one for one in (entry, end) if one is not None)
    return (
        call.line, call.lines, f"{callid}/{agent}"[:120], callid, "voice", "outbound", None,
        None if agent in NOBODY else agent, None, known.word, birth, entry is not None,
        birth, taken, ended, None, "ms" if call.precise else "second",
        None, None, end.hold if end is not None else None,
        end.talk if end is not None else None, None, None, outcome, ended_by,
        "blind" if moved is not None else None, moved.more if moved is not None else None,
        None, None, extra_json(exit=left),
    )  # fmt: skip


FORMAT = AsteriskQueueLog()
