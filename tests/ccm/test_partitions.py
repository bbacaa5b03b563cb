"""Months of calls: made where calls are, and in nobody's way."""

import threading
from datetime import date, timedelta

import pytest
from django.db import transaction

from ccm import partitions
from ccm.models import Call
from kpis import rollups
from kpis.rollups import recount
from tests.builders import NINE, a_record, a_site, stored
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)

FAR = NINE + timedelta(days=2000)


def test_only_months_that_hold_calls_are_made() -> None:
    site = a_site()
    before = partitions.existing_months()
    stored(site, a_record(FAR, external_id="1"), a_record(FAR + timedelta(days=900)))
    made = partitions.existing_months() - before
    assert made == {date(2031, 8, 1), date(2034, 2, 1)} - before


def test_whoever_reads_calls_does_not_wait_for_a_month_that_is_being_made() -> None:
    site = a_site()
    stored(site, a_record(NINE, external_id="1"))
    with transaction.atomic():
        stored(site, a_record(FAR + timedelta(days=1500), external_id="2"))
        assert elsewhere(lambda: Call.objects.filter(site=site).count()) == ["done"]


def test_an_import_into_a_new_month_and_a_recount_do_not_block_each_other(monkeypatch) -> None:
    site = a_site()
    stored(site, a_record(NINE, external_id="1"))
    refresh = recount.refresh
    marks_held, month_made = threading.Event(), threading.Event()

    def slow(stretch) -> None:
        marks_held.set()
        assert month_made.wait(10)
        refresh(stretch)

    def importing() -> None:
        assert marks_held.wait(10)
        with transaction.atomic():
            new = FAR + timedelta(days=1800)
            stored(site, a_record(new, external_id="2"))
            month_made.set()
            # The recount holds the mark of this day: it is marked once more.
            stored(site, a_record(NINE, external_id="3"))

    monkeypatch.setattr(recount, "refresh", slow)
    assert elsewhere(rollups.recount_dirty, importing) == ["done", "done"]
