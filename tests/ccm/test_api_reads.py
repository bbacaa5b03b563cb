"""What the list of calls of the API is asked for: no zone is guessed, and what is not there, or out
of reach, is no empty list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent

pytestmark = pytest.mark.django_db

SPAN = {"start": "2026-03-02T00:00Z", "end": "2026-03-03T00:00Z"}
NO_OFFSET = (
    "This time has no offset from UTC, so nobody knows when it is."
    " Write it as 2026-03-02T10:00:00+01:00."
)


@pytest.mark.parametrize("word", ["2026-03-02T00:00", "2026-03-02 09:00:00", "2026-03-02"])
@pytest.mark.parametrize("name", ["start", "end"])
def test_a_moment_without_a_zone_is_refused_with_a_pointer(client, name, word):
    client.force_login(a_user("admin"))
    answer = client.get(reverse("api_calls"), SPAN | {name: word})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"pointer": f"/{name}", "message": NO_OFFSET}]


def test_a_moment_is_the_same_by_whichever_offset_it_is_told(client):
    client.force_login(a_user("admin"))
    for minute in (0, 59):
        a_call(a_queue(a_site()), NINE + timedelta(minutes=minute))
    for start in ("2026-03-02T09:30Z", "2026-03-02T10:30+01:00"):
        answer = client.get(reverse("api_calls"), SPAN | {"start": start})
        assert len(answer.json()["results"]) == 1


def test_what_is_not_there_is_no_empty_list_nor_is_what_is_out_of_reach(client):
    here, there = a_site("Here"), a_site("There")
    queue, agent = a_queue(here), an_agent(here)
    a_call(queue, NINE, agent=agent)
    other, stranger = a_queue(there), an_agent(there)
    client.force_login(a_user("manager", here))
    for known in ({"site": here.slug}, {"queue": queue.pk}, {"agent": agent.pk}):
        answer = client.get(reverse("api_calls"), SPAN | known)
        assert len(answer.json()["results"]) == 1
    refused = [
        client.get(reverse("api_calls"), SPAN | asked)
        for asked in (
            {"site": "nowhere"}, {"site": there.slug},
            {"queue": 10**9}, {"queue": other.pk}, {"queue": 10**30}, {"queue": "1.5"},
            {"agent": 10**9}, {"agent": stranger.pk},
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in refused} == {404}
    assert {answer["Content-Type"] for answer in refused} == {"application/problem+json"}
    # One is as good as the other: nobody learns what there is elsewhere.
    assert len({answer.content for answer in refused}) == 1


def test_a_queue_that_had_no_calls_is_an_empty_list(client):
    queue = a_queue(a_site())
    client.force_login(a_user("admin"))
    answer = client.get(reverse("api_calls"), SPAN | {"queue": queue.pk})
    assert (answer.status_code, answer.json()["results"]) == (200, [])


@pytest.mark.parametrize("role", ["planner", "trainer"])
def test_who_sees_no_calls_on_pages_has_no_list_of_them_here(client, role):
    site = a_site()
    a_call(a_queue(site), NINE)
    client.force_login(a_user(role, site))
    assert client.get(reverse("calls")).status_code == 404
    answer = client.get(reverse("api_calls"), SPAN)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_calls_in_and_out_are_told_apart_by_the_words_of_their_field(client):
    client.force_login(a_user("admin"))
    queue = a_queue(a_site())
    for direction in ("inbound", "inbound", "outbound"):
        a_call(queue, NINE, direction=direction)
    for direction, many in (("inbound", 2), ("outbound", 1), ("internal", 0)):
        found = client.get(reverse("api_calls"), SPAN | {"direction": direction}).json()["results"]
        assert [one["direction"] for one in found] == [direction] * many
    refused = client.get(reverse("api_calls"), SPAN | {"direction": "in"})
    assert refused.status_code == 400
    message = "There is no such direction. There are: inbound, outbound, internal."
    assert refused.json()["errors"] == [{"pointer": "/direction", "message": message}]
