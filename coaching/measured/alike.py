"""What colleagues make of the same work: their figures, weighted as the agent's work is. Pure."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kpis.noise import Part

FEWEST_MATES = 4
"""Of fewer colleagues nothing is told: an average of three tells of each."""
LEAST_SHARED = 0.5
"""So much of an agent's work at least must be shared with others to be compared."""

Queue = TypeVar("Queue", bound=Hashable)
Cluster = TypeVar("Cluster", bound=Hashable)
Work = Mapping[Queue, Mapping[Cluster, Part]]
"""What was brought to a figure in each queue, by day or by agent."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An agent's work and that of others in the queues that both have, in which the others' stands
    for as much of each queue as the agent's own does."""

    own: Sequence[Part]
    theirs: Sequence[Part]


def alike(own: Work[Queue, Cluster], theirs: Work[Queue, Cluster]) -> Alike | None:
    """The same mix of queues of both; None where less than half of the agent's work is in queues
    that others work too.

    The others' parts of a queue are multiplied so that its share of all is the agent's (direct
    standardisation), and all of them so that they are worth as many as they tell: the square of
    the sum of weights over the sum of their squares (Kish 1965, "Survey Sampling").
    """
    mine = {queue: _under(parts) for queue, parts in own.items()}
    others = {queue: _under(parts) for queue, parts in theirs.items()}
    shared = [queue for queue, under in mine.items() if under > 0 and others.get(queue, 0) > 0]
    under = sum(mine[queue] for queue in shared)
    if not under or under < LEAST_SHARED * sum(mine.values()):
        return None
    shares = {queue: mine[queue] / under for queue in shared}
    worth = 1 / sum(share**2 / others[queue] for queue, share in shares.items())
    scaled = [
        (cluster, share * worth / others[queue], part)
        for queue, share in shares.items()
        for cluster, part in theirs[queue].items()
    ]
    return Alike(
        _together((cluster, 1.0, part) for queue in shared for cluster, part in own[queue].items()),
        _together(scaled),
    )


def _under(parts: Mapping[Cluster, Part]) -> float:
    return sum(part.denominator for part in parts.values())


def _together(scaled: Iterable[tuple[Cluster, float, Part]]) -> list[Part]:
    """The parts of each cluster, added up."""
    found: dict[Cluster, Part] = {}
    for cluster, factor, part in scaled:
        was = found.get(cluster, Part(0, 0))
        added = (one + factor * more for one, more in zip(was, part, strict=True))
        found[cluster] = Part(*added)
    return list(found.values())
