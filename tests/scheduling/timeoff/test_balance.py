"""A balance is the sum of its book."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.timeoff import (
    Account,
    Accrual,
    Balance,
    Entry,
    Opening,
    Posting,
    Shortage,
    Spell,
    Terms,
    Use,
    balance,
    entries,
    left,
    of_year,
    shortage,
)

DAY = 480
YEAR = 30 * DAY
SINCE_2024 = (Spell(date(2024, 1, 1)),)


def an_account(*uses, terms=None, spells=SINCE_2024, opening=None):
    return Account(
        terms or Terms(YEAR),
        spells,
        tuple(Use(date.fromisoformat(day), minutes) for day, minutes in uses),
        opening,
    )


def test_what_is_taken_and_what_is_planned_are_told_apart():
    account = an_account(("2024-02-01", DAY), ("2024-08-01", 2 * DAY))
    assert balance(account, date(2024, 12, 31), today=date(2024, 5, 1)) == Balance(
        on=date(2024, 12, 31),
        brought=0,
        accrued=30 * DAY,
        lapsed=0,
        taken=DAY,
        planned=2 * DAY,
    )
    assert left(account, date(2024, 12, 31)) == 27 * DAY
    assert left(account, date(2024, 7, 31)) == 29 * DAY


def test_the_list_of_a_leave_year_begins_with_what_the_one_before_left_and_adds_up():
    """30 days of 2024 with none taken: 25 of them are forfeited, 5 carried. Two are taken in 2025,
    so that 33 are left of 5 and 30."""
    account = an_account(("2025-02-03", 2 * DAY), terms=Terms(YEAR, carries=5 * DAY))
    book = of_year(account, date(2025, 12, 31))
    assert book == (
        Entry(date(2025, 1, 1), Posting.BEFORE, 30 * DAY),
        Entry(date(2025, 1, 1), Posting.FORFEITED, -25 * DAY),
        Entry(date(2025, 1, 1), Posting.ACCRUED, 30 * DAY),
        Entry(date(2025, 2, 3), Posting.USED, -2 * DAY),
    )
    assert sum(one.minutes for one in book) == 33 * DAY


def test_by_months_there_is_no_more_than_has_come():
    account = an_account(("2024-03-15", DAY), terms=Terms(YEAR, Accrual.MONTHLY))
    # Three months of two and a half days, less one.
    assert left(account, date(2024, 3, 31)) == 6 * DAY + DAY // 2


def test_no_more_than_the_cap_is_carried_and_it_lapses_after_its_last_day():
    """Of 30 days ten are left, five of which go on; two are taken by the end of March, and three
    lapse on 1 April."""
    terms = Terms(YEAR, carries=5 * DAY, carried_until=(3, 31))
    account = an_account(("2024-06-03", 20 * DAY), ("2025-03-31", 2 * DAY), terms=terms)
    assert entries(account, date(2025, 12, 31)) == (
        Entry(date(2024, 1, 1), Posting.ACCRUED, 30 * DAY),
        Entry(date(2024, 6, 3), Posting.USED, -20 * DAY),
        Entry(date(2025, 1, 1), Posting.FORFEITED, -5 * DAY),
        Entry(date(2025, 1, 1), Posting.ACCRUED, 30 * DAY),
        Entry(date(2025, 3, 31), Posting.USED, -2 * DAY),
        Entry(date(2025, 4, 1), Posting.LAPSED, -3 * DAY),
    )
    told = balance(account, date(2025, 4, 1), today=date(2025, 4, 1))
    assert (told.brought, told.lapsed, told.left) == (5 * DAY, 3 * DAY, 30 * DAY)


def test_what_is_carried_is_taken_first_and_only_up_to_its_last_day():
    terms = Terms(YEAR, carries=None, carried_until=(3, 31))
    account = an_account(("2024-06-03", 20 * DAY), ("2025-04-01", 4 * DAY), terms=terms)
    # Ten days were carried and none of them taken in time.
    assert left(account, date(2025, 3, 31)) == 40 * DAY
    assert left(account, date(2025, 4, 1)) == 26 * DAY


def test_what_may_be_taken_to_the_end_of_the_year_is_not_carried_twice():
    """30 days of 2024 lapse with 2025, whose own 30 go on to 2026."""
    account = an_account(terms=Terms(YEAR, carries=None, carried_until=(12, 31)))
    assert left(account, date(2025, 12, 31)) == 60 * DAY
    assert entries(account, date(2026, 1, 1))[-2:] == (
        Entry(date(2026, 1, 1), Posting.LAPSED, -30 * DAY),
        Entry(date(2026, 1, 1), Posting.ACCRUED, 30 * DAY),
    )
    assert left(account, date(2026, 1, 1)) == 60 * DAY


def test_the_last_day_of_what_is_carried_may_be_in_the_next_calendar_year():
    """A leave year from October: what came from the one before lapses on 1 February."""
    terms = Terms(YEAR, year_begins=(10, 1), carries=5 * DAY, carried_until=(1, 31))
    account = an_account(terms=terms, spells=(Spell(date(2023, 10, 1)),))
    assert entries(account, date(2025, 9, 30))[1:] == (
        Entry(date(2024, 10, 1), Posting.FORFEITED, -25 * DAY),
        Entry(date(2024, 10, 1), Posting.ACCRUED, 30 * DAY),
        Entry(date(2025, 2, 1), Posting.LAPSED, -5 * DAY),
    )


def test_without_a_last_day_what_is_carried_is_carried_again():
    account = an_account(terms=Terms(YEAR, carries=None))
    assert left(account, date(2026, 6, 1)) == 90 * DAY


def test_a_debt_is_carried_whole():
    account = an_account(("2024-06-03", 32 * DAY), terms=Terms(YEAR, carries=0))
    assert left(account, date(2025, 1, 1)) == 28 * DAY


def test_what_the_old_year_still_credits_is_carried_like_the_rest():
    """A twelfth for December comes on 1 January, and with it all that is left of the old year goes
    but a day."""
    terms = Terms(YEAR, Accrual.MONTHLY, in_arrears=True, carries=DAY)
    book = entries(an_account(terms=terms), date(2025, 1, 1))
    assert book[-2:] == (
        Entry(date(2025, 1, 1), Posting.ACCRUED, 1_200),
        Entry(date(2025, 1, 1), Posting.FORFEITED, DAY - YEAR),
    )


def test_with_an_opening_what_was_before_says_nothing():
    """12 days on 1 July, two of which came from last year and lapse in September; what was used
    in spring is in the twelve."""
    terms = Terms(YEAR, Accrual.MONTHLY, carried_until=(9, 30))
    account = an_account(
        ("2024-03-01", 5 * DAY),
        ("2024-08-01", DAY),
        terms=terms,
        opening=Opening(date(2024, 7, 1), 12 * DAY, carried=2 * DAY),
    )
    # With July's twelfth of 2.5 days.
    assert left(account, date(2024, 7, 1)) == 14 * DAY + DAY // 2
    # 12 + 4 x 2.5 - 1 taken - 1 lapsed.
    assert left(account, date(2024, 10, 1)) == 20 * DAY


def test_leave_is_short_on_a_later_day_for_which_it_was_granted():
    """28 days are granted for December: two are left, and three in June take one of them away."""
    account = an_account(("2024-12-02", 28 * DAY))
    assert shortage(account, [Use(date(2024, 6, 3), 2 * DAY)]) is None
    assert shortage(account, [Use(date(2024, 6, 3), 3 * DAY)]) == Shortage(date(2024, 12, 2), DAY)


def test_leave_has_to_have_come_by_the_day_on_which_it_is_taken():
    account = an_account(terms=Terms(YEAR, Accrual.MONTHLY))
    assert shortage(account, [Use(date(2024, 1, 31), 1_201)]) == Shortage(date(2024, 1, 31), 1)
    assert shortage(account, [Use(date(2024, 2, 1), 1_201)]) is None


def test_as_much_as_may_be_overdrawn_is_not_short():
    account = an_account(terms=Terms(YEAR, overdraws=DAY))
    assert shortage(account, [Use(date(2024, 6, 3), 31 * DAY)]) is None
    assert shortage(account, [Use(date(2024, 6, 3), 32 * DAY)]) == Shortage(date(2024, 6, 3), DAY)


def test_leave_that_would_be_forfeited_can_be_taken():
    """The next year's 30 days are granted already, and none is carried: this year's are free."""
    account = an_account(("2025-06-02", 30 * DAY))
    assert shortage(account, [Use(date(2024, 6, 3), 30 * DAY)]) is None


def test_a_balance_that_is_short_already_stops_nothing_that_takes_nothing():
    assert shortage(an_account(("2024-06-03", 40 * DAY)), [Use(date(2024, 7, 1), 0)]) is None


def test_two_spells_of_one_day_are_refused():
    spells = (Spell(date(2024, 1, 1)), Spell(date(2024, 5, 1)))
    with pytest.raises(ValueError, match="2024-05-01"):
        entries(an_account(spells=spells), date(2024, 6, 1))


def test_a_use_below_nothing_is_refused():
    with pytest.raises(ValueError, match="not below 0"):
        left(an_account(("2024-06-03", -1)), date(2024, 7, 1))


@st.composite
def accounts(draw):
    terms = Terms(
        year_minutes=draw(st.integers(0, 15_000)),
        accrual=draw(st.sampled_from(Accrual)),
        in_arrears=draw(st.booleans()),
        year_begins=draw(st.sampled_from([(1, 1), (4, 6), (10, 1)])),
        carries=draw(st.sampled_from([None, 0, 1_000])),
        carried_until=draw(st.sampled_from([None, (3, 31), (9, 30), (12, 31)])),
    )
    days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
    uses = draw(st.lists(st.builds(Use, days, st.integers(0, 2_000)), max_size=12))
    share = Fraction(draw(st.integers(0, 4)), 4)
    return Account(terms, (Spell(draw(days), share=share),), tuple(uses))


@given(account=accounts(), until=st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_a_balance_changes_by_the_days_entries_and_by_nothing_else(account, until):
    book = entries(account, date(2028, 1, 1))
    before = left(account, until - timedelta(1))
    assert left(account, until) - before == sum(one.minutes for one in book if one.day == until)
    # What is known of later days rewrites none before.
    assert entries(account, until) == tuple(one for one in book if one.day <= until)


@given(account=accounts(), until=st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_every_use_is_in_the_book_once_and_what_lapses_makes_no_debt(account, until):
    book = entries(account, until)
    used = -sum(one.minutes for one in book if one.why is Posting.USED)
    assert used == sum(use.minutes for use in account.uses if use.day <= until)
    total = 0
    for one in book:
        total += one.minutes
        if one.why in (Posting.LAPSED, Posting.FORFEITED):
            assert one.minutes < 0 <= total


@given(account=accounts(), today=st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_the_parts_of_a_balance_make_what_is_left(account, today):
    told = balance(account, date(2026, 12, 31), today)
    assert told.left == left(account, date(2026, 12, 31))


@given(account=accounts(), seed=st.integers(0, 99))
def test_the_order_in_which_uses_are_told_makes_no_difference(account, seed):
    shuffled = list(account.uses)
    random.Random(seed).shuffle(shuffled)
    other = Account(account.terms, account.spells, tuple(shuffled))
    assert [left(other, date(2026, month, 1)) for month in range(1, 13)] == [
        left(account, date(2026, month, 1)) for month in range(1, 13)
    ]
