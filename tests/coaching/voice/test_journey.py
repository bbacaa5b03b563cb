"""What one caller met, one contact after the other, as far as its reader may open the calls."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from coaching.voice import journey
from coaching.voice.journey import Visit, contacts
from kpis.choices import Choices
from kpis.models import KpiChoice
from tests.builders import NINE, a_call, a_queue, a_team, a_user, an_agent, unsaved_call
from tests.coaching.voice.builders import of_call

pytestmark = pytest.mark.django_db

HASH = "a" * 32
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def of_caller(queue, at=NINE, **more):
    return a_call(queue, at, caller_hash=HASH, caller_masked="•••123", **more)


def test_visits_of_one_contact_stand_together_and_who_comes_soon_comes_again():
    queue = a_queue()
    said = [
        # Waits 10 s and talks two minutes: over at 9:02:10.
        unsaved_call(queue, NINE, linked_id="x", transfer_kind="blind"),
        unsaved_call(queue, NINE + 3 * MINUTE, linked_id="x"),
        unsaved_call(queue, NINE + 7 * DAY, linked_id="y"),
        unsaved_call(queue, NINE + 20 * DAY, linked_id="z"),
    ]
    made = contacts(Visit(one, ()) for one in reversed(said))
    assert [len(one.visits) for one in made] == [2, 1, 1]
    assert [one.is_again for one in made] == [False, True, False]
    # From the end of the contact before, 9:05:10.
    assert [one.since for one in made] == [
        None, 7 * DAY - timedelta(minutes=5, seconds=10),
        13 * DAY - timedelta(minutes=2, seconds=10),
    ]  # fmt: skip


def test_who_came_again_is_told_by_the_days_that_are_chosen():
    queue = a_queue()
    call = of_caller(queue)
    of_caller(queue, NINE + 10 * DAY)
    client = Client()
    client.force_login(a_user("manager", queue.site))
    url = reverse("voice_caller", args=[call.pk])
    assert client.get(url).context["journey"].again == 0
    KpiChoice.objects.create(
        kpi="fcr", site=queue.site, parameters={"window_days": 14}, valid_from=date(2026, 1, 1)
    )
    answer = client.get(url)
    assert answer.context["journey"].again == 1
    assert "came again within 14 days" in answer.content.decode()


def test_a_journey_sums_what_the_caller_met():
    queue = a_queue()
    ann, ben = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
    call = of_caller(queue, agent=ann, wait=60, transfer_kind="blind", transfer_target="Billing")
    of_caller(queue, NINE + DAY, outcome="abandoned", wait=120)
    last = of_caller(queue, NINE + 2 * DAY, agent=ben, wait=30)
    a_call(queue, NINE + DAY, caller_hash="b" * 32)
    of_caller(a_queue(), NINE + DAY)  # at another site
    of_caller(queue, NINE - 91 * DAY)  # too long ago
    of_call(queue, last, "At last", score=2)
    manager = a_user("manager", queue.site)
    made = journey.of(manager, call, Choices(NINE.date()))
    assert (len(made.contacts), made.again, made.transfers, made.given_up) == (3, 2, 1, 1)
    assert (made.wait_seconds, made.agents, made.hidden) == (210, 2, 0)
    client = Client()
    client.force_login(manager)
    said = " ".join(client.get(reverse("voice_caller", args=[call.pk])).content.decode().split())
    for words in ("•••123", "At last", "<b>2 of 1–5</b>", "→ Billing", "waited 2:00", "this call"):
        assert words in said
    assert HASH not in said
    # The page of the call leads there; of a caller whom nobody knows it does not.
    there = reverse("voice_caller", args=[call.pk])
    assert there in client.get(reverse("call", args=[call.pk])).content.decode()
    unknown = a_call(queue, NINE + 3 * DAY)
    there = reverse("voice_caller", args=[unknown.pk])
    assert there not in client.get(reverse("call", args=[unknown.pk])).content.decode()
    assert "Nobody knows who called" in client.get(there).content.decode()


def test_calls_that_the_reader_may_not_open_are_counted_alone():
    queue = a_queue()
    lead = a_user("supervisor")
    mine, other = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
    a_team(queue.site, lead, mine)
    call, far = of_caller(queue, agent=mine), of_caller(queue, NINE + DAY, agent=other)
    of_call(queue, far, "Ben was rude")
    client = Client()
    client.force_login(lead)
    answer = client.get(reverse("voice_caller", args=[call.pk]))
    said = answer.content.decode()
    assert answer.context["journey"].hidden == 1
    assert "1 more call is not yours to open" in said
    assert "Ben was rude" not in said
    assert client.get(reverse("voice_caller", args=[far.pk])).status_code == 404


def test_calls_beyond_so_many_are_not_told_to_be_anothers(monkeypatch):
    monkeypatch.setattr(journey, "MOST_VISITS", 2)
    queue = a_queue()
    call, *_later = [of_caller(queue, NINE + day * DAY) for day in range(5)]
    client = Client()
    client.force_login(a_user("manager", queue.site))
    answer = client.get(reverse("voice_caller", args=[call.pk]))
    found = answer.context["journey"]
    assert (len(found.visits), found.left_out, found.hidden) == (2, 3, 0)
    assert "3 later calls are not told" in answer.content.decode()


@pytest.mark.parametrize("many", [1, 20])
def test_a_journey_asks_the_same_of_one_call_as_of_twenty(django_assert_max_num_queries, many):
    queue = a_queue()
    for number in range(many):
        call = of_caller(queue, NINE + number * DAY / 2, agent=an_agent(queue.site))
        of_call(queue, call, "words")
    client = Client()
    client.force_login(a_user("manager", queue.site))
    with django_assert_max_num_queries(9):
        client.get(reverse("voice_caller", args=[call.pk]))
