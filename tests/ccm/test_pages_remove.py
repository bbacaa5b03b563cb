"""Taking rows of lists away: asked about first, refused where something hangs on them."""

from datetime import date

import pytest
from django.urls import reverse

from ccm.imports import undo
from ccm.models import (
    Agent,
    Cost,
    Queue,
    QueueAlias,
    Site,
    Target,
    Team,
    TeamLead,
    TeamMembership,
)
from ccm.structure import services
from tests.builders import (
    a_call,
    a_cost,
    a_headcount,
    a_leave,
    a_queue,
    a_sale,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
)
from tests.lists import imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site("York", zone="Europe/London")


@pytest.fixture
def admin(client):
    user = a_user("admin")
    client.force_login(user)
    return user


def page_of(part, row):
    return reverse(f"{part}_remove", args=[row.pk])


def words_of(answer):
    return " ".join(answer.content.decode().split())


def test_a_cost_is_asked_about_before_it_goes(client, admin, site):
    cost = a_cost(site, kind="Rent")
    form = client.get(reverse("cost_edit", args=[cost.pk])).content.decode()
    assert f'href="{page_of("cost", cost)}"' in form
    words = words_of(client.get(page_of("cost", cost)))
    assert "Remove Rent" in words
    assert "queues, teams and agents stay" in words
    assert Cost.objects.exists()
    assert "is removed." in words_of(client.post(page_of("cost", cost), follow=True))
    assert not Cost.objects.exists()
    assert client.post(page_of("cost", cost)).status_code == 404


def test_a_row_of_a_list_is_said_to_come_back_with_it(client, admin, site):
    batch = imported(site, "KPI,Target,From\nservice_level,70%,2026-01-01\n")
    target = Target.objects.get()
    words = words_of(client.get(page_of("target", target)))
    assert f"Import {batch.pk} brought it; the same list read again brings it back." in words


def test_what_a_person_removed_stays_gone_when_the_list_is_taken_back(client, admin, site):
    cost = a_cost(site)
    batch = imported(site, "Kind of cost,Month,Amount,Currency\nRent,2026-01,120,GBP\n")
    client.post(page_of("cost", cost))
    undo.run(undo.start(batch).pk)
    assert not Cost.objects.exists()


@pytest.mark.parametrize(
    ("part", "make"),
    [("site", lambda site: a_site("Leeds")), ("queue", a_queue), ("team", a_team),
     ("agent", an_agent)],
)  # fmt: skip
def test_what_nothing_hangs_on_can_be_removed(client, admin, site, part, make):
    row = make(site)
    if part == "queue":
        QueueAlias.objects.create(site=site, raw_name="sales", queue=row)
    words = words_of(client.get(page_of(part, row)))
    assert "Remove it" in words
    client.post(page_of(part, row))
    assert not type(row).objects.filter(pk=row.pk).exists()
    assert not QueueAlias.objects.exists()


def test_a_queue_with_calls_costs_and_targets_is_refused_with_how_many(client, admin, site):
    queue = a_queue(site, "Sales")
    for minute in range(3):
        a_call(queue, external_id=f"{minute}")
    a_cost(site, queue=queue)
    a_target(site, queue=queue)
    for answer in (client.get(page_of("queue", queue)), client.post(page_of("queue", queue))):
        assert answer.status_code == 200
        assert answer.context["hanging"] == ["3 calls", "1 cost", "1 target"]
        assert "merge the two" in words_of(answer)
        assert reverse("name", args=["queues", queue.pk]) in words_of(answer)
    assert Queue.objects.filter(pk=queue.pk).exists()


def test_a_team_with_people_is_refused_also_where_they_left(client, admin, site):
    boss = a_user("supervisor", site)
    team = a_team(site, boss)
    TeamMembership.objects.create(
        agent=an_agent(site), team=team, starts_on=date(2020, 1, 1), ends_on=date(2020, 2, 1)
    )
    a_headcount(site, team=team)
    answer = client.post(page_of("team", team))
    assert set(answer.context["hanging"]) == {
        "1 supervisor, now or before", "1 stay in a team, now or before", "1 headcount",
    }  # fmt: skip
    assert Team.objects.filter(pk=team.pk).exists()


def test_a_site_with_anything_at_all_is_refused(client, admin, site):
    a_queue(site)
    an_agent(site)
    an_agent(site)
    a_user("manager", site)
    answer = client.post(page_of("site", site))
    told = set(answer.context["hanging"])
    assert {"1 queue", "2 agents", "1 person who signs in"} <= told
    assert Site.objects.filter(pk=site.pk).exists()


def test_an_agent_with_a_past_is_refused(client, admin, site):
    ada = an_agent(site, "Ada")
    a_call(a_queue(site), agent=ada)
    a_leave(ada)
    a_sale(site, agent=ada)
    told = client.post(page_of("agent", ada)).context["hanging"]
    assert set(told) == {"1 call", "1 absence", "1 sale"}
    assert Agent.objects.filter(pk=ada.pk).exists()


def test_what_somebody_else_removed_a_moment_ago_is_gone(site):
    team = a_team(site)
    Team.objects.filter(pk=team.pk).delete()
    assert services.forget(team)


@pytest.mark.parametrize("part", ["stay", "lead"])
def test_a_spell_is_asked_about_before_it_goes(client, admin, site, part):
    boss, ada = a_user("supervisor", site, name="eva"), an_agent(site, "Ada")
    team = a_team(site, boss, ada)
    row = {"stay": TeamMembership, "lead": TeamLead}[part].objects.get()
    owner = {"stay": ada, "lead": team}[part]
    page = reverse({"stay": "agent_edit", "lead": "team_edit"}[part], args=[owner.pk])
    assert page_of(part, row) in client.get(page).content.decode()
    words = words_of(client.get(page_of(part, row)))
    assert "the time before stays as it is" in words.lower()
    assert type(row).objects.exists()
    assert client.post(page_of(part, row)).status_code == 302
    assert not type(row).objects.exists()
