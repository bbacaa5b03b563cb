"""The service level that a roster is likely to give."""

from decimal import Decimal

import numpy as np
import pytest

from scheduling.rosters.predicted import Work, level, shared
from scheduling.shifts import Demand
from scheduling.staffing.requirement import Aim

AIM = Aim(service_level=0.8, target_seconds=20, variant="SL1")


def demand(*required, minutes=30):
    return Demand(minutes, np.array(required, float), tuple(f"q{n}" for n in range(len(required))))


def work(*calls, aht=180.0, aim=AIM):
    return Work(np.array(calls, float), np.full(len(calls), aht), aim)


def test_ten_erlangs_on_fourteen_positions_are_the_level_of_the_tables():
    """100 calls of 180 s in half an hour: of Erlang C's 17.4 % who wait, exp(-4 * 20 / 180) wait
    longer than 20 s: 88.8 % are answered in time."""
    found = level(demand([14]), [work(100)], np.array([[1.0]]), np.array([[14.0]]))
    assert found[0] == pytest.approx(0.888, abs=0.001)


def test_with_no_more_positions_than_erlangs_nobody_is_answered_in_time():
    found = level(demand([14]), [work(100)], np.array([[1.0]]), np.array([[10.0]]))
    assert found[0] == 0


def test_where_nobody_calls_or_it_is_not_known_how_long_nothing_is_told():
    unknown = Work(np.array([0.0, 5.0]), np.array([0.0, 0.0]), AIM)
    found = level(demand([0, 0]), [unknown], np.array([[1.0]]), np.array([[1.0, 1.0]]))
    assert np.isnan(found).all()


def test_levels_of_two_queues_are_weighed_by_their_calls():
    """One queue is answered as above, 100 calls at 88.8 %; of the other nobody is there, and of its
    300 calls none is answered in time: 88.8 of 400."""
    skills, there = np.array([[1.0, 0.0]]), np.array([[14.0]])
    found = level(demand([14], [38]), [work(100), work(300)], skills, there)
    assert found[0] == pytest.approx(0.888 / 4, abs=0.001)


def test_who_takes_both_goes_where_those_who_take_one_are_missing():
    """Ten take the first alone and ten take both; ten are asked for of each."""
    skills, there = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[10.0], [10.0]])
    assert shared(np.array([[10.0], [10.0]]), skills, there)[:, 0] == pytest.approx(
        [10, 10], abs=0.4
    )


def test_people_who_all_take_both_are_shared_as_is_asked_for():
    skills, there = np.array([[1.0, 1.0]]), np.array([[12.0]])
    assert shared(np.array([[6.0], [2.0]]), skills, there)[:, 0] == pytest.approx([9, 3])


def test_somebody_fills_as_much_of_a_position_as_they_can():
    found = shared(np.array([[4.0]]), np.array([[0.5]]), np.array([[4.0]]))
    assert found[0, 0] == pytest.approx(2)


def test_what_is_asked_is_the_same_again_when_it_was_kept():
    aim = Aim(service_level=0.9, target_seconds=10, variant="SL4", shrinkage=Decimal("0.3"))
    one = work(5, aim=aim)
    again = Work.of({"calls": [5.0], "aht": [180.0], "aim": one.said()})
    assert again.aim == aim
    assert (again.calls == one.calls).all()


def test_work_of_other_skills_is_refused():
    with pytest.raises(ValueError, match="work of 0 skills for 1"):
        level(demand([1]), [], np.array([[1.0]]), np.array([[1.0]]))
