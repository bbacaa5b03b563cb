"""What binds people together: new and experienced ones, and pairs."""

from collections.abc import Iterator, Mapping

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own
from scheduling.shifts import Problem

# Shares like a third of 3 people are not to fail by the last digit.
_TINY = 1e-9


def mix(problem: Problem, owns: Mapping[str, Own]) -> Iterator[Broken]:
    """On each day by the clock, once, where at any moment too few are there who are not new. Those
    on call are not there; those on a pause are. Who is there beyond the span's end is not known."""
    if problem.mix is None:
        return
    worst: dict[int, tuple[float, int]] = {}
    for day, new, others in _moments(problem, owns):
        asked = problem.mix * new
        if others < asked - _TINY:
            limit, there = worst.get(day, (0.0, 0))
            if day not in worst or asked - others > limit - there:
                worst[day] = (asked, others)
    for day, (asked, others) in sorted(worst.items()):
        yield broken(problem, Rule.MIX, None, (day,), amount=others, limit=asked)


def _moments(problem: Problem, owns: Mapping[str, Own]) -> Iterator[tuple[int, int, int]]:
    """(day, new ones, others there) for each stretch of time in which these stay the same."""
    changes: dict[int, list[int]] = {}
    for own in owns.values():
        for shift in own.shifts:
            if not shift.is_worked:
                continue
            for spell in shift.spells:
                for moment, by in zip(spell, (1, -1), strict=True):
                    changes.setdefault(moment, [0, 0])[own.person.is_new] += by
    midnights = {day.start: number for number, day in enumerate(problem.days)}
    end = problem.days[-1].start + problem.days[-1].minutes if problem.days else 0
    others = new = day = 0
    for moment in sorted({*changes, *midnights}):
        if moment >= end:
            return
        day = midnights.get(moment, day)
        more = changes.get(moment, [0, 0])
        others, new = others + more[0], new + more[1]
        yield day, new, others


def pairings(problem: Problem, owns: Mapping[str, Own]) -> Iterator[Broken]:
    """Day by day: the same shape, where either works, or never the same."""
    for pair in problem.pairings:
        one, other = (_shapes(owns, person) for person in (pair.one, pair.other))
        for day in sorted({*one, *other}):
            is_same = one.get(day) == other.get(day)
            if is_same is not pair.together:
                yield broken(
                    problem,
                    Rule.PAIRING,
                    pair.one,
                    (day,),
                    amount=int(is_same),
                    limit=int(pair.together),
                    what=pair.other,
                )


def _shapes(owns: Mapping[str, Own], person: str) -> dict[int, str]:
    own = owns.get(person)
    return {one.day: one.shape.id for one in own.shifts} if own else {}
