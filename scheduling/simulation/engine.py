"""Plays a day's calls, event by event. Compiled: a call takes about a microsecond.

Ends of calls, callers who lose patience, who ask to be called back and who call again lie in a heap
by their moments; calls that come and changes of staff are known beforehand and in order. Callers of
a queue wait in a chain; one who left stays in it until it is reached.

What is written here is what the compiler understands: numbers, arrays, named tuples of them.
"""

import heapq
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from scheduling.simulation.drawing import Calls, Staff

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """The function in machine code, kept for the next process where there is a place for it."""
    try:
        made: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # an installation that nobody may write to
        made = numba.njit(nogil=True)(function)
    return cast(_F, made)


class Rules(NamedTuple):
    """Who serves what, and what callers do who wait. Queues and pools by number."""

    level: Ints
    """Pools x queues: how much rather, 1 before 2; 0: not at all."""
    turn: Ints
    """Pools x queues: which calls go first where several wait; 0: not at all."""
    again: Floats
    again_seconds: Floats
    call_back: Floats
    call_back_seconds: Floats
    out: Floats
    """Pools x lengths of calls out, in the order in which they are made; of none: no columns."""
    calls_out: Ints
    """Of each pool, whether it calls out."""
    kept_free: Ints


class Played(NamedTuple):
    """Of each call, those that came again at the end."""

    at: Floats
    line: Ints
    begun: Floats
    """When it was answered; nan: never."""
    ended: Floats
    left: Floats
    """When its caller left; nan: never."""
    pool: Ints
    """Who answered; -1: nobody."""
    called_back: Ints
    """1: its caller asked to be called back."""
    out_at: Floats
    """When calls out began."""
    out_ended: Floats
    out_pool: Ints


class _State(NamedTuple):
    """Who waits, and how many are busy."""

    head: Ints
    """Of each queue, who has waited longest; -1: nobody."""
    tail: Ints
    back_head: Ints
    """Those who asked to be called back."""
    back_tail: Ints
    behind: Ints
    """Of each call, who waits behind it."""
    back_behind: Ints
    """Who asked to be called back after it: it may stand in both chains."""
    waits: Ints
    """Of each call: 1 waits, 2 waits to be called back, 0 does not."""
    busy: Ints
    places: Ints


_ENDS, _LEAVES, _AGAIN, _ASKS_BACK = 0, 1, 2, 3
# Who calls again and again where nobody answers would do so without an end.
_MOST_AGAIN = 4


