"""Pages of reports: what they show, who sees it, what they are kept as."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from openpyxl import load_workbook

from ccm.intervals import days
from ccm.models import SurveyResponse
from kpis import rollups
from kpis.definitions import KPIS
from kpis.models import KpiChoice, SavedReport
from kpis.views import reports as reports_page
from tests.builders import NINE, a_call, a_queue, a_site, a_target, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

DAYS = {"period": "custom", "from": "2026-03-02", "to": "2026-03-08"}


@pytest.fixture
def site():
    return a_site("Leeds", "Europe/London")


def fill(site, queues=1, agents=1, calls=4):
    lines = [a_queue(site) for _ in range(queues)]
    people = [an_agent(site) for _ in range(agents)]
    a_team(site, None, *people)
    for number in range(calls):
        at = NINE + timedelta(days=number % 7, minutes=15 * (number % 9))
        a_call(lines[number % queues], at, wait=number % 40, talk=30, agent=people[number % agents])
    rollups.rebuild()
    return lines, people


@pytest.mark.parametrize(("queues", "agents", "calls"), [(1, 1, 2), (9, 20, 120)])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "queue", "compare": "weekdays"},
        {"by": "queue", "compare": "usual"},
        {"by": "queue", "compare": "previous", "kpi": ["offered", "fcr", "occupancy"]},
        {"by": "clock", "across": "weekday"},
        {"by": "team", "across": "week", "kpi": ["occupancy", "calls_per_agent"]},
        {"by": "agent", "across": "hour"},
        {"by": "topic"},
    ],
)
def test_a_report_asks_the_same_of_few_rows_as_of_many(
    client, site, django_assert_max_num_queries, asked, queues, agents, calls
):
    fill(site, queues, agents, calls)
    client.force_login(a_user("manager", site))
    # Beside other days each table that a KPI is read from is asked for the rows, the days and the
    # whole: what agents did and who called again have one each.
    most = 14 if asked.get("compare") == "previous" else 12
    with django_assert_max_num_queries(most):
        page = client.get(reverse("report"), DAYS | asked)
    assert page.status_code == 200
    assert page.context["problems"] == []


def test_hours_by_weekday_are_shaded_by_their_tenth_and_open_their_passports(client, site):
    (queue,), _people = fill(site, calls=0)
    for hour in range(10):
        for _ in range(hour + 1):
            a_call(queue, NINE.replace(hour=hour))
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    page = client.get(
        reverse("report"), DAYS | {"by": "clock", "across": "weekday", "kpi": "offered"}
    )
    (table,) = page.context["tables"]
    cells = [row["cells"]["0"] for row in table.data.data]
    assert [cell.value for cell in cells] == list(range(1, 11))
    assert [cell.shade for cell in cells] == list(range(10))
    assert page.content.count(b'class="shade-9"') == 1
    passport = client.get(cells[4].url)
    assert passport.context["passport"]["value"] == 5
    assert len(passport.context["passport"]["calls"]) == 5


def test_the_worst_hours_are_the_strongest_and_those_on_target_are_not_shaded(client, site):
    """Of ten calls each hour one more is late: 10, 9, ... 1 of 10 in time, the target is 80 %."""
    (queue,), _people = fill(site, calls=0)
    for hour in range(10):
        for number in range(10):
            a_call(queue, NINE.replace(hour=hour), wait=60 if number < hour else 5)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    page = client.get(
        reverse("report"), DAYS | {"by": "clock", "across": "weekday", "kpi": "service_level"}
    )
    (table,) = page.context["tables"]
    shades = [row["cells"]["0"].shade for row in table.data.data]
    assert shades[:3] == [None] * 3  # 100, 90 and 80 %
    assert None not in shades[3:]
    assert shades[3:] == sorted(shades[3:])
    assert f'class="worse-{shades[9]}"' in page.content.decode()
    assert "off the target of 80\N{NO-BREAK SPACE}%" in page.content.decode()


def test_a_crossed_cell_of_few_answers_is_pale_and_unshaded_and_says_of_how_many(client, site):
    """At 9 and at 10 all of ten are satisfied, and half of ten; at 11 the only one is not."""
    (queue,), _people = fill(site, calls=0)
    for hour, scores in ((9, [5] * 10), (10, [5, 1] * 5), (11, [1])):
        for score in scores:
            call = a_call(queue, NINE.replace(hour=hour))
            SurveyResponse.objects.create(
                id=call.pk, source="test", site=site, call_id=call.pk, kind="csat", scale_min=1,
                scale_max=5, score=score, answered_at=call.offered_at,
            )  # fmt: skip
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = DAYS | {"by": "clock", "across": "weekday", "kpi": ["csat", "offered"]}
    page = client.get(reverse("report"), asked)
    satisfied, offered = page.context["tables"]
    cells = [row["cells"]["0"] for row in satisfied.data.data]
    assert [(cell.value, cell.figure.n) for cell in cells] == [(1.0, 10), (0.5, 10), (0.0, 1)]
    assert [cell.shade is None for cell in cells] == [False, False, True]  # the last is of one
    words = page.content.decode()
    assert words.count('class="of-few"') == 1
    assert 'title="of 1: of so few it says little">of 1</small>' in words
    assert satisfied.few in words
    assert "fewer than 10" in satisfied.few
    assert offered.few == ""


@pytest.mark.parametrize("across", ["", "channel"])
def test_what_is_of_few_is_told_alike_whether_columns_are_figures_or_channels(client, site, across):
    """Three of four were answered in time and one was not; all ten were at the other queue."""
    few, many = a_queue(site, "Few"), a_queue(site, "Many")
    for number in range(4):
        a_call(few, NINE, wait=5 if number else 60)
    for _number in range(10):
        a_call(many, NINE, wait=5)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = {"by": "queue", "across": across, "kpi": "service_level"}
    page = client.get(reverse("report"), DAYS | asked)
    words = page.content.decode()
    (cell,) = re.findall(r'<span class="of-few">.*?</small>', words)
    assert re.search(r'>75.0\s%</a></span> <small class="part-known"', cell)
    assert 'title="of 4: of so few it says little">of 4</small>' in cell
    assert page.context["tables"][0].few.startswith("Pale, with “of” below: of fewer than 10")


def test_weeks_of_a_part_are_dotted_and_named(client, site):
    """The days asked for are a Sunday and the week after it."""
    fill(site, calls=0)
    (queue,), _people = fill(site, calls=0)
    for day in range(-2, 12):
        a_call(queue, NINE + timedelta(days=day))
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    days = {"period": "custom", "from": "2026-03-01", "to": "2026-03-08"}
    page = client.get(reverse("report"), days | {"by": "week", "kpi": "offered"})
    rows = page.context["tables"][0].data.data
    assert [(row["name"], row["mark"]) for row in rows] == [
        ("2026-W09", "1 of 7 days"), ("2026-W10", ""),
    ]  # fmt: skip
    solid, dotted = json.loads(page.context["chart"]["json"])["data"]
    assert (dotted["line"]["dash"], dotted["marker"]["size"]) == ("dot", [7, 0])
    assert solid["text"] == ["1 (1 of 7 days)", "7"]


def test_a_chart_whose_lines_are_queues_says_of_which_kpi_they_are(client, site):
    fill(site, queues=2, calls=14)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"by": "day", "kpi": ["service_level", "offered"]}
    page = client.get(reverse("report"), asked | {"across": "queue"})
    assert page.context["chart"]["heading"] == "Service level"
    chart = page.content.decode().partition('class="panel chart"')[2].partition("</section>")[0]
    assert "<h2>Service level</h2>" in chart
    # By itself the line is called by its KPI.
    page = client.get(reverse("report"), asked)
    assert page.context["chart"]["legend"][0] == ("accent", "Service level")
    assert page.context["chart"]["heading"] == ""


def test_each_day_of_a_line_has_its_own_target_as_its_row_does(client, site):
    """80 % until Tuesday, 82 from Wednesday: in the report's line, and in that of the tile."""
    (queue,), _people = fill(site, calls=0)
    for day in range(4):
        a_call(queue, NINE + timedelta(days=day))
    a_target(site)
    a_target(site, value=Decimal("0.82"), valid_from=date(2026, 3, 4))
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-05"}
    page = client.get(
        reverse("report"), asked | {"by": "day", "kpi": "service_level", "compare": "target"}
    )
    _line, target = json.loads(page.context["chart"]["json"])["data"]
    said = [one.replace("\N{NO-BREAK SPACE}", " ") for one in target["text"]]
    assert said == ["80.0 %", "80.0 %", "82.0 %", "82.0 %"]
    assert (target["line"]["dash"], target["line"]["shape"]) == ("dash", "hvh")
    assert page.context["chart"]["legend"][-1] == ("target", "Target")
    tiles = client.get(reverse("home"), asked).context["tiles"]
    (level,) = (tile for tile in tiles if tile.id == "service_level")
    assert level.target == [0.8, 0.8, 0.82, 0.82]


