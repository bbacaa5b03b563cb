"""Names that a log brought, confirmed and merged in a browser, by keyboard."""

import pytest
from playwright.sync_api import expect

from ccm.access import MANAGER
from ccm.models import Call, Queue
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_names_of_one_queue_become_one_without_a_mouse(window):
    site = a_site_in_the_afternoon("Leeds")
    manager = a_user(MANAGER, site)
    told(site, [Visit(minutes_ago(50)), Visit(minutes_ago(40), queue="Verkauf")], manager)
    person = window()
    person.sign_in(manager)
    page = person.open("/names/?kind=queues")
    page.get_by_role("button", name="Confirm Sales").press("Enter")
    expect(page.get_by_text("Sales is confirmed.")).to_be_visible()
    page.get_by_role("link", name="Verkauf").press("Enter")
    page.get_by_label("The same as").focus()
    page.keyboard.type("Sales")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    # The job is asked for until it is over; then the page is loaded anew, without it.
    expect(page.get_by_text("No new names")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Calls on their way")).to_have_count(0, timeout=20_000)
    assert list(Queue.objects.values_list("name", flat=True)) == ["Sales"]
    assert Call.objects.filter(queue__name="Sales").count() == 2
    assert person.barriers() == []
