"""One question, five ways to ask it: page, CSV, workbook, API and command say the same numbers,
and where each explains itself; and there it is the same number."""

import csv
import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from ccm.intervals import days
from ccm.models import (
    Agent,
    AgentState,
    Call,
    Offer,
    Queue,
    Site,
    SurveyResponse,
    Team,
    Topic,
    User,
)
from kpis import report, rollups
from kpis.declaration import PRIVATE
from kpis.definitions import KPIS
from kpis.dimensions import machine_name
from kpis.figures import Figure
from kpis.models import KpiChoice
from kpis.report import Question, Row
from kpis.reports import across, links, reach
from kpis.reports.asked import Asked
from kpis.second import statements
from kpis.views.passport_asked import scope_asked
from tests import once
from tests.builders import (
    a_call,
    a_cost,
    a_paid_time,
    a_queue,
    a_sale,
    a_site,
    a_team,
    a_user,
    an_agent,
)
from tests.examples import examples

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
    "utilisation", "shrinkage", "calls_per_hour", "fcr", "turnover", "cost_per_call", "conversion",
    "pipeline", "resolution_time",
)  # fmt: skip


@once.fixture
def centre() -> Client:
    """Two sites, some of everything, and a manager of both, signed in. The definition of service
    level differs by queue, by site and from a day on."""
    random = Random(4)
    sites = [a_site("Leeds", "Europe/London"), a_site("Pune", "Asia/Kolkata")]
    words = [Topic.objects.create(name=name) for name in ("Bill", "Line")]
    for site in sites:
        queues = [a_queue(site, f"Q{number} {site.name}") for number in range(2)]
        people = [an_agent(site, f"A{number} {site.name}") for number in range(3)]
        # Takes no call.
        an_agent(site, f"A3 {site.name}")
        a_team(site, None, *people[:2])
        linked = {}
        for number in range(40):
            # One in four goes on to another queue: a contact of two visits.
            if number % 4:
                at = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(
                    minutes=random.randrange(8 * 1440)
                )
                linked = {"linked_id": f"{site.name} {number}"}
            else:
                at = at + timedelta(minutes=4) if number else datetime(2026, 3, 27, tzinfo=UTC)
            answered = random.random() < 0.7
            a_call(
                random.choice(queues),
                at,
                wait=random.choice([None, 0, 4.5, 20, 33.3]),
                talk=random.randrange(300),
                agent=random.choice(people) if answered else None,
                outcome="answered" if answered else random.choice(["abandoned", "timed_out"]),
                topic=random.choice([None, *words]),
                caller_hash=random.choice(["", "ann", "bob", "eve", "fay"]),
                resolved=random.choice([None, True, False]) if answered else None,
                channel=random.choice(["voice", "chat"]),
                direction="outbound" if random.random() < 0.1 else "inbound",
                time_precision="day" if random.random() < 0.1 else "second",
                **linked,
            )
        _told_beside(random, site)
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


