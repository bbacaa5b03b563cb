"""Who looked at pages about an agent."""

from datetime import timedelta

import pytest
import redis.exceptions
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ccm import among_others, viewed
from ccm.live import bus
from ccm.models import ApiToken, AuditEntry, ListViewing, Viewing
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


def lists():
    viewed.settle()
    return {(str(one.viewer), one.page): one.times for one in ListViewing.objects.all()}


def test_a_list_that_is_opened_is_noted_of_whom_it_was_and_how_often_and_told_once(lead, ada):
    client = signed_in(lead)
    with time_machine.travel(NINE):
        for path in ("/agents/", "/agents/", "/recognition-that-is-not-there/"):
            client.get(path)
        client.head(reverse("agents"))
        client.post(reverse("agents"))
        assert client.get(reverse("users")).status_code == 404
        assert lists() == {(str(lead), "agents"): 2}
    later = NINE + timedelta(hours=1)
    assert [viewed.tell_the_log(later), viewed.tell_the_log(later)] == [1, 0]
    viewed.note_list(lead, "agents", later)
    viewed.settle()
    viewed.tell_the_log(later)
    told = AuditEntry.objects.filter(model="ccm.listviewing").order_by("pk")
    assert [(one.who, one.action, one.object_id, one.after, one.at) for one in told] == [
        (lead, "viewed", "agents", {"day": "2026-03-02", "times": times}, later) for times in (2, 1)
    ]


def test_a_key_of_the_api_looks_as_its_user_does(lead, ada):
    ends = timezone.now() + timedelta(days=1)
    words = ApiToken.issue(
        user=lead, name="figures", source="", scopes=[ApiToken.READ], expires_at=ends
    )[1]
    client = Client(headers={"Authorization": f"Bearer {words}"})
    assert client.get(reverse("api_agents")).status_code == 200
    assert client.get(reverse("api_calls")).status_code == 400  # of no time: nothing is shown
    assert Client().get(reverse("api_agents")).status_code == 401
    assert lists() == {(str(lead), "api_agents"): 1}


def test_to_note_a_list_asks_nothing_of_the_database(lead, ada, monkeypatch):
    client = signed_in(lead)
    client.get(reverse("agents"))  # finds what stays
    with CaptureQueriesContext(connection) as noting:
        client.get(reverse("agents"))
    monkeypatch.setattr(among_others, "_pages", {})
    with CaptureQueriesContext(connection) as silent:
        client.get(reverse("agents"))
    assert len(noting) == len(silent) > 0
    assert lists() == {(str(lead), "agents"): 2}


def test_who_reaches_nobody_but_themselves_is_noted_where_colleagues_are(ada):
    client = signed_in(ada.user)
    for name in ("calls", "leave_list", "recognition"):
        assert client.get(reverse(name)).status_code == 200
    assert lists() == {(str(ada.user), "recognition"): 1}


def test_lists_are_written_at_once_without_redis_and_once_whoever_is_killed(lead, monkeypatch):
    with monkeypatch.context() as killed:
        viewed.note_list(lead, "calls", NINE)
        killed.setattr("redis.Redis.xtrim", _killed)
        with pytest.raises(KeyboardInterrupt):
            viewed.settle()
    assert viewed.settle() == 0

    def away(*_said, **_more):
        raise redis.exceptions.ConnectionError

    monkeypatch.setattr("redis.Redis.xadd", away)
    viewed.note_list(lead, "calls", NINE + timedelta(hours=1))
    assert [(one.times, one.first_at) for one in ListViewing.objects.all()] == [(2, NINE)]


def test_lists_are_forgotten_as_other_viewings_are(lead):
    for day in range(2):
        viewed.note_list(lead, "calls", NINE + timedelta(days=day))
    viewed.settle()
    later = NINE + viewed.KEPT + timedelta(days=1)
    assert [viewed.forget(later), viewed.forget(later)] == [1, 0]
    assert ListViewing.objects.get().day.day == 3


def test_the_log_shows_lists_by_what_they_are_of_and_is_narrowed_to_one(lead, ada):
    for address in ("agents", "cost_edit", "gone_since"):
        ListViewing.objects.create(
            viewer=lead, page=address, day=NINE, first_at=NINE, last_at=NINE, times=3
        )
    viewed.tell_the_log(NINE)
    admin = signed_in(a_user("admin"))
    asked = {"action": "viewed", "model": "ccm.listviewing"}
    page = admin.get(reverse("audit"), asked).content.decode()
    assert '<a class="link" href="/agents/">Figures of agents (agents)</a>' in page
    assert "A cost (cost_edit)" in page
    assert "A page that is no more (gone_since)" in page
    assert "Times: 3" in page
    assert ">List of people</option>" in page
    one = admin.get(reverse("audit"), {**asked, "number": "agents"}).content.decode()
    assert "Figures of agents (agents)" in one
    assert "A cost (cost_edit)" not in one
    assert admin.get(reverse("audit")).content.decode().count("Figures of agents") == 0
