"""The board of a roster, in a browser: by dragging, by keyboard, and by two planners at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.access import PLANNER
from ccm.models import Agent
from scheduling.rosters import asked
from scheduling.rosters import given as giving
from scheduling.rosters.hand import Clocked, Hand
from tests.builders import a_queue, a_site, a_user, an_agent
from tests.scheduling.kept.builders import a_forecast, a_roster
from tests.scheduling.terms.builders import a_contract, a_template, with_contract

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}


@pytest.fixture
def roster():
    """A draft of next week with two people and no shifts; 14 positions are asked for at ten."""
    site = a_site("Leeds")
    first = timezone.now().date() + 7 * DAY
    a_forecast(a_queue(site, "Sales"), {20: 100.0}, first=first, days=7)
    a_template(site, "Day", first_start=540, last_start=600, step_minutes=60, lengths=[480],
               pauses=[LUNCH], colour="c3")  # fmt: skip
    contract = a_contract(site)
    for name in ("Ada", "Ben"):
        with_contract(an_agent(site, name), contract)
    made = a_roster(site, first_day=first)
    asked.by_now(made, timezone.now())
    return made


def given(roster, name, day=0):
    hand = Hand(roster)
    [template] = hand.templates.values()
    on = roster.first_day + day * DAY
    agent = Agent.objects.get(name=name)
    row = giving.row(roster, agent.pk, on, hand.given(on, Clocked(template, 540, 480)))
    row.save()
    return agent


def opened(window, roster, view="day", who=None):
    planner = window()
    planner.sign_in(who or a_user(PLANNER, roster.site))
    page = planner.open(f"/rostering/rosters/{roster.pk}/?view={view}")
    expect(page.locator("#board[data-drawn]")).to_be_visible()
    return planner, page


def clock(roster, name, day=0):
    on = roster.first_day + day * DAY
    one = roster.shifts.filter(agent__name=name, day=on).first()
    return one and f"{one.begins_at:%H:%M}-{one.ends_at:%H:%M}"


def dragged(page, box, to_x, to_y, *, check=None):
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(to_x - 12, to_y, steps=4)
    page.mouse.move(to_x, to_y, steps=4)
    if check:
        check()
    page.mouse.up()


def hour_width(page):
    return page.locator(".strip-table tbody td").first.bounding_box()["width"]


def test_a_shift_is_dragged_to_another_hour_and_the_strip_follows_at_once(window, roster):
    given(roster, "Ada")
    _planner, page = opened(window, roster)
    shift = page.locator("#board .ec-event.of-shift").first
    box, hour = shift.bounding_box(), hour_width(page)
    there = page.locator(".strip-table tbody tr").nth(1).locator("td")
    expect(there.nth(9)).to_have_text("1.0")

    def while_dragged():
        # The hour that it leaves has nobody, before anything was saved.
        expect(there.nth(9)).to_have_text("0")
        assert clock(roster, "Ada") == "09:00-17:00"

    centre = box["x"] + box["width"] / 2
    dragged(page, box, centre + 2 * hour, box["y"] + box["height"] / 2, check=while_dragged)
    expect(page.locator("#board-said")).to_contain_text("Saved")
    assert clock(roster, "Ada") == "11:00-19:00"
    expect(there.nth(18)).to_have_text("1.0")
    page.keyboard.press("Control+z")
    expect(page.locator("#board .of-shift .of-text").first).to_have_text("09:00–17:00")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#board .of-shift .of-text").first).to_have_text("11:00–19:00")
    assert clock(roster, "Ada") == "11:00-19:00"


def test_a_shift_is_dragged_to_somebody_else_and_another_day(window, roster):
    given(roster, "Ada")
    given(roster, "Ben", 1)
    planner, page = opened(window, roster, "week")
    heads = page.locator("#board .ec-col-head")
    day = heads.nth(2).bounding_box()
    row = page.locator("#board .ec-row-head").nth(1).bounding_box()
    box = page.locator("#board .of-shift").first.bounding_box()
    dragged(page, box, day["x"] + day["width"] / 2, row["y"] + row["height"] / 2)
    expect(page.locator("#board-said")).to_contain_text("Saved")
    assert (clock(roster, "Ada"), clock(roster, "Ben", 2)) == (None, "09:00-17:00")
    assert planner.barriers() == []


def test_a_drag_onto_a_day_with_a_shift_goes_back_and_says_why(window, roster):
    given(roster, "Ada")
    given(roster, "Ada", 1)
    planner, page = opened(window, roster, "week")
    planner.expect_complaint("422")
    box = page.locator("#board .of-shift").first.bounding_box()
    day = page.locator("#board .ec-col-head").nth(1).bounding_box()
    dragged(page, box, day["x"] + day["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#board-said")).to_contain_text("already")
    assert clock(roster, "Ada") == "09:00-17:00"
    expect(page.locator("#board .of-shift")).to_have_count(2)


def test_a_shift_is_given_changed_and_removed_by_keyboard_alone(window, roster):
    ada = Agent.objects.get(name="Ada")
    planner = window()
    planner.sign_in(a_user(PLANNER, roster.site))
    page = planner.open(f"/rostering/rosters/{roster.pk}/shifts/{ada.pk}/{roster.first_day}/")
    assert planner.barriers() == []
    page.get_by_label("From").first.focus()
    page.keyboard.type("0700")
    page.keyboard.press("Tab")
    page.get_by_label("To").first.focus()
    page.keyboard.type("1500")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#board[data-drawn]")).to_be_visible()
    assert clock(roster, "Ada") == "07:00-15:00"
    link = page.locator("#board .of-text").first
    link.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove the shift").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#board[data-drawn]")).to_be_visible()
    assert clock(roster, "Ada") is None


def test_what_another_planner_does_is_noticed_and_what_they_did_is_not_lost(window, roster):
    given(roster, "Ada")
    given(roster, "Ben")
    one, first = opened(window, roster)
    two, second = opened(window, roster)
    two.expect_complaint("409")
    hour = hour_width(first)
    box = first.locator("#board .of-shift").first.bounding_box()
    centre, level = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    dragged(first, box, centre + hour, level)
    expect(first.locator("#board-said")).to_contain_text("Saved")
    dragged(second, box, centre + 3 * hour, level)
    expect(second.locator("#board-said")).to_contain_text("has changed what Ada has")
    assert clock(roster, "Ada") == "10:00-18:00"
    notice = second.locator("#board-others")
    expect(notice).to_contain_text("Ada", timeout=15000)
    notice.get_by_role("button").click()
    expect(second.locator("#board .of-text[aria-label^=Ada]")).to_have_text("10:00–18:00")
    expect(notice).to_be_hidden()
    assert one.barriers() == []


def test_on_a_phone_days_are_a_list(window, roster):
    given(roster, "Ada")
    planner = window(viewport={"width": 390, "height": 844})
    planner.sign_in(a_user(PLANNER, roster.site))
    page = planner.open(f"/rostering/rosters/{roster.pk}/")
    expect(page.locator("#who-panel")).to_contain_text("09:00–17:00")
    expect(page.locator("#board")).to_be_hidden()
    assert not planner.scrolls_sideways()
