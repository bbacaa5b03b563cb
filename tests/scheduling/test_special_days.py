"""A site's own calendar: what is said of a day, and what forecasts and staffing make of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from ccm import special_days
from ccm.models import AuditEntry, Site
from ccm.special_days import SpecialDay
from kpis import usual
from scheduling.known import past
from scheduling.made import making
from scheduling.models import Forecast
from scheduling.planned import own_calendar
from tests import once
from tests.builders import a_site, a_user
from tests.scheduling.centre import BY_WEEKDAY, FIRST, a_centre, with_calls
from tests.scheduling.test_making import NOW, WEEKS

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 3, 18)


def says(site, day, kind, name="Founders' day", *, yearly=False):
    own_calendar.say(site, SpecialDay(day, name, kind, yearly), a_user("planner", site), NOW)


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre[0]))
    with time_machine.travel(NOW, tick=False):
        yield client


centre = once.fixture(lambda: a_centre(WEEKS * 7))


def days_of(site):
    making.make_site(site, NOW)
    return {one.day: one for one in Forecast.objects.newest().get().days.all()}


def test_holidays_of_a_region_are_those_of_its_own_calendar():
    site = a_site()
    ascension, epiphany = date(2026, 5, 14), date(2026, 1, 6)
    told = {}
    for region in ("BE", "BY"):
        site.country, site.region = "DE", region
        told[region] = [bool(usual.holiday(site, day)) for day in (ascension, epiphany)]
    # Epiphany is kept in Bavaria, not in Berlin; Ascension in both.
    assert told == {"BE": [True, False], "BY": [True, True]}


def test_an_own_holiday_has_an_eve_a_day_after_and_a_bridge(centre):
    site, _queue = centre
    thursday = date(2026, 3, 19)
    says(site, thursday, "holiday")
    week = past.calendar_days(site, date(2026, 3, 16), date(2026, 3, 23))
    assert [one.holiday for one in week][3] == "Founders' day"
    assert [one.date.day for one in week if one.before] == [18]
    # Friday lies between it and the weekend.
    assert [one.date.day for one in week if one.bridge] == [20]
    assert [one.date.day for one in week if one.after] == [20]


def test_on_a_closed_day_nothing_is_expected_and_nobody_is_needed(centre, planner):
    site, queue = centre
    says(site, WEDNESDAY, "closed")
    found = days_of(site)
    assert (found[WEDNESDAY].total, max(found[WEDNESDAY].open)) == (0, 0)
    assert found[WEDNESDAY].holiday == "Founders' day"
    # A week later it is as ever.
    assert found[WEDNESDAY + timedelta(days=7)].total == pytest.approx(BY_WEEKDAY[2], abs=2)
    shown = planner.get(reverse("requirements")).context["shown"]
    assert shown.hours[2] == 0 < shown.hours[0]
    said = {"site": site.pk, "queue": queue.pk, "first": WEDNESDAY, "last": WEDNESDAY,
            "calls": "9", "reason": "why"}  # fmt: skip
    page = planner.post(reverse("override_new"), said)
    assert "is closed then" in str(page.context["form"].errors["first"])


def test_a_closed_day_of_the_past_moves_no_level(centre):
    """The tenth Monday had no calls: a site that says why expects as many as ever."""
    site, queue = a_centre(63)
    monday = FIRST + timedelta(days=63)
    with_calls(queue, monday + timedelta(days=1), 6)
    says(site, monday.date(), "closed")
    found = days_of(site)
    assert found[date(2026, 3, 16)].total == pytest.approx(BY_WEEKDAY[0], abs=1)


def test_a_closed_last_day_is_known_like_any_closed_day(centre):
    site, _queue = centre
    newest = datetime(2026, 3, 17, 16, 45, tzinfo=UTC)
    now = datetime(2026, 3, 19, 8, tzinfo=UTC)
    assert past.last_known(site, newest, now) == date(2026, 3, 17)
    says(site, WEDNESDAY, "closed")
    assert past.last_known(site, newest, now) == WEDNESDAY
    assert not site.is_open(datetime(2026, 3, 18, 12, tzinfo=UTC))
    assert site.is_open(datetime(2026, 3, 19, 12, tzinfo=UTC))


def test_a_holiday_on_which_the_site_works_is_a_day_as_any(centre):
    site, _queue = centre
    site.country, site.region = "GB", "ENG"
    site.save()
    good_friday = date(2026, 4, 3)
    assert usual.holiday(site, good_friday) == "Good Friday"
    says(site, good_friday, "plain", "We work")
    assert usual.holiday(site, good_friday) == ""
    [found] = past.calendar_days(site, good_friday, good_friday)
    assert not found.holiday
    assert own_calendar.coming(site, good_friday, good_friday)[0].national == "Good Friday"


def test_each_year_is_from_its_first_year_on_and_the_day_itself_goes_first():
    rows = [
        SpecialDay(date(2024, 12, 24), "Eve", "closed", yearly=True).row,
        SpecialDay(date(2026, 12, 24), "Eve, open", "holiday").row,
    ]
    told = [special_days.on(rows, date(year, 12, 24)) for year in (2023, 2024, 2025, 2026, 2027)]
    assert [one and one.kind for one in told] == [None, "closed", "closed", "holiday", "closed"]
    days = [date(2025, 12, 24), date(2026, 12, 24), date(2026, 12, 25)]
    assert special_days.closed(rows, days) == {days[0]}


def test_a_day_is_said_on_the_page_told_in_the_audit_log_and_taken_back(planner, centre):
    site, _queue = centre
    said = {"day": "2026-03-18", "name": "Works outing", "kind": "closed"}
    for _twice in range(2):
        answer = planner.post(reverse("special_days") + f"?site={site.slug}", said)
        assert answer.status_code == 302
    page = planner.get(reverse("special_days"))
    assert [one.name for one in page.context["coming"]] == ["Works outing"]
    [entry] = AuditEntry.objects.filter(model="ccm.site")
    assert "Works outing" in str(entry.after)
    file = planner.get(reverse("special_days"), {"export": "csv"})
    assert b"2026-03-18,Works outing" in b"".join(file.streaming_content)
    for _twice in range(2):
        gone = planner.post(reverse("special_day_remove"), {"site": site.slug, "day": "2026-03-18"})
        assert gone.status_code == 302
    assert Site.objects.get().special_days == []
    assert AuditEntry.objects.filter(model="ccm.site").count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"day": "soon"}, "day"), ({"day": "0001-01-01"}, "day"), ({"day": "9999-12-31"}, "day"),
        ({"name": ""}, "name"), ({"name": "\u200b"}, "name"),
        ({"name": "x" * 61}, "name"), ({"kind": "holy"}, "kind"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_at_its_field(planner, more, field):
    said = {"day": "2026-03-18", "name": "Works outing", "kind": "closed"} | more
    page = planner.post(reverse("special_days"), said)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert Site.objects.get().special_days == []


def test_a_full_calendar_takes_no_more_and_says_so(planner, centre, monkeypatch):
    monkeypatch.setattr(special_days, "MOST", 1)
    site, _queue = centre
    says(site, WEDNESDAY, "closed")
    said = {"day": "2026-03-19", "name": "Works outing", "kind": "closed"}
    page = planner.post(reverse("special_days"), said)
    assert "holds 1 days" in str(page.context["form"].non_field_errors())


def test_who_only_reads_sees_the_calendar_and_says_nothing(client, centre):
    site, _queue = centre
    says(site, WEDNESDAY, "closed")
    client.force_login(a_user("qa_analyst", site))
    with time_machine.travel(NOW, tick=False):
        page = client.get(reverse("special_days"))
        assert page.context["form"] is None
        assert len(page.context["coming"]) == 1
        said = {"day": "2026-03-19", "name": "Mine", "kind": "closed"}
        assert client.post(reverse("special_days"), said).status_code == 404
        gone = client.post(reverse("special_day_remove"), {"site": site.slug, "day": WEDNESDAY})
        assert gone.status_code == 404


@pytest.mark.parametrize("asked", [{"site": "none", "day": "2026-03-18"}, {"day": "2026-03-18"}])
def test_of_no_site_nothing_is_removed(planner, asked):
    assert planner.post(reverse("special_day_remove"), asked).status_code == 404


def test_the_page_asks_the_same_of_one_day_as_of_many(planner, centre, django_assert_num_queries):
    site, _queue = centre
    for number in range(5):
        says(site, WEDNESDAY + timedelta(days=number), "holiday", f"Day {number}")
    with django_assert_num_queries(4):
        planner.get(reverse("special_days"))
