"""Who has no shift at all though they could have some: no rule is broken by that where nobody says
the fewest that they are to have."""

from scheduling.shifts import Person, Problem, Roster, Shape


def idle(problem: Problem, roster: Roster) -> list[str]:
    """Those without a shift whom some shift of some day would suit: they are employed on it, and
    not absent."""
    return [
        one.id
        for one in problem.people
        if not any(0 <= day < len(problem.days) for day in roster.of.get(one.id, {}))
        and any(
            _suits(problem, one, day, shape)
            for day in range(len(problem.days))
            for shape in problem.shapes
        )
    ]


def _suits(problem: Problem, person: Person, day: int, shape: Shape) -> bool:
    first, last = person.present or (0, len(problem.days) - 1)
    rotation = person.rotation.get(day)
    return (
        first <= day <= last
        and day not in person.days_off
        and problem.days[day].weekday in shape.weekdays
        and (person.templates is None or shape.template in person.templates)
        and (rotation is None or shape.template in rotation)
        and not any(
            begin < until and since < end
            for begin, end in problem.spells(day, shape)
            for since, until in person.closed
        )
    )
