"""Whole spans chosen together: against all rosters that there are, and worked by hand."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling import rules
from scheduling.roster import columns, descent
from scheduling.roster.classes import classes_of
from scheduling.roster.columns import Columns
from scheduling.roster.grid import OFF, grid_of
from scheduling.roster.tour import Tours
from scheduling.rules.costs import cost
from scheduling.shifts import (
    Demand,
    Limits,
    NeedOfShape,
    Pairing,
    Person,
    Problem,
    Shape,
    Weights,
    Wish,
)
from scheduling.shifts.days import days_of

EARLY = Shape("early", 8 * 60, ((0, 240),), "early")
LATE = Shape("late", 12 * 60, ((0, 240),), "late")
MONDAY = date(2026, 6, 1)


def a_problem(people, days=3, shapes=(EARLY, LATE), **said):
    return Problem(days_of(MONDAY, days, "UTC"), shapes, tuple(people), **said)


def together(problem):
    """The spans of a problem, asked for to the end, from a first roster."""
    grid = grid_of(problem)
    tours, everyone = Tours(grid), range(len(problem.people))
    begun, without = descent.begun(grid, tours, everyone)
    assert not without
    with ThreadPoolExecutor(1) as pool:
        all_ = Columns(grid, tours, begun, everyone, lambda: 60, np.random.default_rng(1), pool)
        assert all_.settle()
        made = all_.dive(np.inf)
    return grid, all_, made


def test_people_who_differ_in_nothing_but_their_names_are_a_class():
    same = Person("a", Limits(most_week_days=4))
    people = (
        same,
        replace(same, id="b"),
        replace(same, id="c", limits=Limits(most_week_days=3)),
        replace(same, id="d", skills={"": 0.5}),
        replace(same, id="e", days_off=frozenset({1})),
        replace(same, id="f", wishes=(Wish(0, wants=True, weight=3),)),
        replace(same, id="g"),
    )
    grid = grid_of(a_problem(people, demand=Demand(60, np.zeros((1, 72)))))
    assert classes_of(grid, range(7)) == ((0, 1, 6), (2,), (3,), (4,), (5,))


def test_what_a_class_works_together_is_the_best_there_is():
    """Three alike, two shifts each at most: six shifts are asked for on three days, two a day, of
    which one is early. Each of the three is off on another day, and nothing is missing."""
    people = [Person(name, Limits(most_week_days=2)) for name in "abc"]
    needs = {(day, shape): NeedOfShape(1, 10, 1) for day in range(3) for shape in ("early", "late")}
    problem = a_problem(people, needs=needs)
    grid, all_, made = together(problem)
    assert all_.bound == 0
    assert cost(problem, grid.roster(made)).total == 0
    assert ((made == OFF).sum(axis=1) == 1).all()


def test_of_two_skills_who_can_both_is_worth_most():
    """One is asked for of each skill from eight to twelve; A can both, B only sales. A third person
    without any skill that is asked for is one too many whenever they come, and stays away."""
    rows = np.zeros((2, 24))
    rows[:, 8:12] = 1
    people = [
        Person("a", skills={"sales": 1.0, "billing": 1.0}),
        Person("b", skills={"sales": 1.0}),
        Person("c", skills={"other": 1.0}),
    ]
    problem = a_problem(people, days=1, demand=Demand(60, rows, ("sales", "billing")))
    grid, all_, made = together(problem)
    assert all_.bound == 0
    assert [grid.problem.shapes[one[0]].id for one in made[:2]] == ["early", "early"]
    without = replace(problem, people=tuple(people[1:]))
    _grid, all_, made = together(without)
    assert all_.bound == 4 * problem.demand.under  # billing is missing for four hours


@given(
    st.lists(
        st.builds(
            Limits,
            most_days_in_row=st.sampled_from([None, 1, 2]),
            fewest_off_in_row=st.sampled_from([None, 2]),
            most_week_minutes=st.sampled_from([None, 480]),
            most_of_template=st.sampled_from([{}, {"late": 1}, {"late": 1, "early": 1}]),
        ),
        min_size=2,
        max_size=2,
    ),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.lists(st.integers(-6, 6), min_size=3, max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_no_roster_costs_less_than_the_bound(limits, asked, weights):
    """All 729 rosters of two people, three days and two shifts, by the checker."""
    wishes = tuple(Wish(day, w > 0, abs(w)) for day, w in enumerate(weights) if w)
    people = [Person("a", limits[0], wishes=wishes), Person("b", limits[1])]
    needs = {
        (day, shape): NeedOfShape(asked[2 * day + n], 7, 3)
        for day in range(3)
        for n, shape in enumerate(("early", "late"))
    }
    problem = a_problem(people, needs=needs)
    grid = grid_of(problem)
    least = min(
        cost(problem, roster).total
        for spans in product(product(range(-1, 2), repeat=3), repeat=2)
        if not rules.check(problem, roster := grid.roster(np.array(spans)))
    )
    grid, all_, made = together(problem)
    roster = grid.roster(made)
    assert not rules.check(problem, roster)
    assert all_.bound is not None
    assert all_.bound <= least <= cost(problem, roster).total


def test_soft_rules_leave_no_bound():
    """The cheapest span of somebody who may break a rule is not looked for among all."""
    problem = a_problem(
        [Person("a", Limits(most_week_days=1))],
        needs={(0, "early"): NeedOfShape(1, 10, 1), (2, "early"): NeedOfShape(1, 10, 1)},
        weights=Weights({"most_week_days": 4}),
    )
    _grid, all_, _made = together(problem)
    assert all_.bound is None


@pytest.mark.parametrize(
    "said",
    [
        {"pairings": (Pairing("a", "b", together=True),)},
        {"mix": 1.0},
        {"needs": {}},  # nothing is asked for
    ],
)
def test_where_people_are_bound_to_each_other_spans_are_not_chosen_together(said):
    people = [Person("a"), Person("b", is_new=True)]
    asked = {"needs": {(0, "early"): NeedOfShape(1, 10, 1)}}
    assert columns.fits(grid_of(a_problem(people, **asked)), range(2))
    assert not columns.fits(grid_of(a_problem(people, **(asked | said))), range(2))
