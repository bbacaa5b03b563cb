"""How much of each span is worked, as a linear program, and what a shift is worth by it.

Everybody's whole span is a column. A class of people who are alike works as many spans as it has
people; of each thing asked for, a variable says what is missing. The dual values of what is asked
for are prices: by them the cheapest span of somebody (`tour`) is the next column, and where none is
cheaper than those that are there, no roster costs less than the program does (Dantzig and Wolfe
1960; of crews and nurses: Barnhart et al. 1998).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from scheduling.compiled import compiled
from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, Grid, Ints, value
from scheduling.roster.tour import Tours

# Prices are whole numbers of so many parts of the measure of costs: what is reckoned with them is
# exact, and so is a bound.
FINE = 1_000


@dataclass(frozen=True, slots=True)
class Prices:
    """What one more of each thing that is asked for is worth: of shapes (days x shapes), and of
    each set of skills in each slot (sets x slots); what a class has to pay for a span (classes)."""

    needs: Ints
    slots: Ints
    classes: NDArray[np.float64]

    def towards(self, other: "Prices", share: float) -> "Prices":
        """Between these and others, a share of the way."""
        return Prices(
            np.rint(self.needs + (other.needs - self.needs) * share).astype(np.int64),
            # Rounded down, what they add up to in a slot is no more than what is missing costs.
            np.floor(self.slots + (other.slots - self.slots) * share).astype(np.int64),
            other.classes,
        )


@dataclass(slots=True)
class Column:
    """A span of a class: what it costs by itself, and how often it is worked for certain."""

    group: int
    options: Ints
    own_cost: int
    variable: Any
    sure: int = 0


class Unsolved(Exception):
    """The linear program was not solved, or not in time."""


class Master:
    """The linear program of some people, by classes; all others stay as they are."""

    def __init__(
        self, grid: Grid, tours: Tours, chosen: Ints, classes: Sequence[Sequence[int]]
    ) -> None:
        self.grid, self.tours, self.classes = grid, tours, classes
        others = chosen.copy()
        others[[person for some in classes for person in some]] = OFF
        self.others = Cover(grid, others)
        self.lacks: Ints = grid.required - self.others.there
        self.needed: Ints = np.where(grid.need >= 0, grid.need - self.others.given, 0)
        self.columns: list[Column] = []
        self._known: dict[tuple[int, bytes], Column] = {}
        self._solver = solver = pywraplp.Solver.CreateSolver("GLOP")
        # So that it goes on from where it was when there are more columns.
        solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self._most = solver.infinity()
        self._aim = solver.Objective()
        self._people = [solver.Constraint(len(one), len(one), "") for one in classes]
        self._needs = {
            (day, shape): self._need(day, shape)
            for day, shape in np.argwhere(grid.need >= 0).tolist()
        }
        self._slots: dict[tuple[int, int], Any] = {}
        for slot in np.flatnonzero((self.lacks > 0).any(axis=0)).tolist():
            self._slot(slot)
        # What the others cost who stay as they are, and what is over where nobody is asked for.
        mine = {person for some in classes for person in some}
        self._constant = -grid.over * int(self.lacks[-1].sum()) + sum(
            value(others[one], grid.unary[one], grid.off_cost[one])
            for one in range(grid.size[0])
            if one not in mine
        )

    def _need(self, day: int, shape: int) -> Any:
        """So many of a shape: what is missing and what is too many has its price."""
        needed = int(self.needed[day, shape])
        row = self._solver.Constraint(needed, needed, "")
        for sign, price in ((1, self.grid.need_under), (-1, self.grid.need_over)):
            beside = self._solver.NumVar(0, self._most, "")
            row.SetCoefficient(beside, sign)
            self._aim.SetCoefficient(beside, float(price[day, shape]))
        return row

    def _slot(self, slot: int) -> None:
        """A slot is short by the most that is missing of any set of skills."""
        short = self._solver.NumVar(0, self._most, "")
        self._aim.SetCoefficient(short, float(self.grid.under + self.grid.over))
        for some in np.flatnonzero(self.lacks[:, slot] > 0).tolist():
            row = self._solver.Constraint(int(self.lacks[some, slot]), self._most, "")
            row.SetCoefficient(short, 1)
            self._slots[some, slot] = row

    def add(self, group: int, options: Ints) -> bool:
        """One more span (days; options, OFF) that a class may work; whether it is a new one."""
        key = (group, options.tobytes())
        if key in self._known:
            return False
        grid, person = self.grid, self.classes[group][0]
        own = value(options, grid.unary[person], grid.off_cost[person])
        own += self.tours.soft(person, options)
        column = Column(group, options.copy(), own, self._solver.NumVar(0, self._most, ""))
        self._people[group].SetCoefficient(column.variable, 1)
        beyond = 0
        for day in np.flatnonzero(options != OFF).tolist():
            option = int(options[day])
            row = self._needs.get((day, int(grid.option_shape[option])))
            if row is not None:
                row.SetCoefficient(column.variable, 1)
        there = self._there(person, options)
        beyond = grid.over * int(there[-1].sum())
        for some, slot in np.argwhere(there).tolist():
            row = self._slots.get((some, slot))
            if row is not None:
                row.SetCoefficient(column.variable, int(there[some, slot]))
        self._aim.SetCoefficient(column.variable, float(own + beyond))
        self.columns.append(column)
        self._known[key] = column
        return True

    def _there(self, person: int, options: Ints) -> Ints:
        """Sets x slots: what somebody fills who works a span."""
        grid = self.grid
        there = np.zeros(grid.required.shape, np.int64)
        for day in np.flatnonzero(options != OFF).tolist():
            at = day * grid.size[2] + int(options[day])
            here = slice(int(grid.first[at]), int(grid.first[at + 1]))
            there[:, grid.slot[here]] += (
                grid.fills[person][:, None] * grid.part[here][None, :] // grid.parts
            )
        return there

    def fix(self, column: Column, times: int) -> None:
        """A span is worked so many times for certain."""
        column.sure = times
        column.variable.SetLb(times)

    def solve(self, seconds: float) -> float:
        """What the program costs."""
        self._solver.SetTimeLimit(max(int(seconds * 1000), 1))
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            raise Unsolved
        return float(self._aim.Value()) + self._constant

    def shares(self) -> list[float]:
        """How often each column is worked, by the solution there is."""
        return [column.variable.solution_value() for column in self.columns]

    def prices(self) -> Prices:
        """What the solution there is says of the worth of things."""
        grid = self.grid
        needs = np.zeros(grid.need.shape, np.int64)
        for at, row in self._needs.items():
            needs[at] = round(row.dual_value() * FINE)
        slots = np.zeros(grid.required.shape, np.int64)
        for at, row in self._slots.items():
            slots[at] = max(int(row.dual_value() * FINE), 0)
        # No more than what is missing costs, and no less than what is too many does.
        needs = np.clip(needs, -np.maximum(grid.need_over, 0) * FINE, grid.need_under * FINE)
        needs[grid.need < 0] = 0
        return Prices(needs, slots, np.array([row.dual_value() for row in self._people]) * FINE)

    def span_prices(self, group: int, prices: Prices) -> tuple[Ints, Ints]:
        """What each option on each day costs a class by such prices, and a day off."""
        grid, person = self.grid, self.classes[group][0]
        made: Ints = _span_prices(
            prices.needs, prices.slots, grid.fills[person], grid.parts, grid.over * FINE,
            grid.first, grid.slot, grid.part, grid.option_shape,
        )  # fmt: skip
        return made + grid.unary[person] * FINE, grid.off_cost[person] * FINE

    def cheapest(self, group: int, prices: Prices) -> tuple[Ints | None, bool]:
        """The cheapest span of a class by such prices, and whether surely none is cheaper."""
        return self.tours.least(self.classes[group][0], *self.span_prices(group, prices))

    def span_cost(self, group: int, options: Ints, prices: Prices) -> int:
        """What a span costs by such prices; less than nothing beside those of its class: better."""
        own = self.tours.soft(self.classes[group][0], options) * FINE
        return own + value(options, *self.span_prices(group, prices))

    def asked(self, prices: Prices) -> int:
        """What all that is asked for is worth: with what each class's cheapest spans cost, no
        roster costs less (Lagrange)."""
        worth = int((prices.needs * self.needed).sum())
        worth += int((prices.slots * np.maximum(self.lacks, 0)).sum())
        return worth + self._constant * FINE


@compiled
def _span_prices(
    needs: Ints, slots: Ints, fills: Ints, parts: int, over: int, first: Ints, slot: Ints,
    part: Ints, option_shape: Ints,
) -> Ints:  # fmt: skip
    days, many = needs.shape[0], option_shape.shape[0]
    sets = fills.shape[0]
    made = np.zeros((days, many), np.int64)
    for day in range(days):
        for option in range(many):
            at = day * many + option
            cost = -needs[day, option_shape[option]]
            for entry in range(first[at], first[at + 1]):
                for some in range(sets):
                    cost -= fills[some] * part[entry] // parts * slots[some, slot[entry]]
                cost += over * (fills[sets - 1] * part[entry] // parts)
            made[day, option] = cost
    return made
