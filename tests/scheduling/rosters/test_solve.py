"""Rosters as they are made, judged by the checker that shares no code with their maker."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from scheduling import rules
from scheduling.roster.conflicts import conflicts_of, without
from scheduling.roster.grid import grid_of
from scheduling.roster.refusals import refusals_of
from scheduling.roster.repair import changes, repaired
from scheduling.roster.solve import solve
from scheduling.rules.costs import cost
from scheduling.shifts import (
    Assignment,
    Demand,
    Limits,
    NeedOfShape,
    Pairing,
    Pause,
    Person,
    Problem,
    Roster,
    Session,
    Shape,
    Wish,
)
from scheduling.shifts.days import days_of
from tests.scheduling.rosters.problems import problems

MONDAY = date(2026, 6, 1)
LUNCH = Pause("lunch", 60, 120, 240)
EARLY = Shape("early", 8 * 60, ((0, 480),), "early", pauses=(LUNCH,))
LATE = Shape("late", 12 * 60, ((0, 480),), "late", pauses=(LUNCH,))
NIGHT = Shape("night", 22 * 60, ((0, 480),), "night")
AT_RANDOM = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def hourly(*by_hour, days=1, skills=("",), **said):
    """A demand of whole positions, hour by hour of a day, the same for each of the days."""
    rows = np.array(by_hour, float).reshape(len(skills), -1)
    return Demand(60, np.tile(rows, days), skills, **said)


def hours(*spans):
    """24 hours, so many in each of the spans (from, to, how many)."""
    return [next((n for since, to, n in spans if since <= hour < to), 0) for hour in range(24)]


def hard(problem, roster):
    return [one for one in rules.check(problem, roster) if one.is_hard]


def alone(problem, solved):
    """Hard rules broken of single people who have shifts: those between people need a search, and
    how far that comes in a second is not for a test to say."""
    return [
        one
        for one in hard(problem, solved.roster)
        if one.person not in solved.without and one.rule not in ("mix", "pairing")
    ]


@given(problems(can_be_idle=True, most_people=6))
@AT_RANDOM
def test_a_roster_breaks_no_hard_rule_where_there_is_one(problem):
    solved = solve(problem, 1)
    assert (solved.without, solved.conflicts) == ((), ())
    assert not alone(problem, solved)


@given(problems(most_people=5))
@AT_RANDOM
def test_whoever_has_no_shifts_is_told_why_and_each_way_out_leads_out(problem):
    solved = solve(problem, 0.2)
    assert not alone(problem, solved)
    # Of those who have shifts what contradicts itself is between them: test_conflicts.
    told = [one for one in solved.conflicts if not set(one.people).isdisjoint(solved.without)]
    assert bool(solved.without) == bool(told)
    for conflict in told[:2]:
        for way in conflict.ways[:3]:
            freed = problem
            for rule in way:
                freed = without(freed, rule)
            assert not conflicts_of(freed, [conflict.rules[0].person])
            if len(way) > 1:  # and less of it does not
                assert conflicts_of(without(problem, way[0]), [conflict.rules[0].person])


def test_what_is_asked_for_is_covered_and_lunches_lie_where_they_are_spared():
    """Five people for a day on which two are needed from eight and four from noon till four, when
    nobody can be spared: only one placing of lunches covers it."""
    demand = hourly(*[hours((8, 10, 2), (10, 12, 1), (12, 14, 4), (14, 16, 2), (16, 20, 2))])
    problem = Problem(
        days_of(MONDAY, 1), (EARLY, LATE), tuple(Person(f"p{n}") for n in range(4)), demand
    )
    solved = solve(problem, 2)
    judged = cost(problem, solved.roster)
    assert not judged.broken
    assert judged.short == 0
    given = sorted(one.shape for mine in solved.roster.of.values() for one in mine.values())
    assert given == ["early", "early", "late", "late"]


def test_shortage_goes_by_skills_and_not_by_heads():
    """One who can take both, one of each skill: of three needed in a none can come from b."""
    demand = hourly(hours((8, 16, 2)), hours((8, 16, 1)), skills=("a", "b"))
    people = (
        Person("both", skills={"a": 1.0, "b": 1.0}),
        Person("a", skills={"a": 1.0}),
        Person("b", skills={"b": 1.0}),
        Person("b2", skills={"b": 1.0}),
    )
    plain = replace(EARLY, pauses=())
    problem = Problem(days_of(MONDAY, 1), (plain,), people, demand)
    solved = solve(problem, 1)
    assert set(solved.roster.of) in ({"both", "a", "b"}, {"both", "a", "b2"})
    assert (solved.cost, cost(problem, solved.roster).total) == (0, 0)
    assert solved.is_proven


def needs(**counts):
    return {(0, name): NeedOfShape(count, 100, 1) for name, count in counts.items()}


def test_wishes_are_granted_where_it_costs_nothing_and_refusals_say_why():
    people = (
        Person("a", wishes=(Wish(0, True, 5, "late"),)),
        Person("b", wishes=(Wish(0, True, 9, "late"),)),
        Person("c", templates=frozenset({"early"}), wishes=(Wish(0, True, 3, "late"),)),
    )
    problem = Problem(days_of(MONDAY, 1), (EARLY, LATE), people, needs=needs(early=2, late=1))
    solved = solve(problem, 1)
    assert solved.roster.on("b", 0) == Assignment("late", solved.roster.on("b", 0).activities)
    assert solved.cost == 5 + 3
    told = {one.person: one for one in refusals_of(problem, solved.roster)}
    assert set(told) == {"a", "c"}
    # One early too few and one late too many, for a wish of five.
    assert (told["a"].rules, told["a"].dearer) == ((), 100 + 1 - 5)
    assert [rule.name for rule in told["c"].rules] == ["templates"]


def test_a_wish_that_only_a_rule_between_people_refuses_names_that_rule():
    """a is to work the same as b, who cannot: that refuses her Monday. Of two new people without
    anybody experienced neither may work: that refuses c's."""
    wish = (Wish(0, wants=True, weight=5),)
    a, b = Person("a", wishes=wish), Person("b", closed=((0, 1440),))
    pairs = (Pairing("a", "b", together=True),)
    problem = Problem(days_of(MONDAY, 1), (EARLY,), (a, b), needs=needs(early=0), pairings=pairs)
    [found] = refusals_of(problem, Roster({}))
    assert [(one.name, one.what) for one in found.rules] == [("pairing", "b")]
    new = (Person("c", is_new=True, wishes=wish), Person("d", is_new=True))
    problem = Problem(days_of(MONDAY, 1), (EARLY,), new, needs=needs(early=0), mix=1.0)
    [found] = refusals_of(problem, Roster({}))
    assert [one.name for one in found.rules] == ["mix"]
    assert found.dearer == 0


