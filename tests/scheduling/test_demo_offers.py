"""What a demo offers of overtime and time off."""

from datetime import UTC, datetime

import pytest
import time_machine

from ccm.demo import load as loading
from ccm.models import Queue, Site
from scheduling.demo import offers, rosters
from scheduling.models import ShiftOffer
from tests.scheduling.kept.builders import a_forecast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


def test_a_demo_offers_overtime_where_too_few_are_there_in_the_next_hours(settings):
    """More calls are told of each half hour than all of a small centre could take."""
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(NOW, tick=False):
        loading.load(loading.Wanted(1, 10, 24), NOW)
        assert offers.publish() == 0  # nobody is planned yet
        rosters.publish()
        for queue in Queue.objects.filter(site=Site.objects.get(slug="leeds")):
            a_forecast(queue, dict.fromkeys(range(48), 200.0), NOW.date())
        assert offers.publish() >= 1
        many = ShiftOffer.objects.count()
        assert offers.publish() == 0
    assert ShiftOffer.objects.count() == many
    offer = ShiftOffer.objects.get(kind="overtime")
    assert offer.is_live(NOW)
    assert offer.answers.filter(state="offered").exists()
