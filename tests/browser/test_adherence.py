"""The pages of adherence as somebody meets them: at every width, and in both themes."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ccm.intervals import UTC_DAYS, day_of, site_day
from scheduling.adherence import counting
from scheduling.models import AdherenceException, PauseReason
from tests.builders import a_leave, a_queue, a_site, a_team, a_user, an_agent
from tests.scheduling.adherence.builders import MINUTE, a_state
from tests.scheduling.kept.builders import a_roster, a_shift, published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long password"


def a_day(site, agent, day, roster, late=0):
    """Nine to five with training and a lunch, come to `late` minutes late, and kept else."""
    begins = site_day(day, UTC_DAYS).start + timedelta(hours=9)

    def part(kind, name, since, to, paid=True):
        start, end = (begins + one * MINUTE for one in (since, to))
        return {
            "kind": kind, "name": name, "start": start.isoformat(), "end": end.isoformat(),
            "is_pause": kind == "pause", "is_paid": paid,
        }  # fmt: skip

    a_shift(
        roster, agent, day, begins_at=begins, ends_at=begins + timedelta(hours=8),
        activities=[part("training", "Billing", 60, 120), part("pause", "Lunch", 240, 270, False)],
    )  # fmt: skip
    a_state(agent, begins + late * MINUTE, begins + 60 * MINUTE)
    a_state(agent, begins + 60 * MINUTE, begins + 120 * MINUTE, "paused", "Class")
    a_state(agent, begins + 120 * MINUTE, begins + 240 * MINUTE)
    a_state(agent, begins + 270 * MINUTE, begins + 480 * MINUTE)
    return begins


@pytest.fixture
def world(transactional_db):
    site = a_site("Leeds")
    a_queue(site, "Sales")
    now: datetime = timezone.now()
    yesterday = day_of(now, UTC_DAYS) - timedelta(days=1)
    roster = published(a_roster(site, first_day=yesterday, days=7))
    PauseReason.objects.create(site=site, reason="Class", activity="training")
    me = a_user("agent", name="ada", password=PASSWORD)
    ada = an_agent(site, "Ada Lovelace", me)
    people = [ada, *(an_agent(site, f"Agent with a long name {n}") for n in range(8))]
    for number, agent in enumerate(people):
        a_day(site, agent, yesterday, roster, late=number * 5 + 12)
    a_leave(people[-1], kind="Sickness", first_on=yesterday, last_on=yesterday)
    # Today each has a shift around this moment; just after midnight it begins with the day.
    today = yesterday + timedelta(days=1)
    begins = max(now - 60 * MINUTE, site_day(today, UTC_DAYS).start)
    for agent in people[:4]:
        a_shift(roster, agent, today, begins_at=begins, ends_at=now + 60 * MINUTE)
        a_state(agent, begins + (now - begins) / 2, begins + (now - begins) * 5 / 6)
    a_state(people[1], now - 20 * MINUTE, None)
    lead = a_user("supervisor", name="lead", password=PASSWORD)
    a_team(site, lead, *people)
    a_user("planner", site, name="planner", password=PASSWORD)
    counting.count_day(site, yesterday, now)
    return site, ada, yesterday


def signed_in(window, name):
    person = window(color_scheme="light")
    page = person.open("/accounts/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return person, page


def test_the_pages_are_clean_at_every_width_and_in_both_themes(window, world):
    _site, ada, day = world
    AdherenceException.objects.create(
        agent=ada, starts_at=site_day(day, UTC_DAYS).start + timedelta(hours=9),
        ends_at=site_day(day, UTC_DAYS).start + timedelta(hours=9, minutes=12),
        reason="The headset was broken", asked_at=timezone.now(),
    )  # fmt: skip
    person, page = signed_in(window, "planner")
    wrong = []
    pages = {
        "list": reverse("adherence"),
        "day": reverse("adherence_day", args=[ada.pk]) + f"?day={day}",
        "figure": reverse("adherence_figure"),
        "now": reverse("adherence_now"),
        "rules": reverse("adherence_rules"),
        "shrinkage": reverse("shrinkage"),
    }
    for name, path in pages.items():
        person.open(path)
        for theme, width in (("light", 1920), ("dark", 1280), ("light", 390)):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            if person.scrolls_sideways():
                wrong.append(f"{name} {width}: scrolls sideways")
            wrong += [f"{name} {theme} {width}: {one}" for one in person.barriers()]
    assert not wrong, "\n".join(wrong)


def test_an_exception_is_asked_by_keyboard_approved_and_held_against_the_plan(window, world):
    """Ada came twelve minutes late, which was a headset that was broken."""
    site, ada, day = world
    _person, page = signed_in(window, "ada")
    page.goto(f"{_person.address}{reverse('my_day')}?day={day}")
    expect(page.get_by_text("late by 12 min 0 s")).to_be_visible()
    page.get_by_label("From", exact=True).press_sequentially("0900AM")
    page.get_by_label("Until").press_sequentially("0912AM")
    page.get_by_label("Why").fill("The headset was broken")
    page.get_by_label("Why").press("Enter")
    expect(page.get_by_text("It waits to be decided.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    _lead, theirs = signed_in(window, "lead")
    theirs.goto(f"{_lead.address}{reverse('adherence_day', args=[ada.pk])}?day={day}")
    expect(theirs.get_by_text("The headset was broken")).to_be_visible()
    theirs.get_by_label("Why; a refusal needs it").fill("IT has a ticket")
    theirs.get_by_role("button", name="Approve").press("Enter")
    expect(theirs.get_by_text("It is approved.")).to_be_visible()
    counting.count_day(site, day, timezone.now())

    page.reload()
    expect(page.get_by_text("IT has a ticket")).to_be_visible()
    # 438 of 450 planned minutes were kept; twelve are excused now.
    adherence = page.locator(".tile").filter(has_text="Adherence")
    expect(adherence.locator(".fig")).to_contain_text("100")
    expect(adherence.locator(".note")).to_contain_text("97.3")