def test_what_a_wish_would_cost_is_told_with_pauses_where_they_are_cheapest_for_either():
    """Nobody is asked for from twelve to one, when lunch costs nothing; from twelve on, four hours
    are short by one and five have one too many, and the wish of three is granted."""
    later = Shape("later", 12 * 60, ((0, 480),), "later")
    ann = Person("a", wishes=(Wish(0, True, 3, "later"),))
    asked = hourly(hours((8, 12, 1), (13, 16, 1)))
    problem = Problem(days_of(MONDAY, 1), (EARLY, later), (ann,), asked)
    made = solve(problem, 1).roster
    assert made.on("a", 0).shape == "early"
    [refusal] = refusals_of(problem, made)
    assert (refusal.rules, refusal.dearer) == ((), 4 * 10 + 5 * 1 - 3)


def test_refusals_end_with_the_time_there_is_or_when_somebody_says_stop():
    ann = Person("a", wishes=(Wish(0, False, 3, "early"), Wish(1, False, 3, "early")))
    problem = Problem(days_of(MONDAY, 2), (EARLY,), (ann,), hourly(hours((8, 16, 1)), days=2))
    made = solve(problem, 1).roster
    assert len(refusals_of(problem, made)) == 2
    assert refusals_of(problem, made, seconds=-1) == ()
    said = iter((False, True))
    assert len(refusals_of(problem, made, stop=lambda: next(said))) == 1


def test_people_who_belong_together_are_and_others_are_not():
    people = tuple(Person(name) for name in "abcd")
    problem = Problem(
        days_of(MONDAY, 3), (EARLY, LATE), people,
        needs={(day, n): NeedOfShape(2, 10, 10) for day in range(3) for n in ("early", "late")},
        pairings=(Pairing("a", "b", together=False), Pairing("c", "d", together=False)),
    )  # fmt: skip
    solved = solve(problem, 2)
    assert (solved.cost, hard(problem, solved.roster)) == (0, [])
    together = replace(problem, pairings=(Pairing("a", "b", together=True),))
    solved = solve(together, 2)
    assert (solved.cost, hard(together, solved.roster)) == (0, [])


