"""Usual is by the clock on the wall, also on the days that the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpis import rollups, usual
from kpis.parameters import DEFAULTS
from tests.builders import a_call, a_queue, a_site

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")


def at_noon(day: date) -> list[datetime]:
    """Twenty calls within a minute of noon."""
    noon = datetime.combine(day, datetime.min.time(), BERLIN).replace(hour=12)
    return [(noon + timedelta(seconds=n)).astimezone(UTC) for n in range(20)]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5)])
def test_noon_is_compared_with_noon(day: date) -> None:
    site = a_site(zone="Europe/Berlin")
    queue = a_queue(site)
    for week in range(9):
        for moment in at_noon(day - timedelta(weeks=week)):
            a_call(queue, moment)
    rollups.rebuild()

    band, _curves = usual.offered_day(site, [queue], day)
    shown = {
        start.astimezone(BERLIN).strftime("%H:%M"): value
        for start, value in zip(band.starts, band.usual, strict=True)
        if value
    }
    assert shown == {"12:00": 20}

    half_past = at_noon(day)[0] + timedelta(minutes=30)
    verdict = usual.verdicts(site, None, {"answered": ("count", DEFAULTS)}, half_past)["answered"]
    assert (verdict.usual, verdict.unusual) == (20, False)
