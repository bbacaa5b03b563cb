"""Where the days of a site begin: at midnight, or at the hour that it chose."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db.models import Sum
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ccm.audit import differences
from ccm.intervals import DAY, LATEST_BEGIN, QUARTER, Calendar, day_of, same_clock, site_day
from ccm.models import AgentAlias, AuditEntry, Call, Job
from ccm.naming import reattribution
from ccm.naming import services as naming
from ccm.structure import services
from kpis import rollups
from kpis.models import DayStat
from kpis.walls import frames
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_record,
    a_site,
    a_team,
    a_user,
    an_agent,
    stored,
)

BERLIN = ZoneInfo("Europe/Berlin")
SIX = Calendar(BERLIN, 6)
# Clocks change by an hour, at midnight, in the small hours and on Lord Howe by half an hour.
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Havana",
    "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Chatham",
    "Asia/Kathmandu",
)  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        (datetime(2026, 3, 2, 5, 59, 59), date(2026, 3, 1)),
        (datetime(2026, 3, 2, 6), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 22), date(2026, 3, 2)),
        (datetime(2026, 3, 3, 0), date(2026, 3, 2)),
        (datetime(2026, 3, 3, 5, 59, 59), date(2026, 3, 2)),
        (datetime(2026, 3, 3, 6), date(2026, 3, 3)),
    ],
)
def test_a_night_shift_lies_in_the_day_of_its_evening(clock, day):
    assert day_of(clock.replace(tzinfo=BERLIN), SIX) == day


@pytest.mark.parametrize(
    ("day", "begins", "start", "quarters"),
    [
        # At two the clock goes on to three: the day that the night belongs to is an hour shorter.
        (date(2026, 3, 28), 6, datetime(2026, 3, 28, 5, tzinfo=UTC), 92),
        (date(2026, 3, 29), 6, datetime(2026, 3, 29, 4, tzinfo=UTC), 96),
        # Two is skipped: that day begins at three.
        (date(2026, 3, 29), 2, datetime(2026, 3, 29, 1, tzinfo=UTC), 92),
        # At three it goes back to two: that comes twice, and the day begins with the first.
        (date(2026, 10, 24), 6, datetime(2026, 10, 24, 4, tzinfo=UTC), 100),
        (date(2026, 10, 25), 2, datetime(2026, 10, 25, 0, tzinfo=UTC), 100),
        (date(2026, 10, 25), 0, datetime(2026, 10, 24, 22, tzinfo=UTC), 100),
    ],
)
def test_the_day_that_holds_the_change_of_the_clock_is_the_shorter_or_longer(
    day, begins, start, quarters
):
    span = site_day(day, Calendar(BERLIN, begins))
    assert (span.start, (span.end - span.start) // QUARTER) == (start, quarters)


@given(
    st.sampled_from(ZONES),
    st.integers(0, LATEST_BEGIN),
    st.datetimes(datetime(1990, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC)),
)
def test_every_moment_is_in_one_day_of_92_to_100_quarter_hours(zone, begins, moment):
    calendar = Calendar.of(zone, begins)
    day = day_of(moment, calendar)
    span = site_day(day, calendar)
    assert moment in span
    assert 92 <= (span.end - span.start) / QUARTER <= 100
    assert site_day(day - DAY, calendar).end == span.start
    assert day_of(span.start, calendar) == day
    assert day_of(span.start - timedelta(microseconds=1), calendar) == day - DAY


def test_the_same_time_of_another_night_is_in_the_day_of_its_evening():
    at = datetime(2026, 3, 3, 1, 30, tzinfo=BERLIN)  # in the day of Monday the 2nd
    monday_before = date(2026, 2, 23)
    assert same_clock(at, monday_before, SIX) == datetime(2026, 2, 24, 0, 30, tzinfo=UTC)
    evening = datetime(2026, 3, 2, 22, tzinfo=BERLIN)
    assert same_clock(evening, monday_before, SIX) == datetime(2026, 2, 23, 21, tzinfo=UTC)


@pytest.fixture
def site(db):
    return a_site("York", zone="Europe/London")


@pytest.fixture
def admin(client, db):
    user = a_user("admin")
    client.force_login(user)
    return user


SITE = {"name": "York", "zone": "Europe/London"}
NIGHT = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)


def errors(page):
    return {name: str(told[0]) for name, told in page.context["form"].errors.items()}


def counted():
    days = DayStat.objects.filter(unit="v", agent=None).values_list("day")
    return dict(days.annotate(n=Sum("offered")))


def done():
    """What the change of days left to do: the calls of days first, then the names."""
    while job := Job.objects.filter(kind=naming.JOB, state=Job.State.QUEUED).first():
        reattribution.run(job.pk)
    while rollups.recount_dirty():
        pass


def test_days_that_begin_elsewhere_are_said_twice_told_to_the_log_and_counted_anew(
    client, admin, site, nothing_sent
):
    """A call at half past one at night is of the day before where days begin at six. One that
    tells its day alone stays on it."""
    midnight = NINE.replace(hour=0)
    stored(
        site,
        a_record(NIGHT, external_id="night"),
        a_record(midnight, external_id="alone", time_precision="day"),
    )
    rollups.rebuild()
    assert counted() == {date(2026, 3, 2): 1, date(2026, 3, 3): 1}
    edit = reverse("site_edit", args=[site.pk])
    six = SITE | {"day_begins": "6"}
    assert "will begin at 06:00 of Europe/London" in errors(client.post(edit, six))["days_move"]
    page = client.post(edit, six | {"days_move": "on"}, follow=True)
    words = "Its days are those of Europe/London, days from 06:00 now: 4 days are being counted"
    assert words in page.content.decode()
    entry = AuditEntry.objects.get(model="ccm.site", object_id=str(site.pk))
    assert (entry.who, differences(entry)) == (admin, [("day_begins", 0, 6)])
    log = client.get(reverse("audit")).content.decode()
    assert "York" in log
    assert "Days begin: 00:00 → 06:00" in log
    told = "4 days still show what was counted before"
    a_team(site, None)
    of_days = f"?from=2026-03-02&to=2026-03-03&site={site.slug}"
    pages = [edit, *(reverse(name) + of_days for name in ("home", "report", "evaluation"))]
    pages.append(reverse("passport") + of_days + "&kpi=offered")
    assert [told in client.get(page).content.decode() for page in pages] == [True] * len(pages)
    done()
    assert [told in client.get(page).content.decode() for page in pages] == [False] * len(pages)
    assert counted() == {date(2026, 3, 2): 2}
    # Who sends the form without the field, as a program written before does, changes nothing.
    client.post(edit, SITE)
    site.refresh_from_db()
    assert site.day_begins == 6
    # And back: nothing is lost on the way.
    client.post(edit, SITE | {"day_begins": "0", "days_move": "on"})
    done()
    assert counted() == {date(2026, 3, 2): 1, date(2026, 3, 3): 1}
    assert Call.objects.get(external_id="alone").offered_at == midnight


def test_a_call_that_tells_its_day_alone_lies_where_that_begins(site):
    """Told at midnight of the 2nd, with the minute it lasted; what tells a time stays."""
    site.day_begins = 6
    site.save()
    midnight = NINE.replace(hour=0)
    talk = {"outcome": "answered", "answered_at": midnight, "talk_ms": 60_000, "agent": "Ann"}
    ended = midnight + timedelta(minutes=1)
    records = [
        a_record(midnight, external_id="a", time_precision="day", ended_at=ended, **talk),
        a_record(midnight, external_id="b", ended_at=ended, **talk),
    ]
    stored(site, *records)
    six = timedelta(hours=6)
    told = {one.external_id: one for one in Call.objects.all()}
    alone = told["a"]
    assert (alone.offered_at, alone.answered_at) == (midnight + six, midnight + six)
    assert alone.ended_at == ended + six
    assert told["b"].offered_at == midnight
    assert stored(site, *records).duplicate == 2
    rollups.rebuild()
    assert counted() == {date(2026, 3, 1): 1, date(2026, 3, 2): 1}


def test_a_name_changes_hands_where_the_day_begins(site, nothing_sent):
    """Handed to Ben on the 3rd: a call at half past one that night is still Ann's once days begin
    at six."""
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    a_call(a_queue(site), NIGHT, agent=ben, agent_name="Ann")
    AgentAlias.objects.create(source="test", raw_name="Ann", agent=ben, valid_from=date(2026, 3, 3))
    site.day_begins = 6
    assert services.save_site(site, NINE) == 3
    done()
    assert Call.objects.get().agent == ann


@pytest.mark.parametrize("hour", ["13", "-1", "24", "6.5", "six"])
def test_days_begin_at_a_whole_hour_up_to_noon(client, admin, hour):
    page = client.post(reverse("site_new"), SITE | {"day_begins": hour})
    assert [*errors(page)] == ["day_begins"]


def test_today_at_half_past_one_at_night_is_still_the_day_of_the_evening(client, admin):
    """Home is of that day, and a wall counts the calls of evening and night as today's."""
    site = a_site(zone="Europe/London", day_begins=6)
    queue = a_queue(site)
    a_call(queue, NIGHT - timedelta(hours=4))
    a_call(queue, NIGHT - timedelta(minutes=20))
    a_call(queue, NIGHT - timedelta(hours=20))  # half past five: of the day before
    rollups.rebuild()
    today = date(2026, 3, 2)
    with time_machine.travel(NIGHT, tick=False):
        shown = client.get(reverse("home")).context["shown"]
        (_slug, frame), *_ = frames.Drawer().frames(NIGHT)
    assert (shown.first, shown.last) == (today, today)
    assert frame["site_time"] == "01:30"
    cells = {cell["id"]: cell for cell in frame["tiles"]}
    assert cells["answered"]["figure"] == "2"
