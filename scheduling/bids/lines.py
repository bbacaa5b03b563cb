"""Between lines as they are kept and the shifts of rosters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from scheduling.bids.possible import Line
from scheduling.fairness.facts import burdens_of
from scheduling.models import BidLine, KeptRoster, KeptShift
from scheduling.rosters import given, kept
from scheduling.rosters.given import Given
from scheduling.shifts import Problem
from scheduling.terms import read

Saying = Mapping[str, Any]


def said(shifts: Iterable[KeptShift]) -> dict[str, dict[str, Any]]:
    """Somebody's shifts as a line keeps them."""
    return {one.day.isoformat(): given.of_row(one).values() for one in shifts}


def givens(line: BidLine) -> dict[date, Given]:
    """The shifts of a line by day."""
    return {date.fromisoformat(day): given.of_values(one) for day, one in line.shifts.items()}


def rows(roster: KeptRoster, lines: Iterable[BidLine]) -> Iterator[KeptShift]:
    """Their shifts as those had them whose they were, not saved."""
    for line in lines:
        for day, one in givens(line).items():
            yield given.row(roster, line.holder_id, day, one)


def as_checked(roster: KeptRoster, lines: Iterable[BidLine]) -> dict[int, Line]:
    """Lines as rules look at them, by their numbers."""
    lines = list(lines)
    drawn = kept.roster_of(roster, rows(roster, lines))
    return {
        one.number: Line(one.number, holder, drawn.of.get(holder, {}))
        for one in lines
        for holder in [read.person_id(one.holder_id)]
    }


def counts(roster: KeptRoster, problem: Problem, shifts: Iterable[KeptShift]) -> dict[str, int]:
    """What people choose a line by (`BidLine.counts`)."""
    found: Counter[str] = Counter()
    for one in shifts:
        found["days"] += 1
        found["minutes"] += one.worked_minutes
        shape = problem.shape.get(one.shape)
        if shape is not None:
            day = (one.day - roster.first_day) // timedelta(days=1)
            found.update(burden.value for burden in burdens_of(problem, day, shape))
    return dict(found)


def is_current(lines: Iterable[BidLine], roster: KeptRoster) -> bool:
    """Whether everybody's shifts of a roster are still what a round began with. One query."""
    lines = list(lines)
    there: dict[int, dict[str, Any]] = {one.holder_id: {} for one in lines}
    for row in roster.shifts.filter(agent__in=there):
        there[row.agent_id][row.day.isoformat()] = given.of_row(row).values()
    return all(there[one.holder_id] == one.shifts for one in lines)
