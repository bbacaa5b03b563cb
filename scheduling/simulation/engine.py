"""Plays a day's calls, event by event. Compiled: a call takes about a microsecond.

Ends of calls, callers who lose patience, who ask to be called back and who call again lie in a heap
by their moments; calls that come and changes of staff are known beforehand and in order. Callers of
a queue wait in a chain; one who left stays in it until it is reached. People who hold one contact
at a time are only counted; where some may hold several, each of them is followed.

What is written here is what the compiler understands: numbers, arrays, named tuples of them.
"""

import heapq
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.compiled import compiled
from scheduling.simulation.drawing import Calls, Staff

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Rules(NamedTuple):
    """Who serves what, and what callers do who wait. Queues, pools and lists by number."""

    level: Ints
    """Pools x queues: how much rather, 1 before 2; 0: not at all."""
    turn: Ints
    """Pools x queues: which calls go first where several wait; 0: not at all."""
    back_turn: Ints
    """The same of those who are to be called back."""
    able: Ints
    """Of each pool, how many queues it serves."""
    again: Floats
    again_seconds: Floats
    call_back: Floats
    call_back_seconds: Floats
    is_expected: Ints
    """Of each queue, whether a call back is offered at once where a long wait is expected."""
    keeps_place: Ints
    takes: Ints
    """Of each queue, how much of a person a contact takes."""
    whole: int
    """How much a person has."""
    stretch: Floats
    is_shared: Ints
    """Of each pool, whether its people may hold several contacts: then each is followed."""
    most: Ints
    """Of each pool, how many one person holds at most."""
    lists: Ints
    """Pools x lists: from which they call out, in order; -1: no more."""
    kept_free: Ints
    out: Floats
    """Lists x lengths of calls out, in the order in which they are made."""
    is_endless: Ints
    listed_at: Floats
    """When lists grow, which, and by how many."""
    listed: Ints
    listed_more: Ints


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
    asked: Floats
    """When its caller asked to be called back; nan: never."""
    out_at: Floats
    """When calls out began."""
    out_ended: Floats
    out_pool: Ints
    out_list: Ints
    spell_at: Floats
    """When people of shared pools held something, however much."""
    spell_ended: Floats
    spell_pool: Ints


class _Queues(NamedTuple):
    """Who waits. Small, for it is handed on at each call."""

    at: Floats
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


class _State(NamedTuple):
    """The calls, and who is busy."""

    line: Ints
    handle: Floats
    begun: Floats
    ended: Floats
    pool: Ints
    busy: Ints
    """Of each pool that is not shared, people on calls."""
    people: Ints
    remaining: Ints
    """Of each list, who is still to be called out to."""
    out_next: Ints
    is_there: Ints
    """Shared pools x people: 1 is there, 0 not, or not any more once what they hold has ended."""
    used: Ints
    """How much of each is taken."""
    holds: Ints
    """How many contacts each holds."""
    held: Ints
    """Pools x people x places: which; -1: a call out."""
    since: Floats
    """Since when each holds something."""
    person: Ints
    """Of each call in a shared pool, whose it is."""
    undone: Floats
    """Of each call that is held, seconds that are left of it if it were alone."""
    as_of: Floats
    pace: Floats
    """Of each call that is held, how many seconds one of its own takes."""


