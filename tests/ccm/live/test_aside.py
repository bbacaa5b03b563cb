"""Events that no rule knows are kept for a month."""

from datetime import timedelta

import pytest

from ccm.live import aside
from ccm.models import ImportBatch, Job, RawEvent
from tests.builders import NINE, a_site

pytestmark = pytest.mark.django_db

MONTH, SECOND = timedelta(days=30), timedelta(seconds=1)


def set_aside(text, at, batch=None):
    row = RawEvent.objects.create(source="pbx", text=text, batch=batch)
    RawEvent.objects.filter(pk=row.pk).update(received_at=at)


def test_what_was_set_aside_is_dropped_after_a_month_the_oldest_first_in_small_steps(monkeypatch):
    monkeypatch.setattr(aside, "PRUNED_AT_ONCE", 2)
    for text, at in (("c", NINE + SECOND), ("a", NINE - SECOND), ("b", NINE), ("d", NINE + MONTH)):
        set_aside(text, at)
    job = Job.objects.create(kind="import")
    batch = ImportBatch.objects.create(job=job, site=a_site(), format="phonenow")
    set_aside("of an import", NINE - MONTH, batch)
    late = NINE + MONTH + 2 * SECOND
    assert aside.prune(NINE + MONTH - SECOND) == 0
    assert aside.prune(late) == 2
    assert {one.text for one in RawEvent.objects.all()} == {"c", "d", "of an import"}
    assert aside.prune(late) == 1
    assert aside.prune(late) == 0
    assert {one.text for one in RawEvent.objects.all()} == {"d", "of an import"}
