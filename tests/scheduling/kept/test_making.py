"""Rosters are made of what binds people and what is asked for, and kept."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from ccm import tasks as ccm_tasks
from ccm.models import Job
from scheduling import rules, tasks
from scheduling.models import Contract, KeptShift, ShiftTemplate
from scheduling.roster.solve import Solved
from scheduling.rosters import answers, asked, demand, kept, making, services
from scheduling.shifts import Roster, Worked
from scheduling.terms import read
from tests.builders import a_leave, a_queue, a_queue_group, a_site, a_user, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    NOW,
    a_forecast,
    a_roster,
    a_run,
    a_shift,
    published,
)
from tests.scheduling.terms.builders import (
    a_contract,
    a_pairing,
    a_template,
    an_availability,
    skilled,
    with_contract,
)

pytestmark = pytest.mark.django_db
LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}


@pytest.fixture
def centre():
    """Three people of five days a week, and a queue that takes two on weekdays from nine to five:
    a call of 180 s in each half hour is a tenth of an erlang, which two answer in time."""
    site = a_site()
    queue = a_queue(site)
    a_forecast(queue, dict.fromkeys(range(18, 34), 1.0), days=5)
    a_template(site, "Day", first_start=540, last_start=540, lengths=[480], pauses=[LUNCH])
    contract = a_contract(site, most_week_days=5, most_week_minutes=2400)
    people = [an_agent(site, name) for name in ("Ada", "Ben", "Cy")]
    for one in people:
        with_contract(one, contract)
    return site, people


def made(roster, **more):
    run = a_run(roster, **more)
    making.run(run.job_id)
    run.refresh_from_db()
    run.job.refresh_from_db()
    return run


def checked(roster):
    """The hard rules that kept shifts break."""
    shifts = list(roster.shifts.all())
    asked = demand.of_roster(roster, read.rules(roster.site), NOW)
    problem = kept.problem_of(roster, asked.demand, shifts)
    found = rules.check(problem, kept.roster_of(roster, shifts))
    return [one for one in found if one.is_hard]


def test_a_small_roster_is_made_and_breaks_no_rule(centre):
    site, people = centre
    a_leave(people[0], first_on=MONDAY, last_on=MONDAY)
    roster = a_roster(site)
    run = made(roster)
    assert run.job.state == Job.State.DONE
    assert checked(roster) == []
    shifts = KeptShift.objects.filter(roster=roster)
    assert not shifts.filter(agent=people[0], day=MONDAY).exists()
    # Nobody is asked for at the weekend.
    assert {one.day for one in shifts} == {MONDAY + n * DAY for n in range(5)}
    one = shifts.first()
    assert (one.begins_at, one.ends_at) == (
        datetime(2026, 3, 16, 9, tzinfo=UTC),
        datetime(2026, 3, 16, 17, tzinfo=UTC),
    )
    assert one.worked_minutes == 450
    assert one.template == ShiftTemplate.objects.get()
    [lunch] = one.activities
    assert lunch["name"] == "Lunch"
    assert lunch["is_pause"]
    begins = datetime.fromisoformat(lunch["start"])
    assert timedelta(hours=3) <= begins - one.begins_at <= timedelta(hours=5)
    roster.refresh_from_db()
    assert roster.revision == 1
    assert run.cost is not None


def test_made_again_it_replaces_what_there_was_but_for_what_is_to_stay(centre):
    site, people = centre
    roster = a_roster(site)
    made(roster)
    # Somebody is to work on Sunday, when nobody is asked for.
    template = ShiftTemplate.objects.get()
    begins = datetime(2026, 3, 22, 9, tzinfo=UTC)
    stays = a_shift(
        roster, people[0], MONDAY + 6 * DAY, shape=f"{template.pk}-540-480", template=template,
        begins_at=begins, ends_at=begins + timedelta(hours=8), is_fixed=True,
    )  # fmt: skip
    before = {*roster.shifts.values_list("pk", flat=True)}
    made(roster)
    assert checked(roster) == []
    after = {*roster.shifts.values_list("pk", flat=True)}
    assert before & after == {stays.pk}


def test_a_job_that_is_delivered_twice_makes_one_roster(centre):
    site, _people = centre
    roster = a_roster(site)
    run = made(roster)
    before = {*roster.shifts.values_list("pk", flat=True)}
    tasks.make_roster(run.job_id)
    assert {*roster.shifts.values_list("pk", flat=True)} == before


def test_a_worker_that_died_leaves_a_job_that_is_done_again(centre):
    """Its task is among those that are queued anew, and begins from what stands."""
    site, _people = centre
    assert ccm_tasks.TASKS[services.KIND] is tasks.make_roster
    roster = a_roster(site)
    run = a_run(roster)
    Job.objects.filter(pk=run.job_id).update(state=Job.State.RUNNING, attempts=1)
    tasks.make_roster(run.job_id)
    run.job.refresh_from_db()
    assert (run.job.state, run.job.attempts) == (Job.State.DONE, 2)
    assert roster.shifts.exists()


def test_what_cannot_be_made_says_why():
    site = a_site()
    words = made(a_roster(site)).job.words
    assert words == "Nobody is there on these days who can be given shifts."
    an_agent(site)
    run = made(a_roster(site))
    assert (run.job.state, run.job.words) == (
        Job.State.FAILED,
        "There is no shift template in use at this site.",
    )


def test_a_roster_that_is_published_meanwhile_stays_as_it_is(centre):
    site, people = centre
    roster = a_roster(site)
    run = a_run(roster)
    one = a_shift(roster, people[0])
    published(roster)
    making.run(run.job_id)
    run.job.refresh_from_db()
    assert run.job.state == Job.State.FAILED
    assert list(roster.shifts.all()) == [one]


def test_what_was_published_before_is_known_to_a_roster(centre):
    """A night of Sunday to six on Monday."""
    site, people = centre
    before = a_roster(site, first_day=MONDAY - 7 * DAY)
    sunday = datetime(2026, 3, 15, 22, tzinfo=UTC)
    a_shift(
        before, people[0], MONDAY - DAY, begins_at=sunday, ends_at=sunday + timedelta(hours=8),
        is_night=True,
    )  # fmt: skip
    roster = a_roster(site)
    assert kept.around(roster) == {}  # a draft binds nobody
    published(before)
    night = Worked(-120, 360, 480, is_night=True, clock=22 * 60)
    assert kept.around(roster) == {str(people[0].pk): kept.Around([night], tail=((0, 360),))}
    made(roster)
    assert not roster.shifts.filter(agent=people[0], day=MONDAY).exists()
    assert checked(roster) == []


def test_who_cannot_keep_their_rules_is_told_with_what_contradicts(centre):
    """Forty hours at least, and they cannot on any day of the week: that is no absence."""
    site, people = centre
    strict = a_contract(site, "Strict", fewest_week_minutes=2250, most_week_days=5)
    people[0].contracts.update(contract=strict)
    an_availability(people[0], "must_not", first_on=MONDAY, last_on=MONDAY + 6 * DAY)
    run = made(a_roster(site))
    assert run.without == [people[0].pk]
    [conflict] = run.conflicts
    assert {one["name"] for one in conflict["rules"]} >= {"fewest_week_minutes", "closed"}
    # As many as were asked for then, whatever the contract says later.
    asks = {one["name"]: one.get("limit") for one in conflict["rules"]}
    assert (asks["fewest_week_minutes"], asks["closed"]) == (2250, None)
    assert conflict["ways"]


def test_two_who_belong_together_and_never_can_be_are_told_what_contradicts(centre):
    """Of Ada a week's hours are asked, and Ben, without whom she is not to work, is away for it."""
    site, (ada, ben, _cy) = centre
    strict = a_contract(site, "Strict", fewest_week_minutes=2250, most_week_days=5)
    ada.contracts.update(contract=strict)
    a_leave(ben, first_on=MONDAY, last_on=MONDAY + 6 * DAY)
    a_pairing(ada, ben)
    roster = a_roster(site)
    run = made(roster)
    assert run.without == []
    assert {one.rule for one in checked(roster)} == {"pairing"}
    [conflict] = run.conflicts
    assert conflict["people"] == [str(ada.pk), str(ben.pk)]
    assert {(one["name"], one["person"]) for one in conflict["rules"]} == {
        ("fewest_week_minutes", str(ada.pk)),
        ("closed", str(ben.pk)),
        ("pairing", str(ada.pk)),
    }
    assert [[one["name"] for one in way] for way in conflict["ways"]] == [
        ["closed"], ["fewest_week_minutes"], ["pairing"]
    ]  # fmt: skip


