"""Pages of figures: the same figure everywhere, a fixed number of queries, every face."""

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from urllib.parse import parse_qs

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from ccm.models import SurveyResponse
from kpis import kiosks, report, rollups, tiles
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import figure as computed
from kpis.models import Board
from kpis.noise import Verdict
from kpis.report import answering
from kpis.sums.counts import Counts
from kpis.tables import AGENT_TILES, AGENTS
from kpis.walls.starts import STANDARD
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import (
    NINE,
    a_board,
    a_call,
    a_queue,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def site():
    """Where it is afternoon: a page of today asks less in its first quarter of an hour."""
    return a_site_in_the_afternoon("Leeds")


def fill(site, queues=1, agents=1, calls=1):
    """Calls of the last minutes, spread over queues and agents."""
    lines = [a_queue(site) for _ in range(queues)]
    people = [an_agent(site) for _ in range(agents)]
    now = timezone.now()
    for number in range(calls):
        at = now - (number % 5 + 1) * MINUTE
        a_call(lines[number % queues], at, wait=number % 40, talk=30, agent=people[number % agents])
    rollups.rebuild()
    return lines, people


def signed_in(client, user):
    client.force_login(user)
    return client


def today(site):
    return timezone.now().astimezone(site.tz).date().isoformat()


@pytest.mark.parametrize(("queues", "agents", "calls"), [(1, 1, 1), (12, 30, 120)])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("home", 12), ("curve", 8), ("queues", 9), ("agents", 12), ("boards", 4)],
)
def test_a_page_asks_the_same_of_few_rows_as_of_many(
    client, site, django_assert_num_queries, name, queries, queues, agents, calls
):
    fill(site, queues, agents, calls)
    Board.objects.create(slug="leeds", title="Leeds", site=site, tiles=STANDARD)
    signed_in(client, a_user("manager", site))
    with django_assert_num_queries(queries):
        assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("calls", [1, 60])
def test_a_passport_asks_the_same_of_few_calls_as_of_many(
    client, site, django_assert_max_num_queries, calls
):
    fill(site, 1, 1, calls)
    signed_in(client, a_user("manager", site))
    query = f"?kpi=service_level&site={site.slug}&from={today(site)}&to={today(site)}"
    with django_assert_max_num_queries(12):
        assert client.get(reverse("passport") + query).status_code == 200


def test_home_table_api_and_csv_say_the_same(client, site):
    (queue,), _people = fill(site, calls=25)
    signed_in(client, a_user("manager", site))
    home = client.get(reverse("home")).context["tiles"]
    by_tile = {tile.id: tile.value for tile in home}
    day = today(site)
    api = client.get(
        reverse("api_kpis"), {"first": day, "last": day, "site": site.slug, "kpi": "service_level"}
    ).json()
    assert api["rows"][0]["kpis"]["service_level"]["value"] == by_tile["service_level"]
    table = client.get(reverse("queues")).context["table"]
    (row,) = table.rows
    assert row.record["figures"]["service_level"].value == by_tile["service_level"]
    lines = b"".join(client.get(reverse("queues"), {"export": "csv"}).streaming_content)
    header, values = csv.reader(StringIO(lines.decode("utf-8-sig")))
    exported = dict(zip(header, values, strict=True))
    assert float(exported["service_level (fraction)"]) == by_tile["service_level"]
    assert exported["queue"] == queue.name


@pytest.mark.parametrize(
    ("calls", "level", "word"), [(9, "none", "too few to judge"), (10, "bad", "off target")]
)
def test_home_tables_passports_and_reports_hold_no_target_against_a_few_late_answers(
    client, site, calls, level, word
):
    queue = a_queue(site)
    for number in range(calls):
        a_call(queue, timezone.now() - (number + 1) * MINUTE, wait=300, talk=5)
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    home = client.get(reverse("home")).context
    tile = next(one for one in home["tiles"] if one.id == "service_level")
    (row,) = home["table"].rows
    (queues,) = client.get(reverse("queues")).context["table"].rows
    days = {"from": today(site), "to": today(site), "site": site.slug}
    passport = client.get(reverse("passport"), days | {"kpi": "service_level"}).context
    assert {
        (tile.level, tile.word), row.record["state"], queues.record["state"],
        (passport["level"], passport["word"]),
    } == {(level, word)}  # fmt: skip
    beside = {"kpi": "service_level", "compare": "target", "by": "queue"}
    report = client.get(reverse("report"), days | beside).content.decode()
    assert f'data-level="{level}">{word}' in report


