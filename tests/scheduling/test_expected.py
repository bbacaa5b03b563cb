"""What walls and *Floor* are told of today: calls and positions by the quarter hour."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from ccm.intervals import QUARTER
from ccm.models import AgentState
from kpis import expected
from kpis.expected import Expected, by_now, together
from kpis.models import Board
from kpis.walls import frames
from scheduling import ledger, making
from scheduling.models import ForecastDay
from tests.builders import a_queue, a_user, an_agent, an_override
from tests.scheduling.centre import FIRST, a_centre, with_calls
from tests.scheduling.test_making import DAY, NOW, WEEKS

MONDAY = date(2026, 3, 16)
NINE = datetime(2026, 3, 16, 9, tzinfo=FIRST.tzinfo)


def test_what_is_expected_by_now_has_the_share_of_the_quarter_hour_that_goes_on():
    one = Expected({NINE: 4.0, NINE + QUARTER: 6.0}, {}, {}, {})
    assert by_now(one, NINE) == 0
    assert by_now(one, NINE + QUARTER / 2) == 2
    assert by_now(one, NINE + QUARTER * 1.5) == 7
    assert by_now(one, NINE + DAY) == 10


def test_of_several_queues_calls_and_positions_add_up_and_bands_do_not():
    low, high = {NINE: 1.0}, {NINE: 9.0}
    one = Expected({NINE: 4.0}, low, high, {NINE: 3})
    other = Expected({NINE: 5.0, NINE + QUARTER: 2.0}, low, high, {NINE: 2})
    both = together([one, other])
    assert both.calls == {NINE: 9.0, NINE + QUARTER: 2.0}
    assert both.required == {NINE: 5}
    assert (both.low, both.high) == ({}, {})
    assert together([one]) is one


@pytest.fixture
def centre(db):
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    return site, queue


def test_a_days_calls_lie_in_its_open_quarter_hours(centre):
    site, queue = centre
    found = expected.of_day(site, [queue.pk], MONDAY)[queue.pk]
    assert (min(found.calls), len(found.calls)) == (NINE, 32)
    assert sum(found.calls.values()) == pytest.approx(40, abs=2)
    # Two and a half calls by half hours, of 100 seconds each: a seventh of an erlang takes one or
    # two positions.
    assert set(found.required) == set(found.calls)
    assert set(found.required.values()) <= {1, 2}
    assert all(found.low[one] <= found.calls[one] <= found.high[one] for one in found.calls)
    # Of half an hour's luck a quarter hour has the root of a half.
    day = ForecastDay.objects.get(day=MONDAY)
    half = day.high80[18] - day.calls[18]
    assert found.high[NINE] - found.calls[NINE] == pytest.approx(half / 2**0.5)


def test_a_planners_word_goes_before_the_forecast_and_stays_with_what_was_published(centre):
    site, queue = centre
    an_override(queue, first=MONDAY, last=MONDAY, factor=3.0)
    newest = expected.of_day(site, [queue.pk], MONDAY)[queue.pk]
    assert sum(newest.calls.values()) == pytest.approx(120, abs=6)
    assert newest.low == {}  # nothing tells how far the planner is off
    ledger.publish(queue, a_user("planner", site), "", NOW)
    queue.overrides.all().delete()
    published = expected.of_day(site, [queue.pk], MONDAY)[queue.pk]
    assert sum(published.calls.values()) == pytest.approx(sum(newest.calls.values()))
    # What is said since stands alone: half of what the forecast says, of which there was thrice as
    # much. And the newest goes before a version, once it is made.
    an_override(queue, first=MONDAY, last=MONDAY, factor=0.5, made_at=NOW + DAY)
    halved = expected.of_day(site, [queue.pk], MONDAY)[queue.pk]
    assert sum(halved.calls.values()) == pytest.approx(sum(newest.calls.values()) / 6)
    queue.overrides.all().delete()
    making.make_site(site, NOW)
    anew = expected.of_day(site, [queue.pk], MONDAY)[queue.pk]
    assert sum(anew.calls.values()) == pytest.approx(40, abs=2)


def test_of_a_day_that_is_known_nothing_is_expected_by_what_knew_it(centre):
    site, queue = centre
    assert expected.of_day(site, [queue.pk], date(2026, 3, 13)) == {}
    assert expected.of_day(site, [], MONDAY) == {}


def test_it_asks_as_much_of_one_queue_as_of_many(centre, django_assert_num_queries):
    site, queue = centre
    others = [a_queue(site) for _ in range(4)]
    for one in others:
        with_calls(one, FIRST, WEEKS * 7)
    making.make_site(site, NOW)
    expected.of_day(site, [queue.pk], MONDAY)
    with django_assert_num_queries(6):
        assert len(expected.of_day(site, [queue.pk], MONDAY)) == 1
    with django_assert_num_queries(6):
        assert len(expected.of_day(site, [queue.pk, *(one.pk for one in others)], MONDAY)) == 5


def shown(site, now, *tiles):
    rows = [{"id": f"t{number}", **tile} for number, tile in enumerate(tiles)]
    board, _new = Board.objects.update_or_create(
        slug="b", defaults={"title": "B", "site": site, "tiles": rows}
    )
    return frames.frame(board, now)["tiles"]


def test_a_wall_shows_today_against_its_forecast(centre):
    site, queue = centre
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)  # one every twelve minutes from nine on
    now = NINE + timedelta(hours=4)
    [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
    # The day's calls are told; of its forty twenty were expected by one o'clock.
    assert tile["figure"] == "40"
    assert tile["left"].startswith("forecast by now 20 (+")
    assert tile["right"] == "in the day 40"
    assert {name for name, _path in tile["paths"]} == {"band", "target", "line"}


def test_of_several_queues_a_wall_draws_the_forecast_without_a_band(centre):
    site, queue = centre
    other = a_queue(site)
    with_calls(other, FIRST, WEEKS * 7)
    making.make_site(site, NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    [tile] = shown(site, NINE + timedelta(hours=4), {"kind": "forecast"})
    paths = dict(tile["paths"])
    assert set(paths) == {"target", "line"}

    # The forecast reaches to the day's end, what came to now.
    def reach(path):
        return max(float(point.split(",")[0]) for point in path.strip("Mh0").split("L"))

    assert reach(paths["line"]) < reach(paths["target"])


def test_a_wall_says_how_many_are_there_of_those_it_takes(centre):
    site, queue = centre
    an_override(queue, first=MONDAY, last=MONDAY, factor=30.0)
    now = NINE + timedelta(hours=1)
    agent = an_agent(site)
    paused = an_agent(site)
    for minutes, one in enumerate((agent, paused), 8):
        since = now - timedelta(minutes=minutes)
        AgentState.objects.create(agent=one, state="logged_in", starts_at=since)
    AgentState.objects.create(agent=paused, state="paused", starts_at=now - timedelta(minutes=5))
    whole, of_queue = shown(
        site, now, {"kind": "staffing"}, {"kind": "staffing", "queue": queue.pk}
    )
    assert int(whole["figure"]) > 3
    # Who is at lunch takes no call.
    assert whole["left"] == "2 logged in"
    assert (whole["level"], whole["word"]) == ("warn", f"{int(whole['figure']) - 1} short")
    # Nothing tells of a queue who is there for it.
    assert (of_queue["level"], of_queue["right"]) == ("none", "for any queue")


def test_a_wall_without_a_forecast_says_so(db):
    site, _queue = a_centre(3)
    now = NINE
    against, staffing = shown(site, now, {"kind": "forecast"}, {"kind": "staffing"})
    assert (against["figure"], against["left"]) == ("–", "no forecast yet")
    assert (staffing["figure"], staffing["left"]) == ("–", "no forecast yet")


def test_the_curve_of_floor_has_the_forecast_beside_what_is_usual(centre, client):
    import time_machine

    site, queue = centre
    client.force_login(a_user("planner", site))
    with time_machine.travel(NINE + timedelta(hours=3), tick=False):
        with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
        page = client.get(reverse("curve"), {"site": site.slug})
    chart = page.context["chart"]
    assert chart["has_forecast"]
    rows = {row["start"]: row for row in chart["rows"]}
    assert rows["09:00"]["forecast"] == pytest.approx(40 / 32, abs=0.4)
    assert "Forecast" in page.content.decode()
