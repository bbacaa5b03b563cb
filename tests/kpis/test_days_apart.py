"""Sites of three zones about their midnights: which days a period is of, which of them are over,
and what is compared with what."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from ccm.access import MANAGER
from kpis import rollups
from kpis.reports import form, making, reach
from kpis.reports.asked import Asked
from tests import once
from tests.builders import a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db

ZONES = {"Home": "America/Bogota", "Leeds": "Europe/London", "Pune": "Asia/Kolkata"}
DAYS = [date(2026, 11, day) for day in range(24, 28)]
NIGHT = datetime(2026, 11, 27, 2, 15, tzinfo=UTC)
"""At home it is 21:15 of the 26th, at Leeds 2:15 of the 27th, at Pune 7:45."""


@once.fixture
def sites():
    """Each with a call more a day than the day before, from its own number on: at 1:00 of its clock
    all but two, which come at 1:20 and at 22:00."""
    made = []
    for place, (name, zone) in enumerate(ZONES.items()):
        site = a_site(name, zone)
        queue = a_queue(site)
        for number, day in enumerate(DAYS):
            one = datetime(day.year, day.month, day.day, 1, tzinfo=site.tz).astimezone(UTC)
            moments = [one + timedelta(seconds=second) for second in range(10 * place + number + 1)]
            for moment in (*moments, one + timedelta(minutes=20), one + timedelta(hours=21)):
                if moment < NIGHT:
                    a_call(queue, moment, wait=0, talk=30)
        made.append(site)
    rollups.rebuild()
    return made


def offered(place, day):
    """Worked out from the above: of the days that are over."""
    return 10 * place + DAYS.index(day) + 3


def asked_at(now, sites, **asked):
    words = {name: one if isinstance(one, list) else [one] for name, one in asked.items()}
    user = a_user(MANAGER, *sites)
    wanted = Asked.of({"by": ["site"], "kpi": ["offered"]} | words)
    answerable = reach.answerable(wanted, reach.of(user), now)
    return making.make(wanted, answerable), form.title(wanted, answerable)


@pytest.mark.parametrize(
    ("now", "today"),
    [
        ("2026-11-26 18:20", ""),  # 13:20, 18:20 and 23:50 of the 26th
        ("2026-11-26 18:40", "2026-11-26 at Home, Leeds, 2026-11-27 at Pune"),
        ("2026-11-26 23:50", "2026-11-26 at Home, Leeds, 2026-11-27 at Pune"),
        ("2026-11-27 00:10", "2026-11-26 at Home, 2026-11-27 at Leeds, Pune"),
        ("2026-11-27 04:50", "2026-11-26 at Home, 2026-11-27 at Leeds, Pune"),
        ("2026-11-27 05:10", ""),  # the 27th everywhere
    ],
)
def test_no_site_is_shown_with_another_day_under_the_word_today(sites, now, today):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    made, title = asked_at(moment, sites, period="today")
    told = [words for words in making.notes(made) if words.startswith("Today is ")]
    if not today:
        assert told == []
        assert title.endswith("Today")
        return
    assert told[0].startswith(f"Today is {today}. ")
    assert "the same: 2026-11-26. " in told[0]
    assert title.endswith(", 2026-11-26")
    assert ("Note", told[0]) in made.told
    # Yesterday, too: what it is at home, and so named.
    made, title = asked_at(moment + timedelta(minutes=1), sites, period="yesterday")
    assert title.endswith(", 2026-11-25")
    assert [row.figures["offered"].value for row in made.rows] == [
        offered(place, date(2026, 11, 25)) for place in range(3)
    ]
    # A week that is over is the same everywhere, and so is what is asked of one day's sites.
    made, _title = asked_at(moment + timedelta(minutes=2), sites, period="last_week")
    assert making.notes(made) == []


def test_of_sites_where_it_is_the_same_day_today_is_theirs(sites):
    made, title = asked_at(NIGHT, sites, period="yesterday", site=[site.slug for site in sites[1:]])
    assert title.endswith("Yesterday")
    assert making.notes(made) == []
    assert [row.figures["offered"].value for row in made.rows] == [
        offered(place, date(2026, 11, 26)) for place in (1, 2)
    ]


def test_page_file_api_and_command_are_of_the_same_days(client, sites):
    user = a_user(MANAGER, *sites)
    with time_machine.travel(NIGHT, tick=False):
        client.force_login(user)
        asked = {"period": "yesterday", "by": "site", "kpi": "offered"}
        page = client.get(reverse("report"), asked)
        assert page.context["heading"] == "Report: Site, 2026-11-25"
        chosen = [words for value, words, is_chosen in page.context["form"].periods if is_chosen]
        assert chosen == ["Yesterday (2026-11-25)"]
        lines = client.get(reverse("report"), asked | {"export": "csv"}).getvalue().decode()
        found = client.get(
            reverse("api_kpis"),
            {"first": "2026-11-25", "last": "2026-11-25", "by": "site", "kpi": "offered"},
        ).json()
    out = StringIO()
    day = ("--from", "2026-11-25", "--to", "2026-11-25")
    call_command("report", *day, "--by", "site", "--kpi", "offered", "--json", stdout=out)
    rows = [*csv.DictReader(StringIO(lines.lstrip("\ufeff")))]
    assert {(row["from"], row["to"]) for row in rows} == {("2026-11-25", "2026-11-25")}
    expected = [offered(place, date(2026, 11, 25)) for place in range(3)]
    assert [int(row["offered (count)"]) for row in rows] == expected
    for said in (found, json.loads(out.getvalue())):
        assert [row["kpis"]["offered"]["value"] for row in said["rows"]] == expected
    assert [
        row["figures"]["offered"].value for row in page.context["tables"][0].data.data
    ] == expected


def test_a_day_that_is_over_at_some_sites_says_where_it_is_not(sites):
    made, _title = asked_at(NIGHT, sites, period="7d", by="day")
    (table,) = making.drawn(made, lambda row, words: "")
    marks = {row["name"]: row["mark"] for row in table.data.data}
    assert marks["2026-11-26"] == "not over at Home"
    assert marks["2026-11-25"] == ""
    # By site too each line says what is not over there, and nothing of another's.
    made, _title = asked_at(
        NIGHT + timedelta(minutes=1), sites, period="7d", by="day", across="site"
    )
    header, *lines = making.lines(made, "")
    of_day = {
        line[header.index("site")]: line[header.index("not_whole")]
        for line in lines
        if line[header.index("day")] == "2026-11-26"
    }
    assert of_day == {"Home": "not over", "Leeds": "", "Pune": ""}


def test_each_site_is_compared_up_to_its_own_clock_or_whole(sites):
    """The newest call of the 26th at home ended after 1:20: both days count up to 1:15 there."""
    asked = {"period": "custom", "from": "2026-11-26", "to": "2026-11-26", "compare": "previous"}
    made, _title = asked_at(NIGHT, sites, **asked)
    beside = [made.comparison.get(site.pk, "offered").value for site in sites]
    yesterday = date(2026, 11, 25)
    assert beside == [offered(0, yesterday) - 2, offered(1, yesterday), offered(2, yesterday)]
    notes = " ".join(making.notes(made))
    assert "At Home today is not over: there it is compared up to 01:15" in notes
    header, *lines = making.lines(made, "")
    until = [line[header.index("compared until")] for line in lines]
    assert until == ["01:15", "", ""]


def test_a_day_that_has_begun_at_some_sites_is_compared_there(sites):
    """At Leeds and Pune up to 1:15, beside the 26th up to then; at home it is none yet."""
    asked = {"period": "custom", "from": "2026-11-27", "to": "2026-11-27", "compare": "previous"}
    made, _title = asked_at(NIGHT, sites, **asked)
    found = {row.id: row.figures["offered"].value for row in made.rows}
    _home, leeds, pune = sites
    assert found == {leeds.pk: 15, pune.pk: 25}
    for place, site in ((1, leeds), (2, pune)):
        one = made.comparison.get(site.pk, "offered")
        assert one.value == offered(place, date(2026, 11, 26)) - 2


NOT_OVER = [
    # Rows, columns, the last day, and what is said of the rows of each place.
    ("total", "total", "2026-11-27", ["not over"]),
    ("total", "total", "2026-11-26", ["not over at Home"]),
    ("total", "total", "2026-11-25", [""]),
    ("site", "total", "2026-11-26", ["not over", "", ""]),
    ("queue", "total", "2026-11-26", ["not over", "", ""]),
    ("channel", "total", "2026-11-26", ["not over at Home"]),
    # Tuesday to Thursday, which is not over at home: the 24th to the 26th.
    ("weekday", "total", "2026-11-26", ["", "", "not over at Home"]),
    ("total", "weekday", "2026-11-26", ["", "", "not over at Home"]),
    ("day", "site", "2026-11-26", ["", "", "", "", "", "", "not over", "", ""]),
    ("week", "total", "2026-11-26", ["3 of 7 days; not over at Home"]),
    ("week", "total", "2026-11-25", ["2 of 7 days"]),
]


@pytest.mark.parametrize(("by", "across", "last", "told"), NOT_OVER)
def test_each_row_that_holds_a_day_that_is_not_over_says_so(client, sites, by, across, last, told):
    about = {"kpi": "offered", "by": by, "across": across}
    client.force_login(a_user(MANAGER, *sites))
    with time_machine.travel(NIGHT, tick=False):
        days = {"first": "2026-11-24", "last": last}
        rows = client.get(reverse("api_kpis"), about | days).json()["rows"]
        days = {"from": "2026-11-24", "to": last, "export": "csv"}
        file = client.get(reverse("report"), about | days).getvalue().decode()
    assert [row["not_whole"] for row in rows] == told
    lines = csv.DictReader(StringIO(file.lstrip("\ufeff")))
    assert [line["not_whole"] for line in lines] == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"by": "queue"}, ["The last day is not over at Home."]),
        ({"by": "queue", "across": "day"}, ["The last day is not over at Home."]),
        ({"by": "queue", "to": "2026-11-25"}, []),
        # Each of these says so already: beside the name of a row or column, or what is compared.
        ({"by": "day"}, []),
        ({"by": "queue", "across": "week"}, []),
        ({"by": "site", "compare": "previous"}, []),
    ],
)
def test_a_page_says_once_that_the_last_day_is_not_over(sites, asked, told):
    days = {"period": "custom", "from": "2026-11-24", "to": "2026-11-26"}
    made, _title = asked_at(NIGHT, sites, **(days | asked))
    assert [note for note in making.notes(made) if note.startswith("The last day is")] == told
