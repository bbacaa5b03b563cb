"""A queue whose days leave their bands raises an alert, and ends it when they keep to them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from scheduling.forecast.straying import strays
from scheduling.made import ledger, making
from scheduling.models import DayAhead, Forecast, Strayed
from scheduling.shown import scored, strayed
from tests.builders import a_queue, a_site, a_user
from tests.scheduling.centre import FIRST, a_centre, with_calls
from tests.scheduling.test_making import DAY, NOW, WEEKS


def test_three_of_ten_days_outside_raise_it_and_two_do_not():
    inside, out = [False] * 7, [True]
    assert strays([*inside, *out * 3], is_raised=False)
    assert not strays([*inside, False, *out * 2], is_raised=False)
    # What lies longer back says nothing.
    assert not strays([*out * 3, *[False] * 10], is_raised=False)


def test_five_days_inside_end_it():
    assert strays([True, *[False] * 4], is_raised=True)
    assert not strays([True, *[False] * 5], is_raised=True)


@given(st.lists(st.booleans(), max_size=30))
def test_it_never_begins_and_ends_by_the_same_days(outside):
    if not strays(outside, is_raised=True):
        recent = outside[-5:]
        assert not any(recent)
    if strays(outside, is_raised=False):
        assert sum(outside[-10:]) >= 3


@pytest.mark.django_db
def test_what_was_said_the_night_before_is_noted_once_and_judged():
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    # From Monday on comes three times as much as ever.
    for number in range(3):
        with_calls(queue, FIRST + (WEEKS * 7 + number) * DAY, 1, times=3)
        making.make_site(site, NOW + (number + 1) * DAY)
        making.make_site(site, NOW + (number + 1) * DAY)
    ahead = list(DayAhead.objects.filter(is_outside=True).order_by("day"))
    assert [one.lead for one in ahead] == [1, 1, 1]  # the weekend before is closed
    assert ahead[0].actual == 120
    alert = Strayed.objects.get()
    assert (alert.days, alert.cleared_at) == (3, None)


@pytest.mark.django_db
def test_it_says_how_many_of_the_last_days_lie_outside_now(client, django_assert_num_queries):
    """Raised by three of four; of the ten days up to now only the first lies outside."""
    site, queue = a_centre(7)
    Strayed.objects.create(queue=queue, raised_at=NOW, days=3, of=10)
    outside = [True, False, True, True, *[False] * 9]
    for number, is_outside in enumerate(outside):
        DayAhead.objects.create(
            queue=queue, day=NOW.date() + number * DAY, lead=1, intervals=1, banded=1,
            actual=1, expected=1, error=0, naive_error=0, within80=0, within95=0,
            is_outside=is_outside,
        )  # fmt: skip
    # A queue of which no day was judged yet says of when it tells.
    _other, untold = a_centre(7)
    Strayed.objects.create(queue=untold, raised_at=NOW, days=4, of=9)
    user = a_user("admin")
    list(strayed.standing(user))
    with django_assert_num_queries(1):
        found = {one.site: one.words for one in strayed.standing(user)}
    # The last ten are the fourth to the thirteenth.
    assert "1 of the last 10 days" in found[site]
    [then] = [words for one, words in found.items() if one != site]
    assert f"on {NOW.day} {NOW:%b} 4 of the last 9 days" in then


@pytest.mark.django_db
def test_it_stands_on_the_page_of_alerts_and_beside_the_sidebars_entry(client):
    site, queue = a_centre(7)
    Strayed.objects.create(queue=queue, raised_at=NOW, days=3, of=10)
    client.force_login(a_user("planner", site))
    page = client.get(reverse("alerts"))
    [one] = page.context["others"]
    assert str(queue) in one.words
    assert one.url == reverse("forecast", args=[queue.pk])
    listed = client.get(reverse("forecasts"))
    assert [one.strayed is not None for one in listed.context["lines"]] == [True]
    assert "leaves its band" in listed.content.decode()
    [group] = [one for one in page.context["navigation"] if one["title"] == "Workforce"]
    assert group["entries"][0]["count"] == 1
    client.force_login(a_user("planner", a_site()))
    assert client.get(reverse("alerts")).context["others"] == []


@pytest.mark.django_db
def test_a_day_without_a_band_is_not_judged():
    _site, queue = a_centre(WEEKS * 7)
    for number in range(12):
        DayAhead.objects.create(
            queue=queue, day=(NOW + timedelta(days=number)).date(), lead=1, intervals=1, banded=0,
            actual=1, expected=1, error=0, naive_error=0, within80=0, within95=0, is_outside=None,
        )  # fmt: skip
    ledger.watch(queue, NOW)
    assert not Strayed.objects.exists()


@pytest.mark.django_db
def test_what_was_said_the_night_before_is_held_again_when_logs_come_late_for_two_weeks():
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    monday = FIRST + WEEKS * 7 * DAY
    with_calls(queue, monday, 1)
    making.make_site(site, NOW + DAY)
    ahead = DayAhead.objects.get(day=monday.date())
    assert (ahead.lead, ahead.actual, ahead.is_outside) == (1, 40, False)
    # Eighty more of it come with the next day's log.
    with_calls(queue, monday, 1, times=2)
    with_calls(queue, monday + DAY, 1)
    making.make_site(site, NOW + 2 * DAY)
    again = DayAhead.objects.get(day=monday.date())
    assert (again.lead, again.actual, again.is_outside) == (1, 120, True)
    assert (again.expected, again.naive_error) == (ahead.expected, pytest.approx(80, abs=8))
    # Two weeks later it is settled: what was said is dropped, and what came is left alone.
    with_calls(queue, monday + 2 * DAY, 14)
    making.make_site(site, NOW + 17 * DAY)
    with_calls(queue, monday, 1)
    making.make_site(site, NOW + 17 * DAY)
    settled = DayAhead.objects.get(day=monday.date())
    assert (settled.said, settled.actual) == (None, 120)


@pytest.mark.django_db
def test_days_that_were_told_further_ahead_are_not_among_those_of_the_night_before():
    """Logs come each week: of each the first day alone was told the day before."""
    _site, queue = a_centre(7)
    for number in range(28):
        DayAhead.objects.create(
            queue=queue, day=(NOW + timedelta(days=number)).date(), lead=number % 7 + 1,
            intervals=1, banded=1, actual=100, expected=90, error=10 if number % 7 == 0 else 50,
            naive_error=20, within80=0, within95=0, is_outside=number % 7 > 0,
        )  # fmt: skip
    ledger.watch(queue, NOW)
    assert not Strayed.objects.exists()
    told = scored.ledger(queue, NOW + timedelta(days=28)).lately
    assert (told.days, told.wape) == (4, pytest.approx(0.1))


@pytest.mark.django_db
def test_the_alert_of_a_queue_that_is_no_longer_forecast_ends():
    """Its forecast of 91 days is over: nothing judges a further day. That of a queue with a
    forecast stands, and so does one that was told of another site."""
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    last = Forecast.objects.newest().get(queue=queue).known_until
    gone, elsewhere = a_queue(site, "Gone"), a_centre(7)[1]
    for one in (queue, gone, elsewhere):
        Strayed.objects.create(queue=one, raised_at=NOW, days=3, of=10)
    assert ledger.end_strayed(site, NOW, 91 * DAY) == 1
    ended = Strayed.objects.exclude(cleared_at=None)
    assert [(one.queue, one.cleared_at) for one in ended] == [(gone, NOW)]
    # Up to the last day that it tells of the forecast stands for its queue.
    at_last = NOW + ((last - NOW.date()).days + 91) * DAY
    assert ledger.end_strayed(site, at_last, 91 * DAY) == 0
    assert ledger.end_strayed(site, at_last + DAY, 91 * DAY) == 1
    assert [one.queue for one in Strayed.objects.standing()] == [elsewhere]


@pytest.mark.django_db
def test_publishing_ends_no_alert():
    """The newest is a version from then on, until another is made."""
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    Strayed.objects.create(queue=queue, raised_at=NOW, days=3, of=10)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    assert ledger.end_strayed(site, NOW, 91 * DAY) == 0


@pytest.mark.django_db
def test_a_nights_run_ends_the_alert_of_a_queue_without_calls_to_forecast():
    site, _queue = a_centre(WEEKS * 7)
    empty = a_queue(site, "Empty")
    Strayed.objects.create(queue=empty, raised_at=NOW, days=3, of=10)
    making.make_site(site, NOW)
    assert Strayed.objects.get().cleared_at == NOW
