"""Rosters mended after absences."""

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm import tasks as ccm_tasks
from ccm.models import Agent, Job
from scheduling import tasks
from scheduling.models import RosterEdit
from scheduling.roster.solve import Solved
from scheduling.rosters import asked, edits, given, mending, repairs
from scheduling.shifts import Roster
from tests.builders import a_leave, a_queue, a_site, a_user, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    NOW,
    a_forecast,
    a_roster,
    a_run,
    a_shift,
)
from tests.scheduling.terms.builders import a_contract, a_template, skilled, with_contract

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def roster(site):
    """Ada works on Monday and Tuesday and is then said to be ill on Monday; Ben could fill in, and
    one is asked for all of Monday."""
    queue = a_queue(site)
    day = a_template(site, "Day", first_start=540, last_start=540, lengths=[480])
    a_forecast(queue, dict.fromkeys(range(18, 34), 0.5), days=1)
    roster = a_roster(site, days=2)
    contract = a_contract(site)
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    for one in (ada, ben):
        with_contract(one, contract)
        skilled(one, queue)
    for number in range(2):
        a_shift(roster, ada, MONDAY + number * DAY, shape=f"{day.pk}-540-480", template=day)
    a_leave(ada, kind="Illness", first_on=MONDAY, last_on=MONDAY)
    asked.by_now(roster, NOW)
    return roster


def has(roster):
    return [*roster.shifts.order_by("day", "agent__name").values_list("agent__name", "day")]


def proposed(roster, site, seconds=60):
    """What a worker finds."""
    found = repairs.ask(roster, a_user("planner", site), seconds)
    with time_machine.travel(NOW):
        mending.run(found.job_id)
    found.refresh_from_db()
    return found


def test_who_is_absent_from_a_shift_is_told_from_today_on(roster):
    assert [repairs.words_of(one) for one in repairs.away(roster, NOW)] == ["Ada, Mon 16 Mar"]
    assert repairs.away(roster, NOW + 5 * DAY) == []


def test_somebody_fills_in_for_who_is_absent_and_nothing_else_is_changed(roster, site):
    found = proposed(roster, site)
    told = repairs.told(roster, found)
    assert [(one.name, one.day, one.before, one.after) for one in told] == [
        ("Ada", MONDAY, "09:00–17:00", ""),
        ("Ben", MONDAY, "", "09:00–17:00"),
    ]
    assert [one.why for one in told] == ["absent", "fills in"]
    assert has(roster) == [("Ada", MONDAY), ("Ada", MONDAY + DAY)]
    edit = repairs.take(roster, found.pk, a_user("planner", site), NOW)
    assert edit.why == RosterEdit.Why.REPAIR
    assert has(roster) == [("Ben", MONDAY), ("Ada", MONDAY + DAY)]


def test_what_a_solver_would_change_besides_is_not_proposed(roster, site, monkeypatch):
    """Cat works on Tuesday, on which nobody is absent: another roster would have her off, or be
    without what Ben has on Tuesday, for nothing that Monday needs."""
    ben, cat = ben_and_cat(roster, site)
    found_instead(monkeypatch, {ben: {0}, cat: set()})
    told = repairs.told(roster, proposed(roster, site))
    assert [(one.name, one.day, one.why) for one in told] == [
        ("Ada", MONDAY, "absent"),
        ("Ben", MONDAY, "fills in"),
    ]


def test_who_fills_in_is_off_on_another_day_where_the_rules_take_that(roster, site, monkeypatch):
    """Eight hours a week are the most that Ben may work, and he has them on Tuesday."""
    ben, cat = ben_and_cat(roster, site)
    ben.contracts.update(contract=a_contract(site, "Short", most_week_minutes=480))
    found_instead(monkeypatch, {ben: {0}, cat: {1}})
    told = repairs.told(roster, proposed(roster, site))
    assert [(one.name, one.day, one.before, one.after, one.why) for one in told] == [
        ("Ada", MONDAY, "09:00–17:00", "", "absent"),
        ("Ben", MONDAY, "", "09:00–17:00", "fills in"),
        ("Ben", MONDAY + DAY, "09:00–17:00", "", "off instead: the rules do not allow both"),
    ]


