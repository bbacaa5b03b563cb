"""Tables on paper: every column is on the sheet, and every row has its line."""

import re
from datetime import timedelta

import pytest

from ccm.access import MANAGER
from kpis import rollups
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAYS = "period=custom&from=2026-03-02&to=2026-03-08"
# A4 across at 96 pixels an inch, within margins of 12 and of 14 mm.
INSIDE = {"table": 1031, "report": 1016}
CUT = "all => all.map(one => one.scrollWidth - one.clientWidth)"
GROUND = "all => [...new Set(all.map(one => getComputedStyle(one).backgroundColor))]"
NONE = ["rgba(0, 0, 0, 0)"]


@pytest.mark.parametrize(
    ("path", "inside", "columns"),
    [
        (f"/queues/?{DAYS}", "table", 11),
        (f"/agents/?{DAYS}", "table", 11),
        (f"/reports/view/?{DAYS}&by=day&kpi=offered&kpi=csat", "report", 3),
    ],
)
def test_a_table_is_printed_across_whole_and_its_first_column_hides_no_line(
    window, path, inside, columns
):
    site = a_site("Leeds")
    queue = a_queue(site, "Support and returns of the whole north")
    people = [an_agent(site, f"Ada Lovelace-Babbage {number}") for number in range(12)]
    a_team(site, None, *people)
    for number in range(36):
        at = NINE + timedelta(days=number % 7, minutes=number)
        a_call(queue, at, agent=people[number % 12], caller_hash=str(number))
    rollups.rebuild()
    person = window(color_scheme="light")
    person.sign_in(a_user(MANAGER, site))
    page = person.open(path)
    (width, height) = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", page.pdf()).groups()
    assert float(width) > float(height)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": INSIDE[inside], "height": 700})
    boxes = page.locator(".panel .scroll")
    assert page.locator(".figures thead th").count() == columns
    assert boxes.evaluate_all(CUT) == [0]
    assert page.locator(".figures tr > :first-child").evaluate_all(GROUND) == NONE
    # On a narrow window it has one, for figures scroll below it.
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator(".figures tr > :first-child").evaluate_all(GROUND) != NONE


def test_the_hours_of_a_day_are_on_one_sheet(window):
    """Though so much stands above them that they do not fit below it."""
    site = a_site("Leeds")
    queue = a_queue(site)
    for hour in range(48):
        a_call(queue, NINE + timedelta(hours=hour))
    rollups.rebuild()
    person = window(color_scheme="light", viewport={"width": 1016, "height": 700})
    person.sign_in(a_user(MANAGER, site))
    page = person.open(f"/reports/view/?{DAYS}&by=clock&across=weekday&kpi=offered")
    page.emulate_media(media="print")
    panel = page.locator(".heat")
    assert panel.locator("tbody tr").count() == 24
    assert panel.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    # 182 mm are between the margins, of which the heads of page and table need less than a third.
    assert panel.bounding_box()["height"] < 182 * 96 / 25.4 * 2 / 3
