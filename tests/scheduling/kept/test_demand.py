"""What is asked of a roster, from what is forecast."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from scheduling.models import GroupDay, GroupForecast, KeptRoster, SiteRules
from scheduling.rosters import demand
from tests.builders import a_queue, a_queue_group, a_site, an_override
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_forecast

pytestmark = pytest.mark.django_db
# 10:00 by half hours.
TEN = 20


def asked(site, count=1, slot=30, first=MONDAY, **more):
    return demand.of_days(site, first, count, slot, NOW, **more)


def group_forecast(group, calls, first=MONDAY):
    made = GroupForecast.objects.create(
        group=group, made_at=NOW, known_until=NOW.date(), interval_minutes=30,
        has_own_tails=False, queues=2,
    )  # fmt: skip
    row, none = [calls.get(place, 0.0) for place in range(48)], [None] * 48
    GroupDay.objects.create(
        forecast=made, day=first, calls=row, total=sum(row), low80=none, high80=none, low95=none,
        high95=none, open=[float(place in calls) for place in range(48)],
        aht_seconds=[180.0 if place in calls else None for place in range(48)],
    )  # fmt: skip


def test_a_queue_asks_for_its_positions_where_it_is_open():
    """100 calls of 180 s in half an hour are 10 erlangs; 80 % in 20 s take 14, by the tables of
    Erlang C."""
    site = a_site()
    queue = a_queue(site)
    a_forecast(queue, {TEN: 100, TEN + 1: 0}, days=1)
    found = asked(site)
    assert found.demand.skills == (f"q{queue.pk}",)
    assert found.demand.required.shape == (1, 48)
    assert found.demand.required[0, TEN] == 14
    assert found.demand.required.sum() == 14
    assert found.left_out == ()


def test_shorter_slots_each_take_as_many_and_longer_ones_the_most():
    site = a_site()
    a_forecast(a_queue(site), {TEN: 100, TEN + 1: 10}, days=1)
    by_quarters = asked(site, slot=15).demand.required[0]
    assert list(by_quarters[2 * TEN : 2 * TEN + 2]) == [14, 14]
    assert asked(site, slot=60).demand.required[0, TEN // 2] == 14


def test_of_a_site_some_of_whom_do_not_come_so_many_more_are_asked_for():
    """14 positions of which 5 in a hundred are away: 14.74, so 15 are given shifts; of 4 it is
    4.21, and so 4."""
    site = a_site()
    queue = a_queue(site)
    a_forecast(queue, {TEN: 100, TEN + 1: 16}, days=1)
    roster = KeptRoster(site=site, first_day=MONDAY, days=1)
    rules = SiteRules(site=site, slot_minutes=30)
    alone = demand.of_roster(roster, rules, NOW)
    assert list(alone.demand.required[0, TEN : TEN + 2]) == [14, 4]
    rules.away_percent = Decimal(5)
    found = demand.of_roster(roster, rules, NOW)
    assert list(found.demand.required[0, TEN : TEN + 2]) == [15, 4]
    assert found.demand.required.sum() == 19
    assert (alone.away, found.away) == (0, 0.05)


def test_what_planners_say_of_a_day_is_asked_for():
    site = a_site()
    queue = a_queue(site)
    a_forecast(queue, {TEN: 10}, days=1)
    few = asked(site).demand.required[0, TEN]
    an_override(queue, first=MONDAY, last=MONDAY, factor=10)
    assert few < asked(site).demand.required[0, TEN] == 14


def test_a_night_is_asked_for_on_the_day_whose_clock_shows_it():
    """The site's days begin at six: 02:00 of Tuesday is the 20th hour of its Monday."""
    site = a_site(day_begins=6)
    a_forecast(a_queue(site), {40: 100}, days=1)
    required = asked(site, count=2).demand.required[0]
    assert np.flatnonzero(required).tolist() == [48 + 4]


def test_an_hour_that_comes_twice_is_asked_for_twice():
    """In Berlin 02:00 to 03:00 comes twice on 25 October 2026: a day of 50 half hours."""
    site = a_site(zone="Europe/Berlin")
    sunday = date(2026, 10, 25)
    a_forecast(a_queue(site), {4: 100, 5: 100}, first=sunday, days=1)
    required = asked(site, first=sunday).demand.required[0]
    assert len(required) == 50
    assert np.flatnonzero(required).tolist() == [4, 5, 6, 7]


def test_queues_of_a_group_are_asked_for_once_with_their_group():
    site = a_site()
    one, other, alone = (a_queue(site, name) for name in ("Billing", "Orders", "Sales"))
    for queue in (one, other, alone):
        a_forecast(queue, {TEN: 50}, days=1)
    front = a_queue_group(one, other, name="Front")
    group_forecast(front, {TEN: 100})
    a_queue_group(one, alone, name="Later")
    found = asked(site).demand
    assert found.skills == (f"g{front.pk}", f"q{alone.pk}")
    assert found.required[0, TEN] == 14
    assert 0 < found.required[1, TEN] < 14
    assert asked(site, group=front.pk).demand.skills == (f"g{front.pk}",)


def test_queues_of_a_group_that_is_not_forecast_are_asked_for_each():
    site = a_site()
    queues = [a_queue(site, name) for name in ("Billing", "Orders")]
    for queue in queues:
        a_forecast(queue, {TEN: 100}, days=1)
    a_queue_group(*queues)
    assert asked(site).demand.skills == tuple(f"q{one.pk}" for one in queues)


def test_what_is_not_forecast_or_not_known_is_told_and_not_asked_for():
    site = a_site()
    a_queue(site, "A new one")
    a_forecast(a_queue(site, "Few days"), {TEN: 100}, days=1)
    a_forecast(a_queue(site, "No length"), {TEN: 100}, days=2, aht=None)
    found = asked(site, count=2)
    assert {(one.name, one.why) for one in found.left_out} == {
        ("A new one", demand.NO_FORECAST),
        ("Few days", demand.SOME_DAYS),
        ("No length", demand.NO_LENGTH),
    }
    assert found.demand.required.sum() == 14


@pytest.mark.parametrize("queues", [1, 10])
def test_many_queues_ask_no_more_of_the_database_than_one(queues, django_assert_num_queries):
    site = a_site()
    for number in range(queues):
        a_forecast(a_queue(site, f"Q{number}"), {TEN: 100}, first=MONDAY - DAY, days=3)
    # Choices, queues, forecasts, groups, days, overrides, patience.
    with django_assert_num_queries(7):
        asked(site, count=2)
