"""The search for a better roster while time lasts: some people anew, or some days, again and again.

Whole spans are chosen together where nothing but what is asked for binds people to each other
(`columns`), which says how good a roster can be at all. Else small parts are broken up and mended
by everyone's best span (`descent`), which takes about a millisecond each and finds its way out of
most corners because it sometimes takes a dearer roster, the less the longer it goes on. Where that
gets no further, parts are solved exactly (`model`): all days of some people, or some days of all,
and whole spans of some are chosen together. What is best so far is never lost.
"""

import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from scheduling.roster import columns, descent, model
from scheduling.roster.columns import Columns
from scheduling.roster.cover import Cover
from scheduling.roster.grid import Grid, Ints, value
from scheduling.roster.master import Unsolved
from scheduling.roster.tour import Tours

# Even on two cores: with fewer CP-SAT leaves out those of its ways that find rosters.
WORKERS = 8
# A part that takes about this long to solve is as large as it should be.
_PART_SECONDS = 1.5
# What a literal takes to be written down, in seconds, before it is known.
_PACE = 5e-5
# Literals x rules beyond this take longer to write down than to search.
_MOST_LITERALS = 60_000
# Of so few, the solver finds more at once than part by part.
_FEW_LITERALS = 2_000
_KINDS = ("people", "days", "both")
_SPANS = "spans"
# How often spans of all are chosen anew, and not of some.
_AGAIN = 0.3
# People whose spans are found at the same time; each takes memory of its own.
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: what its best roster costs, and that none can cost less than `bound`
    (None: not known)."""

    stage: str
    seconds: float
    cost: float
    bound: float | None
    chosen: Ints


@dataclass
class Search:
    """One search: its time, its chance, and who is told of what it finds.

    `tell` is told of each better roster and asked by `stop` whether it goes on.
    """

    grid: Grid
    tours: Tours
    seconds: float
    seed: int = 1
    tell: Callable[[Progress], None] = lambda _progress: None
    stop: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    people: Sequence[int] = ()
    """Who may be given another span; by default all."""
    bound: int | None = None
    best: Ints = field(init=False)
    cost: int = field(init=False)
    _pool: Executor = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()
        self._all: Columns | None = None
        self._pace = _PACE
        self._chance = np.random.default_rng(self.seed)
        self.people = tuple(self.people) or tuple(range(len(self.grid.people)))

    def left(self) -> float:
        return self.seconds - (self.clock() - self._begun)

    def goes_on(self) -> bool:
        return self.left() > 0 and not self.stop() and not self.is_proven()

    def is_proven(self) -> bool:
        return self.bound is not None and self.bound >= self.cost

    def take(self, stage: str, cost: int, chosen: Ints) -> None:
        """A roster that is better than the best so far."""
        self.cost, self.best = cost, chosen.copy()
        parts = self.grid.parts
        self.tell(
            Progress(
                stage, self.clock() - self._begun, cost / parts,
                None if self.bound is None else self.bound / parts, self.best,
            )
        )  # fmt: skip

    def run(self, start: Ints) -> None:
        """Better `start`, a roster that breaks nothing, until time is over."""
        cover = Cover(self.grid, start)
        self.take("start", self._cost(cover), cover.chosen)
        while self.goes_on() and descent.sweep(cover, self.tours, self.people, self.goes_on):
            self.take("turns", self._cost(cover), cover.chosen)
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _THREADS)) as self._pool:
            self._better(cover)

    def _better(self, cover: Cover) -> None:
        literals = int(self.grid.allowed[list(self.people)].sum())
        if self._together(self.left() * 0.6):
            if literals <= _FEW_LITERALS:
                self._whole(self.left() * 0.2)
            self._parts(self.left())
            return
        self._anneal(cover, min(self.left() * 0.05, 30))
        if literals > _MOST_LITERALS:
            while self.goes_on():
                self._anneal(Cover(self.grid, self.best), self.left())
            return
        if literals <= _FEW_LITERALS:
            self._whole(self.left() * 0.6)
        self._parts(self.left() * 0.9)
        self._whole(self.left())

    def _together(self, seconds: float) -> bool:
        """Whole spans of all, chosen together; whether there was a way to do so."""
        until = self.clock() + seconds
        if not columns.fits(self.grid, self.people):
            return False
        all_ = self._columns(self.people, until)
        try:
            is_settled = all_.settle()
            self.bound = all_.bound  # it holds before, too
            if not is_settled:
                return False
            self._all = all_
            made = all_.dive(math.inf)
        except Unsolved:
            return self._all is not None
        if made is not None:
            self.give(made)
        return True

    def _spans(self, many: int, until: float) -> None:
        """Whole spans chosen together, of some or again of all."""
        assert self._all is not None
        try:
            if self._chance.random() < _AGAIN:
                made = self._all.dive(self.cost - 1)
            else:
                some = self._columns(self._some(many), until)
                some.handed(self._all.good(self.cost - (self.bound or 0)))
                made = some.dive(self.cost)
        except Unsolved:
            return
        if made is not None and self.give(made):
            self._all.know(self.best)

    def _columns(self, people: Sequence[int], until: float) -> Columns:
        def left() -> float:
            return until - self.clock() if self.goes_on() else 0.0

        return Columns(self.grid, self.tours, self.best, people, left, self._chance, self._pool)

    def give(self, made: Ints) -> bool:
        """Take a roster if it is as good as the best, or by turns becomes so."""
        cover = Cover(self.grid, made)
        descent.sweep(cover, self.tours, self.people, self.goes_on)
        cost = self._cost(cover)
        if cost < self.cost:
            self.take("spans", cost, cover.chosen)
        elif cost == self.cost:
            self.best = cover.chosen.copy()
        return cost <= self.cost

    def _cost(self, cover: Cover) -> int:
        soft = (self.tours.soft(person, cover.chosen[person]) for person in self.people)
        return cover.cost() + sum(soft)

    def _anneal(self, cover: Cover, seconds: float) -> None:
        """Some people at a time give up their spans and take the best that are left for them."""
        until = self.clock() + seconds
        begun = self.clock()
        cost = self._cost(cover)
        people = [one for one in self.people if not self.tours.is_large(one)]
        most = min(4, len(people))
        if not most:
            return
        heat = self._heat(cover)
        while self.goes_on() and self.clock() < until:
            many = int(self._chance.integers(min(2, most), most + 1))
            who = self._chance.choice(people, many, replace=False).tolist()
            had = cover.chosen[who].copy()
            dearer = self._mended(cover, who)
            cold = max(1 - (self.clock() - begun) / seconds, 0) ** 2 * heat
            if dearer is not None and (
                dearer <= 0 or (cold > 0 and self._chance.random() < math.exp(-dearer / cold))
            ):
                cost += dearer
                if cost < self.cost:
                    self.take("spans", cost, cover.chosen)
            else:
                for person, options in zip(who, had, strict=True):
                    cover.give(person, options)

    def _mended(self, cover: Cover, who: Sequence[int]) -> int | None:
        """Take these out, and give them spans one after the other, and once more; by how much the
        whole is dearer then. None where somebody has no span."""
        dearer = 0
        for person in who:
            had = cover.chosen[person].copy()
            cover.take_out(person)
            dearer -= value(had, *cover.prices(person)) + self.tours.soft(person, had)
        for person in who:
            prices = cover.prices(person)
            made = self.tours.cheapest(person, *prices)
            if made is None:
                return None
            cover.give(person, made)
            dearer += value(made, *prices) + self.tours.soft(person, made)
        for person in who[:-1]:
            had = cover.chosen[person].copy()
            cover.take_out(person)
            prices = cover.prices(person)
            made = self.tours.cheapest(person, *prices)
            if made is None:
                return None
            cover.give(person, made)
            dearer += value(made, *prices) + self.tours.soft(person, made)
            dearer -= value(had, *prices) + self.tours.soft(person, had)
        return dearer

    def _heat(self, cover: Cover) -> float:
        """What a roster may be dearer by at first: a fraction of what one person's day matters."""
        sample = self.people[:: max(len(self.people) // 8, 1)]
        prices = [np.abs(cover.prices(person)[0]) for person in sample]
        return float(np.median([np.percentile(one, 75) for one in prices])) / 3 if prices else 0.0

    def _whole(self, seconds: float) -> None:
        """All of it at once: finds little in large rosters, but knows how good one can be."""
        self._solve(self.people, range(self.grid.size[1]), seconds, "whole")

    def _parts(self, seconds: float) -> None:
        """Some people's whole spans, some days of all, or some days of some, exactly: as many as
        can be solved to their end in about a second and a half."""
        until = self.clock() + seconds
        kinds = _KINDS if self._all is None else (*_KINDS, _SPANS)
        size = dict.fromkeys(kinds, 8.0)
        while self.goes_on() and self.clock() < until:
            kind = str(self._chance.choice(kinds))
            begun = self.clock()
            if kind == _SPANS:
                self._spans(max(round(size[kind]), 2), until)
                is_slow = self.clock() - begun > _PART_SECONDS
                size[kind] = max(size[kind] * (0.97 if is_slow else 1.03), 2)
                continue
            is_done = self._solve(
                *self._pick(kind, size[kind]), min(4 * _PART_SECONDS, until - begun), "parts"
            )
            took = self.clock() - begun
            if not is_done or took > 2 * _PART_SECONDS:
                size[kind] = max(size[kind] * 0.9, 2)
            elif took < _PART_SECONDS:
                size[kind] *= 1.05

    def _pick(self, kind: str, size: float) -> tuple[Sequence[int], range]:
        """Which people and days are free. Days are rather those that cost much."""
        days, many = self.grid.size[1], max(round(size), 2)
        if kind == "people":
            return self._some(many), range(days)
        people: Sequence[int] = self.people
        if kind == "both":
            people, many = self._some(len(self.people) // 2 + 1), many * 2
        many = min(many, days)
        dear = Cover(self.grid, self.best).by_day() + 1.0
        centre = int(self._chance.choice(days, p=dear / dear.sum()))
        first = centre - int(self._chance.integers(0, many))
        first = min(max(first, 0), days - many)
        return people, range(first, first + many)

    def _some(self, many: int) -> Sequence[int]:
        many = min(many, len(self.people))
        some: list[int] = self._chance.choice(self.people, many, replace=False).tolist()
        return some

    def _solve(self, people: Sequence[int], days: range, seconds: float, stage: str) -> bool:
        """A part, exactly; whether it was solved to its end. Not tried where writing it down would
        take most of the time there is."""
        begun = self.clock()
        literals = int(self.grid.allowed[np.ix_(people, days)].sum())
        if literals * self._pace > min(seconds, self.left()) / 2:
            return False
        cover = Cover(self.grid, self.best)
        # A hint keeps the whole of it in the corner that it is in; parts are to leave theirs alone.
        part = model.priced(
            model.part_of(self.grid, self.tours, cover, people, days), is_hinted=stage != "whole"
        )
        took = self.clock() - begun
        self._pace = max(took / max(literals, 1), self._pace / 2)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = int(self._chance.integers(1 << 30))
        solver.parameters.max_time_in_seconds = max(min(seconds - took, self.left()), 0.01)
        found = _Found(self, part, stage)
        status = solver.solve(part.model, found)
        if stage == "whole" and status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            bound = math.ceil(solver.best_objective_bound - 1e-6)
            self.bound = bound if self.bound is None else max(bound, self.bound)
        elif (
            status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
            and round(solver.objective_value) == self.cost
        ):
            # As good is as welcome: it is another place to go on from.
            self.best = model.chosen(part, lambda literal: bool(solver.value(literal)))
        return bool(status == cp_model.OPTIMAL)


class _Found(cp_model.CpSolverSolutionCallback):
    """Takes each roster that a solver finds, and ends it when nobody wants to wait any longer."""

    def __init__(self, search: Search, part: model.Part, stage: str) -> None:
        super().__init__()
        self._search, self._part, self._stage = search, part, stage

    def on_solution_callback(self) -> None:
        cost = round(self.objective_value)
        if cost < self._search.cost:
            made = model.chosen(self._part, lambda literal: bool(self.value(literal)))
            self._search.take(self._stage, cost, made)
        if self._search.stop():
            self.stop_search()
