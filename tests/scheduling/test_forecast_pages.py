"""The pages of forecasts: what they show, who publishes, and what cannot be."""

import base64
import csv
import json
from html import unescape
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from scheduling.made import ledger, making
from scheduling.models import Forecast, ForecastDay, KnownEvent
from tests import once
from tests.builders import a_queue, a_user
from tests.scheduling.centre import BY_WEEKDAY, FIRST, a_centre, with_calls
from tests.scheduling.test_making import DAY, NOW, WEEKS

pytestmark = pytest.mark.django_db


@once.fixture
def forecast():
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    return site, queue


@pytest.fixture
def centre(forecast):
    with time_machine.travel(NOW, tick=False):
        yield forecast


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre[0]))
    return client


def page_of(client, queue, **asked):
    return client.get(reverse("forecast", args=[queue.pk]), asked)


def xy(trace):
    """A curve's days and numbers; the latter are packed."""
    packed = trace["y"]
    numbers = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return trace["x"], numbers.tolist()


def rows_of(answer):
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_the_list_tells_the_next_week_of_each_queue(planner, centre):
    site, queue = centre
    a_queue(site, "New")
    page = planner.get(reverse("forecasts"))
    first, second = page.context["lines"]
    assert {first.queue.name, second.queue.name} == {queue.name, "New"}
    mine = first if first.queue == queue else second
    assert mine.week.calls == pytest.approx(sum(BY_WEEKDAY), abs=6)
    assert mine.tried is not None
    assert "No forecast yet" in page.content.decode()


def test_a_queues_page_has_its_days_its_trials_and_a_day(planner, centre):
    _site, queue = centre
    page = page_of(planner, queue)
    assert page.context["day"].day.isoformat() == "2026-03-16"
    assert len(page.context["intervals"]) == 16
    methods = {one["method"] for one in page.context["told"].trials}
    assert {"naive", "usual"} <= methods
    data = json.loads(page.context["chart"]["json"])["data"]
    assert {"Came", "Expected"} <= {trace.get("name") for trace in data}
    tuesday = page_of(planner, queue, day="2026-03-17")
    assert tuesday.context["day"].day.isoformat() == "2026-03-17"
    # A day that is none is the first.
    assert page_of(planner, queue, day="x").context["day"].day.isoformat() == "2026-03-16"


def test_a_planner_publishes_and_a_version_can_be_looked_at(planner, centre):
    _site, queue = centre
    answer = planner.post(reverse("forecast_publish", args=[queue.pk]), {"note": "April"})
    assert answer.status_code == 302
    assert Forecast.objects.get().version == 1
    page = page_of(planner, queue, version="1")
    assert "April" in page.content.decode()
    assert page_of(planner, queue, version="2").status_code == 404
    # The newest is made anew at night; until then the version is shown.
    assert page_of(planner, queue).context["told"].version == 1
    planner.post(reverse("forecast_publish", args=[queue.pk]))
    assert Forecast.objects.count() == 1


def test_a_note_that_is_too_long_publishes_nothing(planner, centre):
    _site, queue = centre
    for note in ("x" * 301, "a\0b"):
        planner.post(reverse("forecast_publish", args=[queue.pk]), {"note": note})
    assert not Forecast.objects.published().exists()


def test_a_supervisor_reads_and_does_not_publish(client, centre):
    site, queue = centre
    analyst = a_user("qa_analyst", site)
    client.force_login(analyst)
    assert page_of(client, queue).status_code == 200
    assert client.post(reverse("forecast_publish", args=[queue.pk])).status_code == 404
    client.force_login(a_user("planner"))
    assert page_of(client, queue).status_code == 404


def test_the_ledger_tells_how_a_published_forecast_did(planner, centre):
    site, queue = centre
    planner.post(reverse("forecast_publish", args=[queue.pk]))
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 5)
    ledger.score_site(site, NOW + 5 * DAY)
    found = page_of(planner, queue).context["ledger"]
    [(week, score)] = found.weeks
    assert found.whole == score
    assert (week, score.days) == (1, 5)
    assert score.wape == pytest.approx(0.1, abs=0.15)
    assert score.naive_wape == 0  # each week is as the one before


def test_the_file_has_every_open_interval(planner, centre):
    _site, queue = centre
    page = page_of(planner, queue)
    rows = rows_of(planner.get(page.context["csv_url"]))
    assert len(rows) == 16 * 65  # 91 days, 65 of them weekdays
    assert (rows[0]["day"], rows[0]["from"]) == ("2026-03-16", "09:00")
    assert float(rows[0]["handle time, s"]) == pytest.approx(100)


def test_the_pages_ask_a_fixed_number_of_queries(planner, centre, django_assert_max_num_queries):
    site, queue = centre
    planner.get(reverse("forecasts"))
    for _ in range(2):
        with django_assert_max_num_queries(12):
            planner.get(reverse("forecasts"))
        with django_assert_max_num_queries(12):
            page_of(planner, queue)
        for _ in range(5):
            a_queue(site)


def test_the_page_says_why_its_outer_band_is_not_of_its_own_errors_alone(planner, centre):
    _site, queue = centre
    words = {}
    for days, others in ((30, 0), (30, 2), (70, 0), (70, 2)):
        told = Forecast.objects.newest().filter(queue=queue)
        told.update(has_own_tails=False, error_days=days, borrowed_from=others)
        page = page_of(planner, queue)
        words[days, others] = page.context["outer_band"]
        assert page.context["outer_band"] in page.content.decode()
    assert all("Fewer than 39 days" in words[30, others] for others in (0, 2))
    assert all("more than the 70 days" in words[70, others] for others in (0, 2))
    assert all("2 similar queues" in words[days, 2] for days in (30, 70))
    Forecast.objects.update(has_own_tails=True)
    assert page_of(planner, queue).context["outer_band"] == ""


