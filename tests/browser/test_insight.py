"""Insight as an analyst looks at it: the reviewer who drifts stands at the top of the page."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_user
from tests.qa.insight.invented import invented

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


# Tables of which a column is out of sight, but for folded ones, and cells whose words are cut.
CUT = """() => [
  ...[...document.querySelectorAll("main .scroll")].filter(
    (one) => !one.closest("details") && one.scrollWidth > one.clientWidth + 1),
  ...[...document.querySelectorAll("main td.words, main tbody th")].filter(
    (one) => getComputedStyle(one).overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1),
].map((one) => one.getAttribute("aria-label") || one.textContent.trim())"""


def test_a_drifting_reviewer_and_a_criterion_that_everybody_passes_are_exposed(window):
    last = (timezone.now() - timedelta(days=32)).date()
    made = invented(last, months=12, teams=3, agents=6, doubled=0.5, surveyed=0.6)
    view = window()
    view.sign_in(a_user("qa_analyst", made.site, name="ana"))
    first = (last.replace(day=1) - timedelta(days=62)).replace(day=1)
    page = view.open(
        f"/quality/insight/?site={made.site.slug}&period=custom&from={first}&to={last}"
    )
    short = page.get_by_role("region", name="In short")
    expect(short.get_by_text("drifts beside the others")).to_contain_text(str(made.reviewers[0]))
    expect(short.get_by_text("Nobody fails 1 criterion")).to_contain_text("Greeting")
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 1000})
        assert not view.scrolls_sideways()
        assert view.barriers() == []
        assert page.evaluate(CUT) == []

    # To the reviews behind what is lost most, and back, by keyboard.
    page.get_by_role("link", name="Cause").first.press("Enter")
    expect(page.get_by_role("heading", name="Reviews that lost points on it")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Insight").press("Enter")
    expect(page.get_by_role("region", name="In short")).to_be_visible()
    assert f"to={last}" in page.url

    # Narrowed to a team, the address says so and who drifts stays known.
    page.locator("#f-team").select_option(label=made.teams[1].name)
    expect(page.get_by_role("region", name="By team").get_by_role("row")).to_have_count(2)
    assert f"team={made.teams[1].pk}" in page.url
    expect(short.get_by_text("drifts beside the others")).to_be_visible()

    # The verdict of each criterion stands beside its name, with what follows, at every width.
    page = view.open("/quality/calibration/agreement/?months=24")
    tone = page.get_by_role("row", name="Tone")
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 1000})
        expect(tone).to_contain_text("rewrite me")
        expect(tone).to_contain_text("Reviewers do not mean the same")
        assert not view.scrolls_sideways()
        assert page.evaluate(CUT) == []
        # On a phone it is a card.
        assert width < 1280 or tone.evaluate("(row) => row.offsetHeight") < 200
