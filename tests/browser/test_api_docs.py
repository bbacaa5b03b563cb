"""The description of the API is drawn with what is served here, and an admin finds it."""

import pytest
from playwright.sync_api import expect

from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_admin_finds_the_api_beside_the_webhooks_and_nothing_of_it_is_refused(window):
    """No style or script of the page is inline: the window would hear the browser complain."""
    admin = window()
    admin.sign_in(a_user("admin"))
    page = admin.open("/admin/webhooks/")
    page.get_by_role("main").get_by_role("link", name="The API, described").click()
    expect(page.locator("#swagger-ui")).to_contain_text("/api/v1/events/")
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert not admin.scrolls_sideways()
