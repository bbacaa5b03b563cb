"""The lists that people keep: on a phone, by keyboard, without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.models import Cost
from kpis import rollups
from tests.builders import (
    NINE,
    a_call,
    a_cost,
    a_headcount,
    a_leave,
    a_queue,
    a_sale,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
)
from tests.reach import a_note

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTS = (
    "/admin/sites/", "/admin/queues/", "/admin/teams/", "/admin/agents/", "/admin/costs/",
    "/admin/targets/", "/admin/headcount/", "/admin/sales/", "/admin/absences/", "/callbacks/",
    "/callbacks/asked/", "/callbacks/promised/",
)  # fmt: skip
INNER = "all => all.map(one => one.scrollWidth - one.clientWidth)"


def test_no_list_scrolls_sideways_on_a_phone_and_each_still_sorts(window):
    site = a_site("Leeds", zone="Europe/London")
    admin = a_user("admin")
    agent = an_agent(site, "Ada Lovelace of the second shift")
    agent.skills = ["complaints", "invoices and reminders", "returns"]
    agent.save()
    queue = a_queue(site, "Support and returns of the whole north")
    a_team(site, admin, agent)
    a_cost(site, queue=queue)
    a_target(site, agent=agent)
    a_headcount(site)
    a_sale(site, agent=agent, pipeline_value=2500)
    a_leave(agent)
    a_note(a_call(queue, timezone.now() - timedelta(minutes=9), agent=agent))
    a_call(queue, timezone.now() - timedelta(minutes=9), outcome="callback_requested")
    person = window(color_scheme="light", viewport={"width": 390, "height": 844})
    person.sign_in(admin)
    for path in LISTS:
        page = person.open(path)
        assert page.locator(".stacked .scroll").evaluate_all(INNER) == [0], path
        assert not person.scrolls_sideways(), path
        labels = page.locator(".stacked tbody td").evaluate_all(
            "all => all.map(one => one.dataset.label)"
        )
        assert labels
        assert all(labels), path
        sorting = page.locator(".stacked thead a").last
        sorting.click()
        page.wait_for_url("**sort=**")


def test_the_hours_of_a_day_are_seen_at_once_and_notes_of_figures_keep_to_one_line(window):
    """Of two weekdays three calls each hour: shares of few, with a note below each."""
    site = a_site("Leeds", zone="UTC")
    queue, agent = a_queue(site), an_agent(site)
    for hour in range(48):
        for _call in range(3):
            a_call(queue, NINE + timedelta(hours=hour), agent=agent, caller_hash=f"{hour}")
    rollups.rebuild()
    person = window(color_scheme="light", viewport={"width": 1280, "height": 1080})
    person.sign_in(a_user("admin"))
    asked = "/reports/view/?period=custom&from=2026-03-02&to=2026-03-04"
    page = person.open(f"{asked}&by=clock&across=weekday&kpi=service_level")
    boxes = page.locator(".result .scroll")
    assert page.locator(".result tbody tr").count() == 24
    assert boxes.evaluate_all("all => all.map(one => one.scrollHeight - one.clientHeight)") == [0]
    page.set_viewport_size({"width": 390, "height": 844})
    page = person.open(f"{asked}&by=hour&kpi=fcr&kpi=service_level")
    lines = "all => Math.max(...all.map(one => one.getClientRects()[0].height))"
    assert page.locator(".part-known").first.text_content() == "3 pending"
    assert page.locator(".part-known").evaluate_all(lines) < 20  # one line of 13 px
    assert page.locator(".unbroken").evaluate_all(lines) < 30
    assert not person.scrolls_sideways()


SHADES = """cells => cells.map(one => getComputedStyle(one, "::before").opacity)"""


def test_rows_behind_the_whole_have_a_shade_until_the_last_is_seen(window):
    site = a_site("Leeds", zone="Europe/London")
    queue = a_queue(site, "Sales")
    for day in range(22):
        a_call(queue, NINE - timedelta(days=day))
    rollups.rebuild()
    person = window(viewport={"width": 1280, "height": 800})
    person.sign_in(a_user("admin"))
    address = "/reports/view/?by=day&kpi=offered&period=custom&to=2026-03-02&from="
    page = person.open(f"{address}2026-02-09")
    whole, box = page.locator(".result tfoot tr > *"), page.locator(".result .scroll")
    assert box.evaluate("one => one.scrollHeight - one.clientHeight") > 40
    assert whole.evaluate_all(SHADES) == ["1", "1"]
    box.evaluate("one => one.scrollTo(0, one.scrollHeight)")
    page.wait_for_timeout(100)
    assert whole.evaluate_all(SHADES) == ["0", "0"]
    # On a phone nothing cuts it off above the name of the row.
    page.set_viewport_size({"width": 390, "height": 844})
    assert whole.evaluate_all("cells => cells.map(one => getComputedStyle(one).overflow)") == [
        "visible",
        "visible",
    ]
    page.set_viewport_size({"width": 1280, "height": 800})
    # Where all rows are seen there is none.
    person.open(f"{address}2026-03-01")
    assert whole.evaluate_all(SHADES) == ["0", "0"]


def test_beside_the_words_of_a_definition_what_it_is_counted_over_takes_lines(window):
    """The words had 85 of the 512 pixels of the drawer."""
    site = a_site("Leeds", zone="Europe/London")
    queue = a_queue(site, "Sales")
    for number in range(2):
        call = a_call(queue, NINE + timedelta(minutes=number), agent=an_agent(site))
        a_sale(site, call=call, value=100_000, reference=str(number))
    rollups.rebuild()
    person = window(viewport={"width": 1280, "height": 800})
    person.sign_in(a_user("admin"))
    day = "period=custom&from=2026-03-02&to=2026-03-02"
    page = person.open(f"/reports/view/?by=site&kpi=revenue&{day}")
    page.locator(".result td a").first.click()
    over = page.locator(".drawer td.of-what", has_text="calls that sold and sales of no call")
    expect(over.first).to_be_visible()
    width = page.locator(".drawer tbody th.words").first.evaluate("one => one.clientWidth")
    assert width > 180
    box = page.locator(".drawer .scroll").first
    assert box.evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_a_row_is_removed_by_keyboard_and_without_scripts(window):
    site = a_site("Leeds")
    cost = a_cost(site, kind="Rent")
    person = window(java_script_enabled=False)
    person.sign_in(a_user("admin"))
    person.page.goto(f"{person.address}/admin/costs/{cost.pk}/")
    person.page.get_by_role("link", name="Remove").press("Enter")
    expect(person.page.get_by_role("heading", level=1)).to_contain_text("Remove Rent")
    person.page.get_by_role("link", name="Keep it").press("Enter")
    person.page.get_by_role("link", name="Remove").press("Enter")
    person.page.get_by_role("button", name="Remove it").press("Enter")
    expect(person.page.get_by_text("is removed.")).to_be_visible()
    assert not Cost.objects.exists()
