"""Forecasts are made, published and scored; run twice it is the same."""

from datetime import date, timedelta

import numpy as np
import pytest
import time_machine

from ccm.models import Call, DirtyDay, ImportBatch, Job
from kpis import rollups
from scheduling import tasks
from scheduling.known import past, runs
from scheduling.made import ledger, making
from scheduling.models import (
    AskedBefore,
    DayUpdate,
    Forecast,
    ForecastDay,
    ForecastPlan,
    ForecastRun,
    ScoredDay,
)
from tests import once
from tests.builders import a_queue, a_site, a_user
from tests.scheduling.centre import BY_WEEKDAY, DAY, FIRST, a_centre, with_calls

pytestmark = pytest.mark.django_db

WEEKS = 10
NOW = FIRST + WEEKS * 7 * DAY + timedelta(hours=8)


centre = once.fixture(lambda: a_centre(WEEKS * 7))


def newest(queue):
    return Forecast.objects.newest().get(queue=queue)


def test_the_days_that_follow_are_forecast_as_the_weeks_before_were(centre):
    site, queue = centre
    assert making.make_site(site, NOW) == 1
    made = newest(queue)
    days = list(made.days.order_by("day"))
    # The record ends with the calls of a Friday, and the weekend is closed.
    assert made.known_until == date(2026, 3, 15)
    assert [days[0].day, len(days)] == [date(2026, 3, 16), making.DAYS_AHEAD]
    for day, usual in zip(days[:7], BY_WEEKDAY, strict=True):
        assert day.total == pytest.approx(usual, abs=2)
        assert sum(day.calls) == pytest.approx(day.total, abs=0.05)
    assert made.weeks[0][1] == pytest.approx(sum(BY_WEEKDAY), abs=6)
    # By half hours, of which sixteen are open.
    assert sum(1 for there in days[0].open if there) == 16
    assert not any(days[0].calls[:18])
    assert days[0].aht_seconds[20] == pytest.approx(100)
    assert days[0].naive_aht_seconds == pytest.approx(100)
    assert days[5].naive_aht_seconds is None  # closed, and so was every Saturday


def test_made_twice_there_is_one(centre):
    site, queue = centre
    making.make_site(site, NOW)
    first = [*newest(queue).days.order_by("day").values_list("day", "calls")]
    making.make_site(site, NOW)
    assert [*newest(queue).days.order_by("day").values_list("day", "calls")] == first
    assert Forecast.objects.count() == 1


def test_a_queue_without_calls_has_none_unless_it_is_like_another(centre):
    site, queue = centre
    other = a_queue(site)
    assert making.make_site(site, NOW) == 1
    ForecastPlan.objects.create(queue=other, analogue=queue, share="0.5")
    assert making.make_site(site, NOW) == 2
    day = newest(other).days.get(day=date(2026, 3, 16))
    assert newest(other).method == "analogue"
    assert day.total == pytest.approx(BY_WEEKDAY[0] / 2, abs=2)
    # Of its own errors nothing is known: its bands are of the other's, of which each week is alike.
    assert (newest(other).has_own_tails, newest(other).borrowed_from) == (False, 1)
    assert (day.total_low80, day.total_high80) == pytest.approx((day.total, day.total), abs=1)


def test_what_somebody_chose_is_how_it_is_made(centre):
    site, queue = centre
    ForecastPlan.objects.create(queue=queue, method="naive", interval_minutes=60)
    making.make_site(site, NOW)
    made = newest(queue)
    assert (made.method, made.by_trial, made.interval_minutes) == ("naive", False, 60)
    assert len(made.days.first().calls) == 24


def test_by_other_intervals_than_before_it_is_forecast_all_the_same(centre):
    site, queue = centre
    making.make_site(site, NOW)
    ForecastPlan.objects.create(queue=queue, interval_minutes=60)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    assert making.make_site(site, NOW + DAY) == 1
    assert (newest(queue).interval_minutes, len(newest(queue).days.first().calls)) == (60, 24)


def test_a_share_of_a_queue_by_other_intervals_is_by_its_own(centre):
    site, queue = centre
    ForecastPlan.objects.create(queue=queue, interval_minutes=60)
    other = a_queue(site)
    ForecastPlan.objects.create(queue=other, analogue=queue, share="0.5", interval_minutes=30)
    assert making.make_site(site, NOW) == 2
    day = newest(other).days.get(day=date(2026, 3, 16))
    assert (len(day.calls), day.total) == (48, pytest.approx(BY_WEEKDAY[0] / 2, abs=2))
    # The other's errors are those of its hours as half hours: bands are told.
    assert day.total_low80 <= day.total <= day.total_high80


