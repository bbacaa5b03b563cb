"""What soft rules cost in the search: as the checker counts it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling import rules
from scheduling.roster.fitting import fits, longest_stretch
from scheduling.roster.grid import grid_of
from scheduling.roster.pauses import Pauses
from scheduling.roster.soft import Soft
from scheduling.roster.solve import solve
from scheduling.shifts import Demand, Limits, Pause, Person, Problem, Shape, Weights, Wish, Worked
from scheduling.shifts.days import days_of

EARLY = Shape("early", 7 * 60, ((0, 480),), "early")
LATE = Shape("late", 14 * 60, ((0, 480),), "late")
NIGHT = Shape("night", 22 * 60, ((0, 480),), "night")
LETTERS = "-eln"


def counted(limits, span, first=date(2026, 10, 19), before=""):
    """What a span of letters costs if each of these limits weighs one, and the problem and roster;
    `before` are letters of the days before. By default the clocks go back on its first Sunday."""
    named = {name: 1 for name in Limits.__dataclass_fields__ if name in limits}
    problem = Problem(
        days_of(first, len(span), "Europe/Berlin"), (EARLY, LATE, NIGHT),
        (Person("p", Limits(**limits), before=worked(before)),), weights=Weights(named),
    )  # fmt: skip
    grid = grid_of(problem)
    options = np.array([LETTERS.index(one) - 1 for one in span])
    return Soft(grid).cost(0, options), problem, grid.roster(options[None, :])


def worked(letters):
    """Shifts of the days before a span, the last one of the day before it."""
    shapes = dict(zip(LETTERS[1:], (EARLY, LATE, NIGHT), strict=True))
    return tuple(
        Worked(day * 1440 + one.start, day * 1440 + one.start + 480, 480, one is NIGHT, one.start)
        for day, letter in enumerate(letters, -len(letters))
        if (one := shapes.get(letter)) is not None
    )


@pytest.mark.parametrize(
    ("limits", "before", "span", "broken"),
    [
        ({"most_days_in_row": 5}, "-eeee", "ee-----", 1),  # the sixth and last of a run
        ({"most_days_in_row": 5}, "eeeeee", "ee-----", 2),  # each day of the span is too many
        ({"most_days_in_row": 5}, "eeee-", "eeeeee-", 1),  # the run before is over
        ({"most_nights_in_row": 2}, "nn", "nne----", 2),
        ({"rest_minutes": 660}, "n", "e------", 1),  # from six to seven
        ({"rest_minutes": 660}, "l", "e------", 1),  # from ten in the evening to seven
        ({"rest_minutes": 660}, "e", "e------", 0),
    ],
)
def test_soft_rules_go_on_from_what_was_worked_before(limits, before, span, broken):
    made, problem, roster = counted(limits, span, before=before)
    assert made == broken
    assert made == sum(one.weight for one in rules.check(problem, roster) if not one.is_hard)


@pytest.mark.parametrize(
    ("limits", "span", "broken"),
    [
        # A night ends at six on the next day; 48 hours later it is six on the third day.
        ({"rest_after_nights_minutes": 2880}, "n-e----", 1),  # rested 25 hours
        ({"rest_after_nights_minutes": 2880}, "n--e---", 0),  # rested 49 hours
        ({"rest_after_nights_minutes": 2880}, "nn--e--", 0),  # between nights it does not hold
        # From Friday's end at three to Monday's midnight are 57 hours, and one more in that night.
        ({"week_rest_minutes": 58 * 60}, "eeeee--", 0),
        ({"week_rest_minutes": 58 * 60 + 1}, "eeeee--", 1),
        ({"week_rest_minutes": 1440}, "eeeeeeeeeeeeee", 2),
        ({"most_of_template": {"late": 2, "early": 3, "night": 0}}, "eeelll-", 1),
        ({"most_of_template": {"late": 2, "early": 2}}, "eeelll-", 2),
    ],
)
def test_soft_rules_of_rests_and_templates_are_counted(limits, span, broken):
    assert counted(limits, span)[0] == broken


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "rest_after_nights_minutes": st.sampled_from([1440, 2880]),
            "week_rest_minutes": st.sampled_from([1440, 2160, 3480]),
            "most_of_template": st.sampled_from([{"late": 1}, {"early": 2, "night": 1}]),
            "rest_minutes": st.sampled_from([480, 660]),
            "most_nights_in_row": st.sampled_from([1, 2]),
        },
    ),
    st.text(LETTERS, min_size=5, max_size=12),
    st.integers(0, 6),
)
@settings(max_examples=150, deadline=None)
def test_soft_rules_cost_what_the_checker_counts(limits, span, weekday):
    made, problem, roster = counted(limits, span, date(2026, 10, 19 + weekday))
    assert made == sum(one.weight for one in rules.check(problem, roster) if not one.is_hard)


@pytest.mark.parametrize(
    ("pauses", "limit", "is_fit"),
    [
        ([(120, 150), (300, 330)], None, True),
        ([(120, 150), (150, 180)], None, True),  # one after the other
        ([(120, 150), (140, 170)], None, False),  # they meet
        ([(220, 250)], None, False),  # it reaches out of the first spell
        ([(10, 40)], None, False),  # something else lies there
        ([(120, 150)], 120, True),  # two hours, then an hour and a half; and two in the evening
        ([(120, 150)], 119, False),
    ],
)
def test_pauses_fit_a_shift_of_two_spells(pauses, limit, is_fit):
    spells = ((0, 240), (300, 420))
    assert fits(pauses, spells, [(0, 20)], limit) == is_fit


def test_the_longest_stretch_goes_from_pause_to_pause():
    assert longest_stretch([], ((0, 240), (300, 420))) == 240
    assert longest_stretch([(330, 345), (100, 110)], ((0, 240), (300, 420))) == 130


def test_who_needs_a_pause_in_time_works_a_shape_that_has_a_place_for_it():
    """Eight hours, none longer than five without a pause: from two hours after its beginning on the
    pause would come too early, from two and a half on it does not."""
    limits = Limits(longest_without_pause=300)
    shape = Shape("day", 8 * 60, ((0, 480),), "day", pauses=(Pause("lunch", 30, 120, 240),))
    person = Person("p", limits, wishes=(Wish(0, wants=True, weight=5),))
    problem = Problem(days_of(date(2026, 6, 1), 1), (shape,), (person,))
    solved = solve(problem, 1)
    assert solved.cost == 0
    assert not rules.check(problem, solved.roster)


def pauses_of(required):
    """Where a lunch and a break lie that may be anywhere from one to six hours after eight, in
    slots of a quarter of an hour."""
    both = (Pause("lunch", 30, 60, 360), Pause("break", 15, 60, 360))
    shape = Shape("day", 8 * 60, ((0, 480),), "day", pauses=both)
    demand = Demand(15, np.array([required], float), ("",))
    problem = Problem(days_of(date(2026, 6, 1), 1), (shape,), (Person("p"),), demand)
    placed = Pauses(grid_of(problem), np.array([[0]]))
    placed.place()
    return sorted(placed.pauses[0, 0])


def test_pauses_that_may_be_anywhere_are_an_hour_from_each_other_and_from_the_ends():
    (first, second) = pauses_of([1.0] * 96)
    assert first[0] >= 9 * 60
    assert second[0] - first[1] >= 60
    assert second[1] <= 15 * 60


def test_pauses_are_close_to_each_other_where_nobody_can_be_spared_else():
    """From noon to a quarter to one alone nobody is asked for."""
    free = range(48, 51)
    spans = pauses_of([0.0 if slot in free else 1.0 for slot in range(96)])
    assert (spans[0][0], spans[0][1], spans[1][1]) == (720, spans[1][0], 765)


def test_where_no_time_is_left_pauses_are_moved_that_do_not_fit():
    """A night of nine hours, as clocks go back: a pause three hours after its beginning, that is
    soon enough in eight, leaves five and a half."""
    shape = Shape("night", 22 * 60, ((0, 480),), "night", pauses=(Pause("meal", 30, 180, 240),))
    person = Person("p", Limits(longest_without_pause=300))
    problem = Problem(days_of(date(2026, 10, 24), 2, "Europe/Berlin"), (shape,), (person,))
    grid = grid_of(problem)
    placed = Pauses(grid, np.array([[0, -1]]))
    placed.pauses[0, 0] = [(22 * 60 + 180, 22 * 60 + 210)]
    assert [one.rule for one in rules.check(problem, placed.roster())] == ["longest_without_pause"]
    placed.place(lambda: False)
    assert not rules.check(problem, placed.roster())
