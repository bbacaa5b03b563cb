"""Days in a row: of work, of nights, off."""

from collections.abc import Iterable, Iterator

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own
from scheduling.shifts import Problem


def runs(days: Iterable[int]) -> Iterator[range]:
    """Days that follow each other, as long as they do."""
    first = last = None
    for day in sorted(set(days)):
        if first is None or last is None:
            first = day
        elif day > last + 1:
            yield range(first, last + 1)
            first = day
        last = day
    if first is not None and last is not None:
        yield range(first, last + 1)


def most_days(problem: Problem, own: Own) -> Iterator[Broken]:
    days = {one.day for one in own.stretches}
    yield from _too_many(
        problem, own, Rule.MOST_DAYS_IN_ROW, days, own.person.limits.most_days_in_row
    )


def most_nights(problem: Problem, own: Own) -> Iterator[Broken]:
    days = {one.day for one in own.stretches if one.is_night}
    yield from _too_many(
        problem, own, Rule.MOST_NIGHTS_IN_ROW, days, own.person.limits.most_nights_in_row
    )


def _too_many(
    problem: Problem, own: Own, rule: Rule, days: set[int], limit: int | None
) -> Iterator[Broken]:
    """Each day of the span that is one too many breaks the rule once: three days over the limit
    are thrice as bad as one."""
    if limit is None:
        return
    for run in runs(days):
        for day in run[limit:]:
            if day >= 0:
                so_far = range(run[0], day + 1)
                yield broken(problem, rule, own.id, so_far, amount=len(so_far), limit=limit)


def fewest_days(problem: Problem, own: Own) -> Iterator[Broken]:
    days = {one.day for one in own.stretches}
    yield from _too_few(
        problem, own, Rule.FEWEST_DAYS_IN_ROW, days, own.person.limits.fewest_days_in_row
    )


def fewest_off(problem: Problem, own: Own) -> Iterator[Broken]:
    days = set(own.here(problem)) - {one.day for one in own.stretches}
    yield from _too_few(
        problem, own, Rule.FEWEST_OFF_IN_ROW, days, own.person.limits.fewest_off_in_row
    )


def _too_few(
    problem: Problem, own: Own, rule: Rule, days: set[int], limit: int | None
) -> Iterator[Broken]:
    """Runs that begin on the first day on which somebody is here or earlier, or end on the last or
    later, may be longer than what is seen of them."""
    here = own.here(problem)
    if limit is None or not here:
        return
    for run in runs(days):
        if here[0] < run[0] and run[-1] < here[-1] and len(run) < limit:
            yield broken(problem, rule, own.id, run, amount=len(run), limit=limit)
