"""Who was taught what in a centre with a long past."""

from datetime import date, timedelta
from itertools import pairwise

from ccm.demo.floor import Bench
from ccm.demo.lessons import SITE, TEACHERS, lessons, taught
from ccm.demo.people import hire

FIRST = date(2024, 12, 1)


def test_a_short_past_has_no_lessons_and_a_longer_one_begins_with_the_same():
    crew = hire(1, 120, FIRST)
    assert lessons(crew, 1, FIRST, 299) == []
    year, two = lessons(crew, 1, FIRST, 365), lessons(crew, 1, FIRST, 730)
    assert two[: len(year)] == year
    assert {one.teacher for one in year} == {*TEACHERS}
    # One of each teacher in each four weeks that are whole, from sixteen weeks on: nine of a year.
    assert len(year) == 27


def test_lessons_are_on_workdays_of_agents_who_are_there_and_rest_between():
    crew = hire(1, 120, FIRST)
    given = lessons(crew, 1, FIRST, 730)
    here = {one.alias: one for one in crew.of(SITE.name)}
    for one in given:
        assert one.day.weekday() < 5
        assert here[one.alias].hired_on <= one.day - timedelta(days=112)
        assert here[one.alias].left_on is None
    for alias in here:
        days = [one.day for one in given if one.alias == alias]
        assert all(later - earlier > timedelta(days=112) for earlier, later in pairwise(days))


def test_what_was_learned_holds_from_the_day_after_on_and_adds_up():
    crew = hire(1, 120, FIRST)
    given = lessons(crew, 1, FIRST, 730)
    one = given[0]
    person = next(each for each in taught(crew, given).people if each.alias == one.alias)
    assert person.learned[0] == (one.day + timedelta(days=1), one.teacher.talk)
    bench = Bench((0,), talk=2.0, acw=1.0, missed=0.0, learned=((100, 0.9), (200, 0.5)))
    assert [bench.talk_at(moment) for moment in (99, 100, 200)] == [2.0, 1.8, 0.9]
