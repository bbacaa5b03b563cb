"""Who is there, slot by slot, by what they can take."""

import numpy as np
from numpy.typing import NDArray

from scheduling.rules.own import Own, own
from scheduling.shifts import Demand, Problem, Roster

Floats = NDArray[np.float64]
# Whole ones, so that three times twenty minutes are one hour.
Minutes = NDArray[np.int64]


def there_by_skills(problem: Problem, roster: Roster, demand: Demand) -> tuple[Floats, Floats]:
    """People of equal skills together: their proficiency in each skill of the demand (a row for
    each kind of people), and how many of them are there (kinds by slots), each for the share of a
    slot in which they work; whoever is absent on a day has no shift of it."""
    kinds: dict[tuple[float, ...], Minutes] = {}
    for person in problem.people:
        kind = tuple(person.skills.get(skill, 0.0) for skill in demand.skills)
        there = kinds.setdefault(kind, np.zeros(demand.slots, dtype=np.int64))
        _add(there, own(problem, person, roster), demand.slot_minutes)
    skills = np.array(list(kinds), dtype=float).reshape(len(kinds), len(demand.skills))
    there_minutes = np.array(list(kinds.values())).reshape(len(kinds), demand.slots)
    return skills, there_minutes / demand.slot_minutes


def _add(there: Minutes, own: Own, slot_minutes: int) -> None:
    if -1 not in own.person.absent:
        for begin, end in own.person.tail:
            _fill(there, begin, end, slot_minutes)
    for shift in own.shifts:
        if shift.is_worked and shift.day not in own.person.absent:
            for begin, end in shift.around(shift.activities):
                _fill(there, begin, end, slot_minutes)


def _fill(there: Minutes, begin: int, end: int, slot_minutes: int) -> None:
    """One more from `begin` to `end`: parts of the first slot and the last."""
    begin, end = max(begin, 0), min(end, len(there) * slot_minutes)
    if begin >= end:
        return
    first, last = begin // slot_minutes, end // slot_minutes
    there[first:last] += slot_minutes
    there[first] -= begin - first * slot_minutes
    if last < len(there):
        there[last] += end - last * slot_minutes
