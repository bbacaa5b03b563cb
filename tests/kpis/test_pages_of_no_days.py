"""Days in an address that cannot be: said with what was typed, which stays to be mended."""

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from ccm.days_asked import Misdated, ends, span, typed
from tests.builders import a_call, a_queue, a_site, a_user

LATEST = date(2026, 11, 28)
LONG = "x" * 5_000
# What was typed, why it cannot be, and what of it is told again.
NONE = [
    ("2026-13-45", "", "could not be read", "From says 2026-13-45,"),
    ("2026-13-45", "x", "could not be read", "From says 2026-13-45, To says x."),
    ("", "2026-05-01", "could not be read", "From says nothing, To says 2026-05-01."),
    ("20260501", "2026-05-02", "write YYYY-MM-DD", "From says 20260501,"),
    ("2026-05-01", "2026-04-01", "last day is before the first",
     "From says 2026-05-01, To says 2026-04-01."),
    ("0001-01-01", "0001-01-02", "between 1990 and today", "From says 0001-01-01,"),
    # All of those years: 365 × 9999 days and the leap days 2424.
    ("0001-01-01", "9999-12-31", "at most 366 days", "These are 3,652,059 days."),
    ("9999-12-31", "9999-12-31", "between 1990 and today", "To says 9999-12-31."),
    (LONG, "2026-05-01", "could not be read", f"From says {'x' * 40}…,"),
    ("<b>", "'\"", "could not be read", "From says <b>, To says '\"."),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end", "why", "told"), NONE)
def test_days_that_cannot_be_are_refused_with_what_was_typed(start, end, why, told):
    with pytest.raises(Misdated) as refused:
        span(start, end, LATEST)
    assert why in str(refused.value)
    assert told in str(refused.value)
    assert len(str(refused.value)) < 250


def test_a_last_day_that_has_not_come_is_named_beside_today():
    with pytest.raises(Misdated) as refused:
        span("2026-11-01", "2026-11-29", date(2026, 11, 28))
    assert str(refused.value).endswith("2026-11-29 is still to come: today is 2026-11-28.")


def test_days_that_can_be_are_read_and_of_a_log_one_end_is_enough():
    day, next_year = date(2026, 5, 1), date(2027, 5, 1)
    assert span("2026-05-01", "2026-05-01", LATEST) == (day, day)
    assert span("2026-05-01", "", LATEST) == (day, day)
    assert span("2025-11-28", "2026-11-28", LATEST) == (date(2025, 11, 28), LATEST)  # 366 days
    assert ends("", "2026-05-01") == (None, day)
    assert ends("2026-05-01", "2027-05-01") == (day, next_year)
    assert ends("", "") == (None, None)
    assert typed("2026-05-01", "2026-5-1") == (("2026-05-01", True), ("2026-5-1", False))


def assert_says(page, start, why, told, instead):
    assert page.status_code == 200
    words = unescape(page.content.decode())
    for said in (why, told, instead):
        assert said in words, start
    # What was typed stands in the form again, of a very long text its beginning.
    kept = start if len(start) <= 40 else f"{start[:40]}…"
    assert f'value="{kept}" aria-invalid' in words
    assert LONG not in words.split("<main")[1]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "queues", "agents", "calls", "callbacks_asked", "report"])
def test_a_page_says_which_days_cannot_be_and_keeps_them_to_be_mended(client, name):
    a_call(a_queue(a_site()))
    client.force_login(a_user("admin"))
    for start, end, why, told in NONE:
        page = client.get(reverse(name), {"from": start, "to": end})
        assert_says(page, start, why, told, "Shown instead: ")


@pytest.mark.django_db
def test_gaps_of_such_days_are_not_told_and_nothing_is_said_to_be_shown_instead(client):
    a_call(a_queue(a_site()))
    client.force_login(a_user("admin"))
    for start, end, why, told in NONE:
        page = client.get(reverse("gaps"), {"from": start, "to": end})
        assert_says(page, start, why, told, "")
        assert "Shown instead" not in page.content.decode()


@pytest.mark.django_db
def test_so_does_the_audit_log_of_which_any_day_can_be_asked(client):
    client.force_login(a_user("admin"))
    for start, end, why, told in NONE:
        if start and "at most 366" not in why and "between 1990" not in why:
            page = client.get(reverse("audit"), {"from": start, "to": end})
            assert_says(page, start, why, told, "Shown are all days.")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["callbacks", "books"])
@pytest.mark.parametrize("query", ["?from=2026-13-45&to=x", "?from=9999-12-31", f"?q={LONG}"])
def test_a_page_without_days_shows_what_it_shows(client, name, query):
    client.force_login(a_user("admin"))
    assert client.get(reverse(name) + query).status_code == 200


@pytest.mark.django_db
def test_years_at_the_edge_of_the_calendar_narrow_the_audit_log_and_break_nothing(client):
    client.force_login(a_user("admin"))
    page = client.get(reverse("audit"), {"from": "0001-01-01", "to": "9999-12-31"})
    assert page.status_code == 200
    assert page.context["problem"] == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("calls_csv", {}),
        ("queues", {"export": "csv"}),
        ("agents", {"export": "csv"}),
        ("report", {"export": "csv"}),
        ("report", {"export": "xlsx"}),
        ("callbacks_asked", {"export": "csv"}),
    ],
)
def test_a_file_of_other_days_than_were_asked_for_is_not_made_and_a_page_says_why(
    client, name, query
):
    a_call(a_queue(a_site()))
    client.force_login(a_user("admin"))
    for start, end, why, _told in NONE:
        answer = client.get(reverse(name), query | {"from": start, "to": end or start})
        assert answer.status_code == 404
        words = answer.content.decode()
        assert why in words
        assert "hown instead" not in words