def test_a_queue_stands_as_the_worst_of_its_figures_that_have_a_target(client, site):
    """Of 20 calls at Sales all answered are in time, 80 %, and four gave up: 20 % where 5 % is the
    target. Support has twelve in time; nine of Late are too few for any."""
    now = timezone.now()
    for name, answered, gone in (("Sales", 16, 4), ("Support", 12, 0), ("Late", 9, 0)):
        queue = a_queue(site, name)
        for number in range(answered + gone):
            outcome = "answered" if number < answered else "abandoned"
            talk = 30 if number < answered else None
            a_call(queue, now - (number % 9 + 1) * MINUTE, wait=9, talk=talk, outcome=outcome)
    a_target(site, kpi="abandon_rate", value=Decimal("0.05"))
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    for name in ("home", "queues"):
        page = client.get(reverse(name))
        rows = {row.record["name"]: row.record for row in page.context["table"].rows}
        stands = {one: (row["state"], row["state_of"]) for one, row in rows.items()}
        assert stands["Sales"] == (("bad", "off target"), "Abandoned")
        assert stands["Support"][0] == ("ok", "on target")
        assert stands["Late"][0] == ("none", "too few to judge")
        said = page.content.decode()
        assert "Against targets" in said
        assert 'off target</span> <small class="mark">Abandoned</small>' in said
        assert 'on target</span> <small class="mark">' not in said


def test_home_of_a_day_that_is_over_says_what_was_usual_as_reports_do(
    client, django_assert_max_num_queries
):
    """Twenty calls each Monday, of which two are late, and thirty on the last: 15 of them."""
    site = a_site("Leeds")
    queue = a_queue(site, "Sales")
    for week in range(9):
        for number in range(20 if week else 30):
            late = number < (2 if week else 15)
            at = NINE - timedelta(weeks=week) + number * MINUTE
            a_call(queue, at, wait=60 if late else 5)
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    day = {"period": "custom", "from": "2026-03-02", "to": "2026-03-02"}
    client.get(reverse("home"), day)
    with django_assert_max_num_queries(12):
        tiles_ = {one.id: one for one in client.get(reverse("home"), day).context["tiles"]}
    assert tiles_["service_level"].value == 0.5
    assert tiles_["service_level"].right == "usual 90.0\N{NO-BREAK SPACE}%"
    assert (tiles_["offered"].value, tiles_["offered"].right) == (30, "usual 20")
    asked = {"kpi": "service_level", "compare": "usual", "by": "total", "site": site.slug}
    report_ = client.get(reverse("report"), day | asked).content.decode()
    assert "90.0\N{NO-BREAK SPACE}%" in report_
    # Of several days nothing is held against usual.
    week = day | {"from": "2026-02-24"}
    tiles_ = client.get(reverse("home"), week).context["tiles"]
    assert {one.right for one in tiles_} == {""}


def a_day_with_calls_of_no_time(site, timed, untimed):
    """Calls of yesterday: some at noon, some of which only the day is known; that day's query."""
    queue = a_queue(site)
    noon = timezone.now().astimezone(site.tz).replace(hour=12, minute=0) - timedelta(days=1)
    for _ in range(timed):
        a_call(queue, noon, wait=5, talk=30)
    for _ in range(untimed):
        a_call(queue, noon.replace(hour=0), wait=None, talk=30, time_precision="day")
    rollups.rebuild()
    day = noon.date().isoformat()
    return {"period": "custom", "from": day, "to": day}


def test_calls_of_which_only_the_day_is_known_are_in_its_figures_and_named_by_its_curve(
    client, site
):
    shown = a_day_with_calls_of_no_time(site, timed=3, untimed=2)
    signed_in(client, a_user("manager", site))
    home = client.get(reverse("home"), shown).context
    assert {tile.id: tile.value for tile in home["tiles"]}["offered"] == 5
    (row,) = client.get(reverse("queues"), shown).context["table"].rows
    assert row.record["figures"]["offered"].value == 5
    page = client.get(reverse("curve"), shown)
    chart = page.context["chart"]
    assert sum(one["offered"] or 0 for one in chart["rows"]) == 3
    assert "2 calls tell only their day" in page.content.decode()
    asked = {"first": shown["from"], "last": shown["to"], "site": site.slug, "kpi": "offered"}
    by_quarter = client.get(reverse("api_kpis"), asked | {"by": "interval"}).json()
    assert by_quarter["day_only"] == 2
    assert sum(one["kpis"]["offered"]["value"] for one in by_quarter["rows"]) == 3
    whole = client.get(reverse("api_kpis"), asked).json()
    assert (whole["day_only"], whole["rows"][0]["kpis"]["offered"]["value"]) == (0, 5)


