"""What is chosen stays chosen, in the address, over links and on the way back; and can be read."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from ccm.access import MANAGER
from ccm.models import Queue
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_site, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def asked(page: Page) -> dict[str, str]:
    """What the address says."""
    return {name: one for name, [one] in parse_qs(urlsplit(page.url).query).items()}


def bar(page: Page, name: str) -> Locator:
    """A choice of the filter bar."""
    return page.get_by_role("combobox", name=name, exact=True)


def chosen(page: Page) -> dict[str, str]:
    """What the filter bar says."""
    return {name: bar(page, name).input_value() for name in ("Period", "Site", "Queue")}


def test_site_queue_and_period_survive_links_and_the_way_back(window):
    leeds, york = a_site_in_the_afternoon("Leeds"), a_site_in_the_afternoon("York")
    told(leeds, [Visit(minutes_ago(20), "Sales", agent="Ada Lovelace")])
    told(
        york,
        [
            Visit(minutes_ago(20), "Claims", agent="Grace Hopper"),
            Visit(minutes_ago(30), "Claims", agent="Grace Hopper"),
            Visit(minutes_ago(10), "Renewals", agent="Grace Hopper"),
        ],
    )
    claims, renewals = (Queue.objects.get(name=name) for name in ("Claims", "Renewals"))
    manager = window()
    manager.sign_in(a_user(MANAGER, leeds, york))
    page = manager.open("/")

    bar(page, "Site").select_option(label="York")
    expect(page.locator("h1")).to_have_text("Today at York")
    bar(page, "Period").select_option(label="Last 7 days")
    expect(page.locator("h1")).to_have_text("Last 7 days at York")
    bar(page, "Queue").select_option(label="Claims")
    page.wait_for_url("**queue=*")
    want = {"period": "7d", "site": york.slug, "queue": str(claims.pk)}
    assert asked(page) == want
    rows = page.locator("table.figures tbody tr", has=page.locator("th"))
    expect(rows.filter(has_text="Claims")).to_have_count(1)
    expect(rows.filter(has_text="Renewals")).to_have_count(0)

    page.get_by_role("link", name="All figures").click()
    expect(page.locator("h1")).to_have_text("Queues")
    assert asked(page) == want
    assert chosen(page) == {"Period": "7d", "Site": york.slug, "Queue": str(claims.pk)}
    bar(page, "Queue").select_option(value="")
    link = page.locator("table.figures tbody th a", has_text="Renewals")
    link.click()
    page.wait_for_url(f"**queue={renewals.pk}*")
    assert asked(page) == want | {"queue": str(renewals.pk)}
    expect(page.locator("table.figures tbody th")).to_have_text(["Renewals"])

    page.go_back()
    expect(page.locator("table.figures tbody th")).to_have_count(2)
    assert chosen(page) == {"Period": "7d", "Site": york.slug, "Queue": ""}
    page.go_back()
    expect(bar(page, "Queue")).to_have_value(str(claims.pk))
    page.go_back()
    expect(page.locator("h1")).to_have_text("Last 7 days at York")
    assert asked(page) == want
    assert chosen(page) == {"Period": "7d", "Site": york.slug, "Queue": str(claims.pk)}


# How wide a choice would be in one line, and how wide it is; in how many lines its words are, and
# whether it is as high; and where it ends.
ROOM = """choice => {
    const measured = (style, side) => {
        const free = choice.cloneNode(true);
        free.value = choice.value;
        free.style.cssText = `position: absolute; min-height: 0; ${style}`;
        choice.parentNode.append(free);
        const found = free[side];
        free.remove();
        return found;
    };
    const wide = measured("max-width: none; white-space: nowrap", "offsetWidth");
    const line = measured("max-width: none; white-space: nowrap", "offsetHeight");
    // Rounded down to whole pixels it could wrap where the choice itself does not.
    const high = measured(`width: ${choice.getBoundingClientRect().width}px`, "offsetHeight");
    return [
        wide, choice.offsetWidth, Math.round(high / line), choice.offsetHeight >= high,
        choice.getBoundingClientRect().right,
    ];
}"""


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_a_period_that_tells_its_days_too_can_be_read_whole(window, width):
    """It does where today is another day at some site: between these two it always is."""
    sites = a_site("Tarawa", "Pacific/Kiritimati"), a_site("Pago", "Pacific/Pago_Pago")
    manager = window(viewport={"width": width, "height": 900})
    manager.sign_in(a_user(MANAGER, *sites))
    for asked_for in ("28d", "before_28d"):
        page = manager.open(f"/reports/view/?kpi=offered&by=day&period={asked_for}")
        period = bar(page, "Period")
        assert " – " in period.locator("option:checked").inner_text()
        needed, given, lines, is_high_enough, end = period.evaluate(ROOM)
        assert given * lines >= needed
        assert is_high_enough
        assert end <= width
        assert not manager.scrolls_sideways()
