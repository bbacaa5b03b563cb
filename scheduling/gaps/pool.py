"""Queues that the same people take. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Takes = Mapping[int, float]
"""Queues that somebody takes, by their ids, each with how much of a position they fill there."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Queues that hang together by those who take several of them, and who takes any of them.

    Nobody says how such people are shared out, so none of the queues has people of its own: they
    are told of together.
    """

    queues: frozenset[int]
    people: Mapping[int, float]
    """Of whoever takes any of its queues: how much of a position they fill, at best."""
    is_whole: bool
    """Whether each of them takes all of its queues: else it is told as if they did, which is the
    best that can be."""


def around(queue: int, people: Mapping[int, Takes], asked: Collection[int]) -> Pool:
    """The pool of a queue, by what those who are planned take; of other queues than those that
    people are `asked` for nothing is told, and they hang together with none."""
    wanted = {*asked, queue}
    sets = [wanted & {*takes} for takes in people.values()]
    queues = {queue}
    while True:
        more = {one for some in sets if some & queues for one in some} - queues
        if not more:
            break
        queues |= more
    theirs = {
        pk: max(takes[one] for one in queues if one in takes)
        for pk, takes in people.items()
        if queues & {*takes}
    }
    is_whole = all(queues <= {*people[pk]} for pk in theirs)
    return Pool(frozenset(queues), theirs, is_whole)
