"""Turnover from the days on which people were hired and left."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from ccm.access import MANAGER
from ccm.models import Agent
from kpis import formulas, rollups
from kpis.report import Question, answer
from kpis.sums.staff import People
from tests.builders import a_call, a_queue, a_site, a_user, an_agent

MARCH, END = date(2026, 3, 1), date(2026, 3, 31)
DAY = timedelta(days=1)
KPIS = [f"turnover:T{number}" for number in (1, 2, 3, 4, 5)]


def employed(site, hired, left=None, n=1):
    Agent.objects.bulk_create(
        Agent(site=site, name=f"{hired} {left} {number}", hired_on=hired, left_on=left)
        for number in range(n)
    )


def asked(site, first=MARCH, last=END, **more):
    (row,) = answer(Question(sites=[site], first=first, last=last, kpis=KPIS, **more))
    return {name.partition(":")[2]: one for name, one in row.figures.items()}


def test_twenty_of_a_hundred_left_and_forty_came():
    """100 to 120, 20 left: 20 of the mean of 110."""
    assert formulas.turnover(20, 100, 120).value == pytest.approx(0.1818, abs=0.00005)
    assert formulas.turnover_of_opening(20, 100).value == 0.2


def test_a_rate_of_73_days_tells_no_years_and_one_of_146_does():
    assert formulas.annualised(0.1, 146) == pytest.approx(0.25)
    with pytest.raises(ValueError, match="at least 90"):
        formulas.annualised(0.1, 73)


def test_nothing_is_negative():
    with pytest.raises(ValueError, match="negative"):
        formulas.turnover(-1, 100, 120)


def test_spans_that_follow_each_other_make_one():
    first = People(date(2026, 1, 1), 31, opening=10, hired=2, left=1, left_early=1, undated=3)
    second = People(date(2026, 2, 1), 28, opening=11, hired=0, left=4, undated=2)
    both = People.sum([second, first])
    assert both == People(date(2026, 1, 1), 59, 10, hired=2, left=5, left_early=1, undated=3)
    assert both.closing == second.closing == 7


@pytest.mark.django_db
def test_the_record_of_a_hundred_and_twenty():
    """80 stay; 20 leave in March, five of them hired on 1 January; 40 are hired in March. So 100 on
    28 February, 120 on 31 March."""
    site = a_site()
    employed(site, date(2024, 5, 1), n=80)
    employed(site, date(2024, 5, 1), date(2026, 3, 9), n=15)
    employed(site, date(2026, 1, 1), date(2026, 3, 9), n=5)
    employed(site, date(2026, 3, 16), n=40)
    told = asked(site)
    assert round(100 * told["T1"].value, 2) == 18.18
    assert told["T2"].value == 0.2
    assert round(100 * told["T3"].value, 2) == 4.55  # 5 of 110
    assert (told["T4"].value, told["T4"].reason) == (
        None,
        "fewer than 90 days do not tell a year's turnover",
    )
    assert [part.value for part in told["T1"].made_of] == [100, 40, 20, 5, 0, 120]
    assert (told["T5"].value, told["T5"].reason) == (None, "of nobody who left is it known why")
    assert (told["T1"].n, told["T1"].of) == (140, "people")
    whole = asked(site, date(2026, 1, 1))
    # 95 on 31 December, 45 hired, 20 left of the mean of 107.5, in 90 days.
    assert whole["T4"].value == pytest.approx(20 / 107.5 * 365 / 90)


@pytest.mark.django_db
def test_the_day_that_somebody_is_gone_from_is_the_day_of_leaving():
    site = a_site()
    employed(site, date(2025, 1, 1), n=9)
    employed(site, date(2025, 1, 1), MARCH)
    employed(site, date(2025, 1, 1), END + DAY)
    told = asked(site)["T1"].made_of
    assert [part.value for part in told] == [11, 0, 1, 0, 0, 10]
    february = asked(site, MARCH - 28 * DAY, MARCH - DAY)["T1"].made_of
    assert [part.value for part in february] == [11, 0, 0, 0, 0, 11]


@pytest.mark.django_db
def test_who_was_never_said_to_be_hired_is_counted_apart():
    site = a_site()
    employed(site, None, n=2)
    employed(site, None, MARCH)
    employed(site, None, MARCH - DAY)
    told = asked(site)["T1"]
    assert (told.value, told.reason) == (None, "nobody's day of hire is known")
    assert [(str(words), n) for words, n, *_ in told.left_out] == [
        ("people whose day of hire is not known", 3)
    ]
    employed(site, date(2025, 1, 1), MARCH)
    employed(site, date(2025, 1, 1), n=3)
    assert asked(site)["T1"].value == pytest.approx(1 / 3.5)


@pytest.mark.django_db
def test_a_site_of_nobody_and_a_queue_have_no_turnover():
    site = a_site()
    assert (asked(site)["T1"].value, asked(site)["T1"].reason) == (None, "")
    told = asked(site, queues=[a_queue(site)])["T1"]
    assert (told.value, told.reason) == (None, "who comes and goes is not kept by this")


@pytest.mark.django_db
def test_several_picked_turn_over_and_nobody_does_alone():
    """Of two that were there one left: 1 of the mean of 2 and 1. By site there is one of each."""
    site, far = a_site(), a_site()
    employed(site, date(2025, 1, 1), n=2)
    employed(far, date(2025, 1, 1))
    ann, ben = Agent.objects.filter(site=site)
    Agent.objects.filter(pk=ann.pk).update(left_on=MARCH)
    assert asked(site, agents=[ann, ben])["T1"].value == pytest.approx(1 / 1.5)
    assert asked(site, agents=[ann, ben], only={"weekday": [1]})["T1"].value is None
    alone = asked(site, agents=[ann])["T1"]
    assert (alone.value, alone.reason) == (None, "who comes and goes is not kept by this")
    pair = [ben, Agent.objects.get(site=far)]
    for one in pair:
        a_call(a_queue(one.site), agent=one)
    rollups.rebuild()
    rows = answer(
        Question(
            sites=[site, far], first=MARCH, last=END, by="site", agents=pair, kpis=["turnover"]
        )
    )
    assert [row.figures["turnover"].value for row in rows] == [None, None]


@pytest.mark.django_db
def test_people_alone_make_no_row_of_a_day():
    site = a_site()
    employed(site, date(2025, 1, 1))
    assert answer(Question(sites=[site], first=MARCH, last=END, by="day", kpis=KPIS)) == []


@pytest.mark.django_db
def test_sites_are_told_apart():
    first, second = a_site(), a_site()
    for site, stays in ((first, 3), (second, 7)):
        a_call(a_queue(site), agent=an_agent(site))
        employed(site, date(2025, 1, 1), n=stays)
        employed(site, date(2025, 1, 1), MARCH)
    rollups.rebuild()
    rows = answer(
        Question(sites=[first, second], first=MARCH, last=END, by="site", kpis=["turnover:T2"])
    )
    assert [row.figures["turnover:T2"].value for row in rows] == [1 / 4, 1 / 8]


@pytest.mark.django_db
def test_days_before_the_record_begins_are_in_no_turnover():
    """The record is of March, from a call on its first day. A list of today knows nobody who was
    gone before: 2 of 20 left in 31 days, of the mean of 19; of a year nothing is told. Once it
    knows who left on 1 January, the record of leavers begins then: 3 of 21 in 90 days."""
    site = a_site()
    a_call(a_queue(site), datetime(2026, 3, 1, 9, tzinfo=UTC))
    rollups.rebuild()
    employed(site, date(2024, 5, 1), n=18)
    employed(site, date(2024, 5, 1), date(2026, 3, 9), n=2)
    told = asked(site, END - 364 * DAY)
    assert told["T1"].value == pytest.approx(2 / 19)
    assert [part.value for part in told["T1"].made_of] == [20, 0, 2, 0, 0, 18]
    assert (told["T4"].value, told["T4"].reason) == (
        None,
        "fewer than 90 days do not tell a year's turnover",
    )
    assert [(str(words), n) for words, n, *_ in told["T1"].left_out] == [
        ("days of which nobody knows who left, before the record begins", 334)
    ]
    before = asked(site, MARCH - 30 * DAY, MARCH - DAY)["T1"]
    reason = "nobody knows who left: the days are before the record begins"
    assert (before.value, before.reason) == (None, reason)
    employed(site, date(2024, 5, 1), date(2026, 1, 1))
    told = asked(site, END - 364 * DAY)
    assert told["T1"].value == pytest.approx(3 / 19.5)
    assert told["T4"].value == pytest.approx(3 / 19.5 * 365 / 90)


@pytest.mark.django_db
def test_of_several_sites_together_the_days_are_those_known_of_all():
    """One site's record begins in March, the other's in February, when one of its five left."""
    near, far = a_site(), a_site()
    for site, month in ((near, 3), (far, 2)):
        a_call(a_queue(site), datetime(2026, month, 1, 9, tzinfo=UTC))
        employed(site, date(2025, 1, 1), n=4)
    employed(far, date(2025, 1, 1), date(2026, 2, 5))
    rollups.rebuild()
    asking = Question([near, far], date(2026, 1, 1), END, kpis=["turnover"])
    (row,) = answer(asking)
    assert [part.value for part in row.figures["turnover"].made_of] == [8, 0, 0, 0, 0, 8]
    by_site = answer(replace(asking, by="site"))
    assert [row.figures["turnover"].value for row in by_site] == [0, 1 / 4.5]


@pytest.mark.django_db
def test_the_passport_shows_the_headcounts_and_no_calls(client):
    site = a_site()
    employed(site, date(2024, 5, 1), n=7)
    employed(site, date(2024, 5, 1), MARCH)
    client.force_login(a_user(MANAGER, site))
    page = client.get(
        reverse("passport"),
        {"kpi": "turnover", "site": site.slug, "from": MARCH, "to": END},
    ).content.decode()
    assert "employed the day before the first" in page
    assert "8 people" in page
    assert "The calls behind it" not in page


@pytest.mark.django_db
def test_who_left_of_their_own_will_and_of_whom_nobody_knows():
    """100 to 120, 20 left: eleven of their own will, five not, four nobody knows: 11 of 110."""
    site = a_site()
    employed(site, date(2024, 5, 1), n=80)
    employed(site, date(2026, 3, 16), n=40)
    for reason, n in (("voluntary", 11), ("involuntary", 5), ("", 4)):
        employed(site, date(2024, 5, 1), date(2026, 3, 9), n)
        Agent.objects.filter(left_on=date(2026, 3, 9), left_reason="").update(left_reason=reason)
    told = asked(site)["T5"]
    assert told.value == pytest.approx(0.1)
    assert [(str(words), n) for words, n, *_ in told.left_out] == [
        ("left, not known whether of their own will", 4)
    ]
    assert [part.value for part in told.made_of] == [100, 40, 20, 0, 11, 120]
    # Of a month in which nobody left it is 0, and known.
    assert asked(site, MARCH - 28 * DAY, MARCH - DAY)["T5"].value == 0
