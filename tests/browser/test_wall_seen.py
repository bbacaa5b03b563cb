"""The wall as people see it: from a link that a screen opens for the first time, from far away."""

import time
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ccm.access import MANAGER
from ccm.models import Agent
from coaching.models import Kudos
from kpis import kiosks
from kpis.models import Board
from kpis.walls.layout import MOST_ROWS, Tile
from kpis.walls.starts import STARTS
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEAVIEST = 60 * 1024
"""Bytes over the wire until a wall without charts stands, headers with them; then its stream."""

# A screen of 55 inches is 685 mm high. From 8 metres one minute of arc of it is 2.33 mm, 3.67 of
# 1,080 lines. Good eyes (6/6) tell letters of five minutes apart; what is to be read with ease has
# sixteen and more (ISO 9241-303): 59 lines, which are 7 in a picture of 12 %. So 8 there are 67
# lines, 18 minutes, more than three times what good eyes need.
SCALE, LINES, LEAST = 0.12, 1080, 8
# Names and states are 5 minutes at least, where a board is made for 8 metres.
LEAST_WORDS = 2.2

CUT = """() => {
  const root = document.documentElement;
  const cut = root.scrollWidth > innerWidth || root.scrollHeight > innerHeight ? ["the page"] : [];
  for (const tile of document.querySelectorAll(".tile")) {
    const room = tile.getBoundingClientRect();
    for (const one of [tile, ...tile.querySelectorAll("*")]) {
      const there = one.getBoundingClientRect();
      const out = there.width && (there.left < room.left - 1 || there.top < room.top - 1
        || there.right > room.right + 1 || there.bottom > room.bottom + 1);
      const hides = getComputedStyle(one).overflow !== "visible"
        && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
      if (out || hides) cut.push(`${tile.dataset.tile}: ${one.className} ${one.textContent}`);
    }
  }
  return cut;
}"""
# How tall an 8 or an H is drawn, in px.
TALL = """(where) => [...document.querySelectorAll(where)].map((one) => {
  const pen = document.createElement("canvas").getContext("2d");
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(one);
  pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  return pen.measureText("8H").actualBoundingBoxAscent;
})"""
# A function: of words the page itself would be asked to make one, and it may not.
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.fixture
def board(live):
    site = a_site_in_the_afternoon("Leeds")
    told(site, [Visit(minutes_ago(30 - step), agent="Ada") for step in range(5)])
    return Board.objects.create(slug=f"seen-{site.pk}", title="Leeds", site=site, size="l")


class Wire:
    """What a page brings over the network, by its address."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        self._page = page
        self._asked: dict[str, str] = {}
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.requestWillBeSent", self._asks)
        line.on("Network.loadingFinished", self._has)

    def wait_for(self, count: int, what: str) -> None:
        """Until so many have come whole: the browser tells of it after it has drawn them."""
        until = time.monotonic() + 20
        while len(self.bytes) < count:
            assert time.monotonic() < until, f"{what}: {self.bytes}"
            self._page.wait_for_timeout(50)

    def _asks(self, said: Any) -> None:
        self._asked[said["requestId"]] = said["request"]["url"]

    def _has(self, said: Any) -> None:
        self.bytes[self._asked[said["requestId"]]] = said["encodedDataLength"]


@pytest.mark.parametrize("start", ["standard", "support"])
def test_a_wall_by_a_link_never_opened_before_weighs_little_and_is_read_from_eight_metres(
    window, board, start, record_property
):
    board.tiles = STARTS[start].layout().kept()
    board.save()
    _link, words = kiosks.make_link(board, "Hall", a_user(MANAGER, board.site))
    for width, height in ((1920, 1080), (3840, 2160)):
        screen = window(viewport={"width": width, "height": height})
        wire = Wire(screen.page)
        page = screen.open(f"/kiosk/{words}/")
        expect(page.locator(".live")).to_contain_text("live, ", timeout=20_000)

        wire.wait_for(6, "page, sheet, two scripts, letters and a token")
        weight = sum(wire.bytes.values())
        assert weight <= HEAVIEST, wire.bytes
        painted = page.wait_for_function(FIRST_PAINT).json_value()
        record_property(f"{start} {width}x{height}", f"{weight} bytes, first paint {painted} ms")

        to_picture = SCALE * LINES / height
        for size in ("s", "m", "l"):
            page.evaluate("size => { document.documentElement.dataset.size = size }", size)
            assert page.evaluate(CUT) == [], size
            digits = page.evaluate(TALL, ".digits")
            assert len(digits) >= 6
            assert min(digits) * to_picture >= LEAST, size
        names = page.evaluate(TALL, ".title, .word:not(:empty)")
        assert min(names) * to_picture >= LEAST_WORDS


@pytest.mark.parametrize("size", ["s", "m", "l"])
def test_a_wall_of_as_many_rows_as_its_size_shows_is_cut_nowhere(window, board, size):
    """Also under a banner; and with two rows too many the words of a message are still there."""
    board.tiles = [Tile("t0", "message", text="Say so.", level="bad", width=2).kept()]
    kpis = ("service_level", "waiting", "available", "abandon_rate")
    rest = MOST_ROWS[size] * 4 - 2
    board.tiles += [
        Tile(f"t{number}", "figure", kpi=kpis[number % 4]).kept() for number in range(1, rest + 1)
    ]
    board.size = size
    board.save()
    _link, words = kiosks.make_link(board, "Hall", a_user(MANAGER, board.site))
    page = window(viewport={"width": 1920, "height": 1080}).open(f"/kiosk/{words}/")
    expect(page.locator(".live")).to_contain_text("live, ", timeout=20_000)
    page.evaluate("document.querySelector('.trouble').textContent = 'Nothing since 15:10.'")
    assert page.evaluate(CUT) == []
    page.evaluate("""() => {
      const all = [...document.querySelectorAll(".tile")].slice(-8);
      document.querySelector(".grid").append(...all.map((one) => one.cloneNode(true)));
    }""")
    message = page.locator(".tile[data-kind=message] .text")
    assert message.bounding_box()["height"] >= 16
    assert page.evaluate(TALL, ".tile[data-kind=message] .text")[0] >= 9


@pytest.mark.parametrize("names", [True, False])
def test_thanks_are_read_whole_on_a_hall_screen_and_on_a_phone(window, board, names):
    lead, ada = a_user(MANAGER, board.site), Agent.objects.get()
    sentence = (
        "She stayed on the line until the tow truck was there, and called the caller back twice."
    )
    for _ in range(4):
        Kudos.objects.create(
            site=board.site, agent=ada, giver=lead, words=sentence, given_at=timezone.now(),
            is_on_walls=True,
        )  # fmt: skip
    board.tiles = [Tile("t0", "thanks", width=2).kept(), Tile("t1", "clock").kept()]
    board.names = names
    board.save()
    _link, words = kiosks.make_link(board, "Hall", lead)
    screen = window(viewport={"width": 1920, "height": 1080})
    page = screen.open(f"/kiosk/{words}/")
    expect(page.locator(".live")).to_contain_text("live, ", timeout=20_000)
    for width, height in ((1920, 1080), (1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT) == [], width
        expect(page.get_by_text(sentence)).to_have_count(4)
        expect(page.get_by_text("Ada", exact=True)).to_have_count(4 if names else 0)
