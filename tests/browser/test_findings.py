"""A finding from its making to its end, by keyboard, as an analyst and a manager see to it."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from qa.models import Finding
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_queue, a_site, a_user, an_agent

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def test_a_finding_is_made_seen_to_and_ended(window):
    site = a_site("Leeds")
    a_queue(site, "Billing")
    agent = an_agent(site, "Ada")
    ana, max_ = a_user("qa_analyst", site, name="ana"), a_user("manager", site, name="max")
    view = window()
    view.sign_in(ana)
    page = view.open("/quality/findings/")
    page.get_by_role("link", name="New finding").press("Enter")
    page.get_by_label("Kind").select_option("Process")
    page.get_by_label("What", exact=True).fill("Two systems ask for the same number")
    page.get_by_label("In words").fill("Callers hear the question twice.")
    page.get_by_label("Agent").select_option("Ada")
    page.get_by_label("Owner").select_option("max")
    page.get_by_label("Due").fill((date.today() + timedelta(days=3)).isoformat())
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not view.scrolls_sideways()
        assert view.barriers() == []
    page.get_by_role("button", name="Keep it").press("Enter")
    expect(page.get_by_text("The finding stands.")).to_be_visible()
    one = Finding.objects.get()
    assert (one.agent, one.owner) == (agent, max_)
    Finding.objects.update(due_on=date.today() - timedelta(days=3))

    other = window()
    other.sign_in(max_)
    theirs = other.open("/")
    # Folded, a group says what waits in it.
    quality = theirs.locator("#side summary", has_text="Quality")
    expect(quality).to_have_text("Quality 1 to see to")
    quality.press("Enter")
    expect(theirs.get_by_role("link", name="Findings 1")).to_be_visible()
    theirs = other.open("/quality/findings/?mine=1")
    expect(theirs.get_by_text("overdue", exact=True).last).to_be_visible()
    for theme, width in LOOKS:
        theirs.emulate_media(color_scheme=theme)
        theirs.set_viewport_size({"width": width, "height": 900})
        assert not other.scrolls_sideways()
        assert other.barriers() == []
    theirs.get_by_role("link", name="Two systems ask").press("Enter")
    theirs.get_by_role("textbox", name="Note").fill("One form now.")
    theirs.get_by_label("State").select_option("Done")
    theirs.get_by_role("button", name="Add").press("Enter")
    expect(theirs.get_by_text("now: Done")).to_be_visible()
    for theme, width in LOOKS:
        theirs.emulate_media(color_scheme=theme)
        theirs.set_viewport_size({"width": width, "height": 900})
        assert not other.scrolls_sideways()
        assert other.barriers() == []

    # Ana had it open meanwhile: her state is not taken, and what she wrote stays.
    page.get_by_role("textbox", name="Note").fill("Nobody listens.")
    page.get_by_label("State").select_option("Not to be done")
    page.get_by_role("button", name="Add").press("Enter")
    expect(page.get_by_text("Somebody has changed it meanwhile")).to_be_visible()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Nobody listens.")
    one.refresh_from_db()
    assert one.state == "done"
