"""Who looked at pages about an agent."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm import viewed
from ccm.models import Viewing
from tests.builders import NINE, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db
FIGURES = Viewing.What.FIGURES


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
    told = [(one.day.day, one.times, one.first_at, one.last_at) for one in viewed.of_agent(ada)]
    assert told == [
        (3, 1, NINE + timedelta(hours=24), NINE + timedelta(hours=24)),
        (2, 2, NINE, NINE + timedelta(hours=5)),
    ]


def test_one_statement_notes_a_whole_team_but_neither_oneself_nor_nobody(
    site, lead, ada, django_assert_num_queries
):
    bob = an_agent(site, "Bob")
    viewed.note(ada.user, [], FIGURES, NINE)  # finds the scope, which later ones keep
    with django_assert_num_queries(1):
        viewed.note(ada.user, [ada.pk, bob.pk, None, bob.pk], FIGURES, NINE)
    with django_assert_num_queries(0):
        viewed.note(ada.user, [ada.pk, None], FIGURES, NINE)
    assert [(one.agent, one.times) for one in Viewing.objects.all()] == [(bob, 1)]


def test_whoever_opens_an_agents_figures_is_told_to_the_agent(lead, ada):
    with time_machine.travel(NINE):
        assert signed_in(ada.user).get(reverse("agent", args=[ada.pk])).status_code == 200
        assert not Viewing.objects.exists()
        assert signed_in(lead).get(reverse("agent", args=[ada.pk])).status_code == 200
        page = signed_in(ada.user).get(reverse("my_data")).content.decode()
    assert str(lead) in page
    assert "Figures" in page


def test_who_may_not_open_a_page_is_not_noted(ada):
    stranger = a_user("supervisor", a_site("Goa"))
    assert signed_in(stranger).get(reverse("agent", args=[ada.pk])).status_code == 404
    assert not Viewing.objects.exists()


def test_who_looked_at_either_looked_at_whom_two_become(site, lead, ada):
    other = an_agent(site, "Ada L")
    viewed.note(lead, [ada.pk, other.pk], FIGURES, NINE)
    viewed.note(lead, [other.pk], FIGURES, NINE + timedelta(hours=1))
    viewed.note(lead, [other.pk], Viewing.What.CALL, NINE)
    viewed.follow_merged(type(ada), loser=other.pk, keeper=ada.pk)
    told = {(one.agent.pk, one.what): (one.times, one.last_at) for one in Viewing.objects.all()}
    assert told == {
        (ada.pk, "figures"): (3, NINE + timedelta(hours=1)), (ada.pk, "call"): (1, NINE),
    }  # fmt: skip


def test_what_is_older_than_it_is_kept_is_dropped_and_twice_is_once(lead, ada):
    viewed.note(lead, [ada.pk], FIGURES, NINE)
    viewed.note(lead, [ada.pk], FIGURES, NINE + timedelta(days=1))
    later = NINE + viewed.KEPT + timedelta(days=1)
    assert [viewed.forget(later), viewed.forget(later)] == [1, 0]
    assert Viewing.objects.get().day.day == 3
