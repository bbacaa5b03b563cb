"""When a talk of a demo is: nobody is in two at a time, and what is to come keeps to the roster."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from coaching.demo.free import near
from coaching.holding import services
from tests.builders import NINE, an_agent
from tests.coaching.builders import Floor
from tests.scheduling.kept.builders import a_roster, a_shift, published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
NOON = NINE + timedelta(hours=3)
DAY = timedelta(days=1)


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def test_whoever_leads_one_or_is_in_one_is_in_no_other_at_that_time(floor):
    then, now = NOON, NINE + 9 * DAY
    other = an_agent(floor.site, "Bo")
    said = (then, floor.site, (other,), floor.lead, 30, now)
    assert near(*said) == then
    session = floor.session(starts_at=then, minutes=45)
    # Its lead is in it until 12:45: 11:30 to 12:00 is nearest.
    assert near(*said) == then - timedelta(minutes=30)
    # Its agent is, too, whoever leads: 45 minutes are free from 11:00 on.
    theirs = near(then, floor.site, (floor.agent,), floor.manager, 45, now)
    assert theirs == then - timedelta(hours=1)
    services.call_off(session, "Ill", floor.lead, NINE)
    assert near(*said) == then


def test_one_to_come_is_within_the_shift_and_in_no_break_else_on_a_day_after(floor):
    roster = published(a_roster(floor.site, first_day=NINE.date()))
    lunch = {
        "kind": "pause", "name": "Lunch", "start": NOON.isoformat(),
        "end": (NOON + timedelta(minutes=30)).isoformat(), "is_pause": True, "is_paid": False,
    }  # fmt: skip
    a_shift(roster, floor.agent, NINE.date(), activities=[lunch])
    said = (floor.site, (floor.agent,), floor.lead, 30, NINE)
    assert near(NOON, *said) == NOON - timedelta(minutes=30)
    # On the day after nobody has a shift: what is wished for stays, for none is better.
    tuesday = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert near(tuesday, *said) == tuesday
    # What was is not held against the roster.
    assert near(NOON, *said[:4], NINE + 9 * DAY) == NOON
