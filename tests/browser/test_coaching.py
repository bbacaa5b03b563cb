"""A session from what it is prepared with to the next that opens with what was agreed on: who
coaches at a desk, the agent on a phone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from coaching.models import AgendaItem, Session
from tests.browser.test_my_schedule import LOOKS
from tests.coaching.preparing.builders import Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def looks_right(view, page):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not view.scrolls_sideways(), (page.url, width)
        assert view.barriers() == [], (page.url, theme, width)


def plan(page, desk, day, about):
    page.get_by_role("link", name="New session").press("Enter")
    page.get_by_label("Kind", exact=True).select_option("One-to-one")
    page.get_by_label(desk.agent.name, exact=True).check()
    page.get_by_label("Day", exact=True).fill(day.isoformat())
    page.get_by_label("Time", exact=True).fill("14:30")
    page.get_by_label("About", exact=True).fill(about)
    page.get_by_role("button", name="Plan it").press("Enter")
    expect(page.get_by_role("heading", name=about, level=1)).to_be_visible()


def agree(page, words, day):
    page.get_by_text("Agree on a step").press("Enter")
    page.get_by_role("textbox", name="Step").fill(words)
    page.get_by_label("By", exact=True).fill(day.isoformat())
    page.get_by_label("KPI", exact=True).select_option("csat")
    page.get_by_role("button", name="Agree on it").press("Enter")
    expect(page.get_by_text(words, exact=True)).to_be_visible()


def test_a_session_is_prepared_held_and_followed_up(window):
    today = timezone.now().date()
    desk = Desk(since=today - timedelta(days=28))
    coach, agent = window(), window(viewport={"width": 390, "height": 844})
    coach.sign_in(desk.lead)
    agent.sign_in(desk.me)
    page = coach.open("/coaching/sessions/")
    plan(page, desk, today + timedelta(days=1), "Autumn")
    agenda = page.get_by_role("region", name="Agenda")
    expect(agenda.locator("b", has_text="Customer satisfaction 95.0")).to_be_visible()
    expect(agenda.locator("b", has_text="A good call")).to_be_visible()
    looks_right(coach, page)
    agenda.get_by_role("link", name="Edit: Customer satisfaction").press("Enter")
    page.get_by_role("textbox", name="What").fill("Callers like it")
    looks_right(coach, page)
    page.get_by_role("button", name="Keep it").press("Enter")
    agenda.get_by_role("checkbox", name="Keep: Average handling time").uncheck()
    agenda.get_by_role("button", name="Keep what is ticked").press("Enter")
    page.get_by_role("button", name="Prepare again").press("Enter")
    expect(page.get_by_text("Nothing is new")).to_be_visible()
    expect(agenda.get_by_text("Callers like it", exact=True)).to_be_visible()
    page.get_by_role("button", name="Share the agenda").press("Enter")

    theirs = agent.open("/coaching/mine/")
    theirs.get_by_role("main").get_by_role("link").first.click()
    expect(theirs.get_by_text("Callers like it", exact=True)).to_be_visible()
    expect(theirs.get_by_text("Average handling time")).not_to_be_visible()
    looks_right(agent, theirs)
    own = AgendaItem.objects.filter(source="call").first()
    theirs = agent.open(f"/coaching/calls/{own.call_id}/")
    theirs.get_by_label("What went well").fill("I let her finish")
    looks_right(agent, theirs)
    theirs.get_by_role("button", name="Put it on the agenda").press("Enter")
    expect(theirs.get_by_text("I let her finish")).to_be_visible()

    page.reload()
    agenda.get_by_role("button", name="Played").first.press("Enter")
    expect(agenda.get_by_text(re.compile(r"^played \d"))).to_be_visible()
    page.get_by_role("textbox", name="Shared notes").fill("Lets callers finish.")
    page.get_by_role("button", name="It was held").press("Enter")
    expect(page.get_by_text("which is not yet: was it held before its time?")).to_be_visible()
    page.get_by_label("So be it all the same").check()
    page.get_by_role("button", name="It was held").press("Enter")
    agree(page, "Asks for the number first", today + timedelta(days=14))
    page.get_by_role("button", name="Sign", exact=True).press("Enter")
    theirs.reload()
    theirs.get_by_role("button", name="Sign", exact=True).press("Enter")
    assert Session.objects.get(about="Autumn").participants.get().signed_at
    agree(page, "Says it once more", today + timedelta(days=7))
    expect(page.get_by_text("Added after it was signed")).to_be_visible()
    looks_right(coach, page)
    page = coach.open(f"/coaching/sessions/?agent={desk.agent.pk}")
    looks_right(coach, page)
    page.get_by_role("link", name="Steps", exact=True).press("Enter")
    expect(page.get_by_role("link", name="Says it once more", exact=True)).to_be_visible()
    looks_right(coach, page)

    page = coach.open("/coaching/sessions/")
    plan(page, desk, today + timedelta(days=29), "Winter")
    steps = page.get_by_role("region", name="Agenda").get_by_role("listitem")
    first = steps.filter(has_text="Asks for the number first").first
    expect(first).to_contain_text("Cannot be told yet")
    looks_right(coach, page)

    # Whether it helped is not known yet, and what is lacking is said.
    coach.go("Coaching effect")
    expect(
        page.get_by_text("it takes sixteen weeks before a session and eight after")
    ).to_be_visible()