def test_the_target_stands_beside_each_figure_wherever_it_is_told(client, site):
    """18 of 20 on Monday, 5 of 10 on Tuesday, 1 of 1 on Wednesday, 24 of 31 together, where 80 % is
    the target; of what is offered there is none."""
    (queue, *_others), _people = fill(site, calls=0)
    for day, (answered, lost) in enumerate([(18, 2), (5, 5), (1, 0)]):
        for _call in range(answered):
            a_call(queue, NINE + timedelta(days=day), wait=10)
        for _call in range(lost):
            a_call(queue, NINE + timedelta(days=day), wait=30, outcome="abandoned")
    a_target(site)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    told = [
        ("0.9", "ok", "on target"),
        ("0.5", "bad", "off target"),
        ("1.0", "none", "too few to judge"),
    ]
    days = {"from": "2026-03-02", "to": "2026-03-04"}
    asked = days | {"period": "custom", "by": "day", "kpi": ["service_level", "offered"]}
    asked |= {"compare": "target"}
    (table,) = client.get(reverse("report"), asked).context["tables"]
    assert [str(row.get_cell("service_level_target")) for row in table.rows] == [
        f'<span class="state" data-level="{level}">{word}</span> 80\N{NO-BREAK SPACE}%'
        for _value, level, word in told
    ]
    assert ">near target</span> 80" in table.columns["service_level_target"].footer
    file = client.get(reverse("report"), asked | {"export": "csv"})
    lines = csv.DictReader(StringIO(b"".join(file.streaming_content).decode("utf-8-sig")))
    found = [
        (line["service_level (fraction)"], line["service_level target"],
         line["service_level against target"], line["offered target"])
        for line in lines
    ]  # fmt: skip
    assert found == [(value, "0.8", word, "") for value, _level, word in told]
    file = client.get(reverse("report"), asked | {"export": "xlsx"})
    header, *rows = load_workbook(BytesIO(file.content)).worksheets[0].iter_rows(values_only=True)
    place = header.index("service_level target")
    assert [row[place : place + 2] for row in rows] == [(0.8, word) for _v, _l, word in told]
    over_api = {"first": days["from"], "last": days["to"], "compare": "target", "by": "day"}
    answer = client.get("/api/v1/kpis/", over_api | {"kpi": asked["kpi"]}).json()
    beside = [
        {"value": 0.8, "now": float(value), "more_than_noise": None, "level": level, "state": word,
         "reason": ""}
        for value, level, word in told
    ]  # fmt: skip
    assert [row["kpis"]["service_level"] for row in answer["compared"]] == beside
    # Of what has no target page, files and API say so.
    without = "Without a target: Offered."
    page = client.get(reverse("report"), asked)
    assert [one for one in page.context["notes"] if "target" in one] == [without]
    assert answer["notes"] == [without]
    header, *rows = load_workbook(BytesIO(file.content)).worksheets[0].iter_rows(values_only=True)
    assert {row[header.index("reasons")] for row in rows} == {"offered target: it has no target"}
    alone = client.get(reverse("report"), asked | {"kpi": "offered"})
    assert "These figures have no target." in alone.context["notes"]
    nothing = answer["compared"][0]["kpis"]["offered"]
    assert (nothing["value"], nothing["state"], nothing["reason"]) == (
        None,
        None,
        "it has no target",
    )
    asked_for = ["report", "--from", days["from"], "--to", days["to"], "--by", "day", "--compare"]
    asked_for += ["target", "--kpi", "service_level", "--kpi", "offered"]
    out = StringIO()
    call_command(*asked_for, "--json", stdout=out)
    assert json.loads(out.getvalue())["compared"] == answer["compared"]
    out = StringIO()
    call_command(*asked_for, stdout=out)
    lines = [line for line in out.getvalue().splitlines() if line.startswith("  service_level")]
    said = [line.replace("\N{NO-BREAK SPACE}", " ").split("   ")[-1] for line in lines]
    assert said == [f"target 80 % {word}" for _value, _level, word in told]


