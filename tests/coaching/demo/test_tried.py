"""The demo's trial that is over is decided on when it is told, whatever day of the week it is."""

from datetime import UTC, datetime, timedelta

import pytest

from ccm.intervals import DAY
from coaching.demo import tried
from coaching.demo.people import at
from coaching.models import Trial
from coaching.trials import reads
from tests.builders import a_site

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize("day", range(7))
def test_it_is_decided_on_once_callers_have_had_their_days_to_come_again(day):
    now = MONDAY + timedelta(days=day)
    ago, days = tried.OVER
    first = now.date() - ago * DAY
    over = Trial(
        site=a_site(zone="UTC"), kpi="fcr", starts_on=first, ends_on=first + (days - 1) * DAY
    )
    assert reads.is_told(over, at(over.site, now, tried.DECIDED, 16))
    # The other begins after it.
    assert over.ends_on < now.date() - tried.RUNNING[0] * DAY
