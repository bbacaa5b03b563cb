"""A screen whose link is not good says why, and is there again when it is."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.access import MANAGER
from kpis import kiosks
from kpis.kiosks import links
from kpis.models import Board
from tests.builders import a_site, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_screen_that_is_out_of_its_network_says_so_and_comes_back_when_it_is_let(window):
    site = a_site()
    manager = a_user(MANAGER, site)
    link, words = kiosks.make_link(Board.objects.get(site=site), "Hall", manager)
    screen = window()
    screen.page.clock.install()
    with screen.page.expect_request("**/live/**"):
        wall = screen.open(f"/kiosk/{words}/")
    expect(wall.locator(".tile").first).to_be_visible()

    # The token it may not have, and the stream that it asks for with the one it had.
    screen.expect_complaint(r"404.*/kiosk/|403.*/live/|console: .*40[34]")
    terms = {"who": manager, "now": timezone.now()}
    links.change(link, "Hall", link.expires_at, ["192.0.2.0/24"], **terms)
    dark = wall.locator(".stale")
    expect(dark).to_contain_text("not meant for the network", timeout=10_000)
    assert wall.locator(".tile").count() == 0

    links.change(link, "Hall", link.expires_at, [], **terms)
    wall.clock.fast_forward(60_000)
    expect(wall.locator(".tile").first).to_be_visible()