def test_who_is_on_leave_contradicts_nothing_and_works_what_is_left(centre):
    """Of 37 hours and a half in five days: none of a week off, and three days beside two off."""
    site, people = centre
    strict = a_contract(
        site, "Strict", week_minutes=2250, fewest_week_minutes=2250, most_week_minutes=2250,
        fewest_week_days=5, most_week_days=5,
    )  # fmt: skip
    people[0].contracts.update(contract=strict)
    people[1].contracts.update(contract=strict)
    a_leave(people[0], first_on=MONDAY, last_on=MONDAY + 6 * DAY)
    a_leave(people[1], first_on=MONDAY + DAY, last_on=MONDAY + 2 * DAY)
    roster = a_roster(site)
    run = made(roster)
    assert (run.without, run.conflicts) == ([], [])
    assert not roster.shifts.filter(agent=people[0]).exists()
    assert roster.shifts.filter(agent=people[1]).count() == 3
    assert checked(roster) == []


def test_what_is_published_for_afterwards_is_known_to_a_roster_and_to_what_is_changed_by_hand(
    centre,
):
    """Monday after from four to twelve: from Sunday's 17:00 to it 11 hours, which the contract
    asks for, and from 18:00 ten."""
    site, people = centre
    Contract.objects.update(rest_minutes=660)
    following = a_roster(site, first_day=MONDAY + 7 * DAY)
    monday = datetime(2026, 3, 23, 4, tzinfo=UTC)
    later = {"begins_at": monday, "ends_at": monday + timedelta(hours=8)}
    a_shift(following, people[0], MONDAY + 7 * DAY, **later)
    a_shift(following, people[0], MONDAY + 8 * DAY)
    roster = a_roster(site)
    sunday = datetime(2026, 3, 22, 10, tzinfo=UTC)
    one = a_shift(
        roster, people[0], MONDAY + 6 * DAY, shape="0-600-480", begins_at=sunday,
        ends_at=sunday + timedelta(hours=8),
    )  # fmt: skip
    assert checked(roster) == []  # a draft binds nobody
    published(following)
    minutes = 7 * 1440 + 240
    after = Worked(minutes, minutes + 480, 480, clock=240)
    assert kept.around(roster) == {str(people[0].pk): kept.Around([], after)}
    [found] = checked(roster)
    assert (found.rule, found.amount, found.limit) == ("rest_minutes", 600, 660)
    told = answers.of_changes(roster, {(people[0].pk, one.day)}, a_user("planner", site))
    assert [said["hard"] for said in told["broken"]] == [True]
    assert "Sun 22 Mar" in told["broken"][0]["words"]


