"""The pages of time off: people ask, leads decide, and planners say how many may be away."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ccm import work
from ccm.models import Agent, Leave, TeamMembership
from scheduling.absences import reads, services
from scheduling.models import DayAllowance, LeaveKind, LeaveOpening, LeaveRequest, LeaveRules
from scheduling.waiting import TIME_OFF
from tests.builders import a_site, a_team, a_user, an_agent
from tests.scheduling.absences.builders import (
    DAY,
    MONDAY,
    NOW,
    TODAY,
    a_kind,
    asked,
    closed,
    had,
    rules,
    staffed,
)
from tests.scheduling.kept.builders import a_roster, a_shift, published

pytestmark = pytest.mark.django_db
State = LeaveRequest.State


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def kind(site):
    rules(site, 1)
    return a_kind(site)


@pytest.fixture
def me(client, site):
    """An agent who signs in, here since 2020."""
    agent = an_agent(site, "Ann", user=a_user("agent", site))
    agent.hired_on = date(2020, 1, 1)
    agent.save()
    client.force_login(agent.user)
    return agent


def here(site, name=""):
    """Somebody who is here since 2020, and has leave of it."""
    agent = an_agent(site, name)
    agent.hired_on = date(2020, 1, 1)
    agent.save()
    return agent


def signed_in(client, role, site):
    user = a_user(role, site)
    client.force_login(user)
    return user


def words_of(page):
    return " ".join(page.content.decode().split())


def what(kind, **more):
    return {"kind": kind.pk, "first_on": MONDAY.isoformat(), "do": "ask"} | more


# One's own.


def test_one_looks_what_would_be_decided_and_nothing_is_asked_for(client, me, kind):
    page = client.post(reverse("my_time_off"), what(kind, do="look"))
    told = words_of(page)
    assert "It would be approved." in told
    assert "It takes 8:00 hours of work." in told
    assert "There is room on Mon 4 May 2026: with this, 1 person of 1 person are taken." in told
    assert not LeaveRequest.objects.exists()


def test_what_is_looked_at_of_a_day_that_nobody_reckoned_is_decided_as_if_it_were_asked_for(
    client, me, site
):
    """A tenth of what ten people work on a day that no forecast knows: eight hours, one person."""
    rules(site, planned_share="0.1")
    kind = a_kind(site)
    for n in range(9):
        here(site, f"Other {n}")
    url = reverse("my_time_off")
    looked = client.post(url, what(kind, do="look"))
    assert "It would be approved." in words_of(looked)
    room = "There is room on Mon 4 May 2026: with this, 8:00 h of 8:00 h are taken."
    assert room in words_of(looked)
    client.post(url, what(kind))
    row = LeaveRequest.objects.get()
    assert (row.state, row.facts) == (State.APPROVED, looked.context["looked"].row.facts)


def test_what_is_asked_for_already_is_said_so_when_it_is_looked_at(client, me, kind):
    client.post(reverse("my_time_off"), what(kind))
    page = client.post(reverse("my_time_off"), what(kind, do="look"))
    assert (page.context["looked"], "asked for already" in words_of(page)) == (None, True)


def test_who_waits_and_goes_first_has_the_room_that_is_looked_at(client, me, kind, site):
    """A second may be away since, and the one who waited has it."""
    for name in ("Bea", "Cy"):
        asked(here(site, name), kind)
    closed(site, MONDAY, people=2)
    page = client.post(reverse("my_time_off"), what(kind, do="look"))
    assert "It would wait for room." in words_of(page)
    assert "with this it would be 3 people, of at most 2 people." in words_of(page)


def test_what_is_asked_for_stands_below_with_the_rule_that_decided_it(
    client, me, kind, django_capture_on_commit_callbacks
):
    url = reverse("my_time_off")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url, what(kind)).status_code == 302
    told = words_of(client.get(url))
    assert "By the rules: all of them hold." in told
    # 25 days of 8 hours less one.
    assert "192:00" in told
    [row] = client.get(url).context["requests"]
    assert row[2] == "ok"


def test_sent_twice_it_says_that_it_was_asked_for(client, me, kind):
    url = reverse("my_time_off")
    client.post(url, what(kind))
    page = client.post(url, what(kind))
    assert (page.status_code, "asked for already" in words_of(page)) == (200, True)
    assert LeaveRequest.objects.count() == 1


def test_who_waits_sees_the_place_and_what_it_waits_for(client, me, kind, site):
    asked(here(site), kind)
    client.post(reverse("my_time_off"), what(kind))
    told = words_of(client.get(reverse("my_time_off")))
    assert "place 1" in told
    assert "No room on Mon 4 May 2026: with this it would be 2 people, of at most 1 person." in told


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"first_on": "May"}, "first_on"),
        ({"first_on": "9999-01-01"}, "first_on"),
        ({"last_on": "2026-05-01"}, "last_on"),
        ({"from_minute": "09:02"}, "from_minute"),
        ({"from_minute": "09:00"}, "to_minute"),
        ({"from_minute": "12:00", "to_minute": "09:00"}, "to_minute"),
        ({"kind": "999999"}, "kind"),
        ({"kind": "\x00"}, "kind"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, me, kind, said, field):
    page = client.post(reverse("my_time_off"), what(kind) | said)
    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert not LeaveRequest.objects.exists()


def test_one_withdraws_ones_own_alone(client, me, kind, site):
    client.post(reverse("my_time_off"), what(kind))
    mine = LeaveRequest.objects.get()
    other = asked(here(site), kind, MONDAY + DAY)
    assert client.post(reverse("time_off_withdraw", args=[other.pk])).status_code == 404
    client.post(reverse("time_off_withdraw", args=[mine.pk]))
    mine.refresh_from_db()
    assert mine.state == State.WITHDRAWN
    assert not Leave.objects.filter(agent=me).exists()


def test_who_withdraws_approved_leave_is_told_that_shifts_do_not_come_back_and_planners_see_it(
    client, me, kind, site
):
    """Three days from Monday on, of which the roster has a shift on the Tuesday alone."""
    row = asked(me, kind, MONDAY, MONDAY + 2 * DAY)
    a_shift(published(a_roster(site, first_day=MONDAY)), me, MONDAY + DAY)
    page = client.post(reverse("time_off_withdraw", args=[row.pk]), follow=True)
    told = words_of(page)
    assert "On 2 days of it the published roster has no shift" in told
    assert "none comes back by itself" in told
    signed_in(client, "planner", site)
    told = words_of(client.get(reverse("time_off") + "?show=free"))
    assert "Mon 4 May 2026, Wed 6 May 2026" in told
    assert "16:00" in told
    a_shift(site.rosters.get(), me, MONDAY)
    a_shift(site.rosters.get(), me, MONDAY + 2 * DAY)
    assert "Nobody is free again" in words_of(client.get(reverse("time_off") + "?show=free"))


def test_leave_that_ends_where_no_roster_is_published_leaves_nothing_to_be_done(
    client, me, kind, site
):
    row = asked(me, kind)
    a_roster(site, first_day=MONDAY)
    page = client.post(reverse("time_off_withdraw", args=[row.pk]), follow=True)
    assert "no shift" not in words_of(page)


def test_of_two_requests_of_a_day_it_is_free_again_once_and_not_while_one_stands(
    client, me, kind, site
):
    published(a_roster(site, first_day=MONDAY))
    for _twice in range(2):
        client.post(reverse("time_off_withdraw", args=[asked(me, kind).pk]))
    [found] = reads.freed(LeaveRequest.objects.order_by("pk"), site, TODAY)
    assert (found.days, found.minutes) == ((MONDAY,), 480)
    asked(me, kind)
    assert reads.freed(LeaveRequest.objects.order_by("pk"), site, TODAY) == []


def test_the_balance_says_how_it_comes_about(client, me, kind):
    had(me, kind, 60)
    asked(me, kind)
    told = words_of(client.get(reverse("my_time_off")))
    for said in ("Fri 2 Jan 2026", "stood", "60:00", "taken or booked", "−8:00", "52:00"):
        assert said in told


def test_a_published_shift_on_these_days_is_said_and_stays(client, me, kind, site):
    shift = a_shift(published(a_roster(site, first_day=MONDAY)), me, MONDAY)
    client.post(reverse("my_time_off"), what(kind))
    told = words_of(client.get(reverse("my_time_off")))
    assert "1 shift of a published roster is on these days" in told
    shift.refresh_from_db()
    signed_in(client, "planner", site)
    page = words_of(client.get(reverse("time_off"), {"show": "decided"}))
    assert "1 shift of a published roster is on these days" in page


def test_who_has_nothing_is_told_what_would_come(client, me):
    told = words_of(client.get(reverse("my_time_off")))
    for said in ("There is no leave to ask for yet", "No balance is kept", "Nothing asked for"):
        assert said in told


# Deciding.


def test_a_lead_decides_for_the_own_team_and_no_other(client, site):
    rules(site, 1)
    kind = a_kind(site, keeps_balance=False, decides="person")
    lead = signed_in(client, "supervisor", site)
    ann, bea = an_agent(site, "Ann"), an_agent(site, "Bea")
    a_team(site, lead, ann)
    mine, theirs = asked(ann, kind), asked(bea, kind)
    told = words_of(client.get(reverse("time_off")))
    assert ("Ann" in told, "Bea" in told) == (True, False)
    said = {"do": "approve", "seen": "asked", "reason": ""}
    assert client.post(reverse("time_off_decide", args=[theirs.pk]), said).status_code == 404
    assert client.post(reverse("time_off_decide", args=[mine.pk]), said).status_code == 302
    mine.refresh_from_db()
    assert (mine.state, mine.decided_by) == (State.APPROVED, lead)
    # That somebody of another team is away is a number.
    asked(bea, a_kind(site, "Duty", keeps_balance=False), MONDAY + DAY)
    page = client.get(reverse("time_off_calendar"), {"month": "2026-05"})
    assert ("Ann" in words_of(page), "Bea" in words_of(page)) == (True, False)
    assert "on leave: 1 person" in words_of(page)


def test_nobody_decides_of_their_own(client, site):
    rules(site, 1)
    kind = a_kind(site, keeps_balance=False, decides="person")
    lead = signed_in(client, "supervisor", site)
    me = an_agent(site, user=lead)
    a_team(site, lead, me)
    row = asked(me, kind)
    said = {"do": "approve", "seen": "asked"}
    assert client.post(reverse("time_off_decide", args=[row.pk]), said).status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"do": "delete", "seen": "asked"},
        {"do": "refuse", "seen": "asked"},
        {"do": "approve", "seen": "approved"},
        {"do": "take_back", "seen": "asked", "reason": "x"},
        {"do": "refuse", "seen": "asked", "reason": "x" * 301},
        {"do": "refuse", "seen": "x" * 99, "reason": "x"},
    ],
)
def test_what_cannot_be_decided_so_is_said_in_words(client, site, said):
    kind = a_kind(site, keeps_balance=False, decides="person")
    row = asked(an_agent(site), kind)
    signed_in(client, "planner", site)
    page = client.post(reverse("time_off_decide", args=[row.pk]), said, follow=True)
    assert (page.status_code, len(list(page.context["messages"]))) == (200, 1)
    row.refresh_from_db()
    assert row.state == State.ASKED


def test_taken_back_it_makes_room_for_who_waits(client, site, django_capture_on_commit_callbacks):
    rules(site, 1)
    kind = a_kind(site, keeps_balance=False)
    first, second = asked(an_agent(site), kind), asked(an_agent(site), kind)
    signed_in(client, "planner", site)
    with work.here(), django_capture_on_commit_callbacks(execute=True):
        said = {"do": "take_back", "seen": "approved", "reason": "Too many are ill"}
        client.post(reverse("time_off_decide", args=[first.pk]), said)
    second.refresh_from_db()
    assert second.state == State.APPROVED


def test_the_oldest_stands_first_with_the_tightest_day(client, site):
    rules(site)
    staffed(site, MONDAY, 40, 30)
    staffed(site, MONDAY + DAY, 40, 38)
    kind = a_kind(site, keeps_balance=False, decides="person")
    later = asked(an_agent(site, "Bea"), kind, MONDAY, MONDAY + DAY, now=NOW)
    older = asked(an_agent(site, "Ann"), kind, now=NOW - timedelta(hours=1))
    signed_in(client, "planner", site)
    page = client.get(reverse("time_off"))
    found = page.context["open"]
    assert [one[0].row.pk for one in found] == [older.pk, later.pk]
    # 40 - 30 / 0.85 = 4:42; on Tuesday 40 - 38 / 0.85 is below nothing.
    assert found[0][4] == "Mon 4 May 2026: 0:00 h of 4:42 h"
    assert found[1][4] == "Tue 5 May 2026: 0:00 h of 0:00 h"


# The calendar.


def test_an_agent_sees_places_and_no_names(client, me, kind, site):
    asked(here(site, "Bea"), kind)
    closed(site, MONDAY + DAY)
    closed(site, MONDAY + 2 * DAY, people=3)
    told = words_of(client.get(reverse("time_off_calendar"), {"month": "2026-05"}))
    assert "Bea" not in told
    assert "1 person" not in told
    for said in ("0 places left", "1 place left", "3 places left", "closed"):
        assert said in told


def cell(page, day):
    [found] = [
        one for week in page.content.decode().split("<td")
        if f'datetime="{day}"' in (one := " ".join(week.split()))
    ]  # fmt: skip
    return found


def test_hours_of_who_is_away_are_counted_also_of_a_day_that_nobody_reckoned(client, site):
    """16 March is today. Bea's leave came with a list and is of a kind that takes of allowances;
    Cy is ill, which takes nothing of them."""
    rules(site)
    a_kind(site)
    bea, cy = here(site, "Bea"), here(site, "Cy")
    for day in (date(2026, 3, 10), date(2026, 3, 24)):
        Leave.objects.create(agent=bea, kind="Vacation", first_on=day, last_on=day)
    Leave.objects.create(agent=cy, kind="Sick", first_on=TODAY, last_on=TODAY)
    staffed(site, TODAY, 40, 17)
    signed_in(client, "planner", site)
    page = client.get(reverse("time_off_calendar"), {"month": "2026-03"})
    over, today, ahead = (cell(page, f"2026-03-{day}") for day in (10, 16, 24))
    assert ("8:00 h taken" in over, "on leave: Bea" in over) == (True, True)
    assert ("not known yet" in over, " left" in over.split("</time>")[1]) == (False, False)
    # 40 - 17 / 0.85 = 20.
    assert ("0:00 h of 20:00 h taken" in today, "away otherwise: Cy" in today) == (True, True)
    assert "2 places left" in today
    assert ("8:00 h taken" in ahead, "not known yet" in ahead) == (True, True)


def test_of_days_that_are_over_nothing_is_said_of_what_they_allow(client, me, kind):
    page = client.get(reverse("time_off_calendar"), {"month": "2026-03"})
    assert "place" not in cell(page, "2026-03-15")
    assert "1 place left" in cell(page, "2026-03-16")


@pytest.mark.parametrize("month", ["", "2026-13", "x", "0001-01", "9999-12", "2026-05-01"])
def test_a_month_that_is_none_is_this_one(client, me, month):
    page = client.get(reverse("time_off_calendar"), {"month": month})
    assert (page.status_code, page.context["month"]) == (200, TODAY.replace(day=1))


# What planners say.


def test_planners_say_how_many_may_be_away(client, site):
    signed_in(client, "planner", site)
    url = reverse("leave_rules")
    said = {
        "which": "rules", "rules-measure": "fixed", "rules-people": "2.5",
        "rules-order": "seniority", "rules-full_week_minutes": "38:30",
        "rules-other_shrinkage": "0.2", "rules-planned_share": "0.1", "rules-most_share": "1",
    }  # fmt: skip
    assert client.post(url, said).status_code == 302
    kept = LeaveRules.objects.get()
    assert (kept.measure, float(kept.people), kept.full_week_minutes) == ("fixed", 2.5, 2310)
    page = client.post(url, said | {"rules-planned_share": "0.9", "rules-most_share": "0.5"})
    assert "planned_share" in page.context["form"].errors
    days = {"which": "days", "days-first": "2026-05-04", "days-last": "2026-05-06"}
    client.post(url, days | {"days-people": "4", "days-reason": "Quiet"})
    client.post(url, {"which": "days", "days-first": "2026-05-05"})
    told = DayAllowance.objects.order_by("day").values_list("day", "people")
    assert [one for _day, one in told] == [4, None, 4]
    client.post(reverse("leave_day_remove"), {"site": site.slug, "day": "2026-05-05"})
    assert DayAllowance.objects.count() == 2
    for day in ("2026-05-05", "x", "2026-13-13", ""):
        sent = {"site": site.slug, "day": day}
        assert client.post(reverse("leave_day_remove"), sent).status_code == 302


def a_written_kind(site, **more):
    return {
        "site": site.pk, "name": "Vacation", "is_active": "on", "decides": "rules",
        "notice_days": "7", "under_allowance": "on", "waitlist": "on", "keeps_balance": "on",
        "year_minutes": "200", "accrual": "monthly", "year_month": "4", "year_day": "1",
        "pay_period_days": "14", "pay_periods_from": "2026-01-05", "carries": "40",
        "carried_month": "6", "carried_day": "30", "overdraws": "",
    } | more  # fmt: skip


def test_a_kind_is_kept_as_it_is_written(client, site):
    signed_in(client, "planner", site)
    assert client.post(reverse("leave_kind_new"), a_written_kind(site)).status_code == 302
    kept = LeaveKind.objects.get()
    assert (kept.year_minutes, kept.carries, kept.overdraws) == (12_000, 2400, 0)
    assert (kept.carried_month, kept.carried_day, kept.is_paid) == (6, 30, False)
    assert "200:00 a year, by months, carries 40:00" in words_of(
        client.get(reverse("leave_kind_list"))
    )


def test_a_new_kind_begins_with_what_goes_without_saying(client, site):
    signed_in(client, "planner", site)
    form = client.get(reverse("leave_kind_new")).context["form"]
    written = {name: form[name].value() for name in ("notice_days", "year_day", "carries")}
    assert written == {"notice_days": 0, "year_day": 1, "carries": "0:00"}
    assert 'value="0:00"' in str(form["carries"])
    assert 'value="2024-01-01"' in str(form["pay_periods_from"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"carried_day": ""}, "carried_day"),
        ({"carried_day": "31"}, "carried_day"),
        ({"year_day": "29"}, "year_day"),
        ({"year_minutes": "99999"}, "year_minutes"),
        ({"notice_days": "-1"}, "notice_days"),
    ],
)
def test_what_is_wrong_of_a_kind_is_said(client, site, said, field):
    signed_in(client, "planner", site)
    page = client.post(reverse("leave_kind_new"), a_written_kind(site, **said))
    assert (page.status_code, field in page.context["form"].errors) == (200, True)


def test_a_kind_that_was_asked_for_stays(client, site, kind):
    asked(an_agent(site), a_kind(site, "Other", keeps_balance=False))
    signed_in(client, "planner", site)
    url = reverse("leave_kind_remove", args=[LeaveKind.objects.get(name="Other").pk])
    client.post(url)
    assert LeaveKind.objects.count() == 2
    client.post(reverse("leave_kind_remove", args=[kind.pk]))
    assert LeaveKind.objects.count() == 1


def test_a_balance_is_put_right_with_a_reason(client, site, kind):
    ann = an_agent(site)
    signed_in(client, "planner", site)
    said = {"agent": ann.pk, "kind": kind.pk, "day": "2026-03-01", "minutes": "-7:30",
            "carried": "", "reason": "Counted anew"}  # fmt: skip
    url = reverse("leave_balance_new")
    assert client.post(url, said).status_code == 302
    row = LeaveOpening.objects.get()
    assert (row.minutes, row.carried, row.reason) == (-450, 0, "Counted anew")
    page = client.get(reverse("leave_balance_edit", args=[row.pk]))
    assert 'value="-7:30"' in words_of(page)
    for wrong in ({"reason": ""}, {"minutes": "x"}, {"minutes": "4", "carried": "5"}):
        page = client.post(url, said | {"day": "2026-03-02"} | wrong)
        assert page.status_code == 200
    assert LeaveOpening.objects.count() == 1


def test_planners_see_what_everybody_has_left(client, site):
    """Vacation of 200 hours a year, at once: Ann has taken a day in January, and a week in May is
    booked; Bob had 80 hours on the 2nd of January, as somebody said."""
    rules(site, 5)
    kind = a_kind(site)
    a_kind(site, "Unpaid", keeps_balance=False)
    ann, bob = here(site, "Ann"), here(site, "Bob")
    Leave.objects.create(
        agent=ann, kind="vacation", first_on=date(2026, 1, 5), last_on=date(2026, 1, 5)
    )
    asked(ann, kind, MONDAY, MONDAY + 4 * DAY)
    had(bob, kind, 80)
    here(a_site(), "Elsewhere")
    signed_in(client, "planner", site)
    page = client.get(reverse("leave_left"))
    rows = [[str(cell) for cell in row.cells] for row in page.context["table"].rows]
    assert [row[1:] for row in rows] == [
        ["0:00", "200:00", "0:00", "8:00", "40:00", "152:00", "192:00"],
        ["80:00", "0:00", "0:00", "0:00", "0:00", "80:00", "80:00"],
    ]
    assert reverse("time_off_person", args=[ann.pk]) in rows[0][0]
    assert "1 Jan 2026 – 31 Dec 2026" in words_of(page)
    page = client.get(reverse("leave_left") + "?sort=left&kind=nonsense")
    assert [row.record.agent.name for row in page.context["table"].rows] == ["Bob", "Ann"]


def test_where_no_balance_is_kept_the_page_says_so(client, site):
    a_kind(site, keeps_balance=False)
    signed_in(client, "planner", site)
    assert "No balance is kept" in words_of(client.get(reverse("leave_left")))


def test_a_balance_of_another_sites_kind_is_refused(client, site):
    other = a_site()
    theirs = a_kind(other)
    user = signed_in(client, "planner", site)
    user.sites.add(other)
    client.force_login(user)  # other sites end a session
    said = {"agent": an_agent(site).pk, "kind": theirs.pk, "day": "2026-03-01", "minutes": "8",
            "carried": "", "reason": "Why"}  # fmt: skip
    page = client.post(reverse("leave_balance_new"), said)
    assert "of another site" in words_of(page)


def test_an_absence_of_a_request_is_not_removed_on_its_own_page(client, site):
    kind = a_kind(site, keeps_balance=False)
    rules(site, 1)
    leave = asked(an_agent(site), kind).leave
    signed_in(client, "manager", site)
    page = client.get(reverse("leave_remove", args=[leave.pk]))
    assert "It came of a request for time off" in words_of(page)
    client.post(reverse("leave_remove", args=[leave.pk]))
    assert Leave.objects.filter(pk=leave.pk).exists()


# What the sidebar counts.


def waiting(client):
    page = client.get(reverse("time_off"))
    entries = [one for group in page.context["navigation"] for one in group["entries"]]
    return {str(one["words"]): one["count"] for one in entries}["Time off"]


@pytest.fixture
def of_two_sites(site):
    """A kind that somebody decides, and who asks for it: Ann and Bob, whose lead leads Ann alone,
    and the lead for themselves; and somebody of another site."""
    rules(site)
    lead = a_user("supervisor", site)
    kind, other = a_kind(site, decides="person"), a_site()
    ann, bob = here(site, "Ann"), here(site, "Bob")
    own = an_agent(site, "Lead", user=lead)
    a_team(site, lead, ann, own)
    for number, agent in enumerate((ann, bob, own)):
        asked(agent, kind, MONDAY + number * DAY)
    asked(here(other), a_kind(other, decides="person"))
    return lead


@pytest.mark.parametrize(
    ("role", "many"), [("planner", 3), ("manager", 3), ("admin", 4)]
)  # of the own site, but of all for who sees everything
def test_the_sidebar_counts_what_waits_for_a_word_of_who_plans(
    client, site, of_two_sites, role, many
):
    signed_in(client, role, site)
    assert waiting(client) == many


def test_the_sidebar_counts_what_people_led_wait_for_but_not_ones_own(client, of_two_sites):
    client.force_login(of_two_sites)
    assert waiting(client) == 1
    TeamMembership.objects.filter(agent__name="Ann").update(ends_on=TODAY)
    assert waiting(client) == 0


def test_what_waits_for_room_or_is_decided_waits_for_nobodys_word(client, site, kind):
    asked(here(site), kind)
    assert asked(here(site), kind).state == State.WAITING
    signed_in(client, "planner", site)
    assert waiting(client) == 0


def test_the_count_is_the_same_where_it_is_asked_of_the_database(of_two_sites, site):
    """A user who was not found by the backend, as in a task."""
    assert TIME_OFF.count(of_two_sites) == 1
    assert TIME_OFF.count(a_user("planner", site)) == 3


def test_the_sidebar_asks_nothing_of_its_own_for_it(client, site, of_two_sites):
    client.force_login(of_two_sites)
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("time_off"))
    assert sum(one["sql"].startswith("EXECUTE") for one in found) == 1
    assert not any("leave_asked_at" in one["sql"] for one in found)
    assert not any(one["sql"].startswith("SELECT COUNT(*)") for one in found)


# As many queries for one as for many.


@pytest.mark.parametrize("many", [1, 8])
def test_no_page_asks_more_of_many_than_of_one(client, site, many):
    rules(site)
    staffed(site, MONDAY, 40, 20)
    kind = a_kind(site, decides="person")
    lead = a_user("supervisor", site)
    team = a_team(site, lead)
    for n in range(many):
        agent = an_agent(site, f"Agent {n}")
        had(agent, kind, 99)
        TeamMembership.objects.create(agent=agent, team=team, starts_on="2020-01-01")
        asked(agent, kind, MONDAY + n * DAY)
        asked(agent, a_kind(site, f"Kind {n}", keeps_balance=False), MONDAY + (20 + n) * DAY)
    agent = Agent.objects.get(name="Agent 0")
    agent.user = a_user("agent", site)
    agent.save()
    for n in range(many):
        asked(agent, kind, MONDAY + (50 + n) * DAY)
    row = LeaveRequest.objects.filter(agent=agent).first()
    published(a_roster(site, first_day=MONDAY + 60 * DAY, days=28))
    for n in range(many):
        free = asked(agent, kind, MONDAY + (61 + n) * DAY)
        services.withdraw(free, agent.user, NOW)
    counts = {}
    for role, urls in {
        lead: (reverse("time_off"), reverse("time_off") + "?show=decided",
               reverse("time_off") + "?show=free",
               reverse("time_off_calendar") + "?month=2026-05",
               reverse("time_off_request", args=[row.pk]),
               reverse("time_off_person", args=[agent.pk])),
        agent.user: (reverse("my_time_off"), reverse("time_off_calendar") + "?month=2026-05"),
        a_user("planner", site): (reverse("leave_rules"), reverse("leave_kind_list"),
                                  reverse("leave_balance_list"), reverse("leave_left")),
    }.items():  # fmt: skip
        client.force_login(role)
        for url in urls:
            with CaptureQueriesContext(connection) as found:
                assert client.get(url).status_code == 200
            counts[url.split("?")[0]] = max(len(found), counts.get(url.split("?")[0], 0))
    assert max(counts.values()) <= 12, counts
