"""What migrations make of days that were counted before."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.models import AdherenceDay
from tests.builders import a_site, an_agent

pytestmark = pytest.mark.django_db


def test_unpaid_pauses_of_days_counted_before_are_judged_by_site_and_month():
    """Whoever is on leave, or of whose day no log tells, is judged by nothing; what was counted
    anew stays as it is."""
    told = import_module("scheduling.migrations.0003_days_tell_unpaid_pauses_as_judged")
    column = import_module("scheduling.migrations.0002_unpaid_pauses_as_judged")
    assert not told.Migration.atomic
    assert len(column.Migration.operations) == 1
    for site in (a_site(), a_site()):
        agent = an_agent(site)
        for number, more in enumerate(
            ({}, {"is_told": False}, {"leave": "Holiday"}, {"unpaid_judged_seconds": 600})
        ):
            for month in (2, 3):
                AdherenceDay.objects.create(
                    **{"site": site, "agent": agent, "day": date(2026, month, number + 1),
                       "is_told": True, "unpaid_seconds": 1800} | more
                )  # fmt: skip
    with CaptureQueriesContext(
        connection,
    ) as asked:
        told.tell(apps, None)
    assert sum(one["sql"].startswith("UPDATE") for one in asked) == 4
    with CaptureQueriesContext(connection) as again:
        told.tell(apps, None)
    assert len(again) == 1
    rows = AdherenceDay.objects.filter(day__month=3).values_list(
        "day__day", "unpaid_judged_seconds"
    )
    assert {*rows} == {(1, 1800), (2, 0), (3, 0), (4, 600)}
