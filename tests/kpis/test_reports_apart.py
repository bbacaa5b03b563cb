"""What a report says of definitions that differ by row or day, and of figures of several sites.

Each queue has on Monday and on Tuesday: 2 answered after 10 s, 1 after 25 s, 1 given up after
25 s. SL4 at 20 s (chosen for all): 4 / 8; SL3 at 30 s: 6 / 8.
"""

import csv
import json
import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import reverse

from ccm.models import Topic
from ccm.templatetags.figures import figure
from kpis import rollups
from kpis.definitions import KPIS
from kpis.models import KpiChoice
from tests import once
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.examples import TIMES

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
DAYS = {"period": "custom", "from": MONDAY.isoformat(), "to": TUESDAY.isoformat()}
API_DAYS = {"first": MONDAY.isoformat(), "last": TUESDAY.isoformat()}
LEVEL = {"kpi": "service_level"}


def a_week_begins(queue, agent):
    for day in (NINE, NINE + timedelta(days=1)):
        for wait in (10, 10, 25):
            a_call(queue, day, wait=wait, agent=agent)
        a_call(queue, day, wait=25, outcome="abandoned")


@once.fixture
def queues():
    """Two queues of Leeds and one of Pune, each with an agent in a team."""
    leeds, pune = a_site("Leeds", "Europe/London"), a_site("Pune", "Asia/Kolkata")
    made = {}
    for name, site in (("Billing", leeds), ("Sales", leeds), ("Support", pune)):
        made[name] = a_queue(site, name)
        agent = an_agent(site, f"{name}'s")
        a_team(site, None, agent)
        a_week_begins(made[name], agent)
    rollups.rebuild()
    return made


@pytest.fixture
def manager(client, queues):
    user = a_user("manager", *{queue.site for queue in queues.values()})
    client.force_login(user)
    return user


def chosen(variant, on, seconds=30, **scope):
    KpiChoice.objects.create(
        kpi="service_level", variant=variant, valid_from=on,
        parameters={"threshold_seconds": seconds}, **scope,
    )  # fmt: skip


def page_of(client, **asked):
    return client.get(reverse("report"), DAYS | LEVEL | asked)


def csv_of(client, **asked):
    sent = b"".join(page_of(client, export="csv", **asked).streaming_content)
    return list(csv.DictReader(StringIO(sent.decode("utf-8-sig"))))


def about_of(client, **asked):
    book = openpyxl.load_workbook(BytesIO(page_of(client, export="xlsx", **asked).content))
    return [tuple(one or "" for one in row) for row in book["About"].iter_rows(values_only=True)]


def api_of(client, **asked):
    return client.get(reverse("api_kpis"), API_DAYS | LEVEL | asked).json()


def test_a_row_made_otherwise_than_most_says_so_wherever_it_is_read(client, manager, queues):
    chosen("SL3", date(2026, 1, 1), queue=queues["Sales"])
    page = page_of(client, by="queue")
    (table,) = page.context["tables"]
    headings = [str(column.header) for column in table.columns]
    assert headings == ["Queue", "Service level (SL4, 20 s)"]
    assert page.content.decode().count('class="made-by"') == 1
    sales = next(row for row in table.rows if row.record["name"] == "Sales")
    assert ">SL3, 30 s</small>" in sales.get_cell("service_level")
    note = "Service level is made by SL4, 20 s, but Sales by SL3, 30 s."
    assert note in page.context["notes"]
    assert [
        (row["queue"], float(row["service_level (fraction)"]), row["service_level definition"])
        for row in csv_of(client, by="queue")
    ] == [
        ("Billing", 4 / 8, "SL4, 20 s"), ("Sales", 6 / 8, "SL3, 30 s"),
        ("Support", 4 / 8, "SL4, 20 s"),
    ]  # fmt: skip
    assert [row[:3] for row in about_of(client, by="queue") if row[0] == "Service level"] == [
        ("Service level", "SL4, 20 s", "Billing, Support"),
        ("Service level", "SL3, 30 s", "Sales"),
    ]
    rows = api_of(client, by="queue")["rows"]
    told = [row["kpis"]["service_level"]["definition"] for row in rows]
    assert told == ["SL4, 20 s", "SL3, 30 s", "SL4, 20 s"]
    # Across days a whole column is named; of a part of it, which.
    crossed = page_of(client, by="day", across="queue")
    assert note in crossed.context["notes"]
    assert crossed.content.decode().count('class="made-by"') == 2


