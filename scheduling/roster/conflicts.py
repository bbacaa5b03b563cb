"""Rules of which somebody cannot keep all: the fewest that contradict each other, and ways out.

What a person may work is bound by many rules; where nothing is left, one after the other is left
out, and stays out if still nothing is left. What remains contradicts itself, and no longer does
without any one of its rules. A way out leaves out one of them, and of what then still contradicts
itself another, until everything that is left can be kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from ortools.sat.python import cp_model

from scheduling.roster import model
from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, grid_of
from scheduling.roster.tour import Tours
from scheduling.shifts import Limits, Person, Problem

_SECONDS = 10.0
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one person: a field of `Limits` or of `Person`, and which of its days, moments or
    templates where it is only one of them; `pairing` with whom, or `mix`."""

    name: str
    person: str
    day: int | None = None
    span: tuple[int, int] | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that contradict each other, and would not without any one of them; and ways out, those
    of fewest rules first: without all rules of one of them, and not without fewer of it, everything
    else can be kept."""

    rules: tuple[Rule, ...]
    ways: tuple[tuple[Rule, ...], ...]


def conflicts_of(problem: Problem, people: Sequence[str]) -> tuple[Conflict, ...]:
    """A contradiction among the rules of each of these people, who have no shifts that break none.

    Those who have to work together are looked at together. Soft rules contradict nothing. Empty
    where their rules contradict nothing after all.
    """
    found: list[Conflict] = []
    for group in _groups(problem, people):
        alone = _only(problem, group)
        if rules := _smallest(alone):
            ways = {_way(alone, rule) for rule in rules}
            found.append(Conflict(rules, tuple(sorted(ways, key=lambda way: (len(way), str(way))))))
    return tuple(found)


def _way(problem: Problem, rule: Rule) -> tuple[Rule, ...]:
    """A way out that begins with leaving out this rule."""
    way = [rule]
    while more := _smallest(_all_without(problem, way)):
        way.append(more[0])
    for one in tuple(way):
        if is_possible(_all_without(problem, fewer := [n for n in way if n != one])):
            way = fewer
    return tuple(sorted(way, key=str))


def _all_without(problem: Problem, rules: Iterable[Rule]) -> Problem:
    for rule in rules:
        problem = without(problem, rule)
    return problem


def is_possible(problem: Problem) -> bool:
    """Whether everyone of a (small) problem can keep all hard rules."""
    try:
        grid = grid_of(problem)
    except KeyError:  # a shift that stays as it is and that there is none of
        return False
    tours = Tours(grid)
    cover = Cover(grid, np.full(grid.size[:2], OFF, np.int64))
    part = model.part_of(grid, tours, cover, range(grid.size[0]), range(grid.size[1]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = _SECONDS
    return bool(solver.solve(part.model) in (cp_model.OPTIMAL, cp_model.FEASIBLE))


def _groups(problem: Problem, people: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """These people, each with those they are paired with, and those with theirs."""
    pairs: dict[str, set[str]] = {}
    if problem.weights.weight("pairing") is None:
        for one in problem.pairings:
            pairs.setdefault(one.one, set()).add(one.other)
            pairs.setdefault(one.other, set()).add(one.one)
    seen: set[str] = set()
    for person in people:
        if person in seen:
            continue
        group, ahead = {person}, [person]
        while ahead:
            for other in pairs.get(ahead.pop(), set()) - group:
                group.add(other)
                ahead.append(other)
        seen |= group
        yield tuple(one.id for one in problem.people if one.id in group)


def _only(problem: Problem, group: Sequence[str]) -> Problem:
    """What binds these people, and nothing that is asked for."""
    return replace(
        problem,
        people=tuple(one for one in problem.people if one.id in group),
        demand=None,
        needs={},
        sessions=(),
        mix=None,
        pairings=tuple(one for one in problem.pairings if one.one in group and one.other in group),
    )


def _smallest(problem: Problem) -> tuple[Rule, ...]:
    """Rules that contradict each other, none of them too many; empty where none do."""
    if is_possible(problem):
        return ()
    kept: list[Rule] = []
    # First whole rules, then, of those that are left, each of their days and moments.
    for rules in (_wholes, _pieces):
        kept = []
        for rule in list(rules(problem)):
            fewer = without(problem, rule)
            if is_possible(fewer):
                kept.append(rule)
            else:
                problem = fewer
    return tuple(kept)


def _wholes(problem: Problem) -> Iterator[Rule]:
    for person in problem.people:
        for name in _PARTS:
            if getattr(person, name):
                yield Rule(name, person.id)
        for name in ("templates", "earliest_start", "latest_end", "present"):
            if getattr(person, name) is not None:
                yield Rule(name, person.id)
        for one in fields(Limits):
            if problem.weights.weight(one.name) is None and getattr(
                person.limits, one.name
            ) not in (None, {}, ()):
                yield Rule(one.name, person.id)
    yield from _pairs(problem)


# What of a person is several rules, each of a day or of moments.
_PARTS = ("closed", "days_off", "rotation", "fixed")


def _pieces(problem: Problem) -> Iterator[Rule]:
    for rule in _wholes(problem):
        person = next((one for one in problem.people if one.id == rule.person), None)
        if person is None or rule.name not in (*_PARTS, "most_of_template"):
            yield rule
        elif rule.name == "closed":
            yield from (Rule("closed", person.id, span=span) for span in person.closed)
        elif rule.name == "most_of_template":
            names = person.limits.most_of_template
            yield from (Rule(rule.name, person.id, what=name) for name in names)
        else:
            days = sorted(getattr(person, rule.name))
            yield from (Rule(rule.name, person.id, day=day) for day in days)


def _pairs(problem: Problem) -> Iterator[Rule]:
    if problem.weights.weight("pairing") is None:
        for one in problem.pairings:
            yield Rule("pairing", one.one, what=one.other)


def without(problem: Problem, rule: Rule) -> Problem:
    """The same without a rule."""
    if rule.name == "pairing":
        left = tuple(
            one for one in problem.pairings if (one.one, one.other) != (rule.person, rule.what)
        )
        return replace(problem, pairings=left)
    return replace(
        problem,
        people=tuple(_freed(one, rule) if one.id == rule.person else one for one in problem.people),
    )


def _freed(person: Person, rule: Rule) -> Person:
    change = _FREED.get(rule.name)
    if change is not None:
        return change(person, rule)
    limits = person.limits
    if rule.name == "most_of_template":
        left = {
            name: most for name, most in limits.most_of_template.items()
            if rule.what and name != rule.what
        }  # fmt: skip
        return replace(person, limits=replace(limits, most_of_template=left))
    if rule.name == "pause_after":
        return replace(person, limits=replace(limits, pause_after=()))
    none: dict[str, Any] = {rule.name: None}
    return replace(person, limits=replace(limits, **none))


_FREED: dict[str, Callable[[Person, Rule], Person]] = {
    "closed": lambda person, rule: replace(
        person, closed=tuple(one for one in person.closed if rule.span and one != rule.span)
    ),
    "days_off": lambda person, rule: replace(
        person, days_off=person.days_off - {rule.day} if rule.day is not None else frozenset()
    ),
    "rotation": lambda person, rule: replace(person, rotation=_less(person.rotation, rule.day)),
    "fixed": lambda person, rule: replace(person, fixed=_less(person.fixed, rule.day)),
    "templates": lambda person, _rule: replace(person, templates=None),
    "earliest_start": lambda person, _rule: replace(person, earliest_start=None),
    "latest_end": lambda person, _rule: replace(person, latest_end=None),
    "present": lambda person, _rule: replace(person, present=None),
}


def _less(said: Mapping[int, _V], day: int | None) -> dict[int, _V]:
    return {one: value for one, value in said.items() if day is not None and one != day}