def stop(roster):
    """As another process does."""
    services.stop(roster)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_asked_to_stop_it_keeps_the_best_so_far(centre):
    """Of a minute it takes a second or two, whatever a search would find later."""
    site, _people = centre
    roster = a_roster(site)
    run = a_run(roster, a_user("planner", site), seconds=60)
    with time_machine.travel(NOW, tick=True):
        timer = threading.Timer(0.2, stop, [roster])
        timer.start()
        making.run(run.job_id)
        timer.join()
    run.refresh_from_db()
    assert roster.shifts.exists()
    assert run.took_seconds < 30
    # What refuses wishes was not waited for: a worker finds out.
    roster.refresh_from_db()
    assert roster.refused_revision == roster.revision  # there were no wishes


def test_where_nobody_is_asked_for_nobody_is_given_a_shift():
    """A site without a queue, and people who need not work."""
    site = a_site()
    an_agent(site)
    a_template(site)
    roster = a_roster(site)
    run = made(roster)
    assert (run.job.state, run.cost) == (Job.State.DONE, 0)
    assert not roster.shifts.exists()


def test_of_a_group_only_who_serves_it_is_given_shifts():
    site = a_site()
    front, back = a_queue(site, "Front"), a_queue(site, "Back")
    for queue in (front, back):
        a_forecast(queue, dict.fromkeys(range(18, 34), 1.0), days=1)
    a_template(site, "Day", first_start=540, last_start=540, lengths=[480])
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    skilled(ada, front)
    skilled(ben, back)
    roster = a_roster(site, days=1, group=a_queue_group(front))
    made(roster)
    assert [one.agent for one in roster.shifts.all()] == [ada]


