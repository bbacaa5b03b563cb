"""The ledger of a site from its published rosters."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ccm.models import Leave
from scheduling import burdens
from scheduling.fairness import Burden
from scheduling.models import KeptWish, RosterEdit, ShiftChange, SiteRules
from scheduling.rosters import asked, kept
from scheduling.shifts import Demand
from scheduling.terms.skills import of_queue
from tests.builders import a_queue, a_queue_group, a_site, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, a_roster, a_shift, published
from tests.scheduling.terms.builders import (
    a_contract,
    a_template,
    an_availability,
    skilled,
    with_contract,
)

pytestmark = pytest.mark.django_db
# The Sunday that ends the week of the rosters.
SUNDAY = MONDAY + 6 * DAY
NOW = datetime(2026, 3, 22, 12, tzinfo=UTC)


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def roster(site):
    return published(a_roster(site))


def a_night(roster, agent, day=MONDAY, **more):
    """From ten in the evening to six, UTC."""
    begins = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=22)
    ends = begins + timedelta(hours=8)
    return a_shift(roster, agent, day, begins_at=begins, ends_at=ends, **more)


def lines(site, burden=Burden.NIGHT, now=NOW):
    book = burdens.of_site(site, now)
    found = book.ledger.accounts[burden].lines
    return {one.name: found[str(one.pk)] for one in book.agents}


def test_who_works_half_the_hours_could_have_borne_half(site, roster):
    """The example of docs/rostering.md: six nights, one at full time and one at half time have six
    and three opportunities: four and two are fair, both 2/3."""
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    with_contract(ada, a_contract(site, week_minutes=2400))
    with_contract(bea, a_contract(site, "Half", is_full_time=False, week_minutes=1200))
    for day, agent in enumerate([ada, ada, ada, ada, bea, bea]):
        a_night(roster, agent, MONDAY + day * DAY)
    found = lines(site)
    assert (found["Ada"].burden, found["Ada"].eligible) == (4, 6)
    assert (found["Bea"].burden, found["Bea"].eligible) == (2, 3)
    assert found["Ada"].ratio == found["Bea"].ratio == pytest.approx(2 / 3)


def test_a_shift_is_what_the_site_says_it_is(site, roster):
    """On Sunday, from noon to four and from six to nine in the evening: a weekend, a late and a
    split shift, and no night; on Good Friday a holiday."""
    ada = an_agent(site, "Ada")
    at = datetime.combine(SUNDAY, datetime.min.time(), UTC)
    noon, four, six, nine = (at + timedelta(hours=hour) for hour in (12, 16, 18, 21))
    spells = [[noon.isoformat(), four.isoformat()], [six.isoformat(), nine.isoformat()]]
    a_shift(roster, ada, SUNDAY, begins_at=noon, ends_at=nine, spells=spells)
    counted = {burden: lines(site, burden)["Ada"].burden for burden in Burden}
    assert counted == {"weekend": 1, "night": 0, "late": 1, "split": 1, "holiday": 0}


def test_a_holiday_is_one_of_the_sites_calendar(site):
    site.country = "GB"
    site.save()
    good_friday = date(2026, 4, 3)
    roster = published(a_roster(site, first_day=date(2026, 3, 30)))
    a_shift(roster, an_agent(site, "Ada"), good_friday)
    found = lines(site, Burden.HOLIDAY, datetime(2026, 4, 5, 12, tzinfo=UTC))
    assert found["Ada"].burden == 1


def test_drafts_and_what_is_longer_ago_count_nothing(site, roster):
    SiteRules.objects.create(site=site, fairness_weeks=1)
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    a_night(a_roster(site, first_day=MONDAY), ada)
    a_night(published(a_roster(site, first_day=MONDAY - 7 * DAY)), ada, MONDAY - DAY)
    a_night(roster, bea, MONDAY)
    assert {name: line.burden for name, line in lines(site).items()} == {"Ada": 0, "Bea": 1}


def test_who_was_away_or_had_said_they_cannot_had_no_opportunity(site, roster):
    """Nights of Monday and Tuesday: Bea was on holiday on Monday, and Cid cannot on Tuesdays from
    ten in the evening; Dot was there for both."""
    ada, bea, cid, _dot = (an_agent(site, name) for name in ("Ada", "Bea", "Cid", "Dot"))
    a_night(roster, ada, MONDAY)
    a_night(roster, ada, MONDAY + DAY)
    Leave.objects.create(agent=bea, kind="holiday", first_on=MONDAY, last_on=MONDAY)
    an_availability(cid, "must_not", weekday=1, from_minute=22 * 60, to_minute=30 * 60)
    found = lines(site)
    assert {name: line.eligible for name, line in found.items()} == {
        "Ada": 2, "Bea": 1, "Cid": 1, "Dot": 2,
    }  # fmt: skip


def test_between_two_contracts_nobody_can_be_given_anything(site, roster):
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    full = a_contract(site)
    with_contract(bea, full, ends_on=MONDAY + DAY)
    with_contract(bea, full, starts_on=MONDAY + 3 * DAY)
    for day in range(4):
        a_night(roster, ada, MONDAY + day * DAY)
    assert lines(site)["Bea"].eligible == 2  # Monday's, which reaches into Tuesday, and Thursday's


def test_what_was_wished_for_and_granted_is_no_burden(site, roster):
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    for agent in (ada, bea):
        a_night(roster, agent)
    KeptWish.objects.create(roster=roster, agent=ada, day=MONDAY, wants=True, is_refused=False)
    found = lines(site)
    assert (found["Ada"].burden, found["Ada"].wished) == (0, 1)
    assert (found["Bea"].burden, found["Bea"].wished) == (1, 0)


def changed(roster, agent, why, number, **more):
    edit = RosterEdit.objects.create(roster=roster, number=number, why=why, made_at=NOW)
    said = {"day": MONDAY, "is_published": True} | more
    ShiftChange.objects.create(edit=edit, agent=agent, **said)


def test_what_somebody_took_of_their_own_accord_is_wished_for(site, roster):
    ada = an_agent(site, "Ada")
    a_night(roster, ada)
    changed(roster, ada, RosterEdit.Why.SWAP, 1)
    assert (lines(site)["Ada"].burden, lines(site)["Ada"].wished) == (0, 1)


def test_what_planners_changed_later_was_not_wished_for(site, roster):
    ada = an_agent(site, "Ada")
    a_night(roster, ada)
    KeptWish.objects.create(roster=roster, agent=ada, day=MONDAY, wants=True, is_refused=False)
    changed(roster, ada, RosterEdit.Why.HAND, 1, is_published=False)
    assert lines(site)["Ada"].burden == 0  # as a draft: it was published so
    changed(roster, ada, RosterEdit.Why.REPAIR, 2)
    assert lines(site)["Ada"].burden == 1


def test_a_roster_of_a_group_is_shared_by_who_serves_it(site):
    sales, support = a_queue(site, "Sales"), a_queue(site, "Support")
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    skilled(ada, sales)
    skilled(bea, sales)
    skilled(cid, support)
    roster = published(a_roster(site, group=a_queue_group(sales)))
    a_night(roster, ada)
    found = lines(site)
    assert {name: line.eligible for name, line in found.items()} == {"Ada": 1, "Bea": 1, "Cid": 0}


def asked_for(roster, hours):
    """Have it kept that one is asked for, of each skill in these hours of every day."""
    required = np.zeros((len(hours), 7 * 24))
    for row, of_day in enumerate(hours.values()):
        for hour in of_day:
            required[row, hour::24] = 1
    said = asked.Asked(Demand(60, required, tuple(hours)), ())
    asked.keep(roster, said, NOW)


@pytest.fixture
def two_queues(site):
    """Breakdowns are asked for day and night, bills from eight to eight; Ada and Bea take the one
    and Cid the other."""
    breakdowns, bills = a_queue(site, "Breakdowns"), a_queue(site, "Bills")
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    for agent, queue in ((ada, breakdowns), (bea, breakdowns), (cid, bills)):
        skilled(agent, queue)
    hours = {of_queue(breakdowns.pk): range(24), of_queue(bills.pk): range(8, 20)}
    return ada, bea, cid, hours


def test_a_night_is_an_opportunity_only_of_who_takes_what_is_asked_for_at_night(
    site, roster, two_queues
):
    """From ten to six, and from half past midnight to nine: bills, which are asked for in the last
    of its hours, are not what that one is for."""
    ada, _bea, _cid, hours = two_queues
    asked_for(roster, hours)
    a_night(roster, ada)
    begins = datetime.combine(MONDAY + 3 * DAY, datetime.min.time(), UTC) + timedelta(minutes=30)
    ends = begins + timedelta(minutes=510)
    a_shift(roster, ada, MONDAY + 3 * DAY, begins_at=begins, ends_at=ends)
    found = lines(site)
    assert {name: line.eligible for name, line in found.items()} == {"Ada": 2, "Bea": 2, "Cid": 0}
    assert [found[name].expected for name in ("Ada", "Bea", "Cid")] == [1, 1, 0]
    assert found["Cid"].ratio is None


def test_a_shift_is_an_opportunity_of_all_who_take_something_for_most_of_it(
    site, roster, two_queues
):
    """A late from two to half past ten, for six of whose hours bills are asked for, too."""
    ada, _bea, _cid, hours = two_queues
    asked_for(roster, hours)
    begins = datetime.combine(MONDAY, datetime.min.time(), UTC) + timedelta(hours=14)
    a_shift(roster, ada, begins_at=begins, ends_at=begins + timedelta(minutes=510))
    found = lines(site, Burden.LATE)
    assert {name: line.eligible for name, line in found.items()} == {"Ada": 1, "Bea": 1, "Cid": 1}


@pytest.mark.parametrize("is_kept", [False, True])
def test_where_nobody_knows_what_was_asked_for_it_is_what_who_worked_it_takes(
    site, roster, two_queues, is_kept
):
    ada, _bea, _cid, hours = two_queues
    if is_kept:
        asked_for(roster, dict.fromkeys(hours, ()))
    a_night(roster, ada)
    found = lines(site)
    assert {name: line.eligible for name, line in found.items()} == {"Ada": 1, "Bea": 1, "Cid": 0}


def test_who_takes_nothing_that_is_asked_for_at_night_is_charged_for_no_night(
    site, roster, two_queues
):
    """Both of the nights are Ada's: the group stands at 2/4, Ada at 2/2, twice that."""
    SiteRules.objects.create(site=site, fairness_price=8)
    a_template(site)
    ada, bea, cid, hours = two_queues
    asked_for(roster, hours)
    a_night(roster, ada, MONDAY)
    a_night(roster, ada, MONDAY + DAY)
    following = a_roster(site, first_day=MONDAY + 7 * DAY)
    problem = kept.problem_of(following, None, [])
    priced = burdens.priced(problem, site, following.first_day)
    cost = {one.id: one.burdens["night"] for one in priced.people}
    assert cost == {str(ada.pk): 16, str(bea.pk): 0, str(cid.pk): 0}


