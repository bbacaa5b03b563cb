"""The page of a day as it goes, what is kept of it, and what cannot be."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from ccm.models import LiveSource
from kpis import rollups
from scheduling import tasks
from scheduling.intraday import keeping, learning, reads
from scheduling.made import ledger, making
from scheduling.models import DayUpdate, Forecast, ForecastDay, ForecastPlan, Override, Reforecast
from tests import once
from tests.builders import a_queue, a_site, a_user, many_calls, unsaved_call
from tests.scheduling.centre import DAY, a_centre, with_calls
from tests.scheduling.test_making import NOW, WEEKS

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 16)
MINUTE = timedelta(minutes=1)


def clock(hour, minute=0, day=16):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@once.fixture
def centre():
    """Ten weeks are forecast; of Monday, which has 40 calls as a rule, none came yet."""
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    return site, queue


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre[0]))
    return client


def it_goes(site, queue, until, every=timedelta(minutes=6), heard=True):
    """Calls of Monday from nine on, twice as many as usual: one each six minutes."""
    opens = clock(9)
    calls = [
        unsaved_call(queue, opens + place * every, wait=5, talk=100)
        for place in range(int((until - opens) / every) + 1)
    ]
    many_calls(calls)
    rollups.rebuild()
    if heard:
        LiveSource.objects.update_or_create(
            site=site, source="test", defaults={"heard_at": until, "newest_at": until}
        )


def page_at(client, now, queue=None, **headers):
    with time_machine.travel(now, tick=False):
        asked = {} if queue is None else {"queue": queue.pk}
        return client.get(reverse("intraday"), asked, headers=headers)


def of_monday():
    return ForecastDay.objects.get(day=MONDAY)


def test_by_one_oclock_twice_as_many_came_and_the_full_ratio_doubles_the_rest(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    page = page_at(planner, clock(13, 3))
    told = page.context
    # Four hours of a call each six minutes; the one at 13:00 is of an interval that is not over.
    assert (told["face"], told["came"]) == ("running", 40)
    calls = np.array(of_monday().calls)
    begun, rest = calls[18:26].sum(), calls[26:34].sum()
    assert told["expected"] == round(begun)
    assert told["morning"] == round(rest)
    assert told["trade"] == round(rest * 40 / begun)
    text = page.content.decode()
    assert "<b>40</b> calls came of 20 expected by" in text
    assert ">13:00</time>" in text
    first, left = told["lines"][0], told["lines"][8]
    assert (first.clock, first.came, first.updated, first.positions) == ("09:00", 5, None, None)
    assert (left.clock, left.came) == ("13:00", None)
    # Three calls of 100 s in half an hour are a sixth of an erlang: of one position a sixth waits,
    # and 1 - exp(-0.833 * 0.2) / 6 = 85.9 % are answered within 20 s.
    assert left.morning == pytest.approx(3, abs=0.2)
    assert left.positions_morning == 1


def test_what_the_record_does_not_reach_is_not_taken_for_none(planner, centre):
    """A file that was read at one o'clock ends with a call at 12:54."""
    site, queue = centre
    it_goes(site, queue, clock(12, 54), heard=False)
    told = page_at(planner, clock(13, 5)).context
    assert told["today"].at == clock(12, 30)
    assert told["came"] == 35
    assert not told["stale"]


def test_a_queue_is_known_as_far_as_its_own_source_and_not_its_site(planner, centre):
    """Its log ends with a call at 10:54; another queue's source goes on to 13:00."""
    site, queue = centre
    it_goes(site, queue, clock(10, 54), heard=False)
    many_calls([unsaved_call(a_queue(site, "Other"), clock(13), wait=5, talk=100, source="other")])
    rollups.rebuild()
    told = page_at(planner, clock(13, 5), queue).context
    assert told["today"].at == clock(10, 30)
    # Nine to half past ten, a call each six minutes.
    assert told["came"] == 15
    with time_machine.travel(clock(13, 5), tick=False):
        assert keeping.keep_site(site, clock(13, 5)) == 1
    assert Reforecast.objects.get().at == clock(10, 30)


