"""Who gets what, who waits, and who moves up."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.timeoff import (
    Account,
    Member,
    Order,
    Outcome,
    Policy,
    Rule,
    Spell,
    Terms,
    Use,
    calendar,
    fixed,
    settle,
)
from tests.scheduling.timeoff.made import DAY, TODAY, a_book, a_request, may, outcomes


def test_who_asked_first_is_off_and_the_next_ones_wait_with_their_places():
    book = a_book(
        a_request("cem", 6, asked=2), a_request("ann", 5, 6), a_request("bea", 6, 7, asked=1)
    )
    settled = settle(book, TODAY)
    assert outcomes(settled) == {"ann": "approved", "bea": "waitlisted", "cem": "waitlisted"}
    assert [settled.decisions[one].position for one in ("ann", "bea", "cem")] == [None, 1, 2]


def test_places_are_among_those_who_wait_for_the_same_days():
    book = a_book(
        a_request("ann", 5, 6),
        a_request("bea", 5, asked=1),
        a_request("cem", 6, asked=2),
        a_request("dan", 5, 6, asked=3),
    )
    decisions = settle(book, TODAY).decisions
    assert [decisions[one].position for one in ("bea", "cem", "dan")] == [1, 1, 3]


def test_room_that_one_who_waits_cannot_use_is_used():
    """Bea waits for the 6th; nobody has to keep the 7th for her until then."""
    book = a_book(
        a_request("ann", 6), a_request("bea", 6, 7, asked=1), a_request("cem", 7, asked=2)
    )
    assert outcomes(settle(book, TODAY)) == {
        "ann": "approved", "bea": "waitlisted", "cem": "approved",
    }  # fmt: skip


def test_two_halves_of_a_day_are_one_person():
    halves = [
        a_request(name, 5, asked=n, minutes=DAY // 2, part=(480, 720))
        for n, name in enumerate(["ann", "bea", "cem"])
    ]
    settled = settle(a_book(*halves), TODAY)
    assert outcomes(settled) == {"ann": "approved", "bea": "approved", "cem": "waitlisted"}


def test_without_a_waitlist_no_room_is_a_refusal():
    policy = Policy(waitlist=False)
    book = a_book(a_request("ann", 5), a_request("bea", 5, asked=1), policy=policy)
    assert outcomes(settle(book, TODAY)) == {"ann": "approved", "bea": "refused"}


def test_who_breaks_another_rule_does_not_wait():
    policy = Policy(closed=frozenset({may(6)}))
    book = a_book(a_request("ann", 5), a_request("bea", 5, 6, asked=1), policy=policy)
    refused = settle(book, TODAY).decisions["bea"]
    assert refused.outcome is Outcome.REFUSED
    assert refused.position is None
    assert [(one.rule, one.day) for one in refused.broken] == [
        (Rule.CLOSED, may(6)),
        (Rule.ALLOWANCE, may(5)),
    ]


def test_absences_that_nobody_asked_for_take_room():
    book = a_book(a_request("ann", 5), taken={("desk", may(5)): Fraction(1)})
    assert outcomes(settle(book, TODAY)) == {"ann": "waitlisted"}


def test_one_balance_is_not_spent_twice():
    account = Account(Terms(3 * DAY), (Spell(date(2025, 1, 1)),))
    book = a_book(
        a_request("early", 5, 6, person="ann"),
        a_request("late", 12, 13, person="ann", asked=1),
        accounts={("ann", "leave"): account},
    )
    settled = settle(book, TODAY)
    assert outcomes(settled) == {"early": "approved", "late": "refused"}
    short = settled.decisions["late"].broken
    assert [(one.rule, one.day, one.found) for one in short] == [(Rule.BALANCE, may(13), DAY)]


def test_who_has_been_here_longest_goes_first_where_seniority_counts():
    members = [
        Member("ann", date(2021, 1, 1), groups=("desk",)),
        Member("bea", date(2015, 1, 1), groups=("desk",)),
    ]
    book = a_book(a_request("ann", 5), a_request("bea", 5, asked=9), members=members)
    by_years = replace(book, order=Order.SENIORITY)
    assert outcomes(settle(book, TODAY)) == {"ann": "approved", "bea": "waitlisted"}
    assert outcomes(settle(by_years, TODAY)) == {"ann": "waitlisted", "bea": "approved"}


def test_by_fairness_the_new_one_stands_at_the_median():
    """Granted of what was asked for: ann 3/4, bea 1/4, dan 1/2; cem never asked, and stands at 1/2.
    He asked before dan."""
    told = {"ann": (4, 3), "bea": (4, 1), "cem": (0, 0), "dan": (4, 2)}
    members = [
        Member(name, date(2020, 1, 1), groups=("desk",), asked_minutes=n, granted_minutes=m)
        for name, (n, m) in told.items()
    ]
    requests = [a_request(name, 5, asked=n) for n, name in enumerate(told)]
    book = a_book(*requests, members=members, order=Order.FAIRNESS)
    assert [one.id for one in book.ordered()] == ["bea", "cem", "dan", "ann"]


def test_when_somebody_withdraws_the_first_who_fits_moves_up():
    """Ann gives the 5th and the 6th back. Bea waits for dan's 7th, too: cem moves up."""
    book = a_book(
        a_request("ann", 5, 6),
        a_request("dan", 7, asked=1),
        a_request("bea", 6, 7, asked=2),
        a_request("cem", 6, asked=3),
        a_request("eve", 6, asked=4),
    )
    before = settle(book, TODAY).book
    after = settle(before.without("ann"), TODAY)
    assert outcomes(after) == {"bea": "waitlisted", "cem": "approved", "eve": "waitlisted"}
    assert [after.decisions[one].position for one in ("bea", "eve")] == [1, 2]
    assert before.without("ann").without("ann") == before.without("ann")


