"""The pages of a day's people: who is planned and was there, what is moved, and what came of it."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from ccm.models import AgentState, LiveSource
from ccm.signals import names_merged
from kpis import rollups
from scheduling.gaps import movable, reads
from scheduling.intraday import reads as of_calls
from scheduling.models import IntradayAction, RosterEdit, ShiftChange
from tests.builders import (
    a_leave,
    a_queue,
    a_site,
    a_team,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)
from tests.scheduling.kept.builders import MONDAY, a_forecast, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_contract, a_template, skilled, with_contract

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 120, "latest": 360, "is_paid": False}
# Half hours from nine to five.
OPEN = range(18, 34)


def at(hour, minute=0):
    return datetime(2026, 3, 16, hour, minute, tzinfo=UTC)


def an_activity(start, minutes=30, kind="pause", name="Lunch"):
    return {
        "kind": kind, "name": name, "start": start.isoformat(),
        "end": (start + timedelta(minutes=minutes)).isoformat(),
        "is_pause": kind == "pause", "is_paid": kind != "pause",
    }  # fmt: skip


NOW = at(10, 5)


class Centre:
    """Calls of 180 s: ten in each half hour are one erlang, of which two positions answer 70 %
    within 20 s, and three 92 %. Forty at noon are four."""

    def __init__(self):
        self.site = a_site(zone="UTC")
        self.site.opening = {str(day): [["09:00", "17:00"]] for day in range(7)}
        self.site.save()
        self.queue = a_queue(self.site, "Sales")
        self.roster = published(a_roster(self.site))
        self.template = a_template(
            self.site, "Day", first_start=540, last_start=540, lengths=[480], pauses=[LUNCH]
        )
        many_calls([unsaved_call(self.queue, at(9), wait=5, talk=100)])
        self.heard(at(10, 5))

    def heard(self, until):
        LiveSource.objects.update_or_create(
            site=self.site, source="test", defaults={"heard_at": until, "newest_at": until}
        )
        rollups.rebuild()

    def people(self, many, lunch=None, **more):
        made = []
        for number in range(many):
            agent = an_agent(self.site, f"Agent {lunch or ''} {number}")
            self.shift(agent, [an_activity(lunch)] if lunch else [], **more)
            made.append(agent)
        return made

    def shift(self, agent, activities, **more):
        return a_shift(
            self.roster, agent, template=self.template, shape=f"{self.template.pk}-540-480",
            activities=activities, **more,
        )  # fmt: skip

    def running(self, now, queues=None):
        return reads.running(self.queue, queues or [self.queue], of_calls.reach(self.site, now))


@pytest.fixture
def centre():
    made = Centre()
    a_forecast(made.queue, {place: 40.0 if place == 24 else 10.0 for place in OPEN})
    return made


@pytest.fixture
def planner(client, centre):
    client.force_login(a_user("planner", centre.site))
    return client


def page(client, centre, now=NOW, name="intraday_people", **asked):
    with time_machine.travel(now, tick=False):
        return client.get(reverse(name), {"queue": centre.queue.pk} | asked)


def take(client, centre, one, now=NOW, **more):
    said = {"agent": one.agent, "start": one.start, "to": one.to, "seen": one.seen} | more
    with time_machine.travel(now, tick=False):
        url = f"{reverse('intraday_take')}?queue={centre.queue.pk}"
        return client.post(url, said, follow=True)


def line(answer, clock):
    return next(one for one in answer.context["lines"] if one.clock == clock)


# Who is planned, and who was there.


def test_scheduled_are_people_on_queue_by_the_plan_without_their_pauses(planner, centre):
    centre.people(2)
    centre.people(1, lunch=at(12, 15))
    told = page(planner, centre)
    assert [line(told, clock).scheduled for clock in ("09:00", "12:00", "12:30", "16:30")] == [
        3, 2.5, 2.5, 3,
    ]  # fmt: skip


def test_who_is_absent_is_not_planned(planner, centre):
    ill, *_others = centre.people(3)
    assert line(page(planner, centre), "11:00").scheduled == 3
    a_leave(ill, kind="Sickness", first_on=MONDAY, last_on=MONDAY)
    assert line(page(planner, centre), "11:00").scheduled == 2


def test_before_it_opens_the_first_hours_that_it_is_open_are_told(planner, centre):
    """At four in the morning nobody is planned; it opens at nine."""
    centre.people(1)
    told = page(planner, centre, now=at(4)).context
    assert [(f"{one.start:%H:%M}", one.is_short) for one in told["gaps"]] == [("09:00", True)]
    assert f"{told['until']:%H:%M}" == "13:30"


def test_who_was_to_be_there_and_is_not_is_told_beside_what_counts_on_them(planner, centre):
    one, other, missing = centre.people(3)
    for agent in (one, other):
        AgentState.objects.create(
            agent=agent, source="test", agent_name=agent.name, state="available",
            starts_at=at(9), ends_at=at(10),
        )  # fmt: skip
    centre.heard(at(10, 5))
    told = page(planner, centre)
    assert told.context["away"] == (2, 3)
    assert "Last, 2 of 3 planned were there" in told.content.decode()
    a_leave(missing, kind="Sickness", first_on=MONDAY, last_on=MONDAY)
    assert page(planner, centre).context["away"] is None


def test_somebody_counts_as_much_as_they_fill_and_for_a_queue_that_they_take(planner, centre):
    other = a_queue(centre.site, "Chat")
    half, elsewhere = centre.people(2)
    skilled(half, centre.queue, "0.5")
    skilled(elsewhere, other)
    told = page(planner, centre)
    assert line(told, "11:00").scheduled == 0.5
    assert told.context["others"] == []


def test_queues_that_the_same_people_take_are_told_as_one(planner, centre):
    """Ten calls each: two erlangs for both."""
    other = a_queue(centre.site, "Chat")
    a_forecast(other, dict.fromkeys(OPEN, 10.0))
    both, one = centre.people(2)
    skilled(both, centre.queue)
    skilled(both, other)
    skilled(one, other)
    told = page(planner, centre)
    assert told.context["others"] == ["Chat"]
    assert (line(told, "11:00").calls, line(told, "11:00").scheduled) == (20, 2)
    assert not told.context["running"].pool.is_whole
    assert "the best that can be" in told.content.decode()


@pytest.mark.parametrize(("minutes", "calls"), [(60, 20.0), (15, 5.0)])
def test_queues_by_other_intervals_are_told_by_those_of_the_queue_asked_for(
    planner, centre, minutes, calls
):
    """Twenty calls an hour, or five in a quarter, are ten in half an hour."""
    other = a_queue(centre.site, "Chat")
    places = range(9 * 60 // minutes, 17 * 60 // minutes)
    a_forecast(other, dict.fromkeys(places, calls), minutes=minutes)
    centre.people(2)  # of whom nobody says what they take: all there is
    told = page(planner, centre)
    assert told.context["others"] == ["Chat"]
    half = line(told, "11:00")
    assert (half.expected, half.calls, half.scheduled) == (20, 20, 2)
    assert line(told, "12:00").calls == 50


def test_a_night_that_began_the_day_before_is_there_in_its_morning(centre):
    begins = at(22) - 24 * HOUR
    a_shift(
        centre.roster, an_agent(centre.site, "Night"), MONDAY, begins_at=begins,
        ends_at=begins + 8 * HOUR,
    )  # fmt: skip
    scheduled = centre.running(NOW).outlook.scheduled
    assert scheduled[:13].tolist() == [1] * 12 + [0]


def test_who_is_on_call_on_a_draft_or_off_queue_covers_nothing(planner, centre):
    agent = centre.people(1)[0]
    centre.shift(an_agent(centre.site, "At home"), [], worked_minutes=0)
    a_shift(a_roster(centre.site), an_agent(centre.site, "Planned"))
    off = an_activity(at(11), 60, "training", "Course")
    centre.roster.shifts.filter(agent=agent).update(activities=[off])
    told = page(planner, centre)
    assert [line(told, clock).scheduled for clock in ("10:30", "11:00", "12:00")] == [1, 0, 1]


def test_present_are_those_whom_a_log_has_ready_or_on_calls(planner, centre):
    """One is ready from nine to ten and then on a pause for half of an hour."""
    [agent] = centre.people(1)
    said = {"agent": agent, "agent_name": agent.name, "source": "test"}
    AgentState.objects.create(**said, state="logged_in", starts_at=at(9), ends_at=at(10, 30))
    AgentState.objects.create(**said, state="available", starts_at=at(9), ends_at=at(10))
    AgentState.objects.create(**said, state="paused", starts_at=at(10), ends_at=at(10, 30))
    told = page(planner, centre, now=at(10, 35))
    assert line(told, "09:00").present == 1
    assert line(told, "10:30").present is None  # it is not over


def test_where_no_log_tells_states_nobody_says_that_nobody_was_there(planner, centre):
    centre.people(1)
    told = page(planner, centre)
    assert line(told, "09:00").present is None
    assert "No log tells who was there today" in told.content.decode()


def test_what_is_required_is_what_intraday_says(planner, centre):
    centre.people(2)
    told = page(planner, centre)
    calls = page(planner, centre, name="intraday")
    mine = {one.clock: one.required for one in told.context["lines"]}
    theirs = {one.clock: one.positions for one in calls.context["lines"]}
    assert theirs["12:00"]
    for clock, positions in theirs.items():
        if positions is not None:
            assert mine[clock] == positions


def test_the_chart_has_people_above_and_calls_below(planner, centre):
    centre.people(2)
    chart = page(planner, centre).context["chart"]["json"]
    for name in ("Required", "Scheduled", "Morning", "Updated", "Came"):
        assert f'"name":"{name}"' in chart.replace('": ', '":')


def test_the_file_has_each_open_interval(planner, centre):
    centre.people(1, lunch=at(12))
    with time_machine.travel(NOW, tick=False):
        asked = {"queue": centre.queue.pk, "export": "csv"}
        answer = planner.get(reverse("intraday_people"), asked)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 16
    first = rows[0]
    assert (first["from"], first["is over"], float(first["people scheduled"])) == ("09:00", "1", 1)
    noon = next(one for one in rows if one["from"] == "12:00")
    assert (float(noon["calls now"]), float(noon["people scheduled"])) == (40, 0)


# Gaps, and what can be moved.


@pytest.fixture
def short(centre):
    """Of seven who are there at noon, when four erlangs come, three are at lunch; all are at
    eleven, when one erlang comes."""
    centre.people(4, lunch=at(14))
    centre.people(3, lunch=at(12))
    return centre


def test_a_gap_says_what_it_gives(planner, short):
    told = page(planner, short)
    [gap] = [one for one in told.context["gaps"] if one.is_short]
    assert (gap.start, gap.end) == (at(12), at(12, 30))
    # Four erlangs of four positions: nobody is answered who waits, and everybody does.
    assert gap.gap.level == pytest.approx(0, abs=1e-9)
    assert gap.gap.occupancy == pytest.approx(1)


def test_a_lunch_is_moved_to_where_there_are_more_than_needed_and_its_person_is_told(
    planner, short
):
    told = page(planner, short)
    offered = told.context["offered"]
    assert len(offered) == 3
    first = offered[0]
    assert first.was_at == at(12)
    assert first.relieves.effect.level[1] > first.relieves.effect.level[0]
    after = take(planner, short, first)
    assert "It is moved" in after.content.decode()
    action = IntradayAction.objects.get()
    assert (action.was_at, action.now_at) == (at(12), first.now_at)
    assert (action.relieves_from, action.relieves_to) == (at(12), at(12, 30))
    assert action.level_with == pytest.approx(first.relieves.effect.level[1])
    assert action.edit.why == RosterEdit.Why.INTRADAY
    change = ShiftChange.objects.get()
    assert change.agent_id == first.agent
    assert change.is_short
    shift = short.roster.shifts.get(agent=first.agent)
    assert datetime.fromisoformat(shift.activities[0]["start"]) == first.now_at
    # Five are there at noon now.
    assert line(page(planner, short), "12:00").scheduled == 5


def test_a_pause_stays_within_its_window_and_nobody_works_too_long_without_one(planner, short):
    """Lunch begins from eleven to three. Of four and a half hours at most without a pause, from
    nine to five, it begins from noon to half past one."""
    free = {one.now_at for one in page(planner, short).context["offered"]}
    assert all(at(11) <= one <= at(15) for one in free)
    contract = a_contract(short.site, longest_without_pause=270)
    for shift in short.roster.shifts.select_related("agent"):
        with_contract(shift.agent, contract)
    offered = page(planner, short).context["offered"]
    assert offered
    assert all(at(12, 30) <= one.now_at <= at(13, 30) for one in offered)
    running = short.running(at(10, 5))
    lunch = next(one for one in movable.pieces(running, at(10, 5)) if one.piece.start == 12 * 60)
    moments = (at(11), at(12, 30), at(13), at(13, 30), at(14))
    assert [bool(lunch.breaks(one)) for one in moments] == [True, False, False, False, True]


def test_coaching_is_postponed_and_what_several_have_together_is_not(planner, centre):
    centre.people(4)
    alone = an_agent(centre.site, "Alone")
    centre.shift(alone, [an_activity(at(12), 30, "coaching", "Coaching")])
    for name in ("One", "Two"):
        meeting = an_activity(at(12), 30, "meeting", "Team")
        centre.shift(an_agent(centre.site, name), [meeting])
    [one] = page(planner, centre).context["offered"]
    assert (one.name, one.is_pause) == ("Alone", False)
    assert one.now_at > at(12)


def test_what_has_begun_or_begins_at_once_is_not_moved(planner, short):
    assert page(planner, short, now=at(11, 44)).context["offered"]
    assert not page(planner, short, now=at(11, 50)).context["offered"]


def test_taken_twice_it_is_moved_once_and_the_second_is_told(planner, short):
    first = page(planner, short).context["offered"][0]
    take(planner, short, first)
    again = take(planner, short, first)
    assert "look again" in again.content.decode()
    assert IntradayAction.objects.count() == 1


def test_what_somebody_else_has_changed_since_is_not_lost(planner, short):
    """Another planner moves the same lunch: the change of the first is refused."""
    first = page(planner, short).context["offered"][0]
    row = short.roster.shifts.get(agent=first.agent)
    row.activities = [an_activity(at(12, 15))]
    row.save()
    assert "look again" in take(planner, short, first).content.decode()
    assert datetime.fromisoformat(
        short.roster.shifts.get(agent=first.agent).activities[0]["start"]
    ) == at(12, 15)


@pytest.mark.parametrize(
    "more",
    [
        {"to": 0},
        {"to": 12 * 60 + 7},
        {"to": 16 * 60},  # beyond its window
        {"start": 1},
        {"agent": 0},
        {"agent": "x"},
        {"seen": "-1"},
        {"seen": "999999999"},
        {"to": "9" * 400},
        {"to": "\0"},
        {"start": "१२"},
    ],
)
def test_what_cannot_be_is_refused_in_words(planner, short, more):
    first = page(planner, short).context["offered"][0]
    answer = take(planner, short, first, **more)
    assert answer.status_code == 200
    assert "look again" in answer.content.decode()
    assert not IntradayAction.objects.exists()


def test_a_move_that_relieves_nobody_is_refused_in_words(planner, short):
    """A quarter of an hour of coaching stays within its half hour."""
    coached = an_agent(short.site, "Coached")
    short.shift(coached, [an_activity(at(12), 15, "coaching", "Coaching")])
    said = {"agent": coached.pk, "start": 12 * 60, "to": 12 * 60 + 15, "seen": 0}
    with time_machine.travel(NOW, tick=False):
        url = f"{reverse('intraday_take')}?queue={short.queue.pk}"
        answer = planner.post(url, said, follow=True)
    assert "That helps nobody" in answer.content.decode()
    assert not IntradayAction.objects.exists()


def test_who_leads_a_team_sees_the_gaps_and_moves_nothing(client, short):
    led = short.roster.shifts.first().agent
    boss = a_user("supervisor", short.site)
    a_team(short.site, boss, led)
    client.force_login(boss)
    told = page(client, short)
    assert told.context["gaps"]
    assert told.context["offered"] == []
    with time_machine.travel(at(10, 5), tick=False):
        url = f"{reverse('intraday_take')}?queue={short.queue.pk}"
        assert client.post(url, {}).status_code == 404


def test_without_a_published_roster_it_says_so_and_tells_no_gap(planner, centre):
    told = page(planner, centre)
    assert "Nobody is planned for today" in told.content.decode()
    assert told.context["gaps"] == []


def test_without_a_forecast_it_says_what_brings_one(planner, centre):
    other = a_queue(centre.site, "New")
    told = page(planner, centre, queue=other.pk)
    assert "No forecast of today yet" in told.content.decode()


# What came of it.


def test_when_its_hour_is_over_what_came_stands_beside_what_was_predicted(planner, short):
    """Of ten calls at noon eight were answered within 20 s."""
    take(planner, short, page(planner, short).context["offered"][0])
    before = page(planner, short, now=at(12, 10), name="intraday_actions")
    assert [one.is_over for one, *_told in before.context["done"]] == [False]
    assert "not over yet" in before.content.decode()
    many_calls(
        [
            unsaved_call(short.queue, at(12, place), wait=5 if place < 8 else 60, talk=100)
            for place in range(10)
        ]
    )
    short.heard(at(12, 45))
    after = page(planner, short, now=at(12, 45), name="intraday_actions")
    [(one, *_told)] = after.context["done"]
    assert (one.is_over, one.calls) == (True, 10)
    assert one.level == pytest.approx(0.8)
    assert "proves nothing" in after.content.decode()


# Undone.


def undo(client, centre, now=NOW, action=None):
    action = action or IntradayAction.objects.get()
    with time_machine.travel(now, tick=False):
        url = f"{reverse('intraday_undo', args=[action.pk])}?queue={centre.queue.pk}"
        return client.post(url, follow=True)


def lunch_of(centre, agent):
    [lunch] = centre.roster.shifts.get(agent=agent).activities
    return datetime.fromisoformat(lunch["start"])


def test_a_move_is_undone_from_the_log_and_its_person_is_told_once_more(planner, short):
    first = page(planner, short).context["offered"][0]
    take(planner, short, first)
    assert "Undo it" in page(planner, short, name="intraday_actions").content.decode()
    said = undo(planner, short).content.decode()
    assert "It is put back, and its person is told." in said
    assert "undone" in said
    assert "Undo it" not in said
    assert lunch_of(short, first.agent) == at(12)
    back = RosterEdit.objects.latest("number")
    assert (back.why, back.undoes) == ("undo", IntradayAction.objects.get().edit)
    assert back.changes.get().is_short
    # It can be moved again.
    assert take(planner, short, page(planner, short).context["offered"][0]).status_code == 200
    assert IntradayAction.objects.count() == 2


def test_undone_twice_it_is_undone_once_and_the_second_is_told(planner, short):
    take(planner, short, page(planner, short).context["offered"][0])
    undo(planner, short)
    assert "It is undone already." in undo(planner, short).content.decode()
    assert RosterEdit.objects.filter(why="undo").count() == 1


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(12, 5), "Not any more: 12:00 is over."),
        (at(11, 50), "Not any more: 12:00 is less than 15 minutes away."),
    ],
)
def test_what_is_over_or_near_is_undone_no_more_and_says_so(planner, short, now, said):
    first = page(planner, short).context["offered"][0]
    IntradayAction.objects.all().delete()
    take(planner, short, first)
    # Its new time is later than its old one, so that the old one decides.
    IntradayAction.objects.update(now_at=at(14))
    assert said in page(planner, short, now=now, name="intraday_actions").content.decode()
    assert said in undo(planner, short, now=now).content.decode()
    assert not RosterEdit.objects.filter(why="undo").exists()


def test_a_shift_that_somebody_has_changed_since_is_not_put_back(planner, short):
    first = page(planner, short).context["offered"][0]
    take(planner, short, first)
    short.roster.shifts.filter(agent=first.agent).update(activities=[an_activity(at(13, 15))])
    said = "The shift was changed since: change it on the roster."
    assert said in page(planner, short, name="intraday_actions").content.decode()
    assert said in undo(planner, short).content.decode()
    assert lunch_of(short, first.agent) == at(13, 15)


def test_what_somebody_has_accepted_is_not_undone(planner, short):
    take(planner, short, page(planner, short).context["offered"][0])
    IntradayAction.objects.update(kind="overtime")
    assert "Its person has accepted it" in undo(planner, short).content.decode()
    assert not RosterEdit.objects.filter(why="undo").exists()


def test_who_does_not_plan_the_site_undoes_nothing_and_is_offered_nothing(client, planner, short):
    take(planner, short, page(planner, short).context["offered"][0])
    boss = a_user("supervisor", short.site)
    a_team(short.site, boss, an_agent(short.site, "Somebody else"))
    client.force_login(boss)
    assert "Undo" not in page(client, short, name="intraday_actions").content.decode()
    assert undo(client, short).status_code == 404
    client.force_login(a_user("planner", a_site()))
    assert undo(client, short).status_code == 404


def test_names_are_told_to_planners_and_to_who_answers_for_them(client, planner, short):
    first = page(planner, short).context["offered"][0]
    take(planner, short, first)
    shown = page(planner, short, name="intraday_actions").content.decode()
    assert first.name in shown
    boss = a_user("supervisor", short.site)
    a_team(short.site, boss, an_agent(short.site, "Somebody else"))
    client.force_login(boss)
    hidden = page(client, short, name="intraday_actions").content.decode()
    assert first.name not in hidden
    assert "12:00" in hidden


def test_a_day_that_is_none_is_today_and_one_without_actions_says_so(planner, centre):
    for day in ("2026-02-31", "x", ""):
        told = page(planner, centre, name="intraday_actions", day=day)
        assert told.context["day"] == MONDAY
    told = page(planner, centre, name="intraday_actions", day="2026-03-15")
    assert "Nothing was done on this day" in told.content.decode()


# As many queries for one as for many.


@pytest.mark.parametrize("name", ["intraday_people", "intraday_actions"])
def test_a_page_asks_as_much_of_many_people_as_of_one(
    planner, centre, name, django_assert_max_num_queries, django_assert_num_queries
):
    centre.people(4, lunch=at(14))
    [lunch] = centre.people(1, lunch=at(12))
    skilled(lunch, centre.queue)
    page(planner, centre, name=name)
    offered = page(planner, centre).context["offered"]
    take(planner, centre, offered[0])
    with django_assert_max_num_queries(12) as asked:
        page(planner, centre, name=name, now=at(13))
    done = IntradayAction.objects.get()
    for number in range(3):
        done.pk = None
        done.edit = RosterEdit.objects.create(
            roster=centre.roster, number=100 + number, why="intraday", made_at=at(10)
        )
        ShiftChange.objects.create(
            edit=done.edit, agent=an_agent(centre.site, f"Moved {number}"), day=MONDAY,
            is_published=True,
        )  # fmt: skip
        done.save()
    centre.people(12, lunch=at(13))
    with django_assert_num_queries(len(asked)):
        page(planner, centre, name=name, now=at(13))


def test_what_is_there_adds_up_by_the_clock(centre):
    centre.people(2)
    running = centre.running(at(10, 5))
    assert float(np.sum(running.outlook.scheduled)) / 2 == 2 * 8
    assert running.begins(18) == at(9)
    assert running.ends(33) == at(17)


def test_what_was_done_follows_a_queue_that_is_merged(planner, short):
    take(planner, short, page(planner, short).context["offered"][0])
    keeper = a_queue(short.site, "Orders")
    names_merged.send(type(keeper), loser=short.queue.pk, keeper=keeper.pk)
    assert IntradayAction.objects.get().queues == [keeper.pk]
