"""The wall beside a working program: new within seconds, never silently old, dark when revoked."""

import re
import time

import pytest
from playwright.sync_api import Locator, expect

from ccm.access import MANAGER
from kpis import kiosks
from kpis.models import Board, BoardTurn
from kpis.walls.starts import STANDARD
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, sent, told
from tests.browser.door import Door
from tests.builders import a_board, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = [
    Visit(minutes_ago(30), agent="Ada Lovelace"),
    Visit(minutes_ago(25), agent="Grace Hopper"),
    Visit(minutes_ago(20), wait=50),
]
SINCE = '<time class="for" data-since="2026-01-01T00:00:00Z">1:00</time>'
MORE = [Visit(minutes_ago(15 - step), agent="Ada Lovelace") for step in range(5)]


@pytest.fixture
def board(live):
    """A board of a site that answered 2 of 3 calls today."""
    site = a_site_in_the_afternoon("Leeds")
    told(site, FIRST)
    return Board.objects.create(slug=f"leeds-{site.pk}", title="Leeds", site=site, tiles=STANDARD)


def answered(page) -> Locator:
    return page.locator("[data-tile=answered] .figure")


def test_a_wall_shows_an_import_by_itself_and_says_when_nothing_comes(window, board, live):
    manager = a_user(MANAGER, board.site)
    wall = window(viewport={"width": 1920, "height": 1080})
    wall.sign_in(manager)
    page = wall.open(f"/boards/{board.slug}/")
    expect(answered(page)).to_have_text("2")
    # Live is what a process keeps saying; it may still be starting.
    expect(page.locator(".live")).to_contain_text("live, ", timeout=20_000)
    page.evaluate("window.same = true")

    sent(board.site, MORE, manager)
    # It takes about a second; how long is for benchmarks, here other tests share the machine.
    expect(answered(page)).to_have_text("7", timeout=20_000)

    live.stop()
    # The last frame is stale after 8 s.
    expect(page.locator(".wall")).to_have_attribute("data-state", "stale", timeout=15_000)
    expect(page.locator(".stale")).to_have_text(re.compile(r"^No data since \d\d:\d\d:\d\d$"))
    # For how long somebody has done something stands still as well, until it is confirmed again.
    lasts = page.locator(".for")
    page.locator(".tile").first.evaluate(
        f"tile => {{ tile.insertAdjacentHTML('beforeend', `{SINCE}`) }}"
    )
    page.wait_for_timeout(1500)
    expect(lasts).to_have_text("1:00")
    live.start()
    expect(page.locator(".stale")).to_be_hidden(timeout=20_000)
    expect(page.locator(".live")).to_contain_text("live, ")
    expect(lasts).not_to_have_text("1:00")
    assert page.evaluate("window.same"), "the page was never loaded again"


def test_a_kiosk_link_names_nobody_and_goes_dark_when_revoked(window, board, live):
    manager = a_user(MANAGER, board.site, name="marianne.weber")
    _link, words = kiosks.make_link(board, "Hall", manager)
    screen = window(viewport={"width": 1920, "height": 1080})
    desk = window(viewport={"width": 390, "height": 844})
    wall = screen.open(f"/kiosk/{words}/")
    expect(answered(wall)).to_have_text("2")
    expect(wall.locator(".live")).to_contain_text("live, ", timeout=20_000)
    source = wall.content()
    for name in ("Ada", "Lovelace", "Grace", "Hopper", "marianne", "weber"):
        assert name not in source
    assert wall.locator("a").count() == 0, "nothing else is behind the link"
    assert screen.barriers() == []

    screen.expect_complaint(r"404.*/kiosk/|console: .*404")  # the token it may no longer have
    desk.sign_in(manager)
    page = desk.open(f"/boards/{board.slug}/links/")
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke it").click()
    revoked = time.monotonic()
    expect(wall.locator(".stale")).to_contain_text("This link was revoked", timeout=10_000)
    assert wall.locator(".tile").count() == 0
    assert time.monotonic() - revoked < 10
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()

    page.get_by_label("Screen", exact=True).fill("Kitchen")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("it is shown once: http")).to_be_visible()
    assert not desk.scrolls_sideways(), "the whole link is there to be copied"


