"""The floor of one site, played event by event: who waits, who rings at whom, who gives up.

Callers wait in order; the agent who has been free longest is rung. Whoever does not pick up
sends the caller back to the head of the queue. Waits, abandons and occupancy all come out of
this one game, so they agree with each other. Moments are milliseconds since 1970.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from ccm.demo.arrivals import ONWARD, OWN, REDIAL
from ccm.demo.rota import LOG_IN, LOG_OUT, Duty

# How a visit ended.
ANSWERED, ABANDONED, TIMED_OUT, VOICEMAIL, CALLBACK, KEY_EXIT, OPEN = range(7)
# How a ring ended.
TAKEN, NO_ANSWER, DECLINED, UNREACHABLE, CANCELLED = range(5)

RING_LIMIT = 15_000
WAIT_LIMIT = 600_000
# An agent who let it ring is left alone for a moment.
AFTER_MISS = 30_000
AFTER_CANCEL = 2_000
# A first miss makes a second on the same visit this much less likely.
_SECOND_MISS = 8
# Whom nobody is free to call back is called back later; whom nobody reaches, much later.
CALL_BACK_AFTER = 120_000
TRY_AGAIN_AFTER = 2_700_000
MOST_TRIES = 3
# Nobody is called back who asked for it longer ago.
TOO_LATE = 2 * 86_400_000
# The other side rings: until it is picked up, and until the agent gives up.
PICKS_UP, GIVES_UP = 12_000, 28_000
_FAR = 1 << 62
_ENTER, _LEAVE, _RUNG, _FREE, _BACK, _DIAL = range(6)
_OFF, _IDLE, _BUSY, _PAUSED = range(4)


class Caller(NamedTuple):
    """What one visit of a contact brings along; times in ms.

    `talk`, `acw` multiply the queue's and the agent's usual; `missed` is uniform. `onward` is
    the queue the call is handed to once answered, -1 for none; `again` is after how long a
    caller who gave up tries once more, -1 for never. `back` is after how long a caller who asked
    for it is called back, -1 for never, and `tries` with which dial they are reached.
    """

    patience: int
    ends_as: int
    ring: int
    missed: float
    talk: float
    acw: float
    onward: int
    again: int
    back: int
    tries: int


@dataclass(frozen=True, slots=True)
class Bench:
    """An agent as the floor sees one: queues by number, own first."""

    queues: tuple[int, ...]
    talk: float
    acw: float
    missed: float
    learned: tuple[tuple[int, float], ...] = ()
    """From which moments on their talks are so many times as long."""

    def talk_at(self, moment: int) -> float:
        talk = self.talk
        for since, factor in self.learned:
            if since <= moment:
                talk *= factor
        return talk


@dataclass(frozen=True, slots=True)
class Line:
    """A queue as the floor sees it. `overflow` is a queue's number or -1."""

    talk_ms: float
    acw_ms: float
    overflow: int
    spans: tuple[tuple[int, int], ...]
    """When it is open, in order."""

    def open_at(self, moment: int) -> bool:
        return any(start <= moment < end for start, end in self.spans)

    def opens_after(self, moment: int) -> int:
        """The moment itself while it is open, else when it opens next; -1: no more."""
        return next((max(start, moment) for start, end in self.spans if end > moment), -1)


@dataclass(slots=True)
class Played:
    """What happened, one list a column. Moments that never came are 0, nobody is -1."""

    contact: list[int] = field(default_factory=list)
    turn: list[int] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    agent: list[int] = field(default_factory=list)
    ring: list[int] = field(default_factory=list)
    outcome: list[int] = field(default_factory=list)
    handed_to: list[int] = field(default_factory=list)
    rings: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    """(visit, agent, start, end, how)."""
    logged_in: list[tuple[int, int, int]] = field(default_factory=list)
    """(agent, start, end)."""
    paused: list[tuple[int, int, int, str]] = field(default_factory=list)
    """(agent, start, end, reason)."""
    dials: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    """Calls back: (visit, agent, start, answered, end, free)."""


