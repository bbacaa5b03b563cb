"""One review, whole: a scorecard from nothing, a draw, a review, a dispute, a decision."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.intervals import day_of
from qa.models import Evaluation, ReviewEvent, Scorecard
from tests.browser.centre import a_site_in_the_afternoon
from tests.browser.test_scorecards import add
from tests.builders import a_queue, a_team, a_user, an_agent, many_calls, unsaved_call

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def a_scorecard_is_built(page):
    """Two criteria of one weight: yes or no, and a scale from 1 to 5."""
    page.get_by_role("link", name="New scorecard").click()
    page.get_by_label("Name", exact=True).fill("Support")
    page.get_by_text("Sections and criteria are yours to write.").click()
    page.get_by_role("button", name="Make it").click()
    page.get_by_label("Name of a new section").fill("Call")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Call").first).to_be_visible()
    add(page, "Call", "Greets by name", "Yes or no")
    add(page, "Call", "Finds the cause", "Scale")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_text("Version 1 is published")).to_be_visible()


def calls_are_drawn(page, since):
    page.get_by_role("link", name="New plan").click()
    page.get_by_label("Name").fill("Weekly one")
    page.get_by_label("Scorecard").select_option("Support")
    page.get_by_label("From", exact=True).fill(since.isoformat())
    page.get_by_label("Calls of each agent").fill("1")
    page.get_by_label("quinn", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Weekly one is kept.")).to_be_visible()
    page.get_by_role("button", name="Draw now").click()
    expect(page.get_by_role("heading", name="Drawn calls")).to_be_visible()


def test_a_review_from_the_first_line_of_its_scorecard_to_the_decision_of_its_dispute(window):
    site = a_site_in_the_afternoon("Leeds")
    queue = a_queue(site, "Technical")
    me = a_user("agent", name="ada")
    ada = an_agent(site, "Ada Lovelace", me)
    a_team(site, a_user("supervisor"), ada)
    began = timezone.now() - timedelta(days=3)
    many_calls(
        [unsaved_call(queue, began + timedelta(hours=n), agent=ada, talk=240) for n in range(12)]
    )

    quinn = window()
    quinn.sign_in(a_user("qa_analyst", site, name="quinn"))
    quinn.expect_complaint("console: htmx:")
    page = quinn.open("/quality/scorecards/")
    a_scorecard_is_built(page)
    page = quinn.open("/quality/sampling/")
    calls_are_drawn(page, day_of(timezone.now(), site.calendar) - timedelta(days=7))

    # The one call that was drawn is in the queue of its reviewer, who marks it.
    page = quinn.open("/quality/reviews/")
    page.locator(".review-queue").get_by_role("link", name="Ada Lovelace").first.click()
    page.locator('[data-criterion="greets-by-name"] label').filter(has_text="Met").first.click()
    cause = page.locator('[data-criterion="finds-the-cause"]')
    cause.locator(".rv-opts label").nth(1).click()
    # A mark under half is explained, or the review is not finished.
    cause.get_by_text("Comment").click()
    cause.get_by_role("textbox").fill("You guess.")
    page.locator("#rv-finish").click()
    done = page.get_by_role("status").filter(has_text="Finished: Ada Lovelace, Technical, 62.5 %")
    expect(done).to_be_visible()
    review = Evaluation.objects.get()
    assert review.version.card == Scorecard.objects.get()
    # 10 of 10, and 2 on a scale from 1 to 5, whose anchors give 2.5 of 10: 12.5 of 20.
    assert review.state == "released"
    assert f"{review.share:.3f}" == "0.625"

    agent = window(viewport={"width": 390, "height": 844})
    agent.sign_in(me)
    phone = agent.open("/quality/mine/")
    phone.get_by_role("main").get_by_role("link", name="Technical").click()
    expect(phone.get_by_text("62.5 %").first).to_be_visible()
    phone.get_by_role("button", name="I have read it").press("Enter")
    phone.get_by_role("link", name="I do not agree: Finds the cause").press("Enter")
    phone.get_by_label("Why you do not agree").fill("I asked for the model first.")
    phone.get_by_role("button", name="Dispute it").press("Enter")
    expect(phone.get_by_text("I asked for the model first.").first).to_be_visible()

    page = quinn.open("/quality/disputes/")
    page.get_by_role("link", name="Finds the cause").first.press("Enter")
    page.get_by_label("Your answer; the agent reads it").fill("The model is not the cause.")
    page.get_by_role("button", name="Answer", exact=True).press("Enter")
    expect(page.get_by_text("The model is not the cause.").first).to_be_visible()

    phone = agent.open("/quality/mine/")
    phone.get_by_role("main").get_by_role("link", name="Technical").click()
    told = phone.get_by_role("region", name="Disputes")
    told.get_by_role("link", name="Finds the cause").click()
    phone.get_by_label("Why it goes on").fill("It led to the cause.")
    phone.get_by_role("button", name="Go on with it").press("Enter")
    expect(phone.get_by_text("It led to the cause.").first).to_be_visible()

    manager = window()
    manager.sign_in(a_user("manager", site))
    decides = manager.open("/quality/disputes/")
    decides.get_by_role("link", name="Finds the cause").first.click()
    decides.get_by_label("Your reason").fill("It did: a 4.")
    decides.get_by_label("Finds the cause").select_option("4")
    decides.get_by_role("button", name="Decide").press("Enter")
    expect(decides.get_by_text("It did: a 4.").first).to_be_visible()

    # 10 of 10 and 7.5 of 10: 17.5 of 20, for the agent as for all.
    phone = agent.open(f"/quality/reviews/{review.pk}/told/")
    expect(phone.get_by_text("87.5 %").first).to_be_visible()
    expect(phone.get_by_text("It did: a 4.").first).to_be_visible()
    events = list(ReviewEvent.objects.order_by("pk").values_list("what", flat=True))
    assert events == [
        "finished", "released", "acknowledged", "disputed", "answered", "escalated", "decided",
    ]  # fmt: skip
