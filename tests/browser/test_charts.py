"""The curve of the day: what Plotly was told, and that chart, table and log agree."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from ccm.access import MANAGER
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, quarter, told
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Name and points (x as text, y) of every curve, as Plotly drew them.
DRAWN = """[...document.querySelector("#curve")._fullData].map(trace => [
    trace.name, Array.from(trace.x, String), Array.from(trace.y, Number)])"""


def quarters(site, moment: datetime) -> int:
    """Quarter hours of the site's day that were over at the moment."""
    local = moment.astimezone(site.tz)
    return (local.hour * 60 + local.minute) // 15


def test_the_curve_has_a_point_a_quarter_hour_and_its_table_the_same_numbers(window):
    site = a_site_in_the_afternoon("Leeds")
    visits = [
        Visit(minutes_ago(minutes), queue, agent=agent)
        for minutes, queue, agent in (
            (200, "Sales", "Ada Lovelace"),
            (125, "Sales", ""),
            (124, "Claims", "Ada Lovelace"),
            (40, "Claims", "Grace Hopper"),
            (40, "Sales", "Grace Hopper"),
            (39.5, "Sales", ""),
        )
    ]
    told(site, visits)
    # As far as the log tells: to the end of the last call, or the last caller's leaving.
    last = max(one.at + timedelta(seconds=one.wait + bool(one.agent) * one.talk) for one in visits)
    over = f"{quarter(last.astimezone(site.tz)):%H:%M}"
    # Made from the log: visits of each quarter hour that is over by then, on the site's clock.
    clocks = [f"{quarter(one.at.astimezone(site.tz)):%H:%M}" for one in visits]
    expected = Counter(clock for clock in clocks if clock < over)
    manager = window()
    manager.sign_in(a_user(MANAGER, site))
    page = manager.open("/")
    expect(page.locator("#curve[data-drawn] .main-svg").first).to_be_visible()
    curves = {name: dict(zip(x, y, strict=True)) for name, x, y in page.evaluate(DRAWN)}
    assert set(curves) == {"Claims", "Sales", "All queues"}
    for points in curves.values():
        assert len(points) == quarters(site, last)
    drawn = {x[11:16]: y for x, y in curves["All queues"].items() if y}
    assert drawn == expected
    of_each = Counter()
    for name in ("Claims", "Sales"):
        of_each.update(curves[name])
    assert +of_each == {x: y for x, y in curves["All queues"].items() if y}

    page.get_by_text("Table", exact=True).click()
    rows = page.locator("details.numbers tbody tr")
    table = {
        row.locator("th").inner_text(): int(row.locator("td").first.inner_text())
        for row in rows.all()
    }
    assert {start: n for start, n in table.items() if n and start < over} == expected


def test_plotly_sends_nothing_anywhere_and_shows_no_buttons(window):
    site = a_site_in_the_afternoon("Leeds")
    told(site, [Visit(minutes_ago(20), agent="Ada Lovelace")])
    manager = window()
    manager.sign_in(a_user(MANAGER, site))
    page = manager.open("/")
    chart = page.locator("#curve[data-drawn]")
    expect(chart.locator(".main-svg").first).to_be_visible()
    chart.hover()
    expect(page.locator(".modebar, .modebar-container .modebar-btn")).to_have_count(0)
    told_plotly = page.evaluate(
        """(({showSendToCloud, plotlyServerURL, displaylogo, displayModeBar}) =>
        ({showSendToCloud, plotlyServerURL, displaylogo, displayModeBar}))(
        document.querySelector("#curve")._context)"""
    )
    assert told_plotly == {
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "displaylogo": False,
        "displayModeBar": False,
    }


# What a page shows while it is printed, asked after the page has made itself ready for that.
WHILE_PRINTED = """addEventListener("beforeprint", () => {
    const colour = (one, what) => getComputedStyle(document.querySelector(one))[what];
    window.printed = {
        words: colour("h1", "color"), panel: colour(".panel", "backgroundColor"),
        axis: document.querySelector("#curve").layout.font.color,
    };
})"""
DARK = {"words": "rgb(233, 236, 242)", "panel": "rgb(23, 27, 35)"}
LIGHT = {"words": "rgb(23, 26, 33)", "panel": "rgb(255, 255, 255)"}


def test_on_paper_a_page_and_its_chart_are_light_whatever_is_chosen(window):
    site = a_site_in_the_afternoon("Leeds")
    told(site, [Visit(minutes_ago(40), agent="Ada Lovelace")])
    manager = window(color_scheme="dark")
    manager.sign_in(a_user(MANAGER, site))
    page = manager.open("/")
    page.click("[data-theme=dark]")
    heading = page.locator("h1")
    expect(heading).to_have_css("color", DARK["words"])
    page.evaluate(WHILE_PRINTED)
    page.pdf(print_background=True)
    axis = page.evaluate("window.printed.axis")
    assert page.evaluate("window.printed") == LIGHT | {"axis": axis}
    # And then as before.
    expect(heading).to_have_css("color", DARK["words"])
    expect(page.locator(".panel").first).to_have_css("background-color", DARK["panel"])
    assert axis == "rgb(80, 89, 103)"
