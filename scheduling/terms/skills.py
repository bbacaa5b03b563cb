"""What people can take, as the demand of a roster calls it: queues, and groups that are staffed as
one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

Skills = Mapping[str, float]


class Group(NamedTuple):
    """Queues that the same people serve."""

    pk: int
    queues: frozenset[int]


class Spell(NamedTuple):
    """That somebody takes a queue, and fills so much of a position there, from a day until before
    another."""

    queue: int
    fills: float
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


def of_queue(pk: int) -> str:
    return f"q{pk}"


def of_group(pk: int) -> str:
    return f"g{pk}"


def spells(rows: Iterable[Any]) -> Iterator[Spell]:
    """Of rows of `AgentSkill`."""
    for one in rows:
        yield Spell(one.queue_id, float(one.proficiency), one.starts_on, one.ends_on)


def takes(
    said: Iterable[Spell], words: Iterable[str], queues: Mapping[int, str], day: date
) -> dict[int, float]:
    """What somebody takes on a day, and how much of a position they fill there: as is said by
    queue; until the first day of which anything is said, as lists tell (`named`)."""
    every = [*said]
    if not lists_hold(every, day):
        return {one.queue: one.fills for one in every if one.holds(day)}
    return named(words, queues)


def lists_hold(said: Iterable[Spell], day: date) -> bool:
    """Whether nothing that is said by queue has begun on a day."""
    return all(day < one.starts_on for one in said)


def of_lists(words: Iterable[str], queues: Mapping[int, str]) -> list[int]:
    """The queues that are among the skills which lists tell of somebody, by name whatever its
    case."""
    told = {one.casefold().strip() for one in words}
    return [pk for pk, name in queues.items() if name.casefold().strip() in told]


def named(words: Iterable[str], queues: Mapping[int, str]) -> dict[int, float]:
    """What somebody takes of whom nobody has said it by queue: the queues that lists name; of whom
    they name none, every queue."""
    return dict.fromkeys(of_lists(words, queues) or queues, 1.0)


def with_groups(by_queue: Mapping[int, float], groups: Sequence[Group]) -> Skills:
    """Queues that somebody takes, each with how much of a position they fill, as skills. Who takes
    a queue of a group serves the group, as well as the one of its queues that they take worst."""
    skills = {of_queue(pk): filled for pk, filled in sorted(by_queue.items())}
    for group in groups:
        theirs = [by_queue[pk] for pk in group.queues if pk in by_queue]
        if theirs:
            skills[of_group(group.pk)] = min(theirs)
    return skills