def test_of_today_only_what_is_left_is_filled(roster, site):
    """At half past ten of the Monday the day has begun: Ben, who could have it, is given one from
    eleven o'clock; Cat's goes on as it is."""
    now = datetime(2026, 3, 16, 10, 30, tzinfo=UTC)
    a_template(site, "Later", first_start=660, last_start=660, lengths=[360])
    like = roster.shifts.get(day=MONDAY)
    cat = an_agent(site, "Cat")
    with_contract(cat, a_contract(site, "Other"))
    skilled(cat, a_queue(site, "Other"))
    a_shift(roster, cat, MONDAY, shape=like.shape, template=like.template)
    found = repairs.ask(roster, a_user("planner", site), 60)
    with time_machine.travel(now, tick=False):
        mending.run(found.job_id)
    found.refresh_from_db()
    assert [(one.name, one.before, one.after, one.why) for one in repairs.told(roster, found)] == [
        ("Ada", "09:00–17:00", "", "absent"),
        ("Ben", "", "11:00–17:00", "fills in"),
    ]
    planner = a_user("planner", site)
    with pytest.raises(ValidationError, match="begun meanwhile"):
        repairs.take(roster, found.pk, planner, now + timedelta(hours=1))
    repairs.take(roster, found.pk, planner, now)
    assert ("Ben", MONDAY) in has(roster)


def test_nobody_is_given_a_shift_that_has_begun(roster, site):
    """There are days from nine o'clock alone, and it is noon."""
    found = repairs.ask(roster, a_user("planner", site), 60)
    with time_machine.travel(datetime(2026, 3, 16, 12, tzinfo=UTC), tick=False):
        mending.run(found.job_id)
    found.refresh_from_db()
    assert [one.name for one in repairs.told(roster, found)] == ["Ada"]


def ben_and_cat(roster, site):
    """Both work on Tuesday, as Ada does."""
    like = roster.shifts.get(day=MONDAY)
    ben, cat = Agent.objects.get(name="Ben"), an_agent(site, "Cat")
    with_contract(cat, a_contract(site, "Other"))
    for one in (ben, cat):
        a_shift(roster, one, MONDAY + DAY, shape=like.shape, template=like.template)
    return ben, cat


def found_instead(monkeypatch, days):
    """A solver that gives some people the shift that Ada has, on these days and no others."""

    def repaired(_problem, before, *_said, **_more):
        [(monday, tuesday)] = [(of[0], of[1]) for of in before.of.values() if 0 in of]
        of = {who: {day: it for day, it in its.items() if day} for who, its in before.of.items()}
        for agent, theirs in days.items():
            of[str(agent.pk)] = {day: (monday, tuesday)[day] for day in theirs}
        return Solved(Roster(of), cost=0.0, bound=None, seconds=1.0)

    monkeypatch.setattr("scheduling.rosters.mending.repaired", repaired)


def test_a_proposal_is_of_its_roster_and_is_taken_once(roster, site):
    found, planner = proposed(roster, site), a_user("planner", site)
    with pytest.raises(ValidationError, match="too old"):
        repairs.take(a_roster(site), found.pk, planner, NOW)
    repairs.take(roster, found.pk, planner, NOW)
    with pytest.raises(ValidationError, match="too old"):
        repairs.take(roster, found.pk, planner, NOW)
    assert roster.edits.count() == 1


def test_what_somebody_changed_since_it_was_thought_of_is_not_lost(roster, site):
    found, planner = proposed(roster, site), a_user("planner", site)
    row = roster.shifts.get(day=MONDAY)
    stays = replace(given.of_row(row), is_fixed=True)
    edits.apply(roster, [edits.Wanted(row.agent_id, MONDAY, stays)], planner, NOW, seen=0)
    with pytest.raises(edits.Stale, match="has changed what Ada has"):
        repairs.take(roster, found.pk, planner, NOW)
    assert has(roster) == [("Ada", MONDAY), ("Ada", MONDAY + DAY)]


