"""What each rule says of a request."""

from datetime import date
from fractions import Fraction

import pytest

from scheduling.timeoff import (
    Absence,
    Account,
    DayOff,
    Fact,
    Member,
    Policy,
    Request,
    Rule,
    Spell,
    Standing,
    Terms,
    Use,
    facts,
    fixed,
)
from tests.scheduling.timeoff.made import DAY, TODAY, a_request, may

ANN = Member("ann", date(2020, 1, 1), groups=("desk",))


def broken(request, **standing):
    given = {"today": TODAY, "policy": Policy(), "member": ANN, **standing}
    given.setdefault("allowances", {("desk", may(day)): fixed(1) for day in range(1, 32)})
    return [one for one in facts(request, Standing(**given)) if not one.holds]


def test_every_rule_speaks_in_its_order_though_it_holds():
    standing = Standing(
        today=TODAY,
        policy=Policy(longest_run=10),
        member=ANN,
        account=Account(Terms(DAY), (Spell(date(2025, 1, 1)),)),
        allowances={("desk", may(5)): fixed(1)},
    )
    said = facts(a_request("ann", 5), standing)
    assert [one.rule for one in said] == list(Rule)
    assert all(one.holds for one in said)


def test_a_day_that_is_gone_cannot_be_asked_for():
    assert broken(a_request("ann", 5), today=may(5)) == []
    assert broken(a_request("ann", 5), today=may(6)) == [
        Fact(Rule.PAST, False, may(5), Fraction(-1), Fraction(0))
    ]


def test_notice_is_counted_from_the_day_of_asking():
    """Asked on 1 April for 5 May, 34 days before: room that is made later changes nothing of it."""
    request = a_request("ann", 5)
    assert broken(request, policy=Policy(notice_days=34), today=may(4)) == []
    assert broken(request, policy=Policy(notice_days=35)) == [
        Fact(Rule.NOTICE, False, may(5), Fraction(34), Fraction(35))
    ]


def test_each_closed_day_is_told_unless_nobody_would_work_it():
    policy = Policy(closed=frozenset({may(5), may(6), may(7)}))
    free = DayOff(may(7), 0, 0)
    asked = a_request("ann", 5, 6)
    request = Request("r", "ann", "leave", asked.asked_at, TODAY, (*asked.days, free))
    assert [(one.rule, one.day) for one in broken(request, policy=policy)] == [
        (Rule.CLOSED, may(5)),
        (Rule.CLOSED, may(6)),
    ]


def test_the_balance_says_where_it_is_short_and_by_how_much():
    account = Account(Terms(2 * DAY), (Spell(date(2025, 1, 1)),), (Use(date(2025, 9, 1), DAY),))
    assert broken(a_request("ann", 5), account=account) == []
    assert broken(a_request("ann", 5, 6), account=account) == [
        Fact(Rule.BALANCE, False, date(2025, 9, 1), Fraction(DAY), Fraction(0))
    ]


@pytest.mark.parametrize(
    ("own", "asked", "meets"),
    [
        (None, None, True),
        ((480, 720), None, True),
        ((480, 720), (720, 960), False),  # the morning and the afternoon
        ((480, 721), (720, 960), True),
    ],
)
def test_parts_of_a_day_overlap_by_the_clock(own, asked, meets):
    other = a_request("other", 5, person="ann", part=own, minutes=DAY // 2)
    request = a_request("ann", 5, part=asked, minutes=DAY // 2)
    said = broken(request, others=[other])
    assert [one.rule for one in said] == ([Rule.OVERLAP] if meets else [])


def test_who_is_away_without_an_end_is_away_on_every_later_day():
    ann = Member("ann", date(2020, 1, 1), absences=(Absence(may(6)),))
    assert [one.day for one in broken(a_request("ann", 5, 6, 20), member=ann)] == [may(6), may(20)]


def test_room_is_told_of_each_day_and_group():
    ann = Member("ann", date(2020, 1, 1), groups=("desk", "evening"))
    places = {(group, may(day)): fixed(2) for group in ann.groups for day in (5, 6)}
    taken = {("evening", may(6)): Fraction(3, 2)}
    request = a_request("ann", 5, 6)
    assert broken(request, member=ann, allowances=places, taken=taken) == [
        Fact(Rule.ALLOWANCE, False, may(6), Fraction(5, 2), Fraction(2), "evening")
    ]
    half = a_request("ann", 5, 6, minutes=DAY // 2)
    assert broken(half, member=ann, allowances=places, taken=taken) == []


def test_of_a_day_that_nobody_has_planned_no_room_is_known():
    assert broken(a_request("ann", 5), allowances={}) == [
        Fact(Rule.ALLOWANCE, False, may(5), Fraction(DAY), None, "desk")
    ]


def test_a_run_goes_on_through_what_adjoins():
    """5 to 9 May, and already away from 10 to 14 and on the 4th: eleven days from the 4th."""
    ann = Member("ann", date(2020, 1, 1), absences=(Absence(may(10), may(14)),))
    before = a_request("before", 4, person="ann")
    request = a_request("ann", 5, 6, 7, 8, 9)
    assert broken(request, member=ann, others=[before], policy=Policy(longest_run=11)) == []
    assert broken(request, member=ann, others=[before], policy=Policy(longest_run=10)) == [
        Fact(Rule.LONGEST_RUN, False, may(4), Fraction(11), Fraction(10))
    ]


def test_a_run_without_an_end_is_too_long_for_any_number():
    ann = Member("ann", date(2020, 1, 1), absences=(Absence(may(6)),))
    said = broken(a_request("ann", 5), member=ann, policy=Policy(longest_run=500))
    assert [one.rule for one in said] == [Rule.LONGEST_RUN]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: DayOff(may(5), 481, 480),
        lambda: DayOff(may(5), 60, 480, (600, 600)),
        lambda: a_request("ann"),
        lambda: a_request("ann", 6, 5),
        lambda: a_request("ann", 5, 5),
    ],
)
def test_requests_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        wrong()


def test_a_kind_under_no_allowance_asks_for_no_room():
    request = a_request("ann", 5)
    assert broken(request, allowances={}, policy=Policy(under_allowance=False)) == []
