"""The floor goes on by itself, and a floor that hears nothing says so."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.models import AgentState
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import a_call, a_queue, a_user, an_agent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def paused(site, name, minutes):
    agent, now = an_agent(site, name), timezone.now()
    for state, ago in (("logged_in", 60), ("paused", minutes)):
        AgentState.objects.create(
            agent=agent, source="test", agent_name=name, state=state, reason="",
            starts_at=now - timedelta(minutes=ago),
        )  # fmt: skip


def test_times_count_on_what_changes_comes_by_itself_and_a_floor_cut_off_says_so(window):
    leeds = a_site_in_the_afternoon("Leeds")
    paused(leeds, "Ann", 1)
    manager = window()
    manager.sign_in(a_user("manager", leeds))
    page = manager.page
    page.clock.install()
    manager.open("/floor/")
    lost = page.locator("#floor-lost")
    expect(page.get_by_role("row", name="Ann")).to_be_visible()
    expect(lost).to_be_hidden()
    assert manager.barriers() == []

    # Between two answers the page counts by itself, whatever it was told.
    time = page.locator("[data-clock]").first
    page.clock.run_for(3000)
    minutes, seconds = map(int, time.inner_text().split(":"))
    assert 60 * minutes + seconds > int(time.get_attribute("data-clock"))

    paused(leeds, "Bea", 20)
    page.locator("#sort-name").focus()
    # The page may have asked just before: it asks again within this.
    page.clock.run_for(6000)
    expect(page.get_by_role("link", name="Bea is paused")).to_be_visible(timeout=20_000)
    assert page.evaluate("document.activeElement.id") == "sort-name"

    manager.expect_complaint("floor/|DISCONNECTED|htmx:|401")
    manager.context.set_offline(True)
    page.clock.run_for(16_000)
    expect(lost).to_be_visible()
    manager.context.set_offline(False)
    page.clock.run_for(6000)
    expect(lost).to_be_hidden()

    # Signed out: the page that asks for a name is no floor.
    manager.context.clear_cookies()
    page.clock.run_for(21_000)
    expect(lost).to_be_visible()
    expect(page.get_by_role("row", name="Ann")).to_be_visible()


def test_a_line_jumps_to_its_people_who_are_a_table_on_a_tablet_too(window):
    leeds = a_site_in_the_afternoon("Leeds")
    for number in range(12):
        paused(leeds, f"Ann {number}", 1 if number > 8 else 20)
    tablet = window(viewport={"width": 768, "height": 700})
    tablet.sign_in(a_user("manager", leeds))
    page = tablet.open("/floor/")
    assert page.locator("#people").bounding_box()["y"] > 500
    page.get_by_role("link", name="9 agents are over their time in a pause").click()
    expect(page.locator("#people tbody tr")).to_have_count(9)
    # Below the bar, at the top of what is seen.
    top = page.locator("#people").bounding_box()["y"]
    assert page.locator(".bar").bounding_box()["height"] <= top < 120
    shown = "e => getComputedStyle(e).display"
    assert page.locator("#people tbody tr").first.evaluate(shown) == "table-row"
    assert not tablet.scrolls_sideways()


def test_on_a_phone_who_calls_back_is_said_and_chosen_in_one_line(window):
    leeds = a_site_in_the_afternoon("Leeds")
    asked_at = timezone.now() - timedelta(hours=5)
    a_call(a_queue(leeds), asked_at, wait=None, talk=None, outcome="callback_requested")
    phone = window(viewport={"width": 390, "height": 844})
    phone.sign_in(a_user("manager", leeds))
    page = phone.open("/callbacks/")
    whose = page.locator(".who-calls")
    expect(whose).to_contain_text("Assign")
    assert whose.bounding_box()["height"] < 40
    assert not phone.scrolls_sideways()
