"""The effect of coaching, and a trial from its registration on, as who leads a team sees them."""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import expect

from coaching.models import Trial
from tests.browser.test_belonging import looks_right
from tests.coaching.effect.builders import COACHED, Centre
from tests.coaching.trials.builders import a_trial

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def test_what_coaching_did_is_read_and_narrowed(window):
    centre = Centre(agents=60).works(*[-12.0] * 12, wobble=0.7)
    for one in centre.agents[:6]:
        centre.held(centre.lead, [one])
    for one in centre.agents[6:12]:
        centre.held(centre.other, [one], kind="side_by_side")
    view = window()
    view.sign_in(centre.manager)
    page = view.open("/")
    view.go("Coaching effect")
    expect(page.get_by_text("Coaching moved Average handling time by")).to_be_visible()
    expect(page.get_by_role("heading", name="By coach")).to_be_visible()
    looks_right(view, page)
    page.get_by_text("The method", exact=True).press("Enter")
    page.get_by_label("Kinds").select_option("Quick note")
    expect(page.get_by_text("Nothing of what is chosen happened")).to_be_visible()
    looks_right(view, page)


def test_a_trial_is_registered_and_one_that_is_over_is_decided_on(window):
    centre = Centre(agents=60, trigger=COACHED).works(*[-12.0] * 12, wobble=0.7)
    centre.team(centre.lead, centre.agents[:12])
    a_trial(
        centre.site, centre.agents[:12], starts_on=date(2026, 2, 2), made_by=centre.lead,
        made_at=datetime(2026, 1, 26, 9, tzinfo=UTC), title="Summaries of calls",
    )  # fmt: skip
    view = window()
    view.sign_in(centre.lead)
    page = view.open("/")
    view.go("Trials")
    page.get_by_role("link", name="Register a trial").press("Enter")
    page.get_by_label("Idea").fill("Greet by name")
    page.get_by_label("What is done otherwise").fill("The caller's name comes first.")
    looks_right(view, page)
    page.get_by_role("button", name="Register it").press("Enter")
    expect(page.get_by_text("Choose a team, or who takes part.")).to_be_visible()
    page.get_by_label("Team", exact=True).select_option(index=1)
    page.get_by_role("button", name="Register it").press("Enter")
    expect(page.get_by_text("Neither is better by its definition")).to_be_visible()
    page.get_by_label("Hoped for").select_option("less of it")
    page.get_by_role("button", name="Register it").press("Enter")
    expect(page.get_by_text("It can be changed until")).to_be_visible()
    looks_right(view, page)
    page.get_by_role("link", name="All trials").press("Enter")
    looks_right(view, page)
    page.get_by_role("link", name="Summaries of calls").press("Enter")
    expect(page.get_by_text("It ran as registered and moved")).to_be_visible()
    looks_right(view, page)
    page.get_by_label("Decision").select_option("Keep it")
    page.get_by_role("textbox", name="Why").fill("Twelve seconds less.")
    page.get_by_role("button", name="Decide").press("Enter")
    expect(page.get_by_text("As it was told when it was decided on")).to_be_visible()
    looks_right(view, page)
    assert Trial.objects.get(title="Summaries of calls").decision == "keep"
