"""One person's cheapest span: against all spans that there are, judged by the checker."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling import rules
from scheduling.roster import exact
from scheduling.roster.grid import OFF, grid_of
from scheduling.roster.tour import Tours
from scheduling.shifts import Limits, Pause, Person, Problem, Shape, Worked
from scheduling.shifts.days import days_of

EARLY = Shape("early", 7 * 60, ((0, 480),), "early")
LATE = Shape("late", 14 * 60, ((0, 480),), "late")
NIGHT = Shape("night", 22 * 60, ((0, 480),), "night")
MONDAY = date(2026, 6, 1)


def a_problem(person, *shapes, days=7, first=MONDAY, zone="UTC", **said):
    return Problem(days_of(first, days, zone), shapes, (person,), **said)


def cheapest(problem, prices, off=0):
    """The cheapest span as letters, a dash for a day off; None where there is none."""
    grid = grid_of(problem)
    costs = np.array(prices, np.int64)[:, grid.option_shape]
    offs = np.full(len(problem.days), off, np.int64)
    made = exact.cheapest(grid, Tours(grid), 0, costs, offs)
    if made is None:
        return None
    return "".join(
        "-" if one == OFF else problem.shapes[grid.option_shape[one]].id[0] for one in made
    )


@pytest.mark.parametrize(
    ("limits", "span"),
    [
        (Limits(), "nnnnnnn"),
        (Limits(most_week_days=3), "nnn----"),
        (Limits(most_nights_in_row=2), "nnennen"),  # early from seven, after a night until six
        (Limits(most_days_in_row=3), "nnn-nnn"),
        (Limits(most_days_in_row=3, fewest_off_in_row=2), "nnn--nn"),
        (Limits(most_weekends=0), "nnnnn--"),
        (Limits(most_week_minutes=960), "nn-----"),
        (Limits(most_of_template={"night": 1}, rest_minutes=0), "neeeeee"),
    ],
)
def test_a_span_is_the_cheapest_that_the_limits_allow(limits, span):
    """Each earlier day is a little more worth than the next, a night more than an early shift."""
    problem = a_problem(Person("p", limits), EARLY, NIGHT)
    prices = [[-100 - (7 - day) * 2, -150 - (7 - day) * 3] for day in range(7)]
    assert cheapest(problem, prices) == span


def test_a_night_before_the_span_keeps_a_morning_free():
    person = Person("p", Limits(rest_minutes=660), before=(Worked(-120, 360, 480, True, 1320),))
    problem = a_problem(person, EARLY, LATE, days=2)
    assert cheapest(problem, [[-10, -1], [-10, -1]]) == "-e"  # rested from five on
    with_evening = a_problem(person, EARLY, LATE, replace(LATE, id="x", start=17 * 60), days=2)
    assert cheapest(with_evening, [[-10, -9, -8], [-10, -1, -9]]) == "xx"  # and no early one next


def test_a_person_without_any_span_has_none():
    person = Person("p", Limits(fewest_week_days=6), days_off=frozenset({0, 1}))
    assert cheapest(a_problem(person, EARLY), [[0]] * 7) is None


def test_a_shape_whose_pauses_meet_is_given_to_nobody():
    crowded = replace(EARLY, pauses=(Pause("a", 30, 120, 120), Pause("b", 30, 130, 130)))
    assert cheapest(a_problem(Person("p"), crowded, LATE), [[-9, -1]] * 7) == "lllllll"


LIMITS = st.builds(
    Limits,
    rest_minutes=st.sampled_from([None, 480, 660]),
    rest_after_nights_minutes=st.sampled_from([None, 1440, 2880]),
    most_days_in_row=st.sampled_from([None, 1, 2, 3]),
    fewest_days_in_row=st.sampled_from([None, 2]),
    fewest_off_in_row=st.sampled_from([None, 2]),
    most_week_days=st.sampled_from([None, 2, 3]),
    fewest_week_days=st.sampled_from([None, 1, 2]),
    most_week_minutes=st.sampled_from([None, 900, 1440]),
    fewest_period_minutes=st.sampled_from([None, 900]),
    most_period_minutes=st.sampled_from([None, 960, 1500]),
    most_weekends=st.sampled_from([None, 0, 1]),
    most_nights_in_row=st.sampled_from([None, 1, 2]),
    start_band_minutes=st.sampled_from([None, 120, 480]),
    week_rest_minutes=st.sampled_from([None, 1440, 2160]),
)
BEFORE = st.sampled_from(
    [
        (),
        (Worked(-120, 360, 480, True, 1320),),
        (Worked(-2460, -1980, 480, False, 420), Worked(-1020, -540, 480, False, 420)),
    ]
)


@given(
    LIMITS,
    BEFORE,
    st.integers(0, 6),
    st.sampled_from([None, (1, 4), (0, 2)]),
    st.lists(st.lists(st.integers(-20, 5), min_size=3, max_size=3), min_size=5, max_size=5),
)
@settings(max_examples=15, deadline=None)
def test_no_span_that_the_checker_allows_is_cheaper(limits, before, weekday, present, prices):
    """All 1,024 spans of five days and three shifts, on the autumn's long night."""
    person = Person("p", limits, before=before, present=present)
    first = date(2026, 10, 19 + weekday)
    problem = a_problem(person, EARLY, LATE, NIGHT, days=5, first=first, zone="Europe/Berlin")
    grid = grid_of(problem)
    costs = np.array(prices, np.int64)
    least = None
    for span in product(range(-1, 3), repeat=5):
        options = np.array(span)
        cost = sum(costs[day, one] for day, one in enumerate(span) if one >= 0)
        if (least is None or cost < least) and not rules.check(
            problem, grid.roster(options[None, :])
        ):
            least = cost
    tours = Tours(grid)
    made = exact.cheapest(grid, tours, 0, costs, np.zeros(5, np.int64))
    if least is None:
        assert made is None
        return
    assert made is not None
    assert not rules.check(problem, grid.roster(made[None, :]))
    cost = sum(costs[day, one] for day, one in enumerate(made) if one >= 0)
    if limits.week_rest_minutes is None:
        assert cost == least
    else:  # a week's long rest is taken as whole days off, unless there is no other way
        assert cost >= least


