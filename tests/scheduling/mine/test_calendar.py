"""The calendar of somebody's shifts, read back as another program reads it; and its address."""

import logging
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from ccm import limits
from ccm.models import AuditEntry, token_hash
from scheduling.mine import calendar, feeds
from scheduling.models import CalendarFeed, RosterEdit
from scheduling.rosters import edits
from scheduling.rosters.edits import Wanted
from tests.builders import a_site, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_shift, published
from tests.scheduling.mine.test_my_schedule import LUNCH, moved
from tests.scheduling.terms.builders import a_template
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def site():
    return a_site(zone="UTC")


@pytest.fixture
def ada(site):
    return an_agent(site, "Ada", user=a_user("agent"))


@pytest.fixture
def roster(site):
    return published(a_roster(site))


def read(agent, now=NOW):
    return [*Calendar.from_ical(calendar.of_agent(agent, now)).walk("VEVENT")]


def local(row, *at):
    """A shift of a wall clock: (day, hour) to (day, hour)."""
    begins, ends = (datetime(*one, tzinfo=BERLIN).astimezone(UTC) for one in at)
    return {"begins_at": begins, "ends_at": ends} | row


def test_a_week_in_which_clocks_go_forward_is_read_back_in_its_true_hours(site):
    """In Berlin 2:00 on 29 March 2026 is 3:00: the night from 22:00 to 06:00 has seven hours."""
    site.zone = "Europe/Berlin"
    site.save()
    ada, roster = an_agent(site), published(a_roster(site, first_day=date(2026, 3, 23)))
    friday, saturday, sunday = (date(2026, 3, day) for day in (27, 28, 29))
    a_shift(roster, ada, friday, **local({}, (2026, 3, 27, 9), (2026, 3, 27, 17)))
    a_shift(roster, ada, saturday, **local({}, (2026, 3, 28, 22), (2026, 3, 29, 6)))
    a_shift(roster, ada, sunday, **local({}, (2026, 3, 29, 9), (2026, 3, 29, 17)))
    told = [(one.decoded("dtstart"), one.decoded("dtend")) for one in read(ada)]
    assert told == [
        (datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2026, 3, 27, 16, tzinfo=UTC)),
        (datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC)),
        (datetime(2026, 3, 29, 7, tzinfo=UTC), datetime(2026, 3, 29, 15, tzinfo=UTC)),
    ]
    assert b"DTSTART:20260328T210000Z" in calendar.of_agent(ada, NOW)


def test_an_event_is_named_for_its_template_and_tells_its_pauses(ada, roster, site):
    a_shift(roster, ada, template=a_template(site, "Day, early; or so"), activities=[LUNCH])
    [event] = read(ada)
    assert event["summary"] == "Day, early; or so"
    assert event["description"] == "12:00–12:30 Lunch"


def test_a_change_keeps_the_id_and_counts_the_sequence_up(ada, roster):
    a_shift(roster, ada)
    [was] = read(ada)
    moved(roster, ada, None)
    [now] = read(ada)
    assert was["uid"] == now["uid"]
    assert (was["sequence"], now["sequence"]) == (0, 1)
    # A day off and on again is not the first version once more.
    edits.apply(roster, [Wanted(ada.pk, MONDAY, None)], None, NOW, seen=roster.revision)
    assert read(ada) == []
    moved(roster, ada, None, hours=0)
    RosterEdit.objects.filter(number=roster.revision).update(made_at=NOW + DAY)
    [again] = read(ada)
    assert (again["uid"], again["sequence"]) == (was["uid"], 3)
    assert again.decoded("last-modified") == NOW + DAY


def test_drafts_are_not_in_it_nor_what_is_older_than_four_weeks(ada, site):
    a_shift(a_roster(site), ada)
    old = published(a_roster(site, first_day=MONDAY - 35 * DAY, days=35))
    # Today is Thursday, 12 March 2026; four weeks ago was 12 February.
    for day in (date(2026, 2, 11), date(2026, 2, 12)):
        a_shift(old, ada, day)
    assert [one.decoded("dtstart").date() for one in read(ada)] == [date(2026, 2, 12)]


