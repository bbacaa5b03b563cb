"""From a problem to a roster, with what is to be said of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.roster import conflicts, descent, exact
from scheduling.roster.conflicts import Conflict
from scheduling.roster.cover import Cover
from scheduling.roster.grid import FREE, OFF, Grid, Ints, grid_of
from scheduling.roster.pauses import Pauses
from scheduling.roster.search import Progress, Search
from scheduling.roster.tour import Tours
from scheduling.shifts import Problem, Roster

# Of a search's time, what placing pauses has.
_FOR_PAUSES = 0.15


@dataclass(frozen=True, slots=True)
class Solved:
    """A roster, and how it was found.

    `cost` is what shifts cost before pauses are placed, in the measure of the problem; none can
    cost less than `bound`, where that is known. Whoever is among `without` has no shifts at all, as
    their rules contradict each other: `conflicts` says which. It says, too, why hard rules between
    people are broken where any are: those of others than `conflicts` tells of never are.
    """

    roster: Roster
    cost: float
    bound: float | None
    seconds: float
    without: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether no roster can be better."""
        return self.bound is not None and self.bound >= self.cost


def solve(
    problem: Problem,
    seconds: float,
    seed: int = 1,
    start: Roster | None = None,
    people: Sequence[str] = (),
    tell: Callable[[Progress, Grid], None] = lambda _progress, _grid: None,
    stop: Callable[[], bool] = lambda: False,
) -> Solved:
    """The best roster that is found within so many seconds.

    `start` is a roster to begin with, last week's or one made by hand: what of it breaks no rules
    is kept unless something better is found. Only `people` are given other shifts than there, where
    some are named. `tell` hears of each better one; once `stop` says so, the best so far is taken.
    Single days stay as they are by `Person.fixed`.
    """
    begun = time.monotonic()
    grid = grid_of(problem)
    tours = Tours(grid)
    number = {one.id: n for n, one in enumerate(problem.people)}
    free = [number[one] for one in people if one in number] or list(range(len(problem.people)))
    held = grid.chosen(start) if start is not None else None
    chosen, without = _begun(grid, tours, held, free)
    left = seconds * (1 - (_FOR_PAUSES if problem.demand else 0)) - (time.monotonic() - begun)
    search = Search(
        grid, tours, left, seed, lambda progress: tell(progress, grid), stop,
        people=tuple(one for one in free if one not in without),
    )  # fmt: skip
    if grid.size[2]:
        search.run(chosen)
    else:  # no shift that anybody could be given
        search.take("start", Cover(grid, chosen).cost(), chosen)
    tied = conflicts.tied(grid, search.best, without, free)
    if tied.is_changed:
        search.give(tied.chosen)
    placed = Pauses(grid, search.best)
    placed.place(lambda: time.monotonic() - begun < seconds)
    names = tuple(problem.people[one].id for one in without)
    return Solved(
        roster=placed.roster(),
        cost=search.cost / grid.parts,
        bound=None if search.bound is None or without else search.bound / grid.parts,
        seconds=time.monotonic() - begun,
        without=names,
        conflicts=(*conflicts.conflicts_of(problem, names), *tied.conflicts),
    )


def _begun(
    grid: Grid, tours: Tours, held: Ints | None, free: Sequence[int]
) -> tuple[Ints, list[int]]:
    """A roster to begin with, and who has no shifts that break no rule."""
    if held is None:
        # Whoever has the fewest choices comes first.
        choices = grid.allowed.any(axis=2).sum(axis=1) + grid.allowed.sum(axis=(1, 2)) / 1e6
        return descent.begun(grid, tours, sorted(free, key=lambda one: (choices[one], one)))
    cover = Cover(grid, held)
    without: list[int] = []
    for person in free:
        had = held[person]
        cover.take_out(person)
        prices, off = cover.prices(person)
        if exact.cheapest(grid, tours, person, prices, off, had) is None:
            made = tours.cheapest(person, prices, off, _kept(grid, tours, person, had))
            if made is None:
                made = exact.cheapest(grid, tours, person, prices, off)
            if made is None:
                without.append(person)
                made = np.full_like(had, OFF)
            cover.give(person, made)
        else:
            cover.give(person, had)
    return cover.chosen, without


def _kept(grid: Grid, tours: Tours, person: int, had: Ints) -> Ints:
    """As much of what somebody has, from its beginning, as they may keep; the rest is free."""
    low, high = 0, len(had)
    nothing = np.zeros(grid.size[1:], np.int64)
    none = np.zeros(grid.size[1], np.int64)
    while low < high:
        middle = (low + high + 1) // 2
        tried = np.where(np.arange(len(had)) < middle, had, FREE)
        if tours.cheapest(person, nothing, none, tried) is None:
            high = middle - 1
        else:
            low = middle
    return np.where(np.arange(len(had)) < low, had, FREE)