class Floor:
    """One site's game. `callers(contact, turn)` says what a visit brings along."""

    def __init__(
        self, lines: list[Line], bench: list[Bench], callers: Callable[[int, int], Caller]
    ) -> None:
        self.lines = lines
        self.bench = bench
        self.callers = callers
        self.played = Played()
        self.heap: list[tuple[int, int, int, int, int]] = []
        self.waiting: list[deque[int]] = [deque() for _ in lines]
        # Free agents of each queue, longest free first; a turn that is no longer theirs is stale.
        self.idle: list[list[tuple[int, int]]] = [[] for _ in lines]
        self.turn_of = [-1] * len(bench)
        self.turns = 0
        self.mode = [_OFF] * len(bench)
        self.came = [0] * len(bench)
        self.paused_at = [0] * len(bench)
        self.paused_for = [""] * len(bench)
        self.pauses = [0] * len(bench)
        self.pending: list[Duty | None] = [None] * len(bench)
        self.going = [False] * len(bench)
        # Of each visit: what it brings, how often it was missed, whether it stands in line.
        self.brings: list[Caller] = []
        self.misses: list[int] = []
        self.in_line: list[bool] = []

    def play(self, arrive: list[int], queue: list[int], rota: list[Duty]) -> Played:
        """Everything until the last caller and the last agent have gone home.

        `arrive` must be in order and belongs to contacts 0, 1, 2 ...
        """
        heap, size, duties = self.heap, len(arrive), len(rota)
        coming = told = 0
        while True:
            next_call = arrive[coming] if coming < size else _FAR
            next_duty = rota[told].at if told < duties else _FAR
            next_event = heap[0][0] if heap else _FAR
            if next_duty <= next_event and next_duty <= next_call:
                if next_duty == _FAR:
                    return self.played
                self._duty(rota[told])
                told += 1
            elif next_call <= next_event:
                self._enter(next_call, coming, OWN, queue[coming])
                coming += 1
            else:
                self._happen(*heappop(heap))

    def _happen(self, now: int, kind: int, one: int, two: int, three: int) -> None:
        if kind == _RUNG:
            self._rung(now, one, two, three)
        elif kind == _FREE:
            self._free(now, one)
        elif kind == _LEAVE:
            if self.in_line[one]:
                self._leave(now, one)
        elif kind == _ENTER:
            self._enter(now, one, two, three)
        elif kind == _DIAL:
            self._dial(now, one, two)
        elif self.mode[one] == _PAUSED and self.pauses[one] == two:
            self._end_pause(now, one)
            self._free(now, one)

    # Callers

    def _enter(self, now: int, contact: int, turn: int, queue: int) -> None:
        played = self.played
        visit = len(played.offered)
        brings = self.callers(contact, turn)
        played.contact.append(contact)
        played.turn.append(turn)
        played.queue.append(queue)
        played.offered.append(now)
        played.answered.append(0)
        played.ended.append(0)
        played.free.append(0)
        played.agent.append(-1)
        played.ring.append(0)
        played.outcome.append(OPEN)
        played.handed_to.append(-1)
        self.brings.append(brings)
        self.misses.append(0)
        self.in_line.append(False)
        self._seek(now, visit, queue)

    def _seek(self, now: int, visit: int, queue: int) -> None:
        """Ring whoever has been free longest, or stand in line (at its head after a miss)."""
        agent = self._next_free(queue)
        if agent >= 0:
            self._ring(now, visit, agent)
            return
        self.in_line[visit] = True
        if self.misses[visit]:
            self.waiting[queue].appendleft(visit)
        else:
            self.waiting[queue].append(visit)
        leaves = self.played.offered[visit] + self.brings[visit].patience
        heappush(self.heap, (leaves, _LEAVE, visit, 0, 0))

    def _next_free(self, queue: int) -> int:
        """The agent of a queue who has been free longest, -1 for none."""
        idle, turn_of = self.idle[queue], self.turn_of
        while idle:
            turn, agent = heappop(idle)
            if turn_of[agent] == turn:
                return agent
        return -1

    def _leave(self, now: int, visit: int) -> None:
        """The caller leaves without having been served."""
        played, brings = self.played, self.brings[visit]
        self.in_line[visit] = False
        played.ended[visit] = now
        played.outcome[visit] = outcome = brings.ends_as
        contact, queue = played.contact[visit], played.queue[visit]
        line = self.lines[queue]
        if outcome == TIMED_OUT:
            onward = line.overflow
            if played.turn[visit] == OWN and onward >= 0 and self.lines[onward].open_at(now):
                heappush(self.heap, (now, _ENTER, contact, ONWARD, onward))
            else:
                played.outcome[visit] = VOICEMAIL
        elif outcome == ABANDONED and played.turn[visit] == OWN and brings.again >= 0:
            at = now + brings.again
            if line.open_at(at):
                heappush(self.heap, (at, _ENTER, contact, REDIAL, queue))
        elif outcome == CALLBACK and brings.back >= 0:
            heappush(self.heap, (now + brings.back, _DIAL, visit, 1, 0))

    def _dial(self, now: int, visit: int, tried: int) -> None:
        """The caller of a visit is called back, for the `tried`-th time, once somebody is free."""
        played, brings = self.played, self.brings[visit]
        queue = played.queue[visit]
        line = self.lines[queue]
        opens = line.opens_after(now)
        if opens < 0 or opens > played.ended[visit] + TOO_LATE:
            return
        if opens > now:
            heappush(self.heap, (opens + CALL_BACK_AFTER, _DIAL, visit, tried, 0))
            return
        agent = self._next_free(queue)
        if agent < 0:
            heappush(self.heap, (now + CALL_BACK_AFTER, _DIAL, visit, tried, 0))
            return
        self.mode[agent] = _BUSY
        self.turn_of[agent] = -1
        answered, free = 0, now + GIVES_UP
        ended = free
        if tried == brings.tries:
            answered = now + PICKS_UP
            ended, free = self._spoken(answered, visit, agent)
        elif tried < MOST_TRIES:
            heappush(self.heap, (now + TRY_AGAIN_AFTER, _DIAL, visit, tried + 1, 0))
        played.dials.append((visit, agent, now, answered, ended, free))
        heappush(self.heap, (free, _FREE, agent, 0, 0))

    # Rings

    def _ring(self, now: int, visit: int, agent: int) -> None:
        brings = self.brings[visit]
        self.mode[agent] = _BUSY
        self.turn_of[agent] = -1
        luck = brings.missed * (_SECOND_MISS if self.misses[visit] else 1)
        limit = self.bench[agent].missed
        how, end = TAKEN, now + brings.ring
        if luck < limit:
            part = luck / limit
            if part < 0.66:
                how, end = NO_ANSWER, now + RING_LIMIT
            elif part < 0.93:
                how = DECLINED
            else:
                how, end = UNREACHABLE, now
        leaves = self.played.offered[visit] + brings.patience
        if leaves < end:
            how, end = CANCELLED, max(now, leaves)
        self.played.ring[visit] = end - now
        heappush(self.heap, (end, _RUNG, visit, agent, how))

    def _rung(self, now: int, visit: int, agent: int, how: int) -> None:
        played = self.played
        played.rings.append((visit, agent, now - played.ring[visit], now, how))
        if how == TAKEN:
            self._talk(now, visit, agent)
            return
        played.ring[visit] = 0
        rest = AFTER_CANCEL if how == CANCELLED else AFTER_MISS
        heappush(self.heap, (now + rest, _FREE, agent, 0, 0))
        if how == CANCELLED:
            self._leave(now, visit)
        else:
            self.misses[visit] += 1
            self._seek(now, visit, played.queue[visit])

    def _talk(self, now: int, visit: int, agent: int) -> None:
        played, brings = self.played, self.brings[visit]
        ended, free = self._spoken(now, visit, agent)
        played.answered[visit] = now
        played.ended[visit] = ended
        played.free[visit] = free
        played.agent[visit] = agent
        played.outcome[visit] = ANSWERED
        heappush(self.heap, (free, _FREE, agent, 0, 0))
        onward = brings.onward
        if onward >= 0 and self.lines[onward].open_at(ended):
            played.handed_to[visit] = onward
            heappush(self.heap, (ended, _ENTER, played.contact[visit], ONWARD, onward))

    def _spoken(self, now: int, visit: int, agent: int) -> tuple[int, int]:
        """When a conversation that begins now is over, and when it is wrapped up."""
        brings, who = self.brings[visit], self.bench[agent]
        line = self.lines[self.played.queue[visit]]
        ended = now + max(2_000, int(line.talk_ms * brings.talk * who.talk_at(now)))
        return ended, ended + int(line.acw_ms * brings.acw * who.acw)

    # Agents

    def _duty(self, duty: Duty) -> None:
        agent, mode = duty.agent, self.mode[duty.agent]
        if duty.kind == LOG_IN:
            if mode == _OFF:
                self.came[agent] = duty.at
                self._free(duty.at, agent)
        elif mode == _BUSY:
            if duty.kind == LOG_OUT:
                self.going[agent] = True
            else:
                self.pending[agent] = duty
        elif duty.kind == LOG_OUT:
            if mode == _PAUSED:
                self._end_pause(duty.at, agent)
            if mode != _OFF:
                self._go(duty.at, agent)
        elif mode == _IDLE:
            self._pause(duty.at, duty)
        elif mode == _PAUSED:
            self.pending[agent] = duty

    def _free(self, now: int, agent: int) -> None:
        """An agent is done: goes home, to a pause that is due, or to the next call."""
        if self.going[agent]:
            self._go(now, agent)
            return
        due = self.pending[agent]
        if due is not None:
            self._pause(now, due)
            return
        in_line, own = self.in_line, self.bench[agent].queues
        for queue in own:
            waiting = self.waiting[queue]
            while waiting:
                visit = waiting.popleft()
                if in_line[visit]:
                    in_line[visit] = False
                    self._ring(now, visit, agent)
                    return
        self.mode[agent] = _IDLE
        self.turns += 1
        self.turn_of[agent] = self.turns
        for queue in own:
            heappush(self.idle[queue], (self.turns, agent))

    def _pause(self, now: int, duty: Duty) -> None:
        agent = duty.agent
        self.pending[agent] = None
        self.mode[agent] = _PAUSED
        self.turn_of[agent] = -1
        self.pauses[agent] += 1
        self.paused_at[agent], self.paused_for[agent] = now, duty.reason
        heappush(self.heap, (now + duty.length, _BACK, agent, self.pauses[agent], 0))

    def _end_pause(self, now: int, agent: int) -> None:
        self.pauses[agent] += 1
        self.played.paused.append((agent, self.paused_at[agent], now, self.paused_for[agent]))

    def _go(self, now: int, agent: int) -> None:
        self.going[agent] = False
        self.pending[agent] = None
        self.mode[agent] = _OFF
        self.turn_of[agent] = -1
        self.played.logged_in.append((agent, self.came[agent], now))