def _told_beside(random: Random, site: Site) -> None:
    """What lists tell of a site, and logs beside its calls: rings, answers, states, paid time,
    sales, costs, and who was hired and left."""
    # In an order, so that chance deals the same each time.
    queues = Queue.objects.filter(site=site).order_by("pk")
    people = list(Agent.objects.filter(site=site).order_by("pk"))
    for number, person in enumerate(people):
        person.hired_on = (date(2025, 1, 1), date(2026, 3, 30), None, None)[number]
        person.left_on = date(2026, 4, 2) if number == 0 else None
        person.left_reason = "voluntary" if number == 0 else ""
        person.save()
        for day in days(FIRST, LAST):
            if random.random() < 0.8:
                at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
                for state, hours in (("available", 2), ("paused", 1), ("available", 3)):
                    until = at + timedelta(hours=hours)
                    AgentState.objects.create(
                        agent=person, source="test", agent_name=person.name, state=state,
                        reason="Lunch" if state == "paused" else "", starts_at=at, ends_at=until,
                    )  # fmt: skip
                    at = until
            if random.random() < 0.8:
                a_paid_time(person, day=day)
    calls = Call.objects.filter(site=site).order_by("offered_at", "pk")
    for call in calls.select_related("queue", "agent"):
        for who in random.sample(people, random.randrange(3)):
            missed = random.choice(["no_answer", "declined"])
            Offer.objects.create(
                id=UUID(int=random.getrandbits(128)), call=call, agent=who, agent_name=who.name,
                starts_at=call.offered_at, ring_ms=5000,
                outcome="answered" if who == call.agent else missed,
            )  # fmt: skip
        for kind, scale in (("csat", (1, 5)), ("nps", (0, 10))):
            if call.outcome == "answered" and random.random() < 0.4:
                SurveyResponse.objects.create(
                    id=UUID(int=random.getrandbits(128)), source="test", call=call, site=site,
                    queue=call.queue, agent=call.agent, kind=kind, scale_min=scale[0],
                    scale_max=scale[1], score=random.randint(*scale), answered_at=call.offered_at,
                )  # fmt: skip
        if random.random() < 0.3:
            a_sale(
                site, call=call, call_ref=call.external_id, value=random.choice([0, 30, 70]),
                pipeline_value=random.choice([None, 200]),
                agent=random.choice([None, call.agent, *people]),
            )  # fmt: skip
    a_sale(site, sold_on=date(2026, 3, 28), agent=people[1])
    month = {"first_on": date(2026, 3, 1), "last_on": date(2026, 4, 30), "amount": 6100}
    a_cost(site, **month)
    a_cost(site, kind="Licences", queue=queues[0], **month)
    a_cost(site, kind="Salaries", agent=people[0], **month)


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
        ("site", (["Leeds"],)), ("channel", (["voice"], ["chat"])), ("direction", (["outbound"],)),
        ("queue", (["Q0 Leeds"], ["Q0 Leeds", "Q1 Leeds"], ["Q1 Pune"])), ("topic", (["Bill"],)),
        ("agent", (["A0 Leeds"], ["A0 Leeds", "A1 Leeds"])),
    ):  # fmt: skip
        if draw(st.integers(0, 4)) == 0:
            asked[name] = draw(st.sampled_from(values))
    if {"site", "agent"} & {*asked} and asked.get("queue") == ["Q1 Pune"]:
        del asked["queue"]
    return asked


COMPARED = [
    f"{kpi}:{variant.id}"
    for kpi in statements.kpis()
    for variant in KPIS[kpi].variants
    if statements.compared(kpi, variant.id)
]


@settings(
    max_examples=examples(7),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kpis=st.lists(st.sampled_from(COMPARED), min_size=1, max_size=6, unique=True),
    picked=st.sampled_from(
        [{}, {"queue": "Q0 Leeds"}, {"queue": "Q1 Leeds"}, {"agent": "A0 Leeds"},
         {"agent": "A3 Leeds"}]
    ),
    days=st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)).map(sorted),
)  # fmt: skip
def test_sql_says_of_each_day_what_the_page_and_the_api_say(
    centre: Client, kpis: list[str], picked: dict[str, str], days: list[date]
) -> None:
    """What the views of the schema `kpi` answer: a variant of a KPI by day, of a site, one of its
    queues or one of its agents, and what it was taken from, which is its n unless that counts
    something else. A day without a row there has no value on the page, or nothing. Intervals are
    told by neither."""
    site = Site.objects.get(name="Leeds")
    first, last = days
    ids = {
        name: str(model.objects.get(name=picked[name]).pk)
        for name, model in (("queue", Queue), ("agent", Agent))
        if name in picked
    }
    asked = {"kpi": kpis, "by": "day", "site": site.slug, **ids}
    page = centre.get(reverse("report"), asked | {"period": "custom", "from": first, "to": last})
    shown = {
        (words, row["name"][:10]): row["figures"][words]
        for row in page.context["tables"][0].data.data
        for words in kpis
    }
    of_api = {
        (words, row["key"]["day"]): (told["value"], told["n"])
        for row in centre.get(reverse("api_kpis"), asked | {"first": first, "last": last}).json()[
            "rows"
        ]
        for words in kpis
        for told in [row["kpis"][words]]
    }
    assert {one: (figure.value, figure.n) for one, figure in shown.items()} == of_api
    of_sql = {}
    with connection.cursor() as cursor:
        for words in kpis:
            kpi, variant = words.split(":")
            cursor.execute(
                "SELECT day, value::float8, denominator::float8 FROM kpi.of(%s, %s, %s, %s)"
                " WHERE variant = %s"
                " AND queue IS NOT DISTINCT FROM %s AND agent IS NOT DISTINCT FROM %s",
                [kpi, site.slug, first, last, variant, picked.get("queue"), picked.get("agent")],
            )
            of_sql |= {(words, str(day)): told for day, *told in cursor.fetchall()}
    assert of_sql.keys() <= shown.keys()
    for one, figure in shown.items():
        value, taken_from = of_sql.get(one, (None, 0))
        if value is None:
            assert not figure.value, one
        elif not figure.precision:
            assert figure.value == pytest.approx(value, rel=1e-9), one
        if taken_from is not None and one[0].split(":")[0] not in statements.N_APART:
            assert figure.n == math.floor(taken_from), one