def test_nobody_else_is_named(ada, roster, site):
    a_shift(roster, ada)
    bob = an_agent(site, "Bob Bobson")
    a_shift(roster, bob)
    planner = a_user("planner", site, name="Paula")
    moved(roster, ada, planner, note="Bob Bobson is ill")
    text = calendar.of_agent(ada, NOW).decode()
    assert "Bob" not in text
    assert "Paula" not in text
    assert text.count("BEGIN:VEVENT") == 1


@pytest.fixture
def feed(ada, roster):
    """The address of Ada's calendar, with a shift in it."""
    a_shift(roster, ada)
    key = feeds.make(ada, ada.user, NOW)
    with time_machine.travel(NOW, tick=False):
        yield f"{reverse('calendar_feed')}?key={key}"


def test_an_address_is_read_without_a_sign_in(feed, ada):
    answer = Client().get(feed)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 1
    assert feeds.standing(ada).fetched_at == NOW


def test_what_has_not_changed_is_not_sent_again(feed, ada, roster):
    etag = Client().get(feed)["ETag"]
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        again = Client().get(feed, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        moved(roster, ada, None)
        assert Client().get(feed, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("query", ["", "?key=", "?key=guess", "?key=" + "x" * 5000, "?key[]=a"])
def test_a_key_that_is_none_opens_nothing(feed, query):
    assert Client().get(reverse("calendar_feed") + query).status_code == 404


def test_a_key_that_was_revoked_or_replaced_opens_nothing(feed, ada, client):
    client.force_login(ada.user)
    client.post(reverse("my_calendar_make"))
    assert Client().get(feed).status_code == 404
    assert CalendarFeed.objects.count() == 2
    for _twice in range(2):
        assert client.post(reverse("my_calendar_revoke")).status_code == 302
    assert feeds.standing(ada) is None
    entries = AuditEntry.objects.filter(model="scheduling.calendarfeed")
    assert [one.action for one in entries.order_by("pk")] == [
        "created", "removed", "created", "removed",
    ]  # fmt: skip


@pytest.mark.parametrize("gone", ["account", "left"])
def test_who_is_not_there_any_more_has_no_calendar(feed, ada, gone):
    if gone == "account":
        ada.user.is_active = False
        ada.user.save()
    else:
        ada.left_on = NOW.date()
        ada.save()
    assert Client().get(feed).status_code == 404


def test_the_key_is_shown_once_and_kept_nowhere(client, ada):
    client.force_login(ada.user)
    page = client.post(reverse("my_calendar_make"), follow=True).content.decode()
    key = page.partition("?key=")[2][:43]
    assert feeds.standing(ada).hash == token_hash(key)
    assert key not in client.get(reverse("my_calendar")).content.decode()
    assert not AuditEntry.objects.filter(after__icontains=key).exists()


def test_no_log_has_the_key(feed, caplog):
    caplog.set_level(logging.DEBUG)
    Client().get(feed + "x")
    Client().get(feed)
    key = feed.partition("key=")[2]
    assert "calendar.ics" in caplog.text
    assert key not in caplog.text


def test_who_asks_too_often_is_told_when_to_come_back(feed, monkeypatch):
    monkeypatch.setattr(limits, "too_often", lambda what, most: most == 120)
    answer = Client().get(feed)
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def test_somebody_has_one_address_at_a_time(ada):
    feeds.make(ada, ada.user, NOW)
    with pytest.raises(IntegrityError):
        CalendarFeed.objects.create(agent=ada, hash="another", made_at=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_addresses_made_at_once_leave_one(ada):
    make = lambda: feeds.make(ada, ada.user, NOW)  # noqa: E731
    assert elsewhere(make, make) == ["done", "done"]
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize("many", [1, 28])
def test_a_calendar_asks_the_same_of_one_shift_as_of_many(
    ada, site, many, django_assert_num_queries
):
    roster = published(a_roster(site, days=28))
    for n in range(many):
        a_shift(roster, ada, MONDAY + n * DAY)
    with django_assert_num_queries(3):  # shifts, changes, coaching sessions
        calendar.of_agent(ada, NOW)
