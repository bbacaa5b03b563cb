"""One question, five ways to ask it: page, CSV, workbook, API and command say the same numbers,
and where each explains itself; and there it is the same number."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from random import Random
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ccm.models import Queue, Site, Topic
from kpis import rollups
from kpis.dimensions import machine_name
from kpis.models import KpiChoice
from kpis.reports.asked import Asked
from tests.builders import a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

FIRST, LAST = (
    date(2026, 3, 27),
    date(2026, 4, 3),
)  # over the change of the clocks, and a month's end
SIDES = (
    "total", "interval", "half_hour", "hour", "clock", "weekday", "day", "week", "us_week",
    "month", "site", "queue", "team", "agent", "channel", "direction", "disposition", "topic",
)  # fmt: skip
MANY = (
    "offered", "answered", "service_level", "service_level:SL1", "abandon_rate", "asa", "aht",
    "wait_p90", "longest_wait", "missed_rate", "csat", "calls_per_agent", "occupancy",
)  # fmt: skip


@pytest.fixture
def centre() -> Client:
    """Two sites, some of everything, and a manager of both, signed in. The definition of service
    level differs by queue, by site and from a day on."""
    random = Random(4)
    sites = [a_site("Leeds", "Europe/London"), a_site("Pune", "Asia/Kolkata")]
    words = [Topic.objects.create(name=name) for name in ("Bill", "Line")]
    for site in sites:
        queues = [a_queue(site, f"Q{number} {site.name}") for number in range(2)]
        people = [an_agent(site, f"A{number} {site.name}") for number in range(3)]
        a_team(site, None, *people[:2])
        for _ in range(40):
            at = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=random.randrange(8 * 1440))
            answered = random.random() < 0.7
            a_call(
                random.choice(queues),
                at,
                wait=random.choice([None, 0, 4.5, 20, 33.3]),
                talk=random.randrange(300),
                agent=random.choice(people) if answered else None,
                outcome="answered" if answered else random.choice(["abandoned", "timed_out"]),
                topic=random.choice([None, *words]),
                channel=random.choice(["voice", "chat"]),
                direction="outbound" if random.random() < 0.1 else "inbound",
                time_precision="day" if random.random() < 0.1 else "second",
            )
    for on, scope in (
        (date(2026, 1, 1), {"queue": Queue.objects.get(name="Q0 Leeds")}),
        (date(2026, 3, 30), {"site": sites[1]}),
    ):
        KpiChoice.objects.create(
            kpi="service_level", variant="SL3", valid_from=on,
            parameters={"threshold_seconds": 30}, **scope,
        )  # fmt: skip
    rollups.rebuild()
    client = Client()
    client.force_login(a_user("manager", *sites))
    return client


@st.composite
def questions(draw: st.DrawFn) -> dict[str, list[str]]:
    # A page draws a hundred columns, files all: quarter hours are rows alone, hours are of a day.
    columns = [one for one in SIDES if one != "interval"]
    by, across = draw(st.sampled_from(SIDES)), draw(st.sampled_from(columns))
    first = draw(st.dates(FIRST, LAST))
    last = first if across in ("half_hour", "hour") else LAST
    asked = {
        "kpi": draw(st.lists(st.sampled_from(MANY), min_size=1, max_size=4, unique=True)),
        "by": [by],
        "across": ["total" if across == by else across],
        "period": ["custom"],
        "from": [first.isoformat()],
        "to": [draw(st.dates(first, last)).isoformat()],
    }
    for name, values in (
        ("site", ("Leeds",)), ("channel", ("voice", "chat")), ("direction", ("outbound",)),
        ("queue", ("Q0 Leeds", "Q1 Pune")), ("topic", ("Bill",)),
    ):  # fmt: skip
        if draw(st.integers(0, 4)) == 0:
            asked[name] = [draw(st.sampled_from(values))]
    if asked.get("site") and asked.get("queue") == ["Q1 Pune"]:
        del asked["queue"]
    return asked


@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=questions())
def test_page_csv_workbook_api_and_command_say_the_same(
    centre: Client, asked: dict[str, list[str]]
) -> None:
    by_id = dict(asked)
    for name, model in (("queue", "queues"), ("topic", "topics")):
        if name in asked:
            by_id[name] = [str(_id(model, asked[name][0]))]
    if "site" in asked:
        by_id["site"] = [Site.objects.get(name="Leeds").slug]
    page = centre.get(reverse("report"), by_id)
    assert (page.status_code, page.context["problems"]) == (200, [])
    told = _of_page(page.context["tables"], asked)
    assert _of_csv(centre.get(reverse("report"), by_id | {"export": "csv"}), asked) == told
    book = _of_workbook(centre.get(reverse("report"), by_id | {"export": "xlsx"}), asked)
    assert book == [(words, _as_kept(value), url) for words, value, url in told]
    # A page puts another figure beside a handling time, which may bring rows of its own.
    whole = {"kpi": Asked.of(asked).kpis}
    assert _only_of(asked, _of_api(centre, by_id | whole)) == told
    assert _only_of(asked, _of_command(asked | whole)) == told
    for words, value, url in told[:: max(1, len(told) // 3)]:
        # Rings belong to whom they rang at, which is told of no team's calls.
        assert url or words == "missed_rate"
        assert not url or _explained(centre, url) == value


Told = list[tuple[str, float | int | None, str]]
"""The KPI and value of each cell and the path where it explains itself, in an order of their own:
names of cells differ by where."""


def _explained(client: Client, url: str) -> float | int | None:
    """The figure where it explains itself; of several sites, where the passport of each says what
    stands there."""
    page = client.get(url)
    assert page.status_code == 200, url
    if "made" not in page.context:
        return page.context["passport"]["value"]
    made = page.context["made"]
    for one in made.sites:
        assert _explained(client, one.url) == one.figure.value
    return made.figure.value


def _id(kind: str, name: str) -> int:
    return (Queue if kind == "queues" else Topic).objects.get(name=name).pk


def _only_of(asked: dict[str, list[str]], told: Told) -> Told:
    return [cell for cell in told if cell[0] in asked["kpi"]]


def _in_order(cells: Any) -> Told:
    return sorted(cells, key=lambda cell: (cell[0], cell[1] is None, cell[1] or 0, cell[2]))


def _of_page(tables: list[Any], asked: dict[str, list[str]]) -> Told:
    cells: list[tuple[str, Any, str]] = []
    if asked["across"] == ["total"]:
        for row in tables[0].data.data:
            cells += [
                (words, row["figures"][words].value, row["url_of"](words)) for words in asked["kpi"]
            ]
    else:
        # Beside a handling time stands what nobody asked for.
        for words, table in zip(Asked.of(asked).kpis, tables, strict=bool(tables)):
            if words in asked["kpi"]:
                for row in table.data.data:
                    cells += [
                        (words, cell.figure.value, cell.url) for cell in row["cells"].values()
                    ]
    return _in_order(cells)


def _of_lines(rows: list[dict[str, Any]], asked: dict[str, list[str]]) -> Told:
    cells = []
    for row in rows:
        for words in asked["kpi"]:
            (name,) = (one for one in row if one.startswith(f"{words} ("))
            value = row[name]
            url = (row[f"{words} passport_url"] or "").removeprefix("http://testserver")
            cells.append((words, None if value in ("", None) else float(value), url))
        keys = [by for by in (asked["by"][0], asked["across"][0]) if by != "total"]
        assert all(machine_name(by) in row for by in keys)  # type: ignore[arg-type]
    return _in_order(cells)


def _of_csv(answer: Any, asked: dict[str, list[str]]) -> Told:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return _of_lines(list(csv.DictReader(StringIO(text))), asked)


def _of_workbook(answer: Any, asked: dict[str, list[str]]) -> Told:
    book = openpyxl.load_workbook(BytesIO(answer.content))
    header, *rows = book.worksheets[0].iter_rows(values_only=True)
    return _of_lines([dict(zip(header, row, strict=True)) for row in rows], asked)


def _as_kept(value: float | int | None) -> float | None:
    """A number as a workbook keeps it: 16 digits, which is one less than tells each apart."""
    return None if value is None else float(f"{value:.16g}")


def _of_api(client: Client, by_id: dict[str, list[str]]) -> Told:
    asked = dict(by_id)
    asked["first"], asked["last"] = asked.pop("from"), asked.pop("to")
    del asked["period"]
    answer = client.get(reverse("api_kpis"), asked)
    assert answer.status_code == 200, answer.content
    return _of_json(answer.json())


def _of_json(said: dict[str, Any]) -> Told:
    return _in_order(
        (words, one["value"], one["passport_url"].removeprefix("http://testserver"))
        for row in said["rows"]
        for words, one in row["kpis"].items()
    )


def _of_command(asked: dict[str, list[str]]) -> Told:
    words = ["--from", asked["from"][0], "--to", asked["to"][0]]
    for name in ("by", "across", "site", "queue", "topic", "channel", "direction"):
        if name in asked:
            words += [f"--{name}", asked[name][0]]
    for one in asked["kpi"]:
        words += ["--kpi", one]
    out = StringIO()
    call_command("report", *words, "--json", stdout=out)
    return _of_json(json.loads(out.getvalue()))