@pytest.mark.parametrize(
    ("dated", "strokes"),
    [
        ([(date(2026, 3, 5), "0.7")], [False, False, False, True]),  # none before
        ([(date(2026, 3, 2), "0.8"), (date(2026, 3, 5), "0.7")], [False, False, False, True]),
        ([(date(2026, 3, 3), "0.8"), (date(2026, 3, 4), None)], [False, True, False, False]),
        ([(date(2026, 3, 2), "0.8"), (date(2026, 3, 4), "0.7")], [False, False, False, False]),
    ],
)
def test_a_target_of_a_day_alone_is_a_stroke_on_the_line_of_a_report(client, site, dated, strokes):
    """Of four days: a piece of line so short may lie between two dashes, and of one day is none."""
    (queue,), _people = fill(site, calls=0)
    for day in range(4):
        a_call(queue, NINE + timedelta(days=day))
    for begins, value in [(date(2026, 3, 1), None), *dated]:
        a_target(site, kpi="aht", value=value and Decimal(value), valid_from=begins)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-05"}
    page = client.get(reverse("report"), asked | {"by": "day", "kpi": "aht"})
    _line, target = json.loads(page.context["chart"]["json"])["data"]
    assert "markers" in target["mode"]
    assert [size > 0 for size in target["marker"]["size"]] == strokes


def test_the_target_of_a_band_is_told_with_its_band(client, site):
    """Of occupancy 75 to 85 % is right: 80 % alone does not say so."""
    fill(site, calls=1)
    a_target(site, kpi="occupancy", value=Decimal("0.8"), role="agent")
    client.force_login(a_user("manager", site))
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-02", "by": "agent"}
    page = client.get(reverse("report"), asked | {"kpi": "occupancy", "compare": "target"})
    assert "80 ± 5\N{NO-BREAK SPACE}%" in page.content.decode()