def test_refused_wishes_are_counted_with_their_rules(site, roster):
    ada = an_agent(site, "Ada")
    for day, is_refused, rule in ((0, False, ""), (1, True, "rest_minutes"), (2, True, "")):
        KeptWish.objects.create(
            roster=roster, agent=ada, day=MONDAY + day * DAY, wants=False,
            is_refused=is_refused, rule=rule,
        )  # fmt: skip
    found = burdens.of_site(site, NOW).ledger.refusals[str(ada.pk)]
    assert (found.asked, found.refused) == (3, 2)
    assert dict(found.rules) == {"rest_minutes": 1, "untold": 1}


def test_one_more_costs_in_proportion_to_what_somebody_bore(site, roster):
    """Three nights for Ada, one for Bea, none for Cid, of the four that each could have had: the
    group stands at 4/12, Ada at 3/4 which is 9/4 of it, Bea at 1/4 which is 3/4: at 8 for who
    stands where the group does, 18 and 6."""
    SiteRules.objects.create(site=site, fairness_price=8)
    a_template(site)
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    for day, agent in enumerate([ada, ada, ada, bea]):
        a_night(roster, agent, MONDAY + day * DAY)
    following = a_roster(site, first_day=MONDAY + 7 * DAY)
    problem = kept.problem_of(following, None, [])
    priced = burdens.priced(problem, site, following.first_day)
    cost = {one.id: one.burdens["night"] for one in priced.people}
    assert cost == {str(ada.pk): 18, str(bea.pk): 6, str(cid.pk): 0}
    assert {one.burdens["weekend"] for one in priced.people} == {8}  # nobody had one yet
    bare = tuple(replace(one, burdens={}) for one in priced.people)
    assert bare == problem.people


def test_where_it_is_not_to_be_evened_out_nothing_costs_more(site, roster):
    SiteRules.objects.create(site=site, fairness_price=0)
    a_template(site)
    a_night(roster, an_agent(site, "Ada"))
    problem = kept.problem_of(a_roster(site, first_day=MONDAY + 7 * DAY), None, [])
    assert burdens.priced(problem, site, MONDAY + 7 * DAY) is problem


@pytest.mark.parametrize("many", [1, 12])
def test_the_ledger_asks_the_same_of_one_as_of_many(site, roster, many, django_assert_num_queries):
    for number in range(many):
        agent = an_agent(site, f"Agent {number}")
        with_contract(agent, a_contract(site, f"Contract {number}"))
        a_night(roster, agent)
    # Rules, agents, wishes, shifts, what was asked for, who takes what, and four of terms.
    with django_assert_num_queries(10):
        burdens.of_site(site, NOW)
