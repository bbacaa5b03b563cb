"""Weekends worked and free. One that the span shows in part is worked if a shift is known of,
and a span with fewer weekends than were to be free asks for no more than it has."""

from collections.abc import Iterator

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own
from scheduling.rules.weeks import weeks
from scheduling.shifts import Problem


def weekends(problem: Problem, own: Own) -> Iterator[Broken]:
    limits = own.person.limits
    shown = [
        week.weekend
        for week in weeks(problem)
        if any(0 <= day < len(problem.days) for day in week.weekend)
    ]
    begun = {one.day for one in own.stretches}
    worked = [weekend for weekend in shown if begun.intersection(weekend)]
    days = [day for weekend in worked for day in weekend if day in begun]
    free = len(shown) - len(worked)
    if not own.has_any_of(days):
        return
    if limits.most_weekends is not None and len(worked) > limits.most_weekends:
        yield broken(
            problem,
            Rule.MOST_WEEKENDS,
            own.id,
            days,
            amount=len(worked),
            limit=limits.most_weekends,
        )
    fewest = limits.fewest_weekends_off
    if fewest is not None and free < fewest:
        yield broken(problem, Rule.FEWEST_WEEKENDS_OFF, own.id, days, amount=free, limit=fewest)