def test_a_share_of_a_queue_has_nothing_while_that_is_closed(centre):
    """The other is open on weekdays from nine to five; this one always."""
    site, queue = centre
    other = a_queue(site)
    other.hours = {str(day): [["00:00", "24:00"]] for day in range(7)}
    other.save()
    ForecastPlan.objects.create(queue=other, analogue=queue, share="0.5")
    making.make_site(site, NOW)
    monday, saturday = (newest(other).days.get(day=date(2026, 3, day)) for day in (16, 21))
    assert monday.total == pytest.approx(BY_WEEKDAY[0] / 2, abs=2)
    assert (sum(monday.calls[:18]), sum(monday.calls[34:]), saturday.total) == (0, 0, 0)


def test_a_queue_that_cannot_be_forecast_holds_up_no_other(centre, monkeypatch):
    site, queue = centre
    other = a_queue(site)
    with_calls(other, FIRST, WEEKS * 7)
    chosen = making._chosen

    def fails(plan, *asked):
        if plan.queue == queue:
            raise ValueError
        return chosen(plan, *asked)

    monkeypatch.setattr(making, "_chosen", fails)
    with pytest.raises(making.NotMade):
        making.make_site(site, NOW)
    assert newest(other).days.count() == making.DAYS_AHEAD
    assert not Forecast.objects.filter(queue=queue).exists()


def test_a_site_is_due_when_another_day_is_over_and_once_all_of_it_is_done_no_more(centre):
    site, queue = centre
    with time_machine.travel(NOW, tick=False):
        assert runs.due(NOW) == [site.pk]
        tasks.forecast_due()
        assert Forecast.objects.newest().count() == 1
        assert runs.due(NOW) == []
        a_site()  # without a record
        a_queue(a_site())
        assert runs.due(NOW) == []
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    assert runs.due(NOW + DAY) == [site.pk]


def test_a_site_of_which_nothing_can_be_forecast_is_run_once_a_day(db):
    """Its calls go out, and name no queue."""
    site, queue = a_centre(7)
    Call.objects.update(direction="outbound", queue=None)
    rollups.rebuild()
    with time_machine.travel(NOW, tick=False):
        tasks.forecast_due()
    assert runs.due(NOW) == []
    queue.delete()
    assert runs.due(NOW + DAY) == []
    tasks.forecast_site(site.pk)


def test_what_fails_holds_up_nothing_else_and_is_tried_again(centre, monkeypatch):
    site, _queue = centre

    def fails(*_asked):
        raise RuntimeError

    monkeypatch.setattr(tasks, "_STEPS", (fails, *tasks._STEPS))
    with time_machine.travel(NOW, tick=False):
        tasks.forecast_due()
    assert Forecast.objects.newest().count() == 1
    assert runs.due(NOW + timedelta(minutes=10)) == []
    assert runs.due(NOW + timedelta(hours=1)) == [site.pk]


def test_how_far_queues_are_known_is_asked_once_in_a_run(centre, monkeypatch):
    site, queue = centre
    making.make_site(site, NOW)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    monkeypatch.setattr(tasks, "_STEPS", ())  # those read a past of their own
    asked, known = [], past.last_days
    monkeypatch.setattr(past, "last_days", lambda *of: asked.append(of) or known(*of))
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    with time_machine.travel(NOW + DAY, tick=False):
        tasks.forecast_site(site.pk)
    assert ScoredDay.objects.count() == 1
    assert Forecast.objects.newest().get().known_until == date(2026, 3, 16)
    assert len(asked) == 1


def test_published_it_is_frozen_and_made_anew_beside(centre):
    site, queue = centre
    making.make_site(site, NOW)
    planner = a_user("planner", site)
    version = ledger.publish(queue, planner, "for April", NOW)
    assert (version.version, version.published_by, version.note) == (1, planner, "for April")
    assert ledger.publish(queue, planner, "", NOW) is None
    making.make_site(site, NOW + DAY)
    assert ledger.publish(queue, planner, "", NOW + DAY).version == 2
    assert Forecast.objects.get(version=1).days.count() == making.DAYS_AHEAD