@settings(
    max_examples=examples(8),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=questions())
def test_page_csv_workbook_api_and_command_say_the_same(
    centre: Client, asked: dict[str, list[str]]
) -> None:
    by_id = dict(asked)
    models: dict[str, Any] = {"queue": Queue, "topic": Topic, "agent": Agent}
    for name, model in models.items():
        if name in asked:
            by_id[name] = [str(model.objects.get(name=one).pk) for one in asked[name]]
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


@pytest.mark.usefixtures("centre")
@pytest.mark.parametrize("across", ["total", "day", "week", "weekday"])
def test_what_agents_are_counted_over_is_all_that_their_site_is_counted_over(across):
    """All time and all calls are of agents here, A3 of each site has time alone. Of a day what is
    counted over is the day's, be it told by agent or of the site: time to half a second an agent,
    for each is told in whole seconds."""
    kpis = (
        "shrinkage", "utilisation", "occupancy", "calls_per_hour:logged_in", "calls_per_hour:paid",
        "dials_per_hour:paid",
    )  # fmt: skip
    for site in Site.objects.all():
        asked = Question(sites=[site], first=FIRST, last=LAST, across=across, kpis=kpis)
        of_site = {row.column_id: row for row in report.answer(asked)}
        of_agents = report.answer(replace(asked, by="agent"))
        assert f"A3 {site.name}" in {row.name for row in of_agents}
        for words in kpis:
            over = dict.fromkeys(of_site, (0, 0.0))
            for row in of_agents:
                n, hours = over[row.column_id]
                over[row.column_id] = (
                    n + row.figures[words].n,
                    hours + _hours(row.figures[words]),
                )
            whole = {
                key: (row.figures[words].n, _hours(row.figures[words]))
                for key, row in of_site.items()
            }
            agents = len({row.name for row in of_agents})
            assert over.keys() == whole.keys()
            for key, (n, hours) in over.items():
                assert n == pytest.approx(whole[key][0], abs=agents / 2), words
                assert hours == whole[key][1], words


def _hours(one: Figure) -> float:
    """The hours that a rate is of."""
    return one.made_of[1].value if one.kpi.id.endswith("_per_hour") and one.made_of else 0.0


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
                        (words, cell.figure.value, cell.url)
                        for cell in filter(None, row["cells"].values())
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
    for name in ("by", "across", "site", "queue", "topic", "agent", "channel", "direction"):
        for one in asked.get(name, ()):
            words += [f"--{name}", one]
    for one in asked["kpi"]:
        words += ["--kpi", one]
    out = StringIO()
    call_command("report", *words, "--json", stdout=out)
    return _of_json(json.loads(out.getvalue()))


EVERY = [f"{kpi.id}:{one.id}" for kpi in KPIS.values() for one in kpi.variants]


@st.composite
def picked(draw: st.DrawFn) -> dict[str, Any]:
    """A question about every KPI, narrowed by several of what can be picked."""
    by, across_ = draw(st.sampled_from(SIDES)), draw(st.sampled_from(("total", *SIDES)))
    first = draw(st.dates(FIRST, LAST))
    asked: dict[str, Any] = {
        "by": by,
        "across": "total" if across_ == by else across_,
        "from": first,
        "to": draw(st.dates(first, LAST)),
    }
    for name, values in PICKS.items():
        if draw(st.integers(0, 3)) == 0:
            asked[name] = draw(st.sampled_from(values))
    return asked


PICKS: dict[str, tuple[Any, ...]] = {
    "site": ("Leeds",), "channel": ("voice", "chat"), "direction": ("inbound", "outbound"),
    "queue": (["Q0 Leeds"], ["Q0 Leeds", "Q1 Leeds"], ["Q0 Leeds", "Q1 Pune"]),
    "agent": (["A0 Leeds"], ["A0 Leeds", "A1 Leeds"], ["A1 Leeds", "A2 Pune"]),
    "topic": (["Bill"],), "team": (["Leeds"], ["Leeds", "Pune"]),
}  # fmt: skip


