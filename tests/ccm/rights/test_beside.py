"""What rights close beside addresses: what is shown within pages, and what is done without one."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.access import AGENT, MANAGER, QA_ANALYST
from ccm.models import Call, Delivery, RoleRight
from kpis.mailings import sending
from kpis.models import MailingRun
from kpis.rollups import rebuild
from qa.access import decides_at
from qa.after import reach
from tests.builders import NINE, a_call, a_queue, a_site
from tests.kpis.test_mailings import TUESDAY_7, a_mailing, a_reader
from tests.qa.after.builders import House
from tests.qa.reviews.test_pages import a_whole_review

SAID = "Good afternoon, you are through to Technical"
pytestmark = pytest.mark.django_db


def take(role, action):
    RoleRight.objects.create(role=role, action=action, held=False, changed_at=timezone.now())


def shown(user, address):
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_review_shows_neither_recording_nor_transcript_to_who_may_not(elsewhere):
    named = {"recording": "https://pbx.example/r/1"} if elsewhere else {}
    review = a_whole_review(**named)
    address = reverse("review", args=[review.pk])
    sign = "https://pbx.example/r/1" if elsewhere else "<audio"
    before = shown(review.reviewer, address)
    assert (sign in before, SAID in before) == (True, True)
    take(QA_ANALYST, "recordings")
    after = shown(review.reviewer, address)
    assert (sign in after, "rv-recording" in after, SAID in after) == (
        False, False, True,
    )  # fmt: skip
    take(QA_ANALYST, "transcripts")
    after = shown(review.reviewer, address)
    assert ("rv-transcript" in after, SAID in after) == (False, False)
    assert "Greeting and name" in after


def test_of_an_own_review_an_agent_is_led_to_no_recording_elsewhere():
    house = House()
    review = house.released()
    Call.objects.filter(pk=review.call_id).update(recording="https://pbx.example/r/1", consent=True)
    address = reverse("review_told", args=[review.pk])
    assert "https://pbx.example/r/1" in shown(house.me, address)
    take(AGENT, "recordings")
    after = shown(house.me, address)
    assert "https://pbx.example/r/1" not in after
    assert "Recording" not in after


def test_who_holds_the_right_no_more_decides_no_dispute_and_comments_still():
    house = House()
    review = house.released()
    assert decides_at(house.manager, review.site_id)
    take(MANAGER, "disputes")
    manager = type(house.manager).objects.get(pk=house.manager.pk)
    assert not decides_at(manager, review.site_id)
    assert reach.may_comment(review, manager)


def test_nothing_is_mailed_for_who_may_have_nothing_mailed_and_that_is_said():
    queue = a_queue(a_site("Leeds", "Europe/London"), "Sales")
    a_call(queue, NINE)
    rebuild()
    boss = a_reader(queue.site, name="boss")
    a_mailing(boss)
    take(MANAGER, "mailings")
    sending.send_due(TUESDAY_7)
    run = MailingRun.objects.get()
    assert (run.state, run.error) == (
        "failed", "Who had it mailed has no role any more that may."
    )  # fmt: skip
    assert [one.subject for one in Delivery.objects.all()] == ["Given up: Mornings"]
