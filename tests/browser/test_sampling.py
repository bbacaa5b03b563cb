"""From a plan to a swap, as an analyst goes: what it would draw, the draw, the queue, the swap."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.intervals import day_of
from qa.models import DrawnCall, Evaluation, PlanDraw, PlanReviewer, SamplingPlan
from qa.plans import drawing
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import a_call, a_queue, a_team, a_user, an_agent, many_calls, unsaved_call
from tests.qa.builders import a_card, finished

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]
LOOKS = (("light", 1920), ("light", 1280), ("dark", 390))
SHARES = ("0.92", "0.84", "0.71", "0.96", "0.66")


class Centre:
    """Eight agents of a team with thirty calls each in the last seven days."""

    def __init__(self) -> None:
        self.site = a_site_in_the_afternoon("Leeds")
        self.queues = [a_queue(self.site, name) for name in ("Technical", "Billing")]
        self.agents = [an_agent(self.site, f"{name} Okafor") for name in (
            "Ada", "Bea", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal")]  # fmt: skip
        self.team = a_team(self.site, a_user("supervisor"), *self.agents)
        self.analyst = a_user("qa_analyst", self.site, name="quinn")
        self.other = a_user("qa_analyst", self.site, name="robin")
        self.card = a_card(self.site, "Support")
        self.today = day_of(timezone.now(), self.site.calendar)
        began = timezone.now() - timedelta(days=7)
        calls = []
        for place, agent in enumerate(self.agents):
            for n in range(30):
                at = began + timedelta(hours=4 * n, minutes=place)
                talk = 20 if n == 0 else 40 + 30 * n
                calls.append(unsaved_call(self.queues[n % 2], at, agent=agent, talk=talk,
                                          consent=False if n == 1 else None))  # fmt: skip
        many_calls(calls)
        a_call(self.queues[0], timezone.now() - timedelta(minutes=5), outcome="abandoned")


def seen(window, page, name):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not window.scrolls_sideways(), f"{name} {width}"
        assert window.barriers() == [], f"{name} {width}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_analyst_plans_draws_and_swaps_and_the_page_repeats_the_draw(window):
    centre = Centre()
    quinn = window()
    quinn.sign_in(centre.analyst)
    page = quinn.open("/quality/sampling/")
    page.get_by_role("link", name="New plan").click()
    page.get_by_label("Name").fill("Weekly five")
    page.get_by_label("Scorecard").select_option("Support")
    page.get_by_label("From", exact=True).fill((centre.today - timedelta(days=7)).isoformat())
    page.get_by_label("Length", exact=True).check()
    page.get_by_label("quinn", exact=True).check()
    page.get_by_label("robin", exact=True).check()
    page.get_by_label("At most, robin").fill("10")
    page.get_by_role("button", name="What would it draw?").press("Enter")
    would = page.locator("#preview")
    expect(would.get_by_text("of 40", exact=False)).to_be_visible()
    expect(would.get_by_text("The caller did not agree to be recorded")).to_be_visible()
    assert not SamplingPlan.objects.exists()
    seen(quinn, page, "form")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Weekly five is kept.")).to_be_visible()
    seen(quinn, page, "plan")
    page.get_by_role("button", name="Draw now").click()
    expect(page.get_by_role("heading", name="Drawn calls")).to_be_visible()
    draw = PlanDraw.objects.get()
    assert draw.agents.count() == 8
    assert Evaluation.objects.filter(rank=0).count() == 40
    seen(quinn, page, "draw")

    page.get_by_role("link", name="Repeat this draw").click()
    expect(page.get_by_text("the same calls come")).to_be_visible()

    page = quinn.open("/quality/reviews/")
    expect(page.get_by_role("heading", name="To review")).to_be_visible()
    seen(quinn, page, "reviews")
    page.locator(".review-queue").get_by_role("link", name="Swap the call").first.click()
    page.get_by_label("Why it cannot be reviewed").select_option("There is no recording")
    page.get_by_role("button", name="Swap it").press("Enter")
    expect(page.get_by_text("swapped for the next in the order of the seed")).to_be_visible()
    assert DrawnCall.objects.filter(state="swapped").count() == 1
    page.goto(page.url.partition("?")[0] + "?again=yes")
    expect(page.get_by_text("the same calls come")).to_be_visible()

    for one in draw.agents.all():
        reviews = Evaluation.objects.open().filter(rank=0, agent=one.agent).order_by("call_id")
        for review, share in zip(reviews, SHARES, strict=True):
            finished(review, share)
    page.get_by_role("link", name="Scores", exact=True).click()
    expect(page.get_by_role("heading", name="Scores")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(8)
    seen(quinn, page, "scores")
    page.get_by_role("link", name="Several draws").click()
    expect(page.get_by_role("heading", name="How far these draws are")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(8)
    seen(quinn, page, "scores of several draws")
    page.get_by_label("Period").select_option("today")
    expect(page.get_by_text("Nothing was drawn of these days")).to_be_visible()


def test_a_review_is_handed_on_by_keyboard(window):
    centre = Centre()
    plan = SamplingPlan.objects.create(
        site=centre.site, name="Weekly", card=centre.card, several_share=0,
        starts_on=centre.today - timedelta(days=7),
    )  # fmt: skip
    PlanReviewer.objects.create(plan=plan, user=centre.analyst)
    drawing.make(plan, plan.starts_on, None, timezone.now())
    quinn = window()
    quinn.sign_in(centre.analyst)
    page = quinn.open("/quality/reviews/")
    page.get_by_role("link", name="Hand on").first.press("Enter")
    page.get_by_label("Reviewer").select_option("robin")
    page.get_by_label("Why").fill("On leave")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is theirs to review.")).to_be_visible()
    assert Evaluation.objects.filter(reviewer=centre.other).count() == 1
