"""One's own schedule: the shift of now, the weeks, a month, what changed, and who has seen it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from ccm.models import AuditEntry
from scheduling.mine import calendar, reads, services, words
from scheduling.models import RosterEdit, ShiftChange
from scheduling.rosters import edits, given
from scheduling.rosters.edits import Wanted
from tests.builders import a_leave, a_site, a_team, a_user, an_agent
from tests.scheduling.absences.builders import a_kind, asked, rules
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_contract, with_contract

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
AT_TEN = datetime(2026, 3, 16, 10, 15, tzinfo=UTC)
LUNCH = {
    "kind": "pause", "name": "Lunch", "start": "2026-03-16T12:00:00+00:00",
    "end": "2026-03-16T12:30:00+00:00", "is_pause": True, "is_paid": False,
}  # fmt: skip
TRAINING = {
    "kind": "training", "name": "", "start": "2026-03-16T10:00:00+00:00",
    "end": "2026-03-16T11:00:00+00:00", "is_pause": False, "is_paid": True,
}  # fmt: skip


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def ada(site):
    return an_agent(site, "Ada", user=a_user("agent"))


@pytest.fixture
def roster(site):
    return published(a_roster(site))


@pytest.fixture
def page(client, ada):
    """The own schedule as Ada reads it on Monday at a quarter past ten."""
    client.force_login(ada.user)
    with time_machine.travel(AT_TEN, tick=False):
        yield lambda name="my_schedule", query="": client.get(reverse(name) + query)


def moved(roster, agent, who, hours=1, day=MONDAY, **more):
    """Somebody's shift begins and ends later; a day without one gets one from nine to five."""
    row = roster.shifts.filter(agent=agent, day=day).first()
    later = timedelta(hours=hours)
    begins = row.begins_at + later if row else datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    ends = begins + timedelta(hours=8)
    said = given.Given("0-600-480", None, begins, ends, 480, False, [(begins, ends)])
    wanted = [Wanted(agent.pk, day, said)]
    return edits.apply(roster, wanted, who, NOW, seen=roster.revision, **more)


def test_without_a_published_roster_the_page_says_so(page, ada, site):
    a_shift(a_roster(site), ada)
    said = page().content.decode()
    assert "No roster is published yet" in said
    assert "09:00" not in said


def test_the_shift_of_now_is_told_with_its_parts_and_the_part_of_now(page, ada, roster):
    a_shift(roster, ada, activities=[LUNCH, TRAINING])
    current = page().context["current"]
    assert (current.clock, current.is_now) == ("09:00–17:00", True)
    assert [(one.words, one.clock, one.is_now) for one in current.pieces] == [
        ("On queue", "09:00–10:00", False),
        ("Training", "10:00–11:00", True),
        ("On queue", "11:00–12:00", False),
        ("Lunch", "12:00–12:30", False),
        ("On queue", "12:30–17:00", False),
    ]


def test_a_night_that_began_yesterday_is_the_shift_of_now_and_the_day_is_the_sites(site):
    site.zone = "Asia/Tokyo"
    site.save()
    ada, roster = an_agent(site), published(a_roster(site))
    # From 22:00 to 06:00 in Tokyo: from 13:00 to 21:00, UTC.
    begins = datetime(2026, 3, 16, 13, tzinfo=UTC)
    a_shift(roster, ada, begins_at=begins, ends_at=begins + timedelta(hours=8), is_night=True)
    a_shift(roster, ada, MONDAY + DAY, begins_at=begins + DAY, ends_at=begins + 1.25 * DAY)
    now = datetime(2026, 3, 16, 17, tzinfo=UTC)
    current = reads.current(ada, now)
    assert (reads.today_of(ada, now), current.shift.day) == (date(2026, 3, 17), MONDAY)
    assert (current.clock, current.is_now) == ("22:00–06:00", True)