def test_the_day_of_a_change_is_marked_by_queue_and_of_a_queue(client, manager, queues):
    sales = queues["Sales"]
    chosen("SL3", TUESDAY, queue=sales)
    said = f"Service level from {TUESDAY}: SL3, 30 s"
    assert f"{said} (Sales)" in page_of(client, by="queue").context["notes"]
    assert ("Changed", f"{said} (Sales)") in [row[:2] for row in about_of(client, by="queue")]
    assert [row["changes"] for row in csv_of(client, by="queue")] == ["", said, ""]
    (change,) = api_of(client, by="queue")["changes"]
    assert (change["day"], change["definition"], change["key"]) == (
        TUESDAY.isoformat(), "SL3, 30 s", {"queue": "Sales"},
    )  # fmt: skip
    whole = "A figure of several days is as a whole by what holds on the last of them."
    assert whole in page_of(client, by="queue").context["notes"]
    assert ("Changed", whole) in [row[:2] for row in about_of(client, by="queue")]
    assert whole not in page_of(client, by="day", across="queue").context["notes"]
    part = f"Service level is made by SL4, 20 s, but Sales × {TUESDAY} by SL3, 30 s."
    assert part in page_of(client, by="day", across="queue").context["notes"]
    of_one = {"queue": sales.pk, "by": "day"}
    page = page_of(client, **of_one)
    assert said in page.context["notes"]
    # Of three queues at two sites that of one: no other site has a part in it.
    assert {("Queue", "Sales"), ("Sites", "Leeds"), ("Zone", "Europe/London")} <= {
        *page.context["told"]
    }
    assert {row["site"] for row in csv_of(client, **of_one)} == {"Leeds"}
    # The chart has a stroke on the day, and each of the two days is written once.
    layout = json.loads(page.context["chart"]["json"])["layout"]
    (stroke,) = (shape for shape in layout["shapes"] if shape["yref"] == "paper")
    (note,) = layout["annotations"]
    assert (stroke["x0"][:10], note["text"]) == (TUESDAY.isoformat(), "SL3, 30 s")
    # Its words are above all lines, in a margin that they fit into, and end where there is room.
    assert (note["y"], note["yref"], note["yanchor"]) == (1, "paper", "bottom")
    assert (layout["margin"]["t"] >= 20, note["xanchor"]) == (True, "right")
    assert len(layout["xaxis"]["tickvals"]) == 2
    rows = page.context["tables"][0].data.data
    assert [(row["mark"], row["figures"]["service_level"].value) for row in rows] == [
        ("", 4 / 8), (said, 6 / 8),
    ]  # fmt: skip
    assert [row["changes"] for row in csv_of(client, **of_one)] == ["", said]
    assert ("Queue", "Sales") in [row[:2] for row in about_of(client, **of_one)]
    assert [one["key"] for one in api_of(client, **of_one)["changes"]] == [{}]
    out = StringIO()
    days = ("--from", MONDAY.isoformat(), "--to", TUESDAY.isoformat())
    call_command("report", *days, "--by=queue", "--kpi=service_level", stdout=out)
    assert f"{said} (Sales)" in out.getvalue()
    assert "n 8   SL3, 30 s" in out.getvalue()


def test_a_site_of_several_says_when_its_own_definition_changed(client, manager, queues):
    chosen("SL3", TUESDAY, site=queues["Support"].site)
    said = f"Service level from {TUESDAY}: SL3, 30 s"
    for by in ("site", "team"):
        assert f"{said} (Pune)" in page_of(client, by=by).context["notes"]
    assert [one["key"] for one in api_of(client, by="site")["changes"]] == [{"site": "Pune"}]
    # The whole of both is by the definition for all sites.
    assert said not in " ".join(page_of(client, by="total").context["notes"])


@pytest.mark.parametrize("by", ["site", "queue", "team", "agent"])
def test_a_row_of_one_site_among_several_is_that_of_its_passport(client, manager, queues, by):
    chosen("SL3", date(2026, 1, 1), site=queues["Support"].site)
    rows = page_of(client, by=by).context["tables"][0].data.data
    assert len(rows) == (2 if by == "site" else 3 if by == "queue" else len(rows))
    for row in rows:
        url = row["url_of"]("service_level")
        figure = row["figures"]["service_level"]
        passport = client.get(url).context["passport"]
        assert (passport["value"], passport["variant"]) == (figure.value, figure.variant.id)
        assert url.count("site=") == 1


