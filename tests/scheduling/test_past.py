"""What forecasts take from the counts: by the clock on the wall, within opening hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ccm.intervals import DAY, Calendar
from ccm.models import Call
from kpis import rollups
from scheduling.known import past
from tests.builders import a_call, a_queue, a_site

pytestmark = pytest.mark.django_db

LONDON = Calendar.of("Europe/London")
NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
AT = datetime(2026, 3, 2, 10, 40, tzinfo=UTC)


def counted(*queues, minutes=30, now=NOW):
    """Of a record that goes on a day longer, so that the last day of these queues is whole."""
    last = Call.objects.filter(queue__in=queues).latest("offered_at").offered_at
    if last + DAY < now:
        site = queues[0].site
        other = site.queues.exclude(pk__in=[one.pk for one in queues]).first()
        a_call(other or a_queue(site, "Goes on"), last + DAY)
    rollups.rebuild()
    return past.of_queues(queues, {one.pk: minutes for one in queues}, now)


def test_calls_lie_in_their_interval_of_the_clock():
    queue = a_queue(a_site())
    for seconds in (0, 300, 1500):
        a_call(queue, AT + timedelta(seconds=seconds))
    was = counted(queue)[queue.pk]
    assert was.history.days[0].date == date(2026, 3, 2)
    assert was.last == date(2026, 3, 2)
    assert was.history.calls[0, 21] == 2  # 10:30
    assert was.history.calls[0, 22] == 1
    assert was.history.calls.sum() == 3


def test_by_hours_and_by_quarters_it_is_the_same_calls():
    queue = a_queue(a_site())
    a_call(queue, AT)
    assert counted(queue, minutes=60)[queue.pk].history.calls[0, 10] == 1
    assert counted(queue, minutes=15)[queue.pk].history.calls[0, 42] == 1


def test_an_hour_that_the_clock_shows_twice_is_there_twice_and_a_skipped_one_never():
    autumn = past.grid(date(2025, 10, 26), date(2025, 10, 26), LONDON, 30)
    spring = past.grid(date(2026, 3, 29), date(2026, 3, 29), LONDON, 30)
    there = [on.summed(on.open({}).astype(float))[0] / 2 for on in (autumn, spring)]
    assert there[0].tolist() == [1, 1, 2, 2, *[1] * 44]
    assert there[1].tolist() == [1, 1, 0, 0, *[1] * 44]


def test_calls_of_an_hour_that_comes_twice_are_of_one_interval():
    queue = a_queue(a_site(zone="Europe/London"))
    a_call(queue, datetime(2025, 10, 26, 0, 10, tzinfo=UTC))  # 1:10 in summer time
    a_call(queue, datetime(2025, 10, 26, 1, 10, tzinfo=UTC))  # 1:10 in winter time
    was = counted(queue)[queue.pk]
    assert (was.history.calls[0, 2], was.history.open[0, 2], was.history.rates()[0, 2]) == (2, 2, 1)


def test_what_is_closed_is_not_there_and_an_interval_may_be_there_in_part():
    site = a_site()
    site.opening = {"0": [["09:15", "10:00"]]}
    site.save()
    queue = a_queue(site)
    a_call(queue, datetime(2026, 3, 2, 9, 20, tzinfo=UTC))
    a_call(queue, datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    was = counted(queue)[queue.pk]
    assert was.history.open[0].tolist() == [*[0] * 18, 0.5, 1, *[0] * 28]
    assert was.history.calls.sum() == 1


def test_the_hours_of_a_queue_go_before_those_of_its_site():
    site = a_site()
    site.opening = {"0": [["09:00", "17:00"]]}
    site.save()
    queue = a_queue(site)
    queue.hours = {"0": [["00:00", "24:00"]]}
    queue.save()
    a_call(queue, AT)
    assert counted(queue)[queue.pk].history.open[0].all()


def test_a_day_that_begins_at_six_has_its_first_interval_then():
    queue = a_queue(a_site(day_begins=6))
    a_call(queue, datetime(2026, 3, 2, 6, 5, tzinfo=UTC))
    a_call(queue, datetime(2026, 3, 3, 5, 50, tzinfo=UTC))
    was = counted(queue)[queue.pk]
    assert was.history.days[0].date == date(2026, 3, 2)
    assert (was.history.calls[0, 0], was.history.calls[0, 47]) == (1, 1)


def test_handle_times_are_of_the_answered_that_tell_them():
    queue = a_queue(a_site())
    a_call(queue, AT, talk=100)
    a_call(queue, AT, talk=50)
    a_call(queue, AT, outcome="abandoned")
    was = counted(queue)[queue.pk]
    assert (was.handled[0, 21], was.handled_seconds[0, 21]) == (2, 150)


def test_today_is_not_over_and_not_told():
    queue = a_queue(a_site())
    a_call(queue, AT)
    a_call(queue, NOW - timedelta(minutes=30))
    was = counted(queue)[queue.pk]
    assert (was.last, was.history.calls.sum()) == (date(2026, 3, 8), 1)


def test_a_day_in_which_the_record_ends_long_before_closing_is_not_known():
    site = a_site()
    site.opening = {str(day): [["09:00", "17:00"]] for day in range(7)}
    site.save()
    queue = a_queue(site)
    a_call(queue, AT - DAY)
    a_call(queue, AT)  # 10:40
    rollups.rebuild()
    assert past.of_queues([queue], {queue.pk: 30}, NOW)[queue.pk].last == date(2026, 3, 1)
    a_call(queue, datetime(2026, 3, 2, 16, 5, tzinfo=UTC))
    rollups.rebuild()
    assert past.of_queues([queue], {queue.pk: 30}, NOW)[queue.pk].last == date(2026, 3, 2)


def test_of_a_site_without_a_record_nothing_is_told():
    queue = a_queue(a_site())
    assert past.of_queues([queue], {queue.pk: 30}, NOW) == {}
    assert past.of_queues([], {}, NOW) == {}


def test_a_sites_holidays_are_known_with_their_eves():
    site = a_site(zone="Europe/Berlin")
    site.country = "DE"
    days = past.calendar_days(site, date(2025, 12, 24), date(2025, 12, 29))
    assert [bool(day.holiday) for day in days] == [False, True, True, False, False, False]
    assert (days[0].before, days[5].after) == (True, True)


def test_a_day_that_begins_at_six_is_over_when_its_night_is():
    """A bar's line: Fridays and Saturdays from six in the evening until two in the morning."""
    site = a_site(day_begins=6)
    nights = {"4": [["18:00", "24:00"]], "5": [["00:00", "02:00"], ["18:00", "24:00"]]}
    site.opening = nights | {"6": [["00:00", "02:00"]]}
    site.save()
    friday, at = date(2026, 3, 6), datetime(2026, 3, 7, tzinfo=UTC)
    known = [
        past.last_known(site, at + timedelta(hours=hour), at + 3 * DAY) for hour in (0, 0.9, 1.1, 2)
    ]
    # Of the night that ends at two, an hour may be missing.
    assert known == [friday - DAY, friday - DAY, friday, friday]
    # On its Saturday it is open again: two o'clock that morning was Friday's.
    assert past.last_known(site, at + timedelta(hours=20), at + 3 * DAY) == friday
    # It does nothing on Sundays: their two hours are of Saturday. That no more come is known.
    assert past.last_known(site, at + timedelta(hours=25.5), at + 3 * DAY) == friday + 2 * DAY
    assert past._off(site) == {0, 1, 2, 3, 6}


