"""A planner moves a lunch to where there are enough, with the keyboard alone."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.intervals import day_of
from ccm.models import LiveSource
from kpis import rollups
from scheduling.models import KeptShift
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import a_queue, a_user, an_agent, many_calls, unsaved_call
from tests.scheduling.kept.builders import a_forecast, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_template

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 0, "latest": 600, "is_paid": False}
# It is one o'clock something at the site: three o'clock is to come.
THREE = 15


def a_short_afternoon():
    """Seven people. At three four erlangs come, which seven answer in time, and one is at lunch;
    else one erlang comes, for which three are enough."""
    site = a_site_in_the_afternoon("Leeds")
    queue = a_queue(site, "Sales")
    now = timezone.now()
    day = day_of(now, site.calendar)
    midnight = datetime.combine(day, time(), site.calendar.zone).astimezone(UTC)
    many_calls([unsaved_call(queue, now - timedelta(hours=1), wait=5, talk=100)])
    LiveSource.objects.create(site=site, source="test", heard_at=now, newest_at=now)
    rollups.rebuild()
    calls = {place: 40.0 if place == 2 * THREE else 10.0 for place in range(18, 40)}
    a_forecast(queue, calls, first=day, days=1)
    template = a_template(
        site, "Day", first_start=540, last_start=540, lengths=[660], pauses=[LUNCH]
    )
    roster = published(a_roster(site, first_day=day, days=1))
    for number in range(7):
        begins = midnight + timedelta(hours=9)
        at = midnight + timedelta(hours=THREE if number == 0 else 18)
        lunch = {
            "kind": "pause", "name": "Lunch", "start": at.isoformat(),
            "end": (at + timedelta(minutes=30)).isoformat(), "is_pause": True, "is_paid": False,
        }  # fmt: skip
        a_shift(
            roster, an_agent(site, f"Agent {number}"), day, template=template,
            shape=f"{template.pk}-540-660", begins_at=begins,
            ends_at=begins + timedelta(hours=11), worked_minutes=630, activities=[lunch],
        )  # fmt: skip
    return site, queue, midnight


@pytest.mark.parametrize("width", [1280, 390])
def test_a_lunch_is_moved_by_keyboard_and_the_log_has_it(window, width):
    site, queue, midnight = a_short_afternoon()
    planner = window(viewport={"width": width, "height": 900})
    planner.sign_in(a_user("planner", site))
    page = planner.open(f"/intraday/people/?queue={queue.pk}")
    assert planner.barriers() == []
    assert not planner.scrolls_sideways()
    expect(page.get_by_text("too few")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Move it.*Agent 0, Lunch")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is moved")).to_be_visible()
    expect(page.get_by_text("too few")).to_have_count(0)
    shift = KeptShift.objects.get(agent__name="Agent 0")
    assert shift.activities[0]["start"] != (midnight + timedelta(hours=THREE)).isoformat()
    page.get_by_role("link", name="What was done").click()
    expect(page.get_by_role("row", name="Agent 0")).to_contain_text("not over yet")
    assert planner.barriers() == []
    assert not planner.scrolls_sideways()