def test_a_figure_of_several_sites_leads_to_the_passport_of_each(
    client, manager, queues, django_assert_max_num_queries
):
    (row,) = page_of(client, by="total").context["tables"][0].data.data
    url = row["url_of"]("service_level")
    assert url.startswith(reverse("passport_sites"))
    (line,) = csv_of(client, by="total")
    assert line["service_level passport_url"] == f"http://testserver{url}"
    (answer,) = api_of(client)["rows"]
    assert answer["kpis"]["service_level"]["passport_url"] == f"http://testserver{url}"
    with django_assert_max_num_queries(12):
        page = client.get(url)
    made = page.context["made"]
    assert (made.figure.value, made.figure.n) == (12 / 24, 24)
    assert [(one.name, one.figure.value, one.figure.n) for one in made.sites] == [
        ("Leeds", 8 / 16, 16), ("Pune", 4 / 8, 8),
    ]  # fmt: skip
    drawer = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert drawer.count("data-drawer") == 2
    assert "<html" not in drawer
    # Only who sees every site that it names has it.
    client.force_login(a_user("manager", queues["Sales"].site))
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        "kpi=zzz", "from=x", "from=2026-03-09", "site=nowhere", "only=zzz:1", "only=clock:99",
        "only=queue:999999", "agent=999999", "from=0001-01-01",
        "only=direction:inbound&only=direction:outbound",
    ],
)  # fmt: skip
def test_no_figure_of_several_sites_is_made_of_nonsense(client, manager, queues, wrong):
    sites = "&".join(f"site={site.slug}" for site in {queue.site for queue in queues.values()})
    good = f"kpi=asa&from=2026-03-02&to=2026-03-03&{sites}"
    address = reverse("passport_sites")
    assert client.get(f"{address}?{good}").status_code == 200
    assert client.get(f"{address}?{good}&{wrong}").status_code == 404


def test_files_say_of_which_sites_days_and_zone_each_line_is(client, manager, queues):
    def told(rows):
        return [(row["site"], row["from"], row["to"], row["zone"]) for row in rows]

    both = ("Leeds; Pune", "2026-03-02", "2026-03-03", "Europe/London; Asia/Kolkata")
    assert told(csv_of(client, by="total")) == [both]
    assert told(csv_of(client, by="site")) == [
        ("Leeds", *both[1:3], "Europe/London"), ("Pune", *both[1:3], "Asia/Kolkata"),
    ]  # fmt: skip
    assert [row[1:3] for row in told(csv_of(client, by="day"))] == [
        ("2026-03-02", "2026-03-02"), ("2026-03-03", "2026-03-03"),
    ]  # fmt: skip
    for name in ("queues", "agents"):
        asked = DAYS | {"site": queues["Support"].site.slug, "export": "csv"}
        sent = b"".join(client.get(reverse(name), asked).streaming_content).decode("utf-8-sig")
        (line,) = csv.DictReader(StringIO(sent))
        assert told([line]) == [("Pune", *both[1:3], "Asia/Kolkata")]


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "queue", "across": "agent", "kpi": ["occupancy", "calls_per_agent"]},
        {"by": "team", "across": "queue"},
        {"by": "agent", "compare": "usual"},
        {"by": "total", "kpi": ["occupancy", "calls_per_agent", "fcr"]},
    ],
)
def test_several_sites_ask_no_more_than_one(
    client, manager, queues, django_assert_max_num_queries, asked
):
    with django_assert_max_num_queries(12):
        assert page_of(client, **asked).status_code == 200
    for kpi in ("occupancy", "calls_per_agent", "fcr", "aht"):
        (row,) = page_of(client, by="total", kpi=kpi).context["tables"][0].data.data
        with django_assert_max_num_queries(12):
            assert client.get(row["url_of"](kpi)).status_code == 200


def test_figures_without_a_passport_say_why(client, manager, queues):
    site = queues["Sales"].site
    picked = [a_queue(site, f"Line {number}").pk for number in range(21)]
    asked = {"site": site.slug, "queue": picked, "kpi": ["missed_rate", "offered"]}
    why = "Missed rings, Offered: figures without a link have no passport, because more than 20 are"
    page = page_of(client, by="day", **asked)
    assert [note for note in page.context["notes"] if note.startswith(why)]
    for by in ("team", "agent"):
        page = page_of(client, by=by, kpi=["missed_rate", "offered"])
        assert not [note for note in page.context["notes"] if "no passport" in note]


