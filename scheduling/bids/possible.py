"""Which lines of shifts are open to whom. Pure: rules are those of `scheduling.rules`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scheduling.rules import Broken, Rule, check
from scheduling.shifts import Assignment, Person, Problem, Roster

# What is wrong with a shift whoever has it speaks against nobody's having it.
_OF_SHIFTS = frozenset(
    {
        Rule.UNKNOWN_SHAPE,
        Rule.UNKNOWN_DAY,
        Rule.WEEKDAY,
        Rule.PAUSE_MISSING,
        Rule.PAUSE_UNKNOWN,
        Rule.PAUSE_LENGTH,
        Rule.PAUSE_WINDOW,
        Rule.ACTIVITY_OVERLAP,
        Rule.ACTIVITY_OUTSIDE,
    }
)
Row = Mapping[int, Assignment]
"""Somebody's shifts by the days of a problem."""


@dataclass(frozen=True, slots=True)
class Line:
    """The shifts that a roster gives to somebody, as others may have them."""

    number: int
    holder: str
    row: Row


@dataclass(frozen=True, slots=True)
class Against:
    """What speaks against a line for somebody: hard rules that they would newly break, and that
    they cannot take all that is taken in it."""

    broken: tuple[Broken, ...] = ()
    lacks_skills: bool = False

    def __bool__(self) -> bool:
        return self.lacks_skills or bool(self.broken)


def against(problem: Problem, lines: Mapping[int, Line]) -> dict[str, dict[int, Against]]:
    """What speaks against which line, for everybody who has one; a line that nothing speaks against
    is open, and one's own always is. People who are not of the problem have their own alone.

    Only what binds one person is looked at: who works with whom depends on what the others get.
    """
    people = {one.id: one for one in problem.people}
    return {
        own.holder: _of_person(problem, people.get(own.holder), own, lines)
        for own in lines.values()
    }


def _of_person(
    problem: Problem, person: Person | None, own: Line, lines: Mapping[int, Line]
) -> dict[int, Against]:
    others = [one for one in lines.values() if one.number != own.number]
    if person is None:
        return {one.number: Against(lacks_skills=True) for one in others}
    alone = replace(problem, people=(person,), pairings=(), mix=None)
    skills = {one.id: frozenset(one.skills) for one in problem.people}
    known = {_what(one): one for one in _hard(alone, person, own.row)}
    found = {}
    for one in others:
        said = Against(
            tuple(
                each
                for each in _hard(alone, person, one.row)
                if not _is_as_bad(known.get(_what(each)), each)
            ),
            not skills.get(one.holder, frozenset()) <= skills[person.id],
        )
        if said:
            found[one.number] = said
    return found


def _hard(alone: Problem, person: Person, row: Row) -> Iterator[Broken]:
    found = check(alone, Roster({person.id: row}))
    return (one for one in found if one.is_hard and one.rule not in _OF_SHIFTS)


def _what(one: Broken) -> tuple[object, ...]:
    return one.rule, one.days, one.what


def _is_as_bad(known: Broken | None, one: Broken) -> bool:
    """Whether what somebody's own shifts break is as far beyond what is allowed already."""
    if known is None:
        return False
    return _beyond(known) >= _beyond(one)


def _beyond(one: Broken) -> float:
    return 0.0 if one.amount is None or one.limit is None else abs(one.amount - one.limit)