def test_a_published_day_is_held_against_what_came(centre):
    site, queue = centre
    making.make_site(site, NOW)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 2, times=1.5)
    later = NOW + 2 * DAY
    assert ledger.score_site(site, later) == 2
    monday = ScoredDay.objects.get(day=date(2026, 3, 16))
    told = ForecastDay.objects.get(forecast__version=1, day=monday.day)
    assert (monday.lead, monday.actual, monday.intervals) == (1, 60, 16)
    assert monday.expected == pytest.approx(told.total, abs=0.05)
    # Sixty calls in eight hours: 8, 7, 8, 7 ... by half hours of one each eight minutes.
    came = np.bincount([(8 * call) // 30 for call in range(60)], minlength=16)
    expected = np.array([told.calls[place] for place, there in enumerate(told.open) if there])
    naive = np.array([told.naive[place] for place, there in enumerate(told.open) if there])
    assert monday.error == pytest.approx(np.abs(expected - came).sum(), abs=0.05)
    assert monday.naive_error == pytest.approx(np.abs(naive - came).sum(), abs=0.05)


def test_held_again_a_day_is_scored_once_and_late_calls_change_it(centre):
    site, queue = centre
    making.make_site(site, NOW)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    ledger.score_site(site, NOW + DAY)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)  # as many again
    ledger.score_site(site, NOW + DAY)
    assert ScoredDay.objects.get().actual == 2 * BY_WEEKDAY[0]


def test_days_that_were_never_scored_are_however_long_ago_they_were(centre):
    """The worker was away for a month."""
    site, queue = centre
    making.make_site(site, NOW)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 30)
    # Four weeks of weekdays and two days; the record reaches all of them.
    assert ledger.score_site(site, NOW + 30 * DAY) == 22


def test_what_was_not_published_is_not_scored(centre):
    site, queue = centre
    making.make_site(site, NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 1)
    assert ledger.score_site(site, NOW + DAY) == 0


def test_the_task_of_a_site_that_is_gone_does_nothing(centre):
    tasks.forecast_site(0)
    assert not Forecast.objects.exists()


@pytest.fixture
def three(centre, monkeypatch):
    """A site of three queues, which are made one at a time; and a clock of the runs."""
    site, queue = centre
    others = [a_queue(site), a_queue(site)]
    for one in others:
        with_calls(one, FIRST + 5 * 7 * DAY, (WEEKS - 5) * 7)
    monkeypatch.setattr(making, "_TOGETHER", 1)
    seconds = [0.0]
    monkeypatch.setattr(making.time, "monotonic", lambda: seconds[0])
    return site, [queue, *others], seconds


def takes(monkeypatch, seconds, many):
    """Each queue is drafted in so many seconds; the ids of those that are."""
    drafted, asked = making._drafted, []

    def slowly(queue, *more):
        seconds[0] += many
        asked.append(queue.pk)
        return drafted(queue, *more)

    monkeypatch.setattr(making, "_drafted", slowly)
    return asked


def test_a_run_that_is_cut_keeps_what_it_made_and_the_next_goes_on_with_the_others(
    three, monkeypatch
):
    site, queues, seconds = three
    asked = takes(monkeypatch, seconds, 100)
    with time_machine.travel(NOW, tick=False):
        tasks.forecast_site(site.pk, until=150.0)
    # The second was begun before time was up.
    assert asked == [one.pk for one in queues[:2]]
    assert [*Forecast.objects.order_by("queue_id").values_list("queue_id", flat=True)] == asked
    later = NOW + timedelta(minutes=10)
    assert runs.due(later) == [site.pk]
    with time_machine.travel(later, tick=False):
        tasks.forecast_site(site.pk, until=seconds[0] + 150.0)
    assert asked == [one.pk for one in queues]
    assert runs.due(later + timedelta(hours=2)) == []
    assert ForecastRun.objects.get().begun_at == NOW
    # Another night all of them are made anew.
    with_calls(queues[0], FIRST + WEEKS * 7 * DAY, 1)
    with time_machine.travel(NOW + DAY, tick=False):
        tasks.forecast_site(site.pk)
    assert len(asked) == 6


def test_where_time_is_up_before_it_began_one_queue_is_made_all_the_same(three, monkeypatch):
    site, queues, seconds = three
    asked = takes(monkeypatch, seconds, 100)
    with time_machine.travel(NOW, tick=False):
        tasks.forecast_site(site.pk, until=-1.0)
    assert asked == [queues[0].pk]
    assert newest(queues[0]).days.count() == making.DAYS_AHEAD


def test_after_somebody_published_that_queue_alone_is_made_anew(three, monkeypatch):
    site, queues, seconds = three
    asked = takes(monkeypatch, seconds, 0)
    with time_machine.travel(NOW, tick=False):
        tasks.forecast_site(site.pk)
    ledger.publish(queues[1], a_user("planner", site), "", NOW + timedelta(minutes=1))
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert runs.due(NOW + timedelta(minutes=10)) == [site.pk]
        tasks.forecast_due()
    assert asked == [*[one.pk for one in queues], queues[1].pk]
    assert newest(queues[1])


