"""What walls and *Floor* are told of today: calls and positions by the quarter hour."""

import base64
import json
from datetime import date, datetime, timedelta

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from ccm.intervals import QUARTER
from ccm.models import AgentState, DirtyDay, LiveSource
from kpis import expected, rollups
from kpis.expected import Day, Expected, until
from kpis.freshness import reach
from kpis.models import Board
from kpis.walls import frames
from scheduling.intraday import reads
from scheduling.made import ledger, making
from scheduling.models import Forecast, ForecastDay
from tests import once
from tests.builders import a_queue, a_user, an_agent, an_override, many_calls, unsaved_call
from tests.scheduling.centre import FIRST, a_centre, with_calls
from tests.scheduling.test_making import DAY, NOW, WEEKS

MONDAY = date(2026, 3, 16)
NINE = datetime(2026, 3, 16, 9, tzinfo=FIRST.tzinfo)


def test_what_is_expected_by_a_moment_is_that_of_the_quarter_hours_that_are_over():
    calls = {NINE: 4.0, NINE + QUARTER: 6.0}
    assert until(calls, NINE + QUARTER * 0.9) == 0
    assert until(calls, NINE + QUARTER) == 4
    assert until(calls, NINE + QUARTER * 1.5) == 4
    assert until(calls, NINE + DAY) == 10


def test_of_several_queues_calls_and_positions_add_up_and_bands_do_not():
    low, high = {NINE: 1.0}, {NINE: 9.0}
    one = Expected({NINE: 4.0}, low, high, {NINE: 3})
    other = Expected({NINE: 5.0, NINE + QUARTER: 2.0}, low, high, {NINE: 2})
    day = Day({1: one, 2: other}, frozenset())
    both = day.of([1, 2])
    assert both.calls == {NINE: 9.0, NINE + QUARTER: 2.0}
    assert both.required(NINE) == 5
    assert both.band == ({}, {})
    assert day.of([1]).band == (low, high)


def test_a_queue_of_which_nothing_is_known_is_named_and_one_on_which_nobody_calls_is_not():
    """Of 1 it takes three; of 2 it is not known how long its calls take; 3 has no forecast, and on
    4 nobody calls."""
    one = Expected({NINE: 4.0}, {}, {}, {NINE: 3})
    other = Expected({NINE: 5.0}, {}, {}, {})
    day = Day({1: one, 2: other}, frozenset({4}))
    told = day.of([1, 2, 3, 4])
    assert (told.required(NINE), told.unstaffed(NINE)) == (3, (3, 2))
    assert told.without == (3,)
    # Closed, 2 takes nobody.
    assert (told.required(NINE + DAY), told.unstaffed(NINE + DAY)) == (None, (3,))
    assert day.of([3, 4]) is None


@once.fixture
def centre():
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    return site, queue


def test_a_days_calls_lie_in_its_open_quarter_hours(centre):
    site, queue = centre
    found = expected.of_day(site, [queue.pk], MONDAY).each[queue.pk]
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


def test_a_planners_word_of_today_goes_before_the_forecast_also_of_one_just_published(centre):
    site, queue = centre
    an_override(queue, first=MONDAY, last=MONDAY, factor=3.0)
    newest = expected.of_day(site, [queue.pk], MONDAY).each[queue.pk]
    assert sum(newest.calls.values()) == pytest.approx(120, abs=6)
    assert newest.low == {}  # nothing tells how far the planner is off
    ledger.publish(queue, a_user("planner", site), "", NOW)
    queue.overrides.all().delete()
    published = expected.of_day(site, [queue.pk], MONDAY).each[queue.pk]
    # It was taken back: a third of what was planned is what the forecast says.
    assert sum(published.calls.values()) == pytest.approx(sum(newest.calls.values()) / 3)
    # What is said since stands alone: half of what the forecast says, of which there was thrice as
    # much. And the newest goes before a version, once it is made.
    an_override(queue, first=MONDAY, last=MONDAY, factor=0.5, made_at=NOW + DAY)
    halved = expected.of_day(site, [queue.pk], MONDAY).each[queue.pk]
    assert sum(halved.calls.values()) == pytest.approx(sum(newest.calls.values()) / 6)
    queue.overrides.all().delete()
    making.make_site(site, NOW)
    anew = expected.of_day(site, [queue.pk], MONDAY).each[queue.pk]
    assert sum(anew.calls.values()) == pytest.approx(40, abs=2)