def test_a_version_whose_days_were_dropped_can_be_looked_at(planner, centre):
    site, queue = centre
    ledger.publish(queue, a_user("planner", site), "", NOW)
    Forecast.objects.get(version=1).days.all().delete()
    page = page_of(planner, queue, version=1)
    assert page.status_code == 200
    assert "Its days" in page.content.decode()
    assert rows_of(page_of(planner, queue, version=1, export="csv")) == []
    assert rows_of(page_of(planner, queue, version=1, export="days")) == []
    # Nothing newer was made: Requirements has nothing of it either.
    asked = {"queue": queue.pk}
    assert "No forecast yet" in planner.get(reverse("requirements"), asked).content.decode()
    assert rows_of(planner.get(reverse("requirements"), asked | {"export": "csv"})) == []


def test_chart_tables_and_files_of_days_and_weeks_have_the_same_numbers(planner, centre):
    """What came before, what is expected with both bands, and weeks with theirs."""
    _site, queue = centre
    page = page_of(planner, queue)
    traces = {one.get("name"): one for one in json.loads(page.context["chart"]["json"])["data"]}
    rows = rows_of(page_of(planner, queue, export="days"))
    came = {row["day"]: float(row["came"]) for row in rows if row["came"]}
    drawn = {str(day)[:10]: value for day, value in zip(*xy(traces["Came"]), strict=True)}
    assert came == drawn
    assert {str(one.day): one.came for one in page.context["before"]} == drawn
    expected = {row["day"]: float(row["calls"]) for row in rows if row["calls"]}
    assert len(expected) == 91
    for day, value in zip(*xy(traces["Expected"]), strict=True):
        assert expected[str(day)[:10]] == pytest.approx(value)
    weeks = page.context["weeks"]
    assert len(weeks) == 13
    for number, week in enumerate(weeks):
        days = [expected[row["day"]] for row in rows if row["calls"]][number * 7 :][:7]
        assert week.told.calls == pytest.approx(sum(days), abs=0.01)
    text = page.content.decode()
    assert "By week" in text
    assert "export=days" in text


def test_holidays_and_events_are_marked_on_the_curve_and_named_in_table_and_file(planner, centre):
    """A mailing of the Thursday and Friday before, and a launch of two days from Tuesday on, of
    which the Wednesday is a holiday, too."""
    site, queue = centre
    for kind, first, last in (
        ("Mailing", "2026-03-12", "2026-03-13"),
        ("Launch <b>", "2026-03-17", "2026-03-18"),
    ):
        event = KnownEvent.objects.create(
            site=site, kind=kind, first=first, last=last, factor=1, made_at=NOW
        )
        event.queues.add(queue)
    ForecastDay.objects.filter(day="2026-03-18").update(holiday="Founder's day")
    expected = {
        "2026-03-12": "Mailing",
        "2026-03-13": "Mailing",
        "2026-03-17": "Launch <b>",
        "2026-03-18": "Founder's day, Launch <b>",
    }
    page = page_of(planner, queue)
    traces = {one.get("name"): one for one in json.loads(page.context["chart"]["json"])["data"]}
    marks = traces["Special days and events"]
    names = {
        str(day)[:10]: unescape(name) for day, name in zip(marks["x"], marks["text"], strict=True)
    }
    assert names == expected
    assert all("<" not in name for name in marks["text"])
    # They stand on the curve: of what came, else of what is expected.
    heights = {str(day)[:10]: value for day, value in zip(*xy(marks), strict=True)}
    assert heights["2026-03-12"] == BY_WEEKDAY[3]
    assert heights["2026-03-17"] == page.context["days"][1].row.total
    told = {str(one.day): one.special for one in page.context["days"] + page.context["before"]}
    assert {day: name for day, name in told.items() if name} == expected
    assert "<small>Founder&#x27;s day, Launch &lt;b&gt;</small>" in page.content.decode()
    assert ("c4", "Special days and events") in page.context["chart"]["legend"]
    rows = rows_of(page_of(planner, queue, export="days"))
    told = {row["day"]: row["special days and events"] for row in rows}
    assert {day: name for day, name in told.items() if name} == expected


def test_holidays_of_days_that_were_are_those_of_the_site_and_none_is_marked_without(
    planner, centre
):
    """Seen from a Monday in March, eight weeks reach back to 19 January: of what is a holiday in
    the United States Presidents' Day, 16 February, and that of the king on the first day."""
    site, queue = centre
    plain = page_of(planner, queue).context["chart"]
    assert "Special days and events" not in plain["json"]
    site.country = "US"
    site.save()
    before = page_of(planner, queue).context["before"]
    assert [str(one.day) for one in before if one.special] == ["2026-02-16", "2026-01-19"]


def test_who_plans_is_led_from_a_queue_without_a_forecast_to_how_it_is_planned(client, centre):
    site, _queue = centre
    new = a_queue(site, "New")
    link = f'href="{reverse("queue_plan", args=[new.pk])}"'
    for role, is_led in (("planner", True), ("qa_analyst", False)):
        client.force_login(a_user(role, site))
        text = client.get(reverse("forecasts")).content.decode()
        assert "No forecast yet" in text
        assert (link in text) is is_led
        assert "In 80 of 100 weeks" in text