TOLD = ["offered", "answered", "service_level", "aht", "csat", "occupancy", "fcr"]


@pytest.mark.parametrize(
    ("by", "name", "offered"),
    [
        ("day", "Together", 16 + 1),
        ("week", "Together", None),  # one row says it all
        ("clock", "Together", 16 + 1),
        ("queue", "Together, in visits", 16 + 2),
        ("agent", "Together, in visits", None),
        ("team", "Together, in visits", None),
        ("topic", "Together, in visits", 16 + 2),
        ("direction", "", None),
    ],
)
def test_the_last_row_is_the_whole_in_the_units_of_the_rows_and_says_what_its_passports_say(
    client, manager, queues, by, name, offered
):
    """Of Leeds: 8 calls each of two queues, and a contact that came to one at 8 and was sent on to
    the other, where it was answered: 1 contact, 2 visits."""
    first, second = queues["Billing"], queues["Sales"]
    a_call(first, NINE - HOUR, linked_id="on", outcome="other")
    more = {"agent": second.site.agents.first(), "topic": Topic.objects.create(name="Bill")}
    a_call(second, NINE - HOUR + MINUTE, linked_id="on", **more)
    rollups.rebuild()
    asked = {"by": by, "site": first.site.slug, "kpi": TOLD}
    page = page_of(client, **asked)
    (table,) = page.context["tables"]
    if by in ("week", "direction"):
        assert (table.has_footer(), b"<tfoot>" in page.content) == (False, False)
        return
    headings = [column.name for column in table.columns]
    feet = dict(zip(headings, (column.footer for column in table.columns), strict=True))
    assert feet["name"] == name
    whole = {}
    for words in TOLD:
        if by == "topic" and words in ("csat", "occupancy", "fcr"):
            assert feet[words] == ""  # of no topic it is known
            continue
        found = re.search(r'<a href="([^"]*)"[^>]*>(.*?)</a>', feet[words])
        passport = client.get(unescape(found[1])).context["passport"]
        assert figure(passport["value"], passport["unit"]) == re.sub("<.*>", "–", found[2])
        whole[words] = passport["value"]
        if words == "offered":
            assert passport["value"] == offered
    # In files a column adds up: no row there is the whole, but a workbook's second sheet has it.
    assert len(csv_of(client, **asked)) == len(table.rows)
    file = page_of(client, export="xlsx", **asked)
    rows, about = openpyxl.load_workbook(BytesIO(file.content)).worksheets
    assert rows.max_row == len(table.rows) + 1
    lines = [*about.iter_rows()]
    at = next(place for place, line in enumerate(lines) if line[0].value == name)
    told = {line[0].value.partition(" (")[0]: line[1] for line in lines[at + 1 :]}
    assert {words: cell.value for words, cell in told.items()} == pytest.approx(whole)
    assert told["service_level"].number_format == "0.0%"


def test_the_whole_says_by_what_it_is_made_where_that_is_not_what_its_column_says(
    client, manager, queues
):
    """Monday by SL4, Tuesday and the whole by SL3: of as many rows the column tells the first."""
    chosen("SL3", TUESDAY)
    (table,) = page_of(client, by="day").context["tables"]
    column = table.columns["service_level"]
    assert str(column.header) == "Service level (SL4, 20 s)"
    assert ">SL3, 30 s</small>" in column.footer
    # One that all rows and the whole are made by is told by none of them.
    (table,) = page_of(client, by="queue").context["tables"]
    assert "made-by" not in table.columns["service_level"].footer


def test_what_no_agent_has_is_told_of_no_agents_together(client, manager, queues):
    """Nobody turns over alone: of all agents together, as of each, it is said why not."""
    asked = {"site": queues["Sales"].site.slug, "kpi": ["answered", "turnover"]}
    for by in ("agent", "team"):
        page = page_of(client, by=by, **asked)
        (table,) = page.context["tables"]
        assert len(table.rows) == 2
        assert 'title="' in table.columns["turnover"].footer
        assert "–</span>" in table.columns["turnover"].footer


