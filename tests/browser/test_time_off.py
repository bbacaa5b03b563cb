"""Time off from page to page: asked for with a look ahead, decided, and seen in the calendar."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ccm.models import Leave
from scheduling.models import LeaveKind
from tests.builders import a_site, a_team, a_user, an_agent
from tests.scheduling.absences.builders import a_kind, rules
from tests.scheduling.terms.builders import a_contract, with_contract

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def test_leave_is_looked_at_asked_for_approved_and_seen_in_the_calendar(window):
    site = a_site("Leeds")
    rules(site, people=1)
    a_kind(site, "Unpaid leave", keeps_balance=False, is_paid=False,
           decides=LeaveKind.Decides.PERSON)  # fmt: skip
    today = timezone.now().date()
    monday = today + timedelta(days=28 - today.weekday())
    ada = an_agent(site, "Ada", user=a_user("agent", name="ada"))
    with_contract(ada, a_contract(site, week_minutes=2400))
    lead = a_user("supervisor", name="lead")
    a_team(site, lead, ada)
    agent, leader = window(viewport={"width": 390, "height": 844}), window()
    agent.sign_in(ada.user)
    leader.sign_in(lead)

    page = agent.open(reverse("my_time_off"))
    page.get_by_label("First day").fill(monday.isoformat())
    page.get_by_label("Last day").fill((monday + timedelta(days=1)).isoformat())
    page.get_by_label("Note").fill("A house to move to")
    page.get_by_role("button", name="See what would be decided").press("Enter")
    expect(page.get_by_text("A supervisor or planner would decide.")).to_be_visible()
    expect(page.get_by_text("It takes 16:00 hours of work.")).to_be_visible()
    assert not ada.leave_requests.exists()
    page.get_by_role("button", name="Ask for it").press("Enter")
    expect(page.get_by_text("it is asked for, and somebody decides")).to_be_visible()

    theirs = leader.open(reverse("time_off"))
    theirs.get_by_role("row").filter(has_text="Ada").get_by_role("link").nth(1).press("Enter")
    expect(theirs.get_by_text("A house to move to")).to_be_visible()
    theirs.get_by_role("button", name="Approve").press("Enter")
    expect(theirs.get_by_role("status").filter(has_text="Approved")).to_be_visible()

    page = agent.open(reverse("my_time_off"))
    expect(page.get_by_role("row").filter(has_text="Approved")).to_have_count(1)
    kept = Leave.objects.get(agent=ada)
    assert (kept.first_on, kept.last_on) == (monday, monday + timedelta(days=1))

    # Who works it is told nothing of anybody else; the agent's own days are in their month.
    page = agent.open(f"{reverse('my_month')}?month={monday:%Y-%m}")
    expect(page.get_by_text("Unpaid leave").first).to_be_visible()
    page = leader.open(f"{reverse('time_off_calendar')}?month={monday:%Y-%m}")
    expect(page.get_by_role("main").get_by_text("Ada").first).to_be_visible()
