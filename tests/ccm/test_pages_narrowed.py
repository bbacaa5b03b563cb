"""Forms offer what is of the site that they are about, and nothing out of reach."""

import pytest
from django.urls import reverse

from tests.builders import a_cost, a_leave, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def york():
    return a_site("York", zone="Europe/London")


@pytest.fixture
def leeds():
    return a_site("Leeds", zone="Europe/London")


@pytest.fixture
def manager(client, york, leeds):
    user = a_user("manager", york, leeds)
    client.force_login(user)
    return user


def offered(page, name, form="form"):
    """What a choice offers, by the words of each group; "" for what stands in none."""
    found = {}
    for value, words in page.context[form].fields[name].widget.choices:
        if isinstance(words, list):
            found[str(value)] = [str(one) for _value, one in words]
        elif value:
            found.setdefault("", []).append(str(words))
    return found


@pytest.fixture
def everybody(york, leeds):
    far = a_site("Hull")
    for site in (york, leeds, far):
        a_queue(site, f"Queue of {site}")
        an_agent(site, f"Agent of {site}")
        a_team(site)


@pytest.mark.usefixtures("everybody", "manager")
@pytest.mark.parametrize(
    ("part", "name", "words"),
    [("cost", "queue", "Queue of"), ("target", "agent", "Agent of"), ("leave", "agent", "Agent of"),
     ("sale", "agent", "Agent of")],
)  # fmt: skip
def test_a_new_row_is_offered_what_is_of_its_site(client, york, part, name, words):
    page = client.get(reverse(f"{part}_new"))
    both = {"Leeds": [f"{words} Leeds"], "York": [f"{words} York"]}
    assert offered(page, name) == both
    page = client.get(reverse(f"{part}_new"), {"site": york.slug})
    assert offered(page, name) == {"": [f"{words} York"]}
    for nonsense in ("hull", "", "9" * 99):
        page = client.get(reverse(f"{part}_new"), {"site": nonsense})
        assert offered(page, name) == both


@pytest.mark.usefixtures("everybody", "manager")
def test_the_way_to_a_new_row_keeps_the_site_of_the_list(client, york):
    page = client.get(reverse("cost_list"), {"site": york.slug}).content.decode()
    assert f'href="{reverse("cost_new")}?site={york.slug}"' in page
    page = client.get(reverse("cost_new"), {"site": york.slug})
    assert page.context["form"]["site"].value() is not None


@pytest.mark.usefixtures("everybody", "manager")
def test_a_mismatch_is_refused_in_words_and_the_choice_narrowed(client, york, leeds):
    queue = york.queues.get()
    said = {"site": leeds.pk, "queue": queue.pk, "kind": "Rent", "amount": "1", "currency": "GBP",
            "first_on": "2026-01-01", "last_on": "2026-01-31"}  # fmt: skip
    page = client.post(reverse("cost_new"), said)
    assert page.context["form"].errors == {"queue": ["Queue of York is of another site: York."]}
    assert offered(page, "queue") == {"": ["Queue of Leeds"]}


@pytest.mark.usefixtures("everybody", "manager")
def test_a_row_that_is_there_stays_at_its_site(client, york):
    cost = a_cost(york)
    page = client.get(reverse("cost_edit", args=[cost.pk]))
    assert offered(page, "queue") == {"": ["Queue of York"]}
    leave = a_leave(york.agents.get())
    page = client.get(reverse("leave_edit", args=[leave.pk]))
    assert offered(page, "agent") == {"": ["Agent of York"]}


def test_logins_and_supervisors_are_those_of_the_site(client, manager, york, leeds):
    for site in (york, leeds):
        a_user("agent", site, name=f"clerk-{site}")
        a_user("supervisor", site, name=f"boss-{site}")
    agent, team = an_agent(york), a_team(york)
    page = client.get(reverse("agent_edit", args=[agent.pk]))
    assert offered(page, "user") == {"": ["clerk-York"]}
    page = client.get(reverse("team_edit", args=[team.pk]))
    assert offered(page, "supervisor", "spell_form") == {"": ["nobody", "boss-York"]}
    page = client.post(reverse("agent_new"), {"site": york.pk, "name": "Ada", "user": 0})
    assert "at this site" in page.context["form"].errors["user"][0]
