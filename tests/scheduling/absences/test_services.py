"""Asking for time off, deciding, withdrawing, and who moves up."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Delivery, Leave
from ccm.plans import services as plans
from scheduling.absences import services
from scheduling.models import LeaveRequest
from tests.builders import a_leave, a_site, a_user, an_agent
from tests.scheduling.absences.builders import (
    DAY,
    MONDAY,
    NOW,
    a_kind,
    asked,
    closed,
    had,
    rules,
    staffed,
    unsaved,
)
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db
State = LeaveRequest.State


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def kind(site):
    """A kind without a balance, of which one may be away."""
    rules(site, 1)
    return a_kind(site, keeps_balance=False)


@pytest.fixture
def planner(site):
    return a_user("planner", site)


def again(row):
    return LeaveRequest.objects.get(pk=row.pk)


def broken(row):
    return [one["rule"] for one in again(row).facts if not one["holds"]]


def test_what_the_rules_allow_is_approved_at_once_and_is_an_absence(site, kind):
    ann = an_agent(site)
    row = asked(ann, kind, MONDAY, MONDAY + 4 * DAY)
    assert (row.state, row.decided_by, row.decided_at) == (State.APPROVED, None, NOW)
    leave = Leave.objects.get()
    assert (leave.agent, leave.kind) == (ann, "Vacation")
    assert (leave.first_on, leave.last_on) == (MONDAY, MONDAY + 4 * DAY)
    assert row.leave == leave
    # Five days of eight hours: 40 hours a week of full time.
    assert row.minutes == 5 * 480
    assert broken(row) == []


def test_where_no_room_is_left_one_waits_and_the_place_is_told(site, kind):
    first, second, third = (asked(an_agent(site), kind) for _ in range(3))
    assert [one.state for one in (first, second, third)] == ["approved", "waiting", "waiting"]
    assert [again(one).position for one in (first, second, third)] == [None, 1, 2]
    assert broken(third) == ["allowance"]
    assert Leave.objects.count() == 1


def test_what_speaks_against_it_is_said_and_it_is_refused(site, kind):
    kind.notice_days, kind.longest_run = 60, 3
    kind.save()
    row = asked(an_agent(site), kind, MONDAY, MONDAY + 4 * DAY)
    assert (row.state, broken(row)) == (State.REFUSED, ["notice", "longest_run"])
    assert not Leave.objects.exists()


def test_a_day_that_is_over_is_refused_and_so_is_a_closed_one(site, kind):
    closed(site, MONDAY)
    assert broken(asked(an_agent(site), kind)) == ["closed", "allowance"]
    assert broken(asked(an_agent(site), kind, date(2026, 3, 13))) == ["past", "notice"]


def test_a_balance_that_is_too_small_refuses(site):
    rules(site, 9)
    kind, ann = a_kind(site), an_agent(site)
    had(ann, kind, 16)
    assert asked(ann, kind, MONDAY, MONDAY + DAY).state == State.APPROVED
    row = asked(ann, kind, MONDAY + 2 * DAY)
    assert (row.state, broken(row)) == (State.REFUSED, ["balance"])
    [said] = [one for one in row.facts if not one["holds"]]
    assert (said["day"], said["found"]) == ("2026-05-06", "480")


def test_who_is_away_already_is_not_away_twice(site, kind):
    ann = an_agent(site)
    a_leave(ann, kind="Training", first_on=MONDAY, last_on=MONDAY)
    row = asked(ann, kind, MONDAY - DAY, MONDAY + DAY)
    assert (row.state, "overlap" in broken(row)) == (State.REFUSED, True)


def test_sent_twice_it_is_asked_once(site, kind):
    ann = an_agent(site)
    asked(ann, kind)
    with pytest.raises(ValidationError, match="asked for already"):
        asked(ann, kind)
    assert LeaveRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"last_on": MONDAY - DAY}, "before it begins"),
        ({"last_on": MONDAY + 366 * DAY}, "a year at most"),
        ({"from_minute": 540}, "or neither"),
        ({"from_minute": 540, "to_minute": 540}, "before it begins"),
        ({"last_on": MONDAY + DAY, "from_minute": 540, "to_minute": 600}, "of one day"),
    ],
)
def test_what_cannot_be_asked_for_is_said(site, kind, wrong, words):
    row = unsaved(an_agent(site), kind)
    for name, value in wrong.items():
        setattr(row, name, value)
    with pytest.raises(ValidationError, match=words):
        services.ask(row, a_user(), NOW)
    assert not LeaveRequest.objects.exists()


def test_a_kind_of_another_site_and_one_out_of_use_cannot_be_asked_for(site, kind):
    ann = an_agent(site)
    for other in (a_kind(a_site()), a_kind(site, "Old", is_active=False)):
        with pytest.raises(ValidationError, match="no such kind"):
            asked(ann, other)


def test_part_of_a_day_takes_as_long_as_it_is_and_is_no_whole_days_absence(site):
    rules(site, 1)
    kind = a_kind(site, keeps_balance=False)
    row = asked(an_agent(site), kind, from_minute=540, to_minute=780)
    assert (row.state, row.minutes, row.leave) == (State.APPROVED, 240, None)
    # Two halves of a day are one person.
    assert asked(an_agent(site), kind, from_minute=540, to_minute=780).state == State.APPROVED
    assert asked(an_agent(site), kind, from_minute=540, to_minute=780).state == State.WAITING
    assert not Leave.objects.exists()


def test_a_day_on_which_nobody_works_takes_nothing(site, kind):
    saturday = MONDAY + 5 * DAY
    rows = [asked(an_agent(site), kind, saturday) for _ in range(2)]
    assert [(one.state, one.minutes) for one in rows] == [("approved", 0)] * 2


def test_a_kind_that_is_under_no_allowance_neither_waits_nor_takes(site, kind):
    duty = a_kind(site, "Jury duty", keeps_balance=False, under_allowance=False)
    assert asked(an_agent(site), duty).state == State.APPROVED
    assert asked(an_agent(site), kind).state == State.APPROVED
    assert asked(an_agent(site), duty).state == State.APPROVED


# By the forecast.


def test_what_the_forecast_leaves_to_spare_is_given_and_no_more(site):
    """40 hours are there and 20 needed; a fifth goes elsewhere, so 20 / 0.8 = 25 are needed at
    work: 15 hours are to spare, one person of eight hours and not two."""
    rules(site, other_shrinkage="0.2")
    staffed(site, MONDAY, 40, 20)
    kind = a_kind(site, keeps_balance=False)
    assert asked(an_agent(site), kind).state == State.APPROVED
    row = asked(an_agent(site), kind)
    assert row.state == State.WAITING
    [said] = [one for one in row.facts if not one["holds"]]
    assert (said["found"], said["allowed"], said["measure"]) == ("960", "900", "minutes")


def test_of_a_day_that_is_not_forecast_the_planned_share_is_there_already(site):
    """A tenth of 80 hours is eight hours: one person."""
    said = rules(site, planned_share="0.1")
    staffed(site, MONDAY, 80, None)
    kind = a_kind(site, keeps_balance=False)
    assert [asked(an_agent(site), kind).state for _ in range(2)] == ["approved", "waiting"]
    said.planned_share = 0
    said.save()
    row = asked(an_agent(site), kind)
    assert (row.state, row.position) == ("waiting", 2)
    assert [one["allowed"] for one in row.facts if not one["holds"]] == [None]


def test_a_planners_word_on_a_day_stands_above_the_rules(site, kind):
    closed(site, MONDAY, people=2)
    rows = [asked(an_agent(site), kind) for _ in range(3)]
    assert [one.state for one in rows] == ["approved", "approved", "waiting"]


def test_absences_that_lists_tell_take_of_the_allowance_if_they_are_of_its_kinds(site, kind):
    a_leave(an_agent(site), kind="Sick", first_on=MONDAY, last_on=MONDAY)
    assert asked(an_agent(site), kind).state == State.APPROVED
    a_leave(an_agent(site), kind="VACATION", first_on=MONDAY + DAY, last_on=MONDAY + DAY)
    assert asked(an_agent(site), kind, MONDAY + DAY).state == State.WAITING


# Moving up.


def test_who_withdraws_makes_room_for_who_asked_first_of_those_who_wait(site, kind):
    first, second, third = (
        asked(an_agent(site), kind, now=NOW + timedelta(hours=n)) for n in range(3)
    )
    services.withdraw(first, a_user(), NOW)
    assert not Leave.objects.exists()
    assert services.settle_site(site.pk, NOW) == 1
    assert [again(one).state for one in (first, second, third)] == [
        "withdrawn", "approved", "waiting",
    ]  # fmt: skip
    assert again(third).position == 1
    assert Leave.objects.get() == again(second).leave


def test_what_the_rules_say_of_what_a_person_decides_is_told_anew_when_room_comes(site, kind):
    """One may be away: the second asks a person, and reads that there is no room until there is."""
    first = asked(an_agent(site), kind)
    own = a_kind(site, "Unpaid leave", decides="person", keeps_balance=False)
    second = asked(an_agent(site), own, now=NOW + timedelta(hours=1))

    def broken():
        return [one["rule"] for one in again(second).facts if not one["holds"]]

    assert (again(second).state, bool(broken())) == (State.ASKED, True)
    services.withdraw(first, a_user(), NOW)
    services.settle_site(site.pk, NOW)
    assert (again(second).state, broken()) == (State.ASKED, [])


def test_going_through_it_twice_changes_nothing_more(site, kind):
    for _ in range(3):
        asked(an_agent(site), kind)
    services.settle_site(site.pk, NOW)
    entries, rows = AuditEntry.objects.count(), [*LeaveRequest.objects.order_by("pk").values()]
    assert services.settle_site(site.pk, NOW) == 0
    assert AuditEntry.objects.count() == entries
    assert [*LeaveRequest.objects.order_by("pk").values()] == rows


def test_a_higher_allowance_lets_who_waits_move_up(site, kind, planner):
    rows = [asked(an_agent(site), kind) for _ in range(3)]
    services.say_days(site, [MONDAY], Decimal(2), "Quiet", planner, NOW)
    services.settle_site(site.pk, NOW)
    assert [again(one).state for one in rows] == ["approved", "approved", "waiting"]


def test_who_still_waits_when_the_day_has_come_and_gone_is_refused(site, kind):
    asked(an_agent(site), kind)
    late = asked(an_agent(site), kind)
    services.settle_site(site.pk, NOW + timedelta(days=60))
    assert (again(late).state, broken(late)) == (State.REFUSED, ["past", "allowance"])


def mailed(site, name):
    agent = an_agent(site, name, user=a_user("agent"))
    agent.user.email = f"{name.lower()}@example.org"
    agent.user.save()
    return agent


def test_who_moves_up_the_waitlist_or_is_granted_from_it_is_told_by_mail_once(site, kind):
    first = asked(an_agent(site), kind)
    second, third = (asked(mailed(site, name), kind) for name in ("Ann", "Bob"))
    assert not Delivery.objects.exists()  # that they wait they read when they ask
    services.withdraw(first, a_user(), NOW)
    for _again in range(2):
        services.settle_site(site.pk, NOW)
    mails = {one.address: one for one in Delivery.objects.all()}
    assert {address: one.subject for address, one in mails.items()} == {
        "ann@example.org": "Your time off that waited is approved: Mon 4 May 2026",
        "bob@example.org": "Your time off is number 1 of those that wait now: Mon 4 May 2026",
    }
    assert Delivery.objects.count() == 2
    assert "By the rules: all of them hold." in mails["ann@example.org"].body
    assert "No room on Mon 4 May 2026" in mails["bob@example.org"].body
    assert "/my-time-off/" in mails["bob@example.org"].body
    assert again(second).state == State.APPROVED
    assert again(third).position == 1


def test_who_waited_and_is_refused_is_told_by_whom_and_why(site, kind, planner):
    asked(an_agent(site), kind)
    row = asked(mailed(site, "Ann"), kind)
    services.refuse(row, "waiting", "Stock-taking", planner, NOW)
    mail = Delivery.objects.get()
    assert mail.subject == "Your time off that waited is refused: Mon 4 May 2026"
    assert f"By {planner}: Stock-taking" in mail.body


def test_who_falls_back_in_the_waitlist_is_told_nothing(site, kind):
    asked(an_agent(site), kind)
    new, old = mailed(site, "Ann"), an_agent(site)
    for agent, hired in ((new, date(2025, 1, 1)), (old, date(2015, 1, 1))):
        agent.hired_on = hired
        agent.save()
    for one in (new, old):
        asked(one, kind)
    site.leave_rules.order = "seniority"
    site.leave_rules.save()
    services.settle_site(site.pk, NOW)
    assert not Delivery.objects.exists()


def test_seniority_and_fairness_go_before_who_asked_first(site, kind):
    asked(an_agent(site), kind)
    new, old = an_agent(site), an_agent(site)
    for agent, hired in ((new, date(2025, 1, 1)), (old, date(2015, 1, 1))):
        agent.hired_on = hired
        agent.save()
    later = [asked(one, kind) for one in (new, old)]
    assert [again(one).position for one in later] == [1, 2]
    site.leave_rules.order = "seniority"
    site.leave_rules.save()
    services.settle_site(site.pk, NOW)
    assert [again(one).position for one in later] == [2, 1]
    # The new one was refused all so far: a share of 0 goes before one of 1.
    LeaveRequest.objects.filter(agent=old).update(state="approved", position=None, decided_at=NOW)
    site.leave_rules.order = "fairness"
    site.leave_rules.save()
    refused = asked(new, kind, date(2026, 3, 1))
    assert refused.state == State.REFUSED
    ann = asked(old, kind, MONDAY + DAY)
    assert ann.state == State.APPROVED


# By a person.


@pytest.fixture
def by_person(site):
    rules(site, 1)
    return a_kind(site, keeps_balance=False, decides="person")


def test_what_a_person_decides_stays_open_and_says_what_the_rules_say(site, by_person, planner):
    row = asked(an_agent(site), by_person)
    assert (row.state, row.decided_at, broken(row)) == (State.ASKED, None, [])
    services.settle_site(site.pk, NOW)
    assert again(row).state == State.ASKED
    services.approve(row, "asked", "", planner, NOW)
    assert (again(row).state, again(row).decided_by) == (State.APPROVED, planner)
    assert Leave.objects.get() == again(row).leave


def test_against_a_rule_it_is_approved_with_a_reason_alone(site, by_person, planner):
    services.approve(asked(an_agent(site), by_person), "asked", "", planner, NOW)
    row = asked(an_agent(site), by_person)
    with pytest.raises(ValidationError, match="say why"):
        services.approve(row, "asked", "", planner, NOW)
    services.approve(row, "asked", "A wedding", planner, NOW)
    assert (again(row).state, again(row).reason) == (State.APPROVED, "A wedding")
    assert broken(row) == ["allowance"]


def test_nobody_sets_aside_that_somebody_is_away_already(site, by_person, planner):
    ann = an_agent(site)
    row = asked(ann, by_person)
    a_leave(ann, kind="Sick", first_on=MONDAY, last_on=MONDAY)
    with pytest.raises(ValidationError, match="Away already"):
        services.approve(row, "asked", "All the same", planner, NOW)
    assert again(row).state == State.ASKED


def test_refused_it_says_why_and_so_it_does_taken_back(site, by_person, planner):
    row, other = asked(an_agent(site), by_person), asked(an_agent(site), by_person)
    with pytest.raises(ValidationError, match="Say why"):
        services.refuse(row, "asked", "", planner, NOW)
    services.refuse(row, "asked", "A launch", planner, NOW)
    assert (again(row).state, again(row).reason) == (State.REFUSED, "A launch")
    services.approve(other, "asked", "", planner, NOW)
    services.take_back(other, "approved", "Too many are ill", planner, NOW)
    assert (again(other).state, again(other).leave) == (State.CANCELLED, None)
    assert not Leave.objects.exists()


def test_of_two_who_decide_the_second_is_told_who_was_first(site, by_person, planner):
    row = asked(an_agent(site), by_person)
    services.approve(row, "asked", "", planner, NOW)
    with pytest.raises(ValidationError, match=rf"approved, by {planner}"):
        services.refuse(row, "asked", "No", a_user(), NOW)
    assert again(row).state == State.APPROVED


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does():
    site = a_site()
    rules(site, 1)
    kind = a_kind(site, keeps_balance=False, decides="person")
    row, who = asked(an_agent(site), kind), a_user("planner", site)
    said = elsewhere(
        lambda: services.approve(row, "asked", "", who, NOW),
        lambda: services.refuse(row, "asked", "No", who, NOW),
    )
    assert sorted(one.split("(")[0] for one in said) == ["ValidationError", "done"]
    assert Leave.objects.count() == int(again(row).state == State.APPROVED)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_for_the_last_room_one_has_it():
    site = a_site()
    rules(site, 1)
    kind = a_kind(site, keeps_balance=False)
    ann, bea, who = an_agent(site), an_agent(site), a_user()
    said = elsewhere(
        *(lambda agent=agent: services.ask(unsaved(agent, kind), who, NOW) for agent in (ann, bea))
    )
    assert said == ["done", "done"]
    assert sorted(LeaveRequest.objects.values_list("state", flat=True)) == ["approved", "waiting"]


# Withdrawing, and the absence.


def test_what_has_begun_is_not_withdrawn_and_what_is_withdrawn_stays_so(site, kind):
    row = asked(an_agent(site), kind)
    with pytest.raises(ValidationError, match="has begun"):
        services.withdraw(row, a_user(), NOW + timedelta(days=49))
    services.withdraw(row, a_user(), NOW)
    assert services.withdraw(row, a_user(), NOW).state == State.WITHDRAWN


def test_an_absence_that_came_of_a_request_is_not_changed_by_itself(site, kind, planner):
    row = asked(an_agent(site), kind)
    leave = row.leave
    leave.last_on = MONDAY + DAY
    with pytest.raises(ValidationError, match="request for time off"):
        plans.keep(leave, planner, NOW)
    assert plans.forget(leave, planner, NOW) is False
    assert Leave.objects.get().last_on == MONDAY


def test_a_request_follows_an_absence_that_was_moved_or_removed_by_a_list(site, kind):
    row, other = asked(an_agent(site), kind), asked(an_agent(site), kind, MONDAY + 7 * DAY)
    Leave.objects.filter(pk=row.leave_id).delete()
    Leave.objects.filter(pk=other.leave_id).update(last_on=MONDAY + 8 * DAY)
    assert services.follow_absences(site.pk, NOW) == 2
    assert again(row).state == State.CANCELLED
    assert (again(other).last_on, again(other).minutes) == (MONDAY + 8 * DAY, 960)
    assert services.follow_absences(site.pk, NOW) == 0


def test_each_step_is_in_the_audit_log(site, kind):
    row, who = asked(an_agent(site), kind), a_user()
    services.withdraw(row, who, NOW)
    of_it = AuditEntry.objects.filter(model="scheduling.leaverequest").order_by("pk")
    assert [(one.after["state"], one.who) for one in of_it][1:] == [
        ("approved", None),
        ("withdrawn", who),
    ]
