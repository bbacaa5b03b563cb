"""What a log seems to lack: silent hours, calls without an end, sessions with one edge."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from ccm.imports import lacking, run, undo
from ccm.imports.gaps import AROUND, Session, half_sessions, silences
from ccm.intervals import UTC_DAYS, site_days
from ccm.models import AgentState, ImportBatch, ImportChange, Job
from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent


def an_import_of(site, *lines):
    """A queue_log of these lines, imported."""
    log = ("queue_log", BytesIO("\n".join(lines).encode()))
    batch = run.start([log], form="asterisk_queue_log", site=site)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


def silent_hours(*asked):
    """From when to when no event came, and how many are usual then."""
    return [(one.start, one.end, one.expected) for one in silences(*asked)]


def a_day(start, *hours, events=8):
    """So many events in each of these clock hours after `start`, in quarter hours."""
    return {
        start + hour * HOUR + quarter * timedelta(minutes=15): events // 4
        for hour in hours
        for quarter in range(4)
    }


def test_an_hour_without_events_between_busy_ones_is_silent():
    # 8 events an hour from 9 to 17, none from 12 to 14.
    events = a_day(NINE, 0, 1, 2, 5, 6, 7)
    assert silent_hours(events, UTC, None) == [(NINE + 3 * HOUR, NINE + 5 * HOUR, 16.0)]


def test_a_quiet_day_or_a_quiet_hour_tells_nothing():
    # 19 events a day are too few; so are 4 an hour: one hour in 55 is then empty by chance.
    assert silent_hours({NINE: 10, NINE + 2 * HOUR: 9}, UTC, None) == []
    assert silent_hours(a_day(NINE, 0, 1, 2, 4, 5, 6, events=4), UTC, None) == []


def test_what_is_usual_is_told_by_the_same_hour_of_that_weekday():
    weeks = {}
    for week in range(4):
        # Nobody calls from 12 to 13 on any Monday; on the last one nobody called from 15 to 16.
        hours = [0, 1, 2, 4, 5, 6, 7] if week < 3 else [0, 1, 2, 4, 5, 7]
        weeks |= a_day(NINE + 7 * week * DAY, *hours)
    lost = NINE + 21 * DAY + 6 * HOUR
    assert silent_hours(weeks, UTC, None) == [(lost, lost + HOUR, 8.0)]


def test_opening_hours_tell_of_a_morning_that_is_missing_and_of_a_night_that_is_not():
    events = a_day(NINE, 2, 3, 4, 5) | a_day(NINE + DAY, 2, 3, 4, 5)
    # The day before, a Sunday, went from nine to five: before and after it nothing ever came.
    events |= a_day(NINE - DAY, 0, 1, 2, 3, 4, 5, 6, 7, events=4)

    def is_open(moment):
        return 9 <= moment.hour < 18

    # Nor is the last hour, at which no day has any, nor what lies after the log's end.
    assert silent_hours(events, UTC, is_open) == [
        (NINE, NINE + 2 * HOUR, 16.0),
        (NINE + 6 * HOUR, NINE + 8 * HOUR, 16.0),
        (NINE + DAY, NINE + DAY + 2 * HOUR, 16.0),
    ]


def test_an_open_day_without_any_event_is_the_largest_gap_and_comes_first():
    """Four Mondays and Tuesdays from nine to five; the third Monday is lost, and an hour before."""
    weeks = {}
    for week in range(4):
        if week != 2:
            hours = [0, 1, 2, 3, 4, 5, 7] if week == 1 else range(8)
            weeks |= a_day(NINE + 7 * week * DAY, *hours)
        weeks |= a_day(NINE + (7 * week + 1) * DAY, *range(8))
    lost, hour = NINE + 14 * DAY, NINE + 7 * DAY + 6 * HOUR
    whole = (lost, lost + 8 * HOUR, 64.0)
    assert silent_hours(weeks, UTC, None) == [whole, (hour, hour + HOUR, 8.0)]
    assert silent_hours(weeks, UTC, None, site_days(lost.date(), lost.date(), UTC_DAYS)) == [whole]

    def is_open(moment):
        return moment.weekday() < 3 and 9 <= moment.hour < 17

    # No Wednesday had any: they are days on which nobody calls, whatever the hours say.
    assert silent_hours(weeks, UTC, is_open)[0] == whole
    assert len(silent_hours(weeks, UTC, is_open)) == 2
    # Of the only Monday opening hours tell, and what the days around have.
    one = a_day(NINE - DAY, *range(8)) | a_day(NINE + DAY, *range(8))
    assert silent_hours(one, UTC, is_open) == [(NINE, NINE + 8 * HOUR, 64.0)]
    assert silent_hours(one, UTC, None) == []


def test_a_log_of_one_day_misses_no_more_than_it_has_and_the_same_with_and_without_hours():
    def is_open(moment):
        return 8 <= moment.hour < 18

    # 24 events in two hours, four silent between them: the day does not tell what is usual.
    few = a_day(NINE, 0, 5, events=12)
    # Three busy hours, three silent ones, 12 events in each busy one; then one call at 16.
    many = a_day(NINE, 0, 1, 5, events=12) | {NINE + 7 * HOUR: 2}
    for hours in (None, is_open):
        assert silent_hours(few, UTC, hours) == []
        # 38 events in four hours with any: 9.5 in each.
        assert silent_hours(many, UTC, hours) == [(NINE + 2 * HOUR, NINE + 5 * HOUR, 28.5)]
    [one] = silences(many, UTC, None)
    assert (one.basis, one.of, one.by_hour) == ("itself", 4, 9.5)


def test_of_a_day_that_stands_alone_an_hour_in_which_nobody_is_there_is_no_silence():
    many = a_day(NINE, 0, 1, 5, events=12) | {NINE + 7 * HOUR: 2}
    assert silent_hours(many, UTC, lambda moment: moment.hour != 11) == [
        (NINE + 3 * HOUR, NINE + 5 * HOUR, 19.0)
    ]


def test_a_silence_says_which_days_tell_what_is_usual():
    weeks = {}
    for week in range(4):
        weeks |= a_day(NINE + 7 * week * DAY, *([0, 1, 2, 4] if week == 3 else range(5)))
    [one] = silences(weeks, UTC, None)
    assert (one.basis, one.of, one.expected) == ("weekday", 3, 8.0)


def test_hours_are_the_sites_also_at_a_half_hour_zone_and_a_clock_change():
    kolkata = ZoneInfo("Asia/Kolkata")
    start = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)  # nine o'clock there
    events = a_day(start, 0, 1, 2, 4, 5)
    assert silent_hours(events, kolkata, None) == [(start + 3 * HOUR, start + 4 * HOUR, 8.0)]
    # The night of 25 October 2026 has the hour from one to two twice.
    midnight = datetime(2026, 10, 24, 23, tzinfo=UTC)
    events = a_day(midnight, 0, 1, 3, 4, 5)
    assert silent_hours(events, LONDON, None) == [(midnight + 2 * HOUR, midnight + 3 * HOUR, 8.0)]


def test_a_session_lacks_its_logout_once_the_log_has_gone_on_for_long_or_to_the_next_login():
    early = Session(1, "Ann", NINE, None)
    again = Session(1, "Ann", NINE + 2 * HOUR, None)
    late = Session(2, "Bob", None, NINE + HOUR)
    whole = Session(3, "Cid", NINE, NINE + HOUR)
    assert half_sessions([early, whole], NINE + 15 * HOUR) == []
    assert half_sessions([early, whole], NINE + 17 * HOUR) == [early]
    assert half_sessions([early, again, late], NINE + 3 * HOUR) == [early, late]


# In the record


@pytest.fixture
def busy(db):
    """A site with a call each six minutes of a morning, but between eleven and twelve."""
    site = a_site(zone="Europe/London")
    queue = a_queue(site)
    for minute in [*range(0, 120, 6), *range(180, 300, 6)]:
        a_call(queue, NINE + timedelta(minutes=minute), wait=0, talk=1)
    return site


def test_the_record_of_a_day_tells_what_it_lacks(busy):
    queue, ann = busy.queues.get(), an_agent(busy, "Ann")
    lost = a_call(queue, NINE - 3 * HOUR, talk=None, agent=ann)
    AgentState.objects.create(
        agent=ann, source="test", state="logged_in", ends_at=NINE + timedelta(minutes=30)
    )
    AgentState.objects.create(agent=ann, source="test", state="logged_in", starts_at=NINE + HOUR)
    found = lacking.of_days(busy, site_days(NINE.date(), NINE.date(), busy.calendar))
    [silence] = found.silences
    assert (silence.start, silence.end) == (NINE + 2 * HOUR, NINE + 3 * HOUR)
    assert (found.endless, found.endless_count) == ([lost], 1)
    assert [(one.agent, one.starts_at) for one in found.sessions] == [("Ann", None)]
    other = lacking.of_days(
        busy, site_days(NINE.date(), NINE.date(), busy.calendar), "another source"
    )
    assert other.nothing
    assert other.events == 0


def test_what_the_site_and_its_queues_say_of_their_hours_bounds_what_is_silent(busy):
    days = site_days(NINE.date(), NINE.date(), busy.calendar)
    busy.opening = {"0": [["09:00", "11:00"], ["12:00", "14:00"]]}
    busy.save()
    assert lacking.of_days(busy, days).silences == []
    busy.queues.update(hours={"0": [["10:00", "14:00"]]})
    [silence] = lacking.of_days(busy, days).silences
    assert (silence.start, silence.end) == (NINE + 2 * HOUR, NINE + 3 * HOUR)


def test_a_call_that_ends_behind_the_days_that_are_looked_at_tells_nothing_of_them(busy):
    days = site_days(NINE.date(), NINE.date(), busy.calendar)
    before = lacking.of_days(busy, days)
    a_call(busy.queues.get(), days.end + AROUND - timedelta(minutes=5), wait=0, talk=3600)
    after = lacking.of_days(busy, days)
    assert (after.silences, after.events) == (before.silences, before.events)


def test_a_call_counts_as_endless_by_how_far_the_log_goes_at_all(busy):
    lost = a_call(busy.queues.get(), NINE + 4 * HOUR, talk=None, agent=an_agent(busy))
    days = site_days(NINE.date(), NINE.date(), busy.calendar)
    assert lacking.of_days(busy, days).endless == []
    a_call(busy.queues.get(), NINE + 60 * DAY)
    assert lacking.of_days(busy, days).endless == [lost]


def test_a_call_that_waits_forever_has_lost_its_end_too(busy, client):
    waits = a_call(busy.queues.get(), NINE - 3 * HOUR, outcome="in_progress", wait=None, talk=None)
    days = site_days(NINE.date(), NINE.date(), busy.calendar)
    # It came at 6:00; the log's last call ends at 13:54.
    assert lacking.of_days(busy, days).endless == [waits]
    assert lacking.lost_its_end(waits)
    client.force_login(a_user("manager", busy))
    text = client.get(reverse("gaps"), {"from": "2026-03-02", "to": "2026-03-02"}).content.decode()
    assert "Mon 2 Mar 2026 06:00:00" in text
    assert "waiting, nothing since" in text
    late = a_call(busy.queues.get(), NINE + HOUR, outcome="in_progress", wait=None, talk=None)
    assert not lacking.lost_its_end(late)


def test_an_import_lists_its_own_calls_and_sessions_alone(busy):
    queue, ann = busy.queues.get(), an_agent(busy, "Ann")
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    batch = ImportBatch.objects.create(job=job, site=busy, format="phonenow", source="test")
    a_call(queue, NINE - 3 * HOUR, talk=None, agent=ann)
    own = a_call(queue, NINE - 2 * HOUR, talk=None, agent=ann, batch=batch)
    changed = a_call(queue, NINE - HOUR, talk=None, agent=ann)
    ImportChange.objects.create(batch=batch, relation="ccm_call", row=str(changed.pk), before={})
    for number in range(2):
        AgentState.objects.create(
            agent=ann,
            source="test",
            state="logged_in",
            ends_at=NINE + number * HOUR,
            batch=batch if number else None,
        )
    days = site_days(NINE.date(), NINE.date(), busy.calendar)
    found = lacking.of_days(busy, days, "test", batch)
    assert found.endless == [own, changed]
    assert [(one.agent, one.ends_at) for one in found.sessions] == [("Ann", NINE + HOUR)]


def test_the_page_of_a_site_shows_what_its_days_lack(busy, client):
    client.force_login(a_user("manager", busy))
    page = client.get(reverse("gaps"), {"from": "2026-03-02", "to": "2026-03-02"})
    text = page.content.decode()
    assert "Silent hours" in text
    assert "Mon 2 Mar 2026 11:00" in text
    # 40 calls, each begun, answered and over in the hour: 120 events in four hours.
    assert "30 in an hour of that day with any (4 such hours)" in text
    assert "Sessions with one edge" not in text
    page = client.get(reverse("gaps"), {"from": "2026-03-03", "to": "2026-03-03"})
    assert "There is nothing of these days" in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"period": "never"}, "There is no such period."),
        ({"from": "2026-03-03", "to": "2026-03-02"}, "The last day is before the first."),
        ({"from": "2025-01-01", "to": "2026-03-02"}, "Choose at most 366 days"),
        ({"from": "abc"}, "The dates could not be read"),
    ],
)
def test_days_that_make_no_sense_get_no_verdict(busy, client, asked, problem):
    client.force_login(a_user("manager", busy))
    text = client.get(reverse("gaps"), asked).content.decode()
    assert problem in text
    assert "No days were looked at" in text
    assert "Nothing seems to be missing" not in text
    assert "There is nothing of these days" not in text


def test_the_page_of_an_import_shows_the_days_it_tells_of(busy, client):
    client.force_login(a_user("manager", busy))
    job = Job.objects.create(kind="import", state=Job.State.DONE)
    batch = ImportBatch.objects.create(job=job, site=busy, format="phonenow", source="test")
    address = reverse("import_gaps", args=[batch.pk])
    assert "There is nothing of these days" in client.get(address).content.decode()
    ImportBatch.objects.update(first_at=NINE - 400 * DAY, last_at=NINE)
    text = client.get(address).content.decode()
    assert "11:00" in text
    assert "these are its last 366 days" in text


@pytest.mark.parametrize("calls", [1, 60])
def test_gaps_ask_the_same_of_one_call_as_of_many(busy, client, django_assert_num_queries, calls):
    queue = busy.queues.get()
    for minute in range(calls):
        a_call(queue, NINE - 4 * HOUR + timedelta(minutes=minute), talk=None)
    client.force_login(a_user("manager", busy))
    # Session, user, scope; sites, queues; events, the newest call and state, hours, calls,
    # sessions, removals from queues.
    with django_assert_num_queries(11):
        client.get(reverse("gaps"), {"from": "2026-03-02", "to": "2026-03-02"})


# Removals from a queue


CALL = ["1543480100|c1|sales|NONE|ENTERQUEUE||5550171|1", "1543480170|c1|sales|NONE|ABANDON|1|1|70"]
LOGIN = "1543480000|NONE|NONE|Agent/1127|AGENTCALLBACKLOGIN|1127@default"
ADDED = "1543480000|NONE|sales|Local/1127@agents|ADDMEMBER|"
OTHER_LOGIN = "1543480000|NONE|NONE|Agent/9|AGENTLOGIN|SIP/9"
LOGOFF = "1543490001|NONE|NONE|Agent/1127|AGENTCALLBACKLOGOFF|1127@default|"
REMOVED = [
    "1543490000|NONE|sales|Local/1127@agents|REMOVEMEMBER|",
    "1543490002|NONE|support|Local/1127@agents|REMOVEMEMBER|",
]


def sessions_of(*lines):
    """Who has a session with one edge, and its edges, of a day of this log."""
    site = a_site()
    batch = an_import_of(site, *lines)
    day = datetime(2018, 11, 29, tzinfo=UTC).date()
    found = lacking.of_days(site, site_days(day, day, site.calendar), batch.source, batch)
    every = lacking.of_days(site, site_days(day, day, site.calendar))
    assert every.sessions == found.sessions
    return [(one.agent, one.starts_at, one.ends_at) for one in found.sessions]


LEFT = datetime.fromtimestamp(1543490000, UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], [("Local/1127@agents", None, LEFT)]),
        # The login is of another name of the extension.
        ([LOGIN], []),
        # Others log in: so would whoever was added.
        ([OTHER_LOGIN, ADDED], [("Local/1127@agents", None, LEFT)]),
        # Nobody logs in: to be added is all there is.
        ([ADDED], []),
        # Its logout is listed already.
        ([LOGOFF], [("Agent/1127", None, LEFT + timedelta(seconds=1))]),
    ],
)
def test_a_removal_from_the_queues_without_a_login_before_it_lacks_it(before, expected):
    assert sessions_of(*CALL, *before, *REMOVED) == expected


@pytest.mark.django_db
def test_a_login_after_a_removal_is_none_before_it():
    late = LOGIN.replace("1543480000", "1543495000")
    assert sessions_of(*CALL, late, *REMOVED) == [("Agent/1127", None, LEFT)]


@pytest.mark.django_db
def test_the_gaps_of_another_site_or_of_an_import_taken_back_tell_of_no_removal():
    site, other = a_site(), a_site()
    batch = an_import_of(site, *CALL, *REMOVED)
    days = site_days(LEFT.date(), LEFT.date(), site.calendar)
    assert len(lacking.of_days(site, days).sessions) == 1
    assert lacking.of_days(other, days).sessions == []
    assert lacking.of_days(site, days, "phonenow@x").sessions == []
    undo.start(batch)
    batch.refresh_from_db()
    undo.run(batch.undo_id)
    assert lacking.of_days(site, days).sessions == []


@pytest.mark.django_db
def test_of_several_sites_none_is_chosen_until_it_is_said(client):
    first, second = a_site("Aachen"), a_site("York")
    client.force_login(a_user("admin"))
    page = client.get(reverse("gaps"))
    assert "Choose a site" in page.content.decode()
    assert page.context["filters"].sites[0] == ("", "choose a site")
    assert "site" not in page.context or page.context["site"] is None
    said = client.get(reverse("gaps"), {"site": second.slug})
    assert said.context["site"] == second
    second.delete()
    assert client.get(reverse("gaps")).context["site"] == first