def test_weeks_and_months_are_marked_by_the_day_that_a_record_begins_too(client):
    """Of two sites one has calls from Saturday 28 February on, the other from 5 March."""
    sites = [a_site("Leeds"), a_site("Pune")]
    for there, first in zip(sites, (date(2026, 2, 28), date(2026, 3, 5)), strict=True):
        queue = a_queue(there)
        for day in days(first, date(2026, 3, 8)):
            a_call(queue, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    rollups.rebuild()
    client.force_login(a_user("manager", *sites))
    asked = {"period": "custom", "from": "2026-02-01", "to": "2026-03-08", "kpi": "offered"}

    def marks(by, **more):
        page = client.get(reverse("report"), asked | {"by": by} | more)
        return [(row["name"], row["mark"]) for row in page.context["tables"][0].data.data]

    assert marks("week", site=sites[0].slug) == [("2026-W09", "2 of 7 days"), ("2026-W10", "")]
    assert marks("week") == [
        ("2026-W09", "2 of 7 days; without Pune"), ("2026-W10", "a part of Pune"),
    ]  # fmt: skip
    assert marks("month")[0] == ("February 2026", "1 of 28 days; without Pune")


@pytest.mark.parametrize(
    "by", ["queue", "agent", "team", "channel", "topic", "hour", "day", "week"]
)
def test_a_figure_of_any_row_is_that_of_its_passport_and_its_calls_are_as_many(client, site, by):
    fill(site, queues=2, agents=3, calls=9)
    client.force_login(a_user("manager", site))
    page = client.get(reverse("report"), DAYS | {"by": by, "kpi": "answered"})
    for row in page.context["tables"][0].data.data:
        drawn = client.get(row["url_of"]("answered")).context["passport"]
        assert drawn["value"] == row["figures"]["answered"].value
        assert drawn["sides"][0]["count"] == drawn["value"]


def test_an_hour_of_utc_opens_the_passport_of_its_quarter_hours_at_a_site_of_the_half_hour(client):
    """Of sites of several zones hours are those of UTC: in Pune from half past to half past."""
    sites = [a_site("Leeds", "Europe/London"), a_site("Pune", "Asia/Kolkata")]
    for site in sites:
        queue = a_queue(site)
        for minute in (5, 25, 35, 70):
            a_call(queue, NINE + timedelta(minutes=minute))
    rollups.rebuild()
    client.force_login(a_user("manager", *sites))
    page = client.get(reverse("report"), DAYS | {"by": "hour", "across": "site", "kpi": "offered"})
    rows = {row["name"]: row["cells"] for row in page.context["tables"][0].data.data}
    for name, offered in (("2 Mar 2026 09:00 UTC", 3), ("2 Mar 2026 10:00 UTC", 1)):
        for cell in filter(None, rows[name].values()):
            made = client.get(cell.url).context["passport"]
            assert (cell.value, made["value"]) == (offered, offered)
    # The record begins with the midnight of each: in Pune at 18:30 UTC of the day before.
    there = {name: [place for place, cell in cells.items() if cell] for name, cells in rows.items()}
    assert there["1 Mar 2026 18:00 UTC"] == ["1"]
    assert there["2 Mar 2026 00:00 UTC"] == ["0", "1"]
    # Both together an hour before the midnight of Leeds has of Pune alone, and says so.
    query = DAYS | {"by": "hour", "kpi": "offered"}
    page = client.get(reverse("report"), query)
    marked = {row["name"]: row["mark"] for row in page.context["tables"][0].data.data}
    told = {
        "1 Mar 2026 18:00 UTC": "without Leeds; a part of Pune",
        "1 Mar 2026 23:00 UTC": "without Leeds",
        "2 Mar 2026 00:00 UTC": "",
        "2 Mar 2026 10:00 UTC": "",
    }
    assert {name: marked[name] for name in told} == told
    lines = b"".join(client.get(reverse("report"), query | {"export": "csv"}).streaming_content)
    line, *_more = csv.DictReader(StringIO(lines.decode("utf-8-sig")))
    asked = {"first": "2026-03-02", "last": "2026-03-02", "by": "hour", "kpi": "offered"}
    row, *_more = client.get(reverse("api_kpis"), asked).json()["rows"]
    assert line["not_whole"] == row["not_whole"] == told["1 Mar 2026 18:00 UTC"]
    # Of a queue in Leeds all is told by its own clock, and the hours of Pune alone are none.
    page = client.get(reverse("report"), query | {"queue": sites[0].queues.get().pk})
    assert page.context["tables"][0].data.data[0]["name"] == "2 Mar 2026 00:00"
    across = DAYS | {"by": "channel", "across": "hour", "kpi": "offered"}
    notes = client.get(reverse("report"), across).context["notes"]
    assert "1 Mar 2026 18:00 UTC: without Leeds; a part of Pune." in notes


def test_beside_the_weeks_before_only_what_is_more_than_noise_is_marked(client, site):
    (queue,), _people = fill(site, calls=0)
    quiet = a_queue(site, "Quiet")
    for day in range(28):
        at = NINE - timedelta(days=14) + timedelta(days=day)
        for number in range(10):
            # Before 9 of 10 in time, then 2 and 3 of 10; the other queue stays as it was.
            late = number >= (9 if day < 14 else 2 + day % 2)
            a_call(queue, at, wait=60 if late else 5)
            a_call(quiet, at, wait=60 if number >= 8 + day % 2 else 5)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-15", "by": "queue"}
    page = client.get(reverse("report"), asked | {"compare": "previous", "kpi": "service_level"})
    rows = {
        row["name"]: row["beside"]["service_level"] for row in page.context["tables"][0].data.data
    }
    assert (rows[queue.name].value, rows[queue.name].marked) == (0.9, True)
    assert (rows["Quiet"].value, rows["Quiet"].marked) == (0.85, False)
    # The word is of the figure, so it stands before the one that the figure is compared with.
    cells = [row.get_cell("service_level_beside") for row in page.context["tables"][0].rows]
    told = [re.sub("<[^>]*>", "", one).replace("\N{NO-BREAK SPACE}", " ") for one in cells]
    assert told == ["worse, before 90.0 %", "85.0 %"]
    assert page.content.decode().count(">worse<") == 1
    # Both queues were judged.
    words = (
        "Looked at for noise: 2 changes; more than noise: 1. Of all that reports mark, at most one"
        " in ten is chance; a team's evaluation looks at other changes, and may mark otherwise."
    )
    assert words in page.context["notes"]


@pytest.mark.parametrize("how", ["previous", "weekdays"])
@pytest.mark.parametrize("by", ["total", "day", "queue", "agent", "team", "site", "channel"])
def test_what_figures_are_compared_with_opens_the_passport_that_says_it(client, site, by, how):
    """Week by week another number of calls, the last day of each without any."""
    lines, people = fill(site, 2, 2, calls=0)
    for day in range(21):
        for number in range(day // 7 + 1 + day % 3 if day % 7 < 6 else 0):
            at = NINE + timedelta(days=day - 14, minutes=number)
            a_call(lines[number % 2], at, wait=5 + day, agent=people[day % 2], talk=30)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    kpis = ["answered", "aht", "csat", "calls_per_agent"]
    asked = DAYS | {"by": by, "compare": how, "kpi": kpis}
    (table,) = client.get(reverse("report"), asked).context["tables"]
    sent = b"".join(client.get(reverse("report"), asked | {"export": "csv"}).streaming_content)
    file = list(csv.DictReader(StringIO(sent.decode("utf-8-sig"))))
    opened = 0
    for row, line in zip(table.data.data, file, strict=True):
        for words in kpis:
            url = row["url_before"](words)
            assert line[f"{words} compared passport_url"].removeprefix("http://testserver") == url
            value = row["beside"][words].value
            assert bool(url) == (value is not None)
            if url:
                opened += 1
                assert client.get(url).context["passport"]["value"] == value, (row["name"], words)
    assert opened >= 2
    page = client.get(reverse("report"), asked).content.decode()
    assert page.count("data-drawer") >= 2 * opened


def test_what_is_of_a_part_of_days_or_of_another_definition_opens_no_passport(client, site):
    (queue,), _people = fill(site, calls=0)
    for day in range(14):
        a_call(queue, NINE + timedelta(days=day - 7))
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = DAYS | {"by": "queue", "compare": "previous", "kpi": ["service_level", "answered"]}

    def links():
        (table,) = client.get(reverse("report"), asked).context["tables"]
        (row,) = table.data.data
        return [bool(row["url_before"](words)) for words in asked["kpi"]]

    assert links() == [True, True]
    KpiChoice.objects.create(
        kpi="service_level", variant="SL1", valid_from=date(2026, 3, 4), queue=queue
    )
    assert links() == [False, True]
    with time_machine.travel(datetime(2026, 3, 8, 14, tzinfo=UTC)):
        assert links() == [False, False]


def test_a_resolution_of_which_much_is_not_yet_known_says_of_how_many_it_is(client, site):
    """Two callers of whom nobody came again in a week, and one of whom that is not yet known."""
    queue, ann = a_queue(site), an_agent(site)
    for day, caller in ((0, "ann"), (0, "bob"), (12, "cy")):
        a_call(queue, NINE + timedelta(days=day), caller_hash=caller, agent=ann)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = {"by": "total", "kpi": "fcr", "compare": ""}
    days = {"period": "custom", "from": "2026-03-02"}
    page = client.get(reverse("report"), days | asked | {"to": "2026-03-14"})
    known = 'class="part-known" title="of 2; 1 not yet known: of so few it says little">'
    assert page.content.decode().count(f"{known}of 2; 1 pending<") == 1
    page = client.get(reverse("report"), days | asked | {"to": "2026-03-08"})
    assert "pending" not in page.content.decode()


def columns_of(page):
    return [str(one.header) for one in page.context["tables"][0].columns]


def test_handling_time_is_never_shown_without_resolution_or_satisfaction(client, site):
    fill(site)
    client.force_login(a_user("manager", site))
    page = client.get(reverse("report"), DAYS | {"kpi": ["answered", "aht", "offered"]})
    assert columns_of(page) == ["Day", "Answered", "AHT", "FCR", "CSAT", "Offered"]
    assert "Also shown: First contact resolution, Customer satisfaction." in page.content.decode()
    page = client.get(reverse("report"), DAYS | {"kpi": ["aht:H2", "csat"]})
    assert columns_of(page) == ["Day", "AHT (H2)", "CSAT"]
    assert "Also shown" not in page.content.decode()
    # A definition of what is added can stand beside it.
    asked = DAYS | {"by": "total", "kpi": "aht", "definition": "fcr:F3@14"}
    page = client.get(reverse("report"), asked)
    shown = ["aht", "fcr", "fcr:F3@14", "csat"]
    assert list(page.context["tables"][0].data.data[0]["figures"]) == shown
    days = {"first": "2026-03-02", "last": "2026-03-08"}
    answer = client.get("/api/v1/kpis/", days | {"kpi": "aht", "definition": "fcr:F3@14"}).json()
    assert list(answer["rows"][0]["kpis"]) == shown
    assert answer["notes"] == [one for one in page.context["notes"] if one.startswith("Also")]
    file = client.get(reverse("report"), asked | {"export": "xlsx"})
    first, about = load_workbook(BytesIO(file.content)).worksheets
    names = [str(cell.value) for cell in next(first.iter_rows())]
    assert [name.split()[0] for name in names if name.endswith(" variant")] == shown
    assert ("Note", answer["notes"][0]) in [row[:2] for row in about.iter_rows(values_only=True)]
    # What nobody answered is no agent's: unasked, no column is of that.
    page = client.get(reverse("report"), DAYS | {"by": "agent"})
    assert columns_of(page)[:6] == ["Agent", "Answered", "AHT", "FCR", "CSAT", "Transfer rate"]


def test_every_kpi_that_was_asked_for_is_told_by_page_and_files_as_by_the_api(client, site):
    """AHT is the 24th of 25 and satisfaction the 25th; without satisfaction, as many others."""
    fill(site)
    client.force_login(a_user("manager", site))
    others = [one for one in KPIS if one not in ("aht", "csat", "fcr")][:23]
    page = client.get(reverse("report"), DAYS | {"kpi": [*others, "aht", "csat"]})
    assert columns_of(page)[-2:] == ["AHT", "CSAT"]
    assert len(columns_of(page)) == 1 + 25
    assert "Also shown" not in page.content.decode()
    page = client.get(reverse("report"), DAYS | {"kpi": [*others, "aht"]})
    assert columns_of(page)[-3:] == ["AHT", "FCR", "CSAT"]
    asked = DAYS | {"kpi": [*KPIS]}
    rows = client.get(reverse("report"), asked).context["tables"][0].data.data
    assert list(rows[0]["figures"]) == [*KPIS]
    lines = b"".join(client.get(reverse("report"), asked | {"export": "csv"}).streaming_content)
    header, *_lines = csv.reader(StringIO(lines.decode("utf-8-sig")))
    assert [name.split()[0] for name in header if name.endswith(" variant")] == [*KPIS]
    book = load_workbook(
        BytesIO(client.get(reverse("report"), asked | {"export": "xlsx"}).getvalue())
    )
    names = [str(cell.value) for cell in next(book.worksheets[0].iter_rows())]
    assert [name.split()[0] for name in names if name.endswith(" variant")] == [*KPIS]
    api = client.get("/api/v1/kpis/", {"first": "2026-03-02", "last": "2026-03-08"}).json()
    assert list(api["rows"][0]["kpis"]) == [*KPIS]


def test_how_far_a_percentile_is_known_is_said_by_page_files_and_the_api(client, site):
    """One waited 10.4 s and one 20 s: half of them between 10 and 11 s."""
    queue = a_queue(site, "Waits")
    for wait in (10.4, 20):
        a_call(queue, NINE, wait=wait)
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    asked = DAYS | {"by": "total", "kpi": ["wait_p50", "asa"]}
    page = client.get(reverse("report"), asked)
    assert f"Known to the half second: {KPIS['wait_p50'].name}." in page.context["notes"]
    lines = b"".join(client.get(reverse("report"), asked | {"export": "csv"}).streaming_content)
    (line,) = csv.DictReader(StringIO(lines.decode("utf-8-sig")))
    assert (line["wait_p50 (seconds)"], line["precision"]) == (
        "10.5",
        "wait_p50: to the half second",
    )
    days = {"first": "2026-03-02", "last": "2026-03-08", "kpi": ["wait_p50", "asa"]}
    (row,) = client.get("/api/v1/kpis/", days).json()["rows"]
    told = {name: (one["value"], one["precision"]) for name, one in row["kpis"].items()}
    assert told == {"wait_p50": (10.5, "to the half second"), "asa": (15.2, "")}


def test_more_kpis_than_can_be_asked_for_are_refused_in_words_everywhere(client, site):
    fill(site)
    client.force_login(a_user("manager", site))
    many = [f"service_level:SL4@{seconds}" for seconds in range(1, 202)]
    words = "These are 201 KPIs and definitions of them: ask for at most 200."
    assert client.get(reverse("report"), DAYS | {"kpi": many}).context["problems"] == [words]
    file = client.get(reverse("report"), DAYS | {"kpi": many, "export": "csv"})
    assert (file.status_code, words in file.content.decode()) == (404, True)
    days = {"first": "2026-03-02", "last": "2026-03-08"}
    refused = client.get("/api/v1/kpis/", days | {"kpi": many})
    assert (refused.status_code, words in refused.content.decode()) == (400, True)
    with pytest.raises(CommandError, match=re.escape(words)):
        call_command("report", "--from", "2026-03-02", "--to", "2026-03-08", kpi=many)
    page = client.get(reverse("report"), DAYS | {"kpi": many[:200]})
    assert (page.context["problems"], len(columns_of(page))) == ([], 201)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "2025-12-06", "by": "topic"}, "ask for at most 92 days of it."),  # 93 days
        ({"by": "day", "across": "day"}, "Rows and columns are the same"),
    ],
)
def test_what_cannot_be_answered_is_offered_as_no_file_and_each_file_says_why(
    client, site, asked, words
):
    fill(site)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"kpi": "offered"} | asked
    page = client.get(reverse("report"), asked)
    assert words in " ".join(page.context["problems"])
    assert "export=" not in page.content.decode()
    told = []
    for export in ("csv", "xlsx"):
        file = client.get(reverse("report"), asked | {"export": export})
        text = file.content.decode()
        assert (file.status_code, words in text) == (404, True)
        assert "<h1>This cannot be answered</h1>" in text
        told.append(text)
    assert told[0] == told[1]
    answered = client.get(reverse("report"), DAYS).content.decode()
    assert ("export=csv" in answered, "export=xlsx" in answered) == (True, True)


