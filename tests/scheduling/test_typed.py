"""Queues that are forecast by a curve that somebody typed."""

from datetime import date, timedelta
from itertools import count

import numpy as np
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import AuditEntry, Queue, Site
from scheduling import tasks
from scheduling.forecast import borrowed
from scheduling.known import runs
from scheduling.made import making
from scheduling.models import Forecast, ForecastPlan, QueueGroup, QueueMonths
from scheduling.planned import curve
from tests import once
from tests.builders import a_queue, a_user
from tests.scheduling.centre import BY_WEEKDAY, DAY, FIRST, a_centre, with_calls
from tests.scheduling.test_making import NOW, WEEKS

MONDAY = date(2026, 3, 16)
EIGHT, NINE, TEN = 480, 540, 600


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("08:00 120\n09:00 60", [(EIGHT, 120), (NINE, 60)]),
        ("8:00\t120\r\n9:00\t60\r\n", [(EIGHT, 120), (NINE, 60)]),
        ("Time\tCalls\n08:00:00\t12,5\n09:00:00\t7", [(EIGHT, 12.5), (NINE, 7)]),
        ("08:00;0,125\n09:00 ; 0,25", [(EIGHT, 0.125), (NINE, 0.25)]),
        ("08:00,120\n09:00, 60.5", [(EIGHT, 120), (NINE, 60.5)]),
        ("09:00 40 %\n08:00 60%", [(EIGHT, 60), (NINE, 40)]),
        (
            "12:00 AM 1\n8:00 am 2\n12:15 PM 3\n9:00 p.m. 4",
            [(0, 1), (EIGHT, 2), (735, 3), (1260, 4)],
        ),
        ("\n\n08:00\N{NO-BREAK SPACE}5\n", [(EIGHT, 5)]),
    ],
)
def test_a_curve_is_read_as_people_type_and_paste_it(text, rows):
    assert curve.read(text) == rows


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "08:00 120"),
        ("time calls", "08:00 120"),
        ("08:00 1\nnoon 5", "Line 2 (noon 5)"),
        ("\n08:00", "Line 2 (08:00)"),
        ("08:00 1 2", "Line 1"),
        ("08:00 nan", "Line 1"),
        ("08:00 1e400", "Line 1"),
        ("08:00 -3", "fewer than 0"),
        ("08:00 1000001", "a million"),
        ("08:00 1,200", "two ways"),
        ("24:00 1", "no such time"),
        ("08:60 1", "no such time"),
        ("13:00 pm 1", "no such time"),
        ("08:10 1", "quarter"),
        ("08:00:30 1", "quarter"),
        ("08:00 1\n09:00 1\n8:00 2", "Line 3: 08:00 is told in line 1"),
        ("08:00 0\n09:00 0", "above 0"),
        ("08:00 1\n" * 200, "more lines"),
    ],
)
def test_what_is_no_curve_is_refused_with_the_line(text, says):
    with pytest.raises(ValidationError) as refused:
        curve.read(text)
    assert says in refused.value.messages[0]


def told(rows, minutes, begins=0):
    found = borrowed.course(rows, minutes, begins)
    return {place: found[place] for place in np.flatnonzero(found).tolist()}


def test_a_course_is_of_the_queues_intervals_whatever_it_was_typed_by():
    hours = [(EIGHT, 120.0), (NINE, 60.0)]
    assert told(hours, 60) == {8: 120, 9: 60}
    assert told(hours, 30) == {16: 60, 17: 60, 18: 30, 19: 30}
    assert told(hours, 15) == {32: 30, 33: 30, 34: 30, 35: 30, 36: 15, 37: 15, 38: 15, 39: 15}
    halves = [(EIGHT, 10.0), (EIGHT + 30, 20.0), (NINE, 5.0)]
    assert told(halves, 60) == {8: 30, 9: 5}
    assert told([(EIGHT + 15, 7.0), (NINE, 1.0)], 30) == {16: 7, 18: 1}


def test_a_course_begins_with_the_sites_day():
    """Of one that begins at six two o'clock at night is its twenty-first hour."""
    assert told([(360, 1.0), (EIGHT, 2.0), (120, 3.0)], 60, begins=6) == {0: 1, 2: 2, 20: 3}