def test_a_day_without_hours_is_over_when_it_ends():
    site = a_site(day_begins=6)
    at = datetime(2026, 3, 3, tzinfo=UTC)  # a Tuesday
    now = at + 5 * DAY
    assert past.last_known(site, at + timedelta(hours=12), now) == date(2026, 3, 2)
    assert past.last_known(site, at + timedelta(hours=29.5), now) == date(2026, 3, 3)


def test_a_queue_whose_source_fell_silent_is_known_up_to_then_and_the_others_further():
    site = a_site()
    live, weekly, never = a_queue(site), a_queue(site), a_queue(site)
    for number in range(5):
        a_call(live, AT + number * DAY, source="pbx")
    a_call(weekly, AT, source="files")
    a_call(weekly, AT + DAY, source="files")
    rollups.rebuild()
    was = past.of_queues(
        [live, weekly, never], dict.fromkeys([live.pk, weekly.pk, never.pk], 30), NOW
    )
    # Each ends at twenty to eleven of a day that goes on, so the day before is the last known.
    assert was[live.pk].last == was[never.pk].last == date(2026, 3, 5)
    assert was[weekly.pk].last == date(2026, 3, 2)
    assert [len(was[one.pk].history) for one in (live, weekly, never)] == [4, 1, 4]
    assert was[weekly.pk].handled.shape == (1, 48)


def test_a_queue_without_calls_whose_source_goes_on_had_none():
    site = a_site()
    busy, shut = a_queue(site), a_queue(site)
    a_call(shut, AT)
    for number in range(5):
        a_call(busy, AT + number * DAY)
    rollups.rebuild()
    was = past.of_queues([shut], {shut.pk: 30}, NOW)[shut.pk]
    assert was.last == date(2026, 3, 5)
    assert was.history.calls.sum(axis=1).tolist() == [1, 0, 0, 0]


def test_closed_days_after_the_last_are_known_and_those_of_a_queue_with_hours_of_its_own_are_not():
    """On Friday the record goes to the end; at the weekend the site is closed."""
    site = a_site()
    site.opening = {str(day): [["09:00", "17:00"]] for day in range(5)}
    site.save()
    friday = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
    assert past.last_known(site, friday, NOW) == date(2026, 3, 8)
    assert past.last_known(site, friday - timedelta(hours=2), NOW) == date(2026, 3, 5)
    every_day = {str(day): [["09:00", "17:00"]] for day in range(7)}
    assert past.last_known(site, friday, NOW, every_day) == date(2026, 3, 6)
    # Of one that tells no hours any day may be open.
    assert past.last_known(a_site(), friday, NOW) == date(2026, 3, 5)