def test_days_that_cannot_be_are_offered_as_no_file_though_others_are_shown(client, site):
    fill(site)
    client.force_login(a_user("manager", site))
    page = client.get(reverse("report"), DAYS | {"from": "2026-03-09", "kpi": "offered"})
    assert page.context["tables"]
    assert "export=" not in page.content.decode()


@pytest.mark.parametrize("export", ["csv", "xlsx"])
def test_a_definition_that_there_is_none_of_is_named_with_those_there_are(client, site, export):
    fill(site)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"kpi": "asa", "definition": "asa:W9,asa:W2"}
    page = client.get(reverse("report"), asked)
    (words,) = page.context["problems"]
    assert (
        words == "Not understood, so left out: asa:W9 (asa has no variant 'W9'; it has W1, W2, W3)."
    )
    assert columns_of(page) == ["Day", "ASA (W1)", "ASA (W2)"]
    file = client.get(reverse("report"), asked | {"export": export})
    assert (file.status_code, "asa has no variant" in file.content.decode()) == (404, True)


def test_another_definition_stands_beside_the_chosen_one(client, site):
    fill(site)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"kpi": ["asa", "offered"]}
    page = client.get(reverse("report"), asked)
    assert ("asa:W2", "Average speed of answer W2", False) in page.context["form"].definitions
    page = client.get(reverse("report"), asked | {"definition": "asa:W2"})
    assert columns_of(page) == ["Day", "ASA (W1)", "ASA (W2)", "Offered"]
    form = page.context["form"]
    assert [value for value, _words, is_shown in form.definitions if is_shown] == ["asa:W2"]
    assert "asa:W2" not in [value for _name, many in form.kpis for value, _words, _is in many]
    # Each is a line, named as its column; of another KPI there is none.
    chart = page.context["chart"]
    drawn = json.loads(chart["json"])["data"]
    assert [words for _tone, words in chart["legend"]] == ["ASA (W1)", "ASA (W2)"]
    assert [*dict.fromkeys(line["name"] for line in drawn)] == ["ASA (W1)", "ASA (W2)"]
    # With numbers of their own, and several of one KPI.
    two = {"kpi": ["service_level:SL4@30", "service_level:SL3", "service_level"]}
    form = client.get(reverse("report"), DAYS | two).context["form"]
    (shown,) = [one for one in form.definitions if one[2]]
    assert shown[0] == "service_level:SL4@30,service_level:SL3"
    again = client.get(reverse("report"), DAYS | {"kpi": "service_level", "definition": shown[0]})
    assert len(columns_of(again)) == 4


