"""An admin chooses another definition, having seen what it would show, and finds it everywhere."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ccm.access import ADMIN
from kpis.models import KpiChoice
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_definition_is_looked_at_chosen_marked_and_in_the_log(window):
    """Of each day's 4 calls 2 were answered within 20 s, 1 after 26 s, and 1 given up after 12 s.
    SL4 is 2 / 3, SL3 2 / 4, and SL3 within 30 s 3 / 4."""
    leeds = a_site_in_the_afternoon("Leeds")
    waits = [(8, "Ada Lovelace"), (9, "Ada Lovelace"), (26, "Ada Lovelace"), (12, "")]
    told(
        leeds,
        [
            Visit(minutes_ago(60 + 5 * place) - timedelta(days=day), wait=wait, agent=agent)
            for day in (*range(1, 15), 0)
            for place, (wait, agent) in enumerate(waits)
        ],
    )
    admin = window()
    admin.sign_in(a_user(ADMIN, name="Grace"))
    page = admin.open("/definitions/")
    page.get_by_role("link", name="Service level").click()
    page.wait_for_url("**/definitions/service_level/")  # and until its scripts are there

    # Another variant asks for what it reads.
    form = page.locator("#choice")
    form.get_by_label("Definition").select_option("SL5")
    expect(form.get_by_label("Short abandon, in seconds")).to_have_value("5")
    form.get_by_label("Definition").select_option("SL3")
    expect(form.get_by_label("Short abandon, in seconds")).to_have_count(0)

    # What is wrong stands at its field.
    form.get_by_label("Threshold, in seconds").fill("4000")
    page.get_by_role("button", name="Look what it would show").click()
    expect(page.locator("[data-field=threshold_seconds] .error")).to_contain_text("3600")
    expect(page.locator("#preview")).to_have_count(0)

    since = (minutes_ago(0) - timedelta(days=3)).date().isoformat()
    form.get_by_label("Threshold, in seconds").fill("30")
    form.get_by_label("From", exact=True).fill(since)
    form.get_by_label("Why").fill("As agreed with the board")
    page.get_by_role("button", name="Look what it would show").click()
    preview = page.locator("#preview")
    # The answer brings its reader to it, by keyboard too.
    heading = preview.get_by_role("heading", name="What it would show")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    expect(preview).to_contain_text(f"3 past days, from {since} on, change at once")
    whole = preview.locator("tfoot tr")
    expect(whole).to_contain_text("66.7")
    expect(whole).to_contain_text("75.0")
    expect(preview.locator(".plot[data-drawn]")).to_be_visible()
    assert admin.barriers() == []
    assert not KpiChoice.objects.exists()
    preview.get_by_role("button", name="Keep it").click()
    expect(page.locator("main")).to_contain_text(f"Service level, All sites, from {since}")
    expect(page.locator("main")).to_contain_text("As agreed with the board")

    # Marked where a period spans the day, and beside another where that is asked for.
    admin.open("/?period=7d")
    expect(page.get_by_role("note")).to_contain_text(f"Service level from {since}: SL3, 30 s")
    page.get_by_label("Definition beside").select_option("service_level:SL4")
    tiles = page.locator("#figures")
    expect(tiles.locator("#tile-service_level")).to_contain_text("Service level (SL3)")
    expect(tiles.locator("#tile-service_level")).to_contain_text("75.0")
    # Within 30 s as chosen: nobody gave up later.
    expect(tiles.locator("#tile-service_level-SL4")).to_contain_text("Service level (SL4)")
    expect(tiles.locator("#tile-service_level-SL4")).to_contain_text("100.0")
    page.get_by_role("link", name="All figures").click()
    expect(page.locator("table.figures thead")).to_contain_text("Service level (SL4)")
    assert "definition=service_level%3ASL4" in page.url

    admin.open("/audit/")
    entry = page.locator("table.figures tbody tr")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Grace")
    expect(entry).to_contain_text("Threshold, in seconds: 30")
    entry.get_by_role("link", name="Service level, all sites").click()
    expect(page.locator("h1")).to_have_text("Service level")


def test_the_list_shows_what_holds_in_full_however_long_it_is(window):
    a_site_in_the_afternoon("Leeds")
    pauses = ", ".join(f"Pause of the kind {number}" for number in range(9))
    KpiChoice.objects.create(
        kpi="utilisation",
        variant="U1",
        valid_from="2026-01-01",
        parameters={"productive_pauses": pauses},
    )
    admin = window()
    admin.sign_in(a_user(ADMIN))
    page = admin.open("/definitions/")
    cell = page.get_by_role("row", name="Utilisation").locator("td").first
    expect(cell).to_contain_text(pauses)
    assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    # Cut off, it would be one line.
    assert cell.evaluate("cell => cell.clientHeight > 60")
