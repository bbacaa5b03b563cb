"""The page of retention: first counted, then kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.models import AuditEntry, Call, RetentionRule, RetentionRun
from ccm.retention import closed, work
from tests.builders import a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    client = Client()
    client.force_login(a_user("admin"))
    return client


def said(**more):
    today = timezone.now().date().isoformat()
    return {"kind": "calls", "site": "", "days": "100", "starts_on": today} | more


def test_what_would_go_is_counted_and_nothing_is_kept(admin):
    site = a_site("Leeds")
    a_call(a_queue(site), datetime(2025, 3, 3, 9, tzinfo=UTC))
    page = admin.post(reverse("retention"), said(preview="1")).content.decode()
    assert "ccm_call 1" in page
    assert "Mar 2025" in page
    assert "Keep this rule" in page
    assert not RetentionRule.objects.exists()
    assert Call.objects.count() == 1


def test_a_rule_is_kept_and_in_the_log_and_another_of_that_day_takes_its_place(admin):
    site = a_site("Leeds")
    for days in ("100", "200"):
        answer = admin.post(reverse("retention"), said(site=site.pk, days=days, keep="1"))
        assert answer.status_code == 302
    rule = RetentionRule.objects.get()
    assert (rule.days, rule.site, rule.kind) == (200, site, "calls")
    first, second = AuditEntry.objects.filter(model="ccm.retentionrule").order_by("pk")
    assert (first.before, first.after["days"]) == (None, 100)
    assert (second.before["days"], second.after["days"]) == (100, 200)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("days", "5"), ("days", "-1"), ("days", "9" * 40), ("days", "x"), ("kind", "audit"),
        ("kind", ""), ("site", "999999"), ("site", "x"), ("starts_on", "2020-01-01"),
        ("starts_on", ""), ("starts_on", "9999-12-31"), ("starts_on", "\x00"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(admin, field, value):
    for button in ("keep", "preview"):
        answer = admin.post(reverse("retention"), said(**{field: value, button: "1"}))
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize("many", [1, 60])
def test_the_page_asks_the_same_of_one_night_as_of_many(admin, django_assert_max_num_queries, many):
    site, now = a_site("Leeds"), timezone.now()
    for n in range(many):
        job = work.Job.objects.create(kind=work.KIND)
        RetentionRun.objects.create(
            job=job, site=site, kind="calls", before=now.date() - timedelta(days=n),
            started_at=now, finished_at=now, gone={"ccm_call": 1},
        )  # fmt: skip
    with django_assert_max_num_queries(12):
        page = admin.get(reverse("retention")).content.decode()
    assert page.count("ccm_call 1") == min(many, 40)


def test_pages_tell_that_calls_are_gone():
    site = a_site("Leeds")
    day = datetime(2026, 3, 2, tzinfo=UTC).date()
    assert closed.notice(site, day) == ""
    site.record_begins_on = day
    assert "before 2 Mar 2026" in closed.notice(site, day - timedelta(days=1))
    assert closed.notice(site, day) == ""
    site.save()
    client = Client()
    client.force_login(a_user("manager", site))
    shown = client.get(reverse("calls") + "?period=custom&from=2026-01-01&to=2026-01-05")
    assert "deleted by retention" in shown.content.decode()