def test_a_day_of_such_calls_alone_has_no_curve_but_says_how_many(client, site):
    shown = a_day_with_calls_of_no_time(site, timed=0, untimed=1)
    signed_in(client, a_user("manager", site))
    page = client.get(reverse("curve"), shown).content.decode()
    assert "1 call tells only its day" in page
    assert "No calls yet" not in page


def test_a_site_without_calls_says_so(client, site):
    signed_in(client, a_user("manager", site))
    page = client.get(reverse("home")).content.decode()
    assert "no data yet" in page
    assert "nothing to count yet" in page
    assert "Nothing was counted" in client.get(reverse("queues")).content.decode()
    assert "No calls yet" in client.get(reverse("curve")).content.decode()


def test_old_data_are_called_old(client, site):
    queue = a_queue(site)
    a_call(queue, timezone.now() - 40 * MINUTE, talk=10)
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    page = client.get(reverse("home"))
    if page.context["shown"].today == (timezone.now() - 40 * MINUTE).astimezone(site.tz).date():
        assert "No data since" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?period=nonsense",
        "?from=2026-13-45&to=x",
        "?period=custom&from=2026-05-01&to=2026-04-01",
        "?period=custom&from=0001-01-01&to=9999-12-31",
    ],
)
def test_a_period_that_makes_no_sense_is_said_so_on_the_page(client, site, query):
    signed_in(client, a_user("manager", site))
    page = client.get(reverse("queues") + query)
    assert page.status_code == 200
    assert page.context["shown"].problem


@pytest.mark.parametrize(
    "query",
    [
        "?kpi=nonsense&from=2026-01-01&to=2026-01-02",
        "?kpi=asa:Z9&from=2026-01-01&to=2026-01-02",
        "?kpi=asa&from=x&to=y",
        "?kpi=asa&from=2026-01-02&to=2026-01-01",
        "?kpi=asa&from=0001-01-01&to=9999-12-31",
        "?kpi=asa&from=2026-01-01&to=2026-01-02&queue=999999999999999999999",
        "?kpi=asa&from=2026-01-01&to=2026-01-02&agent=x",
        "?kpi=asa&from=2026-01-01&to=2026-01-02&side=middle",
    ],
)
def test_a_passport_of_nonsense_is_not_there(client, site, query):
    signed_in(client, a_user("admin"))
    assert client.get(reverse("passport") + query + f"&site={site.slug}").status_code == 404


def test_an_agents_home_is_the_own_page_and_holds_no_other_name(client, site):
    _queues, (ann, bob) = fill(site, agents=2, calls=6)
    ann.user = a_user("agent", site)
    ann.save()
    signed_in(client, ann.user)
    home = client.get(reverse("home"))
    assert home.url == reverse("agent", args=[ann.pk])
    of_days = client.get(reverse("home"), {"period": "yesterday"})
    assert of_days.url == f"{home.url}?period=yesterday"
    page = client.get(home.url).content.decode()
    assert "My results" in page
    assert bob.name not in page


def test_the_lines_of_an_agents_tiles_have_a_gap_where_a_day_was_not_worked(client):
    """Ann answers on Monday, Tuesday and Thursday: talk of 60, 120 and 90 s."""
    site = a_site("Leeds")
    ann = an_agent(site, "Ann")
    queue = a_queue(site)
    for day, talk in ((0, 60), (1, 120), (3, 90)):
        a_call(queue, NINE + timedelta(days=day), agent=ann, talk=talk)
    rollups.rebuild()
    a_target(site, kpi="csat", value="0.8")
    signed_in(client, a_user("manager", site))
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-05"}
    with time_machine.travel(NINE + timedelta(days=4), tick=False):
        page = client.get(reverse("agent", args=[ann.pk]), asked)
    made = {tile.id: tile for tile in page.context["tiles"]}
    assert list(made["aht"].values) == [60, 120, None, 90]
    assert {len(tile.values) for tile in made.values()} == {4}
    assert {one.target[2] for one in made.values()} == {None}
    # Two strokes: from Monday to Tuesday, and a dot on Thursday.
    (drawn,) = re.findall(r'id="tile-aht".*?</a>', page.content.decode(), re.S)
    lines = re.findall(r'class="spark-line" d="([^"]*)"', drawn)
    assert [line.count("L") for line in lines] == [1, 0]
    # Nobody worked, or it is one day: no line at all.
    for days in (("2026-03-09", "2026-03-10"), ("2026-03-02", "2026-03-02")):
        with time_machine.travel(NINE + timedelta(days=9), tick=False):
            asked |= dict(zip(("from", "to"), days, strict=True))
            page = client.get(reverse("agent", args=[ann.pk]), asked)
        assert {tuple(tile.values) for tile in page.context["tiles"]} == {()}


