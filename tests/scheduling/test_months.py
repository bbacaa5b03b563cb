"""A queue's months: what is kept of them, the page, the file and the API."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from scheduling.made import making
from scheduling.models import QueueMonths
from tests import once
from tests.builders import a_queue, a_queue_group, a_user
from tests.scheduling.centre import BY_WEEKDAY, DAY, FIRST, a_centre, with_calls

pytestmark = pytest.mark.django_db
DAYS = 239  # to the end of August


NOW = FIRST + DAYS * DAY + timedelta(hours=8)


@once.fixture
def centre():
    site, queue = a_centre(DAYS)
    making.make_site(site, NOW)
    return site, queue


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre[0]))
    return client


def test_months_that_were_and_those_ahead_with_what_they_lie_between(planner, centre):
    page = planner.get(reverse("queue_months", args=[centre[1].pk]))
    months = page.context["months"]
    were = {one.first: one.came for one in months if one.came is not None}
    # February 2026 had each weekday four times.
    assert were[date(2026, 2, 1)] == 4 * sum(BY_WEEKDAY)
    # March had five Sundays, Mondays and Tuesdays.
    assert were[date(2026, 3, 1)] == 4 * sum(BY_WEEKDAY) + BY_WEEKDAY[0] + BY_WEEKDAY[1]
    ahead = [one for one in months if one.expected is not None]
    assert (ahead[0].first, len(ahead)) == (date(2026, 9, 1), 18)
    # Of September's 22 working days, with four Mondays, five Tuesdays and five Wednesdays.
    september = 4 * sum(BY_WEEKDAY) + BY_WEEKDAY[1] + BY_WEEKDAY[2]
    assert ahead[0].expected == pytest.approx(september, rel=0.02)
    for one in ahead:
        low80, high80, low95, high95 = one.edges
        assert low95 <= low80 <= one.expected <= high80 <= high95
    assert page.context["has_bands"]


def test_the_file_and_the_api_tell_what_the_page_does(planner, centre, client):
    _site, queue = centre
    months = planner.get(reverse("queue_months", args=[queue.pk])).context["months"]
    file = planner.get(reverse("queue_months", args=[queue.pk]), {"export": "csv"})
    lines = b"".join(file.streaming_content).decode().strip().splitlines()
    assert len(lines) == 1 + len(months)
    assert lines[-1].startswith(f"{months[-1].first},,{months[-1].expected}")
    found = planner.get(reverse("api_months"), {"queue": queue.pk}).json()
    assert found["has_trend"] is True
    assert [one["expected"] for one in found["months"]] == [one.expected for one in months]
    assert found["months"][-1]["high80"] == months[-1].edges[1]


def test_where_too_few_months_are_known_nothing_is_said_of_what_they_lie_between(client):
    site, queue = a_centre(70)
    making.make_site(site, FIRST + 70 * DAY + timedelta(hours=8))
    client.force_login(a_user("planner", site))
    page = client.get(reverse("queue_months", args=[queue.pk]))
    assert not page.context["has_bands"]
    assert "Fewer than three whole months are known" in page.content.decode()


def test_before_the_first_forecast_the_page_says_so(client):
    site, queue = a_centre(1)
    client.force_login(a_user("planner", site))
    page = client.get(reverse("queue_months", args=[queue.pk]))
    assert "No months ahead are known yet" in page.content.decode()
    found = client.get(reverse("api_months"), {"queue": queue.pk}).json()
    assert (found["known_until"], found["months"]) == (None, [])


def test_the_page_asks_a_fixed_number_of_queries(planner, centre, django_assert_num_queries):
    assert QueueMonths.objects.count() == 1
    with django_assert_num_queries(4):
        planner.get(reverse("queue_months", args=[centre[1].pk]))


def test_months_of_several_queues_are_those_of_all_of_them(planner, centre):
    site, queue = centre
    other = a_queue(site)
    with_calls(other, FIRST, DAYS, times=0.5)
    group = a_queue_group(queue, other)
    making.make_site(site, NOW)
    each = [
        planner.get(reverse("queue_months", args=[one.pk])).context["months"]
        for one in (queue, other)
    ]
    page = planner.get(reverse("group_months", args=[group.pk]))
    both = page.context["months"]
    assert [one.first for one in both] == [one.first for one in each[0]]
    for whole, one, two in zip(both, *each, strict=True):
        if whole.came is None:
            assert whole.expected == pytest.approx(one.expected + two.expected)
            assert whole.edges[2] <= whole.edges[0] <= whole.expected
            assert whole.expected <= whole.edges[1] <= whole.edges[3]
        else:
            assert whole.came == one.came + two.came
    file = planner.get(reverse("group_months", args=[group.pk]), {"export": "csv"})
    assert len(b"".join(file.streaming_content).splitlines()) == 1 + len(both)


def test_a_queue_of_which_nothing_is_known_is_left_out_of_its_group_and_named(planner, centre):
    site, queue = centre
    other = a_queue(site, "Quiet")
    group = a_queue_group(queue, other)
    page = planner.get(reverse("group_months", args=[group.pk]))
    assert page.context["left_out"] == ["Quiet"]
    assert "Without Quiet" in page.content.decode()
