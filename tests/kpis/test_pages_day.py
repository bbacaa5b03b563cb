"""A person's day, one click from the floor: what they did, told to whom."""

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm.intervals import day_of, site_day
from kpis.floor.day import spells
from kpis.floor.limits import Limits
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import a_team, a_user, an_agent
from tests.kpis.seen import MINUTE, spell, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site_in_the_afternoon("Leeds")


def the_day(client, user, agent, **query):
    client.force_login(user)
    return client.get(reverse("agent", args=[agent.pk]), {"period": "today"} | query)


def told(page):
    return [
        (str(one.words), one.reason, one.goes_on, one.over and one.over // MINUTE, one.level)
        for one in page.context["did"]
    ]


def test_one_click_from_the_floor_is_the_day_of_a_person_with_logins_pauses_and_what_was_too_long(
    client, site
):
    ann = an_agent(site, "Ann")
    spell(ann, "logged_in", 200)
    spell(ann, "paused", 180, ended=100, reason="Lunch")  # 80 minutes of 60
    spell(ann, "acw", 90, ended=88)  # in time
    spell(ann, "acw", 80, ended=70)  # 10 minutes of 3
    spell(ann, "paused", 10, reason="Break")
    spell(ann, "paused", 24 * 60, ended=23 * 60, reason="of another day")
    bea = an_agent(site, "Bea")
    spell(bea, "logged_in", 60)
    spell(bea, "paused", 30)
    manager = a_user("manager", site)
    client.force_login(manager)
    floor = client.get(reverse("floor"))
    url = next(url for one, url in floor.context["needs"] if one.agent is not None)
    assert url.startswith("/agents/")
    assert "period=today" in url
    page = the_day(client, manager, ann)
    assert told(page) == [
        ("Logged in", "", True, None, "none"),
        ("Paused", "Lunch", False, 20, "warn"),
        ("Wrap-up", "", False, 7, "bad"),
        ("Paused", "Break", True, None, "none"),
    ]
    assert "goes on Paused Break 10:0" in text(page)
    assert "over by 20:00" in text(page)


def test_a_day_is_told_to_who_sees_the_floor_and_to_the_agent_and_of_one_day_alone(client, site):
    ann = an_agent(site, "Ann", user=a_user("agent", site))
    supervisor, planner = a_user("supervisor", site), a_user("planner", site)
    a_team(site, supervisor, ann)
    for reader in (supervisor, planner, ann.user):
        page = the_day(client, reader, ann)
        assert "No login and no pause is known of this day" in text(page)
        assert ("What you did" in text(page)) is (reader == ann.user)
    assert the_day(client, supervisor, ann, period="7d").context["did"] is None
    assert the_day(client, a_user("qa_analyst", site), ann).context["did"] is None


@pytest.mark.parametrize("pauses", [1, 40])
def test_the_day_of_a_person_takes_one_query(site, django_assert_num_queries, pauses):
    ann, now = an_agent(site, "Ann"), timezone.now()
    for number in range(pauses):
        spell(ann, "paused", 3 * number + 3, ended=3 * number + 2)
    with django_assert_num_queries(1):
        did = spells(ann, site_day(day_of(now, site.calendar), site.calendar), Limits(), now)
    assert len(did) == pauses


def test_a_spell_whose_end_no_log_told_does_not_go_on_after_a_later_one(site):
    ann, now = an_agent(site, "Ann"), timezone.now()
    spell(ann, "paused", 60)
    spell(ann, "paused", 20)
    today = site_day(day_of(now, site.calendar), site.calendar)
    lost, last = spells(ann, today, Limits(), now)
    assert (lost.goes_on, lost.lasted, last.goes_on) == (False, None, True)
    over = spells(ann, today, Limits(), today.end)
    assert not any(one.goes_on for one in over), "of a day that is over nothing does"
