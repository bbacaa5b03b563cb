"""Whether there is a roster that keeps all hard rules of some people, exactly, or that this takes
longer to find out than there is time."""

import time
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from scheduling.roster import model
from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, Grid, grid_of
from scheduling.roster.tour import Tours
from scheduling.shifts import Limits, Person, Problem, Roster, Weights

# One question takes no longer.
_SECONDS = 10.0
# What an option of somebody on a day takes to be written down, in seconds, at least.
_PACE = 1e-4


class NotKnown(Exception):
    """There was not the time to find out."""


@dataclass(frozen=True, slots=True)
class Time:
    """The moment until which answers are looked for, by the clock of `time.monotonic`."""

    until: float

    @classmethod
    def of(cls, seconds: float) -> "Time":
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        return self.until - time.monotonic()


def bound(problem: Problem, people: Collection[str], *, mix: bool = False) -> Problem:
    """What binds these people, and nothing that is asked for or may be broken; with `mix`, too, how
    many who are not new are beside those who are."""
    hard = problem.weights.weight("mix") is None
    return replace(
        problem,
        people=tuple(_held(one, problem.weights) for one in problem.people if one.id in people),
        demand=None,
        needs={},
        sessions=(),
        mix=problem.mix if mix and hard else None,
        pairings=tuple(
            one
            for one in problem.pairings
            if one.one in people
            and one.other in people
            and problem.weights.weight("pairing") is None
        ),
    )


def _held(person: Person, weights: Weights) -> Person:
    """Somebody without what is not binding."""
    hard = [one.name for one in fields(Limits) if weights.weight(one.name) is None]
    return replace(
        person,
        limits=Limits(**{name: getattr(person.limits, name) for name in hard}),
        rotation=person.rotation if weights.weight("rotation") is None else {},
        wishes=(),
        burdens={},
    )


def kept(problem: Problem, clock: Time) -> Roster | None:
    """A roster in which everyone of a problem keeps all hard rules; None where there is none.
    Raises NotKnown."""
    grid = grid_of(problem)
    part = written(grid, clock)
    solver = solver_of(_SECONDS, clock)
    status = solver.solve(part.model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return grid.roster(model.chosen(part, lambda literal: bool(solver.value(literal))))
    if status == cp_model.INFEASIBLE:
        return None
    raise NotKnown


def written(
    grid: Grid, clock: Time, terms: model.Terms | None = None, into: Any = None
) -> model.Part:
    """The model of all that binds a grid's people. Raises NotKnown where that takes too long."""
    if int(grid.allowed.sum()) * _PACE > clock.left():
        raise NotKnown
    tours, cover = Tours(grid), Cover(grid, np.full(grid.size[:2], OFF, np.int64))
    people, days = range(grid.size[0]), range(grid.size[1])
    return model.part_of(grid, tours, cover, people, days, terms, into=into)


def solver_of(seconds: float, clock: Time) -> Any:
    """A solver that finds the same each time, if it takes no longer than this and than there is."""
    made = cp_model.CpSolver()
    made.parameters.num_workers = 1
    made.parameters.max_time_in_seconds = min(seconds, max(clock.left(), 0.01))
    return made
