"""A decision tree from its writer to an agent on a phone, who reads it, follows it and says so."""

import pytest
from playwright.sync_api import expect

from coaching.models import LibraryPage, PageAnswer, PageReceipt
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_site, a_user, an_agent
from tests.coaching.library.builders import a_page, current

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]

TREE = """# Does the caller hear you?

- [Yes, they do](#check-the-line)
- [No](#change-the-headset)

## Check the line

| Light | Means |
|-------|------:|
| green | ready |
| a very long word | unbreakable_unbreakable_unbreakable_unbreakable_unbreakable_unbreakable |

Ask [the help desk](https://example.com/desk) or `ping 10.0.0.1 --with --a --line --of --options`.

## Change the headset

> Write the number down first.
"""


def looked_at(person, page):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not person.scrolls_sideways(), (page.url, width)
        assert person.barriers() == [], (page.url, theme, width)


def test_a_tree_is_written_published_read_on_a_phone_followed_and_answered(window):
    site = a_site("Leeds")
    agent = a_user("agent")
    an_agent(site, user=agent)
    trainer = window()
    trainer.sign_in(a_user("trainer", site))
    page = trainer.open("/coaching/library/")
    looked_at(trainer, page)
    page.get_by_role("link", name="New page").press("Enter")
    page.get_by_label("Kind").select_option(label="Decision tree")
    page.get_by_label("Title").fill("No sound")
    page.get_by_label("Why").fill("Callers give up after a minute of silence.")
    page.get_by_label("Text", exact=True).fill(TREE)
    looked_at(trainer, page)
    page.get_by_role("button", name="Keep the draft").press("Enter")
    expect(page.get_by_role("heading", name="As it is kept")).to_be_visible()
    looked_at(trainer, page)
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Agent", exact=True).check()
    looked_at(trainer, page)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Publish").click()
    looked_at(trainer, page)
    page.get_by_role("button", name="Publish version 1").press("Enter")
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()
    looked_at(trainer, page)

    reader = window(viewport={"width": 390, "height": 844})
    reader.sign_in(agent)
    theirs = reader.open("/coaching/library/?q=silence")
    expect(theirs.locator("mark", has_text="silence")).to_be_visible()
    expect(theirs.locator("#side a[aria-current] b")).to_have_text("1")
    looked_at(reader, theirs)
    theirs.set_viewport_size({"width": 390, "height": 844})
    theirs.get_by_role("link", name="No sound").press("Enter")
    looked_at(reader, theirs)
    theirs.set_viewport_size({"width": 390, "height": 844})
    theirs.locator(".library-text").get_by_role("link", name="No", exact=True).press("Enter")
    step = theirs.get_by_role("heading", name="Change the headset")
    expect(step).to_be_in_viewport()
    assert theirs.url.endswith("#s-change-the-headset")
    theirs.get_by_role("button", name="I have read it").first.press("Enter")
    expect(theirs.get_by_text("Noted: you have read it.")).to_be_visible()
    expect(theirs.locator("#side a[aria-current] b")).to_have_count(0)
    theirs.get_by_label("What was missing, or what was good").fill("Which headset?")
    theirs.get_by_role("button", name="No, it did not").press("Enter")
    expect(theirs.get_by_text("You said that it did not.")).to_be_visible()
    looked_at(reader, theirs)
    assert PageReceipt.objects.get().user == agent
    assert not PageAnswer.objects.get().helped

    page.reload()
    expect(page.get_by_text("Which headset?")).to_be_visible()
    page.get_by_role("link", name="Readers").click()
    expect(page.get_by_text("read by 1, still to be read by 0")).to_be_visible()
    looked_at(trainer, page)
    page.get_by_role("link", name="The page").click()
    page.get_by_role("button", name="Begin the next version").press("Enter")
    page.get_by_label("Text", exact=True).fill(TREE.replace("No]", "Nobody]"))
    page.get_by_role("button", name="Keep the draft").press("Enter")
    page.get_by_role("link", name="Publish").click()
    looked_at(trainer, page)
    page.get_by_label("What changed").fill("Clearer")
    page.get_by_role("button", name="Publish version 2").press("Enter")
    page.get_by_role("link", name="Compare two").click()
    expect(page.locator("[data-kind='added']")).to_contain_text("Nobody")
    looked_at(trainer, page)


def test_without_script_a_page_is_found_read_and_answered(window):
    site = a_site("Leeds")
    agent = a_user("agent")
    an_agent(site, user=agent)
    a_page(site, "Refunds", must_from=1, roles=("agent",))
    reader = window(java_script_enabled=False)
    reader.sign_in(agent)
    page = reader.open("/coaching/library/")
    page.get_by_role("main").get_by_role("searchbox").fill("refund")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("main").get_by_role("link", name="Refunds").click()
    page.get_by_role("button", name="I have read it").first.click()
    expect(page.get_by_text("Noted: you have read it.")).to_be_visible()
    page.get_by_role("button", name="Yes, it helped").click()
    expect(page.get_by_text("You said that it helped.")).to_be_visible()
    assert current(LibraryPage.objects.get()).receipts.count() == 1
