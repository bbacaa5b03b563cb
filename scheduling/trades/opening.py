"""An open shift, as planners say it: a kind of shift, a start and a length on a day."""

from dataclasses import replace
from datetime import date

from scheduling.models import KeptRoster, ShiftTemplate
from scheduling.rosters import given, kept
from scheduling.rosters.given import Given


def of_template(
    roster: KeptRoster, day: date, template: ShiftTemplate, start: int, minutes: int
) -> Given:
    """From a minute of the day's clock, so many minutes long, with the pauses that there is room
    for in the middle of their windows."""
    problem = kept.problem_of(roster, None, [])
    shape = given.by_hand(template, start, minutes)
    problem = replace(problem, shapes=(shape,))
    number = (day - roster.first_day).days
    return given.of_shape(
        problem,
        kept.begin_of(roster.site, roster.first_day),
        number,
        given.placed(problem, number, shape),
        template.pk,
    )