def test_a_page_makes_the_figures_that_it_shows_and_those_that_it_sorts_by(
    client, site, monkeypatch
):
    """Of sixty agents it shows fifty."""
    fill(site, agents=60, calls=60)
    signed_in(client, a_user("manager", site))
    made = []
    figure = answering.figure
    monkeypatch.setattr(
        answering, "figure", lambda *given, **told: made.append(1) or figure(*given, **told)
    )
    client.get(reverse("agents"))
    assert len(made) == 50 * len(AGENTS)
    made.clear()
    client.get(reverse("agents"), {"sort": "aht"})
    assert len(made) == 50 * len(AGENTS) + 10


def test_the_page_of_an_agent_is_of_the_queue_that_is_asked_for(client, site):
    (sales, support), (ann,) = fill(site, queues=2, calls=5)
    signed_in(client, a_user("manager", site))

    def answered(**asked):
        tiles = client.get(reverse("agent", args=[ann.pk]), asked).context["tiles"]
        return next(tile.value for tile in tiles if tile.id == "answered")

    assert [answered(), answered(queue=sales.pk), answered(queue=support.pk)] == [5, 3, 2]


def test_the_days_of_an_agent_add_up_to_what_the_whole_of_them_says(site):
    queue, ann = a_queue(site), an_agent(site)
    noon = timezone.now().replace(hour=12, minute=0) - timedelta(days=30)
    for day, caller in enumerate(("x", "y", "x", "z", "x", "")):
        call = a_call(queue, noon + timedelta(days=day), talk=30, agent=ann, caller_hash=caller)
        SurveyResponse.objects.create(
            id=call.pk, source="test", call=call, site=site, queue=queue, agent=ann,
            kind="csat", scale_min=1, scale_max=5, score=day % 5 + 1, answered_at=noon,
        )  # fmt: skip
    a_call(queue, noon + timedelta(days=29))  # so long the record goes on
    rollups.rebuild()
    first = noon.astimezone(site.tz).date()
    days = {"sites": [site], "first": first, "last": first + timedelta(days=6), "agents": [ann]}
    question = report.Question(by="day", kpis=AGENT_TILES, **days)
    choices = Choices(question.last)
    (whole,) = report.answer(report.over_all(question), choices)
    rows = report.answer(question, choices)
    assert report.total_of_days(question, rows, choices) == whole.figures
    assert {name: whole.figures[name].n for name in ("answered", "fcr", "csat")} == {
        "answered": 6, "fcr": 3, "csat": 6,
    }  # fmt: skip
    assert whole.figures["fcr"].value == pytest.approx(2 / 3)  # y and z; x came again


def test_a_supervisor_sees_only_the_own_teams_agents(client, site):
    _queues, (ann, _bob) = fill(site, agents=2, calls=6)
    lead = a_user("supervisor")
    a_team(site, lead, ann)
    signed_in(client, lead)
    rows = client.get(reverse("agents")).context["table"].rows
    assert [row.record["name"] for row in rows] == [ann.name]


def test_the_charts_numbers_stand_in_the_table_behind_it(client, site):
    fill(site, queues=3, calls=9)
    signed_in(client, a_user("manager", site))
    chart = client.get(reverse("curve")).context["chart"]
    figure = json.loads(chart["json"])
    assert sum(row["offered"] or 0 for row in chart["rows"]) == 9
    assert "toImage" not in chart["json"]
    assert {trace["type"] for trace in figure["data"]} == {"scatter"}