def test_a_week_tells_shifts_days_off_absences_and_hours_against_the_contract(page, ada, roster):
    with_contract(ada, a_contract(ada.site, week_minutes=2400))
    for n in (0, 1, 4):
        a_shift(roster, ada, MONDAY + n * DAY)
    a_leave(ada, kind="Holiday", first_on=MONDAY + 2 * DAY, last_on=MONDAY + 2 * DAY)
    [week] = page().context["weeks"]
    told = [one.mine.clock if one.mine else one.absence or "off" for one in week.days]
    assert told == ["09:00–17:00", "09:00–17:00", "Holiday", "off", "09:00–17:00", "off", "off"]
    assert (week.minutes, week.leave_minutes, week.contract_minutes) == (1440, 480, 2400)
    assert "24:00 of work + 8:00 on leave, of 40:00 hours" in page().content.decode()


def test_a_shift_of_a_day_of_leave_is_not_worked(page, ada, roster):
    """It counts for no hours, is not the next one, and no calendar has it."""
    with_contract(ada, a_contract(ada.site, week_minutes=2400))
    for n in (0, 1):
        a_shift(roster, ada, MONDAY + n * DAY)
    a_leave(ada, kind="Holiday", first_on=MONDAY, last_on=MONDAY)
    shown = page()
    [week] = shown.context["weeks"]
    assert (week.minutes, week.leave_minutes) == (480, 480)
    assert shown.context["current"].shift.day == MONDAY + DAY
    words = " ".join(shown.content.decode().split())
    assert "<b>Holiday</b>" in words
    assert "<s>09:00–17:00</s>" in words
    events = calendar.of_agent(ada, AT_TEN).decode()
    assert events.count("BEGIN:VEVENT") == 1
    assert "20260317T090000Z" in events


def test_hours_of_leave_stand_beside_the_shift_and_are_no_work(page, client, ada, roster):
    """Of a shift of eight hours from nine on, two and a half are leave."""
    with_contract(ada, a_contract(ada.site, week_minutes=2400))
    for n in (0, 1):
        a_shift(roster, ada, MONDAY + n * DAY)
    rules(ada.site, 9)
    kind = a_kind(ada.site, "Holiday", keeps_balance=False)
    asked(ada, kind, MONDAY + DAY, now=AT_TEN - 30 * DAY, from_minute=570, to_minute=720)
    shown = page()
    [week] = shown.context["weeks"]
    assert [one.part for one in week.days[:3]] == ["", "Holiday 09:30–12:00", ""]
    assert (week.minutes, week.leave_minutes) == (960 - 150, 150)
    assert "13:30 of work + 2:30 on leave, of 40:00 hours" in shown.content.decode()
    with time_machine.travel(AT_TEN, tick=False):
        month = client.get(reverse("my_month") + "?month=2026-03").content.decode()
    assert "Holiday 09:30–12:00" in month


def test_days_of_leave_on_which_nobody_would_work_are_off_as_the_calendar_has_them(
    page, client, ada, roster
):
    """A holiday from Friday to Monday takes what its request says: eight hours of each weekday and
    nothing of the weekend. Illness that came of no request takes the contract's days."""
    with_contract(ada, a_contract(ada.site, week_minutes=2400))
    friday = MONDAY + 4 * DAY
    rules(ada.site, 9)
    kind = a_kind(ada.site, "Holiday", keeps_balance=False)
    asked(ada, kind, friday, friday + 3 * DAY)
    a_leave(ada, kind="Illness", first_on=friday + 8 * DAY, last_on=friday + 10 * DAY)
    with time_machine.travel(AT_TEN, tick=False):
        found = [one for row in reads.month(ada, date(2026, 3, 1), AT_TEN) for one in row if one]
    told = {one.day.day: one.absence for one in found if one.absence}
    assert told == {20: "Holiday", 23: "Holiday", 30: "Illness"}
    away = client.get(reverse("time_off_calendar") + "?month=2026-03").context["weeks"]
    off = [cell[0].day.day for row in away for cell in row if cell and cell[0].names]
    assert off == [20, 23, 30]


def test_days_beyond_what_is_published_are_not_told_to_be_off(page, ada, site):
    roster = published(a_roster(site, days=2))
    a_shift(roster, ada)
    [week] = page().context["weeks"]
    assert [one.is_told for one in week.days] == [True, True, *[False] * 5]