def test_of_a_day_that_is_known_nothing_is_expected_by_what_knew_it(centre):
    site, queue = centre
    assert expected.of_day(site, [queue.pk], date(2026, 3, 13)).each == {}
    assert expected.of_day(site, [], MONDAY).each == {}


def test_it_asks_as_much_of_one_queue_as_of_many(centre, django_assert_num_queries):
    site, queue = centre
    others = [a_queue(site) for _ in range(4)]
    for one in others:
        with_calls(one, FIRST, WEEKS * 7)
    making.make_site(site, NOW)
    expected.of_day(site, [queue.pk], MONDAY)
    with django_assert_num_queries(6):
        assert len(expected.of_day(site, [queue.pk], MONDAY).each) == 1
    with django_assert_num_queries(6):
        found = expected.of_day(site, [queue.pk, *(one.pk for one in others)], MONDAY)
    assert len(found.each) == 5


def shown(site, now, *tiles):
    rows = [{"id": f"t{number}", **tile} for number, tile in enumerate(tiles)]
    board, _new = Board.objects.update_or_create(
        slug="b", defaults={"title": "B", "site": site, "tiles": rows}
    )
    return frames.frame(board, now)["tiles"]


def heard(site, at):
    """The switch that tells of its calls."""
    LiveSource.objects.create(site=site, source="test", heard_at=at, newest_at=at)


def lags(site, day, since):
    """Counts of a day lag since a moment."""
    marked = DirtyDay.objects.create(site=site, day=day)
    DirtyDay.objects.filter(pk=marked.pk).update(marked_at=since)


def with_morning(queue, until):
    """Monday's calls, one every twelve minutes from nine on, up to a moment."""
    calls, at = [], NINE
    while at < until:
        calls.append(unsaved_call(queue, at, wait=5, talk=100))
        at += timedelta(minutes=12)
    many_calls(calls)
    rollups.rebuild()


