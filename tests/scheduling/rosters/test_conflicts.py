"""Rules that cannot all be kept: the fewest that contradict each other, and ways out that are."""

import time
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings

from scheduling import rules
from scheduling.roster.conflicts import Rule, all_without, conflicts_of, possible, tied, without
from scheduling.roster.conflicts.ruled import Ruled
from scheduling.roster.grid import OFF, grid_of
from scheduling.roster.solve import solve
from scheduling.shifts import Limits, NeedOfShape, Pairing, Person, Problem, Shape, Weights
from scheduling.shifts.days import days_of
from tests.scheduling.rosters.problems import problems

MONDAY = date(2026, 6, 1)
EARLY = Shape("early", 6 * 60, ((0, 480),), "early")
LATE = Shape("late", 14 * 60, ((0, 480),), "late")
NIGHT = Shape("night", 22 * 60, ((0, 480),), "night")
# Eight hours a week at least: one shift.
ONE_SHIFT = Limits(fewest_week_minutes=480)


def week(*people, **said):
    return Problem(days_of(MONDAY, 7), (EARLY, LATE, NIGHT), people, **said)


def only(person, template, **said):
    return Person(person, ONE_SHIFT, templates=frozenset({template}), **said)


def together(one, other):
    return Pairing(one, other, together=True)


def broken(problem, roster):
    return {one.rule for one in rules.check(problem, roster) if one.is_hard}


def told(problem):
    """The one contradiction of a problem; whatever is left out of what is named, all that is left
    of these rules is kept, and so is everything by each way out."""
    solved = solve(problem, 0.2)
    assert not solved.without
    assert broken(problem, solved.roster) <= {"pairing", "mix"}
    [found] = solved.conflicts
    others = [one for one in Ruled(problem, possible.Time.of(60)).rules if one not in found.rules]
    alone = all_without(problem, others)
    assert broken(alone, solve(alone, 0.2).roster)
    for rule in found.rules:
        assert not broken(without(alone, rule), solve(without(alone, rule), 0.2).roster)
    for way in found.ways:
        freed = solve(all_without(problem, way), 0.2)
        assert (freed.conflicts, freed.without) == ((), ())
        assert not broken(all_without(problem, way), freed.roster)
    return found


def test_two_who_belong_together_and_never_work_at_the_same_time():
    """Ada works early, Bea nights, both once a week at least: four rules and the pairing."""
    problem = week(only("ada", "early"), only("bea", "night"), pairings=(together("ada", "bea"),))
    found = told(problem)
    assert set(found.rules) in (
        # That one of them works is enough.
        {Rule("templates", "ada"), Rule("templates", "bea"), Rule("pairing", "ada", what="bea"),
         Rule("fewest_week_minutes", "ada")},
        {Rule("templates", "ada"), Rule("templates", "bea"), Rule("pairing", "ada", what="bea"),
         Rule("fewest_week_minutes", "bea")},
    )  # fmt: skip
    assert found.people == ("ada", "bea")
    assert found.ways[0] == (Rule("pairing", "ada", what="bea"),)
    assert len({rule for way in found.ways for rule in way if len(way) == 1}) == 3


def test_two_who_belong_together_and_are_never_free_on_the_same_day():
    """Ada has Monday alone, Bea all days but that: the absences of Ada matter as much as hers."""
    closed = ((24 * 60, 8 * 24 * 60),)
    ada = Person("ada", Limits(fewest_week_days=1), closed=closed)
    bea = Person("bea", days_off=frozenset({0}))
    found = told(week(ada, bea, pairings=(together("ada", "bea"),)))
    assert set(found.rules) == {
        Rule("fewest_week_days", "ada"),
        Rule("closed", "ada", span=closed[0]),
        Rule("days_off", "bea", day=0),
        Rule("pairing", "ada", what="bea"),
    }
    assert {way for way in found.ways if len(way) == 1} == {(rule,) for rule in found.rules}


def test_three_in_a_chain_of_whom_the_ends_never_meet():
    """Ada belongs to Bea, Bea to Cem; Ada works early and Cem nights. What Bea works is all one."""
    problem = week(
        only("ada", "early"), Person("bea"), only("cem", "night"), Person("dan"),
        pairings=(together("ada", "bea"), together("bea", "cem")),
    )  # fmt: skip
    found = told(problem)
    assert found.people == ("ada", "bea", "cem")
    assert {rule for rule in found.rules if rule.name == "pairing"} == {
        Rule("pairing", "ada", what="bea"), Rule("pairing", "bea", what="cem")
    }  # fmt: skip
    assert {rule.person for rule in found.rules} == {"ada", "bea", "cem"}
    assert not any(rule.person == "bea" and rule.name != "pairing" for rule in found.rules)


def test_two_who_must_never_meet_and_have_one_shift_to_work():
    """Both every night of the week by what stays as it is on the Monday."""
    stays = {0: "night"}
    found = told(
        week(
            Person("ada", fixed=stays), Person("bea", fixed=stays),
            pairings=(Pairing("ada", "bea", together=False),),
        )
    )  # fmt: skip
    assert set(found.rules) == {
        Rule("fixed", "ada", day=0),
        Rule("fixed", "bea", day=0),
        Rule("pairing", "ada", what="bea"),
    }