def test_the_whole_of_several_sites_opens_the_figure_of_each(client, manager, queues):
    (table,) = page_of(client, by="site", kpi="offered").context["tables"]
    found = re.search(r'<a href="([^"]*)"[^>]*>24</a>', table.columns["offered"].footer)
    made = client.get(unescape(found[1])).context["made"]
    assert [one.figure.value for one in made.sites] == [16, 8]


def test_the_whole_of_more_than_an_address_can_name_says_that_it_has_no_passport(
    client, manager, queues
):
    site = queues["Sales"].site
    for number in range(19):
        a_call(a_queue(site, f"Line {number}"), NINE)
    rollups.rebuild()
    page = page_of(client, by="queue", site=site.slug, kpi="offered")
    assert page.context["tables"][0].columns["offered"].footer == "35"
    why = "Together, in visits: Offered: figures without a link have no passport, because more than"
    assert [note for note in page.context["notes"] if note.startswith(why)]


def test_a_file_says_what_it_is_counted_in_and_what_is_picked(client, manager, queues):
    """The same columns of all and of what is picked would look alike."""
    sales = queues["Sales"]
    (line,) = csv_of(client, by="total", site=sales.site.slug)
    assert (line["counted_in"], "picked" in line) == ("contacts", False)
    asked = {"queue": [sales.pk, queues["Billing"].pk], "channel": "voice", "direction": "inbound"}
    words = "Queue: Sales, Billing; Channel: Voice; Direction: Inbound"
    lines = csv_of(client, by="day", **asked)
    assert [(one["counted_in"], one["picked"]) for one in lines] == [("visits", words)] * 2
    book = openpyxl.load_workbook(BytesIO(page_of(client, export="xlsx", **asked).content))
    header, *rows = book.worksheets[0].iter_rows(values_only=True)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert {(one["counted_in"], one["picked"]) for one in told} == {("visits", words)}


def a_stranger_s():
    york = a_site("York", "Europe/London")
    queue, agent = a_queue(york, "Theirs"), an_agent(york, "Stranger")
    a_call(queue, NINE, wait=10, agent=agent)
    rollups.rebuild()
    return {"queue": queue, "agent": agent, "team": a_team(york, None, agent), "site": york}


@pytest.mark.parametrize("kind", ["queue", "agent", "team", "site"])
def test_of_what_is_gone_or_out_of_reach_no_form_shows_a_figure(client, manager, queues, kind):
    """Asked of nothing but a queue of York, a manager of Leeds and Pune is told so, and no 0."""
    away = a_stranger_s()[kind]
    asked = {kind: away.slug if kind == "site" else away.pk}
    words = f"{kind.capitalize()}: one that this report asks for is gone, or out of your reach."
    words += " Nothing to show."
    for by in ("day", "total", "queue", "clock"):
        page = page_of(client, by=by, kpi="offered", **asked)
        assert page.context["problems"] == [words]
        assert (page.context["tables"], page.context["chart"]) == ([], None)
        assert "Theirs" not in page.content.decode()
    for export in ("csv", "xlsx"):
        file = page_of(client, by="day", kpi="offered", export=export, **asked)
        assert (file.status_code, words in file.content.decode()) == (404, True)
    told = client.get(reverse("api_kpis"), API_DAYS | LEVEL | asked)
    assert told.status_code == 404


def test_what_is_picked_of_two_kinds_that_no_site_has_both_of_is_of_nothing(
    client, manager, queues
):
    team = queues["Support"].site.teams.get()
    asked = {"queue": queues["Sales"].pk, "team": team.pk}
    words = f"Team of another site than Leeds: {team.name} (Pune). Nothing to show."
    page = page_of(client, **asked)
    assert (page.context["problems"], page.context["tables"]) == ([words], [])
    told = client.get(reverse("api_kpis"), API_DAYS | LEVEL | asked)
    assert told.status_code == 400
    assert words in told.content.decode()