@compiled
def play(
    calls: Calls, staff: Staff, rules: Rules, by_line: Ints, first: Ints, until: float, seed: int
) -> Played:
    """What becomes of some calls; nobody calls out after `until`. `by_line` has the calls queue by
    queue, each from `first` on: whoever calls again has the patience of one of them."""
    np.random.seed(seed)
    came = len(calls.at)
    room = came if rules.again.max() == 0 else came * _MOST_AGAIN + 1000
    lines, pools = rules.level.shape[1], rules.level.shape[0]
    at, line, handle, patience = (
        np.empty(room),
        np.empty(room, np.int64),
        np.empty(room),
        np.empty(room),
    )
    at[:came], line[:came] = calls.at, calls.line
    handle[:came], patience[:came] = calls.handle, calls.patience
    begun, ended, left = np.full(room, np.nan), np.full(room, np.nan), np.full(room, np.nan)
    pool, called_back = np.full(room, -1, np.int64), np.zeros(room, np.int64)
    out = [(0.0, 0.0, 0)]
    out.pop()
    out_next = np.zeros(pools, np.int64)
    state = _State(
        np.full(lines, -1, np.int64), np.full(lines, -1, np.int64),
        np.full(lines, -1, np.int64), np.full(lines, -1, np.int64),
        np.full(room, -1, np.int64), np.full(room, -1, np.int64), np.zeros(room, np.int64),
        np.zeros(pools, np.int64), np.zeros(pools, np.int64),
    )  # fmt: skip
    heap = [(0.0, 0, 0)]
    heap.pop()
    known, next_call, next_staff = came, 0, 0
    while True:
        call_at = calls.at[next_call] if next_call < came else np.inf
        staff_at = staff.at[next_staff] if next_staff < len(staff.at) else np.inf
        heap_at = heap[0][0] if len(heap) > 0 else np.inf
        now = min(call_at, staff_at, heap_at)
        if now == np.inf:
            break
        freed, arrived = -1, -1
        if heap_at == now:
            _now, kind, what = heapq.heappop(heap)
            if kind == _ENDS:
                state.busy[what] -= 1
                freed = what
            elif kind == _LEAVES:
                if state.waits[what] == 1:
                    state.waits[what] = 0
                    left[what] = now
                    where = line[what]
                    if known < room and np.random.random() < rules.again[where]:
                        many = first[where + 1] - first[where]
                        other = by_line[first[where] + int(np.random.random() * many)]
                        line[known], handle[known] = where, handle[what]
                        patience[known] = calls.patience[other]
                        later = now + np.random.exponential(rules.again_seconds[where])
                        heapq.heappush(heap, (later, _AGAIN, known))
                        at[known] = later
                        known += 1
            elif kind == _AGAIN:
                arrived = what
            elif state.waits[what] == 1 and np.random.random() < rules.call_back[line[what]]:
                state.waits[what] = 2
                called_back[what] = 1
                _stand(state.back_head, state.back_tail, state.back_behind, what, line[what])
        elif staff_at == now:
            freed = staff.pool[next_staff]
            state.places[freed] = staff.places[next_staff]
            next_staff += 1
        else:
            arrived = next_call
            next_call += 1
        if arrived >= 0:
            where = line[arrived]
            freed = _free_pool(state, rules, where)
            state.waits[arrived] = 1
            _stand(state.head, state.tail, state.behind, arrived, where)
            if freed < 0:
                if patience[arrived] < np.inf:
                    heapq.heappush(heap, (now + patience[arrived], _LEAVES, arrived))
                if rules.call_back[where] > 0:
                    asks = now + rules.call_back_seconds[where]
                    heapq.heappush(heap, (asks, _ASKS_BACK, arrived))
        while freed >= 0 and state.busy[freed] < state.places[freed]:
            taken = _first_waiting(state, rules, freed, line, at)
            if taken >= 0:
                state.waits[taken] = 0
                begun[taken], ended[taken], pool[taken] = now, now + handle[taken], freed
                state.busy[freed] += 1
                heapq.heappush(heap, (ended[taken], _ENDS, freed))
                continue
            free = state.places[freed] - state.busy[freed]
            if rules.calls_out[freed] == 0 or free <= rules.kept_free[freed] or now >= until:
                break
            lasts = rules.out[freed, out_next[freed] % rules.out.shape[1]]
            out_next[freed] += 1
            out.append((now, now + lasts, freed))
            state.busy[freed] += 1
            heapq.heappush(heap, (now + lasts, _ENDS, freed))
    out_at, out_ended, out_pool = (
        np.empty(len(out)),
        np.empty(len(out)),
        np.empty(len(out), np.int64),
    )
    for place, (began, over, who) in enumerate(out):
        out_at[place], out_ended[place], out_pool[place] = began, over, who
    return Played(
        at[:known], line[:known], begun[:known], ended[:known], left[:known], pool[:known],
        called_back[:known], out_at, out_ended, out_pool,
    )  # fmt: skip


@compiled
def _stand(head: Ints, tail: Ints, behind: Ints, call: int, line: int) -> None:
    """Put a call at the end of its queue."""
    behind[call] = -1
    if head[line] < 0:
        head[line] = call
    else:
        behind[tail[line]] = call
    tail[line] = call


@compiled
def _free_pool(state: _State, rules: Rules, line: int) -> int:
    """Who would rather take a call of this queue, of those who are free: of equals the pool with
    the greatest share free; -1: nobody."""
    best, best_level, best_share = -1, 0, 0.0
    for pool in range(rules.level.shape[0]):
        level = rules.level[pool, line]
        free = state.places[pool] - state.busy[pool]
        if level == 0 or free <= 0:
            continue
        share = free / state.places[pool]
        if best < 0 or level < best_level or (level == best_level and share > best_share):
            best, best_level, best_share = pool, level, share
    return best


@compiled
def _first_waiting(state: _State, rules: Rules, pool: int, line: Ints, at: Floats) -> int:
    """Take the call that a pool serves next out of its queue: who waits before whoever is to be
    called back, then by turn, then who came first; -1: nobody."""
    for back in range(2):
        head = state.head if back == 0 else state.back_head
        behind = state.behind if back == 0 else state.back_behind
        waiting = 1 if back == 0 else 2
        best, best_turn = -1, 0
        for where in range(rules.level.shape[1]):
            turn = rules.turn[pool, where]
            if turn == 0:
                continue
            while head[where] >= 0 and state.waits[head[where]] != waiting:
                head[where] = behind[head[where]]
            call = head[where]
            if call < 0:
                continue
            if best < 0 or turn < best_turn or (turn == best_turn and at[call] < at[best]):
                best, best_turn = call, turn
        if best >= 0:
            head[line[best]] = behind[best]
            return best
    return -1
