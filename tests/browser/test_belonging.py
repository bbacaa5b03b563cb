"""Recognition and a suggestion without a name, by keyboard, as an agent and a manager see them."""

from datetime import timedelta

import pytest
from django.db.models import F
from playwright.sync_api import expect

from coaching.models import Kudos, Suggestion
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_site, a_user, an_agent

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def looks_right(view, page):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not view.scrolls_sideways()
        assert view.barriers() == []


def test_a_suggestion_without_a_name_is_sent_answered_and_read(window):
    site = a_site("Leeds")
    ada, max_ = a_user("agent", name="ada"), a_user("manager", site, name="max")
    an_agent(site, "Ada", user=ada)
    view = window()
    view.sign_in(ada)
    page = view.open("/")
    view.go("Suggestions")
    page.get_by_role("link", name="Suggest something").press("Enter")
    page.get_by_label("In short").fill("Two screens at each desk")
    page.get_by_role("textbox", name="In words").fill("They tile badly on one.")
    looks_right(view, page)
    # Neither is chosen: it says so, and what was typed stays.
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Choose whether your name stands with it.")
    page.get_by_label("Without my name").press("Space")
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_role("heading", name="It is in the box")).to_be_visible()
    looks_right(view, page)
    page.get_by_role("link", name="To the suggestions").press("Enter")
    expect(page.get_by_text("Nothing is suggested yet")).to_be_visible()
    looks_right(view, page)

    # Two days later.
    Suggestion.objects.update(day=F("day") - timedelta(days=2))
    other = window()
    other.sign_in(max_)
    theirs = other.open("/")
    other.go("Suggestions 1 to see to")
    expect(theirs.get_by_text("without a name")).to_be_visible()
    looks_right(other, theirs)
    theirs.get_by_role("link", name="Two screens").press("Enter")
    theirs.get_by_label("State").select_option("Planned")
    theirs.get_by_role("textbox", name="Answer").fill("From May on.")
    theirs.get_by_label("Everybody of the site reads it").press("Space")
    looks_right(other, theirs)
    theirs.get_by_role("button", name="Keep it").press("Enter")
    expect(theirs.get_by_text("published", exact=True)).to_be_visible()
    looks_right(other, theirs)

    page.reload()
    expect(page.get_by_text("From May on.")).to_be_visible()
    assert "without a name" not in page.locator("#content").inner_text()
    looks_right(view, page)


def test_somebody_is_recognised_reads_it_first_and_it_is_taken_back(window):
    site = a_site("Leeds")
    ada, ben = a_user("agent", name="ada"), a_user("agent", name="ben")
    an_agent(site, "Ada", user=ada)
    an_agent(site, "Ben", user=ben)
    view = window()
    view.sign_in(ada)
    page = view.open("/")
    view.go("Recognition")
    expect(page.get_by_text("Nobody was recognised yet")).to_be_visible()
    page.get_by_role("link", name="Recognise somebody").press("Enter")
    page.get_by_label("For", exact=True).select_option("Ben")
    page.get_by_label("What for").fill("Took my calls while the screen was black.")
    looks_right(view, page)
    page.get_by_role("button", name="Say it").press("Enter")
    expect(page.get_by_text("It stands in the feed.")).to_be_visible()
    looks_right(view, page)

    other = window()
    other.sign_in(ben)
    theirs = other.open("/coaching/recognition/")
    expect(theirs.get_by_role("heading", name="For you")).to_be_visible()
    expect(theirs.get_by_text("Took my calls while the screen was black.")).to_be_visible()
    looks_right(other, theirs)

    page.get_by_role("button", name="Take back what Ben was given").press("Enter")
    expect(page.get_by_text("It is taken back.")).to_be_visible()
    assert not Kudos.objects.exists()
