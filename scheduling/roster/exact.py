"""The cheapest span of one person by a solver: where `tour` cannot go through all of them, or says
that there is none because it asks for a little more than the rules do."""

import numpy as np
from ortools.sat.python import cp_model

from scheduling.roster import model
from scheduling.roster.cover import Cover
from scheduling.roster.grid import FREE, OFF, Grid, Ints
from scheduling.roster.tour import Tours

_SECONDS = 5.0


def cheapest(
    grid: Grid, tours: Tours, person: int, costs: Ints, off_costs: Ints, held: Ints | None = None
) -> Ints | None:
    """As `Tours.cheapest`, and where that finds nothing, whatever keeps the hard rules."""
    made = tours.cheapest(person, costs, off_costs, held)
    if made is not None:
        return made
    cover = Cover(grid, np.full(grid.size[:2], OFF, np.int64))
    part = model.part_of(grid, tours, cover, [person], range(grid.size[1]), is_alone=True)
    # What their own wishes and burdens cost is in the model already.
    beside, off = costs - grid.unary[person], off_costs - grid.off_cost[person]
    if held is not None and any(
        option >= 0 and (person, day, option) not in part.given
        for day, option in enumerate(held.tolist())
    ):
        return None
    for (_person, day, option), literal in part.given.items():
        part.costs.append(int(beside[day, option] - off[day]) * literal)
        if held is not None and held[day] != FREE:
            part.model.add(literal == int(held[day] == option))
    part.model.minimize(sum(part.costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = _SECONDS
    if solver.solve(part.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return model.chosen(part, lambda literal: bool(solver.value(literal)))[person]