def test_what_is_in_force_everywhere_is_not_offered_beside_itself(client, site):
    """Chosen is SL4 at 20 s; from Wednesday at one queue at 30 s, so that of both numbers of it the
    one that comes with it is another in some rows, and at last it is SL3 of that queue."""
    (first, _second), _people = fill(site, queues=2)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"kpi": "service_level", "by": "queue"}

    def offered(**more):
        form = client.get(reverse("report"), asked | more).context["form"]
        return {value for value, _words, _is in form.definitions}

    own = {"service_level:SL4", "service_level:SL4@20"}
    assert "service_level:SL3" in offered()
    assert not own & offered()
    scope = {"kpi": "service_level", "queue": first, "valid_from": date(2026, 3, 4)}
    choice = KpiChoice.objects.create(variant="SL4", parameters={"threshold_seconds": 30}, **scope)
    assert own & offered() == {"service_level:SL4@20"}
    choice.variant = "SL3"
    choice.save()
    assert own <= offered()
    assert own <= offered(by="week", queue=first.pk)


def test_the_number_of_a_definition_beside_is_typed_into_the_form(client, site):
    fill(site)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"kpi": ["service_level", "asa"]}

    def told(**more):
        page = client.get(reverse("report"), asked | more)
        return columns_of(page)[1:-1], page.context["problems"]

    assert b'name="number"' in client.get(reverse("report"), asked).content
    beside = ["Service level (SL4)", "Service level (SL1, 45 s)"]
    assert told(definition="service_level:SL1", number="45") == (beside, [])
    assert told(definition="service_level:SL1@30", number="45") == (beside, [])
    assert told(definition="service_level:SL1", number="") == (
        ["Service level (SL4)", "Service level (SL1)"],
        [],
    )
    for more, why in (
        ({"definition": "service_level:SL1", "number": "4000"}, "a number from 0 to 3600"),
        ({"definition": "asa:W2", "number": "45"}, "45 (no definition beside reads a number)"),
        ({"number": "45"}, "45 (no definition beside reads a number)"),
    ):
        _columns, (problem,) = told(**more)
        assert why in problem
    # Of what reads no number none is asked for.
    page = client.get(reverse("report"), DAYS | {"kpi": "asa"})
    assert b'name="number"' not in page.content


