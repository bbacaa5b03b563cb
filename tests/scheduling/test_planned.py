"""What planners say: events, overrides, words on days, plans; who may, and what becomes of it."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from ccm.models import AuditEntry
from scheduling import ledger, making, runs, tasks
from scheduling.models import DayWord, Forecast, KnownEvent, Override, ScoredDay
from tests.builders import a_queue, a_site, a_user
from tests.scheduling.centre import BY_WEEKDAY, FIRST, a_centre, with_calls
from tests.scheduling.test_making import DAY, NOW, WEEKS

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 16)


@pytest.fixture
def centre():
    with time_machine.travel(NOW, tick=False):
        yield a_centre(WEEKS * 7)


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
    planned = {day.day: told for day, told in page.context["days"]}
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


def test_of_two_overrides_of_the_same_hours_the_last_stands_alone(planner, centre):
    """Both say: a fifth more than the forecast. It is a fifth more, and not 1.44 times as many."""
    site, queue = centre
    making.make_site(site, NOW)
    forecast = day_of(queue, MONDAY)
    an_override(planner, queue, factor="1.2")
    an_override(planner, queue, factor="1.2", starts="09:00", ends="12:00")
    page = planner.get(reverse("forecast", args=[queue.pk]))
    [told] = [told for day, told in page.context["days"] if day.day == MONDAY]
    assert told.sum() == pytest.approx(1.2 * forecast.total, abs=0.1)
    an_override(planner, queue, factor="3", starts="11:00", ends="12:00")
    version = ledger.publish(queue, planner.user, "", NOW)
    published, calls = version.days.get(day=MONDAY), np.array(forecast.calls)
    # By half hours of the clock: from 11 to 12 the last, else the one of the whole day.
    times = np.where(np.isin(np.arange(48), (22, 23)), 3.0, 1.2)
    assert published.planned == pytest.approx((calls * times).tolist(), abs=0.01)
    # What is said against a version is of its forecast too, and not of what it was planned by.
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        an_override(planner, queue, factor="0.5", starts="09:00", ends="12:00")
        page = planner.get(reverse("forecast", args=[queue.pk]), {"version": "1"})
    [told] = [told for day, told in page.context["days"] if day.day == MONDAY]
    times = np.where(np.isin(np.arange(48), range(18, 24)), 0.5, 1.2)
    assert told.tolist() == pytest.approx((calls * times).tolist(), abs=0.01)


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
    site.day_begins = begins
    site.save()
    an_override(planner, queue, **earlier)
    an_override(planner, queue, **later)
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
    assert (float(plan.shrinkage), float(plan.occupancy), plan.sure) == (0.3, 0.85, 90)
    assert planner.get(reverse("requirements")).context["told"].aim.shrinkage == plan.shrinkage
    making.make_site(site, NOW)
    assert Forecast.objects.newest().get().method == "naive"
    wrong = planner.post(url, {"which": "staffing", "s-shrinkage": "100", "s-sure": "50"})
    assert wrong.context["staffing_form"].errors["shrinkage"]


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
    for _ in range(2):
        for _ in range(3):
            an_event(planner, queue, factor="2")
            an_override(planner, queue)
        with django_assert_max_num_queries(12):
            planner.get(reverse("known_event_list"))
        with django_assert_max_num_queries(12):
            planner.get(reverse("override_list"))