def test_what_is_lost_of_several_is_told_with_the_rest_in_every_form(client, manager, queues):
    """Of Sales and a queue of York the 8 calls of Sales are told, and so they are by their
    passport."""
    queue = [queues["Sales"].pk, a_stranger_s()["queue"].pk]
    asked = {"queue": queue, "by": "total", "kpi": "offered"}
    words = "Queue: one that this report asks for is gone, or out of your reach."
    page = page_of(client, **asked)
    assert page.context["problems"] == [words]
    ((row,),) = [table.data.data for table in page.context["tables"]]
    passport = client.get(row["url_of"]("offered")).context["passport"]
    assert (row["figures"]["offered"].value, passport["value"]) == (8, 8)
    (line,) = csv_of(client, **asked)
    assert (line["offered (count)"], line["not_as_asked"]) == ("8", words)
    book = openpyxl.load_workbook(
        BytesIO(page_of(client, export="xlsx", **asked).content), read_only=True
    )
    first, _about = book.worksheets
    header, told = first.iter_rows(values_only=True)
    assert dict(zip(header, told, strict=True))["not_as_asked"] == words
    assert ("Note", words) in [row[:2] for row in about_of(client, **asked)]
    # A file of all that was asked for has no such column.
    (line,) = csv_of(client, queue=queues["Sales"].pk, by="total")
    assert "not_as_asked" not in line


def test_what_a_report_cannot_take_from_its_address_is_said(client, manager, queues):
    leeds, pune = queues["Sales"].site, queues["Support"].site
    team = leeds.teams.first()
    page = page_of(client, site=pune.slug, team=team.pk)
    words = f"Team of another site than Pune: {team.name} (Leeds). Nothing to show."
    assert page.context["problems"] == [words]
    assert page.context["tables"] == []
    here = pune.teams.first()
    page = page_of(client, site=pune.slug, team=[team.pk, here.pk])
    words = f"Team, left out because of another site: {team.name} (Leeds)."
    assert page.context["problems"] == [words]
    assert [len(table.rows) for table in page.context["tables"]] == [2]
    page = page_of(client, rows="zzz", export="pdf", colour="red", sort="name", page="1")
    assert page.context["problems"] == [
        "Not understood, so left out: rows=zzz, export=pdf, colour=red."
    ]
    # What says nothing picks nothing: the report is of all, not of none.
    for asked in ({"team": "abc"}, {"queue": "9" * 40}, {"definition": "service_level:SL99"}):
        page = page_of(client, by="total", **asked)
        (word,) = asked.values()
        if "definition" in asked:
            word += " (service_level has no variant 'SL99'; it has SL4, SL1, SL2, SL3, SL5, SL6,"
            word += " SL7, SL7b, SL8)"
        assert page.context["problems"] == [f"Not understood, so left out: {word}."]
        (row,) = page.context["tables"][0].rows
        assert row.record["figures"]["service_level"].n == 24
    # Dates that are none: the title is of the days that are shown.
    page = page_of(client, **{"from": "2026-11-31", "to": "2026-11-26"})
    assert "2026-11-31" not in page.context["heading"]
    assert page.context["told"][0][1] in page.context["heading"]
    nul = client.get(f"{reverse('report')}?by=%00")
    assert nul.status_code == 400
    assert "<h1>" in nul.content.decode()
    # A queue of another site: shown is the site, and it says so; a file could not.
    for name in ("home", "queues", "agents", "curve"):
        asked = DAYS | {"site": pune.slug, "queue": queues["Sales"].pk}
        words = "Sales is a queue of another site. Shown is all of Pune."
        assert words in client.get(reverse(name), asked).content.decode()
    file = client.get(reverse("queues"), asked | {"export": "csv"})
    assert file.status_code == 404
    assert "Sales is a queue of another site.<" in file.content.decode()


def test_all_rows_stand_on_one_page_to_be_printed(client, manager, queues):
    for number in range(60):
        a_call(queues["Sales"], NINE + timedelta(minutes=15 * number))
    rollups.rebuild()
    asked = {"by": "interval", "site": queues["Sales"].site.slug}
    paged = page_of(client, **asked)
    assert len(paged.context["tables"][0].paginated_rows) == 50
    assert "Report: 15 minutes, 2026-03-02 – 2026-03-03" in paged.content.decode()
    whole = client.get(f"{reverse('report')}{paged.context['whole_url']}")
    assert len(whole.context["tables"][0].paginated_rows) >= 60
    assert not whole.context["several_pages"]


