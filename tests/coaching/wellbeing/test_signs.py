"""What of a day is a sign, and what of a week is more than usual."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.wellbeing import words
from coaching.wellbeing.signs import Day, Limits, Sign, tally, watch

MONDAY = date(2026, 2, 23)


def a_day(**more):
    return Day(**{"agent": 1, "on": MONDAY} | more)


@pytest.mark.parametrize(
    ("sign", "day", "expected"),
    [
        (Sign.OCCUPANCY, a_day(occupancy=0.88), False),  # over, not at
        (Sign.OCCUPANCY, a_day(occupancy=0.89), True),
        (Sign.OCCUPANCY, a_day(), None),
        (Sign.OVERTIME, a_day(beyond_seconds=1800), False),
        (Sign.OVERTIME, a_day(beyond_seconds=1801), True),
        (Sign.OVERTIME, a_day(beyond_seconds=-600, is_overtime=True), True),  # it was in the plan
        (Sign.OVERTIME, a_day(is_overtime=True), None),  # nobody knows whether it was worked
        (Sign.MISSED, a_day(pauses_planned=1800, pauses_done=899), True),
        (Sign.MISSED, a_day(pauses_planned=1800, pauses_done=900), False),
        (Sign.MISSED, a_day(pauses_planned=0, pauses_done=0), None),  # none was to be taken
        (Sign.LONG, a_day(pauses_planned=1800, pauses_done=3000), False),
        (Sign.LONG, a_day(pauses_planned=1800, pauses_done=3001), True),
        (Sign.LONG, a_day(pauses_planned=0, pauses_done=1201), True),
        (Sign.AGAINST, a_day(wishes=2, refused=1), True),
        (Sign.AGAINST, a_day(wishes=1), False),
        (Sign.AGAINST, a_day(), None),  # nothing was wished
    ],
)
def test_a_day_is_a_sign(sign, day, expected):
    assert day.shows(sign, Limits()) is expected


def test_what_a_site_does_not_look_for_is_no_sign():
    limits = Limits(None, None, None, None, wishes=False)
    day = a_day(occupancy=1.0, beyond_seconds=9000, pauses_planned=0, pauses_done=9000, wishes=1)
    assert {day.shows(sign, limits) for sign in Sign} == {None}
    assert watch([[day]], limits) == {}


def a_week(high, of, number=0, people=5):
    """So many of so many days over the limit, dealt out to people."""
    start = MONDAY - timedelta(weeks=number)
    return [
        Day(at % people, start + timedelta(days=at // people), 0.95 if at < high else 0.80)
        for at in range(of)
    ]


def test_days_are_counted_with_those_of_whom_something_is_known():
    week = [*a_week(3, 25), Day(9, MONDAY)]
    found = tally(Sign.OCCUPANCY, week, Limits())
    assert (found.days, found.of, found.of_people, found.share) == (3, 25, 5, 0.12)


def test_a_week_is_more_than_usual_beyond_what_weeks_vary():
    """Two or three of twenty-five days, week after week; then twenty, or four."""
    past = [a_week(2 + number % 2, 25, number) for number in range(8, 0, -1)]
    sudden = watch([*past, a_week(20, 25)], Limits(), 5)[Sign.OCCUPANCY]
    assert sudden.verdict.unusual
    assert sudden.is_more
    assert sudden.verdict.usual == pytest.approx(0.10)
    steady = watch([*past, a_week(4, 25)], Limits(), 5)[Sign.OCCUPANCY]
    assert not steady.verdict.unusual
    # Of five weeks nothing is usual.
    short = watch([*past[3:], a_week(20, 25)], Limits(), 5)[Sign.OCCUPANCY]
    assert short.verdict.usual is None
    with pytest.raises(ValueError, match="no week"):
        watch([], Limits())


def test_bounds_that_hardly_anything_is_outside_of_are_not_told():
    """One day of five in one week of eight, of one person: within 0 to over 80 %."""
    past = [[Day(1, MONDAY, occupancy=0.9 if not week and not day else 0.5) for day in range(5)]
            for week in range(8)]  # fmt: skip
    one = watch([*past, [Day(1, MONDAY, occupancy=0.5)] * 5], Limits())[Sign.OCCUPANCY]
    assert one.verdict.high - one.verdict.low > 0.5
    said = words.usual(one).replace("\xa0", " ")
    assert said == "usually 0 %; of so few days it is not told what is unlike it"
    assert words.state(one, is_more=False) == ("none", "")


def test_a_day_over_a_limit_is_seen_to_be():
    said = [*words.of_day(Day(1, MONDAY, occupancy=0.8804), Limits())]
    assert [one.replace("\xa0", " ") for one in said] == ["occupancy 88.04 %"]


@given(
    st.lists(
        st.lists(
            st.builds(
                Day,
                agent=st.integers(1, 9),
                on=st.just(MONDAY),
                occupancy=st.none() | st.floats(0, 1),
                beyond_seconds=st.none() | st.integers(-9000, 9000),
                pauses_planned=st.none() | st.integers(0, 7200),
                pauses_done=st.none() | st.integers(0, 7200),
            ),
            max_size=12,
        ),
        min_size=1,
        max_size=9,
    )
)
def test_of_fewer_than_five_people_nothing_is_told_whatever_they_did(weeks):
    for one in watch(weeks, Limits(), 5).values():
        for week in (one.now, *one.past):
            assert week.days <= week.of
            assert week.of_people >= 5 or (week.days, week.of, week.share) == (0, 0, None)
        if not one.now.of:
            assert one.verdict.p is None
