"""What people would work, what a day has and needs, and hours off in a roster."""

from datetime import date
from fractions import Fraction

import pytest

from ccm.models import Leave
from ccm.signals import names_merged
from scheduling.absences import kept, services, staffed, work
from scheduling.models import LeaveKind, LeaveOpening, LeaveRequest, LeaveRules, StaffedDay
from scheduling.tasks import time_off_due
from scheduling.terms import read
from tests.builders import a_queue, a_site, an_agent
from tests.scheduling.absences.builders import DAY, MONDAY, NOW, a_kind, asked, had, rules
from tests.scheduling.kept.builders import a_forecast, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_contract, with_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


def works(agent):
    return work.of_people([agent], agent.site, LeaveRules(site=agent.site))[agent.pk]


def week_of(agent, first=MONDAY):
    return [works(agent).by_contract(first + n * DAY) for n in range(7)]


# What somebody would work.


def test_full_time_is_eight_hours_from_monday_to_friday(site):
    assert week_of(an_agent(site)) == [480] * 5 + [0, 0]


def test_a_contracts_week_lies_on_the_first_days_on_which_the_site_is_open(site):
    """30 hours on at most four days, at a site that is closed on Mondays: 7:30 from Tuesday on."""
    site.opening = {str(day): [["08:00", "20:00"]] for day in (1, 2, 3, 4, 5)}
    ann = an_agent(site)
    with_contract(ann, a_contract(site, week_minutes=1800, most_week_days=4, is_full_time=False))
    assert week_of(ann) == [0, 450, 450, 450, 450, 0, 0]


def test_nobody_works_on_a_holiday_before_being_hired_or_without_their_contract(site):
    site.country = "DE"
    ann = an_agent(site)
    # 1 May is a Friday, and a holiday of all Germany.
    assert week_of(ann, MONDAY - 7 * DAY) == [480] * 4 + [0, 0, 0]
    ann.hired_on, ann.left_on = MONDAY + DAY, MONDAY + 3 * DAY
    assert week_of(ann) == [0, 480, 480, 0, 0, 0, 0]
    bea = an_agent(site)
    with_contract(bea, a_contract(site), ends_on=MONDAY + DAY)
    assert week_of(bea) == [480, 0, 0, 0, 0, 0, 0]


def test_a_published_roster_says_it_where_it_gives_somebody_shifts(site):
    ann, bea = an_agent(site), an_agent(site)
    roster = published(a_roster(site, first_day=MONDAY))
    a_shift(roster, ann, MONDAY + 5 * DAY, worked_minutes=300)
    a_shift(a_roster(site, first_day=MONDAY), bea, MONDAY)
    given = work.rostered([ann.pk, bea.pk], MONDAY, MONDAY + 6 * DAY)
    assert [given[ann.pk][MONDAY + n * DAY] for n in range(7)] == [0] * 5 + [300, 0]
    assert bea.pk not in given  # of a draft nothing counts
    [saturday] = works(ann).days(MONDAY + 5 * DAY, MONDAY + 5 * DAY, None, given[ann.pk])
    assert (saturday.minutes, saturday.of_minutes) == (300, 300)


def test_half_time_earns_half_and_a_full_time_contract_of_38_hours_all(site):
    half, full = an_agent(site), an_agent(site)
    with_contract(half, a_contract(site, "Half", week_minutes=1200, is_full_time=False))
    with_contract(full, a_contract(site, "Full", week_minutes=2280))
    assert [one.share for one in works(half).spells()] == [Fraction(1, 2)]
    assert [one.share for one in works(full).spells()] == [1]
    assert works(an_agent(site)).spells() == ()


# What a day has and needs.


def test_a_day_has_what_its_people_would_work_also_those_who_are_off(site):
    rules(site, 9)
    kind = a_kind(site, keeps_balance=False)
    ann, bea = an_agent(site), an_agent(site)
    an_agent(site).is_new = True
    assert staffed.contracted(site, MONDAY, MONDAY)[MONDAY] == 3 * 480
    asked(ann, kind)
    # Rosters are made around her leave: she has shifts on other days.
    roster = published(a_roster(site, first_day=MONDAY))
    a_shift(roster, ann, MONDAY + DAY)
    a_shift(roster, bea, MONDAY, worked_minutes=400)
    found = staffed.contracted(site, MONDAY, MONDAY + DAY)
    assert found == {MONDAY: 480 + 400 + 480, MONDAY + DAY: 480 + 0 + 480}


