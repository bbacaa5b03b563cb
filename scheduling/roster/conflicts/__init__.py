"""Rules that cannot all be kept: of one person, or of some who are tied to each other; the fewest
of them that contradict each other, and ways out that were tried.

People are tied by pairings, and all of them by how many who are not new are to be beside those who
are (`mix`). Rules that are soft contradict nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scheduling.roster.conflicts import possible
from scheduling.roster.conflicts.possible import NotKnown, Time
from scheduling.roster.conflicts.rules import Rule, all_without, without
from scheduling.roster.conflicts.smallest import contradiction
from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, Grid, Ints
from scheduling.shifts import Problem, Roster

__all__ = ["Conflict", "Rule", "Tied", "all_without", "conflicts_of", "tied", "without"]

# What is said of all contradictions of a roster takes no longer.
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that contradict each other, and would not without any one of them; and ways out, those
    of fewest rules first: without all rules of one of them, and not without fewer of it, everything
    else can be kept by `people`, who are tied to each other.

    Without rules it is not known which of theirs contradict each other, or whether any do: to find
    out would have taken longer than there was time.
    """

    rules: tuple[Rule, ...]
    ways: tuple[tuple[Rule, ...], ...]
    people: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.rules)


def conflicts_of(
    problem: Problem, people: Sequence[str], seconds: float = SECONDS
) -> tuple[Conflict, ...]:
    """A contradiction among the rules of each of these people, who have no shifts that break none.

    Those who are paired are looked at together. Empty where their rules contradict nothing after
    all.
    """
    clock = Time.of(seconds)
    found = (
        _found(possible.bound(problem, group), group, clock) for group in _groups(problem, people)
    )
    return tuple(one for one in found if one is not None)


@dataclass
class Tied:
    """What became of those whom a roster let break what ties them: contradictions, and for whoever
    can keep all rules shifts that do (people x days, as `Grid` has them)."""

    chosen: Ints
    conflicts: list[Conflict] = field(default_factory=list)
    is_changed: bool = False


def tied(
    grid: Grid, chosen: Ints, idle: Collection[int], free: Collection[int], seconds: float = SECONDS
) -> Tied:
    """Why a roster breaks hard rules between people, or shifts that break none.

    `idle` have no shifts, as their own rules contradict each other: what is said of `mix` is said
    of all others, and beside pairings that contradict nothing. Groups are left as they are of whom
    somebody is not `free` to be given other shifts.
    """
    clock, problem = Time.of(seconds), grid.problem
    ids = [one.id for one in problem.people]
    there = [name for n, name in enumerate(ids) if n not in idle]
    may_change = {ids[n] for n in free}
    made = Tied(chosen.copy())
    for group in _groups(problem, _apart(grid, chosen)):
        if may_change.issuperset(group) and set(there).issuperset(group):
            _settle(made, grid, possible.bound(problem, group), group, clock)
    # Whoever has other shifts now may be beside others.
    lacks = problem.weights.weight("mix") is None and Cover(grid, made.chosen).balance.min(
        initial=0
    )
    if lacks < 0 and may_change.issuperset(there):
        # Pairings that contradict something are broken in any case.
        apart = {name for one in made.conflicts for name in one.people}
        everyone = possible.bound(problem, there, mix=True)
        kept = tuple(one for one in everyone.pairings if one.one not in apart)
        everyone = replace(everyone, pairings=kept)
        _settle(made, grid, everyone, there, clock)
    return made


def _settle(made: Tied, grid: Grid, alone: Problem, people: Sequence[str], clock: Time) -> None:
    try:
        roster = possible.kept(alone, clock)
    except NotKnown:
        roster = None
    if roster is not None:
        made.is_changed = True
        _give(made.chosen, grid, roster, people)
    elif (conflict := _found(alone, people, clock)) is not None:
        made.conflicts.append(conflict)


def _found(alone: Problem, people: Sequence[str], clock: Time) -> Conflict | None:
    """What contradicts itself of a problem, of which nobody found a roster."""
    try:
        rules, ways = contradiction(alone, clock)
    except NotKnown:
        return Conflict((), (), tuple(people))
    return Conflict(rules, ways, tuple(people)) if rules else None


def _groups(problem: Problem, people: Iterable[str]) -> Iterator[tuple[str, ...]]:
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


def _apart(grid: Grid, chosen: Ints) -> list[str]:
    """Who works on a day without whom they must, or with whom they must not."""
    if grid.problem.weights.weight("pairing") is not None:
        return []
    found = []
    for person, partners in enumerate(grid.partners):
        mine = grid.shapes_of(chosen[person])
        for other, together in partners:
            is_same = mine == grid.shapes_of(chosen[other])
            if np.any(~is_same if together else is_same & (mine != OFF)):
                found.append(grid.people[person].id)
    return found


def _give(chosen: Ints, grid: Grid, roster: Roster, people: Collection[str]) -> None:
    """Let people work what a roster says, pauses where they may be."""
    number = {shape.id: n for n, shape in enumerate(grid.problem.shapes)}
    for person, one in enumerate(grid.people):
        if one.id not in people:
            continue
        chosen[person] = OFF
        for day, given in roster.of.get(one.id, {}).items():
            is_it = grid.allowed[person, day] & (grid.option_shape == number[given.shape])
            chosen[person, day] = np.flatnonzero(is_it)[0]