@settings(
    max_examples=examples(5),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(asked={"by": "direction"})
@example(asked={"by": "day", "across": "direction"})
@example(asked={"by": "direction", "direction": "inbound"})
@example(asked={"by": "weekday"})
@example(asked={"by": "total", "channel": "voice"})
@example(asked={"by": "queue", "across": "weekday", "channel": "voice"})
@example(asked={"by": "total", "queue": ["Q0 Leeds", "Q1 Leeds"]})
@example(asked={"by": "total", "agent": ["A0 Leeds", "A1 Leeds"]})
@example(asked={"by": "site", "agent": ["A1 Leeds", "A2 Pune"]})
@example(asked={"by": "total", "queue": ["Q0 Leeds"], "agent": ["A1 Leeds", "A2 Pune"]})
@example(asked={"by": "total", "team": ["Leeds", "Pune"]})
@example(asked={"by": "site", "across": "weekday", "queue": ["Q0 Leeds", "Q1 Pune"]})
@example(asked={"by": "agent", "across": "weekday"})
@given(asked=picked())
def test_the_passport_of_every_cell_says_what_the_report_says(
    centre: Client, asked: dict[str, Any]
) -> None:
    """The same value, over as many, and where there is none for the same reason."""
    user = User.objects.get(groups__name="manager")
    question = _question(user, {"from": FIRST, "to": LAST} | asked)
    rows = report.answer(question, is_bound=False)  # every KPI is more than anybody is told at once
    assert disagreements(user, question, rows[:: len(rows) // MOST_ROWS + 1]) == []


# Of more rows some are looked at, all over the report.
MOST_ROWS = 6


def _question(user: User, asked: dict[str, Any]) -> Question:
    """The question as a report's address asks it, about every KPI."""
    given = {name: [str(one)] for name, one in asked.items() if not isinstance(one, list)}
    if "site" in given:
        given["site"] = [Site.objects.get(name=asked["site"]).slug]
    models: dict[str, Any] = {"queue": Queue, "agent": Agent, "topic": Topic}
    for name, model in models.items():
        ids = model.objects.filter(name__in=asked.get(name, ())).values_list("pk", flat=True)
        given[name] = [str(one) for one in ids]
    teams = Team.objects.filter(site__name__in=asked.get("team", ()))
    given["team"] = [str(team.pk) for team in teams]
    made = reach.answerable(Asked.of(given), reach.of(user), datetime(2026, 4, 4, tzinfo=UTC))
    return replace(made.question, kpis=EVERY)


def _said(figures: dict[str, Figure]) -> dict[str, Any]:
    """What is told of each figure: why it has none too."""
    return {words: (one.value, one.n, one.why_none) for words, one in figures.items()}


def disagreements(user: User, question: Question, rows: list[Row]) -> list[Any]:
    """Of each KPI whose passport says something else than a row: where, and what both say."""
    link, found = links.of(question), []
    for row in rows:
        told = _said(row.figures)
        addresses: dict[str, list[str]] = {}
        for words in told:
            if url := link(row, words):
                path, _, query = url.partition("?")
                kept = [one for one in parse_qsl(query) if one[0] != "kpi"]
                addresses.setdefault(f"{path}?{urlencode(kept)}", []).append(words)
        for address, asked in addresses.items():
            explained = _explained_all(user, address, found)
            found += [
                (address, words, told[words], explained[words])
                for words in asked
                if told[words] != explained[words]
            ]
    return found


def _explained_all(user: User, address: str, found: list[Any]) -> dict[str, Any]:
    """What the passport of every KPI says at an address; of several sites, what of all together
    and whose passports say otherwise than there."""
    request = RequestFactory().get(f"{address}&kpi=offered")
    request.user = user
    if not address.startswith(reverse("passport_sites")):
        scope = scope_asked(request)
        question = replace(scope.question, kpis=EVERY, knows=PRIVATE)
        (row,) = report.answer(question)
        return _said(row.figures)
    question = replace(
        across.asked(dict(request.GET.lists()), reach.of(user), timezone.now()), kpis=EVERY
    )
    (row,) = report.answer(report.over_all(question))
    found += disagreements(user, question, report.answer(question))
    return _said(row.figures)
