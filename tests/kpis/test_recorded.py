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

from ccm import identity
from ccm.access import AGENT, MANAGER
from kpis import rollups
from tests import once
from tests.builders import a_call, a_queue, a_site, a_user, an_agent, stored

pytestmark = pytest.mark.django_db

AUGUST = (date(2026, 8, 1), date(2026, 8, 31))
LONG_AGO = (date(2020, 1, 1), date(2020, 1, 31))
NONE_AT_LEEDS = "no record of these days: it begins on 30 Aug 2026 at Leeds"
NONE_OF_BOTH = f"{NONE_AT_LEEDS}, on 31 Aug 2026 at Pune"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(datetime(2026, 9, 10, 12, tzinfo=UTC), tick=False):
        yield


@once.fixture
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


# Before the record


def test_before_the_record_no_value_is_not_0_and_the_reason_says_since_when_it_is(manager, sites):
    """One way on the report, its files, the API, the command, Home, Queues, and in passports."""
    leeds = {"site": sites[0].slug}
    (row,) = rows_of(manager, *LONG_AGO, **leeds)
    offered = row["kpis"]["offered"]
    assert (offered["value"], offered["n"], offered["reason"]) == (None, 0, NONE_AT_LEEDS)
    assert row["not_whole"] == "0 of 31 days"
    (line,) = lines(manager, *LONG_AGO, by="total", **leeds)
    assert (line["offered (count)"], line["reasons"]) == ("", f"offered: {NONE_AT_LEEDS}")
    out = StringIO()
    days = ("--from", "2020-01-01", "--to", "2020-01-31", "--site", "Leeds", "--kpi", "offered")
    call_command("report", *days, stdout=out)
    assert f"({NONE_AT_LEEDS})" in out.getvalue()
    asked = {"period": "custom", "from": "2020-01-01", "to": "2020-01-31"} | leeds
    home = manager.get(reverse("home"), asked)
    (tile,) = [one for one in home.context["tiles"] if one.id == "offered"]
    assert (tile.value, tile.left) == (None, NONE_AT_LEEDS)
    assert {one.left for one in home.context["tiles"]} == {NONE_AT_LEEDS}
    nothing = f"Nothing to show, for there is {NONE_AT_LEEDS}."
    for name in ("home", "queues", "agents", "curve"):
        told = manager.get(reverse(name), asked).content.decode()
        assert nothing in told, name
        assert "Nothing was counted" not in told
    about = {"kpi": "offered", "from": "2020-01-01", "to": "2020-01-31"}
    passport = manager.get(reverse("passport"), about | leeds)
    assert passport.context["passport"]["value"] is None
    assert f"N{NONE_AT_LEEDS[1:]}." in passport.content.decode()


@pytest.mark.parametrize("by", ["site", "queue", "day", "month"])
def test_a_report_of_rows_before_the_record_says_so_in_their_place(manager, by):
    nothing = f"Nothing to show, for there is {NONE_OF_BOTH}."
    shown = page(manager, *LONG_AGO, by=by)
    assert shown.context["tables"][0].empty_text == nothing
    assert nothing in shown.content.decode()
    assert nothing in page(manager, *LONG_AGO, by=by, across="weekday").content.decode()
    book = openpyxl.load_workbook(
        BytesIO(page(manager, *LONG_AGO, by=by, export="xlsx").getvalue())
    )
    assert ("Note", nothing) in [row[:2] for row in book["About"].iter_rows(values_only=True)]


def test_0_stands_for_days_that_the_record_reaches(manager, sites):
    days = (date(2026, 9, 3), date(2026, 9, 4))
    (row,) = rows_of(manager, *days, site=sites[0].slug)
    assert (row["kpis"]["offered"]["value"], row["not_whole"]) == (0, "")
    # Of both sites together too, where one of them reaches so far.
    (row,) = rows_of(manager, date(2026, 8, 30), date(2026, 8, 30), kpi="abandoned")
    assert row["kpis"]["abandoned"]["value"] == 0


