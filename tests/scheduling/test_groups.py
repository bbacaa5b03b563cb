"""Queues that the same people serve: what comes for them as one, and how many that takes."""

from datetime import date

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from scheduling import grouped, making
from scheduling.models import Forecast, ForecastDay, ForecastPlan, GroupForecast, QueueGroup
from tests.builders import a_queue, a_queue_group, a_site, a_user
from tests.scheduling.centre import FIRST, a_centre, with_calls
from tests.scheduling.test_making import NOW, WEEKS

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 16)


@pytest.fixture
def centre():
    with time_machine.travel(NOW, tick=False):
        site, queue = a_centre(WEEKS * 7)
        other = a_queue(site, "Other")
        with_calls(other, FIRST, WEEKS * 7, times=0.5)
        yield site, queue, other


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
