"""The fewest of a problem's rules that contradict each other, and ways out.

Rules are left out, many at once where many can be, and stay out if still nothing is possible. What
remains contradicts itself, and no longer does without any one of its rules (a minimal unsatisfiable
set, by halves as in Junker 2004). A way out leaves out one of them, and of what then still
contradicts itself another, until everything that is left can be kept.
"""

from collections.abc import Sequence

from scheduling.roster.conflicts import possible
from scheduling.roster.conflicts.possible import NotKnown, Time
from scheduling.roster.conflicts.rules import Rule, all_without, employed, pieces, wholes, without
from scheduling.shifts import Problem


def smallest(problem: Problem, clock: Time) -> tuple[Rule, ...]:
    """Rules that contradict each other, none of them too many; empty where none do. Raises
    NotKnown."""
    if _is_possible(problem, clock):
        return ()
    found: list[Rule] = []
    # First whole rules, then, of those that are left, each of their days and moments.
    for rules in (wholes, pieces):
        problem, found = _needed(problem, list(dict.fromkeys(rules(problem))), clock)
    found += [rule for rule in employed(problem) if _is_possible(without(problem, rule), clock)]
    return tuple(found)


def ways(problem: Problem, rules: Sequence[Rule], clock: Time) -> tuple[tuple[Rule, ...], ...]:
    """The ways out that begin with leaving out one of these, those of fewest rules first, as many
    as there is time to try."""
    found = set()
    for rule in rules:
        try:
            found.add(_way(problem, rule, clock))
        except NotKnown:
            continue
    return tuple(sorted(found, key=lambda way: (len(way), str(way))))


def _way(problem: Problem, rule: Rule, clock: Time) -> tuple[Rule, ...]:
    way = [rule]
    while more := smallest(all_without(problem, way), clock):
        way.append(more[0])
    for one in tuple(way):
        fewer = [other for other in way if other != one]
        if _is_possible(all_without(problem, fewer), clock):
            way = fewer
    return tuple(sorted(way, key=str))


def _needed(
    problem: Problem, rules: Sequence[Rule], clock: Time, *, is_one_needed: bool = True
) -> tuple[Problem, list[Rule]]:
    """A problem that nothing can keep, without those of these rules that it is so without, too; and
    those that are left. With `is_one_needed` it is known that they cannot all go."""
    if not rules:
        return problem, []
    if not is_one_needed:
        fewer = all_without(problem, rules)
        if not _is_possible(fewer, clock):
            return fewer, []
    if len(rules) == 1:
        return problem, list(rules)
    half = len(rules) // 2
    problem, first = _needed(problem, rules[:half], clock, is_one_needed=False)
    problem, second = _needed(problem, rules[half:], clock, is_one_needed=not first)
    return problem, first + second


def _is_possible(problem: Problem, clock: Time) -> bool:
    return possible.kept(problem, clock) is not None