def test_what_is_usual_is_not_drawn_through_closed_hours(client, db):
    """Calls from nine to ten and from two to three, one a quarter hour, on nine Mondays."""
    queue = a_queue(a_site())
    for week in range(9):
        for minutes in (0, 15, 30, 45, 300, 315, 330, 345):
            a_call(queue, NINE + timedelta(weeks=week, minutes=minutes))
    rollups.rebuild()
    signed_in(client, a_user("manager", queue.site))
    day = (NINE + timedelta(weeks=8)).date().isoformat()
    shown = client.get(reverse("curve"), {"from": day, "to": day}).context["chart"]
    usual = [one for one in json.loads(shown["json"])["data"] if one.get("name") == "Usual"]
    hours = [(one["x"][0][11:16], one["x"][-1][11:16]) for one in usual]
    assert hours == [("09:00", "09:45"), ("14:00", "14:45")]


def test_on_the_night_the_clocks_change_the_curve_runs_on_and_tells_the_hours_apart(client):
    """26 October 2025 in Leeds: 01:00 BST to 01:59 BST, then 01:00 GMT; on 30 March 01:00 is
    skipped. One call at each of the four quarter hours, two in the later hour."""
    queue = a_queue(a_site("Leeds", "Europe/London"))
    half_past_midnight = datetime(2025, 10, 25, 23, 30, tzinfo=UTC)
    for quarter in range(8):
        for _call in range(2 if quarter >= 6 else 1):
            a_call(queue, half_past_midnight + timedelta(minutes=15 * quarter))
    for hour, minute in ((0, 45), (1, 0)):
        a_call(queue, datetime(2025, 3, 30, hour, minute, tzinfo=UTC))
    rollups.rebuild()
    signed_in(client, a_user("manager", queue.site))
    autumn, spring = (
        client.get(reverse("curve"), {"from": day, "to": day}).context["chart"]
        for day in ("2025-10-26", "2025-03-30")
    )
    assert [(row["start"], row["offered"]) for row in autumn["rows"]] == [
        ("00:30", 1), ("00:45", 1),
        ("01:00 BST", 1), ("01:15 BST", 1), ("01:30 BST", 1), ("01:45 BST", 1),
        ("01:00 GMT", 2), ("01:15 GMT", 2),
    ]  # fmt: skip
    assert [row["start"] for row in spring["rows"]] == ["00:45", "02:00"]
    for chart, hours in ((autumn, 25), (spring, 23)):
        figure = json.loads(chart["json"])
        x = figure["data"][-1]["x"]
        assert len(x) == len({*x}) == 4 * hours
        axis = figure["layout"]["xaxis"]
        assert (axis["type"], axis["categoryarray"]) == ("category", x)
        assert {*axis["tickvals"]} <= {*x}
    told = json.loads(autumn["json"])["layout"]["xaxis"]
    # From 00:30 to the end of 01:15 GMT.
    assert told["range"] == [2, 10]
    assert told["tickvals"] == ["01:00 BST", "01:00 GMT"]


def test_home_of_somebody_without_figures_says_the_one_cause(client, site):
    for user, words in (
        (a_user("trainer", site), "Your role has no figures of its own here."),
        (a_user("trainer"), "You belong to no site yet."),
        (a_user("supervisor", site), "You lead no team today."),
        (a_user(), "You have no role yet."),
    ):
        signed_in(client, user)
        assert words in client.get(reverse("home")).content.decode()


def test_a_walls_figures_open_their_passports_for_who_may_see_figures(client, site):
    """The wall that hangs in the hall has no links, nor has an agent's."""
    queue, other = a_queue(site), a_queue(site)
    shown = ("service_level", "waiting", "available")
    board = a_board(site, *shown, slug="hall")
    board.queues.add(queue, other)
    _link, words = kiosks.make_link(board, "Hall", a_user("admin"))
    there = {name: reverse("board_passport", args=["hall", name]) for name in shown}
    assert not any(
        url in client.get(reverse("kiosk", args=[words])).content.decode() for url in there.values()
    )
    agent = a_user("agent", site)
    an_agent(site, user=agent)
    signed_in(client, agent)
    assert not any(
        url in client.get(reverse("board", args=["hall"])).content.decode()
        for url in there.values()
    )
    signed_in(client, a_user("manager", site))
    page = client.get(reverse("board", args=["hall"])).content.decode()
    assert [url in page for url in there.values()] == [True, True, False]
    for name, asked in (("service_level", "service_level"), ("waiting", "in_progress")):
        passport = client.get(there[name], follow=True)
        scope = passport.context["passport"]
        assert passport.status_code == 200
        assert passport.request["QUERY_STRING"].startswith(f"kpi={asked}&from=")
        assert queue.name in str(scope["scope"])
        assert other.name in str(scope["scope"])
    for name in ("available", "asa", "no-such"):
        assert client.get(reverse("board_passport", args=["hall", name])).status_code == 404