def test_nobody_new_is_alone():
    people = (Person("new", is_new=True), Person("old"))
    problem = Problem(
        days_of(MONDAY, 1), (EARLY, LATE), people, needs=needs(early=1, late=1), mix=1.0
    )
    solved = solve(problem, 2)
    assert not hard(problem, solved.roster)
    assert solved.roster.on("new", 0) is None or solved.roster.on("old", 0) is not None
    assert solved.cost == 100, "one of the two shifts has nobody"


def test_a_training_is_held_when_it_can_be_and_pauses_make_room():
    problem = Problem(
        days_of(MONDAY, 1), (EARLY,), (Person("a"), Person("b")),
        hourly(hours((8, 16, 1))),
        sessions=(Session("s", "training", 120, ("a", "b"), 9 * 60, 13 * 60, together=True),),
    )  # fmt: skip
    solved = solve(problem, 1)
    assert not hard(problem, solved.roster)
    times = set()
    for person in "ab":
        activities = solved.roster.on(person, 0).activities
        assert [one.name for one in activities if one.is_pause] == ["lunch"]
        times |= {(one.start, one.end) for one in activities if not one.is_pause}
    ((start, end),) = times
    assert end - start == 120
    assert 9 * 60 <= start <= 11 * 60


def a_fortnight(**said):
    person = Limits(most_week_days=5, rest_minutes=660, most_days_in_row=5)
    return Problem(
        days_of(MONDAY, 14), (EARLY, LATE, NIGHT), tuple(Person(f"p{n}", person) for n in range(9)),
        needs={
            (day, name): NeedOfShape(2, 100, 1)
            for day in range(14)
            for name in ("early", "late", "night")
        },
        **said,
    )  # fmt: skip


def test_a_start_is_kept_where_it_is_good_and_what_stays_is_as_it_was():
    problem = a_fortnight()
    first = solve(problem, 3)
    again = solve(problem, 0.5, start=first.roster)
    assert again.cost <= first.cost
    frozen = replace(
        problem,
        people=tuple(
            replace(one, fixed={
                day: (given.shape if (given := first.roster.on(one.id, day)) else None)
                for day in range(7)
            })
            for one in problem.people
        ),
    )  # fmt: skip
    second = solve(frozen, 1)
    assert not hard(frozen, second.roster)
    assert all(change.day >= 7 for change in changes(problem, first.roster, second.roster))


def test_a_start_has_its_pauses_where_they_lie():
    """Two lunches that lie apart cover each other; were both told to be at the first place, that
    would be dearer than it is."""
    problem = a_fortnight()
    grid = grid_of(problem)
    found = solve(problem, 3).roster
    for person, days in found.of.items():
        for day, has in days.items():
            number = [one.id for one in problem.people].index(person)
            option = grid.chosen(found)[number, day]
            shape = problem.shape[has.shape]
            begin = problem.spells(day, shape)[0][0]
            lie = sorted(one.start - begin for one in has.activities)
            alike = [
                sorted(grid.pauses[n])
                for n in range(len(grid.pauses))
                if problem.shapes[grid.option_shape[n]].id == has.shape
            ]
            far = [sum(abs(a - b) for a, b in zip(one, lie, strict=True)) for one in alike]
            mine = sorted(grid.pauses[option])
            assert sum(abs(a - b) for a, b in zip(mine, lie, strict=True)) == min(far)


def test_nobody_is_asked_for_where_somebody_is_still_there_by_a_shift_before():
    """One is asked for from midnight to two and from eight on; ann is there until two."""
    early = replace(EARLY, pauses=())
    night = Shape("N", 0, ((0, 480),))
    people = (Person("ann", tail=((0, 120),), closed=((0, 1440),)), Person("bob"))
    demand = hourly([1, 1, *[0] * 6, *[1] * 8, *[0] * 8], over=1)
    problem = Problem(days_of(MONDAY, 1), (early, night), people, demand)
    solved = solve(problem, 2)
    assert {one.shape for one in solved.roster.of["bob"].values()} == {early.id}
    assert cost(problem, solved.roster).total == 0


def test_an_absence_is_mended_with_few_changes():
    problem = a_fortnight()
    first = solve(problem, 3)
    # Whoever works most from Thursday to Sunday is away then.
    ill = max(first.roster.of, key=lambda one: sum(3 <= day < 7 for day in first.roster.of[one]))
    away = replace(
        problem,
        people=tuple(
            replace(one, closed=((3 * 1440, 7 * 1440),)) if one.id == ill else one
            for one in problem.people
        ),
    )
    mended = repaired(away, first.roster, price=20, seconds=2)
    assert not hard(away, mended.roster)
    changed = changes(problem, first.roster, mended.roster)
    # Their own days, and at most as many of others', who stand in for them.
    own = [one for one in changed if one.person == ill]
    missed = [day for day in first.roster.of[ill] if 3 <= day < 7]
    assert len(missed) >= 2
    assert {one.day for one in own} >= set(missed)
    assert len(changed) <= 3 * len(missed) + 2
    assert cost(away, mended.roster).needs_under <= cost(
        away, first.roster
    ).needs_under + 100 * len(missed)


