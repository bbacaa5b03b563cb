"""Whose time an agent's time was. Pure.

Nobody writes down for which queue somebody is ready. What is written is for which queues an agent
worked on a day; the time the agent was there is shared out by that, and how much of a queue's time
was shared is told with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
OTHER = -1
"""Work that is of none of the queues: calls out, queues of another kind."""
QUARTER_MS = 15 * 60 * 1000


class Worked(NamedTuple):
    """What an agent did for a queue on a day; queues by number, or OTHER; days by number."""

    agent: int
    day: int
    queue: int
    handled_ms: int
    rings: int


Share = tuple[tuple[int, float], ...]
"""Queues with their shares of an agent, which add up to 1."""


class Shares:
    """By what share each agent was each queue's, day by day.

    By the time the agent handled their calls; of an agent who handled none that day by whose calls
    rang; of one without either by what the agent handled on all days together. Nothing of an agent
    who did nothing on any day.
    """

    def __init__(self, worked: Iterable[Worked]) -> None:
        days: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(dict)
        whole: dict[int, dict[int, list[int]]] = defaultdict(dict)
        for agent, day, queue, handled_ms, rings in worked:
            for sums in (days[agent, day], whole[agent]):
                mine = sums.setdefault(queue, [0, 0])
                mine[0] += handled_ms
                mine[1] += rings
        self._whole = {agent: _shared(sums) for agent, sums in whole.items()}
        self._days = {key: _shared(sums) for key, sums in days.items()}

    def of(self, agent: int, day: int) -> Share:
        return self._days.get((agent, day)) or self._whole.get(agent, ())


def _shared(sums: Mapping[int, list[int]]) -> Share:
    """The greatest first, of equals the first queue."""
    for place in (0, 1):
        total = sum(one[place] for one in sums.values())
        if total:
            shares = ((queue, one[place] / total) for queue, one in sums.items() if one[place])
            return tuple(sorted(shares, key=lambda share: (-share[1], share[0])))
    return ()


@dataclass(slots=True, eq=False)
class Presence:
    """Who was there for each queue in each quarter hour, as people: half of one is one for half of
    it, or two of whom each was half there.

    `together` are those who serve the same queues on a day, the one that takes most of their time
    first: of each such pool the people of each quarter hour of that day.
    """

    queues: int
    day_of: NDArray[np.int64]
    """The day of each quarter hour."""
    people: Array = field(init=False)
    shared: Array = field(init=False)
    """Of these, of agents who did other work that day, too."""
    together: dict[int, dict[tuple[int, ...], Array]] = field(init=False)
    _begins: NDArray[np.int64] = field(init=False)
    _lasts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.people = np.zeros((self.queues, len(self.day_of)))
        self.shared = np.zeros_like(self.people)
        self.together = defaultdict(dict)
        days = int(self.day_of[-1]) + 1 if len(self.day_of) else 0
        self._begins = np.searchsorted(self.day_of, np.arange(days))
        self._lasts = np.bincount(self.day_of, minlength=days)

    def add(self, quarter: int, ms: int, share: Share) -> None:
        """An agent was there for so long in a quarter hour, of whom queues had these shares."""
        here = ms / QUARTER_MS
        for queue, part in share:
            if queue != OTHER:
                self.people[queue, quarter] += here * part
                if len(share) > 1:
                    self.shared[queue, quarter] += here * part
        skills = tuple(queue for queue, _part in share if queue != OTHER)
        if not skills:
            return
        day = int(self.day_of[quarter])
        pools = self.together[day]
        skills = (skills[0], *sorted(skills[1:]))
        if skills not in pools:
            pools[skills] = np.zeros(self._lasts[day])
        mine = sum(part for queue, part in share if queue != OTHER)
        pools[skills][quarter - self._begins[day]] += here * mine

    def quarters_of(self, day: int) -> slice:
        begins = int(self._begins[day])
        return slice(begins, begins + int(self._lasts[day]))


def groups(presence: Presence) -> list[list[int]]:
    """Queues that have people in common, on any day; each queue in one of them, in order."""
    leads = list(range(presence.queues))

    def lead(queue: int) -> int:
        while leads[queue] != queue:
            leads[queue] = leads[leads[queue]]
            queue = leads[queue]
        return queue

    for first, *rest in _pools(presence):
        for queue in rest:
            leads[max(lead(first), lead(queue))] = min(lead(first), lead(queue))
    found: dict[int, list[int]] = defaultdict(list)
    for queue in range(presence.queues):
        found[lead(queue)].append(queue)
    return list(found.values())


def _pools(presence: Presence) -> Iterator[tuple[int, ...]]:
    return iter({skills for pools in presence.together.values() for skills in pools})