def test_a_new_draft_begins_with_what_people_had_on_the_same_weekdays(centre):
    """Of ten days, two weeks before; of what was published alone."""
    site, people = centre
    template = ShiftTemplate.objects.get()
    shape = f"{template.pk}-540-480"
    roster = a_roster(site, days=10)
    before = a_roster(site, first_day=MONDAY - 14 * DAY, days=14)
    a_shift(before, people[0], MONDAY - 13 * DAY, shape=shape, template=template)
    a_shift(before, people[0], MONDAY - 5 * DAY, shape=shape, template=template)
    a_shift(before, people[0], MONDAY - 3 * DAY, shape=shape, template=template)
    problem = kept.problem_of(roster, None, [])
    assert making._start(roster, problem, []) is None
    published(before)
    begun = making._start(roster, problem, [])
    assert {day: one.shape for day, one in begun.of[str(people[0].pk)].items()} == {
        1: shape,
        9: shape,
    }
    own = a_shift(roster, people[1], shape=shape, template=template)
    assert [*making._start(roster, problem, [own]).of] == [str(people[1].pk)]


def test_a_wish_that_is_refused_says_which_rule_refused_it(centre):
    """Ada would like to work on Saturday, when she cannot; Ben would rather not on Monday, when
    somebody is asked for and all others are away."""
    site, [ada, ben, cy] = centre
    an_availability(ada, "likes", weekday=5)
    an_availability(ada, "must_not", weekday=5)
    an_availability(ben, "rather_not", first_on=MONDAY, last_on=MONDAY)
    for one in (ada, cy):
        a_leave(one, first_on=MONDAY, last_on=MONDAY)
    roster = made(a_roster(site)).roster
    roster.refresh_from_db()
    assert roster.refused_revision == roster.revision
    refused = {one["person"]: one for one in roster.refused}
    assert [one["name"] for one in refused[str(ada.pk)]["rules"]] == ["closed"]
    assert refused[str(ben.pk)]["rules"] == []
    # A position missing for 30 quarters at 10 each, less the 20 of the wish.
    assert refused[str(ben.pk)]["dearer"] >= 280 - 20


def test_what_there_was_is_kept_where_it_is_cheaper_with_its_pauses_and_breaks_nothing(centre):
    site, *_rest = centre
    roster = made(a_roster(site)).roster
    said = asked.kept(roster)
    shifts = list(roster.shifts.all())
    problem = kept.problem_of(roster, said.demand, shifts)
    had = kept.roster_of(roster, shifts)
    nothing = Solved(Roster({}), 0.0, None, 1.0)
    assert making._no_dearer(problem, had, nothing).roster == had
    # Whoever is absent by now cannot keep what they had.
    someone = roster.shifts.order_by("day").first()
    a_leave(someone.agent, first_on=someone.day, last_on=someone.day)
    problem = kept.problem_of(roster, said.demand, shifts)
    assert making._no_dearer(problem, had, nothing) == nothing