def test_a_wall_shows_today_against_its_forecast(centre):
    site, queue = centre
    with_morning(queue, NINE + timedelta(hours=4))
    heard(site, NINE + timedelta(hours=4))
    now = NINE + timedelta(hours=4, minutes=2)
    [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
    # Of the day's forty twenty were expected by one o'clock; so many came.
    assert (tile["figure"], tile["word"]) == ("20", "")
    assert tile["left"].startswith("by 13:00 20, forecast 20 (")
    assert tile["right"] == "in the day 40"
    assert {name for name, _path in tile["paths"]} == {"band", "target", "line"}


def test_where_nobody_called_since_a_wall_says_how_many_are_missing(centre):
    """Ten came by eleven; 20 were expected by one o'clock, half of it is missing."""
    site, queue = centre
    with_morning(queue, NINE + timedelta(hours=2))
    heard(site, NINE + timedelta(hours=4))
    now = NINE + timedelta(hours=4, minutes=2)
    [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
    assert tile["left"].startswith("by 13:00 10, forecast 20 (−")


def test_of_logs_that_come_at_night_a_wall_says_that_today_is_not_known(centre):
    """The record ends on Friday; on Monday at one nothing tells that nobody called."""
    site, queue = centre
    now = NINE + timedelta(hours=4)
    [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
    assert (tile["figure"], tile["word"], tile["level"]) == ("–", "not known", "none")
    assert tile["left"].startswith("nothing of today is counted: calls are known up to 2026-03-13")
    assert tile["right"] == "in the day 40"
    assert {name for name, _path in tile["paths"]} == {"band", "target"}


def test_figures_of_a_day_that_is_not_counted_are_not_known_and_not_0(centre):
    """As above: on Monday at one, calls are known up to Friday. By a call of ten there is one."""
    site, queue = centre
    now = NINE + timedelta(hours=4)
    asked = {"kind": "figure", "kpi": "offered", "queue": queue.pk, "caution": 5, "critical": 9}
    level = {"kind": "figure", "kpi": "service_level", "queue": queue.pk}
    usual_day = {"kind": "usual_day", "queue": queue.pk}
    for tile in shown(site, now, asked, level, usual_day):
        assert tile["figure"] == "–"
        assert tile["left"].startswith("nothing of today is counted: calls are known up to 2026-")
        assert tile.get("level", "none") == "none"
    many_calls([unsaved_call(queue, NINE + timedelta(hours=1), wait=5, talk=100)])
    rollups.rebuild()
    [tile] = shown(site, now, {"kind": "figure", "kpi": "offered", "queue": queue.pk})
    assert tile["figure"] == "1"


def test_on_a_day_that_is_closed_a_wall_says_so(centre):
    site, queue = centre
    saturday = NINE - 2 * DAY
    making.make_site(site, saturday)
    [tile] = shown(site, saturday, {"kind": "forecast", "queue": queue.pk})
    assert (tile["figure"], tile["word"], tile["left"]) == ("–", "", "closed today")


def test_a_wall_holds_what_came_against_what_was_forecast_as_far_as_intraday_does(centre):
    """A file that ends before eleven: read at one and at four it tells the same."""
    site, queue = centre
    with_morning(queue, NINE + timedelta(hours=2))
    for hours in (4, 7):
        now = NINE + timedelta(hours=hours)
        [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
        # Seven quarter hours of 32: nine calls came in them, of forty as many were expected.
        assert tile["left"].startswith("by 10:45 9, forecast 9 (")
        assert tile["true_at"] < (NINE + timedelta(hours=2)).isoformat()
        begun = reads.todays(site, [queue], reach(site, now))[queue.pk].begun
        assert (begun.known, begun.came_so_far) == (21, 8)  # of half hours, up to half past ten
    # What lags by a day that is over is no reason to know less of today.
    lags(site, MONDAY - DAY, NINE)
    [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
    assert tile["left"].startswith("by 10:45 9,")
    lags(site, MONDAY, NINE + timedelta(hours=1))
    [tile] = shown(site, now, {"kind": "forecast", "queue": queue.pk})
    assert tile["left"].startswith("by 10:00 5, forecast 5 (")


def with_late(queue, ends):
    """A queue that is forecast as another is, of which a log of its own tells up to a call every
    half an hour before `ends`; the site's switch goes on to one o'clock."""
    late = like(queue)
    at = min(NINE, ends - DAY)
    calls = [
        unsaved_call(late, at + number * timedelta(minutes=30), source="night", wait=5, talk=60)
        for number in range(int((ends - at) / timedelta(minutes=30)))
    ]
    many_calls(calls)
    with_morning(queue, NINE + timedelta(hours=4))
    heard(queue.site, NINE + timedelta(hours=4))
    return late


def test_a_queue_whose_source_is_late_is_not_taken_for_one_without_calls(centre):
    """Its log ends on Sunday at nine; the other's twenty calls by one are all that are known of
    today."""
    site, queue = centre
    late = with_late(queue, NINE - DAY)
    now = NINE + timedelta(hours=4, minutes=2)
    whole, own, of_late = shown(
        site,
        now,
        *({"kind": "forecast"} | one for one in ({}, {"queue": queue.pk}, {"queue": late.pk})),
    )
    assert whole["left"].startswith("by 13:00 20, forecast 20 (")
    assert whole["right"] == f"in the day 40 · without {late.name}"
    assert (own["left"], own["figure"]) == (whole["left"], whole["figure"])
    assert own["right"] == "in the day 40"
    assert (of_late["figure"], of_late["word"]) == ("–", "not known")
    assert of_late["left"].startswith(
        "nothing of today is counted: calls are known up to 2026-03-15"
    )
    todays = reads.todays(site, [queue, late], reach(site, now))
    assert (todays[queue.pk].begun.known, todays[late.pk].begun.known) == (26, 0)


def test_a_queue_that_is_known_less_far_than_others_counts_as_far_as_it_is(centre):
    """Its log ends with a call at half past ten: before it came three, where of 40 a day seven and
    a half were expected. Of the other came twenty by one, as was expected."""
    site, queue = centre
    late = with_late(queue, NINE + timedelta(hours=2))
    now = NINE + timedelta(hours=4, minutes=2)
    whole, of_late = shown(site, now, {"kind": "forecast"}, {"kind": "forecast", "queue": late.pk})
    assert of_late["left"].startswith("by 10:30 3, forecast 8 (")
    assert whole["left"].startswith("by 13:00 23, forecast 28 (")
    assert whole["right"] == f"in the day 80 · {late.name} up to 10:30"
    # The line is of both, and so ends where one of them does.
    assert whole["true_at"] < (NINE + timedelta(hours=2)).isoformat()
    begun = reads.todays(site, [late], reach(site, now))[late.pk].begun
    assert (begun.known, begun.came_so_far) == (21, 3)


@pytest.fixture
def with_new_queue(centre):
    """Ten calls by eleven on a queue with a forecast and on one without; and a queue of none."""
    site, queue = centre
    new, _unused = a_queue(site, "Sales"), a_queue(site, "Unused")
    with_morning(queue, NINE + timedelta(hours=2))
    with_morning(new, NINE + timedelta(hours=2))
    heard(site, NINE + timedelta(hours=2))
    return site, queue, new


def test_calls_are_held_against_the_forecast_of_the_queues_that_have_one(with_new_queue):
    site, _queue, new = with_new_queue
    now = NINE + timedelta(hours=2, minutes=2)
    whole, of_new = shown(site, now, {"kind": "forecast"}, {"kind": "forecast", "queue": new.pk})
    # Ten of twenty calls are of the queue that has a forecast, as half of its twenty by one.
    assert whole["figure"] == "10"
    assert whole["left"].startswith("by 11:00 10, forecast 10 (")
    assert whole["right"] == "in the day 40 · without Sales"
    assert (of_new["figure"], of_new["left"]) == ("–", "no forecast yet")


def test_a_wall_never_calls_enough_what_it_does_not_know(with_new_queue):
    site, queue, _new = with_new_queue
    now = NINE + timedelta(hours=2, minutes=2)
    for minutes, one in enumerate([an_agent(site) for _ in range(4)], 8):
        since = now - timedelta(minutes=minutes)
        AgentState.objects.create(agent=one, state="logged_in", starts_at=since)
    tiles = {"kind": "staffing"}, {"kind": "staffing", "queue": queue.pk}
    whole, of_queue = shown(site, now, *tiles)
    assert int(whole["figure"]) in (1, 2)
    assert (whole["level"], whole["word"]) == ("none", "")
    assert (whole["left"], whole["right"]) == ("4 logged in", "not known of Sales")
    assert of_queue["right"] == "for any queue"
    # Nor where nothing tells how long calls take.
    ForecastDay.objects.filter(day=MONDAY).update(aht_seconds=[None] * 48)
    whole, of_queue = shown(site, now, *tiles)
    assert (whole["figure"], whole["level"]) == ("–", "none")
    assert whole["left"] == f"not known of {queue.name}, Sales"
    assert (of_queue["figure"], of_queue["left"]) == ("–", f"not known of {queue.name}")


def test_what_is_known_to_be_missing_is_at_least_missing(with_new_queue):
    site, queue, _new = with_new_queue
    an_override(queue, first=MONDAY, last=MONDAY, factor=30.0)
    now = NINE + timedelta(hours=2, minutes=2)
    agent = an_agent(site)
    AgentState.objects.create(agent=agent, state="logged_in", starts_at=now - timedelta(minutes=9))
    [whole] = shown(site, now, {"kind": "staffing"})
    assert whole["level"] == "warn"
    assert whole["word"] == f"at least {int(whole['figure']) - 1} short"
    assert whole["right"] == "not known of Sales"


def test_where_nothing_tells_who_is_there_nobody_is_called_short(centre):
    site, queue = centre
    an_override(queue, first=MONDAY, last=MONDAY, factor=30.0)
    [whole] = shown(site, NINE + timedelta(hours=1), {"kind": "staffing"})
    assert int(whole["figure"]) > 3
    assert (whole["level"], whole["left"]) == ("none", "nothing tells who is there")


def like(queue):
    """Another queue of its site, forecast as it is."""
    other = a_queue(queue.site)
    forecast = Forecast.objects.newest().get(queue=queue)
    days = list(forecast.days.all())
    forecast.pk, forecast.queue = None, other
    forecast.save()
    for one in days:
        one.pk, one.forecast = None, forecast
    ForecastDay.objects.bulk_create(days)
    return other


@pytest.mark.parametrize("many", [1, 8])
def test_tiles_of_one_queue_each_read_together(centre, django_assert_num_queries, many):
    site, queue = centre
    queues = [queue, *(like(queue) for _ in range(7))]
    heard(site, NINE)
    board = Board.objects.create(
        title="B",
        slug="b",
        site=site,
        tiles=[
            {"id": f"{kind}{one.pk}", "kind": kind, "queue": one.pk}
            for one in queues[:many]
            for kind in ("forecast", "staffing")
        ],
    )
    board = Board.objects.select_related("site").get(pk=board.pk)
    now = NINE + timedelta(hours=1)
    drawer, found = frames.Drawer(), frames.places(now)
    drawer.begin(found, now)
    # The board's queues; six of what is expected; what was offered today by the quarter hour; how
    # far the sources of each queue reach; definitions and targets, and three of the day's counts.
    with django_assert_num_queries(14):
        drawn = drawer.frame(board, found[site.pk], now)
    assert [one["right"] for one in drawn["tiles"]] == ["in the day 40", "for any queue"] * many


def test_of_several_queues_a_wall_draws_the_forecast_without_a_band(centre):
    site, queue = centre
    other = a_queue(site)
    with_calls(other, FIRST, WEEKS * 7)
    making.make_site(site, NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    [tile] = shown(site, NINE + timedelta(hours=4), {"kind": "forecast"})
    assert tile["right"] == "in the day 80"
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


def test_no_forecast_of_some_is_drawn_beside_the_calls_of_all(with_new_queue, client):
    site, queue, new = with_new_queue
    client.force_login(a_user("planner", site))
    with time_machine.travel(NINE + timedelta(hours=2, minutes=2), tick=False):
        page = client.get(reverse("curve"), {"site": site.slug})
        of_queue = client.get(reverse("curve"), {"site": site.slug, "queue": queue.pk})
        of_new = client.get(reverse("curve"), {"site": site.slug, "queue": new.pk})
    assert not page.context["chart"]["has_forecast"]
    assert "No forecast is drawn: 1 of 2 queues has none yet (Sales)." in page.content.decode()
    assert of_queue.context["chart"]["has_forecast"]
    assert "No forecast is drawn" not in of_queue.content.decode()
    assert "No forecast is drawn" not in of_new.content.decode()


def test_the_curve_of_floor_ends_where_the_record_does(centre, client):
    """A file that ends before eleven: of the hours since nothing is known, and that is no 0."""
    site, queue = centre
    client.force_login(a_user("planner", site))
    with_morning(queue, NINE + timedelta(hours=2))
    with time_machine.travel(NINE + timedelta(hours=6), tick=False):
        page = client.get(reverse("curve"), {"site": site.slug})
    rows = {row["start"]: row["offered"] for row in page.context["chart"]["rows"]}
    assert (rows["10:30"], rows["10:45"]) == (1, 1)
    assert (rows["11:00"], rows["14:00"]) == (None, None)
    [line] = [
        one
        for one in json.loads(page.context["chart"]["json"])["data"]
        if one.get("meta") == {"tone": "accent"}
    ]
    assert len(values_of(line["y"])) == 4 * 10 + 3  # quarter hours up to 10:45


def values_of(told):
    """The numbers of a line as a chart keeps them: a list, or bytes in base64."""
    if isinstance(told, list):
        return told
    return np.frombuffer(base64.b64decode(told["bdata"]), told["dtype"]).tolist()