def test_who_wants_to_wait_no_longer_has_the_best_so_far():
    problem, heard = a_fortnight(), []
    solved = solve(
        problem,
        60,
        tell=lambda progress, _grid: heard.append(progress),
        stop=lambda: len(heard) > 2,
    )
    assert solved.seconds < 30
    assert not hard(problem, solved.roster)
    costs = [one.cost for one in heard]
    assert costs == sorted(costs, reverse=True)
    assert solved.cost == costs[-1]


def test_a_large_centre_is_no_other_case():
    """So many people that no solver is asked: everyone's own span, again and again."""
    shapes = tuple(
        Shape(f"s{hour}", hour * 60, ((0, 480),), "day", pauses=(LUNCH,)) for hour in range(6, 13)
    )
    limits = Limits(
        most_week_days=5, rest_minutes=660, week_rest_minutes=2160, start_band_minutes=120
    )
    people = tuple(Person(f"p{n}", limits) for n in range(130))
    asked = hours((6, 9, 20), (9, 15, 60), (15, 20, 15))
    problem = Problem(days_of(MONDAY, 14), shapes, people, hourly(asked, days=14))
    solved = solve(problem, 8)
    judged = cost(problem, solved.roster)
    assert judged.is_kept
    # 130 people of 5 days of 7 hours have 9,100 hours for the 6,930 that are asked for.
    assert judged.cover.short.sum() < 0.01 * judged.cover.required.sum()


@pytest.mark.parametrize("roster", [Roster(), Roster({"nobody": {0: Assignment("none")}})])
def test_a_start_of_others_and_an_empty_problem_are_nothing_to_fail_on(roster):
    empty = Problem(days_of(MONDAY, 3), (), ())
    assert solve(empty, 0.2, start=roster).roster == Roster()
    idle = Problem(days_of(MONDAY, 3), (EARLY,), (Person("a"),))
    assert solve(idle, 0.2, start=roster).cost == 0


@pytest.mark.parametrize(
    ("days", "shifts"), [(range(5), 0), (range(3, 5), 3), (range(7), 0)], ids=str
)
@pytest.mark.parametrize("people", [2, 7])
def test_somebody_on_leave_has_a_roster_and_works_what_is_left_of_their_week(days, shifts, people):
    """Of 40 hours in days of eight; nobody is asked for, so that nobody works more than they have
    to."""
    limits = Limits(
        fewest_week_minutes=2400, most_week_minutes=2400, fewest_week_days=5, most_week_days=5,
        fewest_period_minutes=2400,
    )  # fmt: skip
    work = [day for day in days if day < 5]
    away = Person(
        "away", limits, closed=((days[0] * 1440, (days[-1] + 1) * 1440),),
        credited=dict.fromkeys(work, 480), away=frozenset(work),
    )  # fmt: skip
    shape = replace(EARLY, pauses=(), weekdays=frozenset(range(5)))
    others = [Person(f"there{n}", limits) for n in range(people - 1)]
    demand = hourly(hours(), days=7, over=1)
    problem = Problem(days_of(MONDAY, 7), (shape,), (away, *others), demand)
    solved = solve(problem, 2)
    assert (solved.without, solved.conflicts) == ((), ())
    assert not hard(problem, solved.roster)
    assert len(solved.roster.of.get("away", {})) == shifts
    assert {len(solved.roster.of[one.id]) for one in others} == {5}


def test_an_absence_of_one_week_lowers_none_of_the_next():
    limits = Limits(fewest_week_minutes=1800, fewest_week_days=4, most_week_days=5)
    away = Person(
        "away", limits, closed=((0, 5 * 1440),),
        credited=dict.fromkeys(range(5), 480), away=frozenset(range(5)),
    )  # fmt: skip
    shape = replace(EARLY, pauses=(), weekdays=frozenset(range(5)))
    demand = hourly(hours(), days=14, over=1)
    problem = Problem(days_of(MONDAY, 14), (shape,), (away,), demand)
    solved = solve(problem, 2)
    assert not hard(problem, solved.roster)
    assert {day // 7 for day in solved.roster.of["away"]} == {1}
    assert len(solved.roster.of["away"]) == 4
