"""What an agent's own day says of this moment."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm.models import Agent
from kpis import rollups
from scheduling.mine import now as moment
from scheduling.models import AgentSkill
from tests.builders import a_call, a_queue, a_site, a_user, an_agent
from tests.coaching.builders import Floor
from tests.scheduling.kept.builders import MONDAY, a_roster, a_shift, published
from tests.scheduling.mine.test_my_schedule import AT_TEN, LUNCH, TRAINING

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def ada():
    return an_agent(a_site(zone="UTC"), "Ada", user=a_user("agent"))


def facts(agent, now=AT_TEN):
    return {one.name: one for one in moment.facts(agent, now)}


def test_what_is_on_and_what_follows_are_those_of_the_published_roster(ada):
    a_shift(published(a_roster(ada.site)), ada, activities=[LUNCH, TRAINING])
    told = facts(ada)["Now"]
    assert (told.value, told.beside) == ("Training 10:00–11:00", "then On queue, 11:00–12:00")
    told = facts(ada, AT_TEN - timedelta(hours=6))["Next shift"]
    assert told.value == "09:00–17:00"
    told = facts(ada, AT_TEN.replace(hour=16, minute=59))["Now"]
    assert told.beside == "then your shift is over"


def test_who_waits_is_told_of_the_queues_that_one_takes(ada):
    sales, other = a_queue(ada.site, "Sales"), a_queue(ada.site, "Other")
    assert "Your queues" not in facts(ada)
    AgentSkill.objects.create(agent=ada, queue=sales, starts_on=MONDAY)
    assert facts(ada)["Your queues"].value == "nobody waits"
    for queue, seconds in ((sales, 50), (sales, 10), (other, 90)):
        a_call(
            queue, AT_TEN - timedelta(seconds=seconds), outcome="in_progress", wait=None, talk=None
        )
    told = facts(ada)["Your queues"]
    assert (told.value, told.beside) == ("2 wait", "longest 0:50 in Sales")


def test_todays_own_calls_are_counted_and_nobody_elses(ada):
    queue, bob = a_queue(ada.site), an_agent(ada.site, "Bob")
    assert facts(ada)["Today"].value == "no call yet"
    for agent, minutes in ((ada, 30), (ada, 60), (bob, 90)):
        a_call(
            queue, AT_TEN - timedelta(minutes=minutes), agent=agent, talk=120, acw_ms=0, hold_ms=0
        )
    a_call(queue, AT_TEN - timedelta(days=1), agent=ada)
    rollups.rebuild()
    told = facts(ada)["Today"]
    assert (told.value, told.beside) == ("2 calls", "Average handling time 2:00")


def test_the_next_coaching_is_told_with_whom():
    floor = Floor()
    session = floor.session()
    told = facts(Agent.objects.get(pk=floor.agent.pk), session.starts_at - timedelta(hours=1))
    assert told["Next coaching"].beside == f"One-to-one with {floor.lead}"
    assert "Next coaching" not in facts(floor.agent, session.starts_at + timedelta(hours=1))


def test_the_part_is_for_the_agent_alone(ada, django_assert_max_num_queries):
    a_shift(published(a_roster(ada.site)), ada)
    client = Client()
    client.force_login(ada.user)
    with time_machine.travel(AT_TEN), django_assert_max_num_queries(12):
        page = client.get(reverse("my_now")).content.decode()
    assert "On queue" in page
    client.force_login(a_user("manager", ada.site))
    assert client.get(reverse("my_now")).status_code == 404
