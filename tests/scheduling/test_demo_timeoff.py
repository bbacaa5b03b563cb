"""What a demo shows of time off."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from ccm.demo import load as loading
from ccm.intervals import DAY
from ccm.models import Site
from scheduling.absences.staffed import AHEAD_DAYS
from scheduling.demo import rosters, timeoff
from scheduling.models import KeptShift, LeaveKind, LeaveRequest, StaffedDay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


def test_a_demo_has_kinds_of_leave_and_people_who_ask(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(NOW, tick=False):
        loading.load(loading.Wanted(1, 10, 24), NOW)
        sites = timeoff.publish()
        assert sites == Site.objects.filter(leave_kinds__isnull=False).distinct().count() > 0
        assert timeoff.publish() == 0
    assert LeaveKind.objects.count() == 2 * sites
    # The calendar has every day that people may ask for.
    assert StaffedDay.objects.count() == sites * (AHEAD_DAYS + 1)
    rows = LeaveRequest.objects.order_by("pk")
    # 3 June is a Wednesday: three weeks after its Monday.
    first = rows[0]
    assert (first.first_on, first.last_on) == (date(2026, 6, 22), date(2026, 6, 26))
    assert {one.state for one in rows} <= {"approved", "waiting", "refused", "asked"}
    assert all(one.facts for one in rows)


def test_who_is_on_approved_leave_has_no_shift_on_those_days(settings):
    """Three weeks from now, when the first of them is, rosters are published already. Of
    thirty at a site one in ten may be away.
    """
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(NOW, tick=False):
        loading.load(loading.Wanted(1, 3, 90), NOW)
        rosters.publish()
        before = {*KeptShift.objects.published().values_list("agent", "day")}
        timeoff.publish()
    approved = LeaveRequest.objects.approved()
    days = {
        (one.agent_id, one.first_on + n * DAY)
        for one in approved
        for n in range((one.last_on - one.first_on).days + 1)
    }
    assert days & before
    after = {*KeptShift.objects.published().values_list("agent", "day")}
    assert not days & after
    assert before - after == days & before