def test_a_curve_is_shown_as_it_comes_in_a_usual_week():
    """Open from nine to five: of 20, 40 and 40 by the hour the first does not come."""
    hours = {str(day): [["09:00", "17:00"]] for day in range(5)}
    queue = Queue(name="New", site=Site(zone="UTC", opening=hours))
    rows = [(EIGHT, 20.0), (NINE, 40.0), (TEN, 40.0)]
    shown = curve.shown(queue, [100, 50, 0, 0, 0, 30, 0], rows, 60)
    assert [calls for _day, calls, _comes in shown.weekdays] == [100, 50, 0, 0, 0, 30, 0]
    assert [comes for _day, _calls, comes in shown.weekdays] == [80, 40, 0, 0, 0, 0, 0]
    assert (shown.typed, shown.comes, shown.is_closed_for_some) == (180, 120, True)
    assert shown.rows[0] == ("08:00", [None] * 7)
    assert shown.rows[1] == ("09:00", [40, 20, 0, 0, 0, None, None])
    assert shown.rows[-1] == ("16:00", [0, 0, 0, 0, 0, None, None])


def test_a_night_is_shown_with_the_day_that_it_is_of():
    """Saturday from six in the evening until two: its last two hours are on the clock of Sunday."""
    site = Site(zone="UTC", day_begins=6)
    site.opening = {"5": [["18:00", "24:00"]], "6": [["00:00", "02:00"]]}
    queue = Queue(name="Night", site=site)
    shown = curve.shown(queue, [0, 0, 0, 0, 0, 90, 9], [(1380, 1.0), (0, 1.0), (60, 1.0)], 60)
    assert [comes for _day, _calls, comes in shown.weekdays] == [0, 0, 0, 0, 0, 90, 0]
    assert [clock for clock, _calls in shown.rows][-3:] == ["23:00", "00:00", "01:00"]


ten_weeks = once.fixture(lambda: a_centre(WEEKS * 7))


@pytest.fixture
def centre(ten_weeks):
    with time_machine.travel(NOW, tick=False):
        yield ten_weeks


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre[0]))
    return client


TYPED = {
    "which": "forecast",
    "f-way": "typed",
    "f-interval_minutes": "30",
    "f-day0": "100",
    "f-day4": "120",
    "f-day5": "50",
    "f-course": "08:00 20\r\n09:00 40\r\n10:00 40",
    "f-handle_seconds": "240",
}


def typed(planner, queue, **said):
    form = TYPED | {f"f-{name}": value for name, value in said.items()}
    return planner.post(reverse("queue_plan", args=[queue.pk]), form)


def newest(queue):
    return Forecast.objects.newest().get(queue=queue)


def test_a_queue_without_a_call_is_forecast_by_what_is_typed(planner, centre):
    site, _queue = centre
    new = a_queue(site, "New")
    tasks.forecast_due()
    assert not Forecast.objects.filter(queue=new).exists()
    assert typed(planner, new).status_code == 302
    # With the next look, and not on another day.
    soon = NOW + timedelta(minutes=10)
    assert runs.due(soon) == [site.pk]
    with time_machine.travel(soon, tick=False):
        tasks.forecast_due()
    made, day = newest(new), newest(new).days.get(day=MONDAY)
    assert (made.method, made.by_trial, made.history_days) == ("typed", False, 0)
    # Of a hundred calls twenty are of the hour before it opens; by half hours 20 each.
    assert day.total == pytest.approx(80)
    assert {place: one for place, one in enumerate(day.calls) if one} == dict.fromkeys(
        (18, 19, 20, 21), 20
    )
    totals = [made.days.get(day=MONDAY + one * DAY).total for one in range(7)]
    assert totals == pytest.approx([80, 0, 0, 0, 96, 0, 0])
    assert set(day.aht_seconds) == {240}
    # Of its own errors nothing is known: its bands are of the other queue's.
    assert (made.has_own_tails, made.borrowed_from) == (False, 1)
    assert day.total_low80 <= day.total <= day.total_high80
    page = planner.get(reverse("forecast", args=[new.pk])).content.decode()
    assert "A curve that somebody typed" in page


