"""Queues that the same people serve: what comes for them as one, and how many that takes."""

import csv
import math
from datetime import date
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from scheduling.made import grouped, ledger, making
from scheduling.models import (
    Forecast,
    ForecastDay,
    ForecastPlan,
    GroupForecast,
    QueueGroup,
    StaffingPlan,
)
from tests import once
from tests.builders import a_queue, a_queue_group, a_site, a_user, an_override
from tests.scheduling.centre import FIRST, a_centre, with_calls
from tests.scheduling.test_making import NOW, WEEKS

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 16)


@once.fixture
def ten_weeks():
    site, queue = a_centre(WEEKS * 7)
    other = a_queue(site, "Other")
    with_calls(other, FIRST, WEEKS * 7, times=0.5)
    return site, queue, other


@pytest.fixture
def centre(ten_weeks):
    with time_machine.travel(NOW, tick=False):
        yield ten_weeks


def test_a_group_is_expected_to_have_what_its_queues_have_together(centre):
    site, *queues = centre
    group = a_queue_group(*queues)
    making.make_site(site, NOW)
    day = group.forecast.days.get(day=MONDAY)
    parts = ForecastDay.objects.filter(forecast__version=None, day=MONDAY)
    assert parts.count() == 2
    assert day.calls == pytest.approx(np.sum([one.calls for one in parts], axis=0), abs=0.002)
    assert day.total == pytest.approx(60, abs=3)
    assert day.total_low80 <= day.total <= day.total_high80
    # All calls take 100 seconds.
    assert day.aht_seconds[20] == pytest.approx(100)
    assert (group.forecast.queues, group.forecast.known_until) == (2, date(2026, 3, 15))


def test_made_twice_there_is_one_and_without_two_queues_none(centre):
    site, queue, other = centre
    both, alone = a_queue_group(queue, other), a_queue_group(queue, name="Alone")
    making.make_site(site, NOW)
    making.make_site(site, NOW)
    assert GroupForecast.objects.get().group == both
    both.queues.set([queue])
    making.make_site(site, NOW)
    assert not GroupForecast.objects.filter(group__in=[both, alone]).exists()


def test_a_queue_by_other_intervals_is_not_among_it_and_the_page_of_the_group_says_of_how_many(
    centre,
):
    site, queue, other = centre
    third = a_queue(site, "Third")
    with_calls(third, FIRST, WEEKS * 7)
    ForecastPlan.objects.create(queue=third, interval_minutes=60)
    a_queue_group(queue, other, third)
    making.make_site(site, NOW)
    assert GroupForecast.objects.get().queues == 2


def test_its_page_tells_days_intervals_and_the_positions_of_all_its_calls(centre, client):
    site, *queues = centre
    group = a_queue_group(*queues)
    making.make_site(site, NOW)
    client.force_login(a_user("qa_analyst", site))
    page = client.get(reverse("group", args=[group.pk]), {"day": "2026-03-16"})
    intervals = page.context["intervals"]
    assert len(intervals) == 16
    assert sum(one["calls"] for one in intervals) == pytest.approx(60, abs=3)
    # Four calls in half an hour, of 100 seconds: two or three positions for 80 % within 20 s.
    assert {one["positions"] for one in intervals} <= {1, 2, 3}
    assert page.context["hours"] == pytest.approx(sum(one["positions"] for one in intervals) / 2)
    listed = client.get(reverse("forecasts"), {"site": site.slug})
    [line] = listed.context["groups"]
    assert line.week.calls == pytest.approx(1.5 * 150, abs=12)
    file = client.get(page.context["csv_url"])
    text = b"".join(file.streaming_content).decode()
    assert text.count("2026-03-16") == 16


def test_what_planners_say_of_a_queue_is_planned_by_in_its_groups_too(centre, client):
    """Three times as many for one of two queues on Monday: of 40 and 20 expected calls, 120 and 20.
    The model's own number stays beside it."""
    site, queue, other = centre
    group = a_queue_group(queue, other)
    making.make_site(site, NOW)
    client.force_login(a_user("planner", site))
    before = client.get(reverse("group", args=[group.pk]), {"day": "2026-03-16"})
    assert (before.context["is_planned"], before.context["planned"]) == (False, None)
    an_override(queue, first=MONDAY, last=MONDAY, factor=3.0)
    of_queue, of_other = (
        ForecastDay.objects.get(forecast__queue=one, day=MONDAY).total for one in (queue, other)
    )
    by = 3 * of_queue + of_other
    page = client.get(reverse("group", args=[group.pk]), {"day": "2026-03-16"})
    days = {one.day: (one.row.total, one.planned) for one in page.context["days"]}
    assert days[MONDAY][0] == pytest.approx(of_queue + of_other, abs=0.05)
    assert days[MONDAY][1].sum() == pytest.approx(by, abs=0.1)
    assert days[date(2026, 3, 17)][1] is None
    queues_page = client.get(reverse("forecast", args=[queue.pk]))
    [of_it] = [one.planned for one in queues_page.context["days"] if one.day == MONDAY]
    assert days[MONDAY][1].sum() == pytest.approx(of_it.sum() + of_other, abs=0.1)
    # Its people are those of the calls that it is planned by.
    assert page.context["hours"] > before.context["hours"]
    assert f"forecast {of_queue + of_other:.0f}" in page.content.decode()
    rows = list(csv.DictReader(StringIO(_text(client.get(page.context["csv_url"])))))
    monday = [row for row in rows if row["day"] == "2026-03-16"]
    assert sum(float(row["planned by"]) for row in monday) == pytest.approx(by, abs=0.1)
    assert {row["planned by"] for row in rows if row["day"] == "2026-03-17"} == {""}
    listed = client.get(reverse("forecasts"), {"site": site.slug})
    [line] = listed.context["groups"]
    assert line.planned == pytest.approx(line.week.calls + 2 * of_queue, abs=0.1)
    told = {one.queue: one for one in listed.context["lines"]}
    assert told[queue].planned == pytest.approx(told[queue].week.calls + 2 * of_queue, abs=0.1)
    assert told[other].planned is None
    assert f"forecast {line.week.calls:.0f}" in listed.content.decode()