def test_a_worker_that_was_killed_is_followed_by_one_that_finds_the_same(roster, site):
    found = repairs.ask(roster, a_user("planner", site), 60)
    Job.objects.filter(pk=found.job_id).update(state=Job.State.RUNNING, attempts=1)
    assert ccm_tasks.TASKS[found.job.kind] is tasks.repair_roster
    with time_machine.travel(NOW):
        mending.run(found.job_id)
        mending.run(found.job_id)  # delivered twice
    found.refresh_from_db()
    assert [one["is_away"] for one in found.changes] == [True, False]
    assert (found.revision, found.job.state) == (0, Job.State.DONE)


def test_changes_are_looked_for_once_at_a_time_and_not_while_the_roster_is_made(roster, site):
    planner = a_user("planner", site)
    assert repairs.ask(roster, planner).pk == repairs.ask(roster, planner).pk
    other = a_roster(site)
    a_run(other)
    with pytest.raises(ValidationError, match="being made"):
        repairs.ask(other, planner)


def test_a_planner_looks_at_a_proposal_and_takes_it(client, roster, site):
    client.force_login(a_user("planner", site))
    address = reverse("roster_repair", args=[roster.pk])
    with time_machine.travel(NOW):
        assert "Ada, Mon 16 Mar" in client.get(address).content.decode()
        page = client.post(address, {"do": "propose"}, follow=True).content.decode()
        assert f'hx-get="{address}"' in page
        asked_again = client.get(address, headers={"HX-Request": "true"})
        assert "progress" in asked_again.content.decode()
        found = repairs.last(roster)
        Job.objects.filter(pk=found.job_id).update(total=60)
        mending.run(found.job_id)
        assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
        assert "fills in" in client.get(address).content.decode()
        client.post(address, {"do": "take", "proposal": found.pk})
        assert has(roster) == [("Ben", MONDAY), ("Ada", MONDAY + DAY)]
        assert "Nobody is absent from a shift" in client.get(address).content.decode()
        for bad in ("made up", "9" * 30, "", str(found.pk)):
            again = client.post(address, {"do": "take", "proposal": bad}, follow=True)
            assert "too old" in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_is_stopped_proposes_the_best_that_was_found_until_then(
    client, roster, site, monkeypatch
):
    planner = a_user("planner", site)
    client.force_login(planner)
    address, stop_url = (
        reverse(name, args=[roster.pk]) for name in ("roster_repair", "roster_repair_stop")
    )
    found = repairs.ask(roster, planner, 60)
    with time_machine.travel(NOW):
        assert f'action="{stop_url}"' in client.get(address).content.decode()

    def repaired(_problem, before, *_said, stop, **_more):
        """Ada is off on Monday; then somebody presses Stop before anybody is found for her."""
        client.post(stop_url)
        until = time.monotonic() + 10
        while not stop() and time.monotonic() < until:
            time.sleep(0.05)
        left = {who: {day: it for day, it in of.items() if day} for who, of in before.of.items()}
        return Solved(Roster(left), cost=0.0, bound=None, seconds=1.0)

    monkeypatch.setattr("scheduling.rosters.mending.repaired", repaired)
    with time_machine.travel(NOW):
        mending.run(found.job_id)
        found.refresh_from_db()
        page = client.get(address).content.decode()
    assert found.job.state == Job.State.CANCELLED
    assert [(one["day"], one["is_away"]) for one in found.changes] == [("2026-03-16", True)]
    assert "the best changes that were found until then" in page
    assert "Take them" in page


def test_what_is_stopped_before_a_worker_has_it_never_begins(client, roster, site):
    client.force_login(a_user("planner", site))
    found = repairs.ask(roster, a_user("planner", site))
    assert found.job.total == 30
    for _twice in range(2):
        client.post(reverse("roster_repair_stop", args=[roster.pk]))
    mending.run(found.job_id)
    found.refresh_from_db()
    assert (found.job.state, found.revision) == (Job.State.CANCELLED, None)
    with time_machine.travel(NOW):
        page = client.get(reverse("roster_repair", args=[roster.pk])).content.decode()
    assert "Propose changes" in page
    assert "What is proposed" not in page


def test_no_page_of_rosters_loads_the_solver():
    told = "import django; django.setup(); import sys, ccm.urls; print('ortools' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
