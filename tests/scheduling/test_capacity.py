"""Months ahead, by worked examples and by what must hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.scenarios.capacity import Staff, hiring, planned


def a_staff(**more):
    return Staff(**{"people": 10.0, "paid_hours": 160.0, **more})


def test_what_a_month_takes_with_and_without_shrinkage():
    [month] = planned([1120.0], a_staff(shrinkage=Decimal("0.3")), [0])
    assert (month.needed_on_calls, month.needed) == (7.0, pytest.approx(10.0))
    assert month.gap == pytest.approx(0, abs=1e-9)


def test_people_leave_at_a_steady_rate_new_ones_too():
    months = planned([0.0] * 3, a_staff(attrition=0.1), [0, 10, 0])
    assert [month.paid for month in months] == pytest.approx([10, 19, 17.1])


def test_who_is_new_is_trained_and_then_does_a_growing_share():
    months = planned([0.0] * 5, a_staff(training_months=1, ramp=(0.5, 0.8)), [4, 0, 0, 0, 0])
    assert [month.there for month in months] == pytest.approx([10, 12, 13.2, 14, 14])
    assert [month.paid for month in months] == [14] * 5


def test_overtime_is_work_of_the_same_people():
    [month] = planned([1760.0], a_staff(overtime=0.1), [0])
    assert month.needed == pytest.approx(10.0)


def test_without_shrinkage_overtime_is_worked_too():
    """Ten do 1,760 hours with a tenth of overtime; of four fifths for calls it takes 12.5."""
    [month] = planned([1760.0], a_staff(overtime=0.1, shrinkage=Decimal("0.2")), [0])
    assert (month.needed_on_calls, month.needed) == pytest.approx((10.0, 12.5))


def test_people_leave_from_the_month_on_in_which_they_were_counted():
    def there(counted_before):
        staff = a_staff(attrition=0.1, counted_before=counted_before)
        return [month.there for month in planned([0.0] * 3, staff, [0, 0, 0])]

    assert there(2) == pytest.approx([8.1, 7.29, 6.561])
    # Counted in the second month: nobody is told to have been there before beside them.
    assert there(-1) == pytest.approx([10, 10, 9])


def test_who_began_since_then_is_there_as_long_as_they_have_been():
    """Ten were counted two months before the first, and four began a month later: they are trained
    in that month, do half in the first of these, and all from the second on."""
    staff = a_staff(counted_before=2, begun=((1, 4),), training_months=1, ramp=(0.5,))
    months = planned([0.0] * 3, staff, [0, 0, 0])
    assert [month.there for month in months] == pytest.approx([12, 14, 14])
    assert [month.paid for month in months] == [14] * 3
    assert [month.hired for month in months] == [0] * 3
    leaving = planned([0.0], a_staff(attrition=0.1, counted_before=2, begun=((1, 4),)), [0])
    assert leaving[0].there == pytest.approx(10 * 0.9**2 + 4 * 0.9)


def test_all_who_are_paid_cost():
    [month] = planned([0.0], a_staff(cost_per_hour=20.0, training_months=2), [5])
    assert month.cost == 15 * 160 * 20


def test_people_begin_as_late_as_they_are_ready_in_time():
    """Twelve are needed from the fifth month on; a month of training, a month of half work."""
    hours = [1600.0] * 4 + [1920.0] * 2
    found = hiring(hours, a_staff(training_months=1, ramp=(0.5,)))
    assert found.hires == [0, 0, 2, 0, 0, 0]
    assert found.late == []


def test_where_it_is_too_late_it_is_said_and_the_next_who_can_help_begin_at_once():
    found = hiring([1920.0] * 3, a_staff(training_months=1, ramp=(0.5,)))
    assert found.late == [0]
    # Four who do half in the second month; in the third they do all.
    assert found.hires == [4, 0, 0]


def test_who_leaves_is_made_up_for():
    staff = a_staff(attrition=0.05)
    hours = [10.0 * 160] * 12
    found = hiring(hours, staff)
    assert all(month.gap >= -1e-9 for month in planned(hours, staff, found.hires))
    assert sum(found.hires) >= 5


@given(
    hours=st.lists(st.floats(0, 5000), min_size=1, max_size=18),
    people=st.floats(0, 40),
    attrition=st.floats(0, 0.2),
    training=st.integers(0, 3),
    ramp=st.lists(st.floats(0.1, 1.0), max_size=3).map(lambda one: tuple(sorted(one))),
)
def test_no_month_lacks_people_that_could_have_them(hours, people, attrition, training, ramp):
    staff = a_staff(people=people, attrition=attrition, training_months=training, ramp=ramp)
    found = hiring(hours, staff)
    lacking = {
        number
        for number, month in enumerate(planned(hours, staff, found.hires))
        if month.gap < -1e-6
    }
    assert lacking <= {*found.late}
    assert all(number < training for number in found.late)


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": -1.0}, {"paid_hours": 0.0}, {"attrition": 1.0}, {"ramp": (0.0,)},
        {"shrinkage": Decimal(1)}, {"overtime": -0.1},
    ],
)  # fmt: skip
def test_people_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        a_staff(**wrong)


def test_hires_are_told_of_each_month():
    with pytest.raises(ValueError, match="each month"):
        planned([1.0, 2.0], a_staff(), [1])


def test_who_is_told_to_begin_is_counted_and_the_rest_begins_beside():
    """Twelve are needed from the fifth month on, and one is to begin in the first."""
    hours = [1600.0] * 4 + [1920.0] * 2
    found = hiring(hours, a_staff(training_months=1, ramp=(0.5,)), [1, 0, 0, 0, 0, 0])
    assert found.hires == [1, 0, 1, 0, 0, 0]


def test_nobody_begins_before_they_can_be_recruited():
    """Twelve are needed from the third month on; nobody can begin before it."""
    hours = [1600.0] * 2 + [1920.0] * 3
    found = hiring(hours, a_staff(training_months=1), earliest=2)
    assert found.hires == [0, 0, 2, 0, 0]
    assert found.late == [2]
    assert hiring(hours, a_staff(training_months=1), earliest=9).late == [2, 3, 4]


def test_overtime_costs_as_far_as_it_is_worked():
    """Ten do 1,600 hours; of 1,680 eighty are worked beyond them, of 2,000 at most 160."""
    staff = a_staff(overtime=0.1, cost_per_hour=20.0)
    months = planned([1600.0, 1680.0, 2000.0], staff, [0, 0, 0])
    assert [month.overtime_hours for month in months] == pytest.approx([0, 80, 160])
    assert [month.cost for month in months] == pytest.approx([32_000, 33_600, 35_200])


def test_for_months_that_come_too_soon_nobody_need_be_hired_whom_later_ones_do_not_need():
    """Twelve are needed at once; a month of training, a month of half work, then all of it."""
    staff = a_staff(training_months=1, ramp=(0.5,))
    found = hiring([1920.0] * 4, staff, in_part=False)
    assert found.hires == [2, 0, 0, 0]
    assert found.late == [0, 1]
    # Of ten in the last month nobody more is hired for the ones before.
    assert hiring([1920.0] * 2 + [1600.0] * 2, staff, in_part=False).hires == [0, 0, 0, 0]
