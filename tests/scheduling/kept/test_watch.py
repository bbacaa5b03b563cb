"""How far a search for a roster is, in words."""

from datetime import date

import numpy as np
import pytest

from scheduling.roster.grid import OFF, grid_of
from scheduling.roster.search import Progress
from scheduling.rosters.watch import Watch
from scheduling.shifts import Pairing, Person, Problem, Shape, Weights
from scheduling.shifts.days import days_of

EARLY = Shape("early", 6 * 60, ((0, 480),), "early")
LATE = Shape("late", 14 * 60, ((0, 480),), "late")


def words(cost, apart, weights):
    """Of a week in which Ada and Bea, who belong together, have different shifts on so many days,
    and whose search has this cost."""
    problem = Problem(
        days_of(date(2026, 6, 1), 7), (EARLY, LATE), (Person("ada"), Person("bea")),
        pairings=(Pairing("ada", "bea", together=True),), weights=Weights(weights),
    )  # fmt: skip
    grid = grid_of(problem)
    chosen = np.full(grid.size[:2], OFF, np.int64)
    chosen[0, :apart], chosen[1, :apart] = 0, 1
    watch = Watch()
    assert watch.words == "Looking for a first roster"
    watch.tell(Progress("parts", 1.0, cost, None, chosen), grid)
    return watch.words


@pytest.mark.parametrize(
    ("cost", "apart", "weights", "expected"),
    [
        (12_280.4, 0, {}, "The best so far costs 12,280"),
        (7, 0, {}, "The best so far costs 7"),
        # A search takes a million for each rule that must be kept.
        (
            1_012_280,
            1,
            {},
            "A rule that must be kept is broken still; but for that the best so far costs 12,280",
        ),
        (
            2_012_280,
            2,
            {},
            "Rules that must be kept are broken still, 2 times; but for that the best so far costs"
            " 12,280",
        ),
        # One that may be broken is a cost like others.
        (12_280, 2, {"pairing": 30}, "The best so far costs 12,280"),
    ],
)
def test_the_best_so_far_is_told_without_what_a_search_takes_for_rules_that_must_be_kept(
    cost, apart, weights, expected
):
    assert words(cost, apart, weights) == expected