def test_its_requirement_can_be_told(planner, centre):
    site, _queue = centre
    new = a_queue(site, "New")
    typed(planner, new)
    making.make_site(site, NOW)
    asked = {"queue": new.pk, "week": "2026-03-14"}
    page = planner.get(reverse("requirements"), asked)
    rows, aim = dict(page.context["shown"].rows), page.context["told"].aim
    [cell] = [one for one in rows["09:00"] if one.told and one.calls == pytest.approx(20)]
    # Twenty calls of 240 s in half an hour, by Erlang C as it is in every book.
    load = 20 * 240 / 1800

    def level(positions):
        blocked = 1.0
        for one in range(1, positions + 1):
            blocked = load * blocked / (one + load * blocked)
        waits = positions * blocked / (positions - load * (1 - blocked))
        return 1 - waits * np.exp(-(positions - load) * aim.target_seconds / 240)

    fewest = next(one for one in count(3) if level(one) >= aim.service_level)
    assert cell.told.positions == fewest


def test_its_months_are_those_of_its_curve(db):
    """In June 2026 are five Mondays and four Fridays: 5 x 80 + 4 x 96."""
    site, queue = a_centre(18 * 7)
    new = a_queue(site, "New")
    ForecastPlan.objects.create(
        queue=new,
        weekday_calls=[100, 0, 0, 0, 120, 50, 0],
        course=[[EIGHT, 20], [NINE, 40], [TEN, 40]],
    )
    group = QueueGroup.objects.create(site=site, name="Both")
    group.queues.set([queue, new])
    making.make_site(site, FIRST + 18 * 7 * DAY + timedelta(hours=8))
    months = dict(QueueMonths.objects.get(queue=new).months)
    assert months["2026-06-01"] == pytest.approx(784)
    # As one with another queue it adds up.
    monday = date(2026, 5, 18)
    parts = [newest(one).days.get(day=monday).total for one in (queue, new)]
    assert group.forecast.days.get(day=monday).total == pytest.approx(sum(parts), abs=0.01)


def test_a_holiday_has_half_of_its_weekdays_calls(planner, centre):
    site, _queue = centre
    site.country = "DE"
    site.save()
    new = a_queue(site, "New")
    typed(planner, new)
    making.make_site(site, NOW)
    easter = newest(new).days.get(day=date(2026, 4, 6))
    assert (bool(easter.holiday), easter.total) == (True, pytest.approx(40))


def test_a_share_of_another_queue_takes_its_handle_times_until_they_are_typed(planner, centre):
    site, queue = centre
    new = a_queue(site, "New")
    said = {"which": "forecast", "f-way": "share", "f-analogue": queue.pk, "f-share": "50"}
    url = reverse("queue_plan", args=[new.pk])
    assert planner.post(url, said | {"f-interval_minutes": "30"}).status_code == 302
    making.make_site(site, NOW)
    day = newest(new).days.get(day=MONDAY)
    assert day.total == pytest.approx(BY_WEEKDAY[0] / 2, abs=2)
    assert day.aht_seconds[20] == pytest.approx(100)  # as the other's
    said |= {"f-interval_minutes": "30", "f-handle_seconds": "300"}
    planner.post(url, said)
    making.make_site(site, NOW)
    assert newest(new).days.get(day=MONDAY).aht_seconds[20] == 300


