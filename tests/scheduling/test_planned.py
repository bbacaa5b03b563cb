"""What planners say: events, overrides, words on days, plans; who may, and what becomes of it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import AuditEntry
from scheduling import tasks
from scheduling.known import runs
from scheduling.made import ledger, making
from scheduling.models import (
    DayWord,
    Forecast,
    ForecastPlan,
    KnownEvent,
    Override,
    ScoredDay,
    StaffingPlan,
)
from scheduling.planned import services
from tests import once
from tests.builders import a_queue, a_site, a_user
from tests.scheduling.centre import BY_WEEKDAY, FIRST, a_centre, with_calls
from tests.scheduling.test_making import DAY, NOW, WEEKS

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 16)


ten_weeks = once.fixture(lambda: a_centre(WEEKS * 7))


@pytest.fixture
def centre(ten_weeks):
    with time_machine.travel(NOW, tick=False):
        yield ten_weeks


@pytest.fixture
def planner(client, centre):
    user = a_user("planner", centre[0])
    client.force_login(user)
    client.user = user
    return client


def an_override(planner, queue, /, **said):
    form = {
        "site": queue.site_id,
        "queue": queue.pk,
        "first": "2026-03-16",
        "last": "2026-03-16",
        "factor": "2",
        "reason": "a mailing goes out",
    }
    return planner.post(reverse("override_new"), form | said)


def an_event(planner, queue, /, **said):
    form = {
        "site": queue.site_id,
        "queues": [queue.pk],
        "kind": "Mailing",
        "first": "2026-03-17",
        "last": "2026-03-17",
    }
    return planner.post(reverse("known_event_new"), form | said)


def day_of(queue, day):
    return Forecast.objects.newest().get(queue=queue).days.get(day=day)


def test_an_override_lies_over_the_forecast_and_never_in_it(planner, centre):
    site, queue = centre
    making.make_site(site, NOW)
    before = day_of(queue, MONDAY).total
    assert an_override(planner, queue).status_code == 302
    making.make_site(site, NOW)
    assert day_of(queue, MONDAY).total == pytest.approx(before)
    page = planner.get(reverse("forecast", args=[queue.pk]))
    planned = {one.day: one.planned for one in page.context["days"]}
    assert planned[MONDAY].sum() == pytest.approx(2 * before, abs=0.1)
    assert planned[MONDAY + timedelta(days=1)] is None
    assert "a mailing goes out" in page.content.decode()


def test_published_it_keeps_what_planners_said_then(planner, centre):
    site, queue = centre
    making.make_site(site, NOW)
    an_override(planner, queue)
    version = ledger.publish(queue, planner.user, "", NOW)
    one = Override.objects.get()
    planner.post(reverse("override_remove", args=[one.pk]))
    assert not Override.objects.exists()
    day = version.days.get(day=MONDAY)
    assert sum(day.planned) == pytest.approx(2 * day.total, abs=0.1)
    page = planner.get(reverse("forecast", args=[queue.pk]), {"version": "1"})
    assert page.context["is_planned"]


def version_page(planner, queue):
    page = planner.get(reverse("forecast", args=[queue.pk]), {"version": "1"})
    return {one.day: one.planned for one in page.context["days"]}, page.context["differs"]


def test_a_version_shows_what_was_planned_when_it_was_published_and_says_what_differs(
    planner, centre
):
    """Published with twice as many on Monday. Nothing that is said after it moves it."""
    site, queue = centre
    making.make_site(site, NOW)
    an_override(planner, queue)
    version = ledger.publish(queue, planner.user, "", NOW)
    making.make_site(site, NOW)
    twice = 2 * version.days.get(day=MONDAY).total
    planned, differs = version_page(planner, queue)
    assert planned[MONDAY].sum() == pytest.approx(twice, abs=0.1)
    assert differs == ""
    an_override(planner, queue, first="2026-03-17", last="2026-03-17", factor="5")
    planner.post(reverse("override_remove", args=[Override.objects.first().pk]))
    planned, differs = version_page(planner, queue)
    assert planned[MONDAY].sum() == pytest.approx(twice, abs=0.1)
    assert planned[MONDAY + timedelta(days=1)] is None
    assert "Mon 16 Mar was taken back" in differs
    assert "Tue 17 Mar was added" in differs
    # The newest goes by what is said now.
    page = planner.get(reverse("forecast", args=[queue.pk]))
    now = {one.day: one.planned for one in page.context["days"]}
    assert (now[MONDAY], page.context["differs"]) == (None, "")
    tuesday = day_of(queue, MONDAY + timedelta(days=1)).total
    assert now[MONDAY + timedelta(days=1)].sum() == pytest.approx(5 * tuesday, abs=0.1)
    file = planner.get(reverse("forecast", args=[queue.pk]), {"version": "1", "export": "csv"})
    rows = [row.split(",") for row in b"".join(file.streaming_content).decode().splitlines()[1:]]
    monday = sum(float(row[3]) for row in rows if row[0] == "2026-03-16")
    assert monday == pytest.approx(twice, abs=0.1)
    assert {row[3] for row in rows if row[0] == "2026-03-17"} == {""}


def test_a_version_that_stands_in_for_the_newest_goes_by_what_is_said_now(planner, centre):
    site, queue = centre
    making.make_site(site, NOW)
    ledger.publish(queue, planner.user, "", NOW)
    an_override(planner, queue, factor="3")
    page = planner.get(reverse("forecast", args=[queue.pk]))
    told = {one.day: one.planned for one in page.context["days"]}
    monday = page.context["told"].days.get(day=MONDAY).total
    assert told[MONDAY].sum() == pytest.approx(3 * monday, abs=0.1)
    assert "stands in for the newest" in page.content.decode()
    [line] = planner.get(reverse("forecasts")).context["lines"]
    assert line.planned == pytest.approx(line.week.calls + 2 * monday, abs=0.1)


def test_of_two_overrides_of_the_same_hours_the_last_stands_alone(planner, centre):
    """Both say: a fifth more than the forecast. It is a fifth more, and not 1.44 times as many."""
    site, queue = centre
    making.make_site(site, NOW)
    forecast = day_of(queue, MONDAY)
    an_override(planner, queue, factor="1.2")
    an_override(planner, queue, factor="1.2", starts="09:00", ends="12:00")
    page = planner.get(reverse("forecast", args=[queue.pk]))
    [told] = [one.planned for one in page.context["days"] if one.day == MONDAY]
    assert told.sum() == pytest.approx(1.2 * forecast.total, abs=0.1)
    an_override(planner, queue, factor="3", starts="11:00", ends="12:00")
    version = ledger.publish(queue, planner.user, "", NOW)
    published, calls = version.days.get(day=MONDAY), np.array(forecast.calls)
    # By half hours of the clock: from 11 to 12 the last, else the one of the whole day.
    times = np.where(np.isin(np.arange(48), (22, 23)), 3.0, 1.2)
    assert published.planned == pytest.approx((calls * times).tolist(), abs=0.01)
    # What is said after that is of the forecast too, and not of what was published.
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        an_override(planner, queue, factor="0.5", starts="09:00", ends="12:00")
        page = planner.get(reverse("forecast", args=[queue.pk]))
    [told] = [one.planned for one in page.context["days"] if one.day == MONDAY]
    times = np.where(np.isin(np.arange(48), range(18, 24)), 0.5, 1.2)
    assert told.tolist() == pytest.approx((calls * times).tolist(), abs=0.01)
    # The list beside it marks what a later one stands over.
    assert [one.is_overruled for one in page.context["overrides"]] == [True, True, True, False]
    assert page.content.decode().count("overruled, at least in part") == 3


@pytest.mark.parametrize(
    ("begins", "earlier", "later", "is_overruled"),
    [
        (0, {}, {}, True),
        (0, {}, {"starts": "09:00", "ends": "10:00"}, True),
        (0, {"starts": "09:00", "ends": "10:00"}, {"starts": "10:00", "ends": "11:00"}, False),
        (0, {"starts": "22:00", "ends": "00:00"}, {"starts": "23:00", "ends": "23:30"}, True),
        (6, {"starts": "22:00", "ends": "02:00"}, {"starts": "01:00", "ends": "06:00"}, True),
        (6, {"starts": "22:00", "ends": "02:00"}, {"starts": "02:00", "ends": "06:00"}, False),
        (0, {"last": "2026-03-18"}, {"first": "2026-03-18", "last": "2026-03-18"}, True),
        (0, {}, {"first": "2026-03-17", "last": "2026-03-17"}, False),
    ],
)
def test_the_list_says_of_an_override_that_a_later_one_stands(
    planner, centre, begins, earlier, later, is_overruled
):
    site, queue = centre
    site.day_begins, site.opening = begins, {}
    site.save()
    with time_machine.travel(NOW - DAY, tick=False):
        an_override(planner, queue, **earlier)
        an_override(planner, queue, **{"factor": "3"} | later)
        an_override(planner, a_queue(site), **earlier)
    said = Override.objects.with_later().order_by("pk")
    assert [one.is_overruled for one in said] == [is_overruled, False, False]
    page = planner.get(reverse("override_list")).content.decode()
    assert ("overruled, at least in part" in page) == is_overruled


def test_what_was_removed_in_another_tab_says_so(planner, centre, client):
    _site, queue = centre
    an_event(planner, queue, factor="2")
    event = KnownEvent.objects.get()
    url = reverse("known_event_remove", args=[event.pk])
    assert planner.post(url).status_code == 302
    for again in (planner.post(url), planner.get(reverse("known_event_edit", args=[event.pk]))):
        assert again.status_code == 404
        assert "Somebody removed this" in again.content.decode()
    client.force_login(a_user("planner", a_site()))
    foreign = client.post(url)
    assert foreign.status_code == 404
    assert "Somebody removed this" not in foreign.content.decode()


def test_what_goes_into_forecasts_has_them_made_anew(planner, centre):
    site, queue = centre
    soon = NOW + timedelta(minutes=10)
    tasks.forecast_due()
    assert runs.due(soon) == []
    an_override(planner, queue)  # it lies over a forecast
    assert runs.due(soon) == []
    an_event(planner, queue, factor="2")
    assert runs.due(soon) == [site.pk]
    with time_machine.travel(soon, tick=False):
        tasks.forecast_due()
        assert Forecast.objects.newest().get(queue=queue).made_at == soon
        assert runs.due(soon) == []
        planner.post(reverse("known_event_remove", args=[KnownEvent.objects.get().pk]))
    assert runs.due(soon) == [site.pk]


def test_the_ledger_says_whether_the_human_helped(planner, centre):
    site, queue = centre
    making.make_site(site, NOW)
    an_override(planner, queue, last="2026-03-20", factor="1.5")
    ledger.publish(queue, planner.user, "", NOW)
    with_calls(queue, FIRST + WEEKS * 7 * DAY, 5, times=1.5)
    ledger.score_site(site, NOW + 5 * DAY)
    assert ScoredDay.objects.filter(planned_error__isnull=False).count() == 5
    whole = planner.get(reverse("forecast", args=[queue.pk])).context["ledger"].whole
    assert whole.overridden_days == 5
    # A third of what came was not foreseen by the forecast, and all of it by the planner.
    assert whole.model_wape == pytest.approx(1 / 3, abs=0.08)
    assert whole.overridden_wape < 0.2
    assert whole.helped is True


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"factor": "", "calls": ""}, "factor"),
        ({"factor": "2", "calls": "3"}, "factor"),
        ({"factor": "-1"}, "factor"),
        ({"factor": "1e400"}, "factor"),
        ({"first": "2026-03-17"}, "last"),
        ({"first": "soon"}, "first"),
        ({"last": "2029-03-17"}, "last"),
        ({"reason": ""}, "reason"),
        ({"starts": "09:00"}, "ends"),
        ({"starts": "09:00", "ends": "09:00"}, "ends"),
        ({"queue": "x"}, "queue"),
        ({"queue": "999999999999999999999"}, "queue"),
    ],
)
def test_what_no_override_can_say_is_refused_where_it_is(planner, centre, said, field):
    answer = an_override(planner, centre[1], **said)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Override.objects.exists()


def test_an_event_changes_what_is_forecast_of_its_days(planner, centre):
    site, queue = centre
    making.make_site(site, NOW)
    before = day_of(queue, date(2026, 3, 17)).total
    assert an_event(planner, queue, calls="50", keeps="50").status_code == 302
    making.make_site(site, NOW)
    assert day_of(queue, date(2026, 3, 17)).total == pytest.approx(before + 50, abs=0.5)
    # Half of the fifty ring a day later.
    assert day_of(queue, date(2026, 3, 18)).total == pytest.approx(BY_WEEKDAY[2] + 25, abs=3)


def test_an_event_of_which_nothing_is_told_does_what_those_of_its_kind_did(planner, centre):
    site, queue = centre
    # On a Tuesday three weeks ago came three times as many as on others.
    with_calls(queue, datetime(2026, 2, 24, tzinfo=FIRST.tzinfo), 1, times=2.0)
    an_event(planner, queue, first="2026-02-24", last="2026-02-24")
    an_event(planner, queue)
    making.make_site(site, NOW)
    usual = BY_WEEKDAY[1]
    # Learned of one day, held at nothing by two: (90 + 2 x 30) / (30 + 2 x 30).
    assert day_of(queue, date(2026, 3, 17)).total == pytest.approx(usual * 150 / 90, abs=4)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"calls": "5", "factor": "2"}, "factor"),
        ({"keeps": "50"}, "keeps"),
        ({"keeps": "101", "calls": "5"}, "keeps"),
        ({"queues": []}, "queues"),
        ({"kind": " "}, "kind"),
    ],
)
def test_what_no_event_can_be_is_refused(planner, centre, said, field):
    answer = an_event(planner, centre[1], **said)
    assert field in answer.context["form"].errors
    assert not KnownEvent.objects.exists()


def test_queues_of_another_site_are_out_of_reach(planner, centre):
    foreign = a_queue(a_site())
    assert "queues" in an_event(planner, centre[1], queues=[foreign.pk]).context["form"].errors
    assert planner.get(reverse("queue_plan", args=[foreign.pk])).status_code == 404
    assert planner.get(reverse("queue_plan", args=[10**20])).status_code == 404


def test_a_day_that_is_kept_out_teaches_nothing(planner, centre):
    site, queue = centre
    said = {"day": "2026-03-10", "word": "leave_out", "reason": "the line was down"}
    assert planner.post(reverse("forecast_day", args=[queue.pk]), said).status_code == 302
    word = DayWord.objects.get()
    assert (word.is_kept, word.reason, word.said_by) == (False, said["reason"], planner.user)
    making.make_site(site, NOW)
    page = planner.get(reverse("forecast", args=[queue.pk]))
    [kept_out] = [one for one in page.context["kept_out"] if one.word]
    assert (kept_out.day, kept_out.is_kept) == (date(2026, 3, 10), False)
    planner.post(reverse("forecast_day", args=[queue.pk]), {"day": "2026-03-10", "word": "as_any"})
    assert not DayWord.objects.exists()
    actions = AuditEntry.objects.filter(model="scheduling.dayword").order_by("pk")
    assert [one.action for one in actions] == ["created", "removed"]


@pytest.mark.parametrize("said", [{"day": ""}, {"day": "2026-13-01"}, {"word": "x"}, {}])
def test_a_word_that_says_nothing_changes_nothing(planner, centre, said):
    answer = planner.post(reverse("forecast_day", args=[centre[1].pk]), said)
    assert answer.status_code in (302, 404)
    assert not DayWord.objects.exists()


def test_a_plan_is_kept_and_what_is_reckoned_goes_by_it(planner, centre):
    site, queue = centre
    making.make_site(site, NOW)
    url = reverse("queue_plan", args=[queue.pk])
    said = {"which": "staffing", "s-shrinkage": "30", "s-occupancy": "85", "s-sure": "90"}
    assert planner.post(url, said).status_code == 302
    said = {"which": "forecast", "f-way": "own", "f-interval_minutes": "60", "f-method": "naive"}
    assert planner.post(url, said).status_code == 302
    queue.refresh_from_db()
    plan = queue.staffing_plan
    assert (float(plan.shrinkage.share), float(plan.occupancy), plan.sure) == (0.3, 0.85, 90)
    assert float(planner.get(reverse("requirements")).context["told"].aim.shrinkage) == 0.3
    making.make_site(site, NOW)
    assert Forecast.objects.newest().get().method == "naive"
    wrong = planner.post(url, {"which": "staffing", "s-shrinkage": "100", "s-sure": "50"})
    assert wrong.context["staffing_form"].errors["shrinkage"]


def test_kinds_of_shrinkage_and_all_that_is_asked_are_told_where_people_are_reckoned(
    planner, centre
):
    site, queue = centre
    making.make_site(site, NOW)
    url = reverse("queue_plan", args=[queue.pk])
    said = {
        "which": "staffing", "s-shrinkage": "leave 12 + sickness 5,5", "s-together": "rest",
        "s-asa_seconds": "15", "s-abandonment": "3", "s-sure": "50", "s-slots": "2",
        "s-stretch": "25",
    }  # fmt: skip
    assert planner.post(url, said).status_code == 302
    page = planner.get(reverse("requirements"))
    aim = page.context["told"].aim
    # 1 - 0.88 x 0.945
    assert aim.shrinkage == Decimal("0.1684")
    assert (aim.asa_seconds, aim.abandonment, aim.slots, aim.pace) == (15, 0.03, 2, 1.25)
    words = page.content.decode()
    assert "1 − (1 − leave 12 %) × (1 − sickness 5.5 %)" in words
    assert "mean wait at most 0:15 (W1)" in words
    assert "2 contacts at once" in words
    form = planner.get(url).context["staffing_form"]
    told = {name: form[name].value() for name in ("shrinkage", "together", "slots", "stretch")}
    assert told == {
        "shrinkage": "leave 12 + sickness 5.5", "together": "rest", "slots": 2, "stretch": "25.00"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("leave", "is no kind"), ("a 1,234", "is no kind"),
        ("a 60 + b 40", "hardly any time"), ("1\n" * 13, "No more than 12"),
        ("x" * 41 + " 3", "too long"), ("a\0 3", "Null"),
    ],
)  # fmt: skip
def test_what_is_no_shrinkage_is_refused_and_kept_in_the_form(planner, centre, said, words):
    _site, queue = centre
    url = reverse("queue_plan", args=[queue.pk])
    page = planner.post(url, {"which": "staffing", "s-shrinkage": said, "s-sure": "50"})
    assert page.status_code == 200
    assert words in str(page.context["staffing_form"].errors["shrinkage"])
    assert not StaffingPlan.objects.exists()


def test_who_reads_figures_sees_what_planners_say_and_changes_nothing(client, centre, planner):
    site, queue = centre
    making.make_site(site, NOW)
    an_override(planner, queue)
    one = Override.objects.get()
    client.force_login(a_user("qa_analyst", site))
    page = client.get(reverse("override_list"))
    assert "a mailing goes out" in page.content.decode()
    assert "new_url" not in page.context
    for url in (
        reverse("override_edit", args=[one.pk]),
        reverse("override_new"),
        reverse("queue_plan", args=[queue.pk]),
    ):
        assert client.get(url).status_code == 404
    said = {"day": "2026-03-10", "word": "keep"}
    assert client.post(reverse("forecast_day", args=[queue.pk]), said).status_code == 404


def test_what_is_changed_is_in_the_audit_log_in_words(planner, centre, client):
    _site, queue = centre
    an_event(planner, queue, factor="2")
    event = KnownEvent.objects.get()
    form = {"kind": "Mailing", "queues": [queue.pk], "first": "2026-03-17", "last": "2026-03-18"}
    planner.post(reverse("known_event_edit", args=[event.pk]), form | {"factor": "3"})
    first, second = AuditEntry.objects.filter(model="scheduling.knownevent").order_by("pk")
    assert (first.after["factor"], second.after["factor"]) == ("2.0", "3.0")
    assert second.after["queues"] == [queue.pk]
    client.force_login(a_user("admin"))
    text = client.get(reverse("audit")).content.decode()
    assert "Mailing" in text


def test_a_kind_is_spelled_as_other_events_spell_it_and_its_own_can_be_mended(planner, centre):
    _site, queue = centre
    an_event(planner, queue, kind="maling", factor="2")
    one = KnownEvent.objects.get()
    form = {"queues": [queue.pk], "first": "2026-03-17", "last": "2026-03-17", "factor": "2"}
    planner.post(reverse("known_event_edit", args=[one.pk]), form | {"kind": "Maling"})
    assert KnownEvent.objects.get().kind == "Maling"
    an_event(planner, queue, kind="MALING", factor="2")
    assert {row.kind for row in KnownEvent.objects.all()} == {"Maling"}


def test_lists_ask_a_fixed_number_of_queries(planner, centre, django_assert_max_num_queries):
    _site, queue = centre
    for turn in range(2):
        for number in range(3):
            an_event(planner, queue, factor="2", note=f"{turn}, {number}")
            an_override(planner, queue, reason=f"{turn}, {number}")
        with django_assert_max_num_queries(12):
            planner.get(reverse("known_event_list"))
        with django_assert_max_num_queries(12):
            planner.get(reverse("override_list"))


@pytest.mark.parametrize(
    ("hour", "said", "field"),
    [
        # At eight on Monday, before it opens at nine.
        (8, {"first": "2026-03-13"}, "first"),
        (8, {"first": "2026-03-15", "last": "2026-03-15"}, "first"),
        (8, {}, None),
        (8, {"starts": "09:00", "ends": "10:00"}, None),
        # At half past ten six quarter hours are over.
        (10.5, {}, "starts"),
        (10.5, {"starts": "09:00", "ends": "12:00"}, "starts"),
        (10.5, {"starts": "10:15", "ends": "12:00"}, "starts"),
        (10.5, {"starts": "10:30", "ends": "12:00"}, None),
        (10.5, {"first": "2026-03-17", "last": "2026-03-17"}, None),
        # Just now the day is over, or all of its open hours.
        (18, {}, "starts"),
        (24, {}, "first"),
    ],
)
def test_of_hours_that_are_over_nothing_is_said(planner, centre, hour, said, field):
    _site, queue = centre
    with time_machine.travel(NOW + timedelta(hours=hour - 8), tick=False):
        answer = an_override(planner, queue, **said)
    assert answer.status_code == (302 if field is None else 200)
    assert Override.objects.exists() == (field is None)
    if field:
        [words] = answer.context["form"].errors[field]
        assert "over" in words


def test_today_is_that_of_the_site(planner, centre):
    """At 23:30 UTC on Monday it is Tuesday in Prague."""
    site, queue = centre
    site.zone, site.opening = "Europe/Prague", {}
    site.save()
    with time_machine.travel(NOW + timedelta(hours=15.5), tick=False):
        assert "first" in an_override(planner, queue).context["form"].errors
        tomorrow = {"first": "2026-03-17", "last": "2026-03-17"}
        later = an_override(planner, queue, **tomorrow, starts="00:30", ends="02:00")
        assert later.status_code == 302
        over = an_override(planner, queue, **tomorrow, starts="00:00", ends="02:00")
        assert "00:00–00:30" in over.context["form"].errors["starts"][0]


def test_of_one_that_has_begun_the_end_alone_can_change(planner, centre):
    _site, queue = centre
    an_override(planner, queue, last="2026-03-20")
    url = reverse("override_edit", args=[Override.objects.get().pk])
    said = {
        "queue": queue.pk, "first": "2026-03-16", "last": "2026-03-20", "factor": "2",
        "reason": "a mailing goes out",
    }  # fmt: skip
    with time_machine.travel(NOW + 2 * DAY, tick=False):  # Wednesday
        assert planner.post(url, said | {"factor": "3"}).status_code == 200
        assert planner.post(url, said | {"first": "2026-03-18"}).status_code == 200
        assert "last" in planner.post(url, said | {"last": "2026-03-16"}).context["form"].errors
        assert Override.objects.get().last == date(2026, 3, 20)
        assert planner.post(url, said | {"last": "2026-03-17"}).status_code == 302
    assert Override.objects.get().last == date(2026, 3, 17)
    with time_machine.travel(NOW + 4 * DAY, tick=False):
        # Over since Tuesday, it does not come to be of Wednesday.
        assert "last" in planner.post(url, said).context["form"].errors


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        (
            {"starts": "18:00", "ends": "20:00"},
            "starts",
            "Monday 18:00–20:00. It is open: Monday 09:00–17:00",
        ),
        ({"first": "2026-03-21", "last": "2026-03-22"}, "first", "Saturday, Sunday all day"),
        (
            {"first": "2026-03-20", "last": "2026-03-21", "starts": "06:00", "ends": "07:30"},
            "starts",
            "Friday 06:00–07:30; Saturday all day",
        ),
    ],
)
def test_of_hours_when_its_queue_is_closed_nothing_is_said(planner, centre, said, field, words):
    answer = an_override(planner, centre[1], **said)
    assert words in answer.context["form"].errors[field][0]
    assert not Override.objects.exists()


def test_what_is_closed_in_part_lies_over_the_open_hours_and_says_so(planner, centre):
    """Of eight to ten the queue is open from nine: four half hours, of which two have calls."""
    site, queue = centre
    making.make_site(site, NOW)
    tuesday = date(2026, 3, 17)
    said = {"first": str(tuesday), "last": str(tuesday), "factor": "", "calls": "30"}
    url, form = reverse("override_new"), {"site": site.pk, "queue": queue.pk, "reason": "why"}
    page = planner.post(url, form | said | {"starts": "08:00", "ends": "10:00"}, follow=True)
    assert "No calls lie where the queue is closed: Tuesday 08:00–09:00" in page.content.decode()
    day = planner.get(reverse("forecast", args=[queue.pk]), {"day": str(tuesday)})
    intervals = {one["clock"]: one for one in day.context["intervals"]}
    assert "08:30" not in intervals
    assert intervals["09:00"]["planned"] + intervals["09:30"]["planned"] == pytest.approx(30)
    assert intervals["10:00"]["planned"] == pytest.approx(intervals["10:00"]["calls"])


def test_of_whole_days_it_is_told_which_are_closed(planner, centre):
    _site, queue = centre
    form = {"site": queue.site_id, "queue": queue.pk, "factor": "2", "reason": "why"}
    days = {"first": "2026-03-20", "last": "2026-03-23"}
    page = planner.post(reverse("override_new"), form | days, follow=True)
    words = "No calls lie where the queue is closed: Saturday, Sunday all day"
    assert words in page.content.decode()
    assert Override.objects.count() == 1


def test_a_form_that_is_sent_twice_is_kept_once(planner, centre, client):
    site, queue = centre
    for _ in range(2):
        assert an_override(planner, queue).status_code == 302
        assert an_event(planner, queue, factor="2").status_code == 302
    assert (Override.objects.count(), KnownEvent.objects.count()) == (1, 1)
    page = planner.get(reverse("override_list")).content.decode()
    assert "You have said the same already" in page
    assert AuditEntry.objects.filter(action="created", model__startswith="scheduling").count() == 2
    # Another reason, another queue and another person are another thing.
    an_override(planner, queue, reason="a launch")
    an_event(planner, queue, queues=[queue.pk, a_queue(site).pk], factor="2")
    client.force_login(a_user("planner", site))
    an_event(planner, queue, factor="2")
    assert (Override.objects.count(), KnownEvent.objects.count()) == (2, 3)


def test_what_another_stands_over_can_be_said_again(planner, centre):
    _site, queue = centre
    for factor in ("2", "3", "2"):
        an_override(planner, queue, factor=factor)
    assert [one.factor for one in Override.objects.order_by("pk")] == [2, 3, 2]


def a_share(planner, queue, analogue):
    said = {"which": "forecast", "f-way": "share", "f-interval_minutes": "30", "f-share": "50"}
    said |= {"f-analogue": analogue.pk}
    return planner.post(reverse("queue_plan", args=[queue.pk]), said)


def test_no_queue_comes_to_be_a_share_of_itself(planner, centre):
    site, first = centre
    first.name = "First"
    first.save()
    second, third = a_queue(site, "Second"), a_queue(site, "Third")
    assert a_share(planner, second, first).status_code == 302
    assert a_share(planner, third, second).status_code == 302
    short, long = a_share(planner, first, second), a_share(planner, first, third)
    [words] = short.context["forecast_form"].errors["analogue"]
    assert "First → Second → First" in words
    [words] = long.context["forecast_form"].errors["analogue"]
    assert "First → Third → Second → First" in words
    assert not ForecastPlan.objects.filter(queue=first).exists()
    # Two that are shares of one are none, nor is one that is changed to another.
    assert a_share(planner, third, first).status_code == 302
    assert a_share(planner, second, third).status_code == 302


def test_the_service_refuses_a_circle_that_no_form_saw(planner, centre):
    site, first = centre
    second = a_queue(site, "Second")
    services.keep_plan(ForecastPlan(queue=second, analogue=first), planner.user, NOW)
    with pytest.raises(ValidationError, match="share of itself"):
        services.keep_plan(ForecastPlan(queue=first, analogue=second), planner.user, NOW)
    assert ForecastPlan.objects.get().queue == second


def test_a_merge_closes_no_circle(centre):
    """Third is a share of the queue that is merged into First, and First a share of Third."""
    site, first = centre
    loser, third = a_queue(site, "Loser"), a_queue(site, "Third")
    other = a_queue(site, "Other")
    ForecastPlan.objects.create(queue=first, analogue=third)
    for one in (third, other):
        ForecastPlan.objects.create(queue=one, analogue=loser)
    services.follow_merged(sender=type(first), loser=loser.pk, keeper=first.pk)
    share_of = dict(ForecastPlan.objects.values_list("queue", "analogue"))
    assert share_of == {first.pk: third.pk, third.pk: None, other.pk: first.pk}


def test_two_events_that_multiply_on_a_day_say_so(planner, centre):
    """Twice as many by one and three times by the other are six times as many; with five more."""
    site, queue = centre
    making.make_site(site, NOW)
    before = day_of(queue, date(2026, 3, 17)).total
    an_event(planner, queue, factor="2")
    words = "another event multiplies, too"
    an_event(planner, queue, kind="Launch", factor="3", first="2026-03-18", last="2026-03-18")
    an_event(planner, a_queue(site), factor="3")
    an_event(planner, queue, kind="Campaign", calls="5")
    assert words not in planner.get(reverse("known_event_list")).content.decode()
    an_event(planner, queue, kind="Launch", factor="3")
    page = planner.get(reverse("known_event_list")).content.decode()
    assert page.count(words) == 2
    making.make_site(site, NOW)
    told = day_of(queue, date(2026, 3, 17)).total
    assert told == pytest.approx(6 * before + 5, abs=0.5)