def test_a_roster_of_a_group_tells_of_those_whom_it_gives_shifts(site, ada):
    from tests.builders import a_queue, a_queue_group

    group = a_queue_group(a_queue(site))
    roster = published(a_roster(site, group=group))
    assert reads.weeks(ada, AT_TEN) == []
    a_shift(roster, ada)
    assert len(reads.weeks(ada, AT_TEN)) == 1


def test_a_month_begins_on_its_weekday_and_has_all_its_days(page, ada, roster):
    a_shift(roster, ada, MONDAY)
    rows = page("my_month", "?month=2026-03").context["weeks"]
    # 1 March 2026 is a Sunday; the month has 31 days.
    assert [one.day.day if one else None for one in rows[0]] == [None] * 6 + [1]
    assert sum(one is not None for row in rows for one in row) == 31
    assert {len(row) for row in rows} == {7}
    assert rows[3][0].mine.clock == "09:00–17:00"


@pytest.mark.parametrize("month", ["", "soon", "2026-13", "9999-01", "2026-03-16", "\x00"])
def test_a_month_that_is_none_is_the_one_of_today(page, ada, month):
    assert page("my_month", f"?month={month}").context["first"] == date(2026, 3, 1)


def test_a_change_is_told_from_what_was_to_what_is(page, ada, roster, site):
    a_shift(roster, ada)
    moved(roster, ada, a_user("planner", site))
    moved(roster, ada, None, day=MONDAY + DAY)
    edits.apply(roster, [Wanted(ada.pk, MONDAY, None)], None, NOW, seen=roster.revision)
    assert [one.words for one in page().context["changes"]] == [
        "09:00–17:00 → 10:00–18:00",
        "10:00–18:00 → off",
        "off → 09:00–17:00",
    ]


def test_where_only_a_pause_moved_the_change_tells_the_pauses():
    shift = {
        "spells": [["2026-03-16T09:00:00+00:00", "2026-03-16T17:00:00+00:00"]],
        "worked_minutes": 450, "activities": [LUNCH],
    }  # fmt: skip
    later = LUNCH | {"start": "2026-03-16T13:00:00+00:00", "end": "2026-03-16T13:30:00+00:00"}
    zone = ZoneInfo("UTC")
    told = words.change(shift, shift | {"activities": [later]}, zone)
    assert told == "09:00–17:00: Lunch 12:00–12:30 → Lunch 13:00–13:30"
    assert words.change(shift, shift | {"activities": []}, zone).endswith("→ no pauses")


def test_why_it_was_changed_is_told_in_the_words_of_whoever_wrote_some(page, ada, roster, site):
    a_shift(roster, ada)
    moved(roster, ada, None)
    assert "By hand" in page().content.decode()
    RosterEdit.objects.update(note="Time off was approved")
    text = page().content.decode()
    assert "Time off was approved" in text
    assert "By hand" not in text


def test_changes_of_a_draft_are_nobodys_yet(page, ada, site):
    moved(a_roster(site), ada, None)
    assert page().context["changes"] == []


def test_a_change_is_acknowledged_once_and_the_log_has_it(page, client, ada, roster):
    moved(roster, ada, None)
    [change] = ShiftChange.objects.all()
    assert change.is_short
    for _twice in range(2):
        sent = {"change": change.pk}
        assert client.post(reverse("acknowledge"), sent).url == reverse("my_schedule")
    change.refresh_from_db()
    assert change.acknowledged_at == AT_TEN
    [entry] = AuditEntry.objects.filter(model="scheduling.shiftchange")
    assert (entry.who, entry.after["acknowledged_at"]) == (ada.user, str(AT_TEN))
    assert page().context["changes"] == []


