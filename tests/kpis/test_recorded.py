"""What a report, its files, the API and a passport say of days that the record does not reach.

At Leeds a call an hour from 9 to 12 on 30 and 31 August 2026, at Pune on the 31st alone.
"""

import csv
import json
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from ccm.access import MANAGER
from kpis import rollups
from tests.builders import a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db

AUGUST = (date(2026, 8, 1), date(2026, 8, 31))
LONG_AGO = (date(2020, 1, 1), date(2020, 1, 31))
NONE_AT_LEEDS = "no record of these days: it begins on 30 Aug 2026 at Leeds"
NONE_OF_BOTH = f"{NONE_AT_LEEDS}, on 31 Aug 2026 at Pune"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(datetime(2026, 9, 10, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def sites():
    made = []
    for name, first in (("Leeds", 30), ("Pune", 31)):
        site = a_site(name)
        queue = a_queue(site, f"Sales {name}")
        for day in range(first, 32):
            for hour in (9, 10, 11):
                a_call(queue, datetime(2026, 8, day, hour, tzinfo=UTC), wait=5, talk=60)
        made.append(site)
    rollups.rebuild()
    return made


@pytest.fixture
def manager(client, sites):
    client.force_login(a_user(MANAGER, *sites))
    return client


def page(client, first, last, **more: Any) -> Any:
    asked = {"period": "custom", "from": first.isoformat(), "to": last.isoformat()}
    return client.get(reverse("report"), asked | {"kpi": "offered"} | more)


def rows_of(client, first, last, **more: Any) -> list[dict[str, Any]]:
    asked = {"first": first.isoformat(), "last": last.isoformat(), "kpi": "offered"}
    return client.get(reverse("api_kpis"), asked | more).json()["rows"]


def lines(client, first, last, **more: Any) -> list[dict[str, str]]:
    told = page(client, first, last, export="csv", **more).getvalue().decode()
    return [*csv.DictReader(StringIO(told.lstrip("\ufeff")))]


NOT_WHOLE = [
    ("total", "total", ["2 of 31 days; a part of Pune"]),
    ("site", "total", ["2 of 31 days", "1 of 31 days"]),
    ("queue", "total", ["2 of 31 days", "1 of 31 days"]),
    ("clock", "total", ["2 of 31 days; a part of Pune"] * 3),
    # August 2026 has five Sundays and five Mondays; Pune's record has no Sunday.
    ("weekday", "total", ["1 of 5 days", "1 of 5 days; without Pune"]),
    ("total", "weekday", ["1 of 5 days", "1 of 5 days; without Pune"]),
    ("site", "clock", ["2 of 31 days"] * 3 + ["1 of 31 days"] * 3),
    # A month says it already, and once is enough.
    ("month", "total", ["2 of 31 days; a part of Pune"]),
    ("site", "month", ["2 of 31 days", "1 of 31 days"]),
]


@pytest.mark.parametrize(("by", "across", "told"), NOT_WHOLE)
def test_each_row_of_days_that_are_not_all_on_record_says_how_many_are(manager, by, across, told):
    asked = {"by": by, "across": across}
    assert [row["not_whole"] for row in rows_of(manager, *AUGUST, **asked)] == told
    assert [line["not_whole"] for line in lines(manager, *AUGUST, **asked)] == told
    out = StringIO()
    days = ("--from", "2026-08-01", "--to", "2026-08-31")
    call_command(
        "report", *days, "--by", by, "--across", across, "--kpi", "offered", "--json", stdout=out
    )
    assert [row["not_whole"] for row in json.loads(out.getvalue())["rows"]] == told


@pytest.mark.parametrize(
    ("by", "marks"),
    [
        ("total", ["2 of 31 days; a part of Pune"]),
        ("site", ["2 of 31 days", "1 of 31 days"]),
        ("weekday", ["1 of 5 days", "1 of 5 days; without Pune"]),
    ],
)
def test_a_page_says_it_beside_the_rows_and_since_when_the_record_is(manager, by, marks):
    shown = page(manager, *AUGUST, by=by)
    assert [row["mark"] for row in shown.context["tables"][0].data.data] == marks
    note = (
        "Not all of these days are on record: of Leeds 2 of 31, from 30 Aug 2026 on;"
        " of Pune 1 of 31, from 31 Aug 2026 on."
    )
    assert note in shown.content.decode()
    book = openpyxl.load_workbook(BytesIO(page(manager, *AUGUST, by=by, export="xlsx").getvalue()))
    assert note in [row[1] for row in book["About"].iter_rows(values_only=True)]


def test_of_all_sites_it_is_said_which_lacks_days(manager):
    three = (date(2026, 8, 29), date(2026, 8, 31))
    (row,) = rows_of(manager, *three)
    assert row["not_whole"] == "2 of 3 days; a part of Pune"
    # And one whose record begins after the last of them.
    (row,) = rows_of(manager, date(2026, 8, 29), date(2026, 8, 30))
    assert row["not_whole"] == "1 of 2 days; without Pune"
    (row, _after) = rows_of(manager, date(2026, 8, 24), date(2026, 8, 31), by="week")
    assert row["not_whole"] == "1 of 7 days; without Pune"


def test_days_that_are_all_on_record_have_no_mark(manager, sites):
    days = (date(2026, 8, 31), date(2026, 8, 31))
    assert [row["not_whole"] for row in rows_of(manager, *days, by="site")] == ["", ""]
    assert "on record" not in page(manager, *days, by="site").content.decode()
    days = (date(2026, 8, 30), date(2026, 8, 31))
    assert rows_of(manager, *days, site=sites[0].slug)[0]["not_whole"] == ""


def test_what_stands_beside_days_says_that_those_are_not_all_on_record(manager, sites):
    """1 to 9 September beside the nine days before: 23 to 31 August, of which two are there."""
    asked = {"by": "site", "compare": "previous"}
    days = (date(2026, 9, 1), date(2026, 9, 9))
    for site in sites:
        a_call(site.queues.get(), datetime(2026, 9, 1, 9, tzinfo=UTC))
    rollups.rebuild()
    note = (
        "Not all of the days before are on record: of Leeds 2 of 9, from 30 Aug 2026 on;"
        " of Pune 1 of 9, from 31 Aug 2026 on."
    )
    assert note in page(manager, *days, **asked).content.decode()
    said = ["2 of 9 days", "1 of 9 days"]
    assert [line["compared not_whole"] for line in lines(manager, *days, **asked)] == said
    found = manager.get(
        reverse("api_kpis"),
        {"first": days[0].isoformat(), "last": days[1].isoformat(), "kpi": "offered"} | asked,
    ).json()
    assert [row["not_whole"] for row in found["compared"]] == said
    assert note in found["notes"]