def test_paid_hours_of_calls_of_which_no_length_is_known_are_not_told(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    assert "paid hours; of the morning" in page_at(planner, clock(13, 3)).content.decode()
    day = of_monday()
    day.aht_seconds = [None if place == 30 else one for place, one in enumerate(day.aht_seconds)]
    day.save()
    page = page_at(planner, clock(13, 3))
    text = page.content.decode()
    assert "How many paid hours the rest takes is not known" in text
    # 15:00 is one of the intervals of half an hour that are left.
    assert [one.positions for one in page.context["lines"] if one.clock == "15:00"] == [None]


def test_no_two_landmarks_of_the_page_have_one_name(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    keeping.keep_site(site, clock(13, 3))
    text = page_at(planner, clock(13, 3)).content.decode()
    by = r'aria-label(?:ledby)?="([^"]+)"'
    marks = re.findall(r'<(?:section[^>]*|[a-z]+[^>]* role="region"[^>]*)>', text)
    names = [re.search(by, one)[1] for one in marks if re.search(by, one)]
    assert len(names) >= 4
    assert len({*names}) == len(names)


def test_a_record_that_fell_silent_says_so_and_goes_no_further(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(11, 2))
    page = page_at(planner, clock(15))
    assert page.context["stale"]
    assert page.context["today"].at == clock(11)
    assert "No data since" in page.content.decode()


@pytest.mark.parametrize(
    ("now", "face", "words"),
    [
        (clock(8), "before", "It opens at 09:00"),
        (clock(9, 20), "before", "nothing is counted yet"),  # its first half hour is not over
        (clock(17, 2), "over", "The day is over"),
        (clock(12, 0, 21), "closed", "Closed today"),  # a Saturday
    ],
)
def test_before_opening_after_closing_and_on_a_closed_day_it_says_so(
    planner, centre, now, face, words
):
    site, queue = centre
    if now.hour > 8 and face != "closed":
        it_goes(site, queue, now)
    page = page_at(planner, now)
    assert page.context["face"] == face
    assert words in page.content.decode()


def test_when_the_day_is_over_it_says_what_came(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(17, 2))
    page = page_at(planner, clock(17, 2))
    assert page.context["came"] == 80
    assert "Positions of the rest" not in page.content.decode()


def test_without_a_forecast_or_a_queue_it_says_what_brings_one(client, planner, centre):
    site, _queue = centre
    other = a_queue(site, "New")
    assert "No forecast of today yet" in page_at(planner, clock(12), other).content.decode()
    client.force_login(a_user("planner", a_site()))
    assert "There is no queue yet" in page_at(client, clock(12)).content.decode()


def test_another_sites_queue_and_one_that_is_none_are_not_found(client, planner, centre):
    _site, queue = centre
    for asked in ("x", "0", "999999999999999999999", "-1"):
        answer = planner.get(reverse("intraday"), {"queue": asked})
        assert answer.status_code == 404, asked
    client.force_login(a_user("planner"))
    assert page_at(client, clock(12), queue).status_code == 404


def test_the_part_is_fetched_again_without_the_page_around_it(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(10, 2))
    page = page_at(
        planner, clock(10, 2), queue, **{"HX-Request": "true", "HX-Target": "intraday-now"}
    )
    text = page.content.decode()
    assert 'id="intraday-now"' in text
    assert 'id="age"' in text
    assert "<html" not in text


def test_the_chart_has_what_came_and_the_rest_by_each_way(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    traces = json.loads(page_at(planner, clock(13, 3)).context["chart"]["json"])["data"]
    points = {one["name"]: len(one["x"]) for one in traces if one.get("name")}
    assert points == {"Morning": 16, "Came": 8, "Updated": 8, "Full ratio": 8}


def test_the_file_has_each_open_interval(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    with time_machine.travel(clock(13, 3), tick=False):
        answer = planner.get(reverse("intraday"), {"queue": queue.pk, "export": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 16
    assert (rows[0]["from"], float(rows[0]["came"]), rows[0]["updated"]) == ("09:00", 5, "")
    assert (rows[8]["from"], rows[8]["came"], rows[8]["positions in the morning"]) == (
        "13:00",
        "",
        "1",
    )


def test_a_published_version_holds_with_its_planners_word_and_the_band_goes_along(planner, centre):
    site, queue = centre
    user = a_user("planner", site)
    Override.objects.create(
        site=site, queue=queue, first=MONDAY, last=MONDAY, factor=1.5, reason="mailing", made_at=NOW
    )
    ledger.publish(queue, user, "", NOW)
    with time_machine.travel(clock(8), tick=False):
        found = reads.todays(site, [queue], reads.reach(site, clock(8)))[queue.pk]
    assert found.forecast.version == 1
    row = ForecastDay.objects.get(day=MONDAY, forecast__version=1)
    assert found.begun.expected.sum() == pytest.approx(1.5 * sum(row.calls), abs=0.1)
    at = 20
    more = 0.5 * row.calls[at]
    assert found.high80[at] == pytest.approx(row.high80[at] + more, abs=0.01)
    assert "planner" in page_at(planner, clock(8)).content.decode()


def test_a_forecast_that_knows_the_day_is_not_held_against_it(centre):
    """Made the day after, of that day too, it would be no forecast."""
    site, queue = centre
    Forecast.objects.update(known_until=MONDAY)
    assert reads.todays(site, [queue], reads.reach(site, clock(12))) == {}


def test_it_is_learned_how_far_a_beginning_is_believed_and_once_a_week_anew(centre):
    site, queue = centre
    learned = DayUpdate.objects.get(queue=queue)
    assert learned.way in ("unmoved", "fading")
    assert learned.interval_minutes == 30
    # Fifty weekdays were known up to Friday; the first three weeks are too few to tell of the next.
    assert 33 <= learned.days <= 49
    assert [one["hours"] for one in learned.trials] == [1, 2, 4, 6]
    last = learned.known_until
    due = [one for one in range(8) if learning.is_due(queue, 30, last + one * DAY)]
    assert len(due) == 1
    assert due[0] > 0
    assert learning.is_due(queue, 30, last + 13 * DAY)
    ForecastPlan.objects.create(queue=queue, interval_minutes=60)
    making.make_site(site, NOW)
    again = DayUpdate.objects.get(queue=queue)
    assert (again.pk, again.interval_minutes) == (learned.pk, 60)


def test_what_was_learned_of_other_intervals_is_left_aside(centre):
    site, queue = centre
    DayUpdate.objects.update(interval_minutes=15)
    found = reads.todays(site, [queue], reads.reach(site, clock(12)))[queue.pk]
    assert found.learned is None


def test_the_api_answers_what_the_page_shows(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    told = page_at(planner, clock(13, 3), queue).context
    with time_machine.travel(clock(13, 3), tick=False):
        said = planner.get(reverse("api_intraday"), {"queue": queue.pk}).json()
        other = planner.get(reverse("api_intraday"), {"queue": a_queue(site).pk}).json()
        assert planner.get(reverse("api_intraday"), {"queue": "x"}).status_code == 400
        assert planner.get(reverse("api_intraday")).status_code == 400
    assert (said["state"], said["day"], said["came"]) == ("running", "2026-03-16", 40)
    assert said["counted_until"] == "2026-03-16T13:00:00Z"
    for name, shown in (("morning", "morning"), ("updated", "updated"), ("full_ratio", "trade")):
        assert round(said[f"rest_{name}"]) == told[shown]
    assert next(one["starts"] for one in said["intervals"] if one["came"] is None) == "13:00"
    assert (other["state"], other["came"], other["intervals"]) == ("no_forecast", None, [])


# What was said.


def test_what_was_said_first_stays(centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    assert keeping.keep_site(site, clock(13, 3)) == 1
    said = Reforecast.objects.get()
    assert (said.known, said.minutes_open, said.at) == (26, 240, clock(13))
    assert said.came == 40
    assert said.trade == pytest.approx(said.morning * 40 / said.expected, abs=0.01)
    many_calls([unsaved_call(queue, clock(10), wait=5, talk=100)])  # logged late
    rollups.rebuild()
    keeping.keep_site(site, clock(13, 8))
    assert Reforecast.objects.get().came == 40


@pytest.mark.parametrize("now", [clock(8), clock(18), clock(12, 0, 21)])
def test_before_opening_after_closing_and_on_a_closed_day_nothing_is_said(centre, now):
    site, queue = centre
    if now == clock(18):
        it_goes(site, queue, now)
    assert keeping.keep_site(site, now) == 0
    assert not Reforecast.objects.exists()


def test_in_the_evening_it_is_held_against_what_came(planner, centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    keeping.keep_site(site, clock(13, 3))
    page = page_at(planner, clock(13, 3))
    assert [one.came for one in page.context["said"]] == [40]
    assert page.context["held"] == []
    # In the afternoon it goes on so: a call each six minutes from 13:06 to 16:54.
    more = [
        unsaved_call(queue, clock(13, 6) + place * 6 * MINUTE, wait=5, talk=100)
        for place in range(39)
    ]
    many_calls(more)
    with_calls(queue, clock(0, 0, 17), 1)
    making.make_site(site, clock(2, 0, 18))
    assert keeping.hold_site(site, clock(2, 0, 18)) == 1
    said = Reforecast.objects.get()
    assert said.rest == 40  # that at 13:00 was of the rest
    [held] = page_at(planner, clock(8, 0, 18)).context["held"]
    assert (held.hours, held.days, held.rest) == (4, 1, 40)
    assert held.morning == pytest.approx(40 - said.morning)
    assert held.trade == pytest.approx(abs(said.trade - 40))


def test_old_sayings_are_dropped_and_a_day_beyond_the_record_waits(centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    keeping.keep_site(site, clock(13, 3))
    # The record ends on that day, and on the next it is the last that is known.
    Reforecast.objects.update(day=MONDAY + DAY)
    assert keeping.hold_site(site, clock(2, 0, 18)) == 0
    assert Reforecast.objects.get().rest is None
    keeping.hold_site(site, clock(2, 0, 18) + keeping.KEPT)
    assert not Reforecast.objects.exists()


def test_the_tasks_keep_what_is_said_of_every_site(centre):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    with time_machine.travel(clock(13, 3), tick=False):
        tasks.reforecast_site(site.pk)
        tasks.reforecast_site(0)
    assert Reforecast.objects.count() == 1


def test_the_page_asks_a_fixed_number_of_queries(
    planner, centre, django_assert_max_num_queries, django_assert_num_queries
):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    keeping.keep_site(site, clock(13, 3))
    page_at(planner, clock(13, 3), queue)
    with django_assert_max_num_queries(12) as asked:
        page_at(planner, clock(13, 3), queue)
    for number in range(6):
        other = a_queue(site, f"New {number}")
        Reforecast.objects.create(
            queue=other, day=MONDAY, interval_minutes=30, known=20, minutes_open=60,
            at=clock(10), made_at=clock(10), came=1, expected=1, morning=1, updated=1, trade=1,
        )  # fmt: skip
    with django_assert_num_queries(len(asked)):
        page_at(planner, clock(13, 3), queue)


def test_all_queues_of_a_site_are_kept_with_a_fixed_number_of_queries(
    centre, django_assert_num_queries
):
    site, queue = centre
    it_goes(site, queue, clock(13, 3))
    for number in range(2):
        ForecastPlan.objects.create(queue=a_queue(site, f"Like {number}"), analogue=queue)
    making.make_site(site, NOW)
    with django_assert_num_queries(7):  # queues, reach, days, said, counts, sources, kept
        assert keeping.keep_site(site, clock(13, 3)) == 3
