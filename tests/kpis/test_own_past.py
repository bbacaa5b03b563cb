"""An agent's figures against as many days before."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ccm.intervals import Days
from kpis import own_past, rollups
from kpis.choices import Choices
from tests.builders import (
    NINE,
    a_queue,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)

pytestmark = pytest.mark.django_db
DAYS = 15
FIRST = (NINE + timedelta(days=DAYS)).date()
LAST = FIRST + timedelta(days=DAYS - 1)


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def ada(site):
    return an_agent(site, "Ada", user=a_user("agent"))


def talked(agent, seconds):
    """Twice fifteen days, on each two calls: of `seconds`[0] in the first fifteen, of `seconds`[1]
    in the second, and up to 20 s more."""
    queue = a_queue(agent.site)
    calls = []
    for day in range(2 * DAYS):
        usual = seconds[day >= DAYS]
        for place in (0, 1):
            at = NINE + timedelta(days=day, hours=place)
            calls.append(unsaved_call(queue, at, agent=agent, talk=usual + 10 * (day % 3)))
    many_calls(calls)
    rollups.rebuild()


def line(agent, name="talk"):
    made = own_past.of_agent(agent, FIRST, LAST, Choices(LAST))
    return next(one for one in made.lines if one.asked == name)


def test_a_change_of_a_minute_is_told_and_its_days_are_as_many_as_before(ada):
    talked(ada, (300, 240))
    made = own_past.of_agent(ada, FIRST, LAST, Choices(LAST))
    assert made.before == Days(NINE.date(), FIRST - timedelta(days=1))
    # And 0, 10 and 20 s more on five days each: 10 s in the mean.
    talk = line(ada)
    assert (talk.change.before, talk.figure.value) == (310, 250)
    assert talk.told == ("none", "less")


def test_a_change_of_a_second_is_no_more_than_chance(ada):
    talked(ada, (300, 299))
    assert line(ada).told == ("none", "no more than chance")


def test_of_few_days_it_is_the_last_four_weeks(ada):
    talked(ada, (300, 240))
    made = own_past.of_agent(ada, LAST - timedelta(days=2), LAST, Choices(LAST))
    assert made.days == Days(LAST - timedelta(days=27), LAST)
    assert made.before.many == 28


def test_of_days_before_which_nothing_is_known_nobody_can_tell(ada):
    talked(ada, (300, 240))
    made = own_past.of_agent(ada, NINE.date(), LAST, Choices(LAST))
    talk = next(one for one in made.lines if one.asked == "talk")
    assert talk.told == ("none", "nothing to compare")


def test_a_goal_that_is_the_agents_own_stands_beside_the_figure(ada):
    talked(ada, (300, 240))
    a_target(ada.site, agent=ada, kpi="talk", value=200)
    assert line(ada).goal == "3:20"


def test_each_figure_says_what_lies_with_the_agent():
    assert set(own_past.YOURS) == set(own_past.SHOWN)


def test_the_page_and_the_part_say_the_same_to_the_agent_and_who_leads_them(
    site, ada, django_assert_max_num_queries
):
    talked(ada, (300, 240))
    lead = a_user("supervisor", site)
    a_team(site, lead, ada)
    asked = {"period": "custom", "from": FIRST.isoformat(), "to": LAST.isoformat()}
    for user in (ada.user, lead):
        client = Client()
        client.force_login(user)
        address = reverse("agent_past", args=[ada.pk])
        with django_assert_max_num_queries(12):
            page = client.get(address, asked).content.decode()
        part = client.get(address, asked, headers={"HX-Request": "true"}).content.decode()
        for said in (page, part):
            assert "5:10" in said
            assert "4:10" in said
        assert "<html" not in part


def test_without_any_figure_the_page_says_so(ada):
    client = Client()
    client.force_login(ada.user)
    page = client.get(reverse("agent_past", args=[ada.pk])).content.decode()
    assert "Neither of these days nor of those before is there a figure" in page
