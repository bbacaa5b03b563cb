"""What holds of every roster, whatever its problem."""

import random
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules import MAY_BE_SOFT, Rule, check
from scheduling.rules.costs import cost
from scheduling.shifts import Problem, Roster, Weights
from tests.scheduling.rosters.problems import problems, rosters

# What is broken by working too little, or by not working as others do or as was fixed.
ASKS_FOR_WORK = {
    Rule.FEWEST_WEEK_MINUTES,
    Rule.FEWEST_WEEK_DAYS,
    Rule.FEWEST_PERIOD_MINUTES,
    Rule.FIXED,
}
OF_OTHERS = {Rule.MIX, Rule.PAIRING}


@st.composite
def rostered(draw):
    problem = draw(problems(most_people=5))
    return problem, draw(rosters(problem))


@settings(max_examples=50)
@given(problems())
def test_a_roster_in_which_nobody_works_breaks_only_rules_that_ask_for_work(problem):
    assert {one.rule for one in check(problem, Roster())} <= ASKS_FOR_WORK


@settings(max_examples=50)
@given(problems(can_be_idle=True))
def test_problems_that_can_be_idle_can(problem):
    assert cost(problem, Roster()).is_kept


@settings(max_examples=40)
@given(rostered())
def test_a_rule_is_kept_again_without_the_shifts_that_broke_it(drawn):
    problem, roster = drawn
    for one in check(problem, roster):
        if one.rule in ASKS_FOR_WORK | OF_OTHERS | {Rule.FEWEST_OFF_IN_ROW}:
            continue
        mine = {day: given for day, given in roster.of[one.person].items() if day not in one.days}
        left = check(problem, Roster({**roster.of, one.person: mine}))
        assert (one.rule, one.person, one.days, one.what) not in {
            (other.rule, other.person, other.days, other.what) for other in left
        }


@settings(max_examples=40)
@given(rostered(), st.randoms(use_true_random=False))
def test_it_matters_not_in_which_order_a_roster_is_told(drawn, by):
    problem, roster = drawn
    shuffled = Roster(
        {
            person: {day: roster.of[person][day] for day in _shuffled(roster.of[person], by)}
            for person in _shuffled(roster.of, by)
        }
    )
    assert check(problem, shuffled) == check(problem, roster)
    others = replace(problem, people=tuple(_shuffled(problem.people, by)))
    assert set(check(others, roster)) == set(check(problem, roster))


def _shuffled(some, by: random.Random):
    some = list(some)
    by.shuffle(some)
    return some


@settings(max_examples=40)
@given(rostered())
def test_each_rule_is_hard_or_costs_its_weight(drawn):
    problem, roster = drawn
    soft = replace(problem, weights=Weights(dict.fromkeys(MAY_BE_SOFT, 3)))
    found, softened = cost(problem, roster), cost(soft, roster)
    assert [one.rule for one in found.broken] == [one.rule for one in softened.broken]
    assert softened.rules == 3 * sum(one.rule in MAY_BE_SOFT for one in softened.broken)
    assert all(one.rule not in MAY_BE_SOFT for one in softened.broken if one.is_hard)


@settings(max_examples=40)
@given(rostered())
def test_the_longest_rest_of_a_week_is_that_of_counting_its_minutes(drawn):
    """Minute by minute, each in a shift or free, in time that goes by."""
    problem, roster = drawn
    told = {
        (one.person, one.days): one.amount
        for one in check(problem, roster)
        if one.rule is Rule.WEEK_REST_MINUTES
    }
    counted = {}
    for person in problem.people:
        limit = person.limits.week_rest_minutes
        spans = [(one.start, one.end, one.day) for one in person.before]
        for day, one in roster.of[person.id].items():
            spells = problem.spells(day, problem.shape[one.shape])
            spans.append((spells[0][0], spells[-1][1], day))
        for begin, end in _weeks(problem):
            busy = np.zeros(end - begin, dtype=bool)
            days = set()
            for start, until, day in spans:
                if until > begin and start < end:
                    busy[max(0, start - begin) : max(0, until - begin)] = True
                    days.add(day)
            longest = max(len(free) for free in _free("".join(".#"[int(b)] for b in busy)))
            if limit is not None and longest < limit and max(days) >= 0:
                counted[person.id, tuple(sorted(days))] = longest
    assert told == counted


def _weeks(problem: Problem):
    """Mondays' midnights in moments; beyond the span days have 24 hours."""
    first = -problem.days[0].weekday
    moments = {number: day.start for number, day in enumerate(problem.days)}
    end = problem.days[-1].start + problem.days[-1].minutes
    for monday in range(first, len(problem.days), 7):
        after = monday + 7
        yield (
            moments.get(monday, monday * 1440),
            moments.get(after, end + (after - len(problem.days)) * 1440),
        )


def _free(minutes: str):
    return minutes.split("#")


@settings(max_examples=40)
@given(rostered())
def test_slots_add_up(drawn):
    """Those there, less those too many, fill what is asked for but what is missing."""
    problem, roster = drawn
    cover = cost(problem, roster).cover
    filled = cover.required - cover.short
    assert (cover.short >= 0).all()
    assert (cover.over >= 0).all()
    assert (filled >= -1e-9).all()
    np.testing.assert_allclose(cover.there - cover.over, filled, atol=1e-9)
