"""A page whose session ends under it: it says so, keeps what was filled, and goes on afterwards."""

import pytest
from playwright.sync_api import expect

from ccm.models import BrowserSession, LinkTemplate
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_a_page_asks_for_by_itself_says_so(window):
    manager = window()
    manager.sign_in(a_user("manager", a_site_in_the_afternoon("Leeds")))
    asked = []
    manager.context.on("request", lambda one: asked.append((one.url, one.headers)))
    page = manager.page
    page.clock.install()
    manager.open("/floor/")
    page.clock.run_for(6000)
    page.wait_for_timeout(500)
    polls = [headers for url, headers in asked if "hx-request" in headers and "/floor/" in url]
    assert polls
    assert all(one.get("ccm-background") == "yes" for one in polls)
    by_hand = [headers for url, headers in asked if "hx-request" not in headers]
    assert not any("ccm-background" in one for one in by_hand)


def test_a_page_that_is_signed_out_says_so_and_goes_on_when_somebody_signed_in_again(window):
    user = a_user("manager", a_site_in_the_afternoon("Leeds"))
    manager = window()
    manager.sign_in(user)
    manager.expect_complaint("floor/|401|htmx:")
    page = manager.page
    page.clock.install()
    manager.open("/floor/")
    BrowserSession.objects.all().delete()
    page.clock.run_for(6000)
    notice = page.locator("[data-session-over]")
    expect(notice).to_contain_text("You are signed out")
    link = notice.get_by_role("link", name="Sign in in another tab")
    expect(link).to_have_attribute("href", "/accounts/login/?next=%2Ffloor%2F")
    assert manager.barriers() == []
    manager.sign_in(user)
    page.clock.run_for(6000)
    expect(notice).to_have_count(0)


def test_a_form_that_was_open_meanwhile_can_be_sent_after_signing_in_again(window):
    user = a_user("admin")
    admin = window()
    admin.sign_in(user)
    admin.expect_complaint("links/|401")
    page = admin.open("/links/")
    page.get_by_label("Name").first.fill("Customer")
    page.get_by_label("Address").first.fill("https://crm.example.org/{call_id}")
    admin.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Add the link").first.click()
    expect(page.get_by_role("heading", name="Not kept: you are signed out")).to_be_visible()
    expect(page.get_by_label("name")).to_have_value("Customer")
    assert admin.barriers() == []
    # As signing in does: another session, and another token for forms.
    admin.sign_in(user)
    admin.context.add_cookies([{"name": "csrftoken", "value": "b" * 32, "url": admin.address}])
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("cell", name="Change Customer")).to_be_visible()
    assert LinkTemplate.objects.get().name == "Customer"


def test_signing_out_leaves_no_draft_in_the_tab_and_the_looks_of_the_browser(window):
    manager = window()
    manager.sign_in(a_user("manager", a_site_in_the_afternoon("Leeds")))
    page = manager.open("/queues/")
    page.evaluate("sessionStorage.setItem('draft', 'of a review')")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    kept = page.evaluate("[sessionStorage.length, localStorage.getItem('theme')]")
    assert kept == [0, "dark"]
