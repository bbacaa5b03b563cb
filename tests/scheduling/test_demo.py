"""What a demo shows of forecasts."""

import pytest
import time_machine

from scheduling import tasks
from scheduling.demo import forecasts
from scheduling.models import Forecast, ScoredDay
from tests.builders import a_user
from tests.scheduling.centre import a_centre
from tests.scheduling.test_making import NOW, WEEKS

pytestmark = pytest.mark.django_db


def test_a_demo_has_a_version_of_three_weeks_ago_that_is_scored_and_the_newest():
    with time_machine.travel(NOW, tick=False):
        site, queue = a_centre(WEEKS * 7)
        planner = a_user("planner", site)
        tasks.make_demo()
        tasks.make_demo()
    version = Forecast.objects.published().get(queue=queue)
    assert (version.version, version.published_by) == (1, planner)
    assert Forecast.objects.newest().filter(queue=queue).count() == 1
    assert ScoredDay.objects.filter(forecast=version).count() == 15  # three weeks of weekdays


def test_a_site_that_nobody_plans_has_none():
    with time_machine.travel(NOW, tick=False):
        a_centre(WEEKS * 7)
        forecasts.publish()
    assert not Forecast.objects.exists()