def test_a_board_laid_out_anew_is_drawn_anew_and_boards_in_turn_follow(window, board, live):
    """The page is never loaded again: what changed is put in the place of what was there."""
    manager = a_user(MANAGER, board.site)
    other = a_board(board.site, "waiting", slug=f"other-{board.site_id}")
    Board.objects.filter(pk=other.pk).update(title="Other")
    screen = window(viewport={"width": 1920, "height": 1080})
    screen.sign_in(manager)
    page = screen.open(f"/boards/{board.slug}/")
    expect(page.locator(".live")).to_contain_text("live, ", timeout=20_000)
    page.evaluate("window.same = true")

    words = {"id": "t1", "kind": "message", "text": "Script 12 has the answer", "level": "bad"}
    board.tiles = [*board.tiles[:1], words]
    board.theme = "light"
    board.save()
    expect(page.locator(".text")).to_have_text("Script 12 has the answer", timeout=20_000)
    expect(page.locator(".tile")).to_have_count(2)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")

    BoardTurn.objects.create(board=board, shown=other, seconds=5)
    board.title = "Leeds in turn"
    board.save()
    page.reload()
    page.evaluate("window.same = true")
    expect(page.locator("h1")).to_have_text("Leeds in turn")
    expect(page.locator("h1")).to_have_text("Other", timeout=20_000)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.wait_for_timeout(6000)
    expect(page.locator("h1")).to_have_text("Other")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_have_text("Leeds in turn", timeout=20_000)
    assert page.evaluate("window.same"), "the page was never loaded again"


def test_a_tile_is_dragged_to_another_place_or_moved_by_its_arrows(window, board):
    screen = window()
    screen.sign_in(a_user(MANAGER, board.site))
    page = screen.open(f"/boards/{board.slug}/design/")
    page.locator("[data-tile=csat]").drag_to(page.locator("[data-tile=service_level]"))
    expect(page.locator(".sketch").first).to_have_attribute("data-tile", "csat")
    board.refresh_from_db()
    assert [one["id"] for one in board.tiles][:2] == ["csat", "service_level"]

    later = page.get_by_role("button", name="Move Satisfaction later")
    for place in (1, 2):
        later.press("Enter")
        expect(page.locator(".sketch").nth(place)).to_have_attribute("data-tile", "csat")
        expect(later).to_be_focused()


def test_a_television_shows_the_board_that_its_code_was_given(window, board, live):
    manager = a_user(MANAGER, board.site)
    screen, desk = window(viewport={"width": 1920, "height": 1080}), window()
    tv = screen.open("/tv/")
    code = tv.locator(".code")
    expect(code).to_have_text(re.compile(r"^\d{3} \d{3}$"))  # asked for by itself
    assert screen.barriers() == []

    desk.sign_in(manager)
    page = desk.open("/pair/")
    page.get_by_label("Code on the screen").fill(code.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_text("Chrome · Linux")).to_be_visible()
    assert desk.barriers() == []
    page.get_by_label("Screen", exact=True).fill("Foyer")
    page.get_by_label("Screen", exact=True).press("Enter")
    # About two seconds; other tests share the machine.
    expect(answered(tv)).to_have_text("2", timeout=10_000)
    tv.reload()
    expect(answered(tv)).to_have_text("2")

    screen.expect_complaint(r"404.*/tv/token/|console: .*404")  # the token it may no longer have
    page.get_by_role("link", name="Revoke Foyer").click()
    page.get_by_role("button", name="Revoke it").click()
    expect(tv.locator(".stale")).to_contain_text("This link was revoked", timeout=10_000)
    screen.open("/tv/")
    expect(tv.get_by_text("no longer good")).to_be_visible()
    tv.get_by_role("button", name="Show a new code").click()
    expect(code).to_have_text(re.compile(r"^\d{3} \d{3}$"))


def test_a_wall_whose_connection_died_in_silence_comes_back(window, program, board, live):
    _link, words = kiosks.make_link(board, "Hall", a_user(MANAGER, board.site))
    door = Door(program.port)
    screen = window(viewport={"width": 1920, "height": 1080})
    screen.address = door.address
    try:
        wall = screen.open(f"/kiosk/{words}/")
        expect(wall.locator(".live")).to_contain_text("live, ", timeout=20_000)
        door.freeze()
        expect(wall.locator(".wall")).to_have_attribute("data-state", "stale", timeout=20_000)
        door.thaw()
        # Its stream is open for all it knows; fifteen seconds without a sign say that it is dead.
        expect(wall.locator(".stale")).to_be_hidden(timeout=60_000)
        expect(wall.locator(".live")).to_contain_text("live, ")
    finally:
        door.close()
