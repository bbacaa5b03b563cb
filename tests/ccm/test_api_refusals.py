"""What the API cannot answer is a problem in JSON, never a page."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import a_call, a_queue, a_user, an_agent

PROBLEM = "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["api_kpis", "api_queues", "api_agents", "api_calls"])
@pytest.mark.parametrize("how", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("role", ["", "admin"])
def test_what_is_only_read_says_so_to_whoever_writes(name, how, role):
    client = Client(enforce_csrf_checks=True)
    if role:
        client.force_login(a_user(role))
    answer = getattr(client, how)(reverse(name))
    assert answer.status_code == 405
    assert answer["Content-Type"] == PROBLEM
    assert answer.json()["status"] == 405
    assert {one.strip() for one in answer["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["api_kpis", "api_queues", "api_calls"])
def test_thousands_of_parameters_are_refused_in_json(client, name):
    client.force_login(a_user("admin"))
    answer = client.get(reverse(name) + "?" + "&".join(f"kpi={one}" for one in range(2_000)))
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["detail"] == "These are more parameters than can be read."


def test_a_strange_host_is_refused_in_json_under_the_api_and_else_on_a_page(client):
    answer = client.get(reverse("api_kpis"), headers={"Host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["detail"] == "The Host header names no address of this installation."
    page = client.get(reverse("login"), headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert page["Content-Type"].startswith("text/html")
    assert "The Host header names no address" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["api_call_note", "api_survey_invitations", "api_simulate"])
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"words": "a\\ud800b"}', "/words"),
        ('{"words": "a\\u0000b"}', "/words"),
        ('{"\\ud800": 1}', "/\\ud800"),
        ('{"queues": [{"name": "\\udc00"}]}', "/queues/0/name"),
    ],
)
def test_half_a_letter_in_a_body_is_refused_where_it_stands(client, name, body, pointer):
    queue = a_queue()
    client.force_login(a_user("admin"))
    call = a_call(queue, agent=an_agent(queue.site))
    args = [call.pk] if name == "api_call_note" else []
    answer = client.post(reverse(name, args=args), body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.django_db
def test_every_page_leads_who_is_signed_in_to_the_description_of_the_api(client):
    client.force_login(a_user("agent"))
    page = client.get(reverse("home"), follow=True).content.decode()
    assert f'href="{reverse("api_docs")}"' in page
    assert client.get(reverse("api_docs")).status_code == 200
