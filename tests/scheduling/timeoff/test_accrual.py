"""What a leave year brings, and when: by hand, and to the minute however it is cut."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.timeoff import Accrual, Credit, Spell, Terms, credits

NEW_YEAR = date(2025, 1, 1)
THIRTY_DAYS = 30 * 480  # 14,400 minutes: of each month 1,200
ALWAYS = (Spell(date(2020, 1, 1)),)


def test_all_at_once_is_there_on_the_first_day_of_the_leave_year():
    assert credits(Terms(THIRTY_DAYS), ALWAYS, NEW_YEAR) == (Credit(NEW_YEAR, 14_400),)


def test_by_months_a_twelfth_comes_on_the_first_day_of_each():
    brought = credits(Terms(THIRTY_DAYS, Accrual.MONTHLY), ALWAYS, NEW_YEAR)
    assert brought == tuple(Credit(date(2025, month, 1), 1_200) for month in range(1, 13))


def test_in_arrears_a_month_is_credited_on_the_day_after_it():
    brought = credits(Terms(THIRTY_DAYS, Accrual.MONTHLY, in_arrears=True), ALWAYS, NEW_YEAR)
    assert [one.day for one in brought] == [
        *(date(2025, month, 1) for month in range(2, 13)),
        date(2026, 1, 1),
    ]


def test_months_of_a_leave_year_begin_on_its_own_day():
    terms = Terms(THIRTY_DAYS, Accrual.MONTHLY, year_begins=(4, 6))
    brought = credits(terms, ALWAYS, date(2025, 4, 6))
    assert [brought[0].day, brought[8].day, brought[9].day, brought[11].day] == [
        date(2025, 4, 6), date(2025, 12, 6), date(2026, 1, 6), date(2026, 3, 6),
    ]  # fmt: skip


def test_pay_periods_are_cut_by_the_end_of_the_leave_year():
    """Of 365 minutes each day earns one. Fortnights from 8 January: 1 to 7 January is a week of a
    fortnight, 24 to 31 December eight days; 7 + 25 x 14 + 8 = 365."""
    terms = Terms(365, Accrual.PAY_PERIOD, pay_periods_from=date(2025, 1, 8))
    brought = credits(terms, ALWAYS, NEW_YEAR)
    assert [one.minutes for one in brought] == [7, *[14] * 25, 8]
    assert [one.day for one in brought[:3]] == [NEW_YEAR, date(2025, 1, 8), date(2025, 1, 22)]
    assert brought[-1].day == date(2025, 12, 24)


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        # 1 July to 31 December are 184 of 365 days: 14,400 x 184 / 365 = 7,259.18
        ([Spell(date(2025, 7, 1))], Credit(date(2025, 7, 1), 7_259)),
        # 1 January to 30 June are 181: 14,400 x 181 / 365 = 7,140.82
        ([Spell(date(2020, 1, 1), date(2025, 6, 30))], Credit(NEW_YEAR, 7_141)),
        ([Spell(date(2020, 1, 1), share=Fraction(1, 2))], Credit(NEW_YEAR, 7_200)),
        # Half of the first part and the whole of the second: 3,570.41 + 7,259.18 = 10,829.59
        (
            [
                Spell(date(2025, 7, 1)),
                Spell(date(2020, 1, 1), date(2025, 6, 30), Fraction(1, 2)),
            ],
            Credit(NEW_YEAR, 10_830),
        ),
    ],
)
def test_who_comes_leaves_or_changes_hours_has_their_part(spells, expected):
    assert credits(Terms(THIRTY_DAYS), spells, NEW_YEAR) == (expected,)


def test_three_days_a_week_of_the_statutory_weeks_are_16_8_days():
    """As the United Kingdom's government reckons it: 5.6 weeks a year, which are 28 days for five
    days a week and 16.8 for three. https://www.gov.uk/holiday-entitlement-rights"""
    terms = Terms(28 * 480, Accrual.MONTHLY)
    brought = credits(terms, [Spell(date(2020, 1, 1), share=Fraction(3, 5))], NEW_YEAR)
    assert Fraction(sum(one.minutes for one in brought), 480) == Fraction("16.8")


def test_five_whole_months_are_five_twelfths():
    """Hired on 1 August: section 5 of the German Bundesurlaubsgesetz gives a twelfth of the year
    for each whole month. 24 days make ten."""
    terms = Terms(24 * 480, Accrual.MONTHLY, in_arrears=True)
    brought = credits(terms, [Spell(date(2025, 8, 1))], NEW_YEAR)
    assert sum(one.minutes for one in brought) == 10 * 480
    assert brought[0] == Credit(date(2025, 9, 1), 960)


def test_who_leaves_in_a_month_has_its_days_on_the_day_after_the_last():
    """To 10 April: ten of thirty days of 1,200 minutes."""
    terms = Terms(THIRTY_DAYS, Accrual.MONTHLY, in_arrears=True)
    brought = credits(terms, [Spell(date(2020, 1, 1), date(2025, 4, 10))], NEW_YEAR)
    assert brought[-1] == Credit(date(2025, 4, 11), 400)


def test_roundings_do_not_add_up():
    """Of 100 minutes a month is 8.33: after the first 8, the second 17 (16.67), the third 25."""
    brought = credits(Terms(100, Accrual.MONTHLY), ALWAYS, NEW_YEAR)
    assert [one.minutes for one in brought] == [8, 9, 8] * 4


@given(
    minutes=st.integers(0, 30_000),
    accrual=st.sampled_from(Accrual),
    in_arrears=st.booleans(),
    length=st.integers(1, 400),
    anchor=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    begins=st.tuples(st.integers(1, 12), st.integers(1, 28)),
    year=st.integers(2001, 2039),
    cuts=st.sets(st.integers(1, 364), max_size=6),
)
def test_credits_add_up_to_the_entitlement_however_it_is_split(
    minutes, accrual, in_arrears, length, anchor, begins, year, cuts
):
    terms = Terms(
        minutes, accrual, in_arrears, begins, pay_period_days=length, pay_periods_from=anchor
    )
    start = date(year, *begins)
    edges = [start, *(start + timedelta(cut) for cut in sorted(cuts)), date(year + 1, *begins)]
    spells = [Spell(one, other - timedelta(1)) for one, other in pairwise(edges)]
    brought = credits(terms, spells, start)
    assert sum(one.minutes for one in brought) == minutes
    assert all(one.minutes > 0 for one in brought)
    assert [one.day for one in brought] == sorted(one.day for one in brought)


@pytest.mark.parametrize(
    "said",
    [
        {"year_minutes": -1},
        {"year_minutes": 1, "carries": -1},
        {"year_minutes": 1, "pay_period_days": 0},
        {"year_minutes": 1, "year_begins": (1, 29)},
        {"year_minutes": 1, "carried_until": (2, 29)},
        {"year_minutes": 1, "year_begins": (13, 1)},
    ],
)
def test_terms_that_cannot_be_are_refused(said):
    with pytest.raises(ValueError, match=r"."):
        Terms(**said)
