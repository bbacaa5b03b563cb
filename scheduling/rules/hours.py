"""Minutes and days of work, and starts, by shift, by week and by period."""

from collections.abc import Iterator

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own
from scheduling.rules.weeks import weeks
from scheduling.shifts import Problem


def day_minutes(problem: Problem, own: Own) -> Iterator[Broken]:
    """Of each shift that is worked: a night is longer where clocks go back."""
    fewest, most = own.person.limits.fewest_day_minutes, own.person.limits.most_day_minutes
    for one in own.shifts:
        if not one.is_worked:
            continue
        for rule, limit, is_broken in (
            (Rule.FEWEST_DAY_MINUTES, fewest, fewest is not None and one.minutes < fewest),
            (Rule.MOST_DAY_MINUTES, most, most is not None and one.minutes > most),
        ):
            if is_broken:
                yield broken(problem, rule, own.id, (one.day,), amount=one.minutes, limit=limit)


def week_minutes(problem: Problem, own: Own) -> Iterator[Broken]:
    """Each shift counts for the week of the day on which it begins, those before the span too. The
    fewest are asked of weeks alone that are wholly of the span, and of somebody employed through
    them: of others not all is known. Approved absence lowers them: what is told is what is left."""
    limits = own.person.limits
    for week in weeks(problem):
        within = [one for one in own.stretches if one.day in week.days]
        minutes, days = sum(one.minutes for one in within), [one.day for one in within]
        most, fewest = limits.most_week_minutes, limits.fewest_week_minutes
        if most is not None and minutes > most and own.has_any_of(days):
            yield broken(problem, Rule.MOST_WEEK_MINUTES, own.id, days, amount=minutes, limit=most)
        if fewest is None or not week.is_within(own.here(problem)):
            continue
        fewest -= sum(own.person.credited.get(day, 0) for day in week.days)
        if minutes < fewest:
            yield broken(
                problem, Rule.FEWEST_WEEK_MINUTES, own.id, week.days, amount=minutes, limit=fewest
            )


def week_days(problem: Problem, own: Own) -> Iterator[Broken]:
    """As minutes of weeks are: days on which a shift begins."""
    limits = own.person.limits
    for week in weeks(problem):
        days = sorted({one.day for one in own.stretches if one.day in week.days})
        most, fewest = limits.most_week_days, limits.fewest_week_days
        if most is not None and len(days) > most and own.has_any_of(days):
            yield broken(problem, Rule.MOST_WEEK_DAYS, own.id, days, amount=len(days), limit=most)
        if fewest is None or not week.is_within(own.here(problem)):
            continue
        fewest -= sum(day in own.person.away for day in week.days)
        if len(days) < fewest:
            yield broken(
                problem, Rule.FEWEST_WEEK_DAYS, own.id, week.days, amount=len(days), limit=fewest
            )


def period_minutes(problem: Problem, own: Own) -> Iterator[Broken]:
    """Of the span and all that is said of before."""
    minutes, days = sum(one.minutes for one in own.stretches), [one.day for one in own.stretches]
    most, fewest = own.person.limits.most_period_minutes, own.person.limits.fewest_period_minutes
    if most is not None and minutes > most and own.has_any_of(days):
        yield broken(problem, Rule.MOST_PERIOD_MINUTES, own.id, days, amount=minutes, limit=most)
    if fewest is None:
        return
    fewest -= sum(own.person.credited.values())
    if minutes < fewest:
        yield broken(
            problem,
            Rule.FEWEST_PERIOD_MINUTES,
            own.id,
            range(len(problem.days)),
            amount=minutes,
            limit=fewest,
        )


def start_band(problem: Problem, own: Own) -> Iterator[Broken]:
    """The earliest and the latest start of a week by the clock; half past midnight is early."""
    limit = own.person.limits.start_band_minutes
    for week in weeks(problem):
        starts = sorted((one.clock, one.day) for one in own.stretches if one.day in week.days)
        if limit is None or not starts:
            continue
        (first, early), (last, late) = starts[0], starts[-1]
        if last - first > limit and own.has_any_of(day for _, day in starts):
            yield broken(
                problem,
                Rule.START_BAND_MINUTES,
                own.id,
                sorted((early, late)),
                amount=last - first,
                limit=limit,
            )
