"""A demo's talks wait until it is counted how schedules were kept."""

from datetime import date, timedelta

import pytest

from ccm.models import Job
from coaching.demo import counted
from scheduling.adherence import marks
from scheduling.models import AdherenceFill, AdherenceMark
from tests.builders import NINE, a_site

pytestmark = pytest.mark.django_db
YESTERDAY, TODAY = date(2026, 3, 1), date(2026, 3, 2)


def test_talks_wait_for_rosters_and_for_days_that_are_over_and_not_for_ever():
    site, job = a_site("Leeds"), Job.objects.create(kind="talks")
    Job.objects.filter(pk=job.pk).update(created_at=NINE)
    # Nobody makes rosters: there is nothing to wait for.
    assert not counted.is_awaited("rosters", job.pk, NINE)
    rosters = Job.objects.create(kind="rosters")
    assert counted.is_awaited("rosters", job.pk, NINE)
    marks.mark(site.pk, [YESTERDAY, TODAY])
    AdherenceFill.objects.create(site=site, day=YESTERDAY, counted_at=NINE, is_whole=False)
    assert counted.is_awaited("rosters", job.pk, NINE)
    AdherenceMark.objects.filter(day=YESTERDAY).delete()
    # Today is counted all day long, and forecasts, which that job makes too, are none of it.
    assert not counted.is_awaited("rosters", job.pk, NINE)
    marks.mark(site.pk, [YESTERDAY])
    assert not counted.is_awaited("rosters", job.pk, NINE + timedelta(minutes=61))
    assert rosters.state == Job.State.QUEUED
