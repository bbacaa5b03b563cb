"""A review from its agent to the one who decides: three people, one of them on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from qa.models import CardCriterion, Evidence
from tests.browser.test_my_schedule import LOOKS
from tests.qa.after.builders import House
from tests.qa.calibration.builders import a_session, score

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def looked_at(person, page):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not person.scrolls_sideways(), (page.url, width)
        assert person.barriers() == [], (page.url, theme, width)


def test_an_agent_disputes_an_answer_and_reads_why_it_was_decided_so(window):
    house, now = House(), timezone.now()
    review = house.released(now, cause="2", comment="You guess at the second question.")
    cause = CardCriterion.objects.get(card=house.card, key="cause")
    Evidence.objects.create(
        evaluation=review, criterion=cause, at_ms=38_000, words="It must be the card", made_at=now
    )
    agent = window(viewport={"width": 390, "height": 844})
    agent.sign_in(house.me)
    page = agent.open("/quality/mine/")
    looked_at(agent, page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("main").get_by_role("link", name=house.queue.name).click()
    expect(page.get_by_text("−45.0 of 60.0 points").first).to_be_visible()
    expect(page.get_by_text("You guess at the second question.").nth(1)).to_be_visible()
    looked_at(agent, page)
    page.get_by_role("button", name="I have read it").press("Enter")
    expect(page.get_by_text("it is noted that you have read it")).to_be_visible()
    page.get_by_role("link", name="I do not agree: Found the cause").press("Enter")
    page.get_by_role("button", name="Dispute it").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.get_by_label("Why you do not agree").fill("I checked the line first, at 0:20.")
    looked_at(agent, page)
    page.get_by_role("button", name="Dispute it").press("Enter")
    expect(page.get_by_text("It is said: the reviewer answers")).to_be_visible()

    reviewer = window()
    reviewer.sign_in(house.reviewer)
    theirs = reviewer.open("/quality/disputes/")
    looked_at(reviewer, theirs)
    waits = theirs.get_by_role("region", name="You answer")
    waits.get_by_role("link", name="Found the cause").press("Enter")
    expect(theirs.get_by_text("I checked the line first, at 0:20.").first).to_be_visible()
    looked_at(reviewer, theirs)
    theirs.get_by_label("Your answer; the agent reads it").fill("You did, and guessed then.")
    theirs.get_by_label("Found the cause").select_option("3")
    theirs.get_by_role("button", name="Answer", exact=True).press("Enter")
    expect(
        theirs.get_by_text("It is answered: the agent reads it under My reviews.")
    ).to_be_visible()
    expect(theirs.get_by_text("Found the cause: 2 → 3")).to_be_visible()

    page = agent.open("/quality/mine/")
    expect(page.get_by_text("Answered: your turn until the end of").last).to_be_visible()
    page.get_by_role("main").get_by_role("link", name=house.queue.name).click()
    page.get_by_role("region", name="Disputes").get_by_role("link", name="Found the cause").click()
    page.get_by_label("Why it goes on").fill("A guess comes after a check.")
    looked_at(agent, page)
    page.get_by_role("button", name="Go on with it").press("Enter")
    expect(page.get_by_text("It goes on: somebody else decides")).to_be_visible()

    manager = window()
    manager.sign_in(house.manager)
    decides = manager.open("/quality/disputes/")
    waits = decides.get_by_role("region", name="You may decide")
    waits.get_by_role("link", name="Found the cause").click()
    decides.get_by_label("Your reason").fill("The check is at 0:20: it is a 4.")
    decides.get_by_label("Found the cause").select_option("4")
    decides.get_by_role("button", name="Decide").press("Enter")
    expect(
        decides.get_by_text("It is decided: the agent reads it under My reviews")
    ).to_be_visible()

    page = agent.open(f"/quality/reviews/{review.pk}/told/")
    disputes = page.get_by_role("region", name="Disputes")
    expect(disputes.get_by_text("Answers were changed")).to_be_visible()
    expect(disputes.get_by_text("The check is at 0:20: it is a 4.")).to_be_visible()
    # 40 + three quarters of 60.
    expect(page.get_by_text("The score is 85.0 % from then on.")).to_be_visible()
    looked_at(agent, page)


def test_a_session_shows_where_reviewers_differ_and_keeps_what_they_agree_on(window):
    house, now = House(), timezone.now()
    calls = [house.call(at=now - timedelta(hours=one)) for one in (1, 2)]
    raters = (house.reviewer, house.other, house.manager)
    session = a_session(house, calls, raters, due_at=now + timedelta(days=7))
    for number in (1, 2):
        score(session, house.reviewer, number, cause="4")
        score(session, house.other, number, cause="4", comment="Asks, and checks the line.")
    reader = window()
    reader.sign_in(house.reviewer)
    page = reader.open(f"/quality/calibration/{session.pk}/")
    expect(page.get_by_text("nobody sees what others have said")).to_be_visible()
    looked_at(reader, page)
    score(session, house.manager, 1, cause="2", greeting="no", comment="Guesses.")
    score(session, house.manager, 2, cause="4")
    page = reader.open("/quality/calibration/")
    looked_at(reader, page)
    page.get_by_role("link", name="March").press("Enter")
    expect(page.get_by_role("link", name="Call 1 2 apart")).to_be_visible()
    looked_at(reader, page)
    page.set_viewport_size({"width": 1280, "height": 900})
    row = page.get_by_role("row", name="Found the cause")
    row.get_by_text("Note or agree").press("Enter")
    row.get_by_label("Agreed answer").select_option("3")
    row.get_by_label("Why").fill("One guess, then a check.")
    row.get_by_role("button", name="Keep as agreed").press("Enter")
    expect(page.get_by_text("One guess, then a check.")).to_be_visible()
    page.get_by_role("button", name="Close the session").click()
    expect(page.get_by_text("The session is closed.")).to_be_visible()
    page.get_by_role("link", name="Calibration", exact=True).last.click()
    page.get_by_role("link", name="Agreement by criterion").click()
    expect(page.get_by_text("2 calls were scored by several people").first).to_be_visible()
    looked_at(reader, page)


def test_a_session_is_made_by_keyboard(window):
    house, now = House(), timezone.now()
    for hours in range(1, 5):
        house.call(at=now - timedelta(hours=hours))
    maker = window()
    maker.sign_in(house.reviewer)
    page = maker.open("/quality/calibration/new/")
    looked_at(maker, page)
    page.get_by_label("Name", exact=True).fill("First of the month")
    page.get_by_label("Scorecard").select_option(index=1)
    for who in (house.reviewer, house.other):
        page.get_by_label(who.username, exact=True).check()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("The session is made")).to_be_visible()
    expect(page.get_by_text("Calls were drawn at random of 4")).to_be_visible()
