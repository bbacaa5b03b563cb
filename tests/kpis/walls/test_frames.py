"""A wall's frame: true now, and honest about what it does not know."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ccm.filters import Filters
from ccm.live import events, inbox, publish
from ccm.live.now import Floor
from ccm.models import AgentState, DirtyDay, LiveSource
from kpis import rollups, tiles
from kpis.choices import Choices
from kpis.models import Board
from kpis.noise import Verdict
from kpis.walls import frames, layout, view
from kpis.walls.layout import Tile
from kpis.walls.starts import STANDARD
from tests.builders import a_call, a_queue, a_site, an_agent

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def board():
    site = a_site("Leeds", zone="Europe/London")
    return Board.objects.create(slug="leeds", title="Leeds", site=site, tiles=STANDARD)


def cells(board, now=NOON):
    return {cell["id"]: cell for cell in frames.frame(board, now)["tiles"]}


def test_an_empty_floor_shows_dashes_and_no_false_calm(board):
    shown = cells(board)
    assert shown["service_level"]["figure"] == "–"
    assert shown["service_level"]["word"] == ""
    assert shown["longest_waiting"]["figure"] == "–"
    assert shown["waiting"]["figure"] == "0"
    assert frames.frame(board, NOON)["ticker"] == "No calls have come in yet."


def test_without_a_value_nothing_is_said_of_what_is_usual_or_aimed_at(board, monkeypatch):
    known = {"csat": Verdict(usual=1.0), "service_level": Verdict(usual=0.9)}
    monkeypatch.setattr(view.usual, "of_days", lambda *_asked: known)
    for name in known:
        cell = cells(board)[name]
        assert (cell["figure"], cell["left"], cell["right"]) == ("–", "nothing is counted yet", "")
    a_call(a_queue(board.site), NOON - 60 * SECOND)
    rollups.rebuild()
    assert cells(board)["service_level"]["right"] == "usual 90.0\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("seconds", "figure", "level", "word"),
    [
        (12, "0:12", "ok", "in time"),
        (21, "0:21", "warn", "caution"),
        (102, "1:42", "bad", "act now"),
    ],
)
def test_the_longest_wait_is_the_first_callers_and_grows_by_the_clock(
    board, seconds, figure, level, word
):
    queue = a_queue(board.site, "Technical")
    a_call(queue, NOON - seconds * SECOND, wait=None, outcome="in_progress")
    a_call(queue, NOON - 2 * SECOND, wait=None, outcome="in_progress")
    shown = cells(board)
    longest = shown["longest_waiting"]
    assert (longest["figure"], longest["level"], longest["word"]) == (figure, level, word)
    assert longest["left"] == "Technical"
    assert shown["waiting"]["figure"] == "2"


@pytest.mark.parametrize(("came_ago", "figure"), [(0.8, "0:12"), (2, "0:10"), (5, "0:07")])
def test_a_wait_stands_still_where_news_lie_unfolded_that_may_have_ended_it(
    board, came_ago, figure
):
    a_call(a_queue(board.site), NOON - 12 * SECOND, wait=None, outcome="in_progress")
    told = {"id": "1", "kind": "call.offered", "at": NOON.isoformat(), "call": "c", "queue": "x"}
    came = NOON - came_ago * SECOND
    inbox.put([events.read(told, NOON)], board.site, "pbx", came)
    assert cells(board)["longest_waiting"]["figure"] == figure
    as_of = datetime.fromisoformat(frames.frame(board, NOON)["as_of"])
    assert as_of == (NOON if came_ago < 1 else came)


def test_todays_level_is_of_the_sites_day(board):
    """80 of 100 within 20 s today; yesterday's five slow calls do not count."""
    queue = a_queue(board.site)
    for number in range(100):
        a_call(queue, NOON - (number + 60) * SECOND, wait=10 if number < 80 else 50, talk=5)
    for number in range(5):
        a_call(queue, NOON - timedelta(days=1, seconds=number), wait=500, talk=5)
    rollups.rebuild()
    level = cells(board)["service_level"]
    assert (level["figure"], level["unit"], level["word"]) == ("80.0", "%", "on target")
    assert level["left"].replace("\N{NO-BREAK SPACE}", " ") == "target 80 %"


def test_a_board_of_one_queue_counts_only_its_calls(board):
    mine, other = a_queue(board.site), a_queue(board.site)
    board.queues.add(mine)
    a_call(mine, NOON - 60 * SECOND)
    for number in range(3):
        a_call(other, NOON - (61 + number) * SECOND)
    a_call(other, NOON - 9 * SECOND, wait=None, outcome="in_progress")
    rollups.rebuild()
    shown = cells(board)
    assert (shown["answered"]["figure"], shown["waiting"]["figure"]) == ("1", "0")


