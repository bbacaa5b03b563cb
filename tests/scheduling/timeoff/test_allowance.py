"""What a day allows, by its forecast or by a number."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.timeoff import Allowance, Measure, Staffed, by_forecast, fixed

DAY = 480
# Twenty people of eight hours.
TWENTY = 20 * DAY


@pytest.mark.parametrize(
    ("required", "other", "expected"),
    [
        (15 * DAY, 0, 5 * DAY),
        # 12 at the phones are 15 at work where a fifth goes to other things.
        (12 * DAY, Fraction(1, 5), 5 * DAY),
        (TWENTY, 0, 0),
        (16 * DAY, Fraction(1, 4), 0),  # 21.3 are needed of 20: short, and never below nobody
        (0, Fraction(1, 5), TWENTY),
    ],
)
def test_a_day_allows_what_its_calls_leave_to_spare(required, other, expected):
    allowed = by_forecast(Staffed(TWENTY, required, Fraction(other)))
    assert allowed == Allowance(Fraction(expected), Measure.MINUTES)


def test_what_was_planned_for_leave_is_there_on_the_busiest_day():
    allowed = by_forecast(Staffed(TWENTY, TWENTY), planned_share=Fraction(1, 10))
    assert allowed.most == 2 * DAY


def test_on_the_quietest_day_not_everybody_is_off():
    allowed = by_forecast(Staffed(TWENTY, 0), most_share=Fraction(1, 4))
    assert allowed.most == 5 * DAY


def test_half_of_a_day_is_half_of_a_person_whose_day_is_short():
    two = fixed(2)
    assert two.takes(120, 240) == Fraction(1, 2)
    assert two.takes(240, 240) == 1
    assert two.takes(0, 0) == 0


def test_minutes_are_taken_as_they_are():
    assert Allowance(Fraction(960)).takes(120, 240) == 120


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Staffed(-1, 0),
        lambda: Staffed(0, -1),
        lambda: Staffed(1, 1, Fraction(1)),
        lambda: fixed(-1),
        lambda: by_forecast(Staffed(1, 1), planned_share=Fraction(1, 2), most_share=Fraction(1, 4)),
        lambda: fixed(1).takes(481, 480),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        wrong()


@given(
    contracted=st.integers(0, 50_000),
    required=st.integers(0, 50_000),
    other=st.fractions(0, Fraction(9, 10)),
    planned=st.fractions(0, 1),
)
def test_who_is_left_is_enough_for_the_calls_unless_more_was_planned_for_leave(
    contracted, required, other, planned
):
    allowed = by_forecast(Staffed(contracted, required, other), planned_share=planned).most
    assert 0 <= allowed <= contracted
    at_calls = (contracted - allowed) * (1 - other)
    assert at_calls >= required or allowed == planned * contracted
