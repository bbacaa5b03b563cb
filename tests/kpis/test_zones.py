"""Days of ten zones about both changes of their clocks in 2026: no quarter hour lost or doubled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ccm.intervals import QUARTER
from kpis import report
from kpis.report import Question
from kpis.rollups import recount_dirty
from tests.builders import a_record, a_site, stored

pytestmark = pytest.mark.django_db

# When the clock changes, and how many quarter hours that day has.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29), 92),
    ("Europe/Berlin", date(2026, 10, 25), 100),
    ("America/New_York", date(2026, 3, 8), 92),
    ("America/New_York", date(2026, 11, 1), 100),
    ("America/St_Johns", date(2026, 3, 8), 92),  # half an hour off UTC's hours
    ("America/St_Johns", date(2026, 11, 1), 100),
    ("America/Havana", date(2026, 3, 8), 92),  # midnight itself is skipped
    ("America/Havana", date(2026, 11, 1), 100),  # and comes twice
    ("America/Santiago", date(2026, 4, 4), 100),  # midnight comes twice, before its day begins
    ("America/Santiago", date(2026, 9, 6), 92),
    ("Africa/Cairo", date(2026, 4, 24), 92),
    ("Africa/Cairo", date(2026, 10, 29), 100),
    ("Africa/Casablanca", date(2026, 2, 15), 100),  # winter time for the month of Ramadan
    ("Africa/Casablanca", date(2026, 3, 22), 92),
    ("Australia/Adelaide", date(2026, 4, 5), 100),
    ("Australia/Adelaide", date(2026, 10, 4), 92),
    ("Australia/Lord_Howe", date(2026, 4, 5), 98),  # half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4), 94),
    ("Pacific/Chatham", date(2026, 4, 5), 100),  # three quarters off UTC's hours
    ("Pacific/Chatham", date(2026, 9, 27), 92),
]
BESIDE = timedelta(days=2)


@pytest.mark.parametrize(("zone", "day", "quarters"), CHANGES)
def test_a_call_a_quarter_hour_is_as_many_as_the_day_has_of_them(zone, day, quarters):
    site = a_site(zone=zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    # From one to five days' worth on each side, whatever the zone.
    moments = [noon + number * QUARTER for number in range(-4 * 96, 4 * 96)]
    stored(site, *(a_record(at, external_id=f"{at:%d%H%M}") for at in moments))
    recount_dirty()
    asked = Question(
        sites=[site],
        first=day - timedelta(days=5),
        last=day + timedelta(days=5),
        kpis=["offered", "service_level"],
    )

    def offered(by, **more):
        rows = report.answer(replace(asked, by=by, **more))
        return {row.id: row.figures["offered"].value for row in rows}

    days = offered("day")
    assert days[day] == quarters
    near = (day - BESIDE, day - timedelta(days=1), day + timedelta(days=1), day + BESIDE)
    assert [days[one] for one in near] == [96, 96, 96, 96]
    assert sum(days.values()) == offered("total")[None] == len(moments)
    assert offered("interval") == dict.fromkeys(moments, 1)
    # The hour that comes twice is told apart by its offset.
    keys = [row.key["start"] for row in report.answer(replace(asked, by="interval"))]
    assert len(set(keys)) == len(moments)
    # And the day's own quarter hours are its own, to the first and the last.
    alone = offered("interval", first=day, last=day)
    assert (len(alone), max(alone) - min(alone)) == (quarters, (quarters - 1) * QUARTER)


def test_a_year_ends_at_the_midnight_of_the_site():
    site = a_site(zone="Asia/Kathmandu")
    eve = datetime(2025, 12, 31, 18, 14, 59, 999000, tzinfo=UTC)  # 23:59:59.999 there
    stored(
        site,
        a_record(eve, external_id="old"),
        a_record(eve + timedelta(milliseconds=1), external_id="new"),
    )
    recount_dirty()
    rows = report.answer(
        Question(
            sites=[site],
            first=date(2025, 12, 31),
            last=date(2026, 1, 1),
            by="day",
            kpis=["offered"],
        )
    )
    assert [(row.id.isoformat(), row.figures["offered"].value) for row in rows] == [
        ("2025-12-31", 1),
        ("2026-01-01", 1),
    ]
