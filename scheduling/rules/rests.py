"""Rests: between shifts, after nights, and the long one of each week. As time goes by, so that a
night on which clocks go forward takes an hour of them. Those between shifts last until what is
known after the span."""

from collections.abc import Iterator
from itertools import pairwise

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own, Stretch
from scheduling.rules.weeks import Week, midnight, weeks
from scheduling.shifts import Problem


def _in_span(own: Own) -> Iterator[tuple[Stretch, Stretch]]:
    """Shifts and those which come next, of which one at least is of the span: the second, or the
    one before what comes after the span."""
    for one, after in pairwise(own.stretches):
        if after.day >= 0:
            yield one, after
    if own.after is not None and own.shifts:
        yield own.stretches[-1], own.after


def _day(problem: Problem, one: Stretch, after: Stretch) -> int:
    """The day to look at: of the span."""
    return after.day if after.day < len(problem.days) else one.day


def overlap(problem: Problem, own: Own) -> Iterator[Broken]:
    for one, after in _in_span(own):
        if after.start < one.end:
            yield broken(
                problem,
                Rule.OVERLAP,
                own.id,
                (one.day, after.day),
                day=_day(problem, one, after),
                amount=one.end - after.start,
                limit=0,
            )


def rest(problem: Problem, own: Own) -> Iterator[Broken]:
    limit = own.person.limits.rest_minutes
    for one, after in _in_span(own):
        free = after.start - one.end
        if limit is not None and free < limit:
            yield broken(
                problem,
                Rule.REST_MINUTES,
                own.id,
                (one.day, after.day),
                day=_day(problem, one, after),
                amount=free,
                limit=limit,
            )


def rest_after_nights(problem: Problem, own: Own) -> Iterator[Broken]:
    """One night is a run of nights too."""
    limit = own.person.limits.rest_after_nights_minutes
    for one, after in _in_span(own):
        free = after.start - one.end
        if limit is not None and one.is_night and not after.is_night and free < limit:
            yield broken(
                problem,
                Rule.REST_AFTER_NIGHTS_MINUTES,
                own.id,
                (one.day, after.day),
                day=_day(problem, one, after),
                amount=free,
                limit=limit,
            )


def week_rest(problem: Problem, own: Own) -> Iterator[Broken]:
    """The longest time of a week, from Monday's midnight to the next one's, without a shift. What
    is not known is free: days beyond the span, and those before it of which nothing is said."""
    limit = own.person.limits.week_rest_minutes
    if limit is None:
        return
    for week in weeks(problem):
        longest, days = _longest_free(problem, own, week)
        if longest < limit and own.has_any_of(days):
            yield broken(problem, Rule.WEEK_REST_MINUTES, own.id, days, amount=longest, limit=limit)


def _longest_free(problem: Problem, own: Own, week: Week) -> tuple[int, list[int]]:
    """The longest rest of a week, and the days whose shifts leave no longer one."""
    begin, end = midnight(problem, week.days[0]), midnight(problem, week.days[-1] + 1)
    longest, free_since, days = 0, begin, []
    for one in own.stretches:
        if one.start < end and one.end > begin:
            longest = max(longest, one.start - free_since)
            free_since = max(free_since, one.end)
            days.append(one.day)
    return max(longest, end - free_since), days
