"""The days that a period is of, and which periods pages of figures and reports know."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from ccm import periods
from ccm.filters import days_words
from kpis import rollups
from tests.builders import NINE, a_call, a_queue, a_site, a_user

THURSDAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", "2026-01-01", "2026-01-01"),
        ("yesterday", "2025-12-31", "2025-12-31"),
        ("before_7d", "2025-12-25", "2025-12-31"),
        ("before_28d", "2025-12-04", "2025-12-31"),
        ("7d", "2025-12-26", "2026-01-01"),
        ("28d", "2025-12-05", "2026-01-01"),
        ("90d", "2025-10-04", "2026-01-01"),
        ("week", "2025-12-29", "2026-01-01"),
        ("last_week", "2025-12-22", "2025-12-28"),
        ("month", "2026-01-01", "2026-01-01"),
        ("last_month", "2025-12-01", "2025-12-31"),
    ],
)
def test_on_new_years_day_a_period_is_of_these_days(period, first, last):
    assert [day.isoformat() for day in periods.named(period, THURSDAY)] == [first, last]


@pytest.fixture
def weeks():
    """One call on the Monday of this week, two on that of the week before."""
    queue = a_queue(a_site("Leeds", "Europe/London"), "Sales")
    a_call(queue, NINE)
    a_call(queue, NINE - timedelta(days=7))
    a_call(queue, NINE - timedelta(days=7, minutes=1))
    rollups.rebuild()
    with time_machine.travel(datetime(2026, 3, 3, 15, tzinfo=UTC), tick=False):
        yield queue


def offered(page):
    (row,) = page.context["table"].data.data
    return row["figures"]["offered"].value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("period", "count"), [("week", 1), ("last_week", 2), ("month", 1), ("90d", 3)]
)
def test_pages_of_figures_know_the_periods_that_reports_offer(client, weeks, period, count):
    client.force_login(a_user("manager", weeks.site))
    page = client.get(reverse("queues"), {"period": period})
    assert offered(page) == count
    assert f'<option value="{period}" selected>' in page.content.decode()
    of_report = {"period": period, "by": "queue", "kpi": "offered"}
    report = client.get(reverse("report"), of_report)
    (row,) = report.context["tables"][0].data.data
    assert row["figures"]["offered"].value == count
    chosen = [value for value, _words, is_chosen in report.context["form"].periods if is_chosen]
    assert chosen == [period]
    assert [value for value, _words in page.context["filters"].periods] == [*periods.PERIODS]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "queues", "agents"])
def test_of_a_period_that_there_is_none_of_it_is_said_what_is_shown_instead(client, weeks, name):
    client.force_login(a_user("manager", weeks.site))
    page = client.get(reverse(name), {"period": "bogus"})
    assert "There is no such period. Shown instead: Today." in page.content.decode()
    if name != "home":
        file = client.get(reverse(name), {"period": "bogus", "export": "csv"})
        assert file.status_code == 404
        assert "There is no such period." in file.content.decode()


def test_the_days_of_a_period_are_told_as_people_write_them():
    """A year that both are of stands once."""
    assert days_words(date(2026, 10, 1), date(2026, 10, 31)) == "1 Oct – 31 Oct 2026"
    assert days_words(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"
    assert days_words(date(2026, 10, 1), date(2026, 10, 1)) == "1 Oct 2026"