def test_agents_are_free_on_calls_paused_or_wrapping_up(board):
    queue = a_queue(board.site)
    people = [an_agent(board.site) for _ in range(4)]
    for person in people:
        AgentState.objects.create(
            agent=person, source="s", agent_name=person.name, state="logged_in",
            starts_at=NOON - timedelta(hours=2),
        )  # fmt: skip
    talking, paused, wrapping, _free = people
    a_call(queue, NOON - 90 * SECOND, talk=None, agent=talking)
    for person, state in ((paused, "paused"), (wrapping, "acw")):
        AgentState.objects.create(
            agent=person, source="s", agent_name=person.name, state=state,
            starts_at=NOON - 60 * SECOND,
        )  # fmt: skip
    shown = cells(board)
    assert shown["available"]["figure"] == "1"
    assert shown["available"]["left"] == "4 logged in"
    assert shown["on_calls"]["figure"] == "1"
    assert (shown["on_calls"]["left"], shown["on_calls"]["right"]) == ("1 in wrap-up", "1 paused")


def test_a_silent_source_is_said_to_be_silent(board):
    a_call(a_queue(board.site), NOON - timedelta(minutes=40), talk=30)
    rollups.rebuild()
    assert frames.frame(board, NOON)["ticker"] == "Nothing has come in since 11:20."


def test_a_wall_is_as_old_as_the_first_event_that_is_not_on_it(board):
    came = NOON - 8 * SECOND
    told = {"id": "1", "kind": "agent.login", "at": came.isoformat(), "agent": "Ann"}
    inbox.put([events.read(told, NOON)], board.site, "pbx", came)
    frame = frames.frame(board, NOON)
    assert json.loads(publish.stamped(frame, NOON, 1))["as_of"] == came.isoformat()
    assert {tile["true_at"] for tile in frame["tiles"]} == {came.isoformat()}


@pytest.mark.parametrize(
    ("off", "said"),
    [(-60 * 60, "Newest call 10:59:30"), (60 * 60, "Newest call 11:59:58"), (0, "11:59:30")],
)
def test_a_source_whose_clock_is_wrong_is_no_silent_one(board, off, said):
    """A call ended half a minute ago, and something was told two seconds ago."""
    a_call(a_queue(board.site), NOON + (off - 60) * SECOND, wait=10, talk=20)
    rollups.rebuild()
    LiveSource.objects.create(
        site=board.site, source="pbx", heard_at=NOON - 2 * SECOND, newest_at=NOON + off * SECOND
    )
    assert frames.frame(board, NOON)["ticker"].endswith(said)


def test_counts_that_lag_are_said_to_lag(board):
    queue = a_queue(board.site)
    a_call(queue, NOON - 60 * SECOND)
    rollups.rebuild()
    DirtyDay.objects.create(site=board.site, queue=queue, day=NOON.date())
    DirtyDay.objects.update(marked_at=NOON - 45 * SECOND)
    assert "behind since 11:59:15" in frames.frame(board, NOON)["ticker"]


def test_a_drawer_that_keeps_its_counts_draws_what_a_new_one_would(board):
    queue = a_queue(board.site)
    drawer = frames.Drawer()
    for number in range(3):
        a_call(queue, NOON - (60 + number) * SECOND, wait=10 * number)
        rollups.rebuild()
        kept = dict(drawer.frames(NOON + number * SECOND))["leeds"]
        assert kept == frames.frame(board, NOON + number * SECOND)


def test_what_a_source_told_is_in_the_last_hour_at_once_and_not_with_the_next_second(board):
    """Two frames within one second, between which a source told a call."""
    hour = Tile(id="hour", kind="figure", kpi="offered", window="60")
    board.tiles = layout.read(STANDARD).with_tile(hour).kept()
    board.save()
    queue, drawer = a_queue(board.site), frames.Drawer()

    def offered(now):
        found = {one["id"]: one for one in dict(drawer.frames(now))["leeds"]["tiles"]}
        return found["hour"]["figure"]

    a_call(queue, NOON - 60 * SECOND)
    rollups.rebuild()
    assert offered(NOON) == "1"
    a_call(queue, NOON)
    told = NOON + timedelta(milliseconds=200)
    LiveSource.objects.create(site=board.site, source="pbx", heard_at=told, newest_at=told)
    assert offered(NOON + timedelta(milliseconds=300)) == "2"


