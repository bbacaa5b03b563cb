"""A planner offers overtime for a gap, and an agent accepts it, both with the keyboard alone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from scheduling.models import KeptShift, SiteRules
from tests.browser.test_intraday import a_short_afternoon
from tests.builders import a_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


@pytest.mark.parametrize("width", [1280, 390])
def test_overtime_is_offered_and_accepted_while_its_time_is_counted_down(window, width):
    """Three leave at three, when four erlangs come, which the four who stay do not answer."""
    site, queue, midnight = a_short_afternoon()
    SiteRules.objects.create(site=site, trades_by_supervisor=False)
    three = midnight + timedelta(hours=15)
    for number in (1, 2, 3):
        shift = KeptShift.objects.get(agent__name=f"Agent {number}")
        shift.ends_at, shift.activities, shift.worked_minutes = three, [], 360
        shift.template, shift.shape = None, f"0-540-{360}"
        shift.spells = [[shift.begins_at.isoformat(), three.isoformat()]]
        shift.save()
    agent = KeptShift.objects.get(agent__name="Agent 1").agent
    agent.user = a_user("agent", name="one")
    agent.save()
    size = {"width": width, "height": 900}

    planner = window(viewport=size)
    planner.sign_in(a_user("planner", site))
    page = planner.open(f"/intraday/people/?queue={queue.pk}")
    assert planner.barriers() == []
    assert not planner.scrolls_sideways()
    page.get_by_role("button", name="Offer overtime").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is offered to 3")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+:\d\d left"))).to_be_visible()
    assert planner.barriers() == []
    assert not planner.scrolls_sideways()

    mine = window(viewport=size)
    mine.sign_in(agent.user)
    page = mine.open("/my-schedule/offers/")
    first = page.get_by_role("timer").inner_text()
    expect(page.get_by_role("timer")).not_to_have_text(first)
    assert mine.barriers() == []
    assert not mine.scrolls_sideways()
    page.get_by_role("button", name=re.compile("^Accept")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("your schedule has it")).to_be_visible()
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    assert KeptShift.objects.get(agent=agent).ends_at > three
