"""The fewest of a problem's rules that contradict each other, and ways out.

A solver says which rules it needed to find that they cannot all be kept; of these one after the
other is left out, and stays out if what is left still cannot be kept. What remains contradicts
itself, and no longer does without any one of its rules (a minimal unsatisfiable set, Liffiton and
Sakallah 2008). A way out leaves out one of them, and of what then still contradicts itself another,
until everything that is left can be kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from scheduling.roster.conflicts import possible
from scheduling.roster.conflicts.possible import NotKnown, Time
from scheduling.roster.conflicts.ruled import Ruled
from scheduling.roster.conflicts.rules import Rule, all_without, employed, without
from scheduling.shifts import Problem

Way = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    """Rules of a problem that contradict each other, none of them too many; `held` are those among
    them that no model leaves out."""

    ruled: Ruled
    rules: tuple[Rule, ...]
    held: tuple[Rule, ...] = ()


def contradicting(problem: Problem, clock: Time) -> tuple[Rule, ...]:
    """Rules of a problem that contradict each other, none of them too many; empty where none do.
    Raises NotKnown."""
    found = _set(problem, clock)
    return (*found.rules, *found.held)


def contradiction(problem: Problem, clock: Time) -> tuple[tuple[Rule, ...], tuple[Way, ...]]:
    """The same, and the ways out that begin with leaving out one of these rules, those of fewest
    rules first, as many as there is time to try. Raises NotKnown."""
    found = _set(problem, clock)
    ruled, rules, held = found.ruled, found.rules, found.held
    if not rules:
        return (), ()
    ways: set[Way] = set()
    try:
        # First what is easily done and soon known: one rule alone.
        ways |= {(one,) for one in rules if _is_way(ruled, (one,), clock)}
        ways |= {(one,) for one in held if _is_possible(without(problem, one), clock)}
        for rule in rules:
            if any(rule in way for way in ways):
                continue
            way = _way(ruled, rule)
            if _is_way(ruled, way, clock):
                ways.add(way)
    except NotKnown:
        pass
    return (*rules, *held), tuple(sorted(ways, key=lambda way: (len(way), str(way))))


def _set(problem: Problem, clock: Time) -> _Set:
    ruled = Ruled(problem, clock)
    rules = _smallest(ruled, ruled.rules)
    if not rules:
        return _Set(ruled, ())
    alone = all_without(problem, [one for one in ruled.rules if one not in set(rules)])
    if possible.kept(alone, clock) is not None:
        raise NotKnown
    held = (one for one in employed(alone) if _is_possible(without(alone, one), clock))
    return _Set(ruled, rules, tuple(held))


def _smallest(ruled: Ruled, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules among these that contradict each other, none of them too many; empty where none do."""
    found = ruled.contradiction(rules)
    if found is None:
        return ()
    # First whole rules, then, of those that are left, each of their days and moments.
    wholes = [tuple(some) for _name, some in groupby(found, lambda one: (one.person, one.name))]
    for parts in (wholes, None):
        for some in parts or [(one,) for one in found]:
            if not set(some) <= set(found):
                continue
            fewer = ruled.contradiction(one for one in found if one not in some)
            if fewer is not None:
                found = fewer
    return found


def _is_way(ruled: Ruled, way: Way, clock: Time) -> bool:
    """Whether everything can be kept without these rules; of a model of its own, too."""
    left = [one for one in ruled.rules if one not in way]
    return ruled.contradiction(left) is None and _is_possible(
        all_without(ruled.problem, way), clock
    )


def _way(ruled: Ruled, rule: Rule) -> Way:
    """A way out that begins with leaving out this rule, and goes on with others of its kind of the
    same person as long as there are any: whoever leaves out one day of a rotation leaves out others
    of it more easily than something else."""
    way = [rule]
    while more := ruled.contradiction(one for one in ruled.rules if one not in way):
        alike = [one for one in more if (one.person, one.name) == (rule.person, rule.name)]
        way += alike or _smallest(ruled, more)[:1]
    for one in tuple(way):
        fewer = [other for other in way if other != one]
        if ruled.contradiction(other for other in ruled.rules if other not in fewer) is None:
            way = fewer
    return tuple(sorted(way, key=str))


def _is_possible(problem: Problem, clock: Time) -> bool:
    return possible.kept(problem, clock) is not None