def test_all_is_what_was_shown_and_nothing_that_came_since(page, client, ada, roster):
    moved(roster, ada, None)
    moved(roster, ada, None, day=MONDAY + DAY)
    up_to = page().context["up_to"]
    moved(roster, ada, None, day=MONDAY + 2 * DAY)
    client.post(reverse("acknowledge"), {"up_to": up_to})
    [left] = ShiftChange.objects.filter(acknowledged_at=None)
    assert left.day == MONDAY + 2 * DAY


@pytest.mark.parametrize(
    "sent", [{}, {"change": ""}, {"change": "-1"}, {"change": "9" * 30}, {"up_to": "²"}]
)
def test_an_acknowledgement_of_nothing_changes_nothing(page, client, ada, roster, sent):
    moved(roster, ada, None)
    assert client.post(reverse("acknowledge"), sent).status_code == 302
    assert ShiftChange.objects.filter(acknowledged_at=None).count() == 1


def test_nobody_acknowledges_for_another(page, client, ada, roster, site):
    other = an_agent(site)
    moved(roster, other, None)
    [change] = ShiftChange.objects.all()
    client.post(reverse("acknowledge"), {"change": change.pk})
    change.refresh_from_db()
    assert change.acknowledged_at is None
    assert services.acknowledge(ada, ada.user, AT_TEN, up_to=change.pk) == 0


def test_the_sidebar_counts_what_is_to_be_acknowledged(page, ada, roster):
    moved(roster, ada, None)
    moved(roster, ada, None, day=MONDAY + DAY, by_themselves={ada.pk})
    entries = [one for group in page().context["navigation"] for one in group["entries"]]
    counts = {str(one["words"]): one["count"] for one in entries}
    assert counts["My schedule"] == 1


def test_a_supervisor_sees_whose_changes_wait_oldest_first_and_of_the_own_team_alone(
    client, ada, roster, site
):
    boss, bob, zoe = a_user("supervisor"), an_agent(site, "Bob"), an_agent(site, "Zoe")
    a_team(site, boss, ada, bob)
    for agent, at in ((bob, NOW), (zoe, NOW), (ada, NOW - DAY)):
        moved(roster, agent, None)
        RosterEdit.objects.filter(number=roster.revision).update(made_at=at)
    client.force_login(boss)
    rows = client.get(reverse("acknowledgements")).context["rows"]
    assert [one.change.agent.name for one, _team in rows] == ["Ada", "Bob"]
    services.acknowledge(ada, ada.user, NOW, up_to=10**9)
    rows = client.get(reverse("acknowledgements")).context["rows"]
    assert [one.change.agent.name for one, _team in rows] == ["Bob"]


def test_a_planner_chooses_a_team_and_words_that_are_none_are_all(client, ada, roster, site):
    bob = an_agent(site, "Bob")
    first, _second = a_team(site, None, ada), a_team(site, None, bob)
    for agent in (ada, bob):
        moved(roster, agent, None)
    client.force_login(a_user("planner", site))

    def names(query):
        rows = client.get(reverse("acknowledgements") + query).context["rows"]
        return [one.change.agent.name for one, _team in rows]

    assert names("") == ["Ada", "Bob"]
    assert names(f"?team={first.pk}") == ["Ada"]
    assert names("?team=x") == ["Ada", "Bob"]
    assert names("?team=999999") == []


def test_where_all_is_acknowledged_the_list_says_so(client, site):
    client.force_login(a_user("planner", site))
    said = client.get(reverse("acknowledgements")).content.decode()
    assert "Everything is acknowledged" in said


@pytest.mark.parametrize("many", [1, 28])
def test_the_pages_ask_the_same_of_one_shift_as_of_many(
    client, ada, site, many, django_assert_max_num_queries
):
    roster = published(a_roster(site, days=28))
    for n in range(many):
        moved(roster, ada, None, day=MONDAY + n * DAY)
    client.force_login(ada.user)
    with time_machine.travel(AT_TEN, tick=False):
        with django_assert_max_num_queries(11):
            client.get(reverse("my_schedule"))
        with django_assert_max_num_queries(9):
            client.get(reverse("my_month"))
    client.force_login(a_user("planner", site))
    with django_assert_max_num_queries(6):
        client.get(reverse("acknowledgements"))
