"""How the face behaves in Chromium, under the content policy of the settings.

Pages are put together from the real templates with contexts of the tests' own and handed to the
browser without a server; an address that no test names is a failed request.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import plotly.graph_objects as go
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as ccm_settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.urls import path
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

BASE = "http://localhost"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
RULES = ccm_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
POLICY = "; ".join(f"{name} {' '.join(map(str, values))}" for name, values in RULES.items())

# The addresses that the frame of a page links to.
urlpatterns = [path(f"{name}/", HttpResponse, name=name) for name in ("login", "logout")]

Answer = dict[str, Any]


class Site:
    """Answers the browser by path: `pages[path]` is what to send, or a function that says so."""

    def __init__(self, page: Page) -> None:
        self.pages: dict[str, Answer | Callable[[], Answer]] = {}
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.route("**/*", self.answer)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.hear(said.type, said.text))

    def hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def answer(self, route: Route) -> None:
        where = urlsplit(route.request.url)
        self.asked.append(where.path + ("?" + where.query if where.query else ""))
        found = self.pages.get(where.path)
        if callable(found):
            found = found()
        if found is None and where.netloc == "localhost" and where.path.startswith("/static/"):
            file = finders.find(where.path.removeprefix("/static/"))
            if file:
                kind = KINDS.get(Path(file).suffix, "font/woff2")
                found = {"body": Path(file).read_bytes(), "content_type": kind}
        if found is None:
            self.complaints.append(f"no such address: {route.request.url}")
            found = {"status": 404}
        route.fulfill(
            **{"content_type": "text/html; charset=utf-8", **found},
            headers={"Content-Security-Policy": POLICY},
        )


@pytest.fixture
def site(page: Page, settings: Any) -> Site:
    settings.ROOT_URLCONF = __name__
    return Site(page)


NOW = datetime.now(UTC)
FRAME = """{% extends "base.html" %}
{% block title %}Home{% endblock %}{% block heading %}Today at Leeds{% endblock %}
{% block styles %}{% include "_partials/chart_styles.html" %}{% endblock %}
{% block scripts %}{% include "_partials/chart_scripts.html" %}{% endblock %}
{% block age %}{% include "_partials/age.html" %}{% endblock %}
{% block filters %}{% include "_partials/filters.html" %}{% endblock %}
{% block content %}
<section class="tiles">{% include "_partials/tile.html" %}</section>
<section class="panel">{% include "_partials/chart.html" %}</section>
<section class="panel"><header><h2>Import</h2></header>{% include "_partials/job.html" %}
{% include "_partials/empty.html" with words="No call yet." url="/" action="Import" %}
{% include "_partials/error.html" with words="Not drawn." %}
{% include "_partials/stale.html" with words="The worker is busy." %}</section>
{% endblock %}"""


def a_job(**changes: Any) -> dict[str, Any]:
    return {"pk": 7, "state": "running", "get_state_display": "Running", **changes}


def a_page(**changes: Any) -> Answer:
    """A page with one of everything."""
    figure = go.Figure(layout={"template": None})
    figure.add_scatter(x=[1, 2, 3], y=[4, 2, 5], mode="lines", meta={"tone": "accent"})
    context = {
        "navigation": [
            {"name": "", "entries": [{"words": "Home", "url": "/", "current": True}]},
            {
                "name": "performance",
                "title": "Performance",
                "open": True,
                "entries": [{"words": "Queues", "url": "/queues/"}],
            },
            {
                "name": "quality",
                "title": "Quality",
                "count": 3,
                "entries": [
                    {"words": "Reviews", "url": "/reviews/", "count": 3},
                    {"words": "Scorecards", "url": "/scorecards/", "called": "forms"},
                ],
            },
        ],
        "as_of": NOW,
        "now": NOW,
        "zone": "Europe/London",
        "tile": {
            "id": "sl",
            "name": "Service level",
            "value": 0.814,
            "unit": "fraction",
            "level": "bad",
            "word": "below target",
            "values": [1, 2],
            "url": "/passport/",
        },
        "chart": {"id": "offered", "json": figure.to_json(), "words": "Calls offered"},
        "job": a_job(state="failed", get_state_display="Failed", finished_at=NOW),
        "filters": {
            "period": "today",
            "periods": [("today", "Today"), ("7d", "Last 7 days"), ("custom", "Custom")],
            "start": NOW,
            "end": NOW,
        },
        **changes,
    }
    return {"body": engines["django"].from_string(FRAME).render(context)}


# The pages


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_with_one_of_everything_is_clean(site, page, theme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    site.pages["/"] = a_page()
    page.goto(BASE)
    expect(page.locator("#offered[data-drawn] .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert site.complaints == []


def test_a_chart_takes_its_colours_from_the_theme(site, page):
    site.pages["/"] = a_page()
    page.goto(BASE)
    line = page.locator("#offered .js-line")
    # --accent of either theme: #2450d8, #86a4ff.
    expect(line).to_have_css("stroke", "rgb(36, 80, 216)")
    page.get_by_role("button", name="Dark").click()
    expect(line).to_have_css("stroke", "rgb(134, 164, 255)")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_a_figure_opens_its_passport_beside_the_page(site, page):
    site.pages["/"] = a_page()
    site.pages["/passport/"] = {"body": "<h2>Answered within 20 s</h2>"}
    page.goto(BASE)
    page.locator("#tile-sl").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Answered within 20 s")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#tile-sl")).to_be_focused()


def test_a_passport_that_does_not_come_says_so(site, page):
    site.pages["/"] = a_page()
    site.pages["/passport/"] = {"status": 500}
    page.goto(BASE)
    page.locator("#tile-sl").click()
    expect(page.get_by_role("dialog")).to_contain_text("This could not be loaded")


def test_a_filter_changes_the_page_in_place_and_its_address(site, page):
    site.pages["/"] = a_page()
    page.goto(BASE)
    page.evaluate("window.same = true")
    site.pages["/"] = a_page(filters={"period": "7d", "periods": [("7d", "Last 7 days")]})
    page.get_by_label("Period").focus()
    page.get_by_label("Period").select_option("7d")
    page.wait_for_url(f"{BASE}/?period=7d")
    expect(page.locator("#offered[data-drawn]")).to_be_visible()
    assert page.evaluate("window.same")
    expect(page.get_by_label("Period")).to_be_focused()


def test_a_job_is_asked_for_until_it_is_finished(site, page):
    finished = a_job(state="done", words="All read", finished_at=NOW)
    site.pages["/"] = a_page(job=a_job(done=1, total=2), poll_url="/job/")
    site.pages["/job/"] = {"body": render_to_string("_partials/job.html", {"job": finished})}
    page.goto(BASE)
    expect(page.locator("#job-7 progress")).to_be_visible()
    expect(page.locator("#job-7")).to_contain_text("All read")
    page.wait_for_timeout(1300)
    assert site.asked.count("/job/") == 1


def test_the_sidebar_is_a_drawer_for_the_keyboard_on_a_small_screen(site, page):
    page.set_viewport_size({"width": 390, "height": 844})
    site.pages["/"] = a_page()
    page.goto(BASE)
    side, button = page.locator("#side"), page.get_by_role("button", name="Menu")
    expect(side).to_be_hidden()
    button.press("Enter")
    expect(side.get_by_role("link", name="Home")).to_be_focused()
    expect(page.locator("#main")).to_have_attribute("inert", "")
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(button).to_be_focused()


def test_a_group_stays_as_it_was_left_and_folded_it_says_what_waits(site, page):
    site.pages["/"] = a_page()
    page.goto(BASE)
    quality, performance = (page.locator("#side summary", has_text=w) for w in ("Qual", "Perf"))
    reviews = page.get_by_role("link", name="Reviews 3 to see to")
    expect(quality.locator("b")).to_have_text("3 to see to")
    expect(reviews).to_be_hidden()
    quality.press("Enter")
    performance.click()
    expect(reviews).to_be_visible()
    expect(quality.locator("b")).to_be_hidden()
    # It is so on the next page before that is painted: the first frame is looked at.
    page.add_init_script(
        "requestAnimationFrame(() => { window.first = "
        "[...document.querySelectorAll('.side details')].map((one) => one.open); });"
    )
    page.reload()
    assert page.evaluate("window.first") in ([], [False, True])
    expect(reviews).to_be_visible()
    expect(page.get_by_role("link", name="Queues")).to_be_hidden()
    # The group of the page one is on is open, whatever was kept.
    there = a_page()["body"].replace('"performance" open', '"performance" data-here open')
    site.pages["/"] = {"body": there}
    page.reload()
    expect(page.get_by_role("link", name="Queues")).to_be_visible()
    assert site.complaints == []


def test_a_page_is_found_by_its_words_and_opened_by_the_keyboard(site, page):
    site.pages["/"] = site.pages["/scorecards/"] = a_page()
    page.goto(BASE)
    field, links = page.get_by_label("Find a page"), page.locator("#side ul a:visible")
    page.get_by_label("Period").press("/")
    expect(field).not_to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    # By what they and their groups begin with, and by what is inside of them.
    page.keyboard.type("qu")
    expect(links).to_have_text(["Queues", "Reviews 3 to see to", "Scorecards"])
    expect(page.locator(".find [role=status]")).to_have_text("Pages found: 3")
    page.keyboard.press("ArrowDown")
    expect(links.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    assert Axe().run(page).violations_count == 0
    for typed in ("core", "form"):  # it is called so as well
        field.fill(typed)
        expect(links).to_have_text(["Scorecards"])
    field.fill("nowhere")
    expect(links).to_have_count(0)
    expect(page.get_by_text("None of your pages is called that.")).to_be_visible()
    field.press("Escape")
    expect(field).to_have_value("")
    expect(links).to_have_text(["Home", "Queues"])
    field.fill("SCÓRE")
    field.press("Enter")
    page.wait_for_url(f"{BASE}/scorecards/")
    assert site.complaints == []


def test_a_page_is_found_in_the_drawer_of_a_small_screen(site, page):
    page.set_viewport_size({"width": 390, "height": 844})
    site.pages["/"] = a_page()
    page.goto(BASE)
    side, field = page.locator("#side"), page.get_by_label("Find a page")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    field.fill("score")
    field.press("ArrowDown")
    expect(side.get_by_role("link", name="Scorecards")).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    # The keyboard stays in the drawer, both ways round.
    for key in ("Tab", "Shift+Tab"):
        for _ in range(14):
            page.keyboard.press(key)
            assert page.evaluate("!document.activeElement.closest('body > :not(.app), main, .bar')")
    field.focus()
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    assert site.complaints == []


def test_without_the_script_groups_fold_and_there_is_no_finder(browser, site, page):
    site.pages["/"] = a_page()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.set_content(a_page()["body"])
    expect(plain.get_by_role("link", name="Queues")).to_be_visible()
    expect(plain.get_by_role("link", name="Reviews")).to_be_hidden()
    plain.locator("summary", has_text="Quality").click()
    expect(plain.get_by_role("link", name="Reviews")).to_be_visible()


# The wall


def a_frame(figure: str = "7", *, seconds_old: float = 0, **changes: Any) -> dict[str, Any]:
    tile = {
        "id": "waiting",
        "kind": "figure",
        "width": 1,
        "height": 1,
        "title": "Waiting",
        "figure": figure,
        "unit": "",
        "word": "caution",
        "level": "warn",
        "left": "longest 1:42",
        "right": "usual 3",
    }
    return {
        "board": {
            "slug": "leeds",
            "title": "Leeds",
            "zone": "Europe/London",
            "columns": 4,
            "theme": "dark",
            "size": "m",
            "chime": False,
        },
        "as_of": (datetime.now(UTC) - timedelta(seconds=seconds_old)).isoformat(),
        "site_time": "14:36",
        "seq": 1,
        "tiles": [{**tile, **changes}],
        "ticker": None,
        "stale_after": 2,
    }


class Wall:
    """A wallboard page whose stream sends `events` and ends, each time it is opened."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page
        self.tokens = 0
        self.events: Callable[[], str] = lambda: ""
        site.pages["/token/"] = self.token
        site.pages["/live/leeds"] = lambda: {
            "body": self.events(),
            "content_type": "text/event-stream",
        }

    def token(self) -> Answer:
        self.tokens += 1
        word = {"url": f"/live/leeds?t={self.tokens}", "expires": 60}
        return {"body": json.dumps(word), "content_type": "application/json"}

    def open(self, frame: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        context = {"frame": frame, "tiles": frame["tiles"], "now": now, "token_url": "/token/"}
        self.site.pages["/wall/"] = {"body": render_to_string("kpis/wall.html", context)}
        self.page.goto(f"{BASE}/wall/")

    @staticmethod
    def sent(frame: dict[str, Any]) -> str:
        return f"event: frame\ndata: {json.dumps(frame)}\n\n"


@pytest.fixture
def wall(site: Site, page: Page) -> Wall:
    return Wall(site, page)


def test_a_wall_shows_each_new_frame(wall, page):
    wall.events = lambda: wall.sent(a_frame("12", level="bad", word="act now"))
    wall.open(a_frame("7"))
    expect(page.locator(".figure")).to_have_text("12")
    expect(page.locator(".tile")).to_have_attribute("data-level", "bad")
    expect(page.locator(".word")).to_have_text("act now")
    expect(page.locator(".live")).to_contain_text("live, ")
    expect(page.locator(".stale")).to_be_hidden()
    assert Axe().run(page).violations_count == 0
    assert wall.site.complaints == []


def test_what_a_frame_says_is_text_and_nothing_else(wall, page):
    wall.events = lambda: wall.sent(a_frame(title="<img src=x onerror=alert(1)>"))
    wall.open(a_frame())
    expect(page.locator(".title")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0


def test_a_wall_fetches_a_fresh_token_for_every_connection(wall, page):
    wall.events = lambda: wall.sent(a_frame())
    wall.open(a_frame())
    page.wait_for_timeout(3500)
    streams = [address for address in wall.site.asked if address.startswith("/live/")]
    assert len(streams) >= 2
    assert len(set(streams)) == len(streams)


def test_a_wall_without_frames_says_since_when_and_recovers(wall, page):
    wall.open(a_frame("7"))
    expect(page.locator(".stale")).to_have_text(
        re.compile(r"^No data since \d\d:\d\d:\d\d$"), timeout=5000
    )
    expect(page.locator(".wall")).to_have_attribute("data-state", "stale")
    expect(page.locator(".live")).to_have_text("")
    wall.events = lambda: wall.sent(a_frame("9"))
    expect(page.locator(".figure")).to_have_text("9", timeout=10_000)
    expect(page.locator(".stale")).to_be_hidden()


def test_an_old_frame_is_old_though_the_stream_is_new(wall, page):
    # The live process died and the web process still hands out its last frame.
    wall.events = lambda: wall.sent(a_frame("7", seconds_old=540)) + "event: ping\ndata: {}\n\n"
    wall.open(a_frame("7"))
    expect(page.locator(".stale")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.locator(".stale")).to_be_visible()


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_revoked_link_goes_dark(wall, page, status):
    wall.open(a_frame("7"))
    expect(page.locator(".figure")).to_have_text("7")
    wall.site.pages["/token/"] = {"status": status}
    expect(page.locator(".stale")).to_contain_text("This link was revoked", timeout=10_000)
    assert page.locator(".tile").count() == 0
    asked = len(wall.site.asked)
    page.wait_for_timeout(1500)
    assert len(wall.site.asked) == asked, "nothing is asked for any more"


def test_a_wall_is_read_without_its_script(browser, wall, page):
    wall.open(a_frame("1,187"))
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.set_content(wall.site.pages["/wall/"]["body"])
    expect(plain.locator(".figure")).to_have_text("1,187")
    expect(plain.locator("header")).to_contain_text("as of 14:36")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (3840, 2160)])
def test_eight_tiles_fill_a_screen_and_no_digit_is_cut(wall, page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    frame = a_frame()
    frame["tiles"] = [
        {**frame["tiles"][0], "id": str(n), "figure": figure}
        for n, figure in enumerate(["81.4", "7", "1:02:03", "–", "112,187", "100.0", "31", "4.3"])
    ]
    wall.open(frame)
    assert not page.evaluate("document.documentElement.scrollHeight > innerHeight")
    cut = "[...document.querySelectorAll('.digits')].filter(d => d.scrollWidth > d.clientWidth)"
    assert page.evaluate(f"{cut}.map(d => d.textContent)") == []
    tops = page.evaluate(
        "[...document.querySelectorAll('.tile')].map(c => c.getBoundingClientRect().top)"
    )
    assert [len([top for top in tops if top == row]) for row in sorted(set(tops))] == [4, 4]
