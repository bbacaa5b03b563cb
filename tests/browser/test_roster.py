"""The board of a roster, in a browser: by dragging, by keyboard, and by two planners at once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.access import PLANNER
from ccm.models import Agent, User
from scheduling.models import Contract, KeptRoster
from scheduling.rosters import asked
from scheduling.rosters import given as giving
from scheduling.rosters.hand import Clocked, Hand, Within
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


# Where of its length a shift is taken hold of: its lunch lies in the middle.
HELD = 0.3


def dragged(page, box, to_x, to_y, *, check=None, at=HELD):
    page.mouse.move(box["x"] + box["width"] * at, box["y"] + box["height"] / 2)
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
    level = page.locator(".strip-table tbody tr").nth(3).locator("td")
    expect(there.nth(9)).to_have_text("1.0")
    expect(level.nth(10)).to_have_text("0")

    def while_dragged():
        # The hour that it leaves has nobody, before anything was saved.
        expect(there.nth(9)).to_have_text("0")
        expect(level.nth(10)).to_have_text("~0")
        assert clock(roster, "Ada") == "09:00-17:00"

    centre = box["x"] + box["width"] * HELD
    dragged(page, box, centre + 2 * hour, box["y"] + box["height"] / 2, check=while_dragged)
    expect(page.locator("#board-said")).to_contain_text("Saved")
    assert clock(roster, "Ada") == "11:00-19:00"
    expect(there.nth(18)).to_have_text("1.0")
    page.keyboard.press("Control+z")
    expect(page.locator("#board .of-shift .of-text").first).to_have_text("09:00–17:00")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#board .of-shift .of-text").first).to_have_text("11:00–19:00")
    assert clock(roster, "Ada") == "11:00-19:00"


def test_a_board_tells_kinds_costs_and_the_hours_of_the_days_it_shows(window, roster):
    """Ada has seven hours and a half on each of two days; a week shows both, a day one. At ten 13
    of 14 are missing, at 10 each."""
    given(roster, "Ada")
    given(roster, "Ada", 1)
    _planner, page = opened(window, roster, view="week")
    expect(page.locator("#board .ec-row-head small").first).to_have_text("15:00")
    expect(page.locator("#board-kinds li")).to_have_text(["Day"])
    page = opened(window, roster)[1]
    expect(page.locator("#board .ec-row-head small").first).to_have_text("7:30")
    page.locator("#slots summary").click()
    ten = page.locator("#slots tr", has=page.get_by_role("rowheader", name="10:00"))
    expect(ten.locator("[data-label=Costs]")).to_have_text("130")


def test_a_sidebar_longer_than_its_window_shows_where_the_page_stands(window, roster):
    planner = window()
    planner.sign_in(a_user(PLANNER, roster.site))
    page = planner.open("/")
    page.set_viewport_size({"width": 1280, "height": 420})
    last = page.locator("#side li a").last.get_attribute("href")
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + last)
    expect(page.locator("#side a[aria-current]")).to_be_in_viewport(ratio=1)


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
    page.get_by_label("To", exact=True).first.focus()
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
    centre, level = box["x"] + box["width"] * HELD, box["y"] + box["height"] / 2
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


def lunch_of(roster, name="Ada"):
    [one] = roster.shifts.get(agent__name=name).activities
    return f"{one['start'][11:16]}-{one['end'][11:16]}"


def test_a_pause_is_dragged_within_its_shift_and_undone(window, roster):
    given(roster, "Ada")
    planner, page = opened(window, roster)
    assert lunch_of(roster) == "13:00-13:30"
    box, hour = page.locator("#board .grip").bounding_box(), hour_width(page)
    text = page.locator("#board .of-shift .of-text")
    there = page.locator(".strip-table tbody tr").nth(1).locator("td")
    expect(there.nth(13)).to_have_text("0.5")

    def while_dragged():
        expect(text).to_have_text("Lunch 12:00–12:30")
        # She is there all the hour that her lunch leaves.
        expect(there.nth(13)).to_have_text("1.0")
        assert lunch_of(roster) == "13:00-13:30"

    centre, level = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    dragged(page, box, centre - hour, level, check=while_dragged, at=0.5)
    expect(page.locator("#board-said")).to_contain_text("Saved")
    assert (lunch_of(roster), clock(roster, "Ada")) == ("12:00-12:30", "09:00-17:00")
    expect(text).to_have_text("09:00–17:00")
    page.keyboard.press("Control+z")
    expect(there.nth(13)).to_have_text("0.5")
    assert lunch_of(roster) == "13:00-13:30"
    assert planner.barriers() == []


def test_a_pause_that_is_dragged_too_early_breaks_a_rule_which_is_said(window, roster):
    """Lunch is from three to five hours after a shift begins; it stays within the shift."""
    given(roster, "Ada")
    _planner, page = opened(window, roster)
    box, hour = page.locator("#board .grip").bounding_box(), hour_width(page)
    dragged(page, box, box["x"] - 9 * hour, box["y"] + box["height"] / 2, at=0.5)
    expect(page.locator("#board-said")).to_contain_text("a pause earlier or later than it may be")
    assert lunch_of(roster) == "09:00-09:30"


def test_the_pause_of_a_night_lies_at_its_hour_on_the_day_that_the_night_ends_on(window, roster):
    given(roster, "Ada")
    row, hand = roster.shifts.get(), Hand(roster)
    lunch = Within("pause", "Lunch", 1500, 1530, is_paid=False)
    night = hand.given(row.day, Clocked(row.template, 1320, 480, within=[lunch]))
    row.delete()
    giving.row(roster, row.agent_id, row.day, night).save()
    planner, _page = opened(window, roster)
    page = planner.open(f"/rostering/rosters/{roster.pk}/?view=day&day={roster.first_day + DAY}")
    expect(page.locator("#board .of-shift")).to_have_count(1)
    part = page.locator("#board .part").bounding_box()
    one_o_clock = page.locator(".strip-table tbody td").nth(1).bounding_box()
    assert abs(part["x"] - one_o_clock["x"]) < 6
    assert abs(part["width"] - one_o_clock["width"] / 2) < 4
    to = part["x"] + part["width"] / 2 + one_o_clock["width"]
    dragged(page, part, to, part["y"] + 10, at=0.5)
    expect(page.locator("#board-said")).to_contain_text("Saved")
    assert lunch_of(roster) == "02:00-02:30"


def test_somebody_else_another_day_and_another_pause_are_given_by_keyboard(window, roster):
    given(roster, "Ada")
    _planner, page = opened(window, roster)
    page.locator("#board .of-text").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Who").focus()
    page.keyboard.type("Ben")
    # The order in which a date is typed is the browser's.
    page.get_by_label("Day", exact=True).fill(f"{roster.first_day + DAY}")
    page.get_by_label("From").nth(1).focus()
    page.keyboard.type("1230")
    page.get_by_label("To", exact=True).nth(1).focus()
    page.keyboard.type("1300")
    page.keyboard.press("Enter")
    expect(page.locator("#board[data-drawn]")).to_be_visible()
    assert (clock(roster, "Ada"), clock(roster, "Ben", 1)) == (None, "09:00-17:00")
    assert lunch_of(roster, "Ben") == "12:30-13:00"


def test_people_after_the_first_page_come_with_their_shifts(window, roster):
    """Forty are drawn at once where four weeks are shown."""
    contract = Contract.objects.get()
    for number in range(40):
        with_contract(an_agent(roster.site, f"Cleo {number:02}"), contract)
    for name in ("Ada", "Cleo 38", "Cleo 39"):
        given(roster, name)
    _planner, page = opened(window, roster, "month")
    expect(page.locator("#board .of-shift")).to_have_count(1)
    page.get_by_role("button", name="People after").click()
    expect(page.locator("#board-rows b")).to_have_text("41–42 / 42")
    expect(page.locator("#board .of-shift")).to_have_count(2)
    page.locator("#b-name").fill("ada")
    expect(page.locator("#board .ec-row-head")).to_have_count(1)
    expect(page.locator("#board .of-text[aria-label^=Ada]")).to_have_count(1)
    expect(page.locator("#board-said")).to_contain_text("Cover below is that of all people")


def test_a_roster_is_made_dragged_undone_and_published_and_its_agent_acknowledges(window, roster):
    """From an empty page to what an agent has seen: people are told of what is changed after it
    was published, not of what was tried before."""
    Agent.objects.filter(name="Ada").update(user=a_user("agent", name="ada"))
    support = a_queue(roster.site, "Support")
    all_day = dict.fromkeys(range(18, 36), 12.0)
    a_forecast(support, all_day, first=roster.first_day, days=7)
    planner = window()
    planner.sign_in(a_user(PLANNER, roster.site))
    page = planner.open("/rostering/rosters/new/")
    page.get_by_label("First day").fill(f"{roster.first_day}")
    page.get_by_label("Seconds to look for it").fill("5")
    page.get_by_role("button", name="Make it").click()
    # There is a draft of these days already.
    page.get_by_label("Yes, that is meant").check()
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#board .of-shift").first).to_be_visible(timeout=120_000)
    made = KeptRoster.objects.exclude(pk=roster.pk).get()
    on = made.shifts.filter(agent__name="Ada").order_by("day")[0].day
    place, address = (on - made.first_day).days, f"/rostering/rosters/{made.pk}/?view=day&day={on}"
    page = planner.open(address)
    mine = page.locator("#board .of-shift", has=page.locator("[aria-label^=Ada]"))
    was = clock(made, "Ada", place)

    def an_hour_later():
        box = mine.bounding_box()
        centre, hour = box["x"] + box["width"] * HELD, hour_width(page)
        dragged(page, box, centre + hour, box["y"] + box["height"] / 2)
        expect(page.locator("#board-said")).to_contain_text("Saved")

    an_hour_later()
    assert clock(made, "Ada", place) != was
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert clock(made, "Ada", place) == was
    page = planner.open(address)
    breaks = page.get_by_label("I know that it breaks")
    if breaks.count():
        breaks.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("body")).to_contain_text("It is published.")
    agent = window()
    agent.sign_in(User.objects.get(username="ada"))
    theirs = agent.open("/my-schedule/")
    expect(theirs.locator("body")).to_contain_text(was.replace("-", "–"))
    expect(theirs.get_by_role("heading", name="What changed")).to_have_count(0)

    page = planner.open(address)
    an_hour_later()
    theirs = agent.open("/my-schedule/")
    expect(theirs.locator("body")).to_contain_text(clock(made, "Ada", place).replace("-", "–"))
    expect(theirs.get_by_role("heading", name="What changed")).to_be_visible()
    page = planner.open(f"/rostering/rosters/{made.pk}/")
    expect(page.locator("body")).to_contain_text("Not acknowledged yet: Ada (1)")
    theirs.get_by_role("button", name="I have seen all of it").click()
    expect(theirs.get_by_role("heading", name="What changed")).to_have_count(0)
    page = planner.open(f"/rostering/rosters/{made.pk}/")
    expect(page.locator("body")).not_to_contain_text("Not acknowledged yet")


def test_on_paper_all_people_and_days_are_on_sheets_across(window, roster):
    made = a_roster(roster.site, first_day=roster.first_day, days=28)
    contract = Contract.objects.get()
    for number in range(24):
        with_contract(an_agent(made.site, f"Cleo Lovelace-Babbage {number:02}"), contract)
        for day in range(28):
            given(made, f"Cleo Lovelace-Babbage {number:02}", day)
    planner = window(color_scheme="light")
    planner.sign_in(a_user(PLANNER, roster.site))
    page = planner.open(f"/rostering/rosters/{made.pk}/?view=month")
    page.get_by_role("link", name="On paper").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    expect(page.locator(".roster tbody tr")).to_have_count(24)
    assert planner.barriers() == []
    (width, height) = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", page.pdf()).groups()
    assert float(width) > float(height)
    page.emulate_media(media="print")
    # A4 across at 96 pixels an inch, within margins of 12 mm.
    page.set_viewport_size({"width": 1031, "height": 700})
    box = page.locator(".as-table")
    assert box.evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_on_a_phone_days_are_a_list(window, roster):
    given(roster, "Ada")
    planner = window(viewport={"width": 390, "height": 844})
    planner.sign_in(a_user(PLANNER, roster.site))
    page = planner.open(f"/rostering/rosters/{roster.pk}/")
    expect(page.locator("#who-panel")).to_contain_text("09:00–17:00")
    expect(page.locator("#board")).to_be_hidden()
    assert not planner.scrolls_sideways()
    assert planner.barriers() == []
    for number in range(20):
        an_agent(roster.site, f"Ben {number:02}")
        given(roster, f"Ben {number:02}")
    page = planner.open(f"/rostering/rosters/{roster.pk}/")
    page.get_by_role("link", name="People after").click()
    expect(page.locator("#who .roster tbody tr")).to_have_count(1)
    page.get_by_label("Name").last.fill("ada")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#who .roster tbody")).to_contain_text("Ada")
    assert page.url.endswith(f"/rosters/{roster.pk}/")