def test_a_new_kiosk_link_is_shown_once_and_kept_as_a_hash(client, site):
    board = Board.objects.create(slug="leeds", title="Leeds", site=site, tiles=STANDARD)
    signed_in(client, a_user("manager", site))
    said = {"name": "Hall", "good_for": "90"}
    page = client.post(reverse("kiosk_links", args=["leeds"]), said, follow=True)
    words = page.content.decode().split("/kiosk/")[1].split("/")[0]
    assert words not in client.get(reverse("kiosk_links", args=["leeds"])).content.decode()
    assert words not in board.kiosk_links.get().hash
    client.logout()
    assert client.get(reverse("kiosk", args=[words])).status_code == 200


def test_a_table_sorts_by_what_stands_in_a_column_and_nothing_comes_last(client, site):
    for name, calls in (("A", 2), ("B", 5), ("C", 1)):
        for number in range(calls):
            a_call(
                a_queue(site, name) if not number else site.queues.get(name=name),
                timezone.now() - timedelta(minutes=number),
                outcome="left_ivr" if name == "C" else "answered",
            )
    rollups.rebuild()
    signed_in(client, a_user("manager", site))

    def order(page, sort):
        table = client.get(reverse(page), {"sort": sort}).context["table"]
        return [row.record["name"] for row in table.paginated_rows]

    for page in ("queues", "home"):
        assert order(page, "offered") == ["C", "A", "B"]
        assert order(page, "-offered") == ["B", "A", "C"]
        assert order(page, "-name") == ["C", "B", "A"]
        # No call of C was answered: it has no speed of answer, whichever way one looks.
        assert order(page, "asa")[-1] == order(page, "-asa")[-1] == "C"


NONSENSE = [
    "/calls/?wait=" + "9" * 4301,
    "/calls/?page=" + "9" * 4301,
    "/calls/?q=%00",
    "/queues/?per_page=-1",
    "/agents/?per_page=0&page=-1",
    "/queues/?sort=-nope,,x",
    "/passport/?kpi=offered&from=2026-01-01&to=2026-01-02&site=%00",
    "/passport/?kpi=offered&from=1990-01-01&to=9998-12-31&site={site}",
    "/api/v1/calls/?start=0001-01-01T00:00:00Z&end=0001-01-02T00:00:00Z",
    "/api/v1/calls/?start=9999-12-31T00:00:00Z&end=9999-12-31T10:00:00Z",
    "/api/v1/calls/?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z&cursor=cD1nYXJiYWdl",
    "/api/v1/queues/?cursor=cD0lMDA=",
    "/api/v1/agents/?cursor=cD0lMDA=",
    "/api/v1/kpis/?first=9000-01-01&last=9000-01-02&by=interval",
    "/boards/x%00/",
]


@pytest.mark.parametrize("address", NONSENSE)
def test_no_address_is_an_error_of_ours(client, site, address):
    a_call(a_queue(site), timezone.now())
    rollups.rebuild()
    client.raise_request_exception = False
    signed_in(client, a_user("admin"))
    assert client.get(address.format(site=site.slug)).status_code < 500


@pytest.mark.parametrize(
    ("address", "mistyped"),
    [
        ("/api/v1/kpis/?first=2026-01-01&last=2026-01-02&kpi=offered", "sites"),
        ("/api/v1/calls/?start=2026-01-01T00:00Z&end=2026-01-02T00:00Z&limit=2", "agnet"),
        ("/api/v1/queues/?format=json", "site"),
        ("/api/v1/agents/?format=json", "cursors"),
    ],
)
def test_the_api_refuses_a_filter_that_nothing_reads_and_does_not_answer_with_all(
    client, site, address, mistyped
):
    signed_in(client, a_user("admin"))
    assert client.get(address).status_code == 200
    answer = client.get(f"{address}&{mistyped}=1")
    words = "There is no such parameter: it would be ignored."
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"pointer": f"/{mistyped}", "message": words}]