def test_an_agent_gets_the_own_figures_and_nobody_elses(client, queues):
    leeds = queues["Sales"].site
    me = leeds.agents.get(name="Sales's")
    me.user = a_user("agent")
    me.save()
    client.force_login(me.user)
    (row,) = api_of(client, kpi="answered", by="agent")["rows"]
    assert (row["key"], row["kpis"]["answered"]["value"]) == ({"agent": "Sales's"}, 6)
    (row,) = api_of(client, kpi="answered")["rows"]
    assert row["kpis"]["answered"]["value"] == 6
    url = row["kpis"]["answered"]["passport_url"]
    assert client.get(url).context["passport"]["value"] == 6
    other = leeds.agents.get(name="Billing's")
    for asked in ({"agent": other.pk}, {"site": queues["Support"].site.slug}):
        answer = client.get(reverse("api_kpis"), API_DAYS | asked)
        assert answer.status_code == 404


def test_how_fast_calls_are_handled_at_several_sites_is_not_told_without_how_well(
    client, manager, queues
):
    """Nobody's caller came again and nobody was asked: each says so in its own passport."""
    sites = list(dict.fromkeys(queue.site.slug for queue in queues.values()))
    address = {"from": MONDAY.isoformat(), "to": TUESDAY.isoformat(), "site": sites}
    page = client.get(reverse("passport_sites"), address | {"kpi": "aht"})
    with_it = page.context["with_it"]
    assert [str(one["name"]) for one in with_it] == [str(KPIS[one].name) for one in ("fcr", "csat")]
    assert "never told without how well" in page.content.decode()
    for one in with_it:
        made = client.get(one["url"]).context["made"]
        assert (made.figure.kpi.name, made.figure.value) == (one["name"], one["value"])
        assert [site.name for site in made.sites] == ["Leeds", "Pune"]
    alone = client.get(reverse("passport_sites"), address | {"kpi": "asa"})
    assert alone.context["with_it"] == []


def asked(rows):
    """Of the rows in which nothing was counted the suite asks for two; `tests.heavy.further` for
    each."""
    empty = [row for row in rows if not row["kpis"]["answered"]["value"]]
    return [row for row in rows if TIMES > 1 or row not in empty[1:-1]]


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_every_passport_that_the_api_gives_opens_for_whoever_is_given_it(client, queues, role):
    """An agent who went from one team to another, and took a call without any: of rows of teams
    too, which an agent does not see as such; and a supervisor of the other team."""
    leeds = queues["Sales"].site
    me = leeds.agents.get(name="Sales's")
    me.user = a_user("agent")
    me.save()
    me.memberships.update(ends_on=MONDAY)
    leader = a_user("supervisor", leeds)
    me.memberships.create(team=a_team(leeds, leader), starts_on=TUESDAY)
    a_call(queues["Sales"], NINE - timedelta(days=1), agent=me)
    rollups.rebuild()
    client.force_login(me.user if role == "agent" else leader)
    for by in ("team", "agent", "queue", "site", "channel", "topic", "hour", "day", "total"):
        rows = api_of(client, first="2026-03-01", by=by, kpi=["answered", "aht"])["rows"]
        assert len(rows) >= (3 if by == "team" and role == "agent" else 1)
        for row in asked(rows):
            for one in row["kpis"].values():
                url = one["passport_url"]
                answer = client.get(url)
                assert (by, row["key"], answer.status_code) == (by, row["key"], 200)
                assert answer.context["passport"]["value"] == one["value"]


def test_a_figure_of_several_sites_says_what_it_left_out_and_takes_another_definition(
    client, manager, queues
):
    """SL3 at 30 s: 6 of 8 at each queue, 18 of 24. Of one more call at Pune no wait is known."""
    a_call(queues["Support"], NINE, wait=None)
    rollups.rebuild()
    sites = list(dict.fromkeys(queue.site.slug for queue in queues.values()))
    address = {"from": MONDAY.isoformat(), "to": TUESDAY.isoformat(), "site": sites}
    page = client.get(
        reverse("passport_sites"),
        address | {"kpi": "service_level", "definition": "service_level:SL3@30,asa:W2"},
    )
    (other,) = page.context["beside"]
    assert (other["id"], other["value"]) == ("SL3, 30 s", 18 / 24)
    page = client.get(reverse("passport_sites"), address | {"kpi": "asa"})
    facts = page.context["facts"]
    assert [(str(one["words"]), one["n"]) for one in facts["left_out"]] == [
        ("answered after an unknown wait", 1)
    ]
    assert facts["counted_over"] == "18 contacts"
    assert "Left out" in page.content.decode()