def _text(file):
    return b"".join(file.streaming_content).decode("utf-8-sig")


def test_a_queue_that_is_not_in_the_sum_moves_it_not(centre, client):
    """It is forecast by hours, and its group by half hours."""
    site, queue, other = centre
    third = a_queue(site, "Third")
    with_calls(third, FIRST, WEEKS * 7)
    ForecastPlan.objects.create(queue=third, interval_minutes=60)
    group = a_queue_group(queue, other, third)
    making.make_site(site, NOW)
    an_override(third, first=MONDAY, last=MONDAY, factor=3.0)
    client.force_login(a_user("planner", site))
    assert client.get(reverse("group", args=[group.pk])).context["is_planned"] is False
    [line] = client.get(reverse("forecasts")).context["groups"]
    assert line.planned is None


def test_a_queue_that_was_published_stays_in_its_groups_plan(centre, client):
    site, queue, other = centre
    group = a_queue_group(queue, other)
    making.make_site(site, NOW)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    an_override(queue, first=MONDAY, last=MONDAY, factor=0.0)
    client.force_login(a_user("planner", site))
    page = client.get(reverse("group", args=[group.pk]))
    [told] = [one.planned for one in page.context["days"] if one.day == MONDAY]
    of_other = ForecastDay.objects.get(forecast__queue=other, day=MONDAY).total
    assert told.sum() == pytest.approx(of_other, abs=0.1)
    [line] = client.get(reverse("forecasts")).context["groups"]
    assert line.more == pytest.approx(of_other - page.context["next"][0].day.total, abs=0.1)


def test_its_next_days_stand_in_the_open_with_the_people_that_they_take(centre, client):
    """Thirty percent of paid time is not for calls: of so many positions a 0.7th are people."""
    site, queue, other = centre
    StaffingPlan.objects.create(queue=queue, shrinkage_kinds=[["", "0.3"]])
    group = a_queue_group(queue, other)
    making.make_site(site, NOW)
    client.force_login(a_user("planner", site))
    page = client.get(reverse("group", args=[group.pk]), {"day": "2026-03-16"})
    days = page.context["next"]
    assert [one.day.day.day for one in days] == [16, 17, 18, 19, 20, 21, 22]
    monday, saturday = days[0], days[5]
    intervals = page.context["intervals"]
    assert monday.positions == max(one["positions"] for one in intervals) > 0
    assert monday.people == math.ceil(round(monday.positions / 0.7, 9))
    assert monday.hours == pytest.approx(page.context["hours"])
    assert (saturday.positions, saturday.people, saturday.hours) == (0, 0, 0)
    text = page.content.decode()
    assert text.index("People on the roster") < text.index("<details", text.index("<main"))


def test_planners_keep_groups_of_their_own_sites_queues(centre, client):
    site, queue, other = centre
    client.force_login(a_user("planner", site))
    said = {"site": site.pk, "name": "Front", "queues": [queue.pk, other.pk]}
    assert client.post(reverse("queue_group_new"), said).status_code == 302
    again = client.post(reverse("queue_group_new"), said)
    assert again.status_code == 200
    foreign = a_queue(a_site())
    for wrong in ({"queues": [queue.pk]}, {"queues": [queue.pk, foreign.pk]}, {"name": ""}):
        page = client.post(reverse("queue_group_new"), said | {"name": "New"} | wrong)
        assert page.status_code == 200, wrong
    group = QueueGroup.objects.get()
    assert set(group.queues.all()) == {queue, other}
    assert client.get(reverse("group", args=[group.pk])).context["told"] is None
    client.force_login(a_user("planner", foreign.site))
    assert client.get(reverse("group", args=[group.pk])).status_code == 404
    assert client.get(reverse("group", args=[10**20])).status_code == 404


def test_pages_ask_a_fixed_number_of_queries(centre, client, django_assert_max_num_queries):
    site, *queues = centre
    group = a_queue_group(*queues)
    making.make_site(site, NOW)
    for one in queues:
        an_override(one, first=MONDAY, last=MONDAY)
    client.force_login(a_user("planner", site))
    for _ in range(2):
        with django_assert_max_num_queries(12):
            client.get(reverse("group", args=[group.pk]))
        with django_assert_max_num_queries(12):
            client.get(reverse("forecasts"))
        for number in range(3):
            more = a_queue(site)
            group.queues.add(more)
            a_queue_group(more, queues[0], name=f"More {more.pk} {number}")


def test_a_merged_queue_is_the_other_in_its_group(centre):
    from scheduling.planned import services

    _site, queue, other = centre
    group = a_queue_group(queue, other)
    services.follow_merged(sender=type(queue), loser=other.pk, keeper=queue.pk)
    assert set(group.queues.all()) == {queue}
    assert Forecast.objects.count() == 0
    grouped.keep(queue.site, NOW)
    assert not GroupForecast.objects.exists()
