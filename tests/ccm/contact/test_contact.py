"""Callers who are not to be called, and hours in which nobody is: where both are kept to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import surveys
from ccm.access import ADMIN, MANAGER, SUPERVISOR
from ccm.callers import caller_hash
from ccm.contact import reads, services
from ccm.models import AuditEntry, ContactHours, DoNotCall, RecordingRegion, Site
from tests.builders import a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db
NUMBER = "+49 151 2345 6789"


def a_client(user):
    client = Client()
    client.force_login(user)
    return client


def a_place(country="DE", region=""):
    site = a_site(zone="Europe/Berlin")
    Site.objects.filter(pk=site.pk).update(country=country, region=region)
    site.refresh_from_db()
    return site


@pytest.fixture
def site():
    return a_place()


@pytest.fixture
def manager(site):
    return a_client(a_user(MANAGER, site))


def a_listed(site, number=NUMBER, **more):
    return DoNotCall.objects.create(
        site=site, caller_hash=caller_hash(number), caller_masked="•••789", **more
    )


def a_call_of(site, number=NUMBER):
    queue = a_queue(site)
    return a_call(
        queue, timezone.now() - timedelta(hours=1), wait=5, talk=60,
        caller_hash=caller_hash(number), caller_masked="•••789",
    )  # fmt: skip


def closed_today(site):
    """Hours on one weekday alone, which is not today, nor tomorrow."""
    other = (timezone.now().astimezone(site.tz).weekday() + 3) % 7
    return ContactHours.objects.create(
        site=site, hours={str(other): [["10:00", "12:00"]]}, on_holidays=True
    )


def test_a_number_is_kept_as_its_hash_and_last_digits_alone(manager, site):
    sent = {"site": site.pk, "number": NUMBER, "reason": "asked", "note": "said so on 12 May"}
    assert manager.post(reverse("do_not_call_new"), sent).status_code == 302
    row = DoNotCall.objects.get()
    assert (row.caller_hash, row.caller_masked) == (caller_hash("004915123456789"), "•••789")
    entry = AuditEntry.objects.get(model="ccm.donotcall")
    assert entry.after["caller_hash"] == row.caller_hash
    assert entry.after["note"] is True, "that there is a note, not what it says"
    for model in (DoNotCall, AuditEntry):
        assert "2345" not in str(list(model.objects.values()))


@pytest.mark.parametrize(
    "typed", ["+49\u00a0151–2345‑6789", "0049 (151) 2345/6789", "49.151.2345-6789"]
)
def test_however_a_number_is_written_the_caller_of_the_log_is_meant(manager, site, typed):
    sent = {"site": site.pk, "number": typed, "reason": "asked"}
    assert manager.post(reverse("do_not_call_new"), sent).status_code == 302
    assert reads.listed([caller_hash(NUMBER)], timezone.now()).exists()


def test_the_same_number_twice_is_told_of_and_once_there(manager, site):
    a_listed(site)
    sent = {"site": site.pk, "number": "0049 151 23456789", "reason": "asked"}
    page = manager.post(reverse("do_not_call_new"), sent)
    assert "stands on the list of" in page.content.decode()
    assert DoNotCall.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "12", "ask Ann", "1" * 16, "+49 151 x"])
def test_what_is_no_number_is_refused(manager, site, typed):
    page = manager.post(
        reverse("do_not_call_new"), {"site": site.pk, "number": typed, "reason": "asked"}
    )
    assert page.status_code == 200
    assert not DoNotCall.objects.exists()


def test_a_list_is_added_once_and_its_bad_lines_are_told(manager, site):
    text = "number;name\n+49 30 1234567;Ann\n\n030 99 88 77 66;Bob\nno number\n+49301234567;Ann\n"
    url = reverse("do_not_call_many")
    for _again in range(2):
        file = SimpleUploadedFile("list.csv", text.encode("utf-8-sig"))
        page = manager.post(url, {"site": site.pk, "reason": "register", "file": file})
        words = page.content.decode()
        assert "2 lines hold no telephone number, among them 1, 5." in words
        assert DoNotCall.objects.count() == 2
    assert "0 numbers are added; 3 stood on the list already, or came twice." in words
    entry = AuditEntry.objects.get(model="ccm.donotcall")
    assert entry.after == {"site": site.pk, "reason": "register", "numbers": 2}


def test_a_file_that_is_no_text_or_too_long_is_refused_in_words(manager, site):
    url = reverse("do_not_call_many")
    noise = SimpleUploadedFile("list.csv", bytes(range(256)) * 10)
    page = manager.post(url, {"site": site.pk, "reason": "register", "file": noise})
    assert page.status_code == 200
    many = SimpleUploadedFile("list.csv", b"1\n" * 200_001)
    page = manager.post(url, {"site": site.pk, "reason": "register", "file": many})
    assert "send them in parts" in page.content.decode()
    assert not DoNotCall.objects.exists()


def test_who_is_listed_at_any_site_is_asked_nowhere(site):
    call, now = a_call_of(site), timezone.now()
    other = a_site()
    a_listed(other)
    with pytest.raises(surveys.CannotAsk, match="do-not-call list"):
        surveys.invite(["csat"], None, now + surveys.GOOD_FOR, now=now, site=site, call=call)


def test_an_entry_that_is_over_keeps_nobody_from_anything(site):
    a_listed(site, last_on=date(2026, 6, 2))
    own, noon = [caller_hash(NUMBER)], datetime(2026, 6, 2, 12, tzinfo=UTC)
    assert reads.listed(own, noon).exists()
    assert not reads.listed(own, noon + timedelta(days=1)).exists()
    assert not reads.listed([""], noon).exists()


def test_an_entry_holds_until_its_last_day_is_over_everywhere(site):
    last = date(2026, 6, 2)
    a_listed(site, last_on=last)
    own = [caller_hash(NUMBER)]
    # Half past eleven at night in Honolulu (UTC-10), which is the morning after in Berlin.
    late = datetime(2026, 6, 3, 9, 30, tzinfo=UTC)
    assert reads.listed(own, late).exists()
    assert not reads.is_over(last, late)
    # At UTC-12 the day ends last.
    ended = datetime(2026, 6, 3, 12, tzinfo=UTC)
    assert not reads.listed(own, ended).exists()
    assert reads.is_over(last, ended)


def test_no_callback_is_promised_to_who_is_listed_or_outside_of_hours(site):
    supervisor = a_client(a_user(ADMIN))
    call = a_call_of(site)
    url = reverse("call_note", args=[call.pk])
    when = (timezone.now().astimezone(site.tz) + timedelta(days=1)).strftime("%Y-%m-%dT12:00")
    closed_today(site)
    page = supervisor.post(url, {"callback_due_at": when})
    assert "Outside of the hours in which" in page.content.decode()
    ContactHours.objects.all().delete()
    row = a_listed(site)
    page = supervisor.post(url, {"callback_due_at": when})
    assert "stands on the do-not-call list" in page.content.decode()
    row.delete()
    assert supervisor.post(url, {"callback_due_at": when}).status_code == 302


def test_the_lists_of_call_backs_and_the_call_say_who_is_not_to_be_called(site):
    admin = a_client(a_user(ADMIN))
    call = a_call_of(site)
    due = timezone.now() + timedelta(hours=3)
    call.notes.create(
        site=site, author=a_user(SUPERVISOR, site), at=timezone.now(), callback_due_at=due,
        is_current=True,
    )  # fmt: skip
    pages = [
        reverse("call", args=[call.pk]),
        reverse("callbacks"),
        reverse("worklist") + f"?site={site.slug}",
    ]
    for url in pages:
        assert "Do not call</span>" not in admin.get(url).content.decode()
    a_listed(site)
    closed_today(site)
    for url in pages:
        assert "Do not call</span>" in admin.get(url).content.decode(), url
    assert "Outside of the hours in which" in admin.get(pages[-1]).content.decode()


def test_a_site_without_hours_may_call_at_any_time(site):
    assert reads.why_not_at(site, datetime(2026, 12, 25, 3, tzinfo=UTC)) == ""


@pytest.mark.parametrize(
    ("rules", "country", "region", "must"),
    [
        ([], "DE", "", False),
        ([("DE", "", True)], "DE", "BY", True),
        ([("DE", "", True)], "FR", "", False),
        ([("US", "CA", True)], "US", "CA", True),
        ([("US", "CA", True)], "US", "NY", False),
        ([("US", "", True), ("US", "NY", False)], "US", "NY", False),
        ([("US", "", True), ("US", "NY", False)], "US", "", True),
    ],
)
def test_the_rule_of_a_part_of_a_country_stands_before_the_countrys(rules, country, region, must):
    for one, part, asks in rules:
        RecordingRegion.objects.create(country=one, region=part, must_agree=asks)
    site = a_place(country, region)
    [found] = Site.objects.filter(pk=site.pk).annotate(must=reads.must_agree())
    assert found.must is must


def test_hours_are_kept_once_a_site_and_not_without_any(manager, site):
    url = reverse("contact_hours_new")
    page = manager.post(url, {"site": site.pk})
    assert "Give at least one day hours." in page.content.decode()
    assert manager.post(url, {"site": site.pk, "day0": "9-12"}).status_code == 302
    assert ContactHours.objects.get().hours == {"0": [["09:00", "12:00"]]}
    again = manager.post(url, {"site": site.pk, "day0": "9-12"})
    assert again.status_code == 200
    assert ContactHours.objects.count() == 1


def test_taking_a_number_off_is_in_the_log(site):
    row = a_listed(site)
    services.forget(row, a_user(MANAGER, site), timezone.now())
    assert AuditEntry.objects.get(model="ccm.donotcall").after is None
    assert not DoNotCall.objects.exists()