def test_a_report_is_of_each_site_that_is_named_and_what_is_read_once_is_said_once(client, site):
    """Two sites of three; of a parameter written twice all but the last would be ignored."""
    pune, york = a_site("Pune"), a_site("York")
    for one in (site, pune, york):
        a_call(a_queue(one), NINE)
    rollups.rebuild()
    signed_in(client, a_user("admin"))
    first, last = (NINE + timedelta(days=one) for one in (-1, 1))  # whatever their zones
    address = f"/api/v1/kpis/?first={first.date()}&last={last.date()}&kpi=offered&by=site"
    two = client.get(f"{address}&site={site.slug}&site={pune.slug}").json()
    assert {row["key"]["site"] for row in two["rows"]} == {site.name, "Pune"}
    assert client.get(f"{address}&site={pune.slug}&site=nowhere").status_code == 404
    words = "Say it once: all but the last would be ignored."
    for name, value in (("first", first.date()), ("by", "day")):
        answer = client.get(f"{address}&{name}={value}")
        assert (answer.status_code, answer.json()["errors"]) == (
            400, [{"pointer": f"/{name}", "message": words}],
        )  # fmt: skip
    calls = "/api/v1/calls/?start=2026-01-01T00:00Z&end=2026-01-02T00:00Z"
    assert client.get(f"{calls}&outcome=busy&outcome=failed").status_code == 400


def test_calls_of_no_outcome_and_lists_of_no_length_are_refused_with_what_there_is(client, site):
    a_call(a_queue(site), NINE, outcome="abandoned")
    signed_in(client, a_user("admin"))
    address = f"/api/v1/calls/?start={NINE.date()}T00:00Z&end={NINE.date()}T23:00Z"
    for good in ("outcome=abandoned", "limit=1", "limit=1000"):
        assert len(client.get(f"{address}&{good}").json()["results"]) == 1
    refused = client.get(f"{address}&outcome=foo")
    assert refused.status_code == 400
    [error] = refused.json()["errors"]
    assert error["message"].startswith("There is no such outcome. There are: answered, abandoned, ")
    for limit in ("0", "-1", "1001", "99999", "9" * 4301, "two"):
        refused = client.get(f"{address}&limit={limit}")
        errors = [{"pointer": "/limit", "message": "Write a whole number from 1 to 1000."}]
        assert (refused.status_code, refused.json().get("errors")) == (400, errors), limit


def test_a_cookie_or_a_name_with_a_nul_is_refused_or_read_without_it(client, site):
    client.raise_request_exception = False
    cookie = {"cookie": 'sessionid="aaaaaaaaaa\\000"'}
    assert client.get("/", headers=cookie).status_code == 400
    signed_in(client, a_user("admin"))
    board = Board.objects.get(site=site)
    said = {"name": "Ha\0ll", "good_for": "7"}
    client.post(reverse("kiosk_links", args=[board.slug]), said)
    assert board.kiosk_links.get().name == "Hall"


def test_a_longer_period_has_a_curve_by_day(client, site):
    """Of the calls of today and of three days before, with which the record begins, each day has
    its own; of days before there is no number, for that is not 0."""
    lines, _people = fill(site, queues=2, calls=4)
    a_call(lines[0], timezone.now() - timedelta(days=3))
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    chart = client.get(reverse("curve"), {"period": "7d"}).context["chart"]
    offered = [row["offered"] for row in chart["rows"]]
    assert offered == [None, None, None, 1, 0, 0, 4]
    traces = {trace["name"] for trace in json.loads(chart["json"])["data"]}
    assert traces == {"All queues", *(line.name for line in lines)}


@pytest.mark.parametrize(("period", "follows"), [("today", True), ("7d", False)])
def test_home_follows_the_day_and_lets_the_past_be(client, site, period, follows):
    fill(site)
    signed_in(client, a_user("manager", site))
    page = client.get("/", {"period": period}).content.decode()
    assert ('hx-trigger="every 20s"' in page) == follows
    for part in ("figures", "by-queue", "age"):
        assert page.count(f'id="{part}"') == 1


def test_home_says_how_many_visits_its_contacts_made(client, site):
    first, second = a_queue(site), a_queue(site)
    at = timezone.now() - timedelta(minutes=20)
    a_call(first, at, outcome="timed_out", linked_id="c")
    a_call(second, at + MINUTE, linked_id="c")
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    assert "2 visits by 1 contact:" in client.get("/").content.decode()


