"""Pauses and activities within shifts. A shift without activities has pauses that are not placed
yet: of those all is right that could still be."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, permutations

from scipy.optimize import linear_sum_assignment

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own, Shift
from scheduling.shifts import Activity, Pause, Problem, Shape


def outside(problem: Problem, own: Own) -> Iterator[Broken]:
    """Activities lie within one spell of work, and take some time."""
    for shift in own.shifts:
        for one in shift.activities:
            if one.end <= one.start or not any(
                begin <= one.start and one.end <= end for begin, end in shift.spells
            ):
                yield broken(problem, Rule.ACTIVITY_OUTSIDE, own.id, (shift.day,), what=one.name)


def overlapping(problem: Problem, own: Own) -> Iterator[Broken]:
    for shift in own.shifts:
        until = None
        for one in sorted(shift.activities, key=lambda one: (one.start, one.end, one.name)):
            if until is not None and one.start < until:
                yield broken(
                    problem,
                    Rule.ACTIVITY_OVERLAP,
                    own.id,
                    (shift.day,),
                    amount=until - one.start,
                    limit=0,
                    what=one.name,
                )
            until = one.end if until is None else max(until, one.end)


def pauses(problem: Problem, own: Own) -> Iterator[Broken]:
    """Each pause of the shape, once, as long as it is and begun within its window."""
    for shift in own.shifts:
        if not shift.activities:
            continue
        placed = sorted(
            (one for one in shift.activities if one.is_pause), key=lambda one: (one.start, one.end)
        )
        names = {one.name for one in shift.shape.pauses} | {one.name for one in placed}
        for name in sorted(names):
            asked = [one for one in shift.shape.pauses if one.name == name]
            there = [one for one in placed if one.name == name]
            days = (shift.day,)
            if len(there) < len(asked):
                yield broken(
                    problem,
                    Rule.PAUSE_MISSING,
                    own.id,
                    days,
                    amount=len(there),
                    limit=len(asked),
                    what=name,
                )
            if len(there) > len(asked):
                yield broken(
                    problem,
                    Rule.PAUSE_UNKNOWN,
                    own.id,
                    days,
                    amount=len(there),
                    limit=len(asked),
                    what=name,
                )
            for rule, amount, limit in _misplaced(shift, asked, there):
                yield broken(problem, rule, own.id, days, amount=amount, limit=limit, what=name)


def _misplaced(
    shift: Shift, asked: list[Pause], there: list[Activity]
) -> list[tuple[Rule, int, int]]:
    """What is wrong with pauses of one name, each taken for that of the shape which it suits."""
    faults = [[list(_faults(shift, pause, one)) for one in there] for pause in asked]
    if not asked or not there:
        return []
    rows, columns = linear_sum_assignment([[len(some) for some in row] for row in faults])
    suited = (faults[row][column] for row, column in zip(rows, columns, strict=True))
    return [fault for some in suited for fault in some]


def _faults(shift: Shift, pause: Pause, one: Activity) -> Iterator[tuple[Rule, int, int]]:
    if one.end - one.start != pause.minutes:
        yield Rule.PAUSE_LENGTH, one.end - one.start, pause.minutes
    since = one.start - shift.start
    if since < pause.earliest:
        yield Rule.PAUSE_WINDOW, since, pause.earliest
    elif since > pause.latest:
        yield Rule.PAUSE_WINDOW, since, pause.latest


def pause_after(problem: Problem, own: Own) -> Iterator[Broken]:
    """A shift of more worked minutes than so many has so many minutes of pauses in all; the hours
    between its spells are one."""
    for shift in own.shifts:
        if not shift.is_worked:
            continue
        has = sum(one.minutes for one in shift.shape.pauses) + sum(
            begin - end for (_, end), (begin, _) in pairwise(shift.spells)
        )
        asked = max(
            (must for longer, must in own.person.limits.pause_after if shift.minutes > longer),
            default=0,
        )
        if has < asked:
            yield broken(problem, Rule.PAUSE_AFTER, own.id, (shift.day,), amount=has, limit=asked)


def longest_without_pause(problem: Problem, own: Own) -> Iterator[Broken]:
    """Time on duty between pauses, activities that are none included. Of pauses that are not placed
    yet, the rule is broken if they cannot be placed so that it holds."""
    limit = own.person.limits.longest_without_pause
    if limit is None:
        return
    for shift in own.shifts:
        if not shift.is_worked:
            continue
        if shift.activities:
            placed = [one for one in shift.activities if one.is_pause]
            for begin, end in shift.around(placed):
                if end - begin > limit:
                    yield broken(
                        problem,
                        Rule.LONGEST_WITHOUT_PAUSE,
                        own.id,
                        (shift.day,),
                        amount=end - begin,
                        limit=limit,
                    )
        elif not can_be_placed(shift.shape, limit):
            yield broken(problem, Rule.LONGEST_WITHOUT_PAUSE, own.id, (shift.day,), limit=limit)


@lru_cache(maxsize=4096)
def can_be_placed(shape: Shape, limit: int) -> bool:
    """Whether the pauses of a shape can lie so that nobody is on duty longer than `limit` minutes
    without one, by the clock. The hours between spells are a pause that lies where it lies.

    In a given order, each pause can begin anywhere between a first and a last minute, which follow
    from those of the one before.
    """
    gaps = [Pause("", begin - end, end, end) for (_, end), (begin, _) in pairwise(shape.spells)]
    for order in permutations((*shape.pauses, *gaps)):
        first = last = 0
        for pause in order:
            first, last = max(first, pause.earliest), min(last + limit, pause.latest)
            if first > last:
                break
            first, last = first + pause.minutes, last + pause.minutes
        else:
            if first <= shape.minutes <= last + limit:
                return True
    return False
