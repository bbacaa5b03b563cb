"""Bids in a browser: somebody ranks by the keyboard alone, and a planner gives the lines out."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ccm.models import Agent, Site
from scheduling.bids import services
from scheduling.models import BidRound
from tests.builders import a_site, a_user, an_agent
from tests.scheduling.bids.builders import a_day, line_of
from tests.scheduling.kept.builders import a_roster, a_shift

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LUNCH = {"kind": "pause", "name": "Lunch", "is_pause": True, "is_paid": False}


def a_round_of(site: Site, agents: list[Agent], weeks: int = 2) -> BidRound:
    """Each begins an hour later than the one before, on five days of the week, which move by one;
    on the second and fourth day their lunch is three hours after the beginning."""
    now = timezone.now()
    first = now.date() + timedelta(days=7)
    roster, day = a_roster(site, first_day=first, days=7 * weeks, made_at=now), a_day(site)
    for number, agent in enumerate(agents):
        hour = 6 + number % 9
        for place in range(7 * weeks):
            if (place + number) % 7 > 4:
                continue
            on = first + timedelta(days=place)
            begins = datetime.combine(on, datetime.min.time(), site.tz) + timedelta(hours=hour)
            lunch = [begins + timedelta(hours=3), begins + timedelta(hours=3, minutes=30)]
            a_shift(
                roster, agent, on, template=day, shape=f"{day.pk}-{hour * 60}-480",
                begins_at=begins, ends_at=begins + timedelta(hours=8),
                activities=[
                    LUNCH | {"start": lunch[0].isoformat(), "end": lunch[1].isoformat()}
                ] if place % 2 else [],
            )  # fmt: skip
    held = BidRound(roster=roster, criteria=["seniority"], closes_at=now + timedelta(days=2))
    services.begin(held, a_user("planner", site), now)
    return held


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits the selector has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"no Tab comes to {selector}")


def test_lines_are_ranked_by_the_keyboard_alone_and_given_out(window):
    site = a_site("Leeds", zone="Europe/London")
    me = an_agent(site, "Ada", user=a_user("agent"))
    bea = an_agent(site, "Bea")
    held = a_round_of(site, [me, bea, an_agent(site, "Cid")])
    mine, hers = line_of(held, me), line_of(held, bea)
    agent = window()
    agent.sign_in(me.user)
    page = agent.open(f"/rostering/my-bids/{held.pk}/")
    tab_to(page, f"#choice-{mine}")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your choices are kept.")).to_be_visible()
    expect(page.locator(f"#choice-{mine}")).to_have_value("1")
    tab_to(page, f"button[value='add:{hers}']")
    page.keyboard.press("Enter")
    expect(page.locator(f"#choice-{hers}")).to_have_value("2")
    tab_to(page, f"button[value='up:{hers}']")
    page.keyboard.press("Space")
    expect(page.locator(f"#choice-{hers}")).to_have_value("1")
    expect(page.locator(f"#choice-{mine}")).to_have_value("2")
    assert agent.barriers() == []

    planner = window()
    planner.sign_in(a_user("planner", site, name="Pat"))
    page = planner.open(f"/rostering/bids/{held.pk}/")
    expect(page.get_by_text("1 of 3 has chosen")).to_be_visible()
    page.get_by_role("link", name="Close it now").click()
    expect(page.get_by_text("2 have chosen nothing yet")).to_be_visible()
    assert planner.barriers() == []
    page.get_by_role("button", name="Close it").click()
    page.get_by_role("button", name="Give out these lines").click()
    expect(page.get_by_role("heading", name="Who got what")).to_be_visible()
    assert planner.barriers() == []

    page = agent.open(f"/rostering/my-bids/{held.pk}/")
    expect(page.get_by_role("heading", name=f"You got line {hers}")).to_be_visible()
    assert "Bea" not in page.locator("main").inner_text()
    assert agent.barriers() == []