def test_a_mix_that_no_day_can_give():
    """Nina is new, works nights alone, and nobody who is experienced works any."""
    problem = week(
        only("nina", "night", is_new=True), Person("ada", templates=frozenset({"early"})),
        Person("bea", latest_end=22 * 60), mix=1.0,
    )  # fmt: skip
    found = told(problem)
    assert set(found.rules) == {
        Rule("fewest_week_minutes", "nina"),
        Rule("templates", "nina"),
        Rule("templates", "ada"),
        Rule("latest_end", "bea"),
        Rule("mix", ""),
    }
    assert {way for way in found.ways if len(way) == 1} == {(rule,) for rule in found.rules}


def test_a_mix_is_told_beside_a_pairing_that_contradicts_something_by_itself():
    problem = week(
        only("ada", "early"), only("bea", "late"), only("nina", "night", is_new=True),
        pairings=(together("ada", "bea"),), mix=1.0,
    )  # fmt: skip
    solved = solve(problem, 0.2)
    pair, mix = solved.conflicts
    assert Rule("pairing", "ada", what="bea") in pair.rules
    assert Rule("mix", "") in mix.rules
    assert mix.people == ("ada", "bea", "nina")
    freed = all_without(problem, (*pair.ways[0], *mix.ways[0]))
    assert not broken(freed, solve(freed, 0.2).roster)


def test_soft_pairings_and_mixes_contradict_nothing():
    problem = week(
        only("ada", "early"), only("bea", "night", is_new=True),
        pairings=(together("ada", "bea"),), mix=1.0, weights=Weights({"pairing": 3, "mix": 3}),
    )  # fmt: skip
    assert solve(problem, 0.2).conflicts == ()


def test_whom_a_search_left_apart_though_they_could_meet_gets_shifts_that_keep_the_rules():
    """Ada early, Bea late on the Monday, by hand: both could work both."""
    people = (Person("ada", ONE_SHIFT), Person("bea", ONE_SHIFT), Person("cem"))
    problem = week(
        *people, pairings=(together("ada", "bea"),), needs={(0, "night"): NeedOfShape(1, 9, 0)}
    )
    grid = grid_of(problem)
    chosen = np.full(grid.size[:2], OFF, np.int64)
    chosen[0, 0], chosen[1, 0] = 0, 1
    made = tied(grid, chosen, idle=(), free=(0, 1, 2))
    assert made.is_changed
    assert not made.conflicts
    assert broken(problem, grid.roster(chosen)) == {"pairing"}
    assert not broken(problem, grid.roster(made.chosen))
    # Who is to keep what they have is left as they are.
    left = tied(grid, chosen, idle=(), free=(0, 2))
    assert (left.is_changed, left.conflicts) == (False, [])


def test_what_takes_longer_than_there_is_is_not_known_and_nothing_is_made_up():
    problem = week(only("ada", "early"), only("bea", "night"), pairings=(together("ada", "bea"),))
    grid = grid_of(problem)
    chosen = np.full(grid.size[:2], OFF, np.int64)
    chosen[0, 0], chosen[1, 0] = 0, 2
    begun = time.monotonic()
    [found] = tied(grid, chosen, idle=(), free=(0, 1), seconds=0.0).conflicts
    assert time.monotonic() - begun < 1
    assert (found.rules, found.ways, found.people) == ((), (), ("ada", "bea"))
    assert not found.is_known


def test_when_somebody_is_employed_is_named_where_it_matters():
    """Forty hours of the span from who is there on its last two days; a week that they are not
    there for asks for nothing."""
    limits = Limits(fewest_period_minutes=2400, fewest_week_minutes=2400)
    problem = week(Person("ada", limits, present=(5, 6)))
    [found] = conflicts_of(problem, ["ada"])
    assert set(found.rules) == {Rule("fewest_period_minutes", "ada"), Rule("present", "ada")}
    assert set(found.ways) == {(rule,) for rule in found.rules}


@given(problems(most_people=4))
@settings(
    max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
def test_one_model_of_all_rules_says_what_the_problem_itself_does(problem):
    """Of rules at random, kept or left out, and of those that it says contradict each other."""
    alone = possible.bound(problem, [one.id for one in problem.people], mix=True)
    clock = possible.Time.of(60)
    ruled = Ruled(alone, clock)
    for every in (1, 2, 3):
        kept = ruled.rules[::every]
        try:
            found = ruled.contradiction(kept)
            out = [one for one in ruled.rules if one not in (kept if found is None else found)]
            is_possible = possible.kept(all_without(alone, out), clock) is not None
        except possible.NotKnown:
            reject()
        assert is_possible is (found is None)


@pytest.mark.parametrize("most", [0, 2])
def test_how_many_of_a_kind_there_may_be_is_a_rule_of_each_kind(most):
    limits = Limits(most_of_template={"early": most, "late": 7}, fewest_week_days=3)
    person = Person("ada", limits, templates=frozenset({"early"}))
    problem = week(person)
    [found] = conflicts_of(problem, ["ada"])
    assert set(found.rules) == {
        Rule("most_of_template", "ada", what="early"),
        Rule("templates", "ada"),
        Rule("fewest_week_days", "ada"),
    }
    assert not conflicts_of(replace(problem, people=(replace(person, templates=None),)), ["ada"])
