"""What is read from the calls is the same whether a page reads it or a worker does."""

import csv
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from ccm.long_reads import asking, pace
from ccm.models import Job
from kpis import rollups
from tests import broker
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db(transaction=True)

DAYS = {"from": "2026-03-02", "to": "2026-03-08"}
TODAY = datetime.fromisoformat("2026-03-08T15:07:30+00:00")


@pytest.fixture
def site(client, settings):
    broker.empty()
    site = a_site("Leeds", "Europe/London")
    queue, agent = a_queue(site), an_agent(site)
    a_team(site, None, agent)
    for number in range(12):
        at = NINE + timedelta(days=number % 7, minutes=15 * (number % 9))
        a_call(queue, at, wait=number, talk=30, agent=agent)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    return site


@pytest.fixture
def every_read_is_long(monkeypatch):
    """The database takes longer than a page waits for each statement, and shorter than a worker."""

    def limited(milliseconds, sql):
        return f"SET LOCAL statement_timeout = {milliseconds}; SELECT pg_sleep(0.05); {sql}"

    def switch(settings):
        settings.ANSWER_SECONDS = 0.01
        monkeypatch.setattr(pace, "LEAST_MS", 10)
        monkeypatch.setattr(pace, "_limited", limited)

    return switch


ASKED = [
    {"by": "topic"},
    {"by": "topic", "compare": "previous"},
    {"by": "hour", "kpi": ["fcr", "offered", "calls_per_agent"]},
    {"by": "clock", "across": "agent", "kpi": ["aht", "occupancy"]},
    {"by": "team", "across": "hour", "compare": "usual", "kpi": ["fcr"]},
]


def shown(page):
    """The page's text, but for what says that it was kept."""
    words = re.sub(r'<form class="notice".*?</form>', "", page.content.decode(), flags=re.DOTALL)
    words = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", words)
    return re.sub(r'nonce="[^"]*"', "", words)


@pytest.mark.parametrize("asked", ASKED)
def test_a_report_that_a_worker_read_is_the_one_that_the_page_reads(
    client, site, settings, every_read_is_long, asked
):
    address = reverse("report")
    asked = DAYS | {"period": "custom"} | asked
    with time_machine.travel(TODAY, tick=False):
        at_once = client.get(address, asked)
        assert at_once.status_code == 200
        every_read_is_long(settings)
        assert client.get(address, asked).status_code == 202
    # A day that is not over is cut where it was when the report was asked for.
    with time_machine.travel(TODAY + timedelta(minutes=4), tick=False):
        asking.run(Job.objects.get().pk)
        kept = client.get(address, asked)
        assert kept.status_code == 200
        assert "so it was read once and kept" in kept.content.decode()
        assert at_once.context["notes"] == kept.context["notes"]
        tables = [
            [[str(cell) for cell in row.cells] for row in page.context["tables"][0].rows]
            for page in (at_once, kept)
        ]
        assert tables[0] == tables[1]


def test_of_a_report_a_worker_reads_what_its_page_its_files_and_its_order_show(
    client, site, settings, every_read_is_long
):
    every_read_is_long(settings)
    report = DAYS | {"period": "custom", "by": "hour", "kpi": ["fcr", "offered"]}
    passport = {"site": site.slug, "kpi": "fcr", "only": "hour:2026-03-02T09:00:00+00:00", **DAYS}
    for address, asked in [
        (reverse("report"), report | {"export": "csv"}),
        (reverse("passport"), passport),
    ]:
        assert client.get(address, asked).status_code == 202, address
        asking.run(Job.objects.get(finished_at=None).pk)
        assert client.get(address, asked).status_code == 200, address
    # The page and the other file are of the same rows.
    for more in ({}, {"export": "xlsx"}, {"t0-sort": "offered"}):
        assert client.get(reverse("report"), report | more).status_code == 200


def test_all_of_a_kept_report_is_of_the_moment_its_calls_were_read_at(
    client, site, settings, every_read_is_long
):
    """A call that comes in meanwhile is in none of its figures, nor in those of its files; a report
    of nothing that takes long has it."""
    asked = DAYS | {"period": "custom", "by": "hour", "kpi": ["offered", "calls_per_agent"]}
    every_read_is_long(settings)
    assert client.get(reverse("report"), asked).status_code == 202
    asking.run(Job.objects.get().pk)

    def offered(**more):
        page = client.get(reverse("report"), asked | more)
        if "export" in more:
            header, *lines = csv.reader(page.getvalue().decode("utf-8-sig").splitlines())
            places = [header.index(name) for name in ("offered (count)", "calls_per_agent (count)")]
            return [sum(float(line[place] or 0) for line in lines) for place in places]
        rows = [row["figures"] for row in page.context["tables"][0].data.data]
        return [
            sum(row["offered"].value for row in rows),
            sum(row["calls_per_agent"].value or 0 for row in rows),
        ]

    assert offered() == [12, 12]
    agent, queue = site.agents.get(), site.queues.get()
    a_call(queue, NINE + timedelta(hours=1), wait=1, talk=30, agent=agent)
    rollups.rebuild()
    assert offered() == [12, 12]
    assert offered(export="csv") == [12, 12]
    fresh = client.get(reverse("report"), asked | {"kpi": "offered"}).context["tables"][0]
    assert sum(row["figures"]["offered"].value for row in fresh.data.data) == 13


def test_the_api_tells_when_it_was_read(client, site, settings, every_read_is_long):
    asked = {"first": DAYS["from"], "last": DAYS["to"], "by": "topic", "kpi": ["fcr", "asa"]}
    at_once = client.get(reverse("api_kpis"), asked).json()
    assert at_once.pop("read_at") is None
    every_read_is_long(settings)
    assert client.get(reverse("api_kpis"), asked).status_code == 202
    asking.run(Job.objects.get().pk)
    kept = client.get(reverse("api_kpis"), asked).json()
    assert datetime.fromisoformat(kept.pop("read_at"))
    assert kept == at_once


_KEYS = """
import django; django.setup()
from ccm.long_reads import pace
from datetime import date
from ccm.intervals import UTC_DAYS
from kpis.reads import reading
from kpis.reads.reading import Selection
pace._read = lambda sql, values: print(pace._key(sql, values)) or []
chosen = Selection([1], date(2026, 3, 1), date(2026, 3, 8), calendars={UTC_DAYS: [1]},
                   only={"topic": [1, 2], "queue": [3]})
reading.cells(chosen, ("topic",), families={"waits", "handling", "surveys"})
reading.answering(chosen, ("hour",))
"""


def test_two_processes_keep_the_same_rows_under_the_same_key():
    """Whatever order a process has its sets in."""
    told = set()
    for seed in "123":
        ran = subprocess.run(
            [sys.executable, "-c", _KEYS],
            env={**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "ccm.settings"},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(ran.stdout.split()) == 2
        told.add(ran.stdout)
    assert len(told) == 1
