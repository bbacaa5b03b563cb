"""Who is compared with whom, over which periods."""

from coaching.progress.courses import (
    Standing,
    Talk,
    Why,
    counted,
    courses,
    narrowed,
    passed_over,
)


def standing(figure, group="Billing", months=20.0):
    return Standing(figure, group, months)


def steady(figure=80.0, periods=range(10), **more):
    return {period: standing(figure + period, **more) for period in periods}


def by_agent(found):
    return {one.agent: one for one in found}


def test_the_trigger_is_no_baseline_and_the_period_of_the_talk_is_left_out():
    there = {name: steady() for name in ("ada", "bo", "cy")}
    found = by_agent(courses(there, [Talk("ada", 5)]))
    # 80 and the period's number each: the mean of 1 to 3, then 4; 5 is left out.
    assert (found["ada"].earlier, found["ada"].trigger, found["ada"].after) == (82.0, 84.0, 86.0)
    assert [found[name].is_coached for name in ("ada", "bo", "cy")] == [True, False, False]
    assert {one.cell for one in found.values()} == {(5, "Billing")}


def test_colleagues_are_of_the_same_work_and_tenure():
    there = {"ada": steady(), "bo": steady(), "cy": steady(), "di": steady(group="Claims")}
    assert set(by_agent(courses(there, [Talk("ada", 5)]))) == {"ada", "bo", "cy"}
    # Of a single colleague nothing is foretold.
    del there["cy"]
    assert courses(there, [Talk("ada", 5)]) == []


def test_who_was_coached_before_is_nobodys_colleague_and_no_course_of_their_own():
    there = {name: steady() for name in ("ada", "bo", "cy", "di")}
    talks = [Talk("ada", 5), Talk("bo", 1), Talk("bo", 5)]
    found = by_agent(courses(there, talks))
    assert set(found) == {"ada", "cy", "di"}
    # Long enough ago, they are.
    there = {name: steady(periods=range(20)) for name in ("ada", "bo", "cy", "di")}
    found = courses(there, [Talk("ada", 15), Talk("bo", 10)])
    assert {one.agent for one in found if one.cell[0] == 15} == {"ada", "bo", "cy", "di"}


def test_a_colleague_whose_talk_comes_next_stays_and_how_long_is_kept():
    there = {name: steady() for name in ("ada", "bo", "cy")}
    found = courses(there, [Talk("ada", 5), Talk("bo", 6, rest=0.25)])
    fifth = by_agent(one for one in found if one.cell[0] == 5)
    assert {name: one.dose for name, one in fifth.items()} == {"ada": 1.0, "bo": 0.25, "cy": 0.0}
    assert not fifth["bo"].is_coached


def test_who_lacks_a_figure_that_it_takes_is_left_out():
    gone = {period: one for period, one in steady().items() if period != 6}
    new = steady(periods=range(3, 10))
    thin = steady(periods=range(2, 10))
    there = {"ada": steady(), "gone": gone, "new": new, "thin": thin, "bo": steady()}
    found = by_agent(courses(there, [Talk("ada", 5)]))
    assert set(found) == {"ada", "thin", "bo"}
    # 82 and 83 are known of the three.
    assert found["thin"].earlier == 82.5


def test_each_talk_that_nothing_is_told_of_has_its_why():
    there = {name: steady() for name in ("ada", "bo", "cy", "di")}
    there["gone"] = {period: one for period, one in steady().items() if period != 6}
    there["ill"] = {period: one for period, one in steady().items() if period != 4}
    there["new"] = steady(periods=range(3, 10))
    there["lone"] = steady(group="Claims")
    talks = [
        Talk("ada", 5, 0.5), Talk("ada", 5, 0.9), Talk("bo", 1), Talk("bo", 5), Talk("gone", 5),
        Talk("ill", 5), Talk("new", 5), Talk("lone", 5),
    ]  # fmt: skip
    passed = passed_over(there, talks, courses(there, talks))
    assert {(talk.agent, talk.period, talk.rest): why for talk, why in passed} == {
        ("ada", 5, 0.5): Why.SAME_PERIOD,  # the other left more of the period
        ("bo", 1, 1.0): Why.NO_EARLIER,
        ("bo", 5, 1.0): Why.COACHED_BEFORE,
        ("gone", 5, 1.0): Why.NO_AFTER,
        ("ill", 5, 1.0): Why.NO_TRIGGER,
        ("new", 5, 1.0): Why.NO_EARLIER,
        ("lone", 5, 1.0): Why.NO_COLLEAGUES,
    }
    assert next(iter(counted(passed).items())) == (Why.NO_EARLIER, 2)


def test_without_the_coached_of_others_their_colleagues_go_too():
    there = {name: steady() for name in ("ada", "bo", "cy", "di")}
    there |= {name: steady(group="Claims") for name in ("mo", "no", "po")}
    found = courses(there, [Talk("ada", 5), Talk("di", 5), Talk("mo", 5)])
    assert set(by_agent(found)) == {*there}
    # Who was coached elsewhere is nobody's colleague all the same.
    assert set(by_agent(narrowed(found, lambda one: one.agent == "ada"))) == {"ada", "bo", "cy"}
