"""What a roster costs, from the definitions: positions missing, people too many, needs of shapes,
wishes refused, and soft rules broken."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.rules import check
from scheduling.rules.broken import Broken
from scheduling.rules.short import short_of
from scheduling.rules.there import there_by_skills
from scheduling.shifts import Demand, Problem, Roster, Wish

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cover:
    """Slot by slot, in positions: asked for, people there (each as much as they fill at best),
    missing, and there beyond what is asked for."""

    required: Floats
    there: Floats
    short: Floats
    over: Floats

    def costs(self, demand: Demand | None) -> Floats:
        """Slot by slot what is missing and what is there beyond it cost; none without a demand."""
        if demand is None:
            return np.zeros(len(self.short))
        return demand.under * self.short + demand.over * self.over


@dataclass(frozen=True, slots=True)
class Refused:
    """A wish that was not granted."""

    person: str
    wish: Wish


@dataclass(frozen=True)
class Cost:
    """Each part of what a roster costs, in the problem's measure; hard rules that it breaks are in
    `broken`, and cost nothing."""

    short: float
    over: float
    needs_under: int
    needs_over: int
    wishes: int
    rules: int
    cover: Cover
    refused: tuple[Refused, ...]
    broken: tuple[Broken, ...]

    @property
    def total(self) -> float:
        return (
            self.short + self.over + self.needs_under + self.needs_over + self.wishes + self.rules
        )

    @property
    def is_kept(self) -> bool:
        """Whether every hard rule is kept."""
        return not any(one.is_hard for one in self.broken)


def cost(problem: Problem, roster: Roster) -> Cost:
    """What a roster costs, part by part. Shifts of unknown people, days or shapes count nowhere."""
    covered = cover(problem, roster)
    under, over = _needs(problem, roster)
    wishes = refused(problem, roster)
    found = check(problem, roster)
    weights = (problem.demand.under, problem.demand.over) if problem.demand else (0, 0)
    return Cost(
        short=weights[0] * float(covered.short.sum()),
        over=weights[1] * float(covered.over.sum()),
        needs_under=under,
        needs_over=over,
        wishes=sum(one.wish.weight for one in wishes),
        rules=sum(one.weight for one in found),
        cover=covered,
        refused=wishes,
        broken=found,
    )


def cover(problem: Problem, roster: Roster) -> Cover:
    """The slots of a problem's demand; none where nothing is asked slot by slot."""
    demand = problem.demand
    if demand is None:
        nothing = np.zeros(0)
        return Cover(nothing, nothing, nothing, nothing)
    return cover_of(demand, *there_by_skills(problem, roster, demand))


def cover_of(demand: Demand, skills: Floats, there: Floats) -> Cover:
    """The same of people of equal skills together, as `there_by_skills` has them."""
    required = demand.required.sum(axis=0)
    short = short_of(demand.required, skills, there)
    best = skills.max(axis=1, initial=0.0) @ there
    over = np.maximum(best - required + short, 0.0)
    if demand.told is not None:
        over[~demand.told] = 0.0
    return Cover(required, best, short, over)


def _needs(problem: Problem, roster: Roster) -> tuple[int, int]:
    counts: dict[tuple[int, str], int] = {}
    for person in problem.people:
        for day, given in roster.of.get(person.id, {}).items():
            counts[day, given.shape] = counts.get((day, given.shape), 0) + 1
    under = over = 0
    for key, need in problem.needs.items():
        count = counts.get(key, 0)
        under += need.under * max(0, need.required - count)
        over += need.over * max(0, count - need.required)
    return under, over


def refused(problem: Problem, roster: Roster) -> tuple[Refused, ...]:
    """Wishes of something that was not given, and of its being left out that was."""
    return tuple(_refused(problem, roster))


def _refused(problem: Problem, roster: Roster) -> Iterator[Refused]:
    for person in problem.people:
        for wish in person.wishes:
            if _is_given(problem, roster, person.id, wish) is not wish.wants:
                yield Refused(person.id, wish)


def _is_given(problem: Problem, roster: Roster, person: str, wish: Wish) -> bool:
    given = roster.on(person, wish.day)
    shape = problem.shape.get(given.shape) if given else None
    if shape is None:
        return False
    return wish.what in ("", shape.id, shape.template)
