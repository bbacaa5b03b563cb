"""Days that have not come have no figures, not even 0: one rule for pages, files, API, passports
and the command. Today is that of the site, among those asked, where it is latest."""

from datetime import UTC, datetime
from html import unescape
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from ccm.models import Site
from kpis import rollups
from tests.builders import a_call, a_queue, a_site, a_user, an_agent

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 27, 2, 15, tzinfo=UTC)
"""At Bogota it is 21:15 of the 26th, at Pune 7:45 of the 27th."""
REFUSED = "Ask for days between 1990 and today, {}."
# The sites asked, the last day of which there is an answer, and the first of which there is none.
ASKED = [
    (("bogota",), "2026-11-26", "2026-11-27"),
    (("pune",), "2026-11-27", "2026-11-28"),
    (("bogota", "pune"), "2026-11-27", "2026-11-28"),
]


@pytest.fixture
def reader(client):
    """Of two sites, with a call each."""
    sites = [a_site("Bogota", "America/Bogota"), a_site("Pune", "Asia/Kolkata")]
    for site in sites:
        Site.objects.filter(pk=site.pk).update(slug=site.name.lower())
        a_call(a_queue(site), NIGHT.replace(day=26), agent=an_agent(site, f"Ann {site.name}"))
    rollups.rebuild()
    with time_machine.travel(NIGHT, tick=False):
        user = a_user("manager", *sites)
        client.force_login(user)
        yield user


@pytest.mark.parametrize(("sites", "last", "to_come"), ASKED)
@pytest.mark.parametrize("by", ["total", "day"])
def test_the_api_points_to_a_day_that_has_not_come(client, reader, sites, last, to_come, by):
    about = {"site": sites, "by": by, "kpi": "offered", "first": "2026-11-20"}
    answer = client.get(reverse("api_kpis"), about | {"last": last})
    assert answer.status_code == 200
    answer = client.get(reverse("api_kpis"), about | {"last": to_come})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"pointer": "/last", "message": REFUSED.format(last)}]


@pytest.mark.parametrize(("sites", "last", "to_come"), ASKED)
def test_the_page_and_its_file_tell_no_figure_of_it(client, reader, sites, last, to_come):
    about = {"site": sites, "by": "total", "kpi": "offered", "from": "2026-11-20"}
    for day, is_refused in ((last, False), (to_come, True)):
        page = client.get(reverse("report"), about | {"to": day})
        assert ("between 1990 and today" in page.content.decode()) == is_refused
        file = client.get(reverse("report"), about | {"to": day, "export": "csv"})
        assert file.status_code == (404 if is_refused else 200)


@pytest.mark.parametrize("name", ["home", "queues", "agents", "calls", "callbacks_asked"])
def test_nor_does_a_page_of_one_site(client, reader, name):
    for day, is_refused in (("2026-11-26", False), ("2026-11-27", True)):
        page = client.get(reverse(name), {"site": "bogota", "from": day, "to": day})
        assert ("between 1990 and today" in page.content.decode()) == is_refused


@pytest.mark.parametrize("name", ["passport", "passport_calls"])
def test_a_passport_says_which_days_there_are(client, reader, name):
    about = {"kpi": "offered", "from": "2026-11-20", "site": "bogota"}
    # A report of both sites is of the 27th, and so are the passports of its rows.
    assert client.get(reverse(name), about | {"to": "2026-11-27"}).status_code == 200
    page = client.get(reverse(name), about | {"to": "2026-11-28"})
    assert page.status_code == 404
    assert REFUSED.format("2026-11-27") in unescape(page.content.decode())


def test_who_sees_one_site_has_passports_of_the_days_of_that_one(client, reader):
    here = reader.sites.get(slug="bogota")
    client.force_login(a_user("manager", here))
    about = {"kpi": "answered", "from": "2026-11-20", "site": "bogota"}
    for whose in ({}, {"agent": here.agents.get().pk}):
        asked = about | whose
        page = client.get(reverse("passport"), asked | {"to": "2026-11-26"})
        assert page.status_code == 200
        page = client.get(reverse("passport"), asked | {"to": "2026-11-27"})
        assert page.status_code == 404
        assert REFUSED.format("2026-11-26") in unescape(page.content.decode())


def test_nor_is_there_a_figure_by_site_of_it(client, reader):
    about = {"kpi": "offered", "from": "2026-11-20", "site": ["bogota", "pune"]}
    assert client.get(reverse("passport_sites"), about | {"to": "2026-11-27"}).status_code == 200
    page = client.get(reverse("passport_sites"), about | {"to": "2026-11-28"})
    assert page.status_code == 404
    assert REFUSED.format("2026-11-27") in unescape(page.content.decode())


def test_each_figure_of_a_report_of_both_sites_still_explains_itself(client, reader):
    about = {"site": ["bogota", "pune"], "by": "site", "kpi": "offered"}
    days = {"first": "2026-11-20", "last": "2026-11-27"}
    rows = client.get(reverse("api_kpis"), about | days).json()["rows"]
    assert len(rows) == 2
    for row in rows:
        assert client.get(row["kpis"]["offered"]["passport_url"]).status_code == 200


@pytest.mark.parametrize(("sites", "last", "to_come"), ASKED)
def test_the_command_refuses_it_in_the_same_words(reader, sites, last, to_come):
    of_site = [] if len(sites) > 1 else ["--site", *sites]
    said = ["--from", "2026-11-20", "--kpi", "turnover", *of_site]
    call_command("report", *said, "--to", last, stdout=StringIO())
    with pytest.raises(CommandError) as refused:
        call_command("report", *said, "--to", to_come, stdout=StringIO())
    assert str(refused.value) == REFUSED.format(last)
    assert refused.value.returncode == 2
