"""A scorecard from nothing to its first version, by mouse and keyboard; and two who change it."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from qa.cards import document, edits
from qa.models import CardCriterion, Scorecard
from qa.scoring import Fails, Kind
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_site, a_user
from tests.qa.cards.builders import a_published

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def order(card):
    form = document.read(card.versions.get(state="draft").form)
    return [[one.id for one in each.criteria] for each in form.form.sections]


def looks(person, page):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not person.scrolls_sideways()
        assert person.barriers() == []
    page.set_viewport_size({"width": 1280, "height": 900})


def add(page, section, name, kind):
    named = page.get_by_label(f"New criterion of {section}", exact=True)
    expect(named).to_be_attached()
    if not named.is_visible():
        page.get_by_text(f"Add a criterion to {section}").click()
    named.fill(name)
    page.get_by_label(f"How the new criterion of {section} is answered").select_option(label=kind)
    page.get_by_role("button", name=f"Add it to {section}").click()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_a_scorecard_is_built_dragged_tried_and_published(window):
    site = a_site("Leeds")
    person = window()
    person.sign_in(a_user("qa_analyst", site))
    # A page that is left, and an answer that is changed, let go of the score that was asked for.
    person.expect_complaint("console: htmx:")
    page = person.open("/quality/scorecards/")
    expect(page.get_by_text("There is no scorecard yet")).to_be_visible()
    page.get_by_role("link", name="New scorecard").click()
    looks(person, page)
    page.get_by_label("Name", exact=True).fill("Second line")
    page.get_by_text("Sections and criteria are yours to write.").click()
    page.get_by_role("button", name="Make it").press("Enter")

    # Two sections by keyboard, three criteria by mouse.
    for name in ("Opening", "Care"):
        page.get_by_label("Name of a new section").fill(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=name).first).to_be_visible()
    add(page, "Opening", "Greets by name", "Yes or no")
    add(page, "Opening", "Finds the cause", "Scale")
    add(page, "Care", "Verifies the caller", "Yes or no")
    card = Scorecard.objects.get()
    assert order(card) == [["greets-by-name", "finds-the-cause"], ["verifies-the-caller"]]

    # One is dragged into the other section, before what stands there.
    page.locator("#c-finds-the-cause .qs-grip").drag_to(page.locator("#c-verifies-the-caller"))
    expect(page.locator("#s-care .qs-item").first).to_have_id("c-finds-the-cause")
    assert order(card) == [["greets-by-name"], ["finds-the-cause", "verifies-the-caller"]]
    # And moved on with its arrow.
    page.get_by_role("button", name="Move Finds the cause down").press("Enter")
    expect(page.locator("#s-care .qs-item").first).to_have_id("c-verifies-the-caller")

    # A criterion with all that is said of it; beside it as reviewers will see it.
    page.get_by_role("link", name="Verifies the caller", exact=True).press("Enter")
    page.get_by_label("Weight", exact=True).fill("30")
    page.get_by_label("Critical").select_option("form")
    page.get_by_label("Why it matters").fill("It is the one step that protects the caller.")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("It is the one step that protects the caller.")
    expect(preview).to_contain_text("weight 30 · critical: fails the review")
    page.get_by_label("Name of answer 3").fill("Half of it")
    expect(preview.get_by_text("Half of it")).to_be_visible()
    page.get_by_label("Points of answer 3").fill("1")
    page.get_by_label("Description of answer 4").fill("")
    looks(person, page)
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#c-verifies-the-caller")).to_contain_text("weight 30")
    one, said = edits.find(document.read(card.versions.get().form), "verifies-the-caller")
    assert (one.kind, one.weight, one.fails) == (Kind.YES_NO, 30, Fails.FORM)
    assert [each.id for each in one.options] == ["yes", "no", "half-of-it"]
    assert said.why == "It is the one step that protects the caller."

    # Tried out: met 10 of 50 and a scale at 3 of 1 to 5, 5 of 10: 15 of 20 is 75.
    trial = page.get_by_role("form", name="Try it out")
    trial.locator("#a-greets-by-name-yes").check(force=True)
    expect(trial.get_by_role("status")).to_contain_text("100 of 100 so far · 1 of 3 answered")
    trial.locator("#a-finds-the-cause-3").check(force=True)
    expect(trial.get_by_role("status")).to_contain_text("75 of 100 so far · 2 of 3 answered")
    # A critical answer by keyboard takes it all.
    trial.locator("#a-verifies-the-caller-yes").focus()
    page.keyboard.press("ArrowRight")
    expect(trial.get_by_role("status")).to_contain_text("Failed by: Verifies the caller")
    expect(trial.get_by_role("status")).to_contain_text("0 of 100 so far")
    looks(person, page)

    page.get_by_role("link", name="Publish…").click()
    expect(page.get_by_role("button", name="Publish version 1")).to_be_visible()
    expect(page.get_by_text("None of the steps between the ends is described.")).to_be_visible()
    looks(person, page)
    page.get_by_role("button", name="Publish version 1").press("Enter")
    expect(page.get_by_text("Version 1 is published")).to_be_visible()
    looks(person, page)
    assert set(CardCriterion.objects.values_list("key", flat=True)) == {
        "greets-by-name", "finds-the-cause", "verifies-the-caller",
    }  # fmt: skip


def test_a_version_with_faults_is_told_where_they_are_and_the_next_tells_what_changed(window):
    site = a_site("Leeds")
    keeper = a_user("qa_analyst", site)
    card = a_published(site, keeper)
    person = window()
    person.sign_in(keeper)
    page = person.open(f"/quality/scorecards/{card.pk}/")
    page.get_by_role("button", name="Begin the next version").click()
    page.get_by_label("Name of a new section").fill("Closing")
    page.keyboard.press("Enter")
    expect(page.locator("#s-closing")).to_contain_text("This section has no criteria yet.")
    looks(person, page)
    page.get_by_role("link", name="Publish…").click()
    expect(page.get_by_text("Closing: This section has no criteria yet.")).to_be_visible()
    assert page.get_by_role("button", name="Publish version 2").count() == 0

    page.get_by_role("link", name="The draft").click()
    add(page, "Closing", "Sums up", "Yes or no")
    page.get_by_role("link", name="Greeting", exact=True).click()
    page.get_by_label("Weight", exact=True).fill("20")
    page.get_by_text("Take it off the draft").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remark", exact=True).click()
    page.get_by_text("Take it off the draft").click()
    page.get_by_role("button", name="Take it off").click()
    expect(page.get_by_role("button", name="Bring back Remark")).to_be_visible()
    page.get_by_role("link", name="Publish…").click()
    differs = page.get_by_role("region", name="What is different")
    expect(differs).to_contain_text("Sums up")
    expect(differs.get_by_role("row", name=re.compile("Greeting weight 40 20"))).to_be_visible()
    looks(person, page)
    page.get_by_role("button", name="Publish version 2").click()
    expect(
        page.get_by_text("Say what changed: whoever compares versions reads it.")
    ).to_be_visible()
    page.get_by_label("What changed, and why").fill("Sums up at the end; greeting counts less")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 2 is published")).to_be_visible()
    page.get_by_role("link", name="Compare two").click()
    expect(page.get_by_role("region", name="What is different")).to_contain_text("Sums up")
    looks(person, page)


def test_who_saves_second_is_told_and_has_everything_still_there(window):
    site = a_site("Leeds")
    first, second = (a_user("qa_analyst", site) for _ in range(2))
    card = a_published(site, first)
    one, other = window(), window()
    one.sign_in(first)
    other.sign_in(second)
    page = one.open(f"/quality/scorecards/{card.pk}/")
    page.get_by_role("button", name="Begin the next version").click()
    page.get_by_role("link", name="Greeting", exact=True).click()
    theirs = other.open(f"/quality/scorecards/{card.pk}/draft/criteria/greeting/")
    theirs.get_by_label("Why it matters").fill("Names build trust.")
    page.get_by_label("Weight", exact=True).fill("55")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#c-greeting")).to_contain_text("weight 55")
    theirs.get_by_role("button", name="Save").click()
    expect(
        theirs.get_by_text("Somebody changed this draft since you opened the page.")
    ).to_be_visible()
    expect(theirs.get_by_label("Why it matters")).to_have_value("Names build trust.")
    now = theirs.get_by_role("region", name="Now and as you wrote it")
    expect(now.get_by_role("row", name="weight 55 40")).to_be_visible()
    looks(other, theirs)
    theirs.get_by_label("Weight", exact=True).fill("55")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.locator("#c-greeting")).to_be_visible()
    said = edits.find(document.read(card.versions.get(state="draft").form), "greeting")
    assert (said[0].weight, said[1].why) == (55, "Names build trust.")


def test_the_starters_are_shown_whole(window):
    site = a_site("Leeds")
    person = window()
    person.sign_in(a_user("qa_analyst", site))
    page = person.open("/quality/scorecards/new/?begin=support")
    page.get_by_label("Name", exact=True).fill("Support")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("14 criteria")).to_be_visible()
    looks(person, page)
    heights = [
        page.locator(f"#c-{id}").bounding_box()["y"] for id in ("greeting", "reason", "facts")
    ]
    assert all(above < below for above, below in pairwise(heights))
    page = person.open("/quality/scorecards/")
    looks(person, page)
