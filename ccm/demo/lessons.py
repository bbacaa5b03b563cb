"""Who taught whom in a centre with a long past, and what that truly changed: how long the agent's
talks are from that day on. One of the teachers changes nothing.

What is told of them is held against this: it is the one place where the truth is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ccm.demo.house import SITES
from ccm.demo.people import Crew, Person

LONG_DAYS = 300
"""A shorter past has no lessons: nothing could be told of them."""
_EVERY = timedelta(days=28)
_FIRST_AFTER = timedelta(days=112)
"""What was before the first lesson has to be known, too."""
_REST = timedelta(days=168)
"""Nobody is taught again so soon."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """Whose lessons make talks so many times as long as they were."""

    username: str
    given: str
    family: str
    talk: float


TEACHERS = (
    Teacher("coach_adeyemi", "Tola", "Adeyemi", 0.90),
    Teacher("coach_ferro", "Lia", "Ferro", 0.95),
    Teacher("coach_novak", "Jan", "Novak", 1.0),
)
SITE = SITES[0]


@dataclass(frozen=True, slots=True)
class Lesson:
    """An agent (by alias) and a day of theirs."""

    alias: str
    day: date
    teacher: Teacher


def lessons(crew: Crew, seed: int, first: date, days: int) -> list[Lesson]:
    """The lessons of a centre that is shown for so many days from `first` on, the oldest first.
    Of a longer one they begin with the same."""
    if days < LONG_DAYS:
        return []
    rng = np.random.default_rng([seed, 8128])
    people = crew.of(SITE.name)
    last = first + timedelta(days=days - 1)
    found: list[Lesson] = []
    start = first + _FIRST_AFTER
    while start + _EVERY <= last:
        for teacher in TEACHERS:
            free = [one for one in people if _is_free(one, start, found)]
            if free:
                one = free[int(rng.integers(len(free)))]
                found.append(Lesson(one.alias, _workday(start, rng), teacher))
        start += _EVERY
    return sorted(found, key=lambda one: one.day)


def _is_free(one: Person, start: date, found: Sequence[Lesson]) -> bool:
    is_there = one.hired_on <= start - _FIRST_AFTER and one.left_on is None
    return is_there and not any(
        lesson.alias == one.alias and lesson.day > start - _REST for lesson in found
    )


def _workday(start: date, rng: np.random.Generator) -> date:
    """One from Monday to Friday of the first three whole weeks of four."""
    week, day = divmod(int(rng.integers(15)), 5)
    monday = start + timedelta(days=-start.weekday() % 7)
    return monday + timedelta(days=7 * week + day)


def taught(crew: Crew, given: Sequence[Lesson]) -> Crew:
    """The same people, who from the days after their lessons on talk as these taught them to."""
    by_alias: dict[str, list[tuple[date, float]]] = {}
    for one in given:
        by_alias.setdefault(one.alias, []).append((one.day + timedelta(days=1), one.teacher.talk))
    people = (replace(one, learned=tuple(by_alias.get(one.alias, ()))) for one in crew.people)
    return replace(crew, people=tuple(people))
