"""A trade from page to page, as two people make it: one on a phone, the other by keyboard."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from scheduling.models import SiteRules, Trade
from scheduling.trades import services
from tests.browser.test_my_schedule import LOOKS, Centre
from tests.builders import a_user
from tests.scheduling.kept.builders import DAY

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def test_two_people_swap_shifts_and_both_schedules_have_it(window):
    centre = Centre()
    friday, saturday = centre.monday + 11 * DAY, centre.monday + 12 * DAY
    ada, bob = window(viewport={"width": 390, "height": 844}), window()
    ada.sign_in(centre.ada.user)
    bob.sign_in(centre.bob.user)

    page = ada.open("/my-schedule/trades/")
    page.get_by_role("link", name=f"Offer {friday:%a} {friday.day} ").click()
    page.get_by_label("What is to become of it").select_option("swap")
    page.get_by_label("Offered to").select_option("Bob")
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("It is offered.")).to_be_visible()

    theirs = bob.open("/my-schedule/trades/")
    theirs.get_by_role("link", name="Look at ").press("Enter")
    given = theirs.get_by_label("You give")
    wanted = given.locator("option", has_text=f"{saturday:%a} {saturday.day} ")
    given.select_option(wanted.get_attribute("value"))
    given.press("Tab")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_text("now the other agrees")).to_be_visible()
    assert centre.roster.shifts.filter(agent=centre.ada, day=friday).exists()

    page = ada.open("/my-schedule/trades/")
    expect(page.get_by_text(f"Bob gives you {saturday:%a} {saturday.day} ")).to_be_visible()
    page.get_by_role("button", name="Agree").press("Enter")
    expect(page.get_by_text("It is done: your schedule has it.")).to_be_visible()
    there = dict(
        centre.roster.shifts.filter(day__in=(friday, saturday)).values_list("day", "agent")
    )
    assert there == {friday: centre.bob.pk, saturday: centre.ada.pk}


def test_a_shift_that_one_declines_is_told_to_who_offered_it(window):
    centre = Centre()
    friday = centre.monday + 11 * DAY
    ada, bob = window(), window()
    ada.sign_in(centre.ada.user)
    bob.sign_in(centre.bob.user)

    page = ada.open("/my-schedule/trades/")
    page.get_by_role("link", name=f"Offer {friday:%a} {friday.day} ").press("Enter")
    page.get_by_label("Offered to").select_option("Bob")
    page.get_by_label("Note").fill("A wedding in Wales")
    page.get_by_label("Note").press("Enter")
    expect(page.get_by_text("It is offered.")).to_be_visible()

    theirs = bob.open("/my-schedule/trades/")
    theirs.get_by_role("link", name="Look at ").press("Enter")
    expect(theirs.get_by_text("A wedding in Wales")).to_be_visible()
    for theme, width in LOOKS:
        theirs.emulate_media(color_scheme=theme)
        theirs.set_viewport_size({"width": width, "height": 900})
        assert not bob.scrolls_sideways()
        assert bob.barriers() == []
    theirs.get_by_role("button", name="Decline").press("Enter")
    expect(theirs.get_by_text("Nothing is offered", exact=True)).to_be_visible()

    page = ada.open("/my-schedule/trades/")
    expect(page.get_by_text("Whom it was offered to does not want it.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Offer {friday:%a} {friday.day} ")).to_be_visible()


def test_a_refusal_is_given_with_its_reason_and_by_no_key_pressed_too_soon(window):
    centre = Centre()
    site, now = centre.roster.site, timezone.now()
    SiteRules.objects.update_or_create(site=site, defaults={"trades_by_supervisor": True})
    friday = centre.roster.shifts.get(agent=centre.ada, day=centre.monday + 11 * DAY)
    offered = services.offer(friday, "cover", centre.ada.user, now)
    services.take(offered, centre.bob, centre.bob.user, now)
    planner = window()
    planner.sign_in(a_user("planner", site))
    page = planner.open("/rostering/trades/")
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not planner.scrolls_sideways()
        assert planner.barriers() == []
        for button in page.get_by_role("region", name="To be decided").get_by_role("button").all():
            box = button.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    keeps = page.get_by_role("button", name=f"{centre.ada.name} keeps it")
    keeps.click()  # without a reason the browser sends nothing
    why = page.get_by_label("Why; a refusal needs it")
    expect(why).to_be_focused()
    why.fill("Bob is new")
    why.press("Enter")
    expect(page.get_by_text("To be decided")).to_be_visible()
    assert Trade.objects.get().state == "waiting"
    keeps.press("Enter")
    expect(page.get_by_text("It is refused.")).to_be_visible()
    assert (Trade.objects.get().state, Trade.objects.get().reason) == ("refused", "Bob is new")