def test_bands_borrow_what_other_queues_would_have_said_of_this_run_or_of_the_last(
    three, monkeypatch
):
    """Of the two with five weeks neither has errors enough. The first that is made finds nobody,
    the others those before them; the next night each has all."""
    site, queues, _seconds = three
    making.make_site(site, NOW)
    assert AskedBefore.objects.count() == 3
    assert [newest(one).borrowed_from for one in queues[1:]] == [1, 2]
    assert all(newest(one).error_days < 39 for one in queues[1:])
    making.make_site(site, NOW)
    assert [newest(one).borrowed_from for one in queues[1:]] == [2, 2]


def test_how_days_go_on_is_learned_for_a_part_of_a_night_and_the_rest_the_next(three, monkeypatch):
    site, queues, seconds = three
    learn, learned = making.learning.learn, []

    def slowly(queue, *more):
        seconds[0] += 100
        learned.append(queue.pk)
        return learn(queue, *more)

    monkeypatch.setattr(making.learning, "learn", slowly)
    assert making.make_site(site, NOW) == 3
    assert learned == [one.pk for one in queues[:2]]
    # First of all of whom it was never learned.
    making.make_site(site, NOW)
    assert learned[2] == queues[2].pk
    assert DayUpdate.objects.count() == 3


def test_days_that_wait_to_be_counted_are_waited_for_an_hour(centre):
    site, queue = centre
    with time_machine.travel(NOW, tick=False):
        DirtyDay.objects.create(site=site, queue=queue, day=date(2026, 3, 10))
    assert runs.due(NOW + timedelta(minutes=10)) == []
    assert runs.due(NOW + timedelta(minutes=70)) == [site.pk]
    # Today's are no matter.
    DirtyDay.objects.update(day=date(2026, 3, 16))
    assert runs.due(NOW + timedelta(minutes=10)) == [site.pk]


def test_what_was_lacking_of_some_queues_and_is_imported_is_worth_a_run_of_its_own(
    centre, monkeypatch
):
    site, queue = centre
    late = a_queue(site)
    with_calls(late, FIRST, WEEKS * 7 - 10)  # up to Thursday of the week before
    Call.objects.filter(queue=late).update(source="weekly")
    monkeypatch.setattr(tasks, "_STEPS", ())
    with time_machine.travel(NOW, tick=False):
        tasks.forecast_due()
    assert [newest(one).known_until for one in (queue, late)] == [
        date(2026, 3, 15),
        date(2026, 3, 5),
    ]
    later = NOW + timedelta(hours=3)
    assert runs.due(later) == []
    with_calls(late, FIRST + (WEEKS * 7 - 10) * DAY, 10)
    Call.objects.filter(queue=late).update(source="weekly")
    job = Job.objects.create(kind="import", finished_at=NOW + timedelta(hours=2))
    ImportBatch.objects.create(job=job, site=site, format="x", source="weekly")
    assert runs.due(later) == [site.pk]
    before = newest(queue).pk
    with time_machine.travel(later, tick=False):
        tasks.forecast_due()
    assert newest(late).known_until == date(2026, 3, 15)
    # Of the other nothing new is known.
    assert newest(queue).pk == before
    assert runs.due(later + timedelta(hours=1)) == []


def test_versions_are_scored_some_queues_at_a_time(three, monkeypatch):
    site, queues, _seconds = three
    monkeypatch.setattr(ledger, "_TOGETHER", 2)
    making.make_site(site, NOW)
    for queue in queues:
        ledger.publish(queue, a_user("planner", site), "", NOW)
        with_calls(queue, FIRST + WEEKS * 7 * DAY, 2)
    read, most = past.of_queues, []

    def counted(some, *more):
        most.append(len(some))
        return read(some, *more)

    monkeypatch.setattr(ledger.past, "of_queues", counted)
    assert ledger.score_site(site, NOW + 2 * DAY) == 6
    assert most == [2, 1]
    assert {*ScoredDay.objects.values_list("actual", flat=True)} == {40, 30}


def test_the_numbers_of_a_versions_days_are_dropped_after_a_year_and_their_scores_stay(centre):
    site, queue = centre
    making.make_site(site, NOW)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 2)
    ledger.score_site(site, NOW + 2 * DAY)
    # Monday is 371 days ago, and Tuesday 370.
    ledger.score_site(site, NOW + (ledger.KEPT.days + 1) * DAY)
    days = Forecast.objects.get(version=1).days.order_by("day")
    assert days.first().day == date(2026, 3, 17)
    assert ScoredDay.objects.count() == 2