def test_the_filters_go_along_to_the_other_pages_of_figures(client, site):
    queue = a_queue(site)
    signed_in(client, a_user("manager", site))
    asked = {"site": site.slug, "period": "7d", "queue": queue.pk}
    page = client.get(reverse("queues"), asked).content.decode()
    kept = f"period=7d&amp;site={site.slug}&amp;queue={queue.pk}"
    for name in ("home", "agents", "calls"):
        assert f'href="{reverse(name)}?{kept}"' in page
    assert f'href="{reverse("imports")}"' in page


def test_a_satisfaction_of_few_says_of_how_many(client, site):
    call = a_call(a_queue(site), timezone.now() - MINUTE)
    SurveyResponse.objects.create(
        id=call.pk, source="test", site=site, call_id=call.pk, kind="csat", scale_min=1,
        scale_max=5, score=5, answered_at=call.offered_at,
    )  # fmt: skip
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    page = client.get(reverse("queues")).content.decode()
    assert re.search(r'class="of-few"><a [^>]*>100.0\s%</a></span> <small class="part-known"', page)
    assert 'title="of 1: of so few it says little">of 1</small>' in page
    assert "only 1" not in page


def test_a_resolution_that_is_pending_says_of_how_many_and_leads_to_the_days_of_which_it_is_known(
    client, site
):
    """Two callers in the last days, and another nine days ago, of whom it is known by today."""
    queue, ann = a_queue(site), an_agent(site)
    noon = timezone.now().replace(minute=0) - timedelta(hours=1)
    for days_ago, caller in ((1, "bob"), (2, "cy")):
        a_call(queue, noon - timedelta(days=days_ago), caller_hash=caller, agent=ann)
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    address = reverse("agent", args=[ann.pk])

    def told(**asked):
        page = client.get(address, asked)
        return {tile.id: tile for tile in page.context["tiles"]}["fcr"], page

    fcr, page = told()
    assert (fcr.value, fcr.left) == (None, "2 pending")
    assert page.content.decode().count(">1 pending</small>") == 2  # each on its day
    assert page.context["earlier"] is None  # no earlier day is known
    a_call(queue, noon - timedelta(days=9), caller_hash="ann", agent=ann)
    rollups.rebuild()
    fcr, page = told()
    assert (fcr.value, fcr.left) == (None, "2 pending")
    assert "First contact resolution is known 7 whole days after a contact" in page.content.decode()
    then, page = told(**parse_qs(page.context["earlier"]["url"].lstrip("?")))
    assert then.value == 1.0
    assert page.context["earlier"] is None
    both, _page = told(period="28d")
    assert (both.value, both.left) == (1.0, "of 1 · 2 pending")


def test_a_tile_without_a_value_is_held_against_nothing(site):
    figure = computed(Counts(), KPIS["csat"], None, Choices(date(2026, 3, 2)), site.pk)
    figure = replace(figure, parameters=replace(figure.parameters, target=0.8))
    tile = tiles.of_figure(figure, Verdict(usual=1.0), "")
    assert (tile.left, tile.right) == ("no survey of this kind was answered on its scale", "")
    known = tiles.of_figure(replace(figure, value=0.9, n=50), Verdict(usual=1.0), "")
    assert (known.left, known.right) == (
        "target 80\N{NO-BREAK SPACE}%",
        "usual 100.0\N{NO-BREAK SPACE}%",
    )


def test_a_screen_whose_link_ended_is_told_and_sent_nowhere(client):
    page = client.get(reverse("kiosk", args=["no-such-words"]))
    assert page.status_code == 404
    assert "This link is not known" in page.content.decode()
    assert 'data-bs-theme="dark"' in page.content.decode(), "as walls are"
    assert "To your start page" not in page.content.decode()


def test_a_passport_lists_the_longest_wait_first(client, site):
    queue = a_queue(site)
    for wait in (5, 40, 20):
        a_call(queue, timezone.now() - timedelta(minutes=5), wait=wait)
    rollups.rebuild()
    signed_in(client, a_user("manager", site))
    query = f"?kpi=longest_wait&site={site.slug}&from={today(site)}&to={today(site)}"
    listed = client.get(reverse("passport") + query).context["passport"]["calls"]
    assert [call["wait_seconds"] for call in listed] == [40, 20, 5]
