"""After a big import the planner knows of its rows, without waiting for autovacuum."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from ccm import partitions
from ccm.imports import run
from ccm.models import Call
from tests.builders import a_site

pytestmark = pytest.mark.django_db(transaction=True)

BEGIN = datetime(2024, 6, 3, 8, tzinfo=UTC)


def a_log(calls: int) -> bytes:
    at = (int((BEGIN + timedelta(seconds=n)).timestamp()) for n in range(calls))
    return "".join(f"{when}|{when}.1|Sales|NONE|ABANDON|1|1|5\n" for when in at).encode()


def known_rows() -> tuple[float, int]:
    """Rows of the month, and columns of the whole table, that the planner knows of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT reltuples FROM pg_class WHERE relname = 'ccm_call_2024_06'),"
            " (SELECT count(*) FROM pg_stats WHERE tablename = 'ccm_call')"
        )
        return cursor.fetchone()


def test_a_month_that_grew_much_is_analyzed() -> None:
    calls = partitions.GROWN + 1
    batch = run.start(
        [("queue_log", io.BytesIO(a_log(calls)))], form="asterisk_queue_log", site=a_site()
    )
    run.run(batch.job_id)
    assert Call.objects.count() == calls
    rows, columns = known_rows()
    assert rows == calls
    assert columns > 0
