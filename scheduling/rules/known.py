"""Whether there is what a roster names."""

from collections.abc import Iterator

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.shifts import Problem, Roster


def unknown(problem: Problem, roster: Roster) -> Iterator[Broken]:
    """People, days and shapes that are not of the problem."""
    known = {one.id for one in problem.people}
    for person in sorted(roster.of):
        days = sorted(roster.of[person])
        if person not in known:
            if days:
                yield broken(problem, Rule.UNKNOWN_PERSON, person, days)
            continue
        for day in days:
            shape = roster.of[person][day].shape
            if not 0 <= day < len(problem.days):
                yield broken(problem, Rule.UNKNOWN_DAY, person, (day,), what=shape)
            elif shape not in problem.shape:
                yield broken(problem, Rule.UNKNOWN_SHAPE, person, (day,), what=shape)