def kept(client, name="Mondays", **more):
    return client.post(
        reverse("report_save"), {"name": name, "kpi": ["asa"], "by": "queue", "period": "7d"} | more
    )


def test_what_a_kept_report_asks_says_what_it_is_compared_with(client, site):
    client.force_login(a_user("manager", site))
    kept(client, by="queue", compare="usual")
    (row,) = client.get(reverse("reports")).context["rows"]
    assert row["words"].endswith(" · Queue · Last 7 days · beside: What is usual")


def test_first_contact_resolution_is_chosen_among_outcomes(client, site):
    client.force_login(a_user("manager", site))
    groups = dict(client.get(reverse("report")).context["form"].kpis)
    of_fcr = [words for words, options in groups.items() if "fcr" in [one[0] for one in options]]
    assert of_fcr == ["Outcome"]


def test_a_shared_report_is_answered_with_the_rights_of_its_reader(client, site):
    elsewhere = a_site("Pune", "Asia/Kolkata")
    here, there = a_queue(site, "Here"), a_queue(elsewhere, "There")
    owner, reader = a_user("manager", site, elsewhere), a_user("manager", elsewhere)
    client.force_login(owner)
    kept(client, roles=["manager", "nonsense"], queue=[here.pk, there.pk])
    saved = SavedReport.objects.get()
    assert (saved.roles, saved.owner) == (["manager"], owner)
    client.force_login(reader)
    page = client.get(reverse("report_saved", args=[saved.pk]), follow=True)
    assert page.context["problems"] == [
        "Queue: one that this report asks for is gone, or out of your reach."
    ]
    assert [
        one.pk for one in page.context["tables"] and page.context["form"].picks and [there]
    ] == [there.pk]
    assert "Here" not in page.content.decode()
    # A role it is not shared with does not see it.
    client.force_login(a_user("planner", site))
    assert client.get(reverse("report_saved", args=[saved.pk])).status_code == 404


