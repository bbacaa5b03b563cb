"""What binds single shifts of somebody: which, on which days, from when to when."""

from collections.abc import Iterator

from scheduling.rules.broken import Broken, broken
from scheduling.rules.names import Rule
from scheduling.rules.own import Own
from scheduling.shifts import Problem, Roster


def weekdays(problem: Problem, own: Own) -> Iterator[Broken]:
    for one in own.shifts:
        if problem.days[one.day].weekday not in one.shape.weekdays:
            yield broken(problem, Rule.WEEKDAY, own.id, (one.day,), what=one.shape.id)


def templates(problem: Problem, own: Own) -> Iterator[Broken]:
    allowed = own.person.templates
    for one in own.shifts:
        if allowed is not None and one.shape.template not in allowed:
            yield broken(problem, Rule.TEMPLATE, own.id, (one.day,), what=one.shape.template)


def closed(problem: Problem, own: Own) -> Iterator[Broken]:
    """Minutes worked within moments that are closed; the hours between two spells are free."""
    for one in own.shifts:
        within = sum(
            max(0, min(end, until) - max(begin, since))
            for begin, end in one.spells
            for since, until in own.person.closed
        )
        if within:
            yield broken(problem, Rule.CLOSED, own.id, (one.day,), amount=within, limit=0)


def days_off(problem: Problem, own: Own) -> Iterator[Broken]:
    for one in own.shifts:
        if one.day in own.person.days_off:
            yield broken(problem, Rule.DAY_OFF, own.id, (one.day,))


def earliest_start(problem: Problem, own: Own) -> Iterator[Broken]:
    limit = own.person.earliest_start
    for one in own.shifts:
        if limit is not None and one.clock < limit:
            yield broken(
                problem, Rule.EARLIEST_START, own.id, (one.day,), amount=one.clock, limit=limit
            )


def latest_end(problem: Problem, own: Own) -> Iterator[Broken]:
    limit = own.person.latest_end
    for one in own.shifts:
        if limit is not None and one.shape.end > limit:
            yield broken(
                problem, Rule.LATEST_END, own.id, (one.day,), amount=one.shape.end, limit=limit
            )


def present(problem: Problem, own: Own) -> Iterator[Broken]:
    here = own.here(problem)
    for one in own.shifts:
        if one.day not in here:
            yield broken(problem, Rule.PRESENT, own.id, (one.day,))


def fixed(problem: Problem, own: Own, roster: Roster) -> Iterator[Broken]:
    """`what` is the shape that was to stay, or nothing for a day off."""
    for day, shape in sorted(own.person.fixed.items()):
        given = roster.on(own.id, day)
        if 0 <= day < len(problem.days) and (given.shape if given else None) != shape:
            yield broken(problem, Rule.FIXED, own.id, (day,), what=shape or "")


def rotation(problem: Problem, own: Own) -> Iterator[Broken]:
    for one in own.shifts:
        allowed = own.person.rotation.get(one.day)
        if allowed is not None and one.shape.template not in allowed:
            yield broken(problem, Rule.ROTATION, own.id, (one.day,), what=one.shape.template)


def follows(problem: Problem, own: Own) -> Iterator[Broken]:
    """Of days of the span: what templates were before it is not known."""
    for one in own.shifts:
        after = own.by_day.get(one.day + 1)
        if after and (one.shape.template, after.shape.template) in problem.follows:
            yield broken(
                problem, Rule.FOLLOWS, own.id, (one.day, after.day), what=after.shape.template
            )


def most_of_template(problem: Problem, own: Own) -> Iterator[Broken]:
    for template, limit in sorted(own.person.limits.most_of_template.items()):
        days = [one.day for one in own.shifts if one.shape.template == template]
        if len(days) > limit:
            yield broken(
                problem,
                Rule.MOST_OF_TEMPLATE,
                own.id,
                days,
                amount=len(days),
                limit=limit,
                what=template,
            )
