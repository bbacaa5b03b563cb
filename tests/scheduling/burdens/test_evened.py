"""Rosters even out what people bore before."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.models import KeptShift
from scheduling.rosters import making
from tests.builders import a_queue, a_site, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    a_forecast,
    a_roster,
    a_run,
    a_shift,
    published,
)
from tests.scheduling.terms.builders import a_template

pytestmark = pytest.mark.django_db
# 23:00 by half hours.
ELEVEN = 46


def test_who_had_the_nights_of_last_week_has_none_of_the_next():
    """One is asked for each night, and both could have all of them: Ada had last week's, so that
    each one more costs her and none costs Bea anything."""
    site = a_site()
    a_template(site, "Night", first_start=22 * 60, last_start=22 * 60)
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    before = published(a_roster(site, first_day=MONDAY - 7 * DAY))
    for number in range(6):
        day = MONDAY - (7 - number) * DAY
        begins = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=22)
        a_shift(before, ada, day, begins_at=begins, ends_at=begins + timedelta(hours=8))
    a_forecast(a_queue(site), {ELEVEN: 1})
    roster = a_roster(site, days=5)
    making.run(a_run(roster).job_id)
    given = KeptShift.objects.filter(roster=roster).values_list("agent__name", flat=True)
    assert {*given} == {bea.name}