def test_a_report_is_renamed_copied_and_deleted(client, site):
    client.force_login(a_user("manager", site))
    kept(client, roles=["planner"])
    saved = SavedReport.objects.get()
    client.post(reverse("report_change", args=[saved.pk]), {"name": "Tuesdays"})
    saved.refresh_from_db()
    assert (saved.name, saved.roles, saved.question["by"]) == ("Tuesdays", [], ["queue"])
    client.post(reverse("report_copy", args=[saved.pk]))
    assert sorted(one.name for one in SavedReport.objects.all()) == ["Tuesdays", "Tuesdays (2)"]
    assert kept(client, name="Tuesdays").status_code == 302
    assert kept(client, name=" ").status_code == 302
    assert SavedReport.objects.count() == 2
    client.post(reverse("report_delete", args=[saved.pk]))
    assert [one.name for one in SavedReport.objects.all()] == ["Tuesdays (2)"]


@pytest.mark.parametrize(
    "query",
    [
        "by=%F0&across=month&kpi=x&site=%ff", "period=custom&from=9999-99-99", "queue=1e9&team=-1",
        "queue=999999999999999999&agent=999999999999999999999", "by=agent&across=agent",
        "sort=zz&page=-4&t0-page=x", "period=custom&from=2026-03-08&to=2026-03-01",
        "period=custom&from=0001-01-01&to=0001-01-02", "compare=usual&by=month", "saved=9e9",
        "kpi=asa:W9&compare=previous&by=hour",
        "by=topic&period=custom&from=2025-01-01&to=2025-12-01",
        "export=pdf", "by=day&across=day", "direction=up&channel=smoke", "from=x",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_said_in_words_and_is_no_error(client, site, query):
    fill(site)
    client.force_login(a_user("manager", site))
    assert client.get(f"{reverse('report')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "only",
    [
        "clock:24",
        "hour:yesterday",
        "team:x",
        "day:2026-03-02",
        "x",
        "topic:",
        "agent:",
        "hour:0001-01-01T00:00:00+14:00",
    ],
)
def test_a_passport_of_keys_that_make_no_sense_is_none(client, site, only):
    client.force_login(a_user("manager", site))
    asked = {"kpi": "asa", "site": site.slug, "from": "2026-03-02", "to": "2026-03-02"}
    status = client.get(reverse("passport"), asked | {"only": only}).status_code
    assert status == (200 if only in ("topic:", "agent:") else 404)


def test_a_report_of_contacts_says_what_of_it_is_counted_in_visits(client, site):
    """Where the same matter is the same queue, a site's FCR adds up its queues."""
    fill(site, queues=2)
    client.force_login(a_user("manager", site))
    asked = DAYS | {"by": "site", "kpi": ["offered", "fcr", "resolution_time"]}
    note = (
        "Counted in visits: First contact resolution. The same matter is the same queue there, and"
        " a site adds up its queues."
    )
    assert note in client.get(reverse("report"), asked).context["notes"]
    file = client.get(reverse("report"), asked | {"export": "csv"}).getvalue().decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(file))
    assert row["counted_in"] == "contacts; visits of fcr"
    assert note in facts_of(client, asked)
    KpiChoice.objects.create(kpi="fcr", parameters={"matter": "any"}, valid_from=date(2020, 1, 1))
    assert note not in client.get(reverse("report"), asked).context["notes"]
    by_queue = client.get(reverse("report"), asked | {"by": "queue"})
    assert note not in by_queue.context["notes"]


def facts_of(client, asked):
    """What the second sheet of a report's workbook says."""
    book = load_workbook(
        BytesIO(client.get(reverse("report"), asked | {"export": "xlsx"}).getvalue())
    )
    return [row[1] for row in book.worksheets[1].iter_rows(values_only=True)]


def test_a_page_to_print_says_where_it_ends(client, monkeypatch):
    """Of seven days the first five fit."""
    site = a_site("Leeds", "Europe/London")
    queue = a_queue(site)
    for day in range(7):
        a_call(queue, NINE + timedelta(days=day))
    rollups.rebuild()
    client.force_login(a_user("manager", site))
    monkeypatch.setattr(reports_page, "MOST_PRINTED", 5)
    asked = {
        "by": "day", "period": "custom", "from": "2026-03-02", "to": "2026-03-08", "rows": "all"
    }  # fmt: skip
    page = client.get(reverse("report"), asked).content.decode()
    assert "These are the first 5 rows: no page holds more. The files have all of them." in page
    monkeypatch.setattr(reports_page, "MOST_PRINTED", 7)
    assert "These are the first" not in client.get(reverse("report"), asked).content.decode()
