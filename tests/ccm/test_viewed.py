"""Who looked at pages about an agent."""

from datetime import timedelta

import pytest
import redis.exceptions
import time_machine
from django.test import Client
from django.urls import reverse

from ccm import viewed
from ccm.live import bus
from ccm.models import Viewing
from tests.builders import NINE, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db
FIGURES = Viewing.What.FIGURES


@pytest.fixture(autouse=True)
def _nothing_said_yet():
    """What other tests said is of agents who are gone."""
    bus.client().delete(bus.key("viewed"))


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def ada(site):
    return an_agent(site, "Ada", user=a_user("agent"))


@pytest.fixture
def lead(site, ada):
    user = a_user("supervisor", site)
    a_team(site, user, ada)
    return user


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_page_opened_twice_on_a_day_is_one_row_and_the_next_day_another(lead, ada):
    for hours in (0, 5, 24):
        viewed.note(lead, [ada.pk], FIGURES, NINE + timedelta(hours=hours))
    assert viewed.settle() == 3
    told = [(one.day.day, one.times, one.first_at, one.last_at) for one in viewed.of_agent(ada)]
    assert told == [
        (3, 1, NINE + timedelta(hours=24), NINE + timedelta(hours=24)),
        (2, 2, NINE, NINE + timedelta(hours=5)),
    ]


def test_a_page_asks_nothing_to_note_it_and_neither_oneself_nor_nobody_is_noted(
    site, lead, ada, django_assert_num_queries
):
    bob = an_agent(site, "Bob")
    viewed.note(ada.user, [], FIGURES, NINE)  # finds the scope, which later ones keep
    with django_assert_num_queries(0):
        viewed.note(ada.user, [ada.pk, bob.pk, None, bob.pk], FIGURES, NINE)
        viewed.note(ada.user, [ada.pk, None], FIGURES, NINE)
    assert viewed.settle() == 1
    assert [(one.agent, one.times) for one in Viewing.objects.all()] == [(bob, 1)]


def test_what_was_said_is_written_once_whoever_is_killed_in_between(lead, ada, monkeypatch):
    for hours in range(3):
        viewed.note(lead, [ada.pk], FIGURES, NINE + timedelta(hours=hours))
    # Killed when it was written and not taken from the stream; then done again, and once more.
    with monkeypatch.context() as killed:
        killed.setattr("redis.Redis.xtrim", _killed)
        with pytest.raises(KeyboardInterrupt):
            viewed.settle()
    assert viewed.settle() == 0
    viewed.note(lead, [ada.pk], FIGURES, NINE)
    assert [viewed.settle(), viewed.settle()] == [1, 0]
    assert Viewing.objects.get().times == 4


def _killed(*_said, **_more):
    raise KeyboardInterrupt


def test_without_redis_it_is_written_at_once(lead, ada, monkeypatch):
    def away(*_said, **_more):
        raise redis.exceptions.ConnectionError

    monkeypatch.setattr("redis.Redis.xadd", away)
    viewed.note(lead, [ada.pk], FIGURES, NINE)
    assert Viewing.objects.get().times == 1


def test_who_is_gone_by_then_is_passed_over(site, lead, ada):
    bob = an_agent(site, "Bob")
    viewed.note(lead, [ada.pk, bob.pk], FIGURES, NINE)
    bob.delete()
    viewed.settle()
    assert Viewing.objects.get().agent == ada


def test_whoever_opens_an_agents_figures_is_told_to_the_agent(lead, ada):
    with time_machine.travel(NINE):
        assert signed_in(ada.user).get(reverse("agent", args=[ada.pk])).status_code == 200
        assert viewed.settle() == 0
        assert signed_in(lead).get(reverse("agent", args=[ada.pk])).status_code == 200
        viewed.settle()
        page = signed_in(ada.user).get(reverse("my_data")).content.decode()
    assert str(lead) in page
    assert "Figures" in page


def test_who_may_not_open_a_page_is_not_noted(ada):
    stranger = a_user("supervisor", a_site("Goa"))
    assert signed_in(stranger).get(reverse("agent", args=[ada.pk])).status_code == 404
    assert viewed.settle() == 0


def test_who_looked_at_either_looked_at_whom_two_become(site, lead, ada):
    other = an_agent(site, "Ada L")
    viewed.note(lead, [ada.pk, other.pk], FIGURES, NINE)
    viewed.note(lead, [other.pk], FIGURES, NINE + timedelta(hours=1))
    viewed.note(lead, [other.pk], Viewing.What.CALL, NINE)
    viewed.settle()
    viewed.follow_merged(type(ada), loser=other.pk, keeper=ada.pk)
    told = {(one.agent.pk, one.what): (one.times, one.last_at) for one in Viewing.objects.all()}
    assert told == {
        (ada.pk, "figures"): (3, NINE + timedelta(hours=1)), (ada.pk, "call"): (1, NINE),
    }  # fmt: skip


def test_what_is_older_than_it_is_kept_is_dropped_and_twice_is_once(lead, ada):
    viewed.note(lead, [ada.pk], FIGURES, NINE)
    viewed.note(lead, [ada.pk], FIGURES, NINE + timedelta(days=1))
    viewed.settle()
    later = NINE + viewed.KEPT + timedelta(days=1)
    assert [viewed.forget(later), viewed.forget(later)] == [1, 0]
    assert Viewing.objects.get().day.day == 3