_ENDS, _LEAVES, _AGAIN, _ASKS_BACK, _ENDS_SHARED, _OUT_ENDS_SHARED, _LISTED = 0, 1, 2, 3, 4, 5, 6
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
    patience, left, asked = np.empty(room), np.full(room, np.nan), np.full(room, np.nan)
    patience[:came] = calls.patience
    is_any_shared = rules.is_shared.max() > 0
    most = staff.people.max() if is_any_shared and len(staff.people) > 0 else 0
    each, slots = (room, rules.most.max()) if is_any_shared else (0, 0)
    queues = _Queues(
        np.empty(room), np.full(lines, -1, np.int64), np.full(lines, -1, np.int64),
        np.full(lines, -1, np.int64), np.full(lines, -1, np.int64),
        np.full(room, -1, np.int64), np.full(room, -1, np.int64), np.zeros(room, np.int64),
    )  # fmt: skip
    state = _State(
        np.empty(room, np.int64), np.empty(room), np.full(room, np.nan),
        np.full(room, np.nan), np.full(room, -1, np.int64),
        np.zeros(pools, np.int64), np.zeros(pools, np.int64),
        np.zeros(len(rules.is_endless), np.int64), np.zeros(len(rules.is_endless), np.int64),
        np.zeros((pools, most), np.int64), np.zeros((pools, most), np.int64),
        np.zeros((pools, most), np.int64), np.full((pools, most, slots), -1, np.int64),
        np.zeros((pools, most)), np.full(each, -1, np.int64), np.zeros(each), np.zeros(each),
        np.ones(each),
    )  # fmt: skip
    at, line, handle, waits = queues.at, state.line, state.handle, queues.waits
    begun, ended, pool = state.begun, state.ended, state.pool
    busy, people = state.busy, state.people
    is_counted = rules.is_shared == 0
    is_any_list = rules.lists.shape[1] > 0
    is_back = rules.call_back.max() > 0
    at[:came], line[:came], handle[:came] = calls.at, calls.line, calls.handle
    out = [(0.0, 0.0, 0, 0, 0)]
    out.pop()
    spells = [(0.0, 0.0, 0)]
    spells.pop()
    heap = [(0.0, 0, 0)]
    heap.pop()
    for grows in range(len(rules.listed_at)):
        heapq.heappush(heap, (rules.listed_at[grows], _LISTED, grows))
    passed = np.full(pools, -1, np.int64)
    known, next_call, next_staff = came, 0, 0
    while True:
        call_at = calls.at[next_call] if next_call < came else np.inf
        staff_at = staff.at[next_staff] if next_staff < len(staff.at) else np.inf
        heap_at = heap[0][0] if len(heap) > 0 else np.inf
        now = min(call_at, staff_at, heap_at)
        if now == np.inf:
            break
        freed, arrived, grown, expected = -1, -1, False, 0.0
        if heap_at == now:
            _now, kind, what = heapq.heappop(heap)
            if kind == _ENDS:
                busy[what] -= 1
                freed = what
            elif kind == _LEAVES:
                if waits[what] == 1:
                    waits[what] = 0
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
            elif kind == _ASKS_BACK:
                if waits[what] == 1 and np.random.random() < rules.call_back[line[what]]:
                    waits[what] = 2
                    asked[what] = now
                    _stand(queues.back_head, queues.back_tail, queues.back_behind, what, line[what])
            elif kind == _ENDS_SHARED:
                # Of one that took longer or less long after all, the other moment counts.
                if state.person[what] >= 0 and ended[what] == now:
                    freed = pool[what]
                    who = state.person[what]
                    state.person[what] = -1
                    took = rules.takes[line[what]]
                    _let_go(state, rules, heap, spells, freed, who, what, took, now)
            elif kind == _OUT_ENDS_SHARED:
                freed = out[what][2]
                _let_go(state, rules, heap, spells, freed, out[what][4], -1, rules.whole, now)
            else:
                grown = True
                state.remaining[rules.listed[what]] += rules.listed_more[what]
        elif staff_at == now:
            freed = staff.pool[next_staff]
            if rules.is_shared[freed] == 1:
                _come_or_go(state, freed, staff.people[next_staff])
            people[freed] = staff.people[next_staff]
            next_staff += 1
        else:
            arrived = next_call
            next_call += 1
        if arrived >= 0:
            where = line[arrived]
            if rules.is_expected[where] == 1:
                expected = now - _since_when(queues, rules.keeps_place[where] == 1, where, now)
            waits[arrived] = 1
            _stand(queues.head, queues.tail, queues.behind, arrived, where)
            if is_any_shared:
                _count_full(state, rules, where)
            freed = _free_pool(rules.level, rules.able, people, busy, passed, where, arrived)
            while freed >= 0 and rules.is_shared[freed] == 1:
                _serve_shared(queues, state, rules, is_back, heap, out, freed, now, until)
                # A person with room may be kept for who goes before.
                passed[freed] = arrived
                freed = -1
                if waits[arrived] == 1:
                    freed = _free_pool(
                        rules.level, rules.able, people, busy, passed, where, arrived
                    )
        low, high = (0, pools) if grown else (freed, freed + 1)
        for one in range(max(low, 0), high):
            while is_counted[one] and busy[one] < people[one]:
                call = _first_waiting(queues, rules.turn, rules.back_turn, is_back, one)
                if call >= 0:
                    _take_out(queues, call, line[call])
                    begun[call], ended[call], pool[call] = now, now + handle[call], one
                    busy[one] += 1
                    heapq.heappush(heap, (ended[call], _ENDS, one))
                    continue
                whom = -1
                if is_any_list and now < until and people[one] - busy[one] > rules.kept_free[one]:
                    whom = _next_out(state, rules, one)
                if whom < 0:
                    break
                lasts = _length_out(state, rules, whom)
                out.append((now, now + lasts, one, whom, -1))
                busy[one] += 1
                heapq.heappush(heap, (now + lasts, _ENDS, one))
        if arrived >= 0 and waits[arrived] == 1:
            if patience[arrived] < np.inf:
                heapq.heappush(heap, (now + patience[arrived], _LEAVES, arrived))
            where = line[arrived]
            if rules.call_back[where] > 0:
                if rules.is_expected[where] == 0:
                    asks = now + rules.call_back_seconds[where]
                    heapq.heappush(heap, (asks, _ASKS_BACK, arrived))
                elif expected > rules.call_back_seconds[where]:
                    heapq.heappush(heap, (now, _ASKS_BACK, arrived))
        if is_any_shared and (arrived < 0 or waits[arrived] == 0):
            # Whoever was kept for one who left, or was answered elsewhere, takes another.
            is_done = False
            while not is_done:
                is_done = True
                for one in range(pools):
                    if is_counted[one]:
                        continue
                    if not is_any_list and (
                        _first_waiting(queues, rules.turn, rules.back_turn, is_back, one) < 0
                    ):  # fmt: skip
                        continue
                    if _serve_shared(queues, state, rules, is_back, heap, out, one, now, until) > 0:
                        is_done = False
    outs = len(out)
    out_at, out_ended = np.empty(outs), np.empty(outs)
    out_pool, out_list = np.empty(outs, np.int64), np.empty(outs, np.int64)
    for place, (began, over, one, whom, _who) in enumerate(out):
        out_at[place], out_ended[place], out_pool[place], out_list[place] = began, over, one, whom
    spell_at, spell_ended = np.empty(len(spells)), np.empty(len(spells))
    spell_pool = np.empty(len(spells), np.int64)
    for place, (began, over, one) in enumerate(spells):
        spell_at[place], spell_ended[place], spell_pool[place] = began, over, one
    return Played(
        at[:known], line[:known], begun[:known], ended[:known], left[:known], pool[:known],
        asked[:known], out_at, out_ended, out_pool, out_list,
        spell_at, spell_ended, spell_pool,
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
def _since_when(queues: _Queues, keeps_place: bool, line: int, now: float) -> float:
    """Since when who has stood longest in a queue does; those with a place of their own are in
    none. Now, where nobody stands."""
    found = now
    while queues.head[line] >= 0 and queues.waits[queues.head[line]] != 1:
        queues.head[line] = queues.behind[queues.head[line]]
    if queues.head[line] >= 0:
        found = queues.at[queues.head[line]]
    if keeps_place:
        while queues.back_head[line] >= 0 and queues.waits[queues.back_head[line]] != 2:
            queues.back_head[line] = queues.back_behind[queues.back_head[line]]
        if queues.back_head[line] >= 0:
            found = min(found, queues.at[queues.back_head[line]])
    return found


@compiled
def _free_pool(
    level: Ints, able: Ints, people: Ints, busy: Ints, passed: Ints, line: int, call: int
) -> int:
    """Who would rather take a call of this queue, of those who are free: of equals who can do the
    least else, then the pool with the greatest share free; -1: nobody. Those are left out who have
    `passed` it."""
    best, best_level, best_able, best_share = -1, 0, 0, 0.0
    for pool in range(level.shape[0]):
        rather, free = level[pool, line], people[pool] - busy[pool]
        if rather == 0 or free <= 0 or passed[pool] == call or (best >= 0 and rather > best_level):
            continue
        share = free / people[pool]
        is_worse = able[pool] > best_able or (able[pool] == best_able and share <= best_share)
        if best >= 0 and rather == best_level and is_worse:
            continue
        best, best_level, best_able, best_share = pool, rather, able[pool], share
    return best


@compiled
def _count_full(state: _State, rules: Rules, line: int) -> None:
    """Of shared pools, who has no room for a call of this queue is busy."""
    is_there, used, holds, most = state.is_there, state.used, state.holds, rules.most
    room = rules.whole - rules.takes[line]
    for pool in range(rules.level.shape[0]):
        if rules.is_shared[pool] == 1 and rules.level[pool, line] > 0:
            free = 0
            for who in range(used.shape[1]):
                if is_there[pool, who] == 1 and used[pool, who] <= room:
                    free += holds[pool, who] < most[pool]
            state.busy[pool] = state.people[pool] - free


@compiled
def _take_out(queues: _Queues, call: int, line: int) -> None:
    """Take a call that is at the head of its queue out of it."""
    if queues.waits[call] == 1:
        queues.head[line] = queues.behind[call]
    else:
        queues.back_head[line] = queues.back_behind[call]
    queues.waits[call] = 0


@compiled
def _next_out(state: _State, rules: Rules, pool: int) -> int:
    """From which list a pool calls out next; -1: nobody is to be called."""
    for place in range(rules.lists.shape[1]):
        whom = rules.lists[pool, place]
        if whom >= 0 and (rules.is_endless[whom] == 1 or state.remaining[whom] > 0):
            return whom
    return -1


@compiled
def _length_out(state: _State, rules: Rules, whom: int) -> float:
    """Take one from a list; how long the call out lasts."""
    lasts = rules.out[whom, state.out_next[whom] % rules.out.shape[1]]
    state.out_next[whom] += 1
    state.remaining[whom] -= 1
    return lasts


@compiled
def _serve_shared(
    queues: _Queues, state: _State, rules: Rules, is_back: bool, heap: Any, out: Any,
    pool: int, now: float, until: float,
) -> int:  # fmt: skip
    """Let a shared pool take what it can; how many it took. Nobody is overtaken: who goes next is
    waited for until somebody has room."""
    took = 0
    while True:
        call = _first_waiting(queues, rules.turn, rules.back_turn, is_back, pool)
        if call >= 0:
            takes = rules.takes[state.line[call]]
            who = _least_laden(
                state.is_there, state.used, state.holds, pool, rules.most[pool],
                rules.whole - takes,
            )  # fmt: skip
            if who < 0:
                return took
            _take_out(queues, call, state.line[call])
            state.begun[call], state.pool[call], state.person[call] = now, pool, who
            state.undone[call], state.as_of[call] = state.handle[call], now
            state.pace[call] = 0.0
            _hold(state, rules, heap, pool, who, call, takes, now)
        else:
            who, free = -1, 0
            for one in range(state.used.shape[1]):
                if state.is_there[pool, one] == 1 and state.holds[pool, one] == 0:
                    free, who = free + 1, one
            if free <= rules.kept_free[pool] or now >= until:
                return took
            whom = _next_out(state, rules, pool)
            if whom < 0:
                return took
            lasts = _length_out(state, rules, whom)
            out.append((now, now + lasts, pool, whom, who))
            _hold(state, rules, heap, pool, who, -1, rules.whole, now)
            heapq.heappush(heap, (now + lasts, _OUT_ENDS_SHARED, len(out) - 1))
        took += 1


@compiled
def _first_waiting(queues: _Queues, turn: Ints, back_turn: Ints, is_back: bool, pool: int) -> int:
    """The call that a pool serves next, which is at the head of its queue: by turn, then who came
    first; -1: nobody."""
    best, best_turn = -1, 0
    for back in range(2 if is_back else 1):
        head = queues.head if back == 0 else queues.back_head
        behind = queues.behind if back == 0 else queues.back_behind
        turns = turn if back == 0 else back_turn
        waiting = 1 if back == 0 else 2
        for where in range(turn.shape[1]):
            own = turns[pool, where]
            if own == 0:
                continue
            while head[where] >= 0 and queues.waits[head[where]] != waiting:
                head[where] = behind[head[where]]
            call = head[where]
            if call < 0:
                continue
            is_earlier = own == best_turn and queues.at[call] < queues.at[best]
            if best < 0 or own < best_turn or is_earlier:
                best, best_turn = call, own
    return best


@compiled
def _least_laden(is_there: Ints, used: Ints, holds: Ints, pool: int, most: int, room: int) -> int:
    """Who of a shared pool takes the next contact: who holds the fewest, of those of whom no more
    than `room` is taken; -1: nobody."""
    best, fewest = -1, most
    for who in range(used.shape[1]):
        if holds[pool, who] < fewest and used[pool, who] <= room and is_there[pool, who] == 1:
            best, fewest = who, holds[pool, who]
    return best


@compiled
def _hold(
    state: _State, rules: Rules, heap: Any, pool: int, who: int, call: int, takes: int, now: float
) -> None:
    """Somebody takes one contact more."""
    many = state.holds[pool, who]
    if many == 0:
        state.since[pool, who] = now
    state.held[pool, who, many] = call
    state.holds[pool, who] += 1
    state.used[pool, who] += takes
    _repace(state, rules, heap, pool, who, now)


@compiled
def _let_go(
    state: _State, rules: Rules, heap: Any, spells: Any,
    pool: int, who: int, call: int, took: int, now: float,
) -> None:  # fmt: skip
    """Somebody has ended a contact."""
    last = state.holds[pool, who] - 1
    for place in range(last):
        if state.held[pool, who, place] == call:
            state.held[pool, who, place] = state.held[pool, who, last]
            break
    state.holds[pool, who] = last
    state.used[pool, who] -= took
    if last == 0:
        spells.append((state.since[pool, who], now, pool))
    _repace(state, rules, heap, pool, who, now)


@compiled
def _repace(state: _State, rules: Rules, heap: Any, pool: int, who: int, now: float) -> None:
    """Contacts that somebody holds end when they do at the pace of as many as there are now."""
    many = state.holds[pool, who]
    for place in range(many):
        call = state.held[pool, who, place]
        if call < 0:
            continue
        pace = 1 + rules.stretch[state.line[call]] * (many - 1)
        if pace == state.pace[call]:
            continue
        if state.pace[call] > 0:
            state.undone[call] -= (now - state.as_of[call]) / state.pace[call]
        state.pace[call], state.as_of[call] = pace, now
        state.ended[call] = now + max(state.undone[call], 0.0) * pace
        heapq.heappush(heap, (state.ended[call], _ENDS_SHARED, call))


@compiled
def _come_or_go(state: _State, pool: int, people: int) -> None:
    """So many of a shared pool are there from now on. Who holds the fewest goes first, and ends
    what is held before; who has not yet gone comes back first."""
    change = people - state.people[pool]
    sign = 1 if change > 0 else -1
    for _one in range(abs(change)):
        best = -1
        for who in range(state.used.shape[1]):
            if state.is_there[pool, who] == (change > 0):
                continue
            if best < 0 or sign * state.holds[pool, who] > sign * state.holds[pool, best]:
                best = who
        state.is_there[pool, best] = change > 0
