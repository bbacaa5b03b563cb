"""The pages of proofs: what they show, to whom, and what is not known."""

import csv
import json
from io import StringIO

import pytest
import time_machine
from django.urls import reverse

from scheduling.models import QueueProof
from scheduling.proving import shown
from scheduling.proving.making import prove_site
from tests import once
from tests.builders import a_queue, a_site, a_user
from tests.scheduling.proved import DAY, NOW, proved_centre

pytestmark = pytest.mark.django_db


@once.fixture
def proof():
    made = proved_centre()
    prove_site(made[0], NOW)
    return made


@pytest.fixture
def centre(proof):
    with time_machine.travel(NOW, tick=False):
        yield proof


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre[0]))
    return client


def page_of(client, queue, **asked):
    return client.get(reverse("proof", args=[queue.pk]), asked)


def file_of(client, queue, name):
    page = page_of(client, queue, export=name)
    text = b"".join(page.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_the_list_says_which_model_to_believe_or_why_nobody_knows(planner, centre):
    site, billing, claims = centre
    new = a_queue(site, "New")
    page = planner.get(reverse("proofs"))
    lines = {line.queue: line for line in page.context["lines"]}
    assert set(lines) == {billing, claims, new}
    assert lines[billing].best.level.actual == pytest.approx(18 / 19, abs=1e-4)
    assert lines[claims].is_shared
    text = page.content.decode()
    assert "Nothing was replayed yet" in text
    assert "10 of 10" in text
    prove_site(site, NOW)
    assert "No calls came in these weeks" in planner.get(reverse("proofs")).content.decode()


def test_a_model_that_is_far_off_is_not_to_be_believed(planner, centre):
    _site, billing, _claims = centre
    proof = QueueProof.objects.get(queue=billing)
    proof.held = [{**one, "missed_by": 0.2} for one in proof.held]
    proof.save()
    assert "No model is to be believed" in page_of(planner, billing).content.decode()
    line = next(
        one for one in planner.get(reverse("proofs")).context["lines"] if one.queue == billing
    )
    assert line.best.trust == "far"


@pytest.mark.parametrize(("missed", "trust"), [(0.05, "near"), (0.07, "off"), (0.11, "far")])
def test_how_near_is_near(missed, trust):
    held = shown.Held("Erlang A", 9, 99, None, None, None, missed)
    assert held.trust == trust


def test_an_error_is_more_than_luck_where_nothing_is_not_among_it():
    assert shown.Figure("level", 0.8, 0.7, -0.15, -0.05).is_off
    assert not shown.Figure("level", 0.8, 0.7, -0.25, 0.05).is_off
    assert not shown.Figure("level", 0.8, 0.7, None, None).is_off


def test_a_queues_page_has_its_models_its_days_and_what_its_calls_tell(planner, centre):
    _site, billing, claims = centre
    page = page_of(planner, billing)
    assert set(page.context["models"]) == {"Erlang C", "Simulation"}
    assert len(page.context["days"]) == 10
    traces = json.loads(page.context["chart"]["json"])["data"]
    assert {one["name"] for one in traces} == {"Was", "Erlang C", "Simulation"}
    text = page.content.decode()
    assert "Too few callers left to know their patience" in text
    assert "10 of 190 who waited left" in text
    # 22 % of the time of its people was shared, all of that of Claims.
    assert "are to be read with care" in text
    assert page_of(planner, claims).context["proof"].shared == 1
    assert "180 calls: nothing tells how they differ" in text


def test_every_chart_has_its_file(planner, centre):
    _site, billing, _claims = centre
    days = file_of(planner, billing, "days")
    assert len(days) == 10
    assert (days[0]["day"], days[0]["calls"], days[0]["hours of people"]) == (
        "2026-01-05", "19", "9.0",
    )  # fmt: skip
    assert float(days[0]["service level"]) == pytest.approx(18 / 19, abs=1e-4)
    models = file_of(planner, billing, "models")
    assert {(one["model"], one["figure"]) for one in models} >= {
        ("Erlang C", "SL4"), ("Simulation", "mean wait W1, s"), ("Simulation", "abandoned"),
    }  # fmt: skip
    patience = file_of(planner, billing, "patience")
    # 180 were answered after 5 s; of the ten who waited on all left at 40.
    assert [list(one.values()) for one in patience] == [["0.0", "1.0"], ["40.0", "0.0"]]
    # Every call took the same time: there is no distribution, and the file has its headings alone.
    assert file_of(planner, billing, "handling") == []
    assert page_of(planner, billing, export="x").status_code == 200


def test_what_is_not_known_has_a_face(client):
    site = a_site()
    queue = a_queue(site)
    client.force_login(a_user("planner", site))
    assert "Nothing was replayed yet" in page_of(client, queue).content.decode()
    with time_machine.travel(NOW, tick=False):
        prove_site(site, NOW)
        page = page_of(client, queue)
    assert "Nothing was counted yet" in page.content.decode()
    assert client.get(reverse("proofs"), {"site": "no-such"}).status_code == 404


def test_what_is_old_says_so(planner, centre):
    site, billing, _claims = centre
    for url in (reverse("proofs"), reverse("proof", args=[billing.pk])):
        assert b"Nothing was replayed of days after" not in planner.get(url).content
    with time_machine.travel(NOW + 9 * DAY, tick=False):
        planner.force_login(a_user("planner", site))
        for url in (reverse("proofs"), reverse("proof", args=[billing.pk])):
            assert b"Nothing was replayed of days after" in planner.get(url).content


def test_another_sites_queue_is_out_of_reach(client, centre):
    _site, billing, _claims = centre
    other = a_site()
    client.force_login(a_user("manager", other))
    assert page_of(client, billing).status_code == 404
    assert client.get(reverse("proofs")).context["lines"] == []
    client.force_login(a_user("agent", centre[0]))
    assert client.get(reverse("proofs")).status_code == 404


def test_the_pages_ask_the_same_of_two_queues_as_of_fifty(
    planner, centre, django_assert_max_num_queries, django_assert_num_queries
):
    site, billing, _claims = centre
    planner.get(reverse("proofs"))
    with django_assert_max_num_queries(12) as listed:
        planner.get(reverse("proofs"))
    with django_assert_max_num_queries(12) as one:
        page_of(planner, billing)
    for _ in range(50):
        a_queue(site)
    prove_site(site, NOW)
    with django_assert_num_queries(len(listed)):
        planner.get(reverse("proofs"))
    with django_assert_num_queries(len(one)):
        page_of(planner, billing)
