"""Who reviews what: drawn calls shared over reviewers.

Each reviewer gets as large a part of the work as of all capacity. The calls of an agent go to as
many reviewers as can be, so that one who marks hard is not one agent's fate; nobody reviews their
own calls, nor those of agents they are in conflict with; and some calls are reviewed by several
who do not see each other's marks, to tell how reviewers agree. First reviews of all calls come
before second ones.
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial

from qa.sampling.allocation import apportion
from qa.sampling.order import DOUBLES, WORK, in_order, number


@dataclass(frozen=True, slots=True)
class Task:
    """A drawn call of an agent, to be reviewed."""

    call: str
    agent: str


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who can do `capacity` reviews. `conflicts` are agents whose calls they do not
    review; an agent of the reviewer's own id is one always.

    Raises ValueError for a capacity under 0.
    """

    id: str
    capacity: int
    conflicts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise ValueError(f"{self.id}: a capacity is not under 0")

    def may(self, task: Task) -> bool:
        return task.agent != self.id and task.agent not in self.conflicts


class Why(StrEnum):
    """Why a review has no reviewer."""

    CONFLICTS = "conflicts"  # nobody else may review it
    CAPACITY = "capacity"  # those who may have no time left


@dataclass(frozen=True, slots=True)
class Review:
    """One review of a call. `rank` 0 is the first, whose marks count in the agent's score; others
    are blind second ones, to measure reviewers by."""

    call: str
    agent: str
    rank: int
    reviewer: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A review of a call that nobody could be found for, and why."""

    call: str
    agent: str
    rank: int
    why: Why


@dataclass(frozen=True, slots=True)
class Workload:
    """Reviews with their reviewer, and those without; both in the order of calls and ranks."""

    reviews: tuple[Review, ...]
    missing: tuple[Missing, ...]


def doubles(seed: str, calls: Iterable[str], share: float) -> frozenset[str]:
    """The calls that are reviewed by several: a share in [0, 1] of them, drawn by the seed apart
    from how they were drawn, rounded half up. Raises ValueError for another share."""
    if not 0 <= share <= 1:
        raise ValueError(f"a share is in 0 to 1, not {share}")
    ordered = in_order(seed, calls, DOUBLES)
    return frozenset(ordered[: math.floor(share * len(ordered) + 0.5)])


def assign(
    seed: str,
    tasks: Iterable[Task],
    reviewers: Iterable[Reviewer],
    *,
    share: float = 0.0,
    several: int = 2,
) -> Workload:
    """Shares calls over reviewers. The same seed, calls and reviewers give the same, in any order.

    A `share` of calls is reviewed by `several` (at least 2). As many reviews get a reviewer as at
    all can; each has at most their capacity, and their part of the work as far as conflicts let.
    Raises ValueError for a call or reviewer that is there twice, another share, or fewer than 2.
    """
    work = sorted(tasks, key=lambda one: one.call)
    people = sorted(reviewers, key=lambda one: one.id)
    if len({one.call for one in work}) < len(work):
        raise ValueError("a call is there twice")
    if len({one.id for one in people}) < len(people):
        raise ValueError("a reviewer is there twice")
    if several < 2:
        raise ValueError(f"{several} are not several")
    double = doubles(seed, (one.call for one in work), share)
    rounds = _rounds(seed, work)
    desk = _Desk(seed, work, people, len(work) + (several - 1) * len(double))
    missing = []
    for rank in range(several):
        for at in rounds:
            if (not rank or work[at].call in double) and not desk.give(at, rank):
                why = Why.CAPACITY if desk.willing(at) else Why.CONFLICTS
                missing.append(Missing(work[at].call, work[at].agent, rank, why))
    # Which of the reviewers of a call is its first is for the seed to say: or it would be whoever
    # is free early.
    reviews = [
        Review(task.call, task.agent, rank, reviewer)
        for at, task in enumerate(work)
        for rank, reviewer in enumerate(in_order(f"{seed}\n{task.call}", desk.holders(at), WORK))
    ]
    return Workload(tuple(reviews), tuple(sorted(missing, key=lambda one: (one.call, one.rank))))


def _rounds(seed: str, work: Sequence[Task]) -> list[int]:
    """The places of calls in the order they are given out: one of each agent, then the next."""
    of_agent: defaultdict[str, list[str]] = defaultdict(list)
    place = {one.call: at for at, one in enumerate(work)}
    agent = {one.call: one.agent for one in work}
    turns = []
    for call in in_order(seed, place, WORK):
        of_agent[agent[call]].append(call)
        turns.append((len(of_agent[agent[call]]), place[call]))
    # Stable: within a round calls keep the seed's order.
    return [at for _turn, at in sorted(turns, key=lambda one: one[0])]


class _Desk:
    """Who holds which calls. Reviewers and calls are known by their places."""

    def __init__(
        self, seed: str, work: Sequence[Task], people: Sequence[Reviewer], reviews: int
    ) -> None:
        self.work = work
        self.people = people
        self.capacity = [one.capacity for one in people]
        order = sorted(range(len(people)), key=lambda at: number(seed, people[at].id, WORK))
        self.turn = {at: turn for turn, at in enumerate(order)}
        self.part = dict.fromkeys(order, 0)
        if any(self.capacity):
            sizes = [self.capacity[at] for at in order]
            parts = apportion(reviews, [Fraction(size) for size in sizes], sizes)
            self.part = dict(zip(order, parts, strict=True))
        self.held: list[set[int]] = [set() for _ in people]
        self.met: Mapping[str, Counter[int]] = defaultdict(Counter)

    def may(self, reviewer: int, at: int) -> bool:
        """Whether a call can be given to a reviewer who does not hold it yet."""
        return self.people[reviewer].may(self.work[at]) and at not in self.held[reviewer]

    def willing(self, at: int) -> bool:
        return any(self.may(reviewer, at) for reviewer in self.turn)

    def holders(self, at: int) -> list[str]:
        return [one.id for one, held in zip(self.people, self.held, strict=True) if at in held]

    def give(self, at: int, rank: int) -> bool:
        """Gives a call to one more reviewer, within everybody's part or else capacity; whether it
        could be done at all."""
        for limit in (self.part, dict(enumerate(self.capacity))):
            path = self._path(at, limit)
            if path:
                for call, giver, taker in path:
                    self._move(call, giver, taker)
                return True
        return False

    def _move(self, call: int, giver: int | None, taker: int) -> None:
        met = self.met[self.work[call].agent]
        if giver is not None:
            self.held[giver].remove(call)
            met[giver] -= 1
        self.held[taker].add(call)
        met[taker] += 1

    def _wish(self, call: int, reviewer: int, limit: Mapping[int, int]) -> tuple[int, float, int]:
        """Least first: who has met the agent least, then who has done least of their part."""
        met = self.met[self.work[call].agent][reviewer]
        done = len(self.held[reviewer]) / limit[reviewer] if limit[reviewer] else math.inf
        return met, done, self.turn[reviewer]

    def _path(self, at: int, limit: Mapping[int, int]) -> list[tuple[int, int | None, int]]:
        """Moves (call, from whom, to whom) that find a reviewer for a call: the shortest way in
        which each who is full hands a call on (augmenting paths: Ford & Fulkerson 1956, "Maximal
        flow through a network"). Empty: there is none."""
        came: dict[int, tuple[int, int | None]] = {}
        wish = partial(self._wish, limit=limit)
        ways: deque[tuple[int, int | None]] = deque([(at, None)])
        while ways:
            call, giver = ways.popleft()
            takers = [one for one in self.turn if one not in came and self.may(one, call)]
            free = [one for one in takers if len(self.held[one]) < limit[one]]
            if free:
                taker = min(free, key=lambda one: wish(call, one))
                came[taker] = call, giver
                return self._back(taker, came)
            for taker in sorted(takers, key=lambda one: wish(call, one)):
                came[taker] = call, giver
                ways.extend((held, taker) for held in sorted(self.held[taker]) if held != at)
        return []

    def _back(
        self, taker: int, came: Mapping[int, tuple[int, int | None]]
    ) -> list[tuple[int, int | None, int]]:
        moves = []
        at: int | None = taker
        while at is not None:
            call, giver = came[at]
            moves.append((call, giver, at))
            at = giver
        return moves