def test_a_wall_tells_the_same_usual_as_home_whenever_the_past_is_counted(board):
    """Eight weeks of two calls in time; then each has two late ones too, counted in the minute
    after the wall was drawn first: 100 %, then 50 %."""
    queue = a_queue(board.site)
    drawer = frames.Drawer()
    a_call(queue, NOON - 60 * SECOND, wait=5)
    # A quarter hour is compared a minute after its end: by then its last calls are on the record.
    after = NOON + 60 * SECOND
    for wait, expected in ((5, "100.0"), (50, "50.0")):
        for week in range(1, 9):
            for second in (0, 1):
                at = NOON - timedelta(weeks=week, hours=1, seconds=wait + second)
                a_call(queue, at, wait=wait)
        rollups.rebuild()
        frame = dict(drawer.frames(after + wait * SECOND))["leeds"]
        (level,) = (cell for cell in frame["tiles"] if cell["id"] == "service_level")
        assert level["right"] == f"usual {expected}\N{NO-BREAK SPACE}%"
        with time_machine.travel(after + wait * SECOND, tick=False):
            filters = Filters(
                [board.site],
                board.site,
                [queue],
                None,
                "today",
                NOON.date(),
                NOON.date(),
                NOON.date(),
            )
            drawn, _total = tiles.home(filters, Floor(), Choices(NOON.date()), after, after)
        assert drawn[0].right == level["right"]


def test_counts_of_some_queues_are_those_of_a_report_of_them(board):
    ours = [a_queue(board.site) for _ in range(3)]
    for number, queue in enumerate(ours):
        for call in range(number + 2):
            # Of the first queue none, of the second one and of the third two too late.
            a_call(queue, NOON - 90 * SECOND, wait=60 if call < number else 5)
    a_call(ours[0], NOON - 60 * SECOND, direction="outbound")
    rollups.rebuild()
    board.tiles = [
        {"id": one, "kind": "figure", "kpi": one} for one in ("offered", "service_level", "dials")
    ]
    board.save()
    board.queues.set(ours[1:])
    shown = cells(board)
    assert (shown["offered"]["figure"], shown["service_level"]["figure"]) == ("7", "57.1")
    assert shown["dials"]["figure"] == "0"
    board.queues.set(ours[:2])
    shown = cells(board)
    assert (shown["offered"]["figure"], shown["service_level"]["figure"]) == ("5", "80.0")
    assert shown["dials"]["figure"] == "1"


def test_walls_of_many_sites_are_drawn_with_as_many_queries():
    figures = [
        {"id": f"{kpi}-{window}", "kind": "figure", "kpi": kpi, "window": window}
        for kpi in ("offered", "abandoned", "dials")
        for window in ("today", "month", "60")
        if (kpi, window) != ("dials", "60")
    ]
    drawer = frames.Drawer()

    def drawn(*sites):
        for site in sites:
            a_call(a_queue(site), NOON - 60 * SECOND)
        # Each site has a wall from its beginning.
        Board.objects.update(tiles=figures)
        list(drawer.frames(NOON))
        rollups.rebuild()
        with CaptureQueriesContext(connection) as asked:
            assert len(list(drawer.frames(NOON + SECOND))) == Board.objects.count()
        return [one["sql"] for one in asked.captured_queries if "FROM kpis_" in one["sql"]]

    one = drawn(a_site())
    assert len(drawn(a_site(), a_site())) == len(one) == 6


def test_shares_on_a_wall_have_as_many_decimals_as_on_home(board):
    """Six of eleven in time and one gave up: 54.5 % and 9.1 %."""
    queue = a_queue(board.site)
    for number in range(11):
        waited = {"wait": 5 if number < 6 else 50}
        a_call(
            queue,
            NOON - (60 + number) * SECOND,
            outcome="abandoned" if number == 10 else "answered",
            **waited,
        )
    rollups.rebuild()
    shown = cells(board)
    assert [shown[name]["figure"] for name in ("service_level", "abandon_rate")] == ["54.5", "9.1"]


def test_a_page_shows_what_was_published_unless_that_is_old(board, monkeypatch):
    told = {"as_of": NOON.isoformat(), "tiles": []}
    monkeypatch.setattr(publish, "last", lambda slug: told)
    assert frames.shown(board, NOON + 2 * SECOND) is told
    drawn = frames.shown(board, NOON + 10 * SECOND)
    assert drawn["as_of"] == (NOON + 10 * SECOND).isoformat()
    # Nobody publishes: all who ask within the second are shown the one that was drawn.
    assert frames.shown(board, NOON + 10.5 * SECOND) is drawn
    assert frames.shown(board, NOON + 11 * SECOND) is not drawn