def test_a_name_that_nobody_confirmed_works_nothing(site):
    ann = an_agent(site)
    ann.is_new = True
    ann.save()
    assert staffed.contracted(site, MONDAY, MONDAY)[MONDAY] == 0


def test_required_are_positions_by_the_hours_that_they_are_asked_for(site):
    """100 calls of 180 s in a half hour take 14 positions (tests/scheduling/kept/test_demand.py):
    7 hours, and in two half hours 14."""
    a_forecast(a_queue(site), {20: 100, 21: 100}, first=MONDAY - DAY, days=2)
    found = staffed.required(site, MONDAY, MONDAY + DAY, NOW)
    assert found == {MONDAY: 14 * 60}
    # A day that another queue does not forecast is not known.
    a_forecast(a_queue(site), {20: 1}, first=MONDAY - DAY, days=1)
    assert staffed.required(site, MONDAY, MONDAY, NOW) == {}


def test_an_hour_that_comes_twice_is_needed_twice():
    site = a_site(zone="Europe/Berlin")
    sunday = date(2026, 10, 25)
    a_forecast(a_queue(site), {4: 100, 5: 100}, first=sunday - DAY, days=2)
    # From 02:00 to 03:00 fourteen positions, and once more: 28 hours.
    assert staffed.required(site, sunday, sunday, NOW) == {sunday: 28 * 60}


def test_who_asks_has_the_day_reckoned_and_the_night_reckons_all(site):
    a_kind(site, keeps_balance=False)
    a_forecast(a_queue(site), {20: 1}, first=MONDAY - DAY, days=3)
    ann = an_agent(site)
    row = asked(ann, LeaveKind.objects.get())
    # Nobody else is there: a few minutes of calls leave no whole day to spare.
    assert row.state == "waiting"
    assert StaffedDay.objects.get().day == MONDAY
    for _ in range(9):
        an_agent(site)
    time_off_due()
    time_off_due()
    row.refresh_from_db()
    assert StaffedDay.objects.count() == staffed.AHEAD_DAYS + 1


# Hours off.


def test_hours_off_are_hours_that_a_roster_keeps_free(site):
    rules(site, 9)
    ann = an_agent(site)
    asked(ann, a_kind(site, keeps_balance=False), from_minute=540, to_minute=720)
    [person] = read.people(site, MONDAY, 7)
    assert person.closed == ((540, 720),)


def test_a_whole_day_off_is_closed(site):
    rules(site, 9)
    asked(an_agent(site), a_kind(site, keeps_balance=False), MONDAY + DAY)
    [person] = read.people(site, MONDAY, 7)
    assert person.closed == ((1440, 2880),)


# Merged names.


def test_what_somebody_asked_for_goes_on_of_whom_they_become(site):
    rules(site, 9)
    kind = a_kind(site)
    loser, keeper = an_agent(site), an_agent(site)
    for one in (loser, keeper):
        had(one, kind, 80)
    asked(loser, kind)
    asked(keeper, kind)
    alone = asked(loser, kind, MONDAY + DAY)
    names_merged.send(sender=type(loser), loser=loser.pk, keeper=keeper.pk)
    assert not LeaveRequest.objects.filter(agent=loser).exists()
    stand = LeaveRequest.objects.approved().filter(agent=keeper)
    assert [one.first_on for one in stand.order_by("first_on")] == [MONDAY, MONDAY + DAY]
    assert {one.leave.agent_id for one in stand} == {keeper.pk}
    alone.refresh_from_db()
    assert alone.agent == keeper
    assert Leave.objects.count() == 2
    assert LeaveOpening.objects.count() == 1
    assert services.follow_absences(site.pk, NOW) == 0


# What is kept of it.


def test_facts_are_kept_as_they_were_said(site):
    rules(site, 1)
    row = asked(an_agent(site), a_kind(site, keeps_balance=False), MONDAY, MONDAY + 13 * DAY)
    # Of ten working days with room the tightest alone.
    told = [one["rule"] for one in row.facts]
    assert told == ["past", "notice", "closed", "overlap", "allowance"]
    [allowance] = [one for one in row.facts if one["rule"] == "allowance"]
    assert allowance["measure"] == "people"
    fact = kept.fact_of(allowance)
    assert (fact.found, fact.allowed, fact.day) == (1, 1, MONDAY)


def test_a_29_february_as_the_last_day_is_the_28th(site):
    kind = a_kind(site, carried_month=2, carried_day=29)
    assert kept.terms_of(kind).carried_until == (2, 28)


def test_what_is_not_kept_yet_goes_last():
    assert kept.request_id(9) < kept.request_id(10) < kept.request_id(None)
