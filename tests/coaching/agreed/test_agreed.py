"""Sessions at their time: warned of by the roster, in calendars, beside shifts, told of by mail."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from ccm.models import AuditEntry, Delivery
from coaching.agreed import events, feeds, reminders
from coaching.holding import services
from coaching.models import Session, SessionFeed
from scheduling.mine import calendar
from tests.builders import NINE, a_leave, a_team, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, post, signed_in, text
from tests.scheduling.kept.builders import a_roster, a_shift, published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
DAY = timedelta(days=1)
MONDAY = NINE.date()


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


@pytest.fixture
def rostered(floor):
    """The agent works 9:00 to 17:00 with a break from 12:00 to 12:30, on Monday alone."""
    roster = published(a_roster(floor.site, first_day=MONDAY))
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    lunch = {
        "kind": "pause", "name": "Lunch", "start": noon.isoformat(),
        "end": (noon + timedelta(minutes=30)).isoformat(), "is_pause": True, "is_paid": False,
    }  # fmt: skip
    a_shift(roster, floor.agent, MONDAY, activities=[lunch])
    return floor


def planned(floor, day="2026-03-02", time="14:00", **more):
    said = {
        "kind": "one_to_one", "agents": floor.agent.pk, "day": day, "time": time, "minutes": 30,
    } | more  # fmt: skip
    return post(floor.lead, "session_new", **said)


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2026-03-02", "12:15", "has a break 12:00–12:30."),
        ("2026-03-02", "17:30", "works 09:00–17:00 on that day."),
        ("2026-03-03", "10:00", "has no shift on that day."),
    ],
)
def test_a_time_that_the_roster_speaks_against_is_warned_of_and_taken_all_the_same(
    rostered, day, time, words
):
    answer = planned(rostered, day, time)
    page = text(answer)
    assert f"{rostered.agent.name} {words}" in page
    assert 'name="anyway"' in page
    assert not Session.objects.exists()
    assert planned(rostered, day, time, anyway="on").status_code == 302
    assert Session.objects.count() == 1


def test_nothing_is_said_of_time_on_the_queue_or_of_days_without_a_roster(rostered):
    assert planned(rostered).status_code == 302
    assert planned(rostered, day="2026-05-04").status_code == 302
    # What is held as it is written is no appointment: it has a form of its own.
    asked = planned(rostered, time="12:15", kind="quick_note")
    assert "Select a valid choice" in text(asked)


def test_absence_another_session_and_the_coachs_own_are_warned_of(floor):
    floor.session(starts_at=NINE + 5 * timedelta(hours=1))
    assert "has another session 14:00–14:30." in text(planned(floor, time="14:15"))
    a_leave(floor.agent, first_on=MONDAY, last_on=MONDAY)
    assert "is absent on that day." in text(planned(floor, time="16:00"))
    other = an_agent(floor.site, "Bo")
    by = {"kind": "one_to_one", "agents": other.pk, "day": "2026-03-02", "time": "14:00"}
    floor.session(coach=floor.manager, starts_at=NINE + 6 * timedelta(hours=1))
    assert post(floor.manager, "session_new", **by, minutes=30).status_code == 302
    answer = text(post(floor.manager, "session_new", **by | {"time": "15:15"}, minutes=30))
    assert f"{floor.manager} has another session 15:00–15:30." in answer


def test_another_time_is_warned_of_and_what_stays_where_it_is_is_not(rostered):
    session = rostered.session(starts_at=NINE + timedelta(hours=5))
    said = {"day": "2026-03-02", "minutes": 30, "place": "", "about": "", "revision": 0}
    page = text(post(rostered.lead, "session_change", session.pk, time="12:00", **said))
    assert "has a break 12:00–12:30." in page
    session.refresh_from_db()
    assert session.starts_at.hour == 14
    moved = post(rostered.lead, "session_change", session.pk, time="12:00", anyway="on", **said)
    assert moved.status_code == 302
    again = said | {"revision": 1, "place": "Room 2"}
    # Its time is what it was: nothing is said of it again, nor of itself.
    assert (
        post(rostered.lead, "session_change", session.pk, time="12:00", **again).status_code == 302
    )


def of_agent(agent):
    return [*Calendar.from_ical(calendar.of_agent(agent, NINE)).walk("VEVENT")]


def test_a_session_stands_in_the_agents_calendar_and_schedule_without_what_it_is_about(floor):
    floor.session(place="Room 2")
    (event,) = of_agent(floor.agent)
    assert (event["summary"], event["location"]) == ("Coaching: One-to-one", "Room 2")
    assert event["dtstart"].dt == NINE + timedelta(hours=2)
    assert event["dtend"].dt == NINE + timedelta(hours=2, minutes=30)
    raw = calendar.of_agent(floor.agent, NINE).decode()
    assert "March" not in raw
    assert str(floor.lead) not in raw
    page = get(floor.me, "my_schedule")
    assert "11:00–11:30 Coaching: One-to-one" in page
    assert "11:00–11:30 Coaching: One-to-one" in get(floor.me, "my_month")
    # The day by which schedules are kept says so, to who leads them without a link.
    session = reverse("session", args=[Session.objects.get().pk])
    day = reverse("adherence_day", args=[floor.agent.pk])
    mine, theirs = (signed_in(one).get(day).content.decode() for one in (floor.me, floor.lead))
    for page in (mine, theirs):
        assert "Coaching: One-to-one" in page
        assert "what is planned does not have it" in page
    assert session in mine.split("<main")[1]
    assert session not in theirs.split("<main")[1]
    # A colleague's has nothing of it.
    assert of_agent(an_agent(floor.site, "Bo", user=a_user("agent"))) == []


def test_a_change_counts_the_sequence_up_and_what_is_called_off_is_cancelled(floor):
    session = floor.session()
    before = of_agent(floor.agent)[0]
    services.call_off(session, "Ill", floor.lead, NINE)
    (event,) = of_agent(floor.agent)
    assert event["uid"] == before["uid"]
    assert (before["sequence"], event["sequence"]) == (0, 1)
    assert (before["status"], event["status"]) == ("CONFIRMED", "CANCELLED")
    assert [len(one.walk("VALARM")) for one in (before, event)] == [1, 0]
    assert "Coaching" not in get(floor.me, "my_schedule").split("<main")[1]


def test_a_coach_has_an_address_of_their_own_which_is_revoked(floor):
    floor.session()
    page = get(floor.lead, "sessions_calendar")
    assert "There is no address yet." in page
    signed_in(floor.lead).post(reverse("sessions_calendar_make"))
    assert SessionFeed.objects.get().user == floor.lead
    key = feeds.make(floor.lead, NINE)
    assert SessionFeed.objects.filter(revoked_at=None).count() == 1
    assert key not in str(list(SessionFeed.objects.values()))
    url = f"{reverse('sessions_feed')}?key={key}"
    (event,) = Calendar.from_ical(Client().get(url).content).walk("VEVENT")
    assert event["summary"] == f"One-to-one: {floor.agent.name}"
    # Its page is where the calendar was asked for, whatever the port is, and it reminds.
    page = reverse("session", args=[Session.objects.get().pk])
    assert event["url"] == f"http://testserver{page}"
    elsewhere = Client(HTTP_HOST="127.0.0.1:8051").get(url).content
    (event,) = Calendar.from_ical(elsewhere).walk("VEVENT")
    assert event["url"] == f"http://127.0.0.1:8051{page}"
    (alarm,) = event.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", -timedelta(minutes=15))
    assert "March" not in Client().get(url).content.decode()
    signed_in(floor.lead).post(reverse("sessions_calendar_revoke"))
    assert Client().get(url).status_code == 404
    assert key not in str(list(AuditEntry.objects.values("before", "after")))


def day_in(page, words):
    """What the calendar has of a day: from its heading to the next."""
    return page.split(f"<h3>{words}")[1].split("<h3>")[0].split("</ol>")[0]


def test_the_calendar_shows_the_week_by_the_sites_clock_with_today_and_what_is_late(floor):
    floor.site.zone = "Asia/Tokyo"
    floor.site.save()
    # NINE is 18:00 of Monday, 2 March, there; 20:00 UTC is 5:00 of the next day.
    late = floor.session(starts_at=NINE - timedelta(hours=2))
    floor.session(starts_at=NINE.replace(hour=20), place="Room 2")
    floor.held(starts_at=NINE - 3 * DAY)
    off = floor.session(starts_at=NINE + DAY)
    services.call_off(off, "Ill", floor.lead, NINE)
    page = get(floor.lead, "sessions_calendar")
    assert "2 Mar – 8 Mar 2026" in page
    assert page.index('<li aria-current="date"') < page.index("<h3>Mon 2 Mar")
    monday, tuesday = day_in(page, "Mon 2 Mar"), day_in(page, "Tue 3 Mar")
    assert f'href="{reverse("session", args=[late.pk])}"' in monday
    assert "16:00–16:30" in monday
    assert ">late<" in monday
    assert "1 was to be held by now" in page
    assert "05:00–05:30" in tuesday
    assert floor.agent.name in tuesday
    assert "Room 2" in tuesday
    assert reverse("session", args=[off.pk]) not in page
    assert "This week" not in page
    before = get(floor.lead, "sessions_calendar", query="?week=2026-02-25")
    assert ">held<" in day_in(before, "Fri 27 Feb")
    assert "?week=2026-02-16" in before
    assert "?week=2026-03-02" in before
    empty = get(floor.lead, "sessions_calendar", query="?week=2026-05-04")
    assert "No session is in this week" in empty
    assert "2 Mar – 8 Mar 2026" in get(floor.lead, "sessions_calendar", query="?week=x")


def test_a_manager_has_the_weeks_of_a_team_or_of_what_they_lead_and_of_no_other(floor):
    mine = floor.session()
    other = an_agent(floor.site, "Bo")
    team = a_team(floor.site, None, other)
    theirs = floor.session(coach=floor.manager, agents=(other,))
    at = [reverse("session", args=[one.pk]) for one in (mine, theirs)]

    def shown(whose):
        page = get(floor.manager, "sessions_calendar", query=f"?whose={whose}")
        return [one in page for one in at]

    assert shown("") == [True, True]
    assert shown(team.pk) == [False, True]
    assert shown("mine") == [False, True]
    assert at[1] not in get(floor.lead, "sessions_calendar")
    for word in (team.pk, "x"):
        answer = signed_in(floor.lead).get(f"{reverse('sessions_calendar')}?whose={word}")
        assert answer.status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_calendar_asks_the_same_of_one_session_as_of_twelve(
    floor, many, django_assert_max_num_queries
):
    for n in range(many):
        floor.session(agents=(floor.agent, an_agent(floor.site, f"B{n}")), kind="group")
    client = signed_in(floor.manager)
    with django_assert_max_num_queries(12):
        client.get(reverse("sessions_calendar"))


def test_who_signs_in_no_more_has_no_calendar(floor):
    key = feeds.make(floor.lead, NINE)
    floor.lead.is_active = False
    floor.lead.save()
    assert feeds.fetched(key, NINE) is None
    assert feeds.fetched("x" * 500, NINE) is None


def with_mail(*users):
    for user in users:
        user.email = f"{user.username}@example.org"
        user.save()


def test_the_day_before_all_who_are_in_it_are_told_once_and_again_of_another_time(floor):
    with_mail(floor.lead, floor.me)
    session = floor.session(starts_at=NINE + 2 * DAY, place="Room 2")
    assert reminders.put_due(NINE) == 0
    assert reminders.put_due(NINE + DAY) == 2
    assert reminders.put_due(NINE + DAY + timedelta(minutes=10)) == 0
    mails = Delivery.objects.order_by("pk")
    assert {one.address for one in mails} == {floor.lead.email, floor.me.email}
    assert mails[0].subject == "Coaching session Wed 4 Mar 09:00"
    assert "One-to-one, Wed 4 Mar 09:00, 30 minutes. Room 2" in mails[0].body
    assert "March" not in mails[0].body
    assert reverse("session", args=[session.pk]) in mails[0].body
    said = {
        "starts_at": NINE + 2 * DAY + timedelta(hours=1),
        "minutes": 30,
        "place": "",
        "about": "",
    }
    services.change(session, said, 0, floor.lead, NINE)
    assert reminders.put_due(NINE + DAY + timedelta(hours=1)) == 2


def test_nobody_is_reminded_of_what_is_called_off_held_or_begun(floor):
    with_mail(floor.lead, floor.me)
    off = floor.session(starts_at=NINE + timedelta(hours=3))
    services.call_off(off, "Ill", floor.lead, NINE)
    floor.held(starts_at=NINE + timedelta(hours=4), about="April")
    floor.session(starts_at=NINE - timedelta(minutes=5), about="May")
    assert reminders.put_due(NINE) == 0


def test_a_day_after_its_end_its_coach_is_asked_once_and_not_weeks_later(floor):
    with_mail(floor.lead, floor.me)
    floor.session(starts_at=NINE)
    end = NINE + timedelta(minutes=30)
    assert reminders.put_due(end + DAY - timedelta(minutes=1)) == 0
    assert reminders.put_due(end + DAY) == 1
    assert reminders.put_due(end + 2 * DAY) == 0
    (mail,) = Delivery.objects.all()
    assert mail.address == floor.lead.email
    assert mail.subject == "Was it held? Coaching session Mon 2 Mar 09:00"
    Delivery.objects.all().delete()
    assert reminders.put_due(end + 16 * DAY) == 0


def test_late_is_whose_time_is_over_and_not_what_has_just_begun(floor):
    session = floor.session(starts_at=NINE - timedelta(minutes=10))
    page = get(floor.lead, "sessions")
    assert page.index("Coming") < page.index(f"/coaching/sessions/{session.pk}/")
    with time_machine.travel(NINE + timedelta(minutes=20), tick=False):
        late = get(floor.lead, "sessions")
        assert late.index(f"/coaching/sessions/{session.pk}/") < late.index(">Coming<")
        assert "It was to be held by now." in get(floor.lead, "session", session.pk)
        assert ">late<" in get(floor.me, "my_coaching")


def test_calendars_ask_the_same_of_one_session_as_of_twelve(floor, django_assert_num_queries):
    for n in range(12):
        floor.session(about=f"Session {n}")
    with django_assert_num_queries(3):  # sessions, people, their names
        events.of_coach(floor.lead, NINE)
    with django_assert_num_queries(1):
        events.of_agent(floor.agent, NINE, None)
