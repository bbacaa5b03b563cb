"""What planners say at once: a form that is sent twice in one moment, and a circle that closes."""

from datetime import UTC, date, datetime
from time import sleep

import pytest

from scheduling.models import ForecastPlan, KnownEvent, Override
from scheduling.planned import services
from tests.builders import a_queue, a_site, a_user
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
DAYS = {"first": date(2026, 3, 17), "last": date(2026, 3, 17), "factor": 2.0}


@pytest.fixture
def slow(monkeypatch):
    """What is kept is not committed for a while."""
    record = services._record

    def slowly(*said):
        record(*said)
        sleep(0.5)

    monkeypatch.setattr(services, "_record", slowly)


def test_of_two_of_the_same_form_at_once_one_is_kept(slow):
    site = a_site()
    queue, who = a_queue(site), a_user("planner", site)

    def override():
        services.keep(Override(site=site, queue=queue, reason="why", **DAYS), who, NOW)

    def event():
        services.keep(KnownEvent(site=site, kind="Mailing", **DAYS), who, NOW, queues=[queue])

    assert elsewhere(override, event, override, event) == ["done"] * 4
    assert (Override.objects.count(), KnownEvent.objects.count()) == (1, 1)


def test_of_two_who_close_a_circle_at_once_one_is_refused(slow):
    site = a_site()
    first, second, who = a_queue(site, "First"), a_queue(site, "Second"), a_user("planner", site)

    def share(queue, of):
        services.keep_plan(ForecastPlan(queue=queue, analogue=of), who, NOW)

    said = elsewhere(lambda: share(first, second), lambda: share(second, first))
    assert ForecastPlan.objects.count() == 1
    [refused] = [one for one in said if one != "done"]
    assert "It would be a share of itself" in refused