@pytest.mark.parametrize(
    ("caps", "span"),
    [
        ({"night": 1}, "llllll" + "n"),
        ({"night": 1, "late": 2}, "eeee" + "ll" + "n"),
        ({"night": 1, "late": 2, "early": 3}, "-eee" + "ll" + "n"),
        ({"late": 0, "early": 1}, "nnnnnnn"),
    ],
)
def test_so_many_of_a_template_are_given_where_they_are_worth_most(caps, span):
    """On each day a night is worth most, then a late shift, then an early one; from one day to the
    next a night gains three, a late shift two and an early one one."""
    problem = a_problem(Person("p", Limits(most_of_template=caps)), EARLY, LATE, NIGHT)
    prices = [[-10 - day, -20 - 2 * day, -40 - 3 * day] for day in range(7)]
    assert cheapest(problem, prices) == span


@pytest.mark.parametrize(
    ("limits", "span"),
    [
        (Limits(), "nnnnnnn"),
        # From a night's end to eight o'clock of the Monday after: 2 hours, and from a late's 10.
        (Limits(rest_minutes=600), "nnnnnn-"),
        (Limits(rest_minutes=480), "nnnnnnl"),
        (Limits(rest_after_nights_minutes=24 * 60), "nnnnnn-"),
    ],
)
def test_a_span_leaves_the_rest_until_what_is_known_after_it(limits, span):
    """A night is worth more than a late; after a night a late begins eight hours later."""
    monday = Worked(7 * 1440 + 8 * 60, 7 * 1440 + 16 * 60, 480, clock=8 * 60)
    problem = a_problem(Person("p", limits, after=monday), LATE, NIGHT)
    assert cheapest(problem, [[-100, -150]] * 7) == span