def test_three_weeks_of_its_own_calls_are_suggested_and_the_curve_stays(planner, centre):
    site, _queue = centre
    new = a_queue(site, "New")
    typed(planner, new)
    url = reverse("queue_plan", args=[new.pk])
    first = FIRST + (WEEKS - 3) * 7 * DAY
    with_calls(new, first, 5)
    Forecast.objects.all().delete()
    making.make_site(site, first + 19 * DAY)
    assert newest(new).known_until == (first + 18 * DAY).date()
    assert planner.get(url).context["begun"] is None
    making.make_site(site, NOW + 3 * DAY)
    # The record ends on a Friday, nineteen days on; with the Monday after it there are three weeks.
    with_calls(new, FIRST + WEEKS * 7 * DAY, 1)
    making.make_site(site, NOW + DAY)
    page = planner.get(url)
    assert page.context["begun"] == first.date()
    assert "It has calls of its own since 23 Feb 2026" in page.content.decode()
    assert newest(new).method == "typed"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"way": ""}, "way"),
        ({"way": "guessed"}, "way"),
        ({"day0": "", "day4": "0", "day5": ""}, "day0"),
        ({"day0": "-1"}, "day0"),
        ({"day3": "1e400"}, "day3"),
        ({"day3": "many"}, "day3"),
        ({"course": ""}, "course"),
        ({"course": "08:00 x"}, "course"),
        ({"course": "\0"}, "course"),
        ({"course": "08:00 1\n" * 5000}, "course"),
        ({"handle_seconds": "0"}, "handle_seconds"),
        ({"handle_seconds": "1e9"}, "handle_seconds"),
        ({"way": "share"}, "analogue"),
        ({"way": "share", "analogue": "999999999999999999999"}, "analogue"),
    ],
)
def test_what_cannot_be_planned_by_is_refused_where_it_is(planner, centre, said, field):
    answer = typed(planner, centre[1], **said)
    assert answer.status_code == 200
    assert field in answer.context["forecast_form"].errors
    assert not ForecastPlan.objects.exists()


def test_what_is_refused_elsewhere_shows_the_curve_that_was_read(planner, centre):
    answer = typed(planner, centre[1], handle_seconds="0")
    assert answer.context["typed"].comes == pytest.approx(80 + 96)
    assert "The typed curve" in answer.content.decode()
    assert typed(planner, centre[1], course="08:00 x").context["typed"] is None


def test_of_each_way_only_what_it_asks_is_kept(planner, centre):
    """What stands in the fields of another way may be anything."""
    site, queue = centre
    typed(planner, queue, method="nonsense", analogue="x", share="many")
    plan = ForecastPlan.objects.get()
    assert (plan.is_typed, plan.method, plan.analogue, plan.share) == (True, "", None, 1)
    assert plan.weekday_calls == [100, 0, 0, 0, 120, 50, 0]
    assert plan.course == [[480, 20.0], [540, 40.0], [600, 40.0]]
    page = planner.get(reverse("queue_plan", args=[queue.pk]))
    assert page.context["forecast_form"]["course"].value() == TYPED["f-course"]
    other = a_queue(site)
    typed(planner, queue, way="share", analogue=str(other.pk), share="40", course="08:00 x")
    plan.refresh_from_db()
    assert (plan.is_typed, plan.course, plan.analogue) == (False, [], other)
    typed(planner, queue, way="own", method="naive", day0="-1")
    plan.refresh_from_db()
    assert (plan.is_typed, plan.analogue, plan.method) == (False, None, "naive")


def test_who_typed_what_is_in_the_audit_log(planner, centre):
    typed(planner, centre[1])
    typed(planner, centre[1], day0="90")
    first, second = AuditEntry.objects.filter(model="scheduling.forecastplan").order_by("pk")
    assert (first.action, second.action) == ("created", "changed")
    assert first.after["weekday_calls"] == "[100.0, 0.0, 0.0, 0.0, 120.0, 50.0, 0.0]"
    assert second.before["course"] == second.after["course"] == first.after["course"]
    assert second.after["weekday_calls"].startswith("[90.0")


def test_the_page_has_the_curve_as_a_file_and_asks_a_fixed_number_of_queries(
    planner, centre, django_assert_max_num_queries
):
    site, queue = centre
    typed(planner, queue)
    making.make_site(site, NOW)
    url = reverse("queue_plan", args=[queue.pk])
    lines = b"".join(planner.get(url, {"export": "csv"})).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("from,Monday,Tuesday")
    assert lines[3] == "09:00,20.0,0.0,0.0,0.0,24.0,,"
    for _ in range(2):
        for number in range(3):
            a_queue(site, f"Another {number} of {Queue.objects.count()}")
        with django_assert_max_num_queries(12):
            page = planner.get(url)
    assert page.context["typed"].comes == pytest.approx(176)
