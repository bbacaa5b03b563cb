"""What rosters cost, worked by hand: one day from midnight on, in slots of an hour.

Shapes: E 06:00-14:00, D 09:00-17:30 with half an hour's lunch, N 22:00-06:00, C on call.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from scheduling.rules.costs import cost, cover
from scheduling.rules.short import short_of
from scheduling.shifts import (
    Activity,
    Assignment,
    Demand,
    Kind,
    Limits,
    NeedOfShape,
    Pause,
    Person,
    Problem,
    Roster,
    Shape,
    Weights,
    Wish,
)
from scheduling.shifts.days import days_of

MONDAY = date(2025, 3, 3)
H = 60
SHAPES = (
    Shape("E", 6 * H, ((0, 480),), "early"),
    Shape("D", 9 * H, ((0, 510),), "day", pauses=(Pause("lunch", 30, 180, 300),)),
    Shape("N", 22 * H, ((0, 480),), "night"),
    Shape("C", 6 * H, ((0, 480),), "on call", kind=Kind.ON_CALL),
)
LUNCH = Activity("lunch", 12 * H + 30, 13 * H)
TRAINING = Activity("training", 9 * H, 11 * H + 15, is_pause=False)


def a_problem(*people, days=1, first=MONDAY, zone="UTC", **said):
    return Problem(days_of(first, days, zone), SHAPES, people or (Person("ann"),), **said)


def asked(hours, count=24, skill="", **said):
    """A demand of so many positions from hour to hour."""
    required = np.zeros((1, count))
    for (first, last), positions in hours.items():
        required[0, first:last] = positions
    return Demand(60, required, (skill,), **said)


def given_to(**days):
    return Roster(
        {
            who: {day: Assignment(shape) for day, shape in enumerate(line) if shape != "."}
            for who, line in days.items()
        }
    )


def test_each_position_missing_and_each_person_too_many_costs_for_each_slot():
    """One is asked for from 07:00 to 16:00, and two at ten: there from six to two is one too early
    at six, missing at ten, and missing at two and three."""
    demand = asked({(7, 16): 1, (10, 11): 2}, under=10, over=3)
    found = cost(a_problem(demand=demand), given_to(ann="E"))
    assert np.flatnonzero(found.cover.short).tolist() == [10, 14, 15]
    assert np.flatnonzero(found.cover.over).tolist() == [6]
    assert found.cover.there.sum() == 8
    assert found.cover.required.sum() == 10
    assert (found.short, found.over, found.total) == (30, 3, 33)


def test_an_empty_roster_is_short_of_all():
    found = cost(a_problem(demand=asked({(7, 16): 1.5})), Roster())
    assert found.total == 9 * 1.5 * 10


def test_part_of_a_slot_is_part_of_a_person():
    """Until half past five."""
    there = cover(a_problem(demand=asked({})), given_to(ann="D")).there
    assert there.tolist() == [0] * 9 + [1] * 8 + [0.5] + [0] * 6


def test_those_on_a_pause_in_training_or_on_call_are_not_there():
    problem = a_problem(Person("ann"), Person("bob"), demand=asked({}))
    roster = Roster({"ann": {0: Assignment("D", (LUNCH, TRAINING))}, "bob": {0: Assignment("C")}})
    there = cover(problem, roster).there
    assert there.tolist() == [0] * 11 + [0.75, 0.5, 1, 1, 1, 1, 0.5] + [0] * 6


def test_an_activity_takes_only_from_the_spell_in_which_it_is():
    """08:00 to 12:00 and 16:00 to 20:00, with training from 17:00 to 19:00."""
    split = Shape("S", 8 * H, ((0, 240), (480, 720)))
    problem = Problem(days_of(MONDAY, 1), (split,), (Person("ann"),), asked({}))
    evening = Activity("training", 17 * H, 19 * H, is_pause=False)
    morning = Activity("training", 8 * H, 9 * H, is_pause=False)
    there = cover(problem, Roster({"ann": {0: Assignment("S", (evening,))}})).there
    assert np.flatnonzero(there).tolist() == [8, 9, 10, 11, 16, 19]
    there = cover(problem, Roster({"ann": {0: Assignment("S", (evening, morning))}})).there
    assert np.flatnonzero(there).tolist() == [9, 10, 11, 16, 19]


def test_slots_shorter_than_a_part_of_an_hour_and_longer():
    problem = a_problem(demand=Demand(15, np.zeros((1, 96))))
    assert cover(problem, given_to(ann="D")).there.sum() == 34
    problem = a_problem(demand=Demand(720, np.zeros((1, 2))))
    assert cover(problem, given_to(ann="D")).there.tolist() == [3 / 12, 5.5 / 12]


def test_a_night_is_there_on_both_its_days_and_slots_go_as_time_goes_by():
    """From 22:00 on 29 March; where clocks go forward it is over after seven hours."""
    plain = a_problem(days=2, demand=asked({}, 48))
    assert np.flatnonzero(cover(plain, given_to(ann="N")).there).tolist() == list(range(22, 30))
    spring = a_problem(days=2, first=date(2025, 3, 29), zone="Europe/Berlin", demand=asked({}, 47))
    assert np.flatnonzero(cover(spring, given_to(ann="N")).there).tolist() == list(range(22, 29))
    assert cover(spring, given_to(ann=".N")).there.sum() == 2  # the rest is beyond the span


def test_whoever_is_still_there_by_a_shift_before_the_span_covers_its_first_hours():
    """Until half past two at night, with a pause from one to half past."""
    ann = Person("ann", tail=((0, 60), (90, 150)))
    there = cover(a_problem(ann, demand=asked({})), Roster()).there
    assert there.tolist() == [1, 0.5, 0.5] + [0] * 21


def test_whoever_is_absent_covers_nothing_whatever_they_were_given():
    ann = Person("ann", tail=((0, 120),), absent=frozenset({1}))
    problem = a_problem(ann, days=2, demand=asked({}, 48))
    there = cover(problem, given_to(ann="EE")).there
    assert np.flatnonzero(there).tolist() == [0, 1, *range(6, 14)]
    away = replace(ann, absent=frozenset({-1}))
    there = cover(a_problem(away, days=2, demand=asked({}, 48)), given_to(ann="E")).there
    assert np.flatnonzero(there).tolist() == [*range(6, 14)]


SKILLS = ("x", "y")
ONE = np.ones((1, 1))


def one_slot(required, *people):
    """(short, over) of people, each with their proficiency in x and y, all there for one slot."""
    problem = a_problem(
        *(
            Person(
                f"p{number}",
                skills={skill: p for skill, p in zip(SKILLS, person, strict=True) if p},
            )
            for number, person in enumerate(people)
        ),
        demand=Demand(1440, np.array(required, dtype=float).reshape(2, 1) / 3, SKILLS),
    )
    found = cover(problem, given_to(**{one.id: "E" for one in problem.people}))
    return round(3 * found.short[0], 6), round(3 * found.over[0], 6)


@pytest.mark.parametrize(
    ("required", "people", "short", "over"),
    [
        ((1, 1), ((1, 0), (1, 1)), 0, 0),
        ((2, 0), ((1, 0), (1, 1)), 0, 0),
        ((0, 2), ((1, 0), (1, 1)), 1, 1),  # who takes x alone helps nobody
        ((2, 1), ((1, 0), (1, 1)), 1, 0),
        ((1, 1), ((1, 1),), 1, 0),  # one can take either, not both
        ((1, 0), ((0.5, 0),), 0.5, 0),
        ((1, 1), ((0.5, 0.5), (1, 0)), 0.5, 0),
        ((1, 0), ((0.4, 0), (0.4, 0), (0.4, 0)), 0, 0.2),
        ((0, 0), ((1, 0), (0.5, 0.8)), 0, 1.8),
        ((0, 1), ((0, 0), (0, 1)), 0, 0),  # who can take neither is not too many
    ],
)
def test_a_slot_is_short_by_what_nobody_can_fill_whoever_takes_what(required, people, short, over):
    """Eight of 24 hours: a third of a person each, against a third of what is asked for."""
    assert one_slot(required, *people) == (short, over)


def test_skills_that_are_too_many_to_go_through_are_refused():
    with pytest.raises(ValueError, match="17 skills hang together"):
        short_of(np.ones((17, 1)), np.ones((1, 17)), ONE)
    # Each on their own, they need no sets.
    assert short_of(np.ones((17, 1)), np.eye(17), np.zeros((17, 1))).tolist() == [17]


def test_needs_of_shapes_are_counted_day_by_day():
    needs = {
        (0, "E"): NeedOfShape(2, under=100, over=1),
        (0, "N"): NeedOfShape(0, under=100, over=7),
        (1, "E"): NeedOfShape(1, under=30, over=1),
    }
    problem = a_problem(Person("ann"), Person("bob"), days=2, needs=needs)
    found = cost(problem, given_to(ann="ED", bob="N."))
    assert (found.needs_under, found.needs_over, found.total) == (130, 7, 137)
    assert found.cover.required.size == 0


@pytest.mark.parametrize(
    ("what", "wants", "line", "refused"),
    [
        ("E", True, "E", False),
        ("E", True, "D", True),
        ("E", True, ".", True),
        ("E", False, "E", True),
        ("E", False, "D", False),
        ("early", True, "E", False),
        ("early", False, "E", True),
        ("", True, "C", False),
        ("", True, ".", True),
        ("", False, "N", True),
        ("", False, ".", False),
    ],
)
def test_a_wish_is_refused_if_what_is_wanted_is_not_given_or_what_is_not_wanted_is(
    what, wants, line, refused
):
    wish = Wish(0, wants, weight=5, what=what)
    found = cost(a_problem(Person("ann", wishes=(wish,))), given_to(ann=line))
    assert found.wishes == found.total == (5 if refused else 0)
    assert [(one.person, one.wish) for one in found.refused] == ([("ann", wish)] * refused)


def test_soft_rules_cost_their_weights_and_hard_ones_break_the_roster():
    """Four days in a row where two may be: the third and the fourth are one too many."""
    person = Person("ann", limits=Limits(most_days_in_row=2, most_week_days=3))
    soft = Weights({"most_days_in_row": 40, "most_week_days": 5})
    found = cost(a_problem(person, days=7, weights=soft), given_to(ann="EEEE"))
    assert (found.rules, found.total, found.is_kept) == (85, 85, True)
    found = cost(a_problem(person, days=7), given_to(ann="EEEE"))
    assert (found.rules, found.is_kept, len(found.broken)) == (0, False, 3)


def test_the_parts_add_up():
    person = Person("ann", limits=Limits(most_week_days=0), wishes=(Wish(0, False, 5),))
    problem = a_problem(
        person,
        demand=asked({(13, 15): 1}),
        needs={(0, "E"): NeedOfShape(0, 9, 2), (0, "N"): NeedOfShape(1, 9, 2)},
        weights=Weights({"most_week_days": 3}),
    )
    found = cost(problem, given_to(ann="E"))
    parts = (found.short, found.over, found.needs_under, found.needs_over)
    assert parts == (10, 7, 9, 2)
    assert (found.wishes, found.rules, found.total) == (5, 3, 36)


def filled(required, groups):
    """The most positions that can be filled, as a linear programme: `groups` are (how many, what
    each of them can take)."""
    pairs = [(g, s) for g, (_, takes) in enumerate(groups) for s in takes]
    if not pairs:
        return 0.0
    capacity = [
        *([float(g == group) for g, _ in pairs] for group in range(len(groups))),
        *([float(s == skill) for _, s in pairs] for skill in range(len(required))),
    ]
    bounds = [*(many for many, _ in groups), *required]
    return -linprog([-1.0] * len(pairs), A_ub=capacity, b_ub=bounds, method="highs").fun


def done(required, people, share):
    """The most positions that people fill who divide their time, each skill as well as they can."""
    pairs = [(n, s) for n, person in enumerate(people) for s, p in enumerate(person) if p]
    if not pairs:
        return 0.0
    does = [people[n][s] for n, s in pairs]
    capacity = [
        *([float(n == who) for n, _ in pairs] for who in range(len(people))),
        *(
            [p * (s == skill) for (_, s), p in zip(pairs, does, strict=True)]
            for skill in range(len(required))
        ),
    ]
    bounds = [*([share] * len(people)), *required]
    return -linprog([-p for p in does], A_ub=capacity, b_ub=bounds, method="highs").fun


skills_of_people = st.integers(1, 4).flatmap(
    lambda skills: st.tuples(
        st.lists(st.integers(0, 6).map(lambda n: n / 2), min_size=skills, max_size=skills),
        st.lists(
            st.lists(st.sampled_from([0, 0, 0.25, 0.5, 1]), min_size=skills, max_size=skills),
            min_size=1,
            max_size=6,
        ),
        st.integers(1, 4).map(lambda n: n / 4),
    )
)


@given(skills_of_people)
def test_what_is_missing_is_what_the_greatest_flow_leaves_unfilled(drawn):
    """Somebody of 0.25 in one skill and 1 in another gives a quarter to either and three quarters
    to the second alone: so divided, people are a flow from capacities to positions."""
    required, people, share = drawn
    groups = []
    for person in people:
        below = 0.0
        for level in sorted({p for p in person if p}):
            groups.append(
                (share * (level - below), [s for s, p in enumerate(person) if p >= level])
            )
            below = level
    short = short_of(
        np.array(required).reshape(-1, 1), np.array(people, float), np.full((len(people), 1), share)
    )
    assert short[0] == pytest.approx(sum(required) - filled(required, groups), abs=1e-7)


@given(skills_of_people, st.booleans())
def test_it_is_the_least_that_is_missing_when_people_divide_their_time(drawn, is_even):
    """And what is, where nobody is better at one skill than at another."""
    required, people, share = drawn
    if is_even:
        people = [[max(person) if p else 0 for p in person] for person in people]
    short = short_of(
        np.array(required).reshape(-1, 1), np.array(people, float), np.full((len(people), 1), share)
    )
    missing = sum(required) - done(required, people, share)
    assert short[0] <= missing + 1e-7
    if is_even:
        assert short[0] == pytest.approx(missing, abs=1e-7)