def test_who_waits_is_refused_once_the_day_is_there_no_more():
    waiting = settle(a_book(a_request("ann", 5), a_request("bea", 5, asked=1)), TODAY).book
    late = settle(waiting.without("ann"), may(6))
    assert outcomes(late) == {"bea": "refused"}
    assert [one.rule for one in late.decisions["bea"].broken] == [Rule.PAST]


def test_who_gets_another_request_for_a_day_waits_for_it_no_more():
    """Ann asked for the 5th and the 6th, of which the 6th is bea's, then for the 5th alone."""
    book = a_book(
        a_request("bea", 6),
        a_request("both", 5, 6, person="ann", asked=1),
        a_request("one", 5, person="ann", asked=2),
    )
    settled = settle(book, TODAY)
    assert outcomes(settled) == {"bea": "approved", "both": "refused", "one": "approved"}
    told = settled.decisions["both"].broken
    assert (told[0].rule, told[0].day) == (Rule.OVERLAP, may(5))


def test_an_allowance_that_shrinks_takes_nothing_away():
    book = settle(a_book(a_request("ann", 5), a_request("bea", 5), most=2), TODAY).book
    less = replace(book, allowances={("desk", may(5)): fixed(0)})
    settled = settle(less, TODAY)
    assert (settled.decisions, settled.book) == ({}, less)
    [day] = calendar(less, "desk", may(5), may(5))
    assert (day.off, day.taken, day.room) == (("ann", "bea"), 2, 0)


