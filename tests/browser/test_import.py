"""From a log file to the figures and down to one call, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from ccm.access import MANAGER
from tests.browser.centre import Visit, a_log, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Answered after 5, 10 and 40 s, given up after 30 s: 2 of 4 within 20 s, ASA 55 s / 3 = 18 s.
VISITS = (
    Visit(minutes_ago(50), wait=5, agent="Ada Lovelace", talk=60),
    Visit(minutes_ago(45), wait=10, agent="Ada Lovelace", talk=120),
    Visit(minutes_ago(40), wait=40, agent="Grace Hopper", talk=90),
    Visit(minutes_ago(35), wait=30),
)
# Three lines for each answered call and two for the other, one that is ignored, one that is none.
LINES = 3 * 3 + 2 + 2
LOG = a_log(VISITS) + b"%d|NONE|NONE|NONE|QUEUESTART|\nthis is no line of a queue_log\n" % (
    minutes_ago(55).timestamp()
)


def books(page: Page) -> list[int]:
    """What the statement says: read, then stored, updated, duplicate, rejected, ignored."""
    figures = page.locator("#books li b").all_inner_texts()
    return [int(words.replace(",", "")) for words in figures]


def figures_of(page: Page, queue: str) -> list[str]:
    """A queue's row on Home, which is loaded again until the counts have followed the import."""
    row = page.locator("#content tbody tr", has_text=queue)
    for _ in range(40):
        if row.count():
            break
        page.wait_for_timeout(250)
        page.reload()
    return [" ".join(words.split()) for words in row.locator("td").all_inner_texts()]


def test_a_log_is_uploaded_and_its_figures_lead_back_to_its_calls(window, tmp_path):
    site = a_site_in_the_afternoon("Leeds")
    manager = window()
    manager.sign_in(a_user(MANAGER, site))
    page = manager.open("/")
    expect(page.locator("#tile-service_level")).to_contain_text("–")

    manager.go("Imports")
    (tmp_path / "queue_log").write_bytes(LOG)
    page.get_by_label("Log files").set_input_files(tmp_path / "queue_log")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    # The page goes on asking by itself until the import is over.
    expect(page.locator(".top .state")).to_have_text("Done, some rejected", timeout=20_000)
    read, *fates = books(page)
    assert read == LINES
    assert sum(fates) == read
    assert fates[3:] == [1, 1], "rejected, ignored"
    expect(page.locator("#rules")).to_be_visible()
    usual = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    rules = page.locator("[aria-labelledby=rules]")
    assert rules.evaluate("one => one.scrollWidth <= one.clientWidth")
    page.set_viewport_size(usual)

    manager.go("Home")
    page.wait_for_url(f"{manager.address}/")
    # Against targets, offered, answered, service level, ASA, abandon rate.
    few = ["50.0 % of 4", "0:18 of 3", "25.0 % of 4"]
    assert figures_of(page, "Sales")[1:6] == ["4", "3", *few]
    expect(page.locator("#tile-abandon_rate")).to_contain_text("25.0")

    page.locator("#tile-abandon_rate").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.locator(".passport h2")).to_have_text("Abandon rate")
    expect(drawer.locator(".passport .facts")).to_contain_text("4 ")
    assert manager.barriers() == []
    drawer.get_by_role("link", name="1 in the numerator").click()
    expect(page.locator("h1")).to_contain_text("1 call in the numerator")
    page.locator("table.figures tbody a").click()
    expect(page.locator("h1")).to_have_text("Call on Sales")
    expect(page.locator(".top .state")).to_have_text("Abandoned")
    expect(page.locator(".timeline [data-part]").first).to_be_attached()
    expect(page.locator("#content")).to_contain_text("0:30")


def test_what_cannot_be_answered_says_why_beside_the_page_too(window):
    site = a_site_in_the_afternoon("Leeds")
    told(site, VISITS)
    manager = window()
    manager.expect_complaint("404")
    manager.sign_in(a_user(MANAGER, site))
    page = manager.open("/")
    tile = page.locator("#tile-service_level")
    tile.evaluate("one => { one.href = one.href.replaceAll(/(from|to)=[^&]*/g, '$1=1800-01-01') }")
    tile.click()
    said = page.get_by_role("dialog").get_by_role("alert")
    expect(said).to_contain_text("Ask for days between 1990 and today")
    assert manager.barriers() == []


def test_the_keyboard_alone_goes_from_a_figure_to_its_call_and_back(window):
    site = a_site_in_the_afternoon("Leeds")
    told(site, VISITS)
    manager = window()
    manager.sign_in(a_user(MANAGER, site))
    page = manager.open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    tile = page.locator("#tile-service_level")
    tab_to(page, "#tile-service_level")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.locator(".passport h2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(tile).to_be_focused()

    page.keyboard.press("Enter")
    expect(drawer.locator(".passport h2")).to_be_visible()
    tab_to(page, ".passport tbody a")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Call on Sales")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits the selector has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")