def test_a_record_of_answers_alone_begins_with_the_first_of_them(client):
    site = a_site("Oslo")
    alone: dict[str, Any] = {"kind": "csat", "scale_min": 1, "scale_max": 5, "score": 4.0}
    at = datetime(2026, 8, 31, 9, tzinfo=UTC)
    alone |= {"answered_at": at, "birth_ms": identity.milliseconds(at), "external_id": "a1"}
    alone |= {"line": 1, "lines": 1, "queue": "Sales", "agent": None}
    stored(site, surveys=[alone])
    rollups.rebuild()
    client.force_login(a_user(MANAGER, site))
    reason = "no record of these days: it begins on 31 Aug 2026 at Oslo"
    (row,) = rows_of(client, date(2026, 8, 30), date(2026, 8, 30))
    offered = row["kpis"]["offered"]
    assert (offered["value"], offered["reason"]) == (None, reason)
    asked = {"period": "custom", "from": "2026-08-30", "to": "2026-08-30"}
    assert {one.left for one in client.get(reverse("home"), asked).context["tiles"]} == {reason}
    (row,) = rows_of(client, date(2026, 8, 31), date(2026, 8, 31))
    assert row["kpis"]["offered"]["value"] == 0


def test_a_passport_says_which_of_its_days_are_on_record(manager, sites):
    about = {"kpi": "offered", "from": "2026-08-01", "to": "2026-08-31"}
    leeds = manager.get(reverse("passport"), about | {"site": sites[0].slug}).content.decode()
    assert "Not all of these days are on record: of Leeds 2 of 31, from 30 Aug 2026 on." in leeds
    of_both = about | {"site": [site.slug for site in sites]}
    both = manager.get(reverse("passport_sites"), of_both)
    assert "of Pune 1 of 31, from 31 Aug 2026 on." in both.content.decode()
    assert [one.mark for one in both.context["made"].sites] == ["2 of 31 days", "1 of 31 days"]
    # Who came again is known as far as each site's own passport says: up to the earlier of these.
    again = {"kpi": "resolution_time", "from": "2026-08-31", "to": "2026-08-31"}
    whole_until = [
        manager.get(reverse("passport"), again | {"site": site.slug}).context["passport"]["as_of"]
        for site in sites
    ]
    of_sites = again | {"site": [site.slug for site in sites]}
    facts = manager.get(reverse("passport_sites"), of_sites).context["facts"]
    assert facts["as_of"] == min(whole_until)
    whole = about | {"from": "2026-08-31", "site": sites[0].slug}
    assert "on record" not in manager.get(reverse("passport"), whole).content.decode()


@pytest.mark.parametrize("name", ["home", "queues", "agents"])
def test_pages_of_a_site_say_which_of_the_days_are_on_record(manager, sites, name):
    asked = {"period": "custom", "from": "2026-08-01", "to": "2026-08-31", "site": sites[0].slug}
    told = manager.get(reverse(name), asked).content.decode()
    assert "Not all of these days are on record: of Leeds 2 of 31, from 30 Aug 2026 on." in told
    curve = manager.get(reverse("curve"), asked).context["chart"]
    assert [row["offered"] for row in curve["rows"]] == [*[None] * 29, 3, 3]
    whole = manager.get(reverse(name), asked | {"from": "2026-08-30"}).content.decode()
    assert "on record" not in whole


def test_an_agent_asks_of_days_before_the_record(client, sites):
    (leeds, _pune) = sites
    user = a_user(AGENT, leeds)
    ann = an_agent(leeds, user=user)
    a_call(leeds.queues.get(), datetime(2026, 8, 31, 15, tzinfo=UTC), agent=ann)
    rollups.rebuild()
    client.force_login(user)
    asked = {"period": "custom", "from": "2020-01-01", "to": "2020-01-31"}
    own = client.get(reverse("agent", args=[ann.pk]), asked)
    assert {(one.value, one.left) for one in own.context["tiles"]} == {(None, NONE_AT_LEEDS)}
    for day, answer in ((LONG_AGO[0], (None, NONE_AT_LEEDS)), (AUGUST[1], (1, ""))):
        (row,) = rows_of(client, day, day, kpi="answered")
        told = row["kpis"]["answered"]
        assert (told["value"], told["reason"]) == answer