def test_a_calendar_tells_who_is_off_and_who_waits_and_what_room_is_left():
    book = a_book(
        a_request("ann", 5, 6), a_request("bea", 6, asked=1, minutes=DAY // 2), most=Fraction(1)
    )
    settled = settle(book, TODAY).book
    told = calendar(settled, "desk", may(5), may(7))
    assert [(one.off, one.waiting, one.taken, one.room) for one in told] == [
        (("ann",), (), 1, 0),
        (("ann",), ("bea",), 1, 0),
        ((), (), 0, 1),
    ]
    [unknown] = calendar(settled, "desk", date(2025, 6, 1), date(2025, 6, 1))
    assert (unknown.most, unknown.measure, unknown.room) == (None, None, None)


def test_a_book_knows_its_people_and_kinds_and_each_request_once():
    request = a_request("ann", 5)
    with pytest.raises(ValueError, match="twice"):
        a_book(request, request)
    with pytest.raises(ValueError, match="no kind"):
        a_book(a_request("ann", 5, kind="sabbatical"))


@st.composite
def books(draw):
    """A few people who ask for days of one week, whole ones and halves."""
    requests, members = [], []
    for person in "abcd":
        members.append(
            Member(
                person,
                draw(st.dates(date(2019, 1, 1), date(2019, 1, 3))),
                groups=draw(st.sampled_from([("desk",), ("desk", "back"), ("back",)])),
                asked_minutes=draw(st.sampled_from([0, 2])),
                granted_minutes=draw(st.sampled_from([0, 1])),
            )
        )
        for n in range(draw(st.integers(0, 3))):
            part = draw(st.sampled_from([None, (480, 720), (720, 960)]))
            requests.append(
                a_request(
                    f"{person}{n}",
                    *sorted(draw(st.sets(st.integers(5, 9), min_size=1))),
                    person=person,
                    asked=draw(st.integers(0, 2)),
                    minutes=DAY if part is None else DAY // 2,
                    part=part,
                )
            )
    days = [may(day) for day in range(5, 10)]
    allowed = {
        (group, day): fixed(draw(st.fractions(0, 3, max_denominator=2)))
        for group in ("desk", "back")
        for day in days
    }
    account = Account(
        Terms(draw(st.integers(0, 10)) * DAY), (Spell(date(2025, 1, 1)),), (Use(may(20), DAY),)
    )
    policy = Policy(longest_run=4, waitlist=draw(st.booleans()))
    order = draw(st.sampled_from(Order))
    accounts = {("a", "leave"): account}
    book = a_book(*requests, members=members, policy=policy, order=order, accounts=accounts)
    return replace(book, allowances=allowed)


@given(book=books(), seed=st.integers(0, 99))
def test_the_order_in_which_requests_are_told_makes_no_difference(book, seed):
    shuffled = list(book.undecided)
    random.Random(seed).shuffle(shuffled)
    one, other = settle(book, TODAY), settle(replace(book, undecided=tuple(shuffled)), TODAY)
    assert (one.decisions, one.book) == (other.decisions, other.book)


@given(book=books())
def test_settling_twice_changes_nothing(book):
    once = settle(book, TODAY)
    twice = settle(once.book, TODAY)
    assert twice.book == once.book
    assert twice.decisions == {
        name: one for name, one in once.decisions.items() if one.outcome is Outcome.WAITLISTED
    }


@given(book=books())
def test_no_day_goes_over_its_allowance_and_nobody_is_away_twice(book):
    settled = settle(book, TODAY).book
    off = Counter()
    for one in settled.approved:
        for group in book.members[one.person].groups:
            for day in one.days:
                off[group, day.day] += Fraction(day.minutes, DAY)
    assert all(many <= book.allowances[place].most for place, many in off.items())
    moments = Counter(
        (one.person, day.day, half)
        for one in settled.approved
        for day in one.days
        for half in ((480, 720), (720, 960))
        if day.part in (None, half)
    )
    assert not moments or max(moments.values()) == 1


@given(book=books(), seed=st.integers(0, 99))
def test_a_withdrawal_takes_nothing_from_anybody_else(book, seed):
    before = settle(book, TODAY).book
    everyone = (*before.approved, *before.undecided)
    if not everyone:
        return
    gone = random.Random(seed).choice(everyone)
    after = settle(before.without(gone.id), TODAY).book
    assert {*before.approved} - {gone} <= {*after.approved}


@given(book=books())
def test_who_waits_fits_nowhere_and_every_decision_says_why(book):
    settled = settle(book, TODAY)
    assert set(settled.decisions) == {one.id for one in book.undecided}
    for one in settled.decisions.values():
        rules = {fact.rule for fact in one.broken}
        if one.outcome is Outcome.APPROVED:
            assert rules == set()
        elif one.outcome is Outcome.WAITLISTED:
            assert rules == {Rule.ALLOWANCE}
        else:
            assert rules
    places = [one.position for one in settled.decisions.values() if one.position is not None]
    assert len(places) == len(settled.book.undecided)
    assert not places or min(places) == 1


def test_what_is_under_no_allowance_takes_no_room_of_who_is():
    book = a_book(a_request("cem", 5), a_request("ann", 5, asked=1), a_request("bea", 5, asked=2))
    book = replace(
        book,
        policies={**book.policies, "duty": Policy(under_allowance=False)},
        undecided=tuple(
            replace(one, kind="duty") if one.person == "cem" else one for one in book.undecided
        ),
    )
    assert outcomes(settle(book, TODAY)) == {
        "cem": "approved", "ann": "approved", "bea": "waitlisted",
    }  # fmt: skip
