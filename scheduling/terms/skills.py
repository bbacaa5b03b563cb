"""What people can take, as the demand of a roster calls it: queues, and groups that are staffed as
one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Skills = Mapping[str, float]


class Group(NamedTuple):
    """Queues that the same people serve."""

    pk: int
    queues: frozenset[int]


def of_queue(pk: int) -> str:
    return f"q{pk}"


def of_group(pk: int) -> str:
    return f"g{pk}"


def named(words: Iterable[str], queues: Mapping[int, str]) -> dict[int, float]:
    """What somebody takes of whom nobody has said it by queue: the queues that are among the skills
    which lists tell of them, by name whatever its case; of whom none is told, every queue."""
    told = {one.casefold().strip() for one in words}
    found = {pk: 1.0 for pk, name in queues.items() if name.casefold().strip() in told}
    return found or dict.fromkeys(queues, 1.0)


def with_groups(by_queue: Mapping[int, float], groups: Sequence[Group]) -> Skills:
    """Queues that somebody takes, each with how much of a position they fill, as skills. Who takes
    a queue of a group serves the group, as well as the one of its queues that they take worst."""
    skills = {of_queue(pk): filled for pk, filled in sorted(by_queue.items())}
    for group in groups:
        theirs = [by_queue[pk] for pk in group.queues if pk in by_queue]
        if theirs:
            skills[of_group(group.pk)] = min(theirs)
    return skills
